"""Writes published.safetensors: a small network in a file of the layout of SCORE's weights-best.pt, converted by the line in src/train/network/files.rs.

    venv/bin/python tests/parity/published.py        # set-up as for reference.py

Two networks lie in such a file, each inside two modules, and they share the statistics of their normalisations. The weights of the one that is wanted are
those of reference.py, whose logits tests/parity.rs expects of it; the other has twice as large ones.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import torch

from reference import fill, make

HERE = pathlib.Path(__file__).parent


def state(model):
    return {f"module.0.{name}": tensor for name, tensor in model.state_dict().items()}


averaged, live = fill(make("wrn-10-1")), fill(make("wrn-10-1"))
with torch.no_grad():
    for parameter in live.parameters():
        parameter *= 2
for own, other in zip(averaged.modules(), live.modules()):
    for name in list(own._buffers):
        own._buffers[name] = other._buffers[name]

source = (HERE / "../../src/train/network/files.rs").read_text()
line = re.search(r"^//! (python3 -c .*)$", source, re.MULTILINE).group(1)
path = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
for whole in (
    {"model_state_dict": state(averaged), "unaveraged_model_state_dict": state(live)},
    {"state_dict": state(averaged)},
    state(averaged),
):
    with tempfile.TemporaryDirectory() as folder:
        torch.save(whole, f"{folder}/weights-best.pt")
        subprocess.run(["bash", "-c", line], cwd=folder, env={**os.environ, "PATH": path}, check=True)
        shutil.copyfile(f"{folder}/weights.safetensors", HERE / "published.safetensors")
    print((HERE / "published.safetensors").stat().st_size)
