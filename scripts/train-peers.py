"""Times a step of training in score-workbench beside the same step in PyTorch, one thread each, and prints the ratio.

PyTorch runs twice: as the published code does it, and with its parameters out of the graph during the attack, as ours are. Both use libtorch of one version. The two take turns, so that what else the machine does meets both; the fastest step of each counts.
Argument: the executable of examples/train_step.rs. Steps are those of tests/parity/reference.py.
"""

import importlib.util
import pathlib
import subprocess
import sys
import time

import torch

here = pathlib.Path(__file__).resolve().parent
spec = importlib.util.spec_from_file_location("reference", here.parent / "tests/parity/reference.py")
reference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reference)
torch.use_deterministic_algorithms(False)

CASES = [
    ("small-cnn", "pgd-at(kl)", reference.madry(), 128, 20),
    ("small-cnn", "trades(squared-error, squared-error, 4)", reference.lse(4.0), 128, 20),
    ("wrn-10-1", "pgd-at(kl)", reference.madry(), 32, 3),
    ("wrn-10-1", "trades(squared-error, squared-error, 4)", reference.lse(4.0), 32, 3),
    ("wrn-10-1", "trades(kl, kl, 6)", reference.trades(6.0), 32, 3),
    ("preact-resnet-18", "trades(squared-error, squared-error, 4)", reference.lse(4.0), 8, 2),
]
ROUNDS = 3


def pytorch(name, label, objective, batch, steps, frozen):
    maximised, loss_of = objective
    uses_clean = label.startswith("trades")
    model = reference.make(name)
    images, _ = reference.batch(name, batch)
    y = torch.arange(batch) % 10
    times = []
    for n in range(steps + 1):
        start = time.perf_counter()
        model.zero_grad()
        reference.statistics(model, "batch")
        model.requires_grad_(not frozen)
        with torch.no_grad():
            clean = model(images) if uses_clean else None
        iterates, _ = reference.attack(model, clean, maximised, images, y, "linf", 8 / 255, 2 / 255, 10, "uniform", margins=False)
        model.requires_grad_(True)
        reference.statistics(model, "track", 0.01)
        clean = model(images) if uses_clean else None
        loss_of(clean, model(iterates[-1]), y).backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= 0.1 * parameter.grad
        if n > 0:
            times.append(time.perf_counter() - start)
    return times


def main():
    executable = sys.argv[1]
    print(f"PyTorch {torch.__version__}, one thread, ten attack steps")
    print(f"{'network':18} {'objective':42} {'batch':>5} {'ours':>10} {'PyTorch':>10} {'frozen':>10}   ours over both")
    for name, label, objective, batch, steps in CASES:
        ours, plain, frozen = float("inf"), float("inf"), float("inf")
        for _ in range(ROUNDS):
            run = subprocess.run([executable, name, label, str(batch), str(steps)], capture_output=True, text=True, check=True)
            ours = min(ours, *map(float, run.stdout.split()))
            plain = min(plain, *pytorch(name, label, objective, batch, steps, False))
            frozen = min(frozen, *pytorch(name, label, objective, batch, steps, True))
        times = " ".join(f"{1e3 * t:7.1f} ms" for t in (ours, plain, frozen))
        print(f"{name:18} {label:42} {batch:5} {times}   {ours / plain:.2f} {ours / frozen:.2f}", flush=True)


if __name__ == "__main__":
    main()
