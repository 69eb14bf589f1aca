"""The verdict by group of statistics and by aspect, forecasts included, and limits by number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self, get_args

from simgan.readable import in_words
from simgan.report.verdict import Comparison, Row, Section, Verdict, verdict
from simgan.risk.comparison import LossComparison as Test
from simgan.risk.comparison import holm

# Sections that a group holds. A section that stands nowhere here is a group of its own.
GROUPS: dict[str, tuple[str, ...]] = {
    "marginal law": ("distances", "moments", "quantiles"),
    "tails": ("tails",),
    "dependence": ("dependence",),
    "risk along paths": ("paths",),
    "utility": ("utility",),
    "two-sample and novelty": ("two-sample", "novelty"),
    # of several assets
    "correlations": ("correlations",),
    "joint extremes": ("joint-tails",),
    "joint volatility": ("joint-volatility",),
    "portfolios": ("portfolios",),
    "days as vectors": ("day-vectors",),
}
_SIZE = 0.05
_SHOWN = 3  # assets that are left out
Outcome = Literal["ahead of", "level with", "behind"]


@dataclass(frozen=True)
class Aspect:
    """One aspect of the verdict.

    Attributes
    ----------
    name : str
        A group of statistics, "one-day forecasts" or "ten-day forecasts".
    outcome : {"ahead of", "level with", "behind"}
        Beyond the noise: nothing that either test or floor would put down to chance counts.
    against : str
        The baseline.
    basis : str
        Scores behind an outcome of forecasts, each with its p-value. That of a better score is
        after Holm's correction for all of them. Empty elsewhere.
    left_out : tuple of str
        Why assets of a book have no part in forecasts, a reason for each.
    """

    name: str
    outcome: Outcome
    against: str
    basis: str = ""
    left_out: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain data. Basis and assets that are left out have a key where there are any."""
        found = asdict(self) | {"left_out": list(self.left_out)}
        return {name: value for name, value in found.items() if value}

    @property
    def is_of_forecasts(self) -> bool:
        """Whether it comes from forecasts and not from free-running paths."""
        return self.name.endswith("forecasts")


@dataclass(frozen=True)
class GroupCount:
    """Judged rows of one group, counted.

    Attributes
    ----------
    name : str
    judged : int
        Rows that are judged.
    within : dict
        Rows within interval or floor, by model.
    wins, ties, losses : int
        Of the judged model against the best baseline. All 0 where there is none.
    """

    name: str
    judged: int
    within: dict[str, int]
    wins: int
    ties: int
    losses: int

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)


def verdicts_of(comparison: Comparison, first: Verdict) -> tuple[Verdict, ...]:
    """Return the verdicts on all judged models, of which that on the first is known."""
    return (first, *(verdict(comparison, model) for model in comparison.beside))


def columns_of(comparison: Comparison, verdict: Verdict) -> tuple[str, ...]:
    """Return the models that stand side by side: judged ones, the best baseline, the copies."""
    best = (verdict.against,) if verdict.against else ()
    return (*comparison.judged, *best, *verdict.copies)


def groups_of(comparison: Comparison, verdict: Verdict) -> list[GroupCount]:
    """Count rows by group, in the order of `GROUPS`.

    Groups without judged rows, and sections without a rival, are left out.
    """
    found: dict[str, list[Row]] = {name: [] for name in GROUPS}
    for section in comparison.sections:
        if not section.has_rival:
            continue
        name = next((name for name, kinds in GROUPS.items() if section.kind in kinds), section.kind)
        found.setdefault(name, []).extend(row for row in section.rows if row.is_judged)
    return [
        _counted(name, rows, comparison.models, verdict) for name, rows in found.items() if rows
    ]


def _counted(name: str, rows: list[Row], models: Sequence[str], verdict: Verdict) -> GroupCount:
    labels = {row.label for row in rows}
    won, tied, lost = (
        len(labels.intersection(part)) for part in (verdict.wins, verdict.ties, verdict.losses)
    )
    within = {model: sum(row.mark(model) == "within" for row in rows) for model in models}
    return GroupCount(name, len(rows), within, won, tied, lost)


def of_paths(comparison: Comparison, verdict: Verdict) -> list[Aspect]:
    """Judge free-running paths by group: more rows won than lost is ahead, fewer is behind."""
    if not verdict.against:
        return []
    return [
        Aspect(group.name, standing(group.wins - group.losses), verdict.against)
        for group in groups_of(comparison, verdict)
    ]


