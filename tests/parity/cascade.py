"""The reference implementation of AutoAttack on a small network: what `tests/evaluate.rs` compares with.

    python3 tests/parity/cascade.py REFERENCE NETWORK OUT

REFERENCE is a folder with the package `autoattack` (github.com/fra31/auto-attack at a392200, which is not part of this project), NETWORK the weights of a
small-cnn, Fashion-MNIST is read from where Debian's package puts it. It was run with Python 3.11, torch 2.11.0, numpy 2.3 and safetensors, on one thread, with

    score train recipes/fashion-mnist/pgd-at.toml      # best.safetensors: the network, rounded to half precision for the file
    python3 tests/parity/cascade.py .. runs/pgd-at/best.safetensors tests/parity/cascade.safetensors

The file holds the network, and for each case the flags after each attack and the final images' digest: SHA-256 of their bytes, for the whole case,
and of single images for the small ones. Radii are such that about half of the images are broken.
"""

import gzip
import hashlib
import json
import struct
import sys

import numpy
import torch
from safetensors.torch import load_file, save_file

sys.path.insert(0, sys.argv[1])
sys.path.insert(0, __file__.rsplit("/", 1)[0])
import autoattack.checks
import autoattack.state
from autoattack import AutoAttack
from reference import Small

FOLDER = "/usr/share/datasets/fashion-mnist/"
# Norm, radius, version, images, batch, queries of Square.
CASES = [
    ("linf", 0.1, "standard", 24, 16, 300),
    ("l2", 1.5, "standard", 24, 16, 300),
    ("l1", 12.0, "standard", 24, 16, 300),
    ("linf", 0.1, "plus", 12, 12, 100),
    ("linf", 0.1, "standard", 512, 128, 5000),
    ("l2", 1.5, "standard", 512, 128, 5000),
    ("l1", 12.0, "standard", 512, 128, 5000),
]
NAMES = {"linf": "Linf", "l2": "L2", "l1": "L1"}


def idx(name):
    data = gzip.open(FOLDER + name).read()
    axes = data[3]
    shape = struct.unpack(">" + "I" * axes, data[4 : 4 + 4 * axes])
    return torch.from_numpy(numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * axes).copy()).view(*shape)


def main():
    torch.set_num_threads(1)
    # It traces Python calls, and says nothing of the flags.
    autoattack.checks.check_dynamic = lambda *_, **__: None
    weights = {name: tensor.half() for name, tensor in load_file(sys.argv[2]).items()}
    model = Small()
    model.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    model.eval()
    images = idx("t10k-images-idx3-ubyte.gz").unsqueeze(1).float() / 255
    labels = idx("t10k-labels-idx1-ubyte.gz").long()
    tensors = dict(weights)
    about = []
    for norm, radius, version, count, batch, queries in CASES:
        flags = {}
        seconds = {}

        def capture(state, attack, add=autoattack.state.EvaluationState.add_run_attack):
            flags[attack] = state.robust_flags.clone()
            return add(state, attack)

        attack = AutoAttack(model, norm=NAMES[norm], eps=radius, seed=0, verbose=False, device="cpu", version=version)
        attack.square.n_queries = queries
        original = autoattack.state.EvaluationState.add_run_attack
        autoattack.state.EvaluationState.add_run_attack = capture
        x, y = images[:count], labels[:count]
        found = attack.run_standard_evaluation(x, y, bs=batch).contiguous()
        autoattack.state.EvaluationState.add_run_attack = original
        name = f"{norm}-{version}-{count}"
        for step, robust in flags.items():
            tensors[f"{name}.{step}"] = robust.to(torch.uint8)
        digest = hashlib.sha256(found.numpy().tobytes()).hexdigest()
        if count < 100:
            # Enough to say how far apart images are, if they are.
            tensors[f"{name}.images"] = found.half()
        about.append(dict(name=name, norm=norm, epsilon=str(radius), version=version, images=count, batch=batch, queries=queries, sha256=digest))
        print(name, {step: int(robust.sum()) for step, robust in flags.items()}, flush=True)
        save_file(tensors, sys.argv[3], metadata={"cases": json.dumps(about)})


main()
