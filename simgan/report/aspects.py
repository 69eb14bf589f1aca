"""The verdict by aspect: where the model is ahead, level or behind, of marginal law, tails, dependence and forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from simgan.report.rows import Comparison
from simgan.report.verdict import Verdict
from simgan.risk.comparison import Comparison as Test

Outcome = Literal["ahead of", "level with", "behind"]
_SECTIONS = {
    "marginal law": ("distances", "moments", "quantiles"),
    "tails": ("tails",),
    "dependence": ("dependence",),
}
_SIZE = 0.05


@dataclass(frozen=True)
class Aspect:
    """One aspect of the verdict.

    Attributes
    ----------
    name : str
        "marginal law", "tails", "dependence", "one-day forecasts" or "ten-day forecasts".
    outcome : {"ahead of", "level with", "behind"}
        Beyond the noise: nothing that either test or floor would put down to chance counts.
    against : str
        The baseline.
    """

    name: str
    outcome: Outcome
    against: str

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)


def of_paths(comparison: Comparison, verdict: Verdict) -> list[Aspect]:
    """Aspects of free-running paths: more rows won than lost is ahead, more lost than won is behind."""
    if not verdict.against:
        return []
    found = []
    for name, kinds in _SECTIONS.items():
        labels = {
            row.label
            for section in comparison.sections
            if section.kind in kinds
            for row in section.rows
        }
        balance = len(labels.intersection(verdict.wins)) - len(labels.intersection(verdict.losses))
        found.append(Aspect(name, _outcome(balance), verdict.against))
    return found


def of_tests(name: str, tests: Sequence[Test], against: str) -> Aspect:
    """An aspect of forecasts by Diebold–Mariano tests of several scores at 5 %: ahead in one at least, behind in none, or the reverse."""
    signs = [
        (test.mean_difference < 0) - (test.mean_difference > 0)
        for test in tests
        if test.p_value < _SIZE
    ]
    return Aspect(name, _outcome(0 if len(set(signs)) > 1 else sum(signs)), against)


def sentence(aspects: Sequence[Aspect]) -> str:
    """All aspects on a line, those with one outcome together."""
    groups: dict[tuple[str, str], list[str]] = {}
    for aspect in aspects:
        groups.setdefault((aspect.outcome, aspect.against), []).append(aspect.name)
    return "; ".join(f"{' '.join(key)} in {', '.join(names)}" for key, names in groups.items())


def _outcome(balance: int) -> Outcome:
    return "ahead of" if balance > 0 else "behind" if balance < 0 else "level with"
