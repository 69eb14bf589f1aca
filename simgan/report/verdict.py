"""One line of verdict: where the GAN wins, ties or loses against the best baseline, beyond the noise."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from simgan.report.rows import Comparison, Row

COPIES = (
    "stationary-bootstrap",
)  # baselines that repeat the history: close by copying, so flagged and not the opponent
_MARGIN = 0.25  # both outside: nearer by this much, in half intervals or floors, is a win
_LONGEST = 160  # characters of the sentence, or nearly


@dataclass(frozen=True)
class Verdict:
    """Labels of the statistics that the judged model wins, ties and loses against a baseline, and how many it passes.

    Attributes
    ----------
    model, against : str
        The judged model, and the best baseline that does not copy; empty if there is none.
    wins, ties, losses : tuple of str
        Labels of rows; the losses begin with the worst.
    within, judged : int
        Rows in which the model is within interval or floor, of those that are judged.
    in_sample : bool
        Whether the models have seen the history.
    copies : tuple of str
        Baselines that repeat the history and so are left out of the verdict.
    """

    model: str
    against: str
    wins: tuple[str, ...]
    ties: tuple[str, ...]
    losses: tuple[str, ...]
    within: int
    judged: int
    in_sample: bool
    copies: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The verdict in words, on one line; losses are named, the worst first, as long as there is room."""
        where = "In sample" if self.in_sample else "On another history"
        passed = f"{where}, {self.model} is within the noise of the data in {self.within} of {self.judged} statistics"
        if not self.against:
            return f"{passed}."
        told = f"{passed}; against {self.against} it wins {len(self.wins)}, ties {len(self.ties)}, loses {len(self.losses)}"
        return f"{told}{_named(self.losses, _LONGEST - len(told))}."

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        lists = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
        }
        return {"sentence": self.sentence} | lists


def verdict(comparison: Comparison) -> Verdict:
    """Compare the first model with the baseline that passes most, among those that do not copy the history.

    A row is won when the model is within and the baseline is not, or when both are outside and the model is nearer by a quarter of
    the half interval or of the floor. Ties include all rows in which both are within: there the history cannot tell them apart.
    """
    model, *others = comparison.models
    rows = [row for row in comparison.rows if row.is_judged]
    copies = tuple(name for name in others if name in COPIES)
    opponents = [name for name in others if name not in copies]
    against = max(
        opponents, key=lambda name: sum(row.mark(name) == "within" for row in rows), default=""
    )
    compared = sorted(rows, key=lambda row: -row.excess(model)) if against else []
    outcomes = {row.label: _outcome(row, model, against) for row in compared}
    within = sum(row.mark(model) == "within" for row in rows)
    won, tied, lost = (
        tuple(label for label, outcome in outcomes.items() if outcome == wanted)
        for wanted in (1, 0, -1)
    )
    return Verdict(model, against, won, tied, lost, within, len(rows), comparison.in_sample, copies)


def _named(labels: tuple[str, ...], room: int) -> str:
    """Return as many labels in brackets as fit, at least one, with an ellipsis for the others."""
    shown = next(
        (n for n in range(len(labels), 1, -1) if len("; ".join(labels[:n])) <= room),
        min(1, len(labels)),
    )
    more = ["…"] if shown < len(labels) else []
    return f" ({'; '.join([*labels[:shown], *more])})" if shown else ""


def _outcome(row: Row, model: str, against: str) -> int:
    """1 for a win, 0 for a tie, −1 for a loss."""
    ours, theirs = max(row.excess(model), 0.0), max(row.excess(against), 0.0)
    if (ours > 0) != (theirs > 0):
        return 1 if ours == 0 else -1
    if abs(ours - theirs) <= _MARGIN:
        return 0
    return 1 if ours < theirs else -1
