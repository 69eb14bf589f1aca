"""Uses of scenarios: the rows of a comparison in the words of a risk manager."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from simgan.report.aspects import GROUPS, Aspect, groups_of, left_out_of, of_paths
from simgan.report.book import words as of_books
from simgan.report.verdict import Comparison, Row, Verdict
from simgan.report.words import (
    CLUSTERS,
    ES,
    HITS,
    MEMORISED,
    REPEATED,
    SHAPE,
    SPREAD,
    TAUGHT,
    words_of,
)

Fitness = Literal["good for", "with care for", "not for", "not judged for"]
Tone = Literal["good", "care", "poor"]

_FAR = 0.5  # half intervals or floors outside: three standard errors from the history, not two
_ANY = None
Place = tuple[str, int | None]  # beginning of a row's name, and its horizon


@dataclass(frozen=True)
class Purpose:
    """A use of scenarios, and the rows that speak about it."""

    name: str
    places: tuple[Place, ...]
    least: int = 0  # days of a path, below which drawdowns and memory of months are missing
    forecasts: tuple[str, ...] = ()  # names of aspects of forecasts that speak about it, too

    def rows(self, rows: Iterable[Row]) -> list[Row]:
        """Return the judged rows that speak about this use."""
        return [
            row
            for row in rows
            if row.is_judged
            and any(
                row.name.startswith(name) and horizon in (_ANY, row.horizon)
                for name, horizon in self.places
            )
        ]


PURPOSES = (
    Purpose(
        "VaR and ES of one day",
        (
            (SPREAD, _ANY),
            ("0.5 % q", _ANY),
            ("1 % q", _ANY),
            (ES, 1),
            (SHAPE, 1),
            ("Hill index of losses", _ANY),
            ("EMD", 1),
            (HITS, 1),
        ),
        forecasts=("one-day forecasts",),
    ),
    Purpose(
        "VaR and ES of ten days",
        (
            (SPREAD, _ANY),
            (ES, 10),
            (SHAPE, 10),
            ("tail ratio", 5),
            ("EMD", 5),
            ("EMD", 20),
            (HITS, 10),
        ),
        forecasts=("ten-day forecasts",),
    ),
    Purpose(
        "risk over months",
        (
            (SPREAD, _ANY),
            ("EMD", 100),
            ("KL", 100),
            ("ACF of |r|", _ANY),
            ("ACF of r²", _ANY),
            ("maximum drawdown", _ANY),
            ("volatility of 21 days", _ANY),
            (CLUSTERS, _ANY),
            ("tail ratio", 20),
            ("tail ratio", 60),
            ("variance ratio", 60),
        ),
        least=250,
    ),
    Purpose(
        "stress tests with extreme losses",
        (
            ("0.1 % q", _ANY),
            ("0.5 % q", _ANY),
            ("Hill index of losses", _ANY),
            (ES, _ANY),
            (SHAPE, _ANY),
        ),
    ),
    Purpose(
        "large gains (short positions, options)",
        (
            ("99 % q", _ANY),
            ("99.5 % q", _ANY),
            ("99.9 % q", _ANY),
            ("Hill index of gains", _ANY),
            ("ES 97.5 % of gains", _ANY),
            ("skewness", _ANY),
        ),
    ),
    Purpose(
        "rules that follow a path (stop-loss, volatility targets)",
        (
            ("ACF", _ANY),
            ("leverage", _ANY),
            ("longest", _ANY),
            ("run of wild", _ANY),
            ("variance ratio", 5),
            (TAUGHT, 1),
        ),
    ),
    Purpose("training of volatility forecasts", ((TAUGHT, _ANY),)),
    Purpose(
        "windows in the place of real ones (training of models, blind tests)",
        (("C2ST", _ANY), ("regimes", _ANY), ("energy distance", _ANY)),
    ),
    Purpose(
        "new events, not repeats of the history",
        ((MEMORISED, _ANY), (REPEATED, _ANY), ("coverage", _ANY)),
    ),
)
PURPOSES_OF_BOOKS = (
    Purpose(
        "VaR and ES of a book",
        tuple(
            (f"{of_books.EQUAL}: {name}", _ANY)
            for name in (
                of_books.SPREAD,
                of_books.QUANTILE,
                of_books.ES,
                of_books.SHAPE,
                of_books.EMD,
            )
        ),
        forecasts=("one-day forecasts", "ten-day forecasts"),
    ),
    Purpose(
        "portfolio weights and diversification",
        (
            (of_books.CORRELATION, _ANY),
            (of_books.CALM, _ANY),
            (of_books.BY_RANKS, _ANY),
            (of_books.FARTHEST, _ANY),
            (of_books.PAIRS, _ANY),
            (of_books.FIRST, _ANY),
            (of_books.FIRST_THREE, _ANY),
            (of_books.VARIOGRAM, _ANY),
        ),
    ),
    Purpose(
        "joint losses in a crisis",
        (
            (of_books.TURBULENT, _ANY),
            (of_books.RISE, _ANY),
            (of_books.FALLS, _ANY),
            (of_books.ASYMMETRY, _ANY),
            (of_books.PAIRS_IN_FALLS, _ANY),
            (of_books.OTHERS, _ANY),
            (f"{of_books.EQUAL}: {of_books.ES}", _ANY),
            (f"{of_books.EQUAL}: {of_books.SHAPE}", _ANY),
        ),
    ),
    Purpose(
        "hedges, pairs and long–short books",
        (
            (of_books.RANDOM, _ANY),
            (of_books.FARTHEST, _ANY),
            (of_books.GAINS, _ANY),
            (of_books.VARIOGRAM, _ANY),
        ),
    ),
    Purpose(
        "volatility of several assets (targets, options on a basket)",
        (
            (of_books.SAME_DAY, _ANY),
            (of_books.NEXT_DAY, _ANY),
            (f"{of_books.EQUAL}: {of_books.SPREAD}", _ANY),
            (f"{of_books.EQUAL}: {of_books.CLUSTERS}", _ANY),
        ),
    ),
    Purpose(
        "days of all assets in the place of real ones (training of models)",
        ((of_books.ENERGY, _ANY), (of_books.VARIOGRAM, _ANY), (of_books.CORRELATION, _ANY)),
    ),
)
WITHIN_DAYS = Purpose(
    "stop-losses and barriers within the day",
    (("range", _ANY), ("gap²", _ANY), ("touches", _ANY)),
)  # of models that make ranges
_DAYS = {"one-day forecasts": "of tomorrow", "ten-day forecasts": "of the next ten days"}


@dataclass(frozen=True)
class Use:
    """A use of scenarios, judged.

    Attributes
    ----------
    name : str
    fitness : {"good for", "with care for", "not for", "not judged for"}
        Good: every row is within. Care: some are outside, all by less than half of a half interval
        or floor, and most are within. Care, too: forecasts of its horizon are behind, or the model
        has little history of its own. Not judged: no row speaks about it, or paths are too short.
    within, judged : int
        Rows within, and all that speak about it. Tests, for forecasts.
    reasons : tuple of str
        Differences from the history, the largest first, and other reasons for care after them.
    """

    name: str
    fitness: Fitness
    within: int
    judged: int
    reasons: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self) | {"reasons": list(self.reasons)}


def uses_of(comparison: Comparison, verdict: Verdict) -> tuple[Use, ...]:
    """Judge each use of a model's scenarios.

    Forecasts are a use where a fit has judged them, and barriers within the day where the days of
    the model have ranges. No use of a model with doubts is better than with care.
    """
    rows, model = comparison.rows, verdict.model
    uses = [
        _with_care(
            _too_short(purpose, comparison.horizon)
            or _judged(purpose.name, purpose.rows(rows), model),
            *_behind([one for one in verdict.forecasts if one.name in purpose.forecasts]),
        )
        for purpose in _purposes_of(comparison)
    ]
    if within_days := [row for row in WITHIN_DAYS.rows(rows) if model in row.models]:
        uses.append(_judged(WITHIN_DAYS.name, within_days, model))
    if verdict.forecasts:
        uses.append(_of_forecasts(verdict.forecasts))
    return tuple(_with_care(use, comparison.doubts.get(model, "")) for use in uses)


def _purposes_of(comparison: Comparison) -> tuple[Purpose, ...]:
    """Return the uses of scenarios of one asset, or of several where a section is about them."""
    is_of_book = any(section.kind in GROUPS["correlations"] for section in comparison.sections)
    return PURPOSES_OF_BOOKS if is_of_book else PURPOSES


def _with_care(use: Use, *reasons: str) -> Use:
    """Return a use that is with care at most, for some reasons. Empty reasons are none.

    A use that is ruled out, or is not judged, stays as it is.
    """
    found = tuple(filter(None, reasons))
    if not found or use.fitness not in ("good for", "with care for"):
        return use
    return replace(use, fitness="with care for", reasons=(*use.reasons, *found))


def judged_json(comparison: Comparison, verdict: Verdict) -> dict[str, Any]:
    """Return the verdict as plain data: counts, groups, aspects and uses."""
    return verdict.to_json() | {
        "groups": [group.to_json() for group in groups_of(comparison, verdict)],
        "aspects": [
            aspect.to_json() for aspect in (*of_paths(comparison, verdict), *verdict.forecasts)
        ],
        "uses": [use.to_json() for use in uses_of(comparison, verdict)],
    }


def _too_short(purpose: Purpose, horizon: int) -> Use | None:
    """Return a use that paths of this many days cannot judge. A horizon of 0 is unknown."""
    if not 0 < horizon < purpose.least:
        return None
    reason = f"history or paths of {horizon} days are too short: it needs {purpose.least}"
    return Use(purpose.name, "not judged for", 0, 0, (reason,))


def _judged(name: str, rows: Sequence[Row], model: str) -> Use:
    if not rows:
        reason = "no statistic of it can be computed from these paths and this history"
        return Use(name, "not judged for", 0, 0, (reason,))
    outside = sorted(
        (row for row in rows if row.mark(model) == "outside"), key=lambda row: -row.excess(model)
    )
    reasons = tuple(dict.fromkeys(words_of(row, model) for row in outside))
    within = len(rows) - len(outside)
    is_far = bool(outside) and (outside[0].excess(model) > _FAR or within <= len(outside))
    fitness: Fitness = "not for" if is_far else "with care for" if outside else "good for"
    return Use(name, fitness, within, len(rows), reasons)


def _of_forecasts(aspects: Sequence[Aspect]) -> Use:
    behind = [aspect for aspect in aspects if aspect.outcome == "behind"]
    fitness: Fitness = "good for"
    if behind:
        fitness = "not for" if len(behind) == len(aspects) else "with care for"
    name = f"forecasts {' and '.join(_DAYS.get(one.name, one.name) for one in aspects)}"
    use = Use(name, fitness, len(aspects) - len(behind), len(aspects), _behind(behind))
    return _with_care(use, left_out_of(aspects))


def _behind(aspects: Sequence[Aspect]) -> tuple[str, ...]:
    """Name the baselines that are better in forecasts of held-out days."""
    return tuple(
        f"{aspect.against} is better in {aspect.name}"
        for aspect in aspects
        if aspect.outcome == "behind"
    )


def tone(uses: Sequence[Use]) -> Tone:
    """Return the outcome over all uses: good, with care, or poor.

    Poor means that half of the judged uses or more are ruled out, or that none could be judged.
    """
    judged = [use for use in uses if use.fitness != "not judged for"]
    ruled_out = sum(use.fitness == "not for" for use in judged)
    if 2 * ruled_out >= len(judged):
        return "poor"
    return "good" if all(use.fitness == "good for" for use in judged) else "care"


TITLES: dict[Tone, str] = {
    "good": "Usable for every purpose that was judged",
    "care": "Usable within limits",
    "poor": "Not usable for most purposes",
}


def lines_of(uses: Sequence[Use]) -> list[str]:
    """Return the uses as lines of plain text, those with one fitness together.

    Uses with the same reasons stand beside each other, and the last of them has the reasons.
    """
    order: tuple[Fitness, ...] = ("good for", "with care for", "not for", "not judged for")
    found = []
    for fitness in order:
        named = [use for use in uses if use.fitness == fitness]
        if not named:
            continue
        alike: dict[tuple[str, ...], list[str]] = {}
        for use in named:
            alike.setdefault(use.reasons[:2], []).append(use.name)
        texts = [
            "; ".join(names) + (f", because {' and '.join(reasons)}" if reasons else "")
            for reasons, names in alike.items()
        ]
        found.append(f"{fitness.capitalize()}: {'; '.join(texts)}.")
    return found
