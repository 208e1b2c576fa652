#!/usr/bin/env python3
"""R_SCORE of the slides' toy law by the ways in which a user would compute it today, beside the project's own.

    peers.py PATH-OF-THE-PEERS-EXAMPLE        (make peers builds the example and calls this)

The law is p(y=0) = 5/6, p(x|y=0) = N(-1, 4), p(x|y=1) = N(1, 1), the model p(0|x) = sigmoid(1 - x), eps = 1:

    R_SCORE = int p(x) max_{|u - x| <= 1} D(P(u), Q(u)) dx.

True errors are against values that two independent methods gave to 40 digits. Times are medians on this machine.
"""

import json
import math
import platform
import statistics
import subprocess
import sys
import time

import flint
import mpmath
import numpy as np
import scipy
from mpmath import mpf
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

with mpmath.workdps(45):
    TRUE = {
        "l1": mpf("0.380776156641295512924698216890170485216763010"),
        "kl": mpf("0.266354033846580063468176320175175351450733739"),
    }
# Found by hand: where f has its maximum, and where the sliding maximum changes from one branch to the next.
# A piece is (from, to, the shift of x at which f is taken, or None for the constant f(c)).
C = {"l1": "-0.8744306645602760902830829", "kl": "-1.625691761217285573299677"}
SWITCH = {"l1": "-0.3384696677493408289032126", "kl": "0.07405921410241167119067526"}
# Beyond 20 the integrands hold less than 1e-17, beyond 40 less than 1e-70.
EDGE = 20
FAR_EDGE = 40


def pieces(name, number, edge):
    """The pieces of the sliding maximum: f(x + 1), then f(c), for KL then f(x - 1), and then f(x + 1) again."""
    c, switch = number(C[name]), number(SWITCH[name])
    if name == "l1":
        return [(-edge, c - 1, 1), (c - 1, switch, None), (switch, edge, 1)]
    return [(-edge, c - 1, 1), (c - 1, c + 1, None), (c + 1, switch, -1), (switch, edge, 1)]


# --- double precision, as a user of SciPy writes it -------------------------------------------------------------------


def density(x):
    a = 5 / 6 * math.exp(-((x + 1) ** 2) / 8) / math.sqrt(8 * math.pi)
    b = 1 / 6 * math.exp(-((x - 1) ** 2) / 2) / math.sqrt(2 * math.pi)
    return a + b


def softplus(z):
    return max(z, 0) + math.log1p(math.exp(-abs(z)))


def data_logit(x):
    """ln p(0|x) - ln p(1|x)"""
    return math.log(5 / 2) - (x + 1) ** 2 / 8 + (x - 1) ** 2 / 2


def divergence(name, x):
    h, b = data_logit(x), 1 - x
    p = math.exp(-softplus(-h))
    if name == "l1":
        return 2 * abs(p - math.exp(-softplus(-b)))
    return p * (softplus(-b) - softplus(-h)) + math.exp(-softplus(h)) * (softplus(b) - softplus(h))


def divergence_array(name, x):
    h, b = np.log(5 / 2) - (x + 1) ** 2 / 8 + (x - 1) ** 2 / 2, 1 - x
    p, q = np.exp(-np.logaddexp(0, -h)), np.exp(-np.logaddexp(0, -b))
    if name == "l1":
        return 2 * np.abs(p - q)
    tail = np.exp(-np.logaddexp(0, h))
    soft = np.logaddexp
    return p * (soft(0, -b) - soft(0, -h)) + tail * (soft(0, b) - soft(0, h))


def scipy_plain(name):
    def integrand(x):
        inner = minimize_scalar(lambda u: -divergence(name, u), bounds=(x - 1, x + 1), method="bounded")
        return density(x) * -inner.fun

    return quad(integrand, -np.inf, np.inf)


def scipy_careful(name):
    def integrand(x):
        inner = minimize_scalar(
            lambda u: -divergence(name, u), bounds=(x - 1, x + 1), method="bounded", options={"xatol": 1e-10}
        )
        return density(x) * max(-inner.fun, divergence(name, x - 1), divergence(name, x + 1))

    return quad(integrand, -EDGE, EDGE, epsabs=1e-11, epsrel=1e-11, limit=500)


def scipy_grid(name):
    offsets = np.linspace(-1, 1, 2001)
    return quad(
        lambda x: density(x) * divergence_array(name, x + offsets).max(), -EDGE, EDGE,
        epsabs=1e-9, epsrel=1e-9, limit=500,
    )


# --- mpmath, 30 digits ------------------------------------------------------------------------------------------------


def mp_density(x):
    a = mpf(5) / 6 * mpmath.npdf(x, -1, 2)
    return a + mpf(1) / 6 * mpmath.npdf(x, 1, 1)


def mp_softplus(z):
    return mpmath.log1p(mpmath.exp(-abs(z))) + max(z, 0)


def mp_divergence(name, x):
    h, b = mpmath.log(mpf(5) / 2) - (x + 1) ** 2 / 8 + (x - 1) ** 2 / 2, 1 - x
    p = 1 / (1 + mpmath.exp(-h))
    if name == "l1":
        return 2 * abs(p - 1 / (1 + mpmath.exp(-b)))
    return p * (h - b) + mp_softplus(b) - mp_softplus(h)


def mp_sliding(name, c, top, x):
    ends = max(mp_divergence(name, x - 1), mp_divergence(name, x + 1))
    return max(ends, top) if abs(x - c) <= 1 else ends


