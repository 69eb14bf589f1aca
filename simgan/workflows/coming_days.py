"""The coming days of a position in numbers for charts: a fan behind the history, and its end."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import numpy as np

from simgan.arrays import FloatArray
from simgan.bundle.fields import Json
from simgan.market.history import History
from simgan.progress import SILENT, Progress, Stop
from simgan.risk.book import Book
from simgan.risk.measures import RiskEstimate
from simgan.risk.outlook import FAN, outlook, worth_of
from simgan.sampling.given import Acceptance
from simgan.sampling.model import Model
from simgan.workflows.book import book_of
from simgan.workflows.models import history_of_bundle
from simgan.workflows.orders import Order
from simgan.workflows.risk import (
    RiskRequest,
    drawn,
    expect_answerable,
    expect_worth,
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
    risks : tuple of RiskEstimate
        Shares of the position, one for each level.
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
    risks: tuple[RiskEstimate, ...]
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
            "quantiles": {"levels": list(FAN), "values": [_short(line) for line in self.fan]},
            "paths": [_short(path) for path in self.paths],
            "terminal": self.profit.to_json(),
            "risk": [self._money(each) for each in self.risks],
            "notes": list(self.notes),
        }

    def _money(self, estimate: RiskEstimate) -> dict[str, Json]:
        shares, whole = asdict(estimate), abs(self.request.position)
        return {name: x if name == "level" else whole * x for name, x in shares.items()}


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
    request: RiskRequest, model: Model, progress: Progress = SILENT, stop: Stop | None = None
) -> ComingDays:
    """Draw the scenarios of `simgan risk` over one horizon, and return them in numbers for charts.

    No rival stands beside them.

    Raises
    ------
    SimganError
        As for `simgan.workflows.risk.assess`.
    Interrupted
        The stop token was set.
    """
    expect_answerable(request)
    ordered = prepared(sampled(request), model, progress).order(stop)
    book = book_of(ordered.sheet.assets, request.weights, request.rebalance)
    sums, _, probabilities = drawn(request, ordered, book, progress, stop or Stop())
    if probabilities is not None:
        expect_worth(request, probabilities)
    horizon = max(request.horizons)
    found = outlook(
        sums[:, :horizon],
        request.horizons,
        request.levels,
        is_short=request.position < 0,
        fan_days=horizon,
        probabilities=probabilities,
    )
    first = float(ordered.start.initial_price[0]) if len(book.assets) == 1 else LEVEL
    moves = np.asarray(sums[:_PATHS, :horizon], np.float64)
    history, after = _tracks(request, ordered, book, first)
    return ComingDays(
        request,
        len(sums),
        worth_of(len(sums), probabilities),
        history,
        after,
        first * (1.0 + _from_start(found.fan.changes)),
        first * np.exp(_from_start(moves)),
        Histogram.of(
            request.position * np.expm1(sums[:, horizon - 1].astype(float)), probabilities
        ),
        tuple(each.estimate for each in found.risks),
        tuple(filter(None, (ordered.note, ordered.outcome))),
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


def _dates(history: History, first: int = 0) -> list[str]:
    return [str(day) for day in history.dates[first:].astype("datetime64[D]")]


def _from_start(changes: FloatArray) -> FloatArray:
    """Return changes (lines, days) with the start before them, which has none."""
    return np.pad(changes, ((0, 0), (1, 0)))


def _short(values: FloatArray) -> list[Json]:
    """Return numbers with the digits that a chart shows."""
    return [float(f"{value:.{_DIGITS}g}") for value in values]
