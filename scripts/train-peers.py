"""Times steps of training in score-workbench beside the same steps in PyTorch, and prints the ratio.

    train-peers.py EXECUTABLE            one thread of a CPU, small batches
    train-peers.py EXECUTABLE --gpu      a GPU, batches of 512, in single precision, TF32 and bfloat16

EXECUTABLE is that of examples/train_step.rs. On a GPU it uses the libraries of the torch that runs this script, which has to be of its version. A
step is ten steps of attack, the loss, its gradient, SGD with Nesterov's momentum and the average of the weights. PyTorch's is eager: networks and
objectives of tests/parity/reference.py, torch.optim.SGD, autocast for bfloat16, cuDNN's benchmark mode; its attack asks for the gradient by the images
alone, as ours does.

First both do a few steps with the same random numbers, and their losses have to agree (FIRST, WITHIN). Then they are timed in turns, and the fastest round of
each counts: processor time on a CPU, so that what else the machine does counts little, time on a GPU, where PyTorch draws its random starts on the GPU.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import pathlib
import resource
import subprocess
import sys
import time

import torch

here = pathlib.Path(__file__).resolve().parent
spec = importlib.util.spec_from_file_location("reference", here.parent / "tests/parity/reference.py")
reference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reference)
torch.use_deterministic_algorithms(False)

SCORE = ("trades(squared-error, squared-error, 4)", reference.lse(4.0))
MADRY = ("pgd-at(kl)", reference.madry())
TRADES = ("trades(kl, kl, 6)", reference.trades(6.0))
# Network, objective, batch, timed steps.
ON_CPU = [
    ("small-cnn", MADRY, 128, 10),
    ("small-cnn", SCORE, 128, 10),
    ("wrn-10-1", MADRY, 32, 3),
    ("wrn-10-1", SCORE, 32, 3),
    ("wrn-10-1", TRADES, 32, 3),
    ("preact-resnet-18", SCORE, 8, 1),
]
ON_GPU = [("preact-resnet-18", SCORE, 512, 10), ("wrn-28-10", SCORE, 512, 5)]
# The largest relative difference between losses of the first step, and of the first COMPARED steps. In bfloat16 both round, each at its own places. From the second
# step on weights differ in their last bits, and an attack along signs makes more of that.
FIRST = {"single": 1e-5, "tf32": 5e-3, "bf16": 1e-2}
WITHIN = {"single": 5e-3, "tf32": 5e-3, "bf16": 1e-2}
COMPARED = 4
# Ours records its attack in the fourth.
WARMUP = {"cpu": 1, "cuda": 5}
RADIUS, STEP = 8 / 255, 2 / 255


def prepare(device, precision):
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    if precision != "bf16":
        return contextlib.nullcontext()
    return torch.autocast(device, dtype=torch.bfloat16)


class Eager:
    """PyTorch's steps."""

    def __init__(self, device, name, objective, batch, precision, same_numbers=False, channels_last=False):
        self.device, self.same_numbers = device, same_numbers
        self.label, (self.maximised, self.loss_of) = objective
        self.autocast = prepare(device, precision)
        torch.manual_seed(3)
        self.model = reference.make(name)
        shape = (batch, 1, 28, 28) if name == "small-cnn" else (batch, 3, 32, 32)
        self.images, self.labels = torch.rand(shape).to(device), torch.arange(batch, device=device) % 10
        self.model.to(device)
        if hasattr(self.model, "mean"):
            self.model.mean, self.model.std = self.model.mean.to(device), self.model.std.to(device)
        if channels_last:
            self.model.to(memory_format=torch.channels_last)
            self.images = self.images.to(memory_format=torch.channels_last)
        self.optimiser = torch.optim.SGD(self.model.parameters(), lr=0.02, momentum=0.9, nesterov=True, weight_decay=5e-4)
        self.average = [p.detach().clone() for p in self.model.parameters()]
        self.steps = 0

    def logits(self, x):
        with self.autocast:
            return self.model(x).float()

    def attacked(self, clean):
        where = "cpu" if self.same_numbers else self.device
        start = torch.empty(self.images.shape, device=where).uniform_(-RADIUS, RADIUS).to(self.device)
        x = (self.images + start).clamp(0.0, 1.0)
        for _ in range(10):
            x = x.detach().requires_grad_(True)
            (gradient,) = torch.autograd.grad(self.maximised(clean, self.logits(x), self.labels), [x])
            x = reference.project(x.detach() + STEP * gradient.sign(), self.images, "linf", RADIUS)
        return x

    def step(self):
        """The loss, which is still on the device."""
        uses_clean = self.label.startswith("trades")
        reference.statistics(self.model, "batch")
        with torch.no_grad():
            clean = self.logits(self.images) if uses_clean else None
        attacked = self.attacked(clean)
        reference.statistics(self.model, "track", 0.01)
        self.optimiser.zero_grad()
        clean = self.logits(self.images) if uses_clean else None
        loss = self.loss_of(clean, self.logits(attacked), self.labels)
        loss.backward()
        self.optimiser.step()
        self.steps += 1
        decay = min(0.995, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            for average, parameter in zip(self.average, self.model.parameters()):
                average.mul_(decay).add_(parameter, alpha=1 - decay)
        return loss.detach()

    def seconds(self, steps):
        for _ in range(WARMUP[self.device]):
            self.step()
        if self.device == "cpu":
            start = time.process_time()
            for _ in range(steps):
                self.step()
            return (time.process_time() - start) / steps
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(steps):
            self.step()
        torch.cuda.synchronize()
        return (time.perf_counter() - start) / steps


def ours(executable, device, name, label, batch, steps, precision, warmup=None, more=()):
    """What examples/train_step.rs prints, and the processor time that it took."""
    environment = dict(os.environ)
    if device == "cuda":
        libraries = str(pathlib.Path(torch.__file__).parent / "lib")
        environment["LD_LIBRARY_PATH"] = libraries + os.pathsep + environment.get("LD_LIBRARY_PATH", "")
        # Its memory is wanted now.
        torch.cuda.empty_cache()
    warmup = WARMUP[device] if warmup is None else warmup
    command = [executable, name, label, str(batch), str(steps), "--warmup", str(warmup), "--precision", precision, *more]
    command += ["--cpu"] if device == "cpu" else []
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    printed = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment).stdout)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if device == "cuda" and not printed["device"].startswith("Cuda"):
        raise SystemExit(f"{executable} found no GPU: it ran on {printed['device']}")
    return printed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def our_seconds(executable, device, name, label, batch, steps, precision):
    if device == "cuda":
        return ours(executable, device, name, label, batch, steps, precision)[0]["seconds"] / steps
    with_steps, without = (ours(executable, device, name, label, batch, n, precision)[1] for n in (steps, 0))
    return (with_steps - without) / steps


