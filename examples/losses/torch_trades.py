"""TRADES in PyTorch with its gradient, for `score check-loss python3 examples/losses/torch_trades.py`."""
import json
import sys

import torch
import torch.nn.functional as F


def trades(logits, attacked, target, beta=6.0):
    robust = F.kl_div(F.log_softmax(attacked, 1), F.log_softmax(logits, 1), reduction="batchmean", log_target=True)
    return F.cross_entropy(logits, target) + beta * robust


print(json.dumps({"protocol": 1, "name": "TRADES", "kind": "objective", "attacked": True, "reduction": "mean",
                  "dtype": "float32", "gradient": True, "claims": {"equals": "trades(cross-entropy, kl, 6)"}}))
for line in sys.stdin:
    batch = json.loads(line)
    inputs = {key: torch.tensor(batch[key], requires_grad=True) for key in ("logits", "attacked")}
    loss = trades(**inputs, target=torch.tensor(batch["target"]))
    loss.backward()
    print(json.dumps({"loss": loss.item(), "gradient": {key: x.grad.tolist() for key, x in inputs.items()}}))
