"""The reference implementation of AutoAttack on a small network and a residual one: what `tests/evaluate.rs` compares with.

    python3 tests/parity/cascade.py REFERENCE NETWORK OUT [CASE ..]

REFERENCE is a folder with the package `autoattack` (github.com/fra31/auto-attack at a392200, which is not part of this project), NETWORK the weights of a
small-cnn, Fashion-MNIST is read from where Debian's package puts it. It was run with Python 3.11, torch 2.11.0, numpy 2.3 and safetensors, on one thread, with

    score train recipes/fashion-mnist/pgd-at.toml      # best.safetensors: the small network, rounded to half precision for the file
    python3 tests/parity/cascade.py .. runs/pgd-at/best.safetensors tests/parity/cascade.safetensors

Where OUT is there, the cases that are named, or all, are written anew and the others kept; NETWORK may be OUT itself. The residual network is
PreActResNet-18 as it is drawn from seed 0, but for its last layer, which is a ridge regression on 500 training images and is in the file. Its images are
those of Fashion-MNIST in a frame of zeros, with the mirrored and the transposed image as further channels.

The file holds the weights, and for each case the flags after each attack and digests, SHA-256, of the logits of the clean images and of the final images.
Radii are such that about half of the images are broken.
"""

import gzip
import hashlib
import json
import pathlib
import struct
import sys
import time

import numpy
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch.nn import functional as F

sys.path.insert(0, sys.argv[1])
sys.path.insert(0, __file__.rsplit("/", 1)[0])
import autoattack.checks
import autoattack.state
import reference
from autoattack import AutoAttack
from autoattack.autopgd_base import APGDAttack, APGDAttack_targeted

FOLDER = "/usr/share/datasets/fashion-mnist/"
SMALL, RESIDUAL = "small-cnn", "preact-resnet-18"
# Network, norm, radius, version, images, batch, iterations of APGD and FAB, queries of Square, labels that attacks aim at (0 for the version's). AutoAttack's
# own numbers are 100, 5000 and 0; a pass of the residual network takes five hundred times as long.
CASES = [
    (SMALL, "linf", 0.1, "standard", 24, 16, 20, 60, 0),
    (SMALL, "l2", 1.5, "standard", 24, 16, 20, 600, 0),
    (SMALL, "l1", 12.0, "standard", 24, 16, 20, 600, 0),
    (SMALL, "linf", 0.1, "plus", 12, 12, 20, 60, 0),
    (SMALL, "l2", 1.5, "plus", 12, 12, 20, 60, 0),
    (SMALL, "l1", 12.0, "plus", 12, 12, 20, 60, 0),
    (SMALL, "linf", 0.1, "rand", 12, 12, 20, 1, 0),
    (SMALL, "l2", 1.5, "rand", 12, 12, 20, 1, 0),
    (SMALL, "l1", 12.0, "rand", 12, 12, 20, 1, 0),
    (SMALL, "linf", 0.1, "fab-t", 24, 16, 20, 1, 0),
    (SMALL, "l2", 1.5, "fab-t", 24, 16, 20, 1, 0),
    (SMALL, "l1", 12.0, "fab-t", 24, 16, 20, 1, 0),
    (SMALL, "linf", 0.1, "standard", 512, 128, 100, 5000, 0),
    (SMALL, "l2", 1.5, "standard", 512, 128, 100, 5000, 0),
    (SMALL, "l1", 12.0, "standard", 512, 128, 100, 5000, 0),
    (RESIDUAL, "linf", 0.01, "standard", 64, 32, 8, 30, 3),
    (RESIDUAL, "l2", 0.25, "standard", 64, 32, 8, 30, 3),
    (RESIDUAL, "l1", 1.5, "standard", 64, 32, 8, 30, 3),
]
# Other versions are lists of attacks, with the standard version's parameters.
VERSIONS = ["standard", "plus", "rand"]
NAMES = {"linf": "Linf", "l2": "L2", "l1": "L1"}


def idx(name):
    data = gzip.open(FOLDER + name).read()
    axes = data[3]
    shape = struct.unpack(">" + "I" * axes, data[4 : 4 + 4 * axes])
    return torch.from_numpy(numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * axes).copy()).view(*shape)


def images_of(part, network):
    x = idx(f"{part}-images-idx3-ubyte.gz").unsqueeze(1).float() / 255
    if network == RESIDUAL:
        x = F.pad(x, (2, 2, 2, 2))
        x = torch.cat([x, x.flip(3), x.transpose(2, 3)], 1)
    return x, idx(f"{part}-labels-idx1-ubyte.gz").long()


