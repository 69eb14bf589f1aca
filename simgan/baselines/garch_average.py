"""The equal-weight mixture of two volatility baselines that react to news differently."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.baselines import BASELINES, BLOCK, Baseline, Continuation, FittedBaseline
from simgan.baselines.volatility import checked_series
from simgan.errors import TrainingError

MEMBERS = ("gjr-fhs", "egarch-fhs")
Draw = Callable[[np.random.Generator], FloatArray]


class GarchAverage(Baseline):
    """GJR-FHS or EGARCH-FHS, each with probability 1/2 in every scenario.

    The mean of two density forecasts often scores better than either, because their errors differ
    and a concave score gains from the mean. Equal weights need no estimation.

    References
    ----------
    Hall & Mitchell (2007), "Combining density forecasts".
    """

    kind: ClassVar[str] = "garch-average"

    def _fit(self, log_returns: FloatArray) -> FittedAverage:
        checked_series(log_returns, self.kind)  # so that a refusal names this baseline
        try:
            first, second = (BASELINES.build(name).fit(log_returns) for name in MEMBERS)
        except TrainingError as error:
            raise TrainingError(
                f"{self.kind}: it is the mean of {' and '.join(MEMBERS)}, and one of them cannot "
                f"be used ({error})"
            ) from error
        return FittedAverage(self.kind, first, second)


def average_of(fitted: Mapping[str, FittedBaseline]) -> FittedAverage:
    """Return the mixture of members that are already fitted to one history.

    Raises
    ------
    TrainingError
        One of them is missing, because it could not be fitted.
    """
    missing = [name for name in MEMBERS if name not in fitted]
    if missing:
        raise TrainingError(
            f"{GarchAverage.kind}: it is the mean of {' and '.join(MEMBERS)}, and "
            f"{' and '.join(missing)} cannot be used"
        )
    return FittedAverage(GarchAverage.kind, *(fitted[name] for name in MEMBERS))


@dataclass(frozen=True)
class FittedAverage(FittedBaseline):
    """Two fitted baselines. A toss for each path decides from which of them it comes."""

    kind: str
    first: FittedBaseline
    second: FittedBaseline

    def _continuation(self, log_returns: FloatArray) -> Continuation:
        one, other = (model._continuation(log_returns) for model in (self.first, self.second))

        def draw(day: int, horizon: int, paths: int, rng: np.random.Generator) -> FloatArray:
            return _mixed(
                paths,
                rng,
                lambda own: one(day, horizon, paths, own),
                lambda own: other(day, horizon, paths, own),
            )

        return draw

    def _run_free(self, horizon: int, rng: np.random.Generator) -> FloatArray:
        return _mixed(
            BLOCK,
            rng,
            lambda own: self.first._run_free(horizon, own),
            lambda own: self.second._run_free(horizon, own),
        )


def _mixed(paths: int, rng: np.random.Generator, one: Draw, other: Draw) -> FloatArray:
    """Draw every path by both, each with numbers of its own, and keep the one of the toss."""
    toss, *own = rng.spawn(3)
    is_first = toss.random(paths) < 0.5
    return np.where(is_first[:, None, None], one(own[0]), other(own[1]))
