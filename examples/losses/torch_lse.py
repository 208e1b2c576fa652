"""SCORE's LSE in PyTorch with its gradient, for `score check-loss python3 examples/losses/torch_lse.py`."""
import json
import sys

import torch
import torch.nn.functional as F


def lse(logits, attacked, target, beta=4.0):
    p, q = F.softmax(logits, 1), F.softmax(attacked, 1)
    first = (F.one_hot(target, p.shape[1]) - p).square().sum(1).mean()
    return first + beta * (p - q).square().sum(1).mean()


print(json.dumps({"protocol": 1, "name": "LSE", "kind": "objective", "attacked": True, "reduction": "mean", "dtype": "float32",
                  "gradient": True, "claims": {"equals": "trades(squared-error, squared-error, 4)", "proper": True}}))
for line in sys.stdin:
    batch = json.loads(line)
    inputs = {key: torch.tensor(batch[key], requires_grad=True) for key in ("logits", "attacked")}
    loss = lse(**inputs, target=torch.tensor(batch["target"]))
    loss.backward()
    print(json.dumps({"loss": loss.item(), "gradient": {key: x.grad.tolist() for key, x in inputs.items()}}))