def of_tests(name: str, tests: Sequence[Test], against: str, scores: Sequence[str] = ()) -> Aspect:
    """Judge forecasts by Diebold–Mariano tests of several scores, at 5 %.

    Ahead means ahead in at least one score and behind in none, and the reverse. To be ahead is a
    claim, and its p-values are those of Holm's correction for all scores. To be behind is a doubt,
    and the p-value of each score stands as it is. So the correction makes no use of scenarios good
    that would not be without it. The names of the scores, where they are given, make the basis of
    the aspect.

    Notes
    -----
    Equal forecasts are ahead with a probability of at most 2.5 %, and behind with one of at most
    2.5 % for each score, over each horizon. These are nominal. Of 2,000 pairs whose scores share a
    half of their noise or nine tenths, 1 to 3 % were ahead over one day, and 2 to 4 % over ten.
    Behind were 4 to 5 % over one day and 5 to 8 % over ten by two scores, and 5 to 9 % and 7 to 14
    % by four.
    """
    p_values = _p_values(tests)
    signs = [
        (test.mean_difference < 0) - (test.mean_difference > 0)
        for test, p_value in zip(tests, p_values, strict=True)
        if p_value < _SIZE
    ]
    basis = ", ".join(
        f"{score} {'lower' if test.mean_difference < 0 else 'higher'} (p {p_value:.2g})"
        for score, test, p_value in zip(scores, tests, p_values, strict=False)
    )
    return Aspect(name, standing(0 if len(set(signs)) > 1 else sum(signs)), against, basis)


def _p_values(tests: Sequence[Test]) -> list[float]:
    """Return the p-value of each test, corrected for all of them where the first is better."""
    corrected = holm([test.p_value for test in tests]).tolist()
    return [
        after if test.mean_difference < 0 else test.p_value
        for test, after in zip(tests, corrected, strict=True)
    ]


def forecasts_in(verdict: Mapping[str, object]) -> tuple[Aspect, ...]:
    """Read the aspects of forecasts from the verdict in a manifest.

    Older manifests have none. Entries of another form are left out, because anyone can write one.
    """
    entries = verdict.get("aspects")
    aspects = (_read(entry) for entry in (entries if isinstance(entries, list | tuple) else ()))
    return tuple(aspect for aspect in aspects if aspect is not None and aspect.is_of_forecasts)


def _read(entry: object) -> Aspect | None:
    if not isinstance(entry, Mapping) or entry.get("outcome") not in get_args(Outcome):
        return None
    name, against = entry.get("name"), entry.get("against")
    if not isinstance(name, str) or not isinstance(against, str):
        return None
    basis, reasons = entry.get("basis"), entry.get("left_out")
    return Aspect(
        name,
        entry["outcome"],
        against,
        basis if isinstance(basis, str) else "",
        tuple(map(str, reasons)) if isinstance(reasons, list | tuple) else (),
    )


def sentence(aspects: Sequence[Aspect]) -> str:
    """All aspects on a line, those with one outcome together."""
    groups: dict[tuple[str, str], list[str]] = {}
    for aspect in aspects:
        groups.setdefault((aspect.outcome, aspect.against), []).append(aspect.name)
    found = "; ".join(f"{' '.join(key)} in {in_words(names)}" for key, names in groups.items())
    return found or "compared with no baseline"


def scores_of_forecasts(aspects: Sequence[Aspect]) -> str:
    """All scores behind the outcomes of forecasts on a line, or nothing."""
    found = [f"{one.name}: {one.basis}, beside {one.against}" for one in aspects if one.basis]
    return f"Losses of the {'; '.join(found)}." if found else ""


def left_out_of(aspects: Sequence[Aspect]) -> str:
    """Name three of the assets that forecasts leave out, with reasons, or nothing."""
    reasons = list(dict.fromkeys(reason for one in aspects for reason in one.left_out))
    more = f"; and {len(reasons) - _SHOWN} more assets" if len(reasons) > _SHOWN else ""
    return f"left out: {'; '.join(reasons[:_SHOWN])}{more}" if reasons else ""


def basis_of_forecasts(aspects: Sequence[Aspect]) -> str:
    """Say on which days forecasts are judged, or why they are not."""
    if any(aspect.is_of_forecasts for aspect in aspects):
        return "forecasts: of the held-out last part, by the model that has not learned from it"
    return "forecasts: not judged; the reference cannot be used, or the held-out days are too few"


def standing(balance: int) -> Outcome:
    """Return the outcome of rows won minus rows lost, or of better minus worse scores."""
    return "ahead of" if balance > 0 else "behind" if balance < 0 else "level with"


@dataclass(frozen=True)
class Noted:
    """A section with its rows' limits as numbered notes, each limit once."""

    section: Section
    notes: tuple[str, ...]

    @classmethod
    def of(cls, section: Section) -> Self:
        """Collect the limits of the rows of a section."""
        notes = dict.fromkeys(row.blind_to for row in section.rows if row.blind_to)
        return cls(section, tuple(notes))

    def number(self, row: Row) -> int | None:
        """Return the number of the note of a row, from 1, or None where it has none."""
        return self.notes.index(row.blind_to) + 1 if row.blind_to else None
