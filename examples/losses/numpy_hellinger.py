"""The Hellinger distance in NumPy, for `score check-loss python3 examples/losses/numpy_hellinger.py`."""
import json
import sys

import numpy as np


def hellinger(a, b):
    return np.sqrt(np.sum((np.sqrt(a) - np.sqrt(b)) ** 2, axis=1) / 2)


print(json.dumps({"protocol": 1, "name": "Hellinger", "kind": "divergence", "input": "probabilities", "dtype": "float32",
                  "claims": {"symmetric": True, "triangle": True, "pinsker": 0.5, "equals": "hellinger"}}))
for line in sys.stdin:
    batch = json.loads(line)
    a, b = (np.asarray(batch[key], dtype=np.float32) for key in ("a", "b"))
    print(json.dumps({"loss": hellinger(a, b).tolist()}))
