"""Risk along a path: drawdowns, time under water, runs, volatility of months, aggregation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from simgan.arrays import FloatArray
from simgan.report.samples import Samples
from simgan.report.sections import SectionMaker
from simgan.report.verdict import Row, Section
from simgan.stats.moments import share_still
from simgan.stats.path_risk import (
    MONTH,
    YEAR,
    log_volatility_memory,
    log_volatility_spread,
    longest_losing_runs,
    longest_under_water,
    maximum_drawdowns,
    quantiles,
    tail_ratio,
    variance_ratio,
    volatilities,
    wild_run,
)

STRIDE = 50  # days from one stretch of a year to the next
TAIL_HORIZONS, VARIANCE_HORIZONS = (1, 5, 20, 60), (5, 60)
_LEAST_YEARS, _LEAST_MONTHS = 2, 10
_LEAST_SUMS = 60  # that do not overlap: 1.5 of them lie beyond the 2.5 % quantile
_LEAST_BLOCKS = 10
_MOST_STILL = 0.4  # share of days without a move: near a half, the quartiles meet
_HIGH = 0.95

_DRIFT = "blind to the order of years; moves with the drift"


@dataclass(frozen=True)
class Paths(SectionMaker):
    """Statistics of the order of days, as a holder of a position meets them."""

    kind: ClassVar[str] = "paths"
    title: ClassVar[str] = "Risk along paths"

    def make(self, samples: Samples) -> Section:
        rows: list[Row] = []
        skipped: list[str] = []
        for part in (_of_years, _of_runs, _of_months, _of_tails, _of_variances):
            made, reasons = part(samples)
            rows += made
            skipped += reasons
        return Section(self.kind, self.title, tuple(rows), tuple(skipped))


Part = tuple[list[Row], list[str]]


def _of_years(samples: Samples) -> Part:
    days = len(samples.real)
    if samples.horizon < YEAR or days < _LEAST_YEARS * YEAR:
        return [], [
            f"drawdowns, time under water and losing runs of {YEAR} days: "
            f"{_LEAST_YEARS * YEAR} days of history and paths of {YEAR} are needed, and they have "
            f"{days} and {samples.horizon}"
        ]
    depth = partial(_over_years, measure=maximum_drawdowns)
    return [
        samples.level(
            f"maximum drawdown of {YEAR} days, mean",
            lambda r: float(depth(r).mean()),
            scale=100,
            unit="%",
            blind_to=_DRIFT,
        ),
        samples.level(
            f"maximum drawdown of {YEAR} days, {100 * _HIGH:g} % quantile",
            lambda r: _quantile(depth(r), _HIGH),
            scale=100,
            unit="%",
            blind_to=_DRIFT,
        ),
        samples.level(
            f"longest time under water in {YEAR} days, mean",
            lambda r: float(_over_years(r, longest_under_water).mean()),
            unit="days",
            blind_to="blind to the size of losses: it sees their order, and drift against spread",
        ),
        samples.level(
            f"longest run of losses in {YEAR} days, mean",
            lambda r: float(_over_years(r, longest_losing_runs).mean()),
            unit="days",
            blind_to="blind to the size of losses: it sees their order and their share",
        ),
    ], []


def _of_runs(samples: Samples) -> Part:
    if samples.horizon < MONTH:
        reason = f"paths of {samples.horizon} days are shorter than {MONTH}"
        return [], [f"run of wild days: {reason}"]
    return [
        samples.memory_level(
            "run of wild days, mean",
            wild_run,
            unit="days",
            blind_to="blind to signs and sizes: it sees how the fifth of largest moves clusters",
        )
    ], []


def _of_months(samples: Samples) -> Part:
    days = len(samples.real)
    if samples.horizon < MONTH or days < _LEAST_MONTHS * MONTH:
        return [], [
            f"volatility of {MONTH} days: {_LEAST_MONTHS * MONTH} days of history and paths of "
            f"{MONTH} are needed, and they have {days} and {samples.horizon}"
        ]
    signs = "blind to signs, and to the order of days within a month"
    rows = [
        samples.level(
            f"volatility of {MONTH} days, median",
            lambda r: _quantile(volatilities(r), 0.5),
            scale=100,
            unit="%",
            blind_to=signs,
        ),
        samples.level(
            f"volatility of {MONTH} days, {100 * _HIGH:g} % quantile",
            lambda r: _quantile(volatilities(r), _HIGH),
            scale=100,
            unit="%",
            blind_to=signs,
        ),
        samples.memory_level(
            f"volatility of volatility, {MONTH} days",
            log_volatility_spread,
            blind_to=f"{signs}, and to the scale",
        ),
    ]
    if samples.horizon < YEAR:
        reason = f"paths of {samples.horizon} days are shorter than {YEAR}"
        return rows, [f"volatility from one month to the next: {reason}"]
    return [
        *rows,
        samples.memory_level(
            f"autocorrelation of the volatility of {MONTH} days",
            log_volatility_memory,
            blind_to="blind to signs, scale, and the direction of time",
        ),
    ], []


def _of_tails(samples: Samples) -> Part:
    every = (samples.real, *samples.fakes.values())
    if max(map(share_still, every)) > _MOST_STILL:
        return [], [
            f"tail ratios: more than {100 * _MOST_STILL:g} % of the days of history or model "
            "have no move"
        ]
    note = (
        "blind to scale and signs, and to the outermost 2.5 % on each side; one day moves it little"
    )
    return _by_horizon(
        samples,
        "tail ratio",
        TAIL_HORIZONS,
        _LEAST_SUMS,
        lambda h: samples.location_level(
            "tail ratio", partial(tail_ratio, steps=h), horizon=h, blind_to=note
        ),
    )


def _of_variances(samples: Samples) -> Part:
    note = "blind to tails, scale and clusters: it sees the autocorrelation of returns"
    return _by_horizon(
        samples,
        "variance ratio",
        VARIANCE_HORIZONS,
        _LEAST_BLOCKS,
        lambda h: samples.level(
            "variance ratio", partial(variance_ratio, steps=h), horizon=h, blind_to=note
        ),
    )


def _by_horizon(
    samples: Samples,
    name: str,
    horizons: tuple[int, ...],
    least: int,
    row: Callable[[int], Row],
) -> Part:
    """Make a row for each horizon of which history and paths hold enough sums."""
    days = len(samples.real)
    usable = [h for h in horizons if days >= least * h and samples.horizon >= h]
    left = ", ".join(str(h) for h in horizons if h not in usable)
    reason = (
        f"{name} over {left} days: paths of {samples.horizon} days are shorter, or {days} days of "
        f"history hold fewer than {least} such stretches"
    )
    return [row(h) for h in usable], [reason] if left else []


def _over_years(
    returns: FloatArray, measure: Callable[[FloatArray, int, int], FloatArray]
) -> FloatArray:
    return measure(returns, YEAR, STRIDE)


def _quantile(values: FloatArray, probability: float) -> float:
    return float(quantiles(values, (probability,))[0])
