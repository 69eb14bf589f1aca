"""Utility: work that is done with generated paths and tested on the history."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.report.samples import Prepared, Samples, cut
from simgan.report.sections import SectionMaker
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
_ENDS = (0.025, 0.975)
_LEAST_DAYS, _LEAST_OUTCOMES = 250, 15  # outcomes of a forecast that do not overlap
_LEAST_BEYOND = {1: 3.0, 10: 1.5}  # sums beyond a VaR that do not overlap

_OF_FORECASTS = (
    "squared error on this history in excess of the best linear forecast, learned on the paths of "
    "each model. Real: learned on other blocks of the history. In sample where a model has learned "
    "from these days. Blind to scale, tails and drift"
)
_OF_HITS = (
    "VaR is a quantile of all generated returns of the long run, without today's volatility. Real: "
    "the nominal share, with the interval of the share beyond the VaR of a right law. Blind to "
    "clusters of the losses, and to their size beyond VaR"
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
            rows += [_hits(samples, steps, level) for level in usable]
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


def _hits(samples: Samples, steps: int, level: float) -> Row:
    """Count the real losses beyond the VaR of each model.

    The interval is that of the losses of a history beyond the VaR of others of its law, for laws
    that the real one allows. Clusters make it wide.
    """

    def value_at_risk(_: FloatArray, paths: FloatArray) -> FloatArray:
        return quantiles(sums(paths, steps), (1 - level,))

    def share(real: FloatArray, bound: FloatArray) -> float:
        return 100 * share_below(cut(real, samples.horizon), steps, float(bound[0]))

    beyond = Prepared(value_at_risk, share)
    low, high = np.quantile(samples.of_laws(beyond), _ENDS)
    return Row(
        name=f"real losses beyond VaR {100 * level:g} %",
        **samples.values(partial(beyond, samples.real)),
        horizon=steps,
        unit="%",
        real=100 * (1 - level),
        low=float(low),
        high=float(high),
        blind_to=_OF_HITS,
    )
