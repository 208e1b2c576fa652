"""Writes reference.safetensors: what PyTorch computes for the networks, attacks and losses of score-workbench.

Set-up (any Python with these two packages; the versions with which the file was written):

    python3 -m venv venv && venv/bin/pip install torch==2.11.0 safetensors numpy
    venv/bin/python tests/parity/reference.py

The networks are written here for the second time, from their publications and the names in the published checkpoints. Weights and images are
values of a formula (`noise`) that tests/parity.rs evaluates too, so that no weights need to be stored; random starts come from seeds. Of large
tensors the file holds a digest: the norm, the inner product with noise, and some entries.
"""

import pathlib

import torch
from torch import nn
from torch.nn import functional as F

OUT = pathlib.Path(__file__).with_name("reference.safetensors")
ENTRIES = 30
# No entry of a gradient that decides a step may be smaller than this, relative to their mean: another processor rounds in another order.
MARGIN = 1e-5
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)


def noise(shape, key):
    """Numbers on [-1, 1) that look random: the fractional part of a large multiple of a sine."""
    count = 1
    for n in shape:
        count *= n
    i = torch.arange(1, count + 1, dtype=torch.float64)
    y = torch.sin(i * 12.9898 + key) * 43758.5453
    return ((y - torch.floor(y)) * 2 - 1).reshape(shape)


def digest(tensor):
    x = tensor.detach().double().reshape(-1)
    stride = max(1, len(x) // ENTRIES)
    return torch.cat([x.norm().reshape(1), (x @ noise(x.shape, 0.5)).reshape(1), x[::stride][:ENTRIES]])


def pad_after(x):
    return F.pad(x, (0, 1, 0, 1))


class PreActivation(nn.Module):
    """One block; `names` are those of its two normalisations, its two convolutions and its shortcut."""

    def __init__(self, names, activation, form, inputs, outputs, stride):
        super().__init__()
        norm_0, norm_1, conv_0, conv_1, shortcut = names
        asymmetric = form != "relu" and stride == 2
        self.before = pad_after if asymmetric else (lambda x: x)
        edge = 0 if asymmetric else 1
        self.names, self.activation, self.form = names, activation, form
        self.add_module(norm_0, nn.BatchNorm2d(inputs))
        self.add_module(conv_0, nn.Conv2d(inputs, outputs, 3, stride, edge, bias=False))
        self.add_module(norm_1, nn.BatchNorm2d(outputs))
        self.add_module(conv_1, nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False))
        self.changes = stride != 1 or inputs != outputs
        if self.changes:
            raw = form == "raw"
            side = nn.Conv2d(inputs, outputs, 3 if raw else 1, stride, edge if raw else 0, bias=False)
            self.add_module(shortcut, nn.Sequential(side) if form == "relu" else side)

    def forward(self, x):
        norm_0, norm_1, conv_0, conv_1, shortcut = (getattr(self, name, None) for name in self.names)
        inner = self.activation(norm_0(x))
        if not self.changes:
            skipped = x
        elif self.form == "raw":
            skipped = shortcut(self.before(x))
        else:
            skipped = shortcut(inner)
        inner = conv_0(self.before(inner))
        return conv_1(self.activation(norm_1(inner))) + skipped