def mpmath_plain(name):
    with mpmath.workdps(30):
        c = mpf(C[name])
        top = mp_divergence(name, c)
        return mpmath.quad(lambda x: mp_density(x) * mp_sliding(name, c, top, x), [-FAR_EDGE, 0, FAR_EDGE], error=True)


def mpmath_by_hand(name):
    with mpmath.workdps(30):
        top = mp_divergence(name, mpf(C[name]))
        total, error = mpf(0), mpf(0)
        for low, high, shift in pieces(name, mpf, FAR_EDGE):
            marks = [low, *(m for m in range(-24, 25, 6) if low < m < high), high]

            def integrand(x, shift=shift):
                return mp_density(x) * (top if shift is None else mp_divergence(name, x + shift))

            value, claimed = mpmath.quad(integrand, marks, error=True)
            total, error = total + value, error + claimed
        return total, error


# --- python-flint (Arb), 53 bits, pieces by hand ----------------------------------------------------------------------


def arb_density(x):
    pi = flint.arb.pi()
    a = flint.arb(5) / 6 * (-((x + 1) ** 2) / 8).exp() / (8 * pi).sqrt()
    return a + flint.arb(1) / 6 * (-((x - 1) ** 2) / 2).exp() / (2 * pi).sqrt()


def arb_divergence(name, x, analytic):
    h = (flint.arb(5) / 2).log() - (x + 1) ** 2 / 8 + (x - 1) ** 2 / 2
    b = 1 - x
    p, q = 1 / (1 + (-h).exp()), 1 / (1 + (-b).exp())
    if name == "l1":
        return 2 * (p - q)  # p(0|x) stays above the model on the range of the integral
    # ln(1 + e^h) as h + ln(1 + e^-h): h > 0 on the line, so this stays away from the logarithm's cut.
    return p * (h - b) + (1 + b.exp()).log(analytic=analytic) - h - (1 + (-h).exp()).log(analytic=analytic)


# The width that our own enclosures are asked for in examples/peers.rs.
WIDTH = 1e-10


def flint_by_hand(name, abs_tol=2.0**-44):
    """A ball that contains the integral over [-20, 20]."""
    flint.ctx.prec = 53
    top = arb_divergence(name, flint.acb(flint.arb(C[name])), False)
    total = flint.acb(0)
    for low, high, shift in pieces(name, flint.arb, EDGE):

        def integrand(x, analytic, shift=shift):
            return arb_density(x) * (top if shift is None else arb_divergence(name, x + shift, analytic))

        total += flint.acb.integral(integrand, low, high, abs_tol=flint.arb(abs_tol))
    return mpf(float(total.real.mid())), float(total.real.rad())


def flint_to_width(name):
    """The same, asked for as much as our own enclosure: half the width, shared by the pieces."""
    return flint_by_hand(name, WIDTH / 2 / len(pieces(name, mpf, EDGE)))


METHODS = (
    ("SciPy quad + minimize_scalar", scipy_plain, 5),
    ("the same, end points, xatol 1e-10", scipy_careful, 5),
    ("SciPy quad + grid of 2001", scipy_grid, 5),
    ("mpmath 30 digits", mpmath_plain, 3),
    ("mpmath 30 digits, pieces by hand", mpmath_by_hand, 3),
    ("python-flint, pieces by hand", flint_by_hand, 5),
    (f"the same, width {WIDTH:.0e}", flint_to_width, 5),
)


def main():
    example = sys.argv[1]
    own = {row["integral"]: row for row in json.loads(subprocess.run([example], check=True, capture_output=True).stdout)}
    print(f"SciPy {scipy.__version__}, mpmath {mpmath.__version__}, python-flint {flint.__version__}, "
          f"Python {platform.python_version()}, {platform.machine()}")
    print("R_SCORE of the toy law, eps = 1. ratio: time of the method / time of score-workbench.")
    for name in ("l1", "kl"):
        row = own[f"score {name}"]
        print(f"\n{name:35} {'value':>18} {'true error':>11} {'claimed':>9} {'median':>11} {'ratio':>9}")
        show("score-workbench", name, row["value"], row["error"], row["median_ns"] * 1e-9, 1)
        prepared = own[f"score {name}, set up"]
        show("score-workbench, once set up", name, prepared["value"], prepared["error"],
             prepared["median_ns"] * 1e-9, prepared["median_ns"] / row["median_ns"])
        proved = own[f"score {name}, proved"]
        show(f"score-workbench, proved to {WIDTH:.0e}", name, proved["value"], proved["error"],
             proved["median_ns"] * 1e-9, proved["median_ns"] / row["median_ns"])
        for title, method, repetitions in METHODS:
            times = []
            for _ in range(repetitions):
                start = time.perf_counter()
                value, claimed = method(name)
                times.append(time.perf_counter() - start)
            seconds = statistics.median(times)
            show(title, name, value, claimed, seconds, seconds / (row["median_ns"] * 1e-9))
            if method is flint_to_width:
                print(f"  {title} / score-workbench, proved: {seconds / (proved['median_ns'] * 1e-9):.3g} times")
        four = own[f"all four {name}"]
        print(f"score-workbench, all four risks together: {duration(four['median_ns'] * 1e-9)}")


def show(title, name, value, claimed, seconds, ratio):
    with mpmath.workdps(45):
        error = abs(mpf(value) - TRUE[name])
    print(f"{title:35} {float(value):18.15f} {float(error):11.1e} {float(claimed):9.1e} "
          f"{duration(seconds):>11} {ratio:9.3g}", flush=True)


def duration(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


if __name__ == "__main__":
    main()