def residual(weights):
    """The residual network. Its last layer, where it is not known, is the ridge regression of 10 times the one-hot labels."""
    # The mean over positions, rounded as the mean of the last two axes.
    reference.F.avg_pool2d = lambda x, _: x.mean((2, 3), keepdim=True)
    torch.manual_seed(0)
    model = reference.make(RESIDUAL).eval()
    if "linear.weight" not in weights:
        x, y = images_of("train", RESIDUAL)
        last, model.linear = model.linear, torch.nn.Identity()
        with torch.no_grad():
            features = torch.cat([model(rows) for rows in x[:500].split(50)]).double()
        model.linear = last
        features = torch.cat([features, torch.ones(500, 1).double()], 1)
        gram = features.T @ features
        gram += 1e-3 * gram.diagonal().mean() * torch.eye(513)
        fitted = torch.linalg.solve(gram, features.T @ (10.0 * reference.one_hot(y[:500])).double()).float()
        weights |= {"linear.weight": fitted[:512].T.contiguous().half(), "linear.bias": fitted[512].half()}
    with torch.no_grad():
        model.linear.weight.copy_(weights["linear.weight"])
        model.linear.bias.copy_(weights["linear.bias"])
    return model


def small(weights):
    model = reference.Small().eval()
    model.load_state_dict({name: weights[name].float() for name in model.state_dict()})
    return model


def sha(tensor):
    return hashlib.sha256(tensor.contiguous().numpy().tobytes()).hexdigest()


def read(path):
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, json.loads((file.metadata() or {}).get("cases", "[]"))


def run(model, x, y, norm, radius, version, batch, iterations, queries, targets):
    """The flags after each attack, and the images."""
    attack = AutoAttack(model, norm=NAMES[norm], eps=radius, seed=0, verbose=False, device="cpu")
    about = dict(norm=NAMES[norm], eps=radius, n_iter=iterations, seed=0, device="cpu")
    attack.apgd, attack.apgd_targeted = APGDAttack(model, n_restarts=5, **about), APGDAttack_targeted(model, **about)
    attack.fab.n_iter = iterations
    attack.set_version(version if version in VERSIONS else "standard")
    if version not in VERSIONS:
        attack.attacks_to_run = version.split(",")
    attack.square.n_queries = queries
    if targets:
        attack.apgd_targeted.n_target_classes = attack.fab.n_target_classes = targets
    flags = {}
    original = autoattack.state.EvaluationState.add_run_attack

    def capture(state, name):
        flags[name] = state.robust_flags.to(torch.uint8)
        return original(state, name)

    autoattack.state.EvaluationState.add_run_attack = capture
    found = attack.run_standard_evaluation(x, y, bs=batch)
    autoattack.state.EvaluationState.add_run_attack = original
    return flags, found


def main():
    torch.set_num_threads(1)
    # It traces Python calls, and says nothing of the flags.
    autoattack.checks.check_dynamic = lambda *_, **__: None
    out, wanted = pathlib.Path(sys.argv[3]), sys.argv[4:]
    weights = {name: tensor.half() for name, tensor in read(sys.argv[2])[0].items() if name in reference.Small().state_dict()}
    if out.exists():
        weights |= {name: tensor for name, tensor in read(out)[0].items() if name.startswith("linear.")}
    for network, norm, radius, version, count, batch, iterations, queries, targets in CASES:
        name = f"{network}-{norm}-{version}-{count}"
        if wanted and name not in wanted:
            continue
        model = small(weights) if network == SMALL else residual(weights)
        x, y = images_of("t10k", network)
        x, y = x[:count], y[:count]
        started = time.process_time()
        flags, found = run(model, x, y, norm, radius, version, batch, iterations, queries, targets)
        seconds = time.process_time() - started
        with torch.no_grad():
            logits = torch.cat([model(rows) for rows in x.split(batch)])
        clean = (logits.argmax(1) == y).sum().item()
        print(name, f"{seconds:.0f} s", dict(clean=clean) | {step: int(robust.sum()) for step, robust in flags.items()}, flush=True)
        tensors, about = read(out) if out.exists() else ({}, [])
        tensors = {key: tensor for key, tensor in tensors.items() if not key.startswith(name + ".")} | weights
        tensors |= {f"{name}.{step}": robust for step, robust in flags.items()}
        about = [case for case in about if case["name"] != name]
        about.append(
            dict(
                name=name, network=network, norm=norm, epsilon=str(radius), version=version, images=count, batch=batch,
                iterations=iterations, queries=queries, targets=targets, logits=sha(logits), sha256=sha(found),
            )
        )  # fmt: skip
        save_file(tensors, out, metadata={"cases": json.dumps(about)})


if __name__ == "__main__":
    main()
