"""Utility: work that is done with generated paths and tested on the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import numpy as np

from simgan.report.sections import Prepared, Samples, SectionMaker, cut, in_the_mean
from simgan.report.verdict import Row, Section, over
from simgan.stats.moments import sums
from simgan.stats.path_risk import quantiles, share_below
from simgan.stats.volatility_forecasts import (
    excess_loss,
    excess_loss_of_folds,
    fewest_days,
    learn,
)

FORECASTS, LEVELS, VAR_HORIZONS = (1, 5, 20), (0.95, 0.975, 0.99), (1, 10)
_LEAST_DAYS, _LEAST_OUTCOMES = 250, 15  # outcomes of a forecast that do not overlap
_LEAST_BEYOND = {1: 3.0, 10: 1.5}  # sums beyond a VaR that do not overlap

_OF_FORECASTS = (
    "squared error on this history in excess of the best linear forecast, learned on the paths of "
    "each model. Real: learned on other blocks of the history. In sample where a model has learned "
    "from these days. Blind to scale, tails and drift"
)
_OF_HITS = (
    "VaR is a quantile of all generated returns of the long run, without today's volatility. The "
    "interval is that of the share beyond the true VaR. Blind to clusters of the losses, and to "
    "their size beyond VaR"
)


@dataclass(frozen=True)
class Utility(SectionMaker):
    """A volatility forecast and VaR, learned from generated paths and tested on real days."""

    kind: ClassVar[str] = "utility"
    title: ClassVar[str] = "Learned from generated paths, tested on real days"

    def make(self, samples: Samples) -> Section:
        days, paths = len(samples.real), samples.horizon
        rows: list[Row] = []
        skipped: list[str] = []
        for steps in FORECASTS:
            if days < _forecastable(steps) or paths < fewest_days(steps):
                skipped.append(
                    f"forecast of volatility over {over(steps)}: {_forecastable(steps)} days of "
                    f"history and paths of {fewest_days(steps)} are needed, and they have {days} "
                    f"and {paths}"
                )
            else:
                rows.append(_forecast(samples, steps))
        for steps in VAR_HORIZONS:
            usable = [level for level in LEVELS if _has_hits(samples, steps, level)]
            rows += _hits(samples, steps, usable)
            if left := [f"{100 * level:g}" for level in LEVELS if level not in usable]:
                skipped.append(
                    f"losses beyond VaR {', '.join(left)} % over {over(steps)}: {days} days of "
                    f"history hold too few, or paths of {paths} days are shorter"
                )
        return Section(self.kind, self.title, tuple(rows), tuple(skipped))


def _learned(steps: int) -> Prepared:
    """Return the excess loss in % of a forecast that is learned on paths, tested on a history."""
    return Prepared(
        lambda _, paths: learn(paths, steps),
        lambda real, coefficients: 100 * excess_loss(real, coefficients, steps),
    )


def _forecastable(steps: int) -> int:
    return max(_LEAST_DAYS, fewest_days(steps) + _LEAST_OUTCOMES * steps)


def _forecast(samples: Samples, steps: int) -> Row:
    row = samples.distance(
        "loss of a volatility forecast",
        _learned(steps),
        horizon=steps,
        unit="%",
        blind_to=_OF_FORECASTS,
    )
    return replace(row, real=100 * excess_loss_of_folds(samples.real, steps))


def _has_hits(samples: Samples, steps: int, level: float) -> bool:
    independent = len(samples.real) / steps
    return independent * (1 - level) >= _LEAST_BEYOND[steps] and samples.horizon >= steps


def _hits(samples: Samples, steps: int, levels: Sequence[float]) -> list[Row]:
    """Count the real losses beyond the VaR of each model.

    The interval is that of losses beyond the history's own VaR, which clusters make wider.
    """
    if not levels:
        return []
    real = cut(samples.real, samples.horizon)
    tails = tuple(1 - level for level in levels)
    own = quantiles(sums(real, steps), tails)
    bounds = {
        name: np.array([quantiles(sums(r, steps), tails) for r in samples.parts(paths)])
        for name, paths in samples.fakes.items()
    }
    rows = []
    for i, level in enumerate(levels):
        row = samples.level(
            f"real losses beyond VaR {100 * level:g} %",
            partial(share_below, steps=steps, bound=own[i]),
            horizon=steps,
            scale=100,
            unit="%",
            blind_to=_OF_HITS,
        )
        hits = in_the_mean(
            {
                name: [100 * share_below(real, steps, bound) for bound in found[:, i]]
                for name, found in bounds.items()
            }
        )
        rows.append(replace(row, **hits, low=max(row.low or 0.0, 0.0)))
    return rows
