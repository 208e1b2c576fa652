#!/usr/bin/env python3
"""The four risks of one-dimensional problems, computed apart from the Rust library and by another method.

    R_Standard = E_x D(P(x), Q(x))             R_Madry = E_x max_{|u - x| <= eps} D(P(x), Q(u))
    C          = E_x max D(P(x), P(u))         R_SCORE = E_x max D(P(u), Q(u))

The library cuts the line where it solves for the branches of the inner maximum. This program solves for nothing:

* The inner maximum at a point x is searched: samples of the window that follow the curves P and Q closely, then
  golden sections around every sample that could hide it. No divergence or number of classes is special.
* The outer integral is adaptive: a cell is halved until two Gauss-Legendre rules agree on it to 1e-16, so that a kink
  is closed in by bisection, wherever it is.
* All of it in 80-bit floating point (64-bit mantissa), with inputs read as exact decimals or rationals.
* Every integral is done twice, from other first cuts, with other samples and rules, and what it claims is
  agreement = |first - second| / max(1, |first|).

    oracle.py             validate against the references, then write tests/data/known.json and catalogue/known.json
    oracle.py --check     validate only
    oracle.py --problem FILE.json   print the four risks of each problem of a file like reference.json
"""

import argparse
import json
import multiprocessing
import pathlib
import sys
import time
import tomllib
from fractions import Fraction

import mpmath
import numpy as np

Long = np.longdouble
DATA = pathlib.Path(__file__).resolve().parent.parent / "data"
CATALOGUE = DATA.parent.parent / "catalogue"
RISKS = ("standard", "madry", "score", "variation")
DIVERGENCES = ("kl", "reverse-kl", "l1", "total-variation", "l2", "linf", "hellinger", "jensen-shannon",
               "squared-error", "chi-squared")
# The first and the second computation: number of uniform samples, largest step of a probability between
# neighbouring samples, one cut at every so many samples, shift of the cuts, the two Gauss-Legendre orders.
PASSES = (
    {"samples": 1200, "step": 0.04, "stride": 11, "shift": 0, "orders": (8, 13)},
    {"samples": 1700, "step": 0.03, "stride": 17, "shift": 5, "orders": (7, 12)},
)
CELL_TOLERANCE = 1e-16


def exact(number):
    """A number of a problem file (a numeral kept as text, or "5/6") as the nearest 80-bit float."""
    ratio = Fraction(str(number).replace(" ", ""))
    return Long(str(ratio.numerator)) / Long(str(ratio.denominator))


def array(nested):
    """Nested lists of numbers as an array of 80-bit floats."""
    if isinstance(nested, list):
        return np.array([array(item) for item in nested], dtype=Long)
    return exact(nested)


