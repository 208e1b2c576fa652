"""What PyTorch's optimisers, schedules and averages do: writes optimisation.json beside this file, for tests/train_optimisation.rs.

Run with PyTorch 2.11: python tests/parity/optimisation.py
"""

import json
import math
import pathlib

import torch

torch.manual_seed(0)
STEPS = 6


def vector(n):
    return torch.randn(n, dtype=torch.float64)


def sgd(name, *, nesterov, decay, clip=None, cycle=None):
    """Two parameters, of which the second does not decay, under given gradients."""
    parameters = [torch.nn.Parameter(vector(5)), torch.nn.Parameter(vector(3))]
    start = [p.detach().tolist() for p in parameters]
    groups = [{"params": parameters[:1], "weight_decay": decay}, {"params": parameters[1:], "weight_decay": 0.0}]
    optimiser = torch.optim.SGD(groups, lr=0.1, momentum=0.9, nesterov=nesterov)
    schedule = None
    if cycle is not None:
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=0.1, pct_start=0.4, total_steps=STEPS, cycle_momentum=cycle)
    gradients, after, rates = [], [], []
    for _ in range(STEPS):
        for p in parameters:
            p.grad = vector(len(p))
        gradients.append([p.grad.tolist() for p in parameters])
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(parameters, clip)
        rates.append([optimiser.param_groups[0]["lr"], optimiser.param_groups[0]["momentum"]])
        optimiser.step()
        if schedule is not None:
            schedule.step()
        after.append([p.detach().tolist() for p in parameters])
    return {
        "name": name, "nesterov": nesterov, "decay": decay, "clip": clip,
        "start": start, "gradients": gradients, "rates": rates, "after": after,
    }


def rates(make, total, lr=0.1):
    """Rate and momentum at each position."""
    optimiser = torch.optim.SGD([torch.nn.Parameter(vector(1))], lr=lr, momentum=0.9)
    schedule = make(optimiser)
    found = []
    for _ in range(total):
        found.append([optimiser.param_groups[0]["lr"], optimiser.param_groups[0]["momentum"]])
        optimiser.step()
        schedule.step() if len(found) < total else None
    return found


def schedules():
    s = torch.optim.lr_scheduler
    cycle = lambda total, cycled, start: lambda o: s.OneCycleLR(
        o, max_lr=0.1, pct_start=start, total_steps=total, cycle_momentum=cycled
    )
    return [
        {"kind": "one-cycle", "warmup": 0.025, "cycle": True, "rates": rates(cycle(400, True, 0.025), 400)},
        {"kind": "one-cycle", "warmup": 0.3, "cycle": True, "rates": rates(cycle(37, True, 0.3), 37)},
        {"kind": "one-cycle", "warmup": 0.3, "cycle": False, "rates": rates(cycle(37, False, 0.3), 37)},
        {"kind": "cosine", "rates": rates(lambda o: s.CosineAnnealingLR(o, T_max=30), 30)},
        {"kind": "step", "milestones": [5, 8], "factor": 0.1,
         "rates": rates(lambda o: s.MultiStepLR(o, milestones=[5, 8], gamma=0.1), 12)},
    ]


def average():
    """torch.optim.swa_utils.AveragedModel with the rule of the average as its avg_fn."""
    warmup, decay, total = 3, 0.5, 14
    model = torch.nn.Linear(4, 1, dtype=torch.float64)

    def rule(average, value, _):
        since = step - warmup
        weight = 0.0 if since < 0 else min(decay, (1 + since) / (10 + since))
        return weight * average + (1 - weight) * value

    averaged = torch.optim.swa_utils.AveragedModel(model, avg_fn=rule)
    start, values, averages = model.weight.detach().flatten().tolist(), [], []
    step = 0
    averaged.update_parameters(model)  # its first call copies, whatever the rule
    for step in range(1, total + 1):
        with torch.no_grad():
            model.weight.copy_(vector(4).view(1, 4))
        averaged.update_parameters(model)
        values.append(model.weight.detach().flatten().tolist())
        averages.append(averaged.module.weight.detach().flatten().tolist())
    return {"warmup": warmup, "decay": decay, "start": start, "values": values, "averages": averages}


document = {
    "torch": torch.__version__.split("+")[0],
    "sgd": [
        sgd("plain", nesterov=False, decay=0.0),
        sgd("nesterov", nesterov=True, decay=5e-2),
        sgd("heavy-ball", nesterov=False, decay=5e-2),
        sgd("clipped", nesterov=True, decay=5e-2, clip=1.5),
        sgd("one-cycle", nesterov=True, decay=5e-2, cycle=True),
        sgd("one-cycle-fixed-momentum", nesterov=True, decay=5e-2, cycle=False),
    ],
    "schedules": schedules(),
    "average": average(),
}
assert all(math.isfinite(x) for case in document["sgd"] for row in case["after"] for p in row for x in p)
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(document) + "\n")
