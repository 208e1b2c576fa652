"""Times a step of training in score-workbench beside the same step in PyTorch, one thread each, and prints the ratio.

Both use libtorch of one version. Times are processor times of the steps after the first; the two take turns, and the fastest round
of each counts, so that what else the machine does counts little. Argument: the executable of examples/train_step.rs. PyTorch's steps
are those of tests/parity/reference.py.
"""

import importlib.util
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

CASES = [
    ("small-cnn", "pgd-at(kl)", reference.madry(), 128, 10),
    ("small-cnn", "trades(squared-error, squared-error, 4)", reference.lse(4.0), 128, 10),
    ("wrn-10-1", "pgd-at(kl)", reference.madry(), 32, 3),
    ("wrn-10-1", "trades(squared-error, squared-error, 4)", reference.lse(4.0), 32, 3),
    ("wrn-10-1", "trades(kl, kl, 6)", reference.trades(6.0), 32, 3),
    ("preact-resnet-18", "trades(squared-error, squared-error, 4)", reference.lse(4.0), 8, 1),
]
ROUNDS = 3


def pytorch(name, label, objective, batch, steps):
    maximised, loss_of = objective
    uses_clean = label.startswith("trades")
    model = reference.make(name)
    images, _ = reference.batch(name, batch)
    y = torch.arange(batch) % 10
    for n in range(steps + 1):
        # The first step warms up.
        if n == 1:
            start = time.process_time()
        model.zero_grad()
        reference.statistics(model, "batch")
        with torch.no_grad():
            clean = model(images) if uses_clean else None
        iterates, _ = reference.attack(model, clean, maximised, images, y, "linf", 8 / 255, 2 / 255, 10, "uniform", margins=False)
        reference.statistics(model, "track", 0.01)
        clean = model(images) if uses_clean else None
        loss_of(clean, model(iterates[-1]), y).backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= 0.1 * parameter.grad
    return (time.process_time() - start) / steps


def ours(executable, name, label, batch, steps):
    def seconds(steps):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([executable, name, label, str(batch), str(steps)], stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return (seconds(steps) - seconds(0)) / steps


def main():
    executable = sys.argv[1]
    print(f"PyTorch {torch.__version__}, one thread, ten attack steps")
    print(f"{'network':18} {'objective':42} {'batch':>5} {'ours':>10} {'PyTorch':>10} {'ratio':>6}")
    for name, label, objective, batch, steps in CASES:
        best = [float("inf")] * 2
        for _ in range(ROUNDS):
            times = ours(executable, name, label, batch, steps), pytorch(name, label, objective, batch, steps)
            best = [min(pair) for pair in zip(best, times)]
        times = " ".join(f"{1e3 * t:7.1f} ms" for t in best)
        print(f"{name:18} {label:42} {batch:5} {times} {best[0] / best[1]:6.2f}", flush=True)


if __name__ == "__main__":
    main()