class Residual(nn.Module):
    def __init__(self, mean, std, names, block_names, group_name, nested, activation, form, stem, widths, blocks):
        super().__init__()
        self.mean = torch.tensor(mean).reshape(1, 3, 1, 1)
        self.std = torch.tensor(std).reshape(1, 3, 1, 1)
        self.names, self.activation = names, activation
        self.add_module(names[0], nn.Conv2d(3, stem, 3, 1, 1, bias=False))
        groups, inputs = [], stem
        for g, width in enumerate(widths):
            row = []
            for i in range(blocks):
                stride = 2 if g > 0 and i == 0 else 1
                row.append(PreActivation(block_names, activation, form, inputs, width, stride))
                inputs = width
            groups.append(nn.Sequential(*row))
        self.path = groups
        if nested:
            wrapped = []
            for group in groups:
                holder = nn.Module()
                holder.add_module("block", group)
                wrapped.append(holder)
            self.add_module("layer", nn.ModuleList(wrapped))
        else:
            for g, group in enumerate(groups):
                self.add_module(group_name(g), group)
        self.add_module(names[1], nn.BatchNorm2d(inputs))
        self.add_module(names[2], nn.Linear(inputs, 10))

    def forward(self, x):
        stem, norm, logits = (getattr(self, name) for name in self.names)
        x = stem((x - self.mean) / self.std)
        for group in self.path:
            x = group(x)
        x = self.activation(norm(x))
        x = F.avg_pool2d(x, x.shape[-1]).flatten(1)
        return logits(x)


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_0 = nn.Conv2d(1, 16, 4, 2, 1)
        self.conv_1 = nn.Conv2d(16, 32, 4, 2, 1)
        self.hidden = nn.Linear(32 * 7 * 7, 100)
        self.logits = nn.Linear(100, 10)

    def forward(self, x):
        x = F.relu(self.conv_1(F.relu(self.conv_0(x))))
        return self.logits(F.relu(self.hidden(x.flatten(1))))


CIFAR_10 = ([0.4914, 0.4822, 0.4465], [0.2471, 0.2435, 0.2616])
PUBLISHED = ("batchnorm_0", "batchnorm_1", "conv_0", "conv_1", "shortcut")


