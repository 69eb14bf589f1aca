"""The coming days of a position in numbers for charts: a fan behind the history, and its end."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields

import numpy as np

from simgan.arrays import FloatArray
from simgan.bundle.fields import Json
from simgan.market.history import History
from simgan.progress import SILENT, Progress, Stop
from simgan.report.risk.results import Part
from simgan.risk.book import Book
from simgan.risk.measures import RiskEstimate
from simgan.risk.outlook import FAN, are_enough, fewest, outlook, worth_of
from simgan.sampling.given import Acceptance
from simgan.sampling.model import Model
from simgan.workflows.book import book_of
from simgan.workflows.models import history_of_bundle
from simgan.workflows.orders import Order
from simgan.workflows.parts import parts_at, parts_of
from simgan.workflows.risk import (
    RiskRequest,
    drawn,
    expect_answerable,
    known_at_start,
    sampled,
)
from simgan.workflows.sample import prepared

BEFORE = 250  # days of the history in a chart
LEVEL = 100.0  # value of a book at the start, which has no price
_PATHS = 20
_BARS = 60  # of a histogram
_OUTSIDE = 0.0005  # share on either side that the bars leave out
_DIGITS = 7


@dataclass(frozen=True)
class Track:
    """Values of days that have happened.

    Attributes
    ----------
    days : list of str
        ISO dates. It may be empty where they are not known.
    values : array of shape (days,)
        Prices of an asset, or the value of a book, which is 100 at the start.
    """

    days: list[str]
    values: FloatArray

    def to_json(self) -> dict[str, Json]:
        """Return plain JSON data."""
        return {"days": list(self.days), "values": _short(self.values)}


@dataclass(frozen=True)
class Histogram:
    """The histogram of a profit. Losses are negative.

    Attributes
    ----------
    edges : array of shape (bars + 1,)
    shares : array of shape (bars,)
        Probabilities.
    below, above : float
        Probabilities of a profit beyond the edges.
    """

    edges: FloatArray
    shares: FloatArray
    below: float
    above: float

    @classmethod
    def of(cls, profits: FloatArray, probabilities: FloatArray | None) -> Histogram:
        """Count profits (paths,), which may have unequal probabilities."""
        weights = (
            np.full(len(profits), 1 / len(profits)) if probabilities is None else probabilities
        )
        order = np.argsort(profits)
        reached = np.cumsum(weights[order])
        ends = np.searchsorted(reached, (_OUTSIDE, 1 - _OUTSIDE)).clip(0, len(profits) - 1)
        low, high = profits[order][ends]
        margin = 0.0 if high > low else 0.5
        edges = np.linspace(low - margin, high + margin, _BARS + 1)
        shares = np.histogram(profits, edges, weights=weights)[0]
        below, above = weights[profits < edges[0]].sum(), weights[profits > edges[-1]].sum()
        return cls(edges, shares, float(below), float(above))

    def to_json(self) -> dict[str, Json]:
        """Return plain JSON data."""
        return {
            "edges": _short(self.edges),
            "counts": _short(self.shares),
            "below": self.below,
            "above": self.above,
        }


@dataclass(frozen=True)
class LevelRisk:
    """VaR and ES at one level.

    Attributes
    ----------
    level : float
    estimate : RiskEstimate, optional
        Shares of the position. None where the scenarios are worth too few for the level.
    parts : tuple of Part
        Of the assets of a book.
    reason : str
        Why there is no estimate, or nothing.
    """

    level: float
    estimate: RiskEstimate | None = None
    parts: tuple[Part, ...] = ()
    reason: str = ""

    def to_json(self, position: float) -> dict[str, Json]:
        """Return plain JSON data in money. A missing number is null."""
        parts: list[Json] = [
            {"asset": part.asset, "weight": part.weight, **_money(part.estimate, position)}
            for part in self.parts
        ]
        numbers = _money(self.estimate, position)
        return {"level": self.level, **numbers, "parts": parts, "reason": self.reason or None}


@dataclass(frozen=True)
class ComingDays:
    """The coming days of a position.

    Attributes
    ----------
    request : RiskRequest
    scenarios : int
    worth : float
        Number of equally probable scenarios of the same precision.
    history, after : Track
        The days up to the start, and the real ones after it where they are known. The first value
        of `after` is that at the start.
    fan : array of shape (probabilities of a fan, horizon + 1)
        Quantiles of the price or of the value of the book, from the start on.
    paths : array of shape (paths, horizon + 1)
        The first scenarios.
    profit : Histogram
        In money, over the horizon.
    risks : tuple of LevelRisk
    notes : tuple of str
    acceptance : Acceptance, optional
        Probability of the condition, where there is one.
    """

    request: RiskRequest
    scenarios: int
    worth: float
    history: Track
    after: Track
    fan: FloatArray
    paths: FloatArray
    profit: Histogram
    risks: tuple[LevelRisk, ...]
    notes: tuple[str, ...]
    acceptance: Acceptance | None = None

    def to_json(self) -> dict[str, Json]:
        """Return plain JSON data. VaR and ES are money, and positive for a loss."""
        return {
            "scenarios": self.scenarios,
            "effective_scenarios": round(self.worth, 1),
            "position": self.request.position,
            "horizon": max(self.request.horizons),
            "given": self.request.given,
            "probability": None if self.acceptance is None else self.acceptance.probability,
            "standard_error": None if self.acceptance is None else self.acceptance.standard_error,
            "history": self.history.to_json(),
            "after": self.after.to_json(),
            "quantiles": {"levels": list(FAN), "values": self._lines()},
            "paths": [_short(path) for path in self.paths],
            "terminal": self.profit.to_json(),
            "risk": [each.to_json(self.request.position) for each in self.risks],
            "notes": list(self.notes),
        }

    def _lines(self) -> list[Json]:
        """Return the lines of the fan. One is null where fewer than 20 scenarios lie beyond it."""
        beyond = zip(FAN, self.fan, strict=True)
        return [
            _short(line) if are_enough(self.worth, max(share, 1 - share)) else None
            for share, line in beyond
        ]


def address_of(request: RiskRequest, model: Model) -> str:
    """Return a hash of everything that decides the numbers of `coming_days`. Nothing is drawn.

    Raises
    ------
    SimganError
        As for `coming_days`.
    """
    expect_answerable(request)
    ready = prepared(sampled(request), model)
    book = book_of(ready.sheet.assets, request.weights, request.rebalance)
    held = [request.position, book.shares.tolist(), book.is_rebalanced]
    told = [model.name, request.as_of, request.given]  # the last day is no other start than latest
    asked = [list(request.horizons), list(request.levels), told]
    history = model.bundle.manifest.data.sha256
    return ready.address(json.dumps(["coming days", held, asked, history]))


def coming_days(
    request: RiskRequest,
    model: Model,
    progress: Progress = SILENT,
    stop: Stop | None = None,
    most: int | None = None,
) -> ComingDays:
    """Draw the scenarios of `simgan risk` over one horizon, and return them in numbers for charts.

    No rival stands beside them. A level for which weighted scenarios are worth too few has a reason
    in the place of its numbers. A note asks for no more scenarios than are found among
    `most`.

    Raises
    ------
    SimganError
        As for `simgan.workflows.risk.assess`, but for such a level.
    Interrupted
        The stop token was set.
    """
    expect_answerable(request)
    ordered = prepared(sampled(request), model, progress).order(stop)
    book = book_of(ordered.sheet.assets, request.weights, request.rebalance)
    sums, losses, probabilities = drawn(request, ordered, book, progress, stop or Stop())
    horizon, worth = max(request.horizons), worth_of(len(sums), probabilities)
    found = outlook(
        sums[:, :horizon],
        (horizon,),
        tuple(level for level in request.levels if are_enough(worth, level)),
        is_short=request.position < 0,
        fan_days=horizon,
        probabilities=probabilities,
    )
    first = float(ordered.start.initial_price[0]) if len(book.assets) == 1 else LEVEL
    moves = np.asarray(sums[:_PATHS, :horizon], np.float64)

    def risk_at(level: float) -> LevelRisk:
        if not are_enough(worth, level):
            return LevelRisk(level, reason=_too_few(worth, level))
        parts = parts_of(book, horizon, parts_at(level, losses, probabilities))
        return LevelRisk(level, found.of(horizon, level), parts)

    history, after = _tracks(request, ordered, book, first)
    return ComingDays(
        request,
        len(sums),
        worth,
        history,
        after,
        first * (1.0 + _from_start(found.fan.changes)),
        first * np.exp(_from_start(moves)),
        Histogram.of(
            request.position * np.expm1(sums[:, horizon - 1].astype(float)), probabilities
        ),
        tuple(risk_at(level) for level in request.levels),
        tuple(filter(None, (ordered.note, ordered.outcome_within(most)))),
        ordered.acceptance if ordered.given else None,
    )


def _tracks(request: RiskRequest, ordered: Order, book: Book, first: float) -> tuple[Track, Track]:
    """Return the days up to the start and those after it, where both are known."""
    nothing = Track([], np.array([first]))
    known, _ = known_at_start(request, ordered)
    if known is None or request.as_of == "stationary":
        return nothing, nothing
    count = min(BEFORE, len(known) - 1)
    backwards = np.cumsum(book.past(known.log_returns)[::-1][:count])
    earlier = first * np.exp(-np.concatenate([[0.0], backwards]))[::-1]
    history = Track(_dates(known, len(known) - count - 1), earlier)
    if not sampled(request).is_date:
        return history, nothing
    whole = ordered.history or history_of_bundle(ordered.model.bundle)
    later = whole.rows(slice(len(known), len(known) + max(request.horizons)))
    moves = np.cumsum(np.concatenate([[0.0], book.past(later.log_returns)]))
    return history, Track([known.day(-1), *_dates(later)], first * np.exp(moves))


def _too_few(worth: float, level: float) -> str:
    return (
        f"the level {level:g} needs {fewest((level,)):,} scenarios of equal probability, and these "
        f"are worth {worth:,.0f}"
    )


def _money(estimate: RiskEstimate | None, position: float) -> dict[str, Json]:
    """Return an estimate in money without its level, or nulls where there is none."""
    names = [field.name for field in fields(RiskEstimate) if field.name != "level"]
    if estimate is None:
        return dict.fromkeys(names)
    return {name: abs(position) * getattr(estimate, name) for name in names}


def _dates(history: History, first: int = 0) -> list[str]:
    return [str(day) for day in history.dates[first:].astype("datetime64[D]")]


def _from_start(changes: FloatArray) -> FloatArray:
    """Return changes (lines, days) with the start before them, which has none."""
    return np.pad(changes, ((0, 0), (1, 0)))


def _short(values: FloatArray) -> list[Json]:
    """Return numbers with the digits that a chart shows."""
    return [float(f"{value:.{_DIGITS}g}") for value in values]
