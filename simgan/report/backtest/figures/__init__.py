"""The figures of a backtest, one asset and horizon at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simgan.report.backtest.figures.calibration import bands, lights, pits, years
from simgan.report.backtest.figures.differences import differences, pooled_differences
from simgan.report.backtest.figures.shown import Shown
from simgan.report.backtest.results import BacktestResults
from simgan.report.backtest.scores import POOLED, arrange
from simgan.report.figures.canvas import Illustration, drawing
from simgan.risk.walks import Walk


@dataclass(frozen=True)
class Album:
    """The figures of one asset, or of all together, over one horizon."""

    asset: str
    horizon: int
    illustrations: tuple[Illustration, ...]


def illustrate(results: BacktestResults, walks: Sequence[Walk]) -> tuple[Album, ...]:
    """Draw an album for each asset and horizon. The same input gives the same bytes.

    With several assets the page would have many megabytes. Then each horizon has one album of the
    pooled score differences, and each asset has one for the shortest horizon.

    Parameters
    ----------
    results : BacktestResults
        Of these walks.
    walks : sequence of Walk
        The forecasts.
    """
    groups = arrange(walks, results.reference).groups
    shown = [Shown(group, results, number) for number, group in enumerate(groups)]
    if len(results.assets) == 1:
        with drawing():
            return tuple(_album(one) for one in shown)
    with drawing():
        return (
            *(
                _together([one for one in shown if one.horizon == horizon])
                for horizon in results.horizons
            ),
            *(_album(one) for one in shown if one.horizon == min(results.horizons)),
        )


def _album(shown: Shown) -> Album:
    drawn = [bands(shown), differences(shown), years(shown), pits(shown), lights(shown)]
    return Album(
        shown.asset,
        shown.horizon,
        tuple(illustration for illustration in drawn if illustration is not None),
    )


def _together(shown: list[Shown]) -> Album:
    drawn = pooled_differences(shown)
    return Album(POOLED, shown[0].horizon, () if drawn is None else (drawn,))


__all__ = ["Album", "illustrate"]