def log_sum_exp(terms):
    top = terms.max(axis=-1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    return (top + np.log(np.exp(terms - top).sum(axis=-1, keepdims=True)))[..., 0]


def log_softmax(logits):
    return logits - log_sum_exp(logits)[..., None]


class Mixture:
    """A Gaussian mixture per class on the line."""

    def __init__(self, law):
        assert law["kind"] == "gaussian-mixture", law["kind"]
        self.parts = []  # per class: log of prior times weight, mean, variance, of each component
        for label in law["classes"]:
            components = label["components"]
            weight = array([c.get("weight", "1") for c in components])
            mean = array([c["mean"] for c in components])[:, 0]
            variance = array([self.variance(c) for c in components])
            self.parts.append((np.log(exact(label["prior"]) * weight), mean, variance))

    @staticmethod
    def variance(component):
        if "covariance" in component:
            return component["covariance"][0][0]
        if "variances" in component:
            return component["variances"][0]
        return component["variance"]

    def log_joint(self, x):
        two_pi = Long(2) * np.arctan2(Long(0), Long(-1))
        columns = []
        for log_weight, mean, variance in self.parts:
            quadratic = (x[..., None] - mean) ** 2 / variance
            columns.append(log_sum_exp(log_weight - (quadratic + np.log(two_pi * variance)) / 2))
        return np.stack(columns, axis=-1)

    def log_probabilities(self, x):
        return log_softmax(self.log_joint(x))

    def density(self, x):
        return np.exp(log_sum_exp(self.log_joint(x)))

    def components(self):
        return [(m, np.sqrt(v)) for _, mean, variance in self.parts for m, v in zip(mean, variance)]


class Softmax:
    """A model that is the softmax of logits, or constant."""

    def __init__(self, model):
        self.kind = model["kind"]
        self.kinks = []
        if self.kind == "linear":
            self.weights, self.bias = array(model["weights"])[:, 0], array(model["bias"])
        elif self.kind == "quadratic":
            self.matrices = array(model["matrices"])[:, 0, 0]
            self.weights, self.bias = array(model["weights"])[:, 0], array(model["bias"])
        elif self.kind == "mlp":
            self.activation = model["activation"]
            self.layers = [(array(layer["weights"]), array(layer["bias"])) for layer in model["layers"]]
        elif self.kind == "constant":
            with np.errstate(divide="ignore"):
                self.log_constant = np.log(array(model["probabilities"]))
        else:
            raise ValueError(f"unknown model {self.kind}")

    def activate(self, z):
        softplus = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
        return {
            "tanh": lambda: np.tanh(z),
            "relu": lambda: np.maximum(z, 0),
            "softplus": lambda: softplus,
            "sigmoid": lambda: np.exp(z - softplus),
            "silu": lambda: z * np.exp(z - softplus),
        }[self.activation]()

    def preactivations(self, x):
        """The values that enter each activation, and last the logits; no matrix product loses the 80 bits."""
        h = x[..., None]
        for i, (weights, bias) in enumerate(self.layers):
            z = (h[..., None, :] * weights).sum(axis=-1) + bias
            yield z
            if i + 1 < len(self.layers):
                h = self.activate(z)

    def log_probabilities(self, x):
        if self.kind == "constant":
            return np.broadcast_to(self.log_constant, (*x.shape, len(self.log_constant)))
        if self.kind == "mlp":
            *_, logits = self.preactivations(x)
            return log_softmax(logits)
        logits = x[..., None] * self.weights + self.bias
        if self.kind == "quadratic":
            logits = logits + x[..., None] ** 2 * self.matrices
        return log_softmax(logits)

    def find_kinks(self, grid):
        """The inputs at which a relu bends, by bisection of the sign changes on `grid`."""
        if self.kind != "mlp" or self.activation != "relu":
            return np.array([], dtype=Long)
        found = []
        for i, z in enumerate(list(self.preactivations(grid))[:-1]):
            for unit in range(z.shape[-1]):
                changes = np.flatnonzero((z[:-1, unit] > 0) != (z[1:, unit] > 0))
                low, high = grid[changes], grid[changes + 1]
                side = z[changes, unit] > 0
                for _ in range(80):
                    middle = (low + high) / 2
                    same = (list(self.preactivations(middle))[i][:, unit] > 0) == side
                    low, high = np.where(same, middle, low), np.where(same, high, middle)
                found.extend(high)
        return np.array(sorted(found), dtype=Long)


def make_model(model):
    return Mixture(model["law"]) if model["kind"] == "bayes" else Softmax(model)


def entropy_gap(t):
    """(1 + t) ln(1 + t) + (1 - t) ln(1 - t) on [-1, 1], without cancellation near 0."""
    near = np.abs(t) < 0.02
    s = np.where(near, t, 0) ** 2
    series = s * (1 + s * (1 / Long(6) + s * (1 / Long(15) + s * (1 / Long(28) + s * (1 / Long(45) + s / 66)))))
    u = np.where(near, 0, np.abs(t))
    rest = np.where(u < 1, 1 - u, 1)
    return np.where(near, series, (1 + u) * np.log1p(u) + np.where(u < 1, rest * np.log(rest), 0))


def divergence(name, la, lb):
    """D(a, b) over the last axis, from the logarithms of the probabilities."""
    a, b = np.exp(la), np.exp(lb)
    if name in ("kl", "reverse-kl"):
        if name == "reverse-kl":
            a, b, la, lb = b, a, lb, la
        positive = a > 0
        return np.where(positive, a * (np.where(positive, la, 0) - lb), 0).sum(axis=-1)
    d = a - b
    if name == "l1":
        return np.abs(d).sum(axis=-1)
    if name == "total-variation":
        return np.abs(d).sum(axis=-1) / 2
    if name == "l2":
        return np.sqrt((d * d).sum(axis=-1))
    if name == "linf":
        return np.abs(d).max(axis=-1)
    if name == "squared-error":
        return (d * d).sum(axis=-1)
    if name == "hellinger":
        return np.sqrt(((np.exp(la / 2) - np.exp(lb / 2)) ** 2).sum(axis=-1) / 2)
    if name == "jensen-shannon":
        m = (a + b) / 2
        t = np.where(m > 0, d / np.where(m > 0, a + b, 1), 0)
        return np.sqrt((m * entropy_gap(t)).sum(axis=-1) / 2)
    if name == "chi-squared":
        with np.errstate(divide="ignore"):
            return np.exp(lb + 2 * np.log(np.abs(np.expm1(la - lb)))).sum(axis=-1)
    raise ValueError(f"unknown divergence {name}")


GOLDEN = (np.sqrt(Long(5)) - 1) / 2


def golden_maximum(function, low, high, steps=46):
    """The largest value seen by golden sections of [low, high], rowwise; a smooth peak's value to full precision."""
    c, d = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    fc, fd = function(c), function(d)
    best, where = np.maximum(fc, fd), np.where(fc >= fd, c, d)
    for _ in range(steps):
        left = fc >= fd
        low, high = np.where(left, low, c), np.where(left, d, high)
        probe = np.where(left, high - GOLDEN * (high - low), low + GOLDEN * (high - low))
        value = function(probe)
        c, d = np.where(left, probe, d), np.where(left, c, probe)
        fc, fd = np.where(left, value, fd), np.where(left, fc, value)
        where = np.where(value > best, probe, where)
        best = np.maximum(best, value)
    return best, where


class Problem:
    def __init__(self, law, model, name, epsilon, options):
        self.law, self.model, self.name, self.epsilon = Mixture(law), make_model(model), name, exact(epsilon)
        self.options = options
        self.set_range()
        if not self.infinite:
            self.sample()

    def p(self, x):
        return self.law.log_probabilities(x)

    def q(self, x):
        return self.model.log_probabilities(x)

    def set_range(self):
        """Where the integrands stand above 1e-26 of their peak, with room for the growth of the divergence."""
        parts = self.law.components()
        reach = 12 if self.name != "chi-squared" else 60
        low = min(m - reach * s for m, s in parts)
        high = max(m + reach * s for m, s in parts)
        x = np.linspace(low, high, 40001, dtype=Long)
        eps = self.epsilon
        worst = np.zeros_like(x)
        for u in (x - eps, x, x + eps):
            for v in (x, u):
                worst = np.maximum(worst, divergence(self.name, self.p(v), self.q(u)))
        weight = self.law.density(x) * (worst + 1)
        alive = np.flatnonzero(weight > 1e-26 * max(1, weight.max()))
        self.infinite = not np.isfinite(weight).all() or alive[0] == 0 or alive[-1] == len(x) - 1
        if not self.infinite:
            self.low, self.high = x[alive[0] - 1], x[alive[-1] + 1]

    def sample(self):
        """Samples u of the line on which the curves P and Q are followed step by step."""
        options, eps = self.options, self.epsilon
        low, high = self.low - eps, self.high + eps
        marks = [m + k * s for m, s in self.law.components() for k in (-8, -4, -2, -1, 0, 1, 2, 4, 8)]
        if isinstance(self.model, Mixture):
            marks += [m + k * s for m, s in self.model.components() for k in (-8, -4, -2, -1, 0, 1, 2, 4, 8)]
        u = np.concatenate([np.linspace(low, high, options["samples"], dtype=Long), np.array(marks, dtype=Long)])
        u = np.unique(u[(u >= low) & (u <= high)])
        for _ in range(24):
            step = np.maximum(*(np.abs(np.diff(np.exp(f(u)), axis=0)).max(axis=1) for f in (self.p, self.q)))
            coarse = np.flatnonzero(step > options["step"])
            if len(coarse) == 0:
                break
            u = np.sort(np.concatenate([u, (u[coarse] + u[coarse + 1]) / 2]))
        self.kinks = self.model.find_kinks(u) if isinstance(self.model, Softmax) else np.array([], dtype=Long)
        u = np.unique(np.concatenate([u, self.kinks]))
        self.u, self.pu, self.qu = u, self.p(u), self.q(u)
        f = divergence(self.name, self.pu, self.qu)
        peaks = np.flatnonzero((f[1:-1] >= f[:-2]) & (f[1:-1] >= f[2:]) & (f[1:-1] > 0)) + 1
        value, place = golden_maximum(self.standard, u[peaks - 1], u[peaks + 1])
        self.peaks = np.concatenate([place, self.kinks])
        self.peak_values = np.concatenate([value, self.standard(self.kinks)])

    def standard(self, x):
        return divergence(self.name, self.p(x), self.q(x))

    def score(self, x):
        best = np.maximum(self.standard(x - self.epsilon), self.standard(x + self.epsilon))
        for place, value in zip(self.peaks, self.peak_values):
            best = np.where(np.abs(x - place) <= self.epsilon, np.maximum(best, value), best)
        return best

    def madry(self, x):
        return self.search(x, self.q, self.qu)

    def variation(self, x):
        return self.search(x, self.p, self.pu)

    def search(self, x, curve, curve_at_samples):
        """max over |u - x| <= eps of D(P(x), curve(u)), for every x of a vector."""
        best = np.empty_like(x)
        first = np.searchsorted(self.u, x - self.epsilon, side="right")
        last = np.searchsorted(self.u, x + self.epsilon, side="left")
        order = np.argsort(last - first)
        start = 0
        while start < len(x):  # chunks of rows with windows of like length
            rows = order[start:start + max(1, 400_000 // int((last - first)[order[start]] * 2 + 50))]
            rows = rows[(last - first)[rows] <= 1.5 * (last - first)[rows[0]] + 20]
            best[rows] = self.search_rows(x[rows], first[rows], last[rows], curve, curve_at_samples)
            start += len(rows)
        return best

    def search_rows(self, x, first, last, curve, curve_at_samples):
        low, high = x - self.epsilon, x + self.epsilon
        px = self.p(x)
        width = max(int((last - first).max()), 0)
        index = np.minimum(first[:, None] + np.arange(width), np.maximum(last - 1, first)[:, None])
        inside = np.arange(width) < (last - first)[:, None]
        index = np.clip(index, 0, len(self.u) - 1)
        u = np.column_stack([low, np.where(inside, self.u[index], high[:, None]), high])
        log_q = np.concatenate([curve(low)[:, None], curve_at_samples[index], curve(high)[:, None]], axis=1)
        log_q[:, 1:-1][~inside] = np.broadcast_to(log_q[:, -1:], log_q[:, 1:-1].shape)[~inside]
        # The samples only point to the brackets: double precision will do for that.
        value = divergence(self.name, px[:, None].astype(float), log_q.astype(float))
        ends = [divergence(self.name, px, curve(end)) for end in (low, high)]
        best = np.maximum(*ends)
        # A peak between two samples stands above the larger one by less than the largest step beside it.
        change = np.abs(np.diff(value, axis=1))
        before = np.concatenate([change[:, :1], change], axis=1)
        after = np.concatenate([change, change[:, -1:]], axis=1)
        room = 2 * np.maximum(before, after)
        padded = np.pad(value, ((0, 0), (1, 1)), constant_values=-np.inf)
        is_peak = (value >= padded[:, :-2]) & (value >= padded[:, 2:]) & (room > 0)
        row, column = np.nonzero(is_peak & (value + room >= value.max(axis=1, keepdims=True)))
        left = u[row, np.maximum(column - 1, 0)]
        right = u[row, np.minimum(column + 1, u.shape[1] - 1)]
        keep = right > left
        row, left, right = row[keep], left[keep], right[keep]
        found, _ = golden_maximum(lambda v: divergence(self.name, px[row], curve(v)), left, right)
        np.maximum.at(best, row, found)
        for kink in self.kinks:
            at = divergence(self.name, px, curve(np.full_like(x, kink)))
            best = np.where(np.abs(x - kink) <= self.epsilon, np.maximum(best, at), best)
        return best

    def cuts(self):
        """First cuts: some of the samples, and where they, the kinks and the peaks enter and leave the window."""
        eps, stride, shift = self.epsilon, self.options["stride"], self.options["shift"]
        some = self.u[shift::stride]
        sharp = np.concatenate([self.kinks, self.peaks])
        cuts = np.concatenate([some, some - eps, some + eps, sharp, sharp - eps, sharp + eps, [self.low, self.high]])
        cuts = np.unique(cuts[(cuts >= self.low) & (cuts <= self.high)])
        wide = np.concatenate([[True], np.diff(cuts) > 1e-9 * (1 + np.abs(cuts[1:]))])
        return cuts[wide]

    def integral(self, risk):
        function = getattr(self, risk)
        rules = [legendre(order) for order in self.options["orders"]]
        nodes = np.concatenate([*(rule[0] for rule in rules), [-1, 1]])
        size = len(rules[0][0])
        to_ends = extrapolation(rules[1][0])
        cuts = self.cuts()
        low, high = cuts[:-1], cuts[1:]
        total = Long(0)
        while len(low):
            middle, half = (low + high) / 2, (high - low) / 2
            x = middle[:, None] + half[:, None] * nodes
            values = (self.law.density(x.ravel()) * function(x.ravel())).reshape(x.shape)
            coarse = half * (values[:, :size] * rules[0][1]).sum(axis=1)
            fine = half * (values[:, size:-2] * rules[1][1]).sum(axis=1)
            # A kink beyond the outermost nodes is seen by no rule, but by the values at the ends.
            missed = np.abs(values[:, size:-2] @ to_ends - values[:, -2:]).max(axis=1) * half / 50
            small = half < 1e-17 * (1 + np.abs(middle))
            done = small | (np.maximum(np.abs(fine - coarse), missed) <= CELL_TOLERANCE + 1e-16 * np.abs(fine))
            total += fine[done].sum()
            low, high = (
                np.concatenate([low[~done], middle[~done]]),
                np.concatenate([middle[~done], high[~done]]),
            )
        return total


RULES = {}


def legendre(order):
    """Nodes and weights of Gauss-Legendre on [-1, 1] to 80 bits."""
    if order not in RULES:
        with mpmath.workdps(40):
            nodes, weights = [], []
            for guess in np.polynomial.legendre.leggauss(order)[0]:
                x = mpmath.findroot(lambda t: mpmath.legendre(order, t), mpmath.mpf(float(guess)))
                slope = order * (x * mpmath.legendre(order, x) - mpmath.legendre(order - 1, x)) / (x * x - 1)
                nodes.append(Long(mpmath.nstr(x, 30)))
                weights.append(Long(mpmath.nstr(2 / ((1 - x * x) * slope**2), 30)))
            RULES[order] = np.array(nodes, dtype=Long), np.array(weights, dtype=Long)
    return RULES[order]


def extrapolation(nodes):
    """The matrix that takes values at the nodes to their interpolating polynomial's values at -1 and 1."""
    columns = []
    for end in (-1, 1):
        factors = (end - nodes)[None, :] / (nodes[:, None] - nodes[None, :] + np.eye(len(nodes), dtype=Long))
        np.fill_diagonal(factors, 1)
        columns.append(factors.prod(axis=1))
    return np.column_stack(columns)


def risks(case):
    """{risk: (value, agreement)} of one problem; a value is None where the risk is infinite."""
    arguments = case["law"], case["model"], case["divergence"], case["epsilon"]
    with np.errstate(under="ignore", over="ignore", invalid="raise"):
        both = []
        for options in PASSES:
            problem = Problem(*arguments, options)
            if problem.infinite:
                return {risk: (None, 0.0) for risk in RISKS}
            both.append({})
            for risk in RISKS:
                if problem.epsilon == 0 and risk != "standard":
                    both[-1][risk] = Long(0) if risk == "variation" else both[-1]["standard"]
                else:
                    both[-1][risk] = problem.integral(risk)
    return {
        risk: (first, float(abs(first - both[1][risk]) / max(1, abs(first)))) for risk, first in both[0].items()
    }


def read(path):
    """The problems of a file; numerals stay text, since they denote exact decimals."""
    return json.loads(pathlib.Path(path).read_text(), parse_float=str, parse_int=str)


def solve(case):
    start = time.perf_counter()
    return case, risks(case), time.perf_counter() - start


# Two independent computations (proven balls at 200 bits, and quadrature with 45 digits) agree on these.
TOY_DIGITS = {
    ("l1", "standard"): "0.207999591005560691426400417648478228567450510",
    ("kl", "standard"): "0.0952048640546570101797555858282501570018808632",
    ("l1", "score"): "0.380776156641295512924698216890170485216763010",
    ("kl", "score"): "0.266354033846580063468176320175175351450733739",
}


def gaussian_classes(*classes):
    """The law with one normal component a class, from (prior, mean, variance)."""
    return {
        "kind": "gaussian-mixture",
        "classes": [
            {"prior": prior, "components": [{"mean": [mean], "covariance": [[variance]]}]}
            for prior, mean, variance in classes
        ],
    }


LAWS = {
    "toy": gaussian_classes(("5/6", "-1", "4"), ("1/6", "1", "1")),
    "three-classes": gaussian_classes(("0.5", "-2", "1"), ("0.3", "0", "0.25"), ("0.2", "2", "2")),
    "needle": gaussian_classes(("1/2", "0", "1e-4"), ("1/2", "0", "100")),
    "rare": gaussian_classes(("0.999999999999", "-1", "4"), ("1e-12", "1", "1")),
}
MODELS = {
    "toy-linear": {"kind": "linear", "weights": [["-1"], ["0"]], "bias": ["1", "0"]},
    "steep": {"kind": "linear", "weights": [["10000"], ["0"]], "bias": ["0", "0"]},
}
THREE_LINEAR = {"kind": "linear", "weights": [["-1"], ["0.1"], ["0.8"]], "bias": ["0", "0.3", "-0.2"]}
RELU = {
    "kind": "mlp",
    "activation": "relu",
    "layers": [
        {"weights": [["1.5"], ["-1"], ["2"], ["0.8"]], "bias": ["1", "0.5", "-3", "-2.4"]},
        {
            "weights": [["1", "-0.6", "0.3", "0.2"], ["-0.5", "0.9", "0.7", "-1.1"], ["0.4", "0.2", "-0.8", "1.3"]],
            "bias": ["-0.9", "0.2", "0.1"],
        },
        {"weights": [["-0.8", "0.5", "0.3"], ["0.6", "-0.7", "0.4"]], "bias": ["0.7", "-0.2"]},
    ],
}
TANH = {
    "kind": "mlp",
    "activation": "tanh",
    "layers": [
        {"weights": [["1.2"], ["-0.7"], ["2.5"]], "bias": ["0.3", "0.8", "-1.9"]},
        {"weights": [["-1.1", "0.6", "-0.4"], ["0.9", "-0.2", "0.7"]], "bias": ["0.6", "-0.3"]},
    ],
}
SELECTED = ("l1", "kl", "linf", "jensen-shannon", "chi-squared")
# (name, law, model, divergences, radii). chi-squared is left out where the risk does not fit into a double.
KNOWN = (
    ("toy", "toy", "toy-linear", DIVERGENCES, ("0", "0.25", "1", "3")),
    ("three-classes", "three-classes", THREE_LINEAR, SELECTED, ("0.5",)),
    ("needle", "needle", "toy-linear", SELECTED[:4], ("0.5",)),
    ("rare", "rare", "toy-linear", SELECTED, ("0.5",)),
    ("steep", "toy", "steep", SELECTED[:4], ("0.5",)),
    ("toy-relu", "toy", RELU, SELECTED, ("0.5",)),
    ("toy-tanh", "toy", TANH, SELECTED, ("0.5",)),
)


def known_cases():
    for name, law, model, divergences, radii in KNOWN:
        for epsilon in radii:
            for divergence_name in divergences:
                yield {
                    "name": f"{name}/{divergence_name}/{epsilon}",
                    "law_name": law,
                    "model_name": model if isinstance(model, str) else None,
                    "law": LAWS[law],
                    "model": MODELS[model] if isinstance(model, str) else model,
                    "divergence": divergence_name,
                    "epsilon": epsilon,
                    "norm": "linf",
                }


# The law that each model of the catalogue is meant for, as src/catalogue/mod.rs has it (the tests compare the two); and with
# `toy-linear` the laws that no model is meant for.
CATALOGUE_LAWS = {
    "toy": ("toy-linear", "toy-bayes", "toy-quadratic", "toy-tanh", "toy-relu"),
    "symmetric": ("steep", "coin"),
    "three-classes": ("three-linear", "three-bayes", "three-silu"),
    "four-classes": ("four-linear",),
    "two-modes": ("toy-linear",),
    "needle": ("toy-linear",),
    "rare": ("toy-linear",),
    "twins": ("toy-linear",),
    "witness-theorem-1": ("witness-theorem-1-lower", "witness-theorem-1-variation"),
}


def entry(folder, name):
    """A file of the catalogue; numerals stay text, and a law that is named is read in its place."""
    table = tomllib.loads((CATALOGUE / folder / f"{name}.toml").read_text(), parse_float=str)
    if table["kind"] == "bayes":
        table["law"] = entry("laws", table["law"])
    return table


def catalogue_case(law, model, divergence_name, epsilon):
    return {
        "name": f"{law}/{model}/{divergence_name}/{epsilon}",
        "law_name": law,
        "model_name": model,
        "law": entry("laws", law),
        "model": entry("models", model),
        "divergence": divergence_name,
        "epsilon": epsilon,
        "norm": "linf",
    }


def catalogue_cases():
    for law, models in CATALOGUE_LAWS.items():
        for model in models:
            for divergence_name in ("kl", "l1"):
                yield catalogue_case(law, model, divergence_name, "0.5")
    for witness in tomllib.loads((CATALOGUE / "witnesses.toml").read_text())["witnesses"]:
        for divergence_name in witness["divergences"]:
            yield catalogue_case(witness["law"], witness["model"], divergence_name, witness["epsilon"])


def named(case):
    """A case of the catalogue without what its files say."""
    law, model = case.pop("law_name"), case.pop("model_name")
    del case["name"]
    return {**case, "law": law, "model": model}


def validate(pool):
    """Refuses to go on unless the references come out."""
    worst = 0.0
    for case, found, seconds in pool.imap(solve, read(DATA / "reference.json")):
        error = max(float(abs(value - exact(case["expected"][risk]))) for risk, (value, _) in found.items())
        print(f"{case['name']:10} {case['divergence']:16} error {error:.1e}  {seconds:6.1f} s", flush=True)
        worst = max(worst, error)
    assert worst < 1e-12, f"the references of reference.json are missed by {worst}"
    toy = [{"law": LAWS["toy"], "model": MODELS["toy-linear"], "divergence": d, "epsilon": "1"} for d in ("l1", "kl")]
    for case, found, _ in pool.imap(solve, toy):
        for risk in ("standard", "score"):
            error = float(abs(found[risk][0] - Long(TOY_DIGITS[case["divergence"], risk])))
            print(f"toy, eps 1  {risk} {case['divergence']}: error {error:.1e} against 40 digits")
            assert error < 1e-14, "the 40-digit values of the toy are missed"
    print(f"validated: reference.json to {worst:.1e}")


def write_known(pool, cases, path, shape=lambda case: case):
    out = []
    for case, found, seconds in pool.imap(solve, list(cases)):
        agreement = max(a for _, a in found.values())
        print(f"{case['name']:36} agreement {agreement:.1e}  {seconds:6.1f} s", flush=True)
        if agreement > 1e-13:
            print("    left out: the two computations disagree")
            continue
        case = {key: value for key, value in case.items() if value is not None}
        case["epsilon"] = float(case["epsilon"])
        case["expected"] = {risk: "inf" if v is None else float(v) for risk, (v, _) in found.items()}
        case["agreement"] = agreement
        out.append(shape(case))
    path.write_text(json.dumps(out, indent=1) + "\n")
    print(f"{len(out)} cases written to {path}")


def main():
    if np.finfo(Long).eps > 2e-19:
        sys.exit("oracle: this machine's long double is no wider than a double; run it on x86-64")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="validate only")
    parser.add_argument("--problem", metavar="FILE", help="print the risks of the problems of FILE")
    options = parser.parse_args()
    with multiprocessing.Pool() as pool:
        if options.problem:
            for case, found, _ in pool.imap(solve, read(options.problem)):
                shown = {risk: "inf" if v is None else str(v) for risk, (v, _) in found.items()}
                print(json.dumps({"name": case.get("name"), **shown, "agreement": max(a for _, a in found.values())}))
            return
        validate(pool)
        if not options.check:
            write_known(pool, known_cases(), DATA / "known.json")
            write_known(pool, catalogue_cases(), CATALOGUE / "known.json", named)


if __name__ == "__main__":
    main()
