"""Times `score evaluate` beside the reference implementation of AutoAttack, one thread each, and prints the ratio and whether the flags are the same.

    scripts/evaluate-peers.py REFERENCE EXECUTABLE [NORM ..]

REFERENCE is a folder with the package `autoattack` (github.com/fra31/auto-attack at a392200), EXECUTABLE `score` with the feature `train`. The network
and the radii are those of tests/parity/cascade.py, the images the first of Fashion-MNIST's test set (IMAGES=128 in the environment), the attacks the standard
version with its own numbers (ITERATIONS, QUERIES for others). Times are processor times, of ours with its start.
"""

import importlib.util
import json
import os
import pathlib
import resource
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
IMAGES = int(os.environ.get("IMAGES", "128"))
ITERATIONS = int(os.environ.get("ITERATIONS", "100"))
QUERIES = int(os.environ.get("QUERIES", "5000"))


def ours(executable, weights, norm, attack, folder):
    """The flags after each attack, and the processor time."""
    arguments = [executable, "evaluate", weights, "--architecture", cascade.SMALL, "--data", "fashion-mnist", "--norm", norm]
    arguments += ["--epsilon", str(RADII[norm]), "--images", str(IMAGES), "--batch", str(IMAGES), "--attack", attack, "--threads", "1"]
    arguments += ["--iterations", str(ITERATIONS), "--queries", str(QUERIES), "--format", "json", "--out", folder]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = json.loads(run.stdout)
    flags = {attack["attack"]: attack["robust"] for attack in result["attacks"]}
    seconds = {attack["attack"]: attack["seconds"] for attack in result["attacks"]}
    return flags, seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    executable, norms = sys.argv[2], sys.argv[3:] or list(RADII)
    torch.set_num_threads(1)
    cascade.autoattack.checks.check_dynamic = lambda *_, **__: None
    weights = cascade.read(parity / "cascade.safetensors")[0]
    model = cascade.small(weights)
    x, y = (rows[:IMAGES] for rows in cascade.images_of("t10k", cascade.SMALL))
    print(f"{IMAGES} images, {ITERATIONS} iterations, {QUERIES} queries, PyTorch {torch.__version__}, one thread")
    print(f"{'norm':5} {'ours':>9} {'reference':>9} {'ratio':>6}  flags")
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/weights.safetensors"
        save_file({name: tensor.detach() for name, tensor in model.state_dict().items()}, path)
        for norm in norms:
            found, seconds, here = ours(executable, path, norm, "standard", f"{folder}/{norm}")
            began = time.process_time()
            flags, _ = cascade.run(model, x, y, norm, RADII[norm], "standard", IMAGES, ITERATIONS, QUERIES, 0)
            there = time.process_time() - began
            same = all(found[attack] == [bool(flag) for flag in flags[attack]] for attack in flags)
            print(f"{norm:5} {here:7.1f} s {there:7.1f} s {there / here:6.2f}  {'the same' if same else 'DIFFERENT'}", flush=True)
            print("      ", {attack: round(s, 1) for attack, s in seconds.items()}, flush=True)


if __name__ == "__main__":
    main()
