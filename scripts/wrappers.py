"""wrappers.py SCORE: the wrappers of examples/losses and wrong variants of them, with real NumPy and PyTorch."""
import json
import pathlib
import subprocess
import sys
import tempfile

SCORE = sys.argv[1]
LOSSES = pathlib.Path(__file__).parent.parent / "examples" / "losses"


def check(text, *options):
    """The report on a wrapper with this text, and the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "loss.py"
        path.write_text(text)
        command = [SCORE, "check-loss", "--format", "json", "--cases", "100", *options, sys.executable, str(path)]
        found = subprocess.run(command, capture_output=True, text=True)
    if found.returncode not in (0, 1):
        sys.exit(f"exit code {found.returncode}: {found.stderr}")
    return json.loads(found.stdout), found.returncode


def refuted(report):
    return [law["law"] for law in report["laws"] if law["answer"] == "refuted"]


def replaced(text, old, new):
    assert text.count(old) == 1, (old, text)
    return text.replace(old, new)


failures = 0


def expect(name, text, laws, entry=None, options=()):
    """Each of `laws` is refuted, and nothing else where there are none; the loss equals the entry."""
    global failures
    report, code = check(text, *options)
    found = refuted(report)
    entries = [f"{e['factor']} {e['entry']}" for e in report["equals"]["entries"]]
    good = (set(laws) <= set(found) and code == 1) if laws else (not found and code == 0)
    good = good and (entry is None or entry in entries)
    failures += not good
    print(f"{'ok ' if good else 'NOT'} {name}: refuted {found or 'nothing'}; equals {entries[:1] or 'nothing'}", flush=True)


plain, hellinger, trades, lse = (
    (LOSSES / name).read_text() for name in ("plain.py", "numpy_hellinger.py", "torch_trades.py", "torch_lse.py")
)
SCORE_LSE = "trades(squared-error, squared-error, 4)"
expect("plain.py", plain, [], "1.0 cross-entropy")
expect("numpy_hellinger.py", hellinger, [], "1.0 hellinger")
expect("torch_trades.py", trades, [], "1.0 trades(cross-entropy, kl, 6)")
expect("torch_lse.py", lse, [], f"1.0 {SCORE_LSE}")
expect("Hellinger without the root of the half", replaced(hellinger, " / 2)", ")"), ["equals"])
expect("KL swapped", replaced(trades, "F.log_softmax(attacked, 1), F.log_softmax(logits, 1)", "F.log_softmax(logits, 1), F.log_softmax(attacked, 1)"), ["equals"], "1.0 trades(cross-entropy, reverse-kl, 6)")
expect("mean over all elements", replaced(trades, '"batchmean"', '"mean"'), ["equals"])
expect("sum for batchmean", replaced(trades, '"batchmean"', '"sum"'), ["reduction"])
expect("detached target", replaced(trades, "F.log_softmax(logits, 1), reduction", "F.log_softmax(logits, 1).detach(), reduction"), ["gradient"], "1.0 trades(cross-entropy, kl, 6)")
expect("ln of a softmax", replaced(trades, "F.log_softmax(attacked, 1), F.log_softmax(logits, 1)", "F.softmax(attacked, 1).log(), F.log_softmax(logits, 1)"), ["extreme-logits"])
expect("double softmax", replaced(trades, "F.cross_entropy(logits, target)", "F.cross_entropy(F.softmax(logits, 1), target)"), ["equals"])
expect("softmax over the batch", replaced(lse, "F.softmax(attacked, 1)", "F.softmax(attacked, 0)"), ["reduction"])
expect("detached target of LSE", replaced(lse, "(p - q)", "(p.detach() - q)"), ["gradient", "gradient-jets"], f"1.0 {SCORE_LSE}")
expect("wrong sign", replaced(lse, "return first +", "return -first -"), ["non-negative"])
expect("label smoothing, K for K - 1", replaced(trades, "F.cross_entropy(logits, target)", "F.cross_entropy(logits, target, label_smoothing=0.1)"), ["equals"], "1.0 trades(cross-entropy, kl, 6) smoothed(0.1, all)", ["--claim", "equals = trades(cross-entropy, kl, 6) smoothed(0.1, others)"])
sys.exit(1 if failures else 0)