def make(name):
    if name == "small-cnn":
        return Small()
    if name == "preact-resnet-18":
        block = ("bn1", "bn2", "conv1", "conv2", "shortcut")
        names = ("conv1", "bn", "linear")
        group = lambda g: f"layer{g + 1}"
        return Residual(*CIFAR_10, names, block, group, False, F.relu, "relu", 64, [64, 128, 256, 512], 2)
    if name == "preact-resnet-18-silu":
        block = ("batchnorm_0", "batchnorm_1", "conv_2d_1", "conv_2d_2", "shortcut")
        names = ("conv_2d", "batchnorm", "logits")
        group = lambda g: f"layer_{g}"
        return Residual(*CIFAR_10, names, block, group, False, F.silu, "raw", 64, [64, 128, 256, 512], 2)
    _, depth, width = name.split("-")
    widths = [c * int(width) for c in (16, 32, 64)]
    names = ("init_conv", "batchnorm", "logits")
    return Residual(*CIFAR_10, names, PUBLISHED, None, True, F.silu, "wide", 16, widths, (int(depth) - 4) // 6)


def tensors(model):
    return [(n, t) for n, t in model.state_dict().items() if not n.endswith("num_batches_tracked")]


def fill(model):
    """Weights by the formula: of layers 1.5/sqrt(inputs) times noise, of normalisations near the identity."""
    with torch.no_grad():
        for index, (name, tensor) in enumerate(tensors(model)):
            values = noise(tensor.shape, float(index))
            if name.endswith("running_var"):
                values = 1 + 0.2 * values
            elif name.endswith("running_mean"):
                values = 0.1 * values
            elif tensor.dim() > 1:
                values = values * 1.5 / (tensor[0].numel() ** 0.5)
            elif is_norm(model, name) and name.endswith("weight"):
                values = 1 + 0.1 * values
            else:
                values = 0.1 * values
            tensor.copy_(values)
    return model


def is_norm(model, name):
    return isinstance(model.get_submodule(name.rpartition(".")[0]), nn.BatchNorm2d)


def batch(name, count):
    shape = (count, 1, 28, 28) if name == "small-cnn" else (count, 3, 32, 32)
    images = (0.5 + 0.5 * noise(shape, 77.0)).float()
    return images, torch.tensor([(3 * n + 1) % 10 for n in range(count)])


def statistics(model, mode, momentum=None):
    """`evaluate`, `batch` (statistics of the batch, not tracked) or `track`."""
    model.train(mode != "evaluate")
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.track_running_stats = mode != "batch"
            module.momentum = momentum


# ---- objectives: (what the attack maximises, summed; the loss), both of logits

def one_hot(y):
    return F.one_hot(y, 10).float()


def square(a, b):
    return ((a - b) ** 2).sum(dim=1)


def cross_entropy(smoothing=0.0):
    return None, lambda clean, adv, y: F.cross_entropy(clean, y, label_smoothing=smoothing)


def madry():
    return (
        lambda clean, adv, y: F.cross_entropy(adv, y, reduction="sum"),
        lambda clean, adv, y: F.cross_entropy(adv, y),
    )


def madry_square(bound):
    return (
        lambda clean, adv, y: square(adv.softmax(1), one_hot(y)).sum(),
        lambda clean, adv, y: F.relu(square(adv.softmax(1), one_hot(y)) - bound).mean(),
    )


def trades(beta):
    def divergence(clean, adv):
        return F.kl_div(adv.log_softmax(1), clean.softmax(1), reduction="sum")

    return (
        lambda clean, adv, y: divergence(clean, adv),
        lambda clean, adv, y: F.cross_entropy(clean, y) + beta * divergence(clean, adv) / len(y),
    )


def lse(beta, smoothing=0.0, bound=0.0):
    def loss(clean, adv, y):
        hot = one_hot(y)
        target = hot * (1 - smoothing) + (1 - hot) * smoothing / 9
        q = clean.softmax(1)
        return square(q, target).mean() + beta * F.relu(square(q, adv.softmax(1)) - bound).mean()

    return lambda clean, adv, y: square(clean.softmax(1), adv.softmax(1)).sum(), loss


def hellinger():
    """With 1 - sum of sqrt(p q) under the root: of a one-hot p that is 1 - sqrt(q_y)."""

    def divergence(adv, y):
        return (1 - adv.softmax(1).gather(1, y[:, None]).squeeze(1).sqrt()).sqrt()

    return lambda clean, adv, y: divergence(adv, y).sum(), lambda clean, adv, y: divergence(adv, y).mean()


def jensen_shannon(beta, smoothing, bound):
    """The distance, in double precision: written so, it is the root of a difference of numbers that agree in their leading digits."""

    def divergence(clean, adv):
        p, q = clean.double().softmax(1), adv.double().softmax(1)
        middle = (p + q) / 2
        return (((p * (p / middle).log()).sum(1) + (q * (q / middle).log()).sum(1)) / 2).sqrt().float()

    def loss(clean, adv, y):
        first = F.cross_entropy(clean, y, label_smoothing=smoothing, reduction="none")
        return F.relu(first + beta * divergence(clean, adv) - bound).mean()

    return lambda clean, adv, y: divergence(clean, adv).sum(), loss


# ---- two steps

def project(x, images, norm, radius):
    if norm == "linf":
        x = torch.max(torch.min(x, images + radius), images - radius)
    else:
        moved = x - images
        length = moved.flatten(1).norm(dim=1).clamp_min(1e-12).reshape(-1, 1, 1, 1)
        x = images + moved * (radius / length).clamp_max(1.0)
    return x.clamp(0.0, 1.0)


def attack(model, clean, maximised, images, y, norm, radius, step, steps, start, margins=True):
    if start == "uniform" and norm == "l2":
        direction = torch.randn(images.shape)
        length = radius * torch.rand(len(images), 1, 1, 1) ** (1 / images[0].numel())
        x = images + direction / direction.flatten(1).norm(dim=1).reshape(-1, 1, 1, 1) * length
        x = x.clamp(0.0, 1.0)
    elif start == "uniform":
        x = (images + torch.empty(images.shape).uniform_(-radius, radius)).clamp(0.0, 1.0)
    elif start == "normal":
        # Not TRADES' 0.001: so close to the image, the gradient of KL is a difference of probabilities that agree in all but their last digits,
        # and rounding decides the sign for some pixels.
        x = images + 0.05 * torch.randn(images.shape)
    else:
        x = images.clone()
    iterates, margin = [x], 1.0
    for _ in range(steps):
        x = x.detach().requires_grad_(True)
        (gradient,) = torch.autograd.grad(maximised(clean, model(x), y), [x])
        if norm == "linf":
            direction = gradient.sign()
            if margins:
                sizes = gradient.abs()[gradient != 0]
                margin = min(margin, (sizes.min() / sizes.mean()).item())
        else:
            direction = gradient / gradient.flatten(1).norm(dim=1).clamp_min(1e-12).reshape(-1, 1, 1, 1)
        x = project(x.detach() + step * direction, images, norm, radius)
        iterates.append(x)
    return iterates, margin


def awp_step(model, loss, gamma):
    """Moves every weight of a convolution or affine layer up the gradient, by gamma of its length; returns how to go back."""
    moved = [p for p in model.parameters() if p.dim() > 1]
    gradients = torch.autograd.grad(loss, moved)
    before = [p.detach().clone() for p in moved]
    with torch.no_grad():
        for p, g in zip(moved, gradients):
            p += gamma * p.norm() / (g.norm() + 1e-20) * g

    def restore():
        with torch.no_grad():
            for p, old in zip(moved, before):
                p.copy_(old)

    return restore


# What the optimiser and the average of a step do; a step that is counted below WARMUP copies.
RATE, MOMENTUM, DECAY = 0.1, 0.9, 5e-4
AVERAGED, WARMUP = 0.995, 2


def groups(model):
    """The parameters that decay, and those of normalisations, which do not."""
    named = list(model.named_parameters())
    return [
        {"params": [p for n, p in named if not is_norm(model, n)], "weight_decay": DECAY},
        {"params": [p for n, p in named if is_norm(model, n)], "weight_decay": 0.0},
    ]


def move(average, model, n):
    """The exponential average of the parameters, after step n."""
    since = n - WARMUP
    weight = 0.0 if since < 0 else min(AVERAGED, (1 + since) / (10 + since))
    for old, parameter in zip(average, model.parameters()):
        old.mul_(weight).add_(parameter.detach(), alpha=1 - weight)


def found(model, clean, maximised, images, y, seeds, mode, **how):
    """The attack's iterates from the first seed with which no sign hangs on rounding, and that seed."""
    statistics(model, mode)
    for seed in seeds:
        torch.manual_seed(seed)
        iterates, margin = attack(model, clean, maximised, images, y, steps=3, **how)
        if margin > MARGIN:
            return iterates, seed
    raise SystemExit("no seed without a sign that rounding may decide")


def steps(
    out, network, label, objective, count, norm="linf", radius=0.1, size=0.04, start="uniform", awp=None, momenta=(0.01, 0.01), mode="batch"
):
    """Two steps of training: the second has a momentum, an average that differs, and weights that the first one made."""
    model = fill(make(network))
    images, y = batch(network, count)
    maximised, loss_of = objective
    uses_clean = label.split("(")[0] != "pgd-at"
    optimiser = torch.optim.SGD(groups(model), lr=RATE, momentum=MOMENTUM, nesterov=True)
    average = [p.detach().clone() for p in model.parameters()]
    seed = 16
    for n, momentum in enumerate(momenta, 1):
        key = f"step/{network}/{label}/{n}"
        adversarial = images
        if maximised:
            statistics(model, mode)
            with torch.no_grad():
                clean = model(images) if uses_clean else None
            how = dict(norm=norm, radius=radius, step=size, start=start)
            iterates, seed = found(model, clean, maximised, images, y, range(seed + 1, seed + 80), mode, **how)
            out[f"{key}/seed"] = torch.tensor(seed)
            adversarial = iterates[-1].detach()
            for i, x in enumerate(iterates):
                out[f"{key}/iterate {i}"] = digest(x)
            out[f"{key}/attacked"] = adversarial.clone()
        restore = None
        if awp:
            statistics(model, "batch")
            clean = model(images) if uses_clean else None
            restore = awp_step(model, loss_of(clean, model(adversarial) if maximised else None, y), awp)
        statistics(model, "track", momentum)
        clean = model(images) if uses_clean else None
        loss = loss_of(clean, model(adversarial) if maximised else None, y)
        optimiser.zero_grad()
        loss.backward()
        if restore:
            restore()
        out[f"{key}/loss"] = loss.detach().double().reshape(1)
        for name, parameter in model.named_parameters():
            out[f"{key}/gradient {name}"] = digest(parameter.grad)
        optimiser.step()
        move(average, model, n)
        for name, tensor in tensors(model):
            out[f"{key}/after {name}"] = digest(tensor)
        for (name, _), old in zip(model.named_parameters(), average):
            out[f"{key}/average {name}"] = digest(old)


def main():
    # Here, since the networks are used where it need not be installed.
    import safetensors.torch

    out = {}
    for name in ("small-cnn", "preact-resnet-18", "preact-resnet-18-silu", "wrn-10-1"):
        torch.manual_seed(3)
        for n, t in tensors(make(name)):
            out[f"drawn/{name}/{n}"] = digest(t)
    for name in ("small-cnn", "preact-resnet-18", "preact-resnet-18-silu", "wrn-10-1", "wrn-16-2", "wrn-28-10", "wrn-70-16"):
        model = fill(make(name))
        images, _ = batch(name, 2 if name != "wrn-70-16" else 1)
        for mode in ("evaluate", "batch"):
            statistics(model, mode)
            with torch.no_grad():
                out[f"logits/{name}/{mode}"] = model(images)
        names = [n for n, _ in tensors(model)]
        out[f"count/{name}"] = torch.tensor([len(names), sum(p.numel() for p in model.parameters())])
        del model
    small = {
        "cross-entropy": cross_entropy(),
        "cross-entropy smoothed(0.1, all)": cross_entropy(0.1),
        "standard(squared-error)": (None, lambda clean, adv, y: square(clean.softmax(1), one_hot(y)).mean()),
        "pgd-at(kl)": madry(),
        "pgd-at(squared-error) clip(0.5, total)": madry_square(0.5),
        "pgd-at(hellinger)": hellinger(),
        "trades(squared-error, squared-error, 4)": lse(4.0),
        "trades(squared-error, squared-error, 4) smoothed(0.1, others) clip(0.001, robust)": lse(4.0, 0.1, 0.001),
        "trades(cross-entropy, jensen-shannon, 3) smoothed(0.1, all) clip(1, total)": jensen_shannon(3.0, 0.1, 1.0),
    }
    for label, objective in small.items():
        steps(out, "small-cnn", label, objective, 4)
    steps(out, "small-cnn", "trades(kl, kl, 6)", trades(6.0), 4, start="normal")
    steps(out, "small-cnn", "pgd-at(kl) l2", madry(), 4, norm="l2", radius=1.0, size=0.5)
    steps(out, "small-cnn", "trades(kl, kl, 6) awp", trades(6.0), 4, start="normal", awp=0.005)
    steps(out, "small-cnn", "cross-entropy awp", cross_entropy(), 4, awp=0.005)
    wide = dict(radius=0.03, size=0.01)
    steps(out, "wrn-10-1", "pgd-at(kl)", madry(), 2, **wide)
    steps(out, "wrn-10-1", "trades(squared-error, squared-error, 4)", lse(4.0), 2, momenta=(1.0, 0.01), **wide)
    steps(out, "wrn-10-1", "trades(kl, kl, 6) awp", trades(6.0), 2, start="normal", awp=0.005, momenta=(1.0, 0.01), **wide)
    steps(out, "wrn-10-1", "trades(kl, kl, 6) evaluate", trades(6.0), 2, start="normal", mode="evaluate", **wide)
    safetensors.torch.save_file({k: v.contiguous() for k, v in out.items()}, OUT)
    print(f"{len(out)} tensors, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
