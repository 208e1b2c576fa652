"""Writes modules/*.pt: losses in TorchScript, right ones and wrong ones, for tests/check_loss.rs.

Set-up (any Python with this package; the version with which the files were written):

    python3 -m venv venv && venv/bin/pip install torch==2.11.0 numpy
    venv/bin/python tests/parity/modules.py
"""

import json
import pathlib
import zipfile

import torch
from torch import nn
from torch.nn import functional as F

OUT = pathlib.Path(__file__).with_name("modules")


class Trades(nn.Module):
    def forward(self, logits, attacked, target):
        robust = F.kl_div(F.log_softmax(attacked, 1), F.log_softmax(logits, 1), reduction="batchmean", log_target=True)
        return F.cross_entropy(logits, target) + 6.0 * robust


class DetachedTrades(nn.Module):
    def forward(self, logits, attacked, target):
        clean = F.log_softmax(logits, 1).detach()
        robust = F.kl_div(F.log_softmax(attacked, 1), clean, reduction="batchmean", log_target=True)
        return F.cross_entropy(logits, target) + 6.0 * robust


class LogitKL(nn.Module):
    """KL of two softmaxes, in the arithmetic of its inputs."""

    def forward(self, a, b):
        p, q = F.log_softmax(a, 1), F.log_softmax(b, 1)
        return (p.exp() * (p - q)).sum(1)


class Weighted(nn.Module):
    """Cross-entropy with a weight for each of ten classes, in double precision."""

    def __init__(self):
        super().__init__()
        self.register_buffer("weight", torch.linspace(1, 2, 10, dtype=torch.float64))

    def forward(self, logits, target):
        return F.cross_entropy(logits, target, weight=self.weight, reduction="none")


class Soft(nn.Module):
    """Cross-entropy with label distributions."""

    def forward(self, logits, target):
        return -(target * F.log_softmax(logits, 1)).sum(1)


class Sum(nn.Module):
    def forward(self, logits, target):
        return F.cross_entropy(logits, target, reduction="sum")


class Single(nn.Module):
    """Cross-entropy through a matrix of single precision, which takes nothing else."""

    def __init__(self):
        super().__init__()
        self.register_buffer("identity", torch.eye(4))

    def forward(self, logits, target):
        return F.cross_entropy(logits @ self.identity, target)


class SquaredError(nn.Module):
    def forward(self, a, b):
        return (a - b).square().sum(1)


class CrossEntropy(nn.Module):
    """Cross-entropy, and ways to be no loss: what `broken` says happens from six classes on."""

    def __init__(self, broken: str):
        super().__init__()
        self.broken = broken

    def forward(self, logits, target):
        losses = F.cross_entropy(logits, target, reduction="none")
        if self.broken == "detached":
            return losses.detach()
        if logits.shape[1] < 6 or self.broken == "":
            return losses
        if self.broken == "nan":
            return losses * float("nan")
        if self.broken == "shape":
            return losses.unsqueeze(1)
        if self.broken == "dtype":
            return losses.long()
        if self.broken == "raises":
            assert logits.shape[1] < 6, "five classes at most"
        if self.broken == "prints":
            print("step", logits.shape[1])
        while self.broken == "hangs":
            losses = losses * 1.0
        return losses


def save(file, module, **greeting):
    path = OUT / f"{file}.pt"
    torch.jit.save(module, path, {"greeting": json.dumps({"protocol": 1, **greeting})} if greeting else {})
    # Where each line of code stood, which nobody needs: folders of the machine, and most of the bytes.
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist() if not part.endswith(".debug_pkl")}
    with zipfile.ZipFile(path, "w") as archive:
        for part, data in parts.items():
            archive.writestr(zipfile.ZipInfo(part), data)


equal_to_trades = {"equals": "trades(cross-entropy, kl, 6)"}
save("trades", torch.jit.script(Trades()), name="TRADES", kind="objective", attacked=True, reduction="mean", dtype="float32",
     gradient=True, claims=equal_to_trades)
save("detached-trades", torch.jit.script(DetachedTrades()), claims=equal_to_trades)
save("logit-kl", torch.jit.script(LogitKL()))
save("weighted", torch.jit.script(Weighted()))
save("soft", torch.jit.script(Soft()), target="distributions")
save("squared-error", torch.jit.trace(SquaredError(), (torch.rand(3, 4), torch.rand(3, 4))))
save("sum", torch.jit.script(Sum()))
save("float32", torch.jit.script(Single()))
save("cross-entropy", torch.jit.script(CrossEntropy("")))
for broken in ("detached", "nan", "shape", "dtype", "raises", "prints", "hangs"):
    save(broken, torch.jit.script(CrossEntropy(broken)))
torch.save({"weight": torch.zeros(2)}, OUT / "state.pt")
