"""Times `score evaluate` beside the reference implementation of AutoAttack, and prints the ratio and whether the flags are the same.

    scripts/evaluate-peers.py REFERENCE EXECUTABLE [NORM ..]

REFERENCE is a folder with the package `autoattack` (github.com/fra31/auto-attack at a392200), EXECUTABLE `score` with the feature `train`. The network
and the radii are those of tests/parity/cascade.py, the images the first of Fashion-MNIST's test set (IMAGES=512 in the environment) in batches (BATCH=64), the
attacks the standard version with its own numbers (ITERATIONS, QUERIES for others).

Both are timed on all cores, where ours attacks batches side by side and PyTorch shares each operation among its threads, and on one thread (THREADS=2,1). Times are
those of the attacks, by the clock: run it on a machine that does nothing else.
"""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import torch
from safetensors.torch import save_file

parity = pathlib.Path(__file__).resolve().parent.parent / "tests/parity"
spec = importlib.util.spec_from_file_location("cascade", parity / "cascade.py")
cascade = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cascade)

RADII = {"linf": 0.1, "l2": 1.5, "l1": 12.0}
IMAGES = int(os.environ.get("IMAGES", "512"))
BATCH = int(os.environ.get("BATCH", "64"))
ITERATIONS = int(os.environ.get("ITERATIONS", "100"))
QUERIES = int(os.environ.get("QUERIES", "5000"))


def ours(executable, weights, norm, threads, folder):
    """The flags after each attack, and how long each took."""
    arguments = [executable, "evaluate", weights, "--architecture", cascade.SMALL, "--data", "fashion-mnist", "--norm", norm]
    arguments += ["--epsilon", str(RADII[norm]), "--images", str(IMAGES), "--batch", str(BATCH), "--threads", str(threads)]
    arguments += ["--iterations", str(ITERATIONS), "--queries", str(QUERIES), "--format", "json", "--out", folder]
    run = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    attacks = json.loads(run.stdout)["attacks"]
    return {attack["attack"]: attack["robust"] for attack in attacks}, {attack["attack"]: attack["seconds"] for attack in attacks}


def main():
    executable, norms = sys.argv[2], sys.argv[3:] or list(RADII)
    cascade.autoattack.checks.check_dynamic = lambda *_, **__: None
    weights = cascade.read(parity / "cascade.safetensors")[0]
    model = cascade.small(weights)
    x, y = (rows[:IMAGES] for rows in cascade.images_of("t10k", cascade.SMALL))
    cores = len(os.sched_getaffinity(0))
    counts = [int(n) for n in os.environ.get("THREADS", f"{cores},1").split(",")]
    print(f"{IMAGES} images in batches of {BATCH}, {ITERATIONS} iterations, {QUERIES} queries, PyTorch {torch.__version__}")
    print(f"{'norm':5} {'threads':>7} {'ours':>9} {'reference':>9} {'ratio':>6}  flags")
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/weights.safetensors"
        save_file({name: tensor.detach() for name, tensor in model.state_dict().items()}, path)
        for norm in norms:
            for threads in dict.fromkeys(counts):
                torch.set_num_threads(threads)
                found, seconds = ours(executable, path, norm, threads, f"{folder}/{norm}-{threads}")
                here = sum(seconds.values())
                began = time.perf_counter()
                flags, _ = cascade.run(model, x, y, norm, RADII[norm], "standard", BATCH, ITERATIONS, QUERIES, 0)
                there = time.perf_counter() - began
                differ = sum(sum(bool(a) != b for a, b in zip(flags[attack], found[attack])) for attack in flags)
                print(f"{norm:5} {threads:7} {here:7.1f} s {there:7.1f} s {there / here:6.2f}  {f'{differ} DIFFER' if differ else 'the same'}", flush=True)
                print("      ", {attack: round(s, 1) for attack, s in seconds.items()}, flush=True)


if __name__ == "__main__":
    main()