def difference(some, others):
    return max(abs(a - b) / abs(b) for a, b in zip(some, others, strict=True))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("executable")
    parser.add_argument("--gpu", action="store_true")
    parser.add_argument("--networks", default="", help="only these, with commas between")
    parser.add_argument("--precisions", default="", help="single, tf32, bf16")
    parser.add_argument("--batch", type=int, help="for all, in place of their own")
    parser.add_argument("--rounds", type=int)
    arguments = parser.parse_args()
    device = "cuda" if arguments.gpu else "cpu"
    if arguments.gpu and not torch.cuda.is_available():
        raise SystemExit("there is no GPU that this PyTorch can use")
    wanted = arguments.networks.split(",") if arguments.networks else None
    cases = [case for case in (ON_GPU if arguments.gpu else ON_CPU) if wanted is None or case[0] in wanted]
    precisions = arguments.precisions or ("single,tf32,bf16" if arguments.gpu else "single")
    rounds = arguments.rounds or (2 if arguments.gpu else 3)
    unit = "images/s" if arguments.gpu else "ms"
    card = torch.cuda.get_device_name() if arguments.gpu else "one thread"
    print(f"PyTorch {torch.__version__}, {card}, ten attack steps")
    print(f"{'network':17} {'objective':40} {'batch':>5} {'precision':9} {'ours':>9} {'PyTorch':>9} {unit:9} {'speed':>6}  losses differ by")
    disagree = False
    for precision in precisions.split(","):
        for name, objective, batch, steps in cases:
            label, batch = objective[0], arguments.batch or batch
            case = (arguments.executable, device, name, label, batch)
            reference_run = Eager(device, name, objective, batch, precision, same_numbers=True)
            expected = [loss.item() for loss in [reference_run.step() for _ in range(COMPARED)]]
            del reference_run
            found = ours(*case, COMPARED, precision, warmup=0)[0]["losses"]
            first, apart = difference(found[:1], expected[:1]), difference(found, expected)
            verdict = "" if apart <= WITHIN[precision] else f", more than {WITHIN[precision]}"
            verdict += "" if first <= FIRST[precision] else f", {first:.1e} in the first step, more than {FIRST[precision]}"
            if arguments.gpu:
                # Recorded or not, a step is the same: what happens from the fourth on is compared too.
                recorded, called = (ours(*case, 4, precision, warmup=3, more=more)[0]["losses"] for more in ([], ["--no-graph"]))
                gap = difference(recorded, called)
                verdict += f", {gap:.1e} recorded" + ("" if gap <= WITHIN[precision] else f", more than {WITHIN[precision]}")
            disagree |= "more" in verdict
            layouts = [False, True] if arguments.gpu and precision == "bf16" else [False]
            best, theirs = float("inf"), [float("inf")] * len(layouts)
            for _ in range(rounds):
                best = min(best, our_seconds(*case, steps, precision))
                for i, channels_last in enumerate(layouts):
                    run = Eager(device, name, objective, batch, precision, channels_last=channels_last)
                    theirs[i] = min(theirs[i], run.seconds(steps))
                    del run
            for channels_last, seconds in zip(layouts, theirs):
                pair = [batch / t if arguments.gpu else 1e3 * t for t in (best, seconds)]
                columns = f"{name:17} {label:40} {batch:5} {precision:9} {pair[0]:9.1f} {pair[1]:9.1f} {unit:9} {seconds / best:6.2f}"
                print(f"{columns}  {apart:.1e}{verdict}{', PyTorch channels last' if channels_last else ''}", flush=True)
    sys.exit(1 if disagree else 0)


if __name__ == "__main__":
    main()
