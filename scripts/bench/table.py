"""Figures, and how they are shown."""

import dataclasses
import sys
import time

STARTED = time.monotonic()


def log(text):
    """Says on stderr what is going on."""
    print(f"[{time.monotonic() - STARTED:6.0f} s] {text}", file=sys.stderr, flush=True)


def quantile(values, q):
    """The q-quantile by nearest rank: a value that was measured."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def median(values):
    return quantile(values, 0.5)


@dataclasses.dataclass
class Row:
    """One line of the table. Values are in the unit given; ours and the peers' were measured in the same run."""

    bench: str
    what: str
    unit: str
    ours: float
    peers: dict = dataclasses.field(default_factory=dict)
    target: str = ""
    met: bool | None = None  # None where there is no target
    note: str = ""

    def ratio(self):
        """Ours against the first peer, which is the one that a target speaks of."""
        if not self.peers or not self.ours:
            return ""
        return f"{self.ours / next(iter(self.peers.values())):.3g}×"

    def flag(self):
        return "" if self.met is None else "met" if self.met else "MISSED"


def at_most(limit, unit):
    return lambda v: (f"≤ {limit:g} {unit}".strip(), v <= limit)


def at_least(limit, unit):
    return lambda v: (f"≥ {limit:g} {unit}", v >= limit)


def row(bench, what, unit, ours, peers=None, limit=None, note=""):
    """A Row whose target is a limit on our own value."""
    target, met = limit(ours) if limit else ("", None)
    return Row(bench, what, unit, ours, peers or {}, target, met, note)


def number(v, unit):
    if v is None:
        return "—"
    text = f"{v:,.0f}" if abs(v) >= 100 or not unit else f"{v:.1f}" if abs(v) >= 10 else f"{v:.2f}" if abs(v) >= 0.1 else f"{v:.3f}"
    return f"{text} {unit}".strip()


HEAD = ["What", "Target", "Sextant", "Beside", "Sextant ÷ peer", ""]


def cells(r):
    beside = "; ".join(f"{name} {number(v, r.unit)}" for name, v in r.peers.items())
    what = r.what + (f" ({r.note})" if r.note else "")
    return [what, r.target, number(r.ours, r.unit), beside, r.ratio(), r.flag()]


def as_text(rows):
    lines = [HEAD] + [cells(r) for r in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
    out = []
    for i, line in enumerate(lines):
        out.append("  ".join(c.ljust(w) for c, w in zip(line, widths)).rstrip())
        if i == 0:
            out.append("  ".join("─" * w for w in widths))
    return "\n".join(out)


def as_markdown(rows):
    out = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    out += ["| " + " | ".join(c.replace("|", "\\|") for c in cells(r)) + " |" for r in rows]
    return "\n".join(out)
