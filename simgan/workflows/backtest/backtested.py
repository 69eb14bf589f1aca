"""The result of a backtest as its user has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simgan.errors import packages_for
from simgan.readable import ByValue, Readable
from simgan.report.backtest.results import BacktestResults
from simgan.report.verdict import over
from simgan.risk.joint_walks import JointWalk
from simgan.risk.walks import Walk

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Backtested(Readable, ByValue):
    """The result of a backtest: the walks, their scores and tests, and the files.

    Attributes
    ----------
    walks : tuple of Walk
        By asset, model and horizon.
    results : BacktestResults
    page, numbers, forecasts : Path
    joint_walks : tuple of JointWalk
        Scores of the assets of a book together, by model and horizon.
    scores : Path, optional
        File of the scores of vectors. None without joint forecasts.
    """

    walks: tuple[Walk, ...]
    results: BacktestResults
    page: Path
    numbers: Path
    forecasts: Path
    joint_walks: tuple[JointWalk, ...] = ()
    scores: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that were written."""
        more = () if self.scores is None else (self.scores,)
        return (self.page, self.numbers, self.forecasts, *more)

    def _title(self) -> str:
        return f"Backtest of {', '.join(self.results.models)} on {', '.join(self.results.assets)}"

    def _facts(self) -> Iterator[tuple[str, str]]:
        for period in self.results.periods:
            days = f"{period.days:,} days, {period.first} to {period.last}"
            yield f"{period.asset}, {over(period.horizon)}", days
        for line in self.results.lines:
            yield "verdict", line
        yield "page", str(self.page)
        yield "forecasts", str(self.forecasts)
        if self.scores is not None:
            yield "joint scores", str(self.scores)

    @packages_for("Backtested.summary")
    def summary(self) -> pd.DataFrame:
        """Return the mean scores as a frame: a row for each measure, a column for each model.

        Low is good. Of a book there are also rows of its assets together and of portfolios of them.
        """
        import pandas as pd

        rows = [
            {
                "asset": row.asset,
                "horizon": row.horizon,
                "measure": row.measure.label,
                **{model: score.mean for model, score in row.models.items()},
            }
            for row in self.results.all_scores
        ]
        return pd.DataFrame(rows).set_index(["asset", "horizon", "measure"])

    @packages_for("Backtested.plot")
    def plot(
        self,
        asset: str | None = None,
        *,
        model: str | None = None,
        horizon: int | None = None,
        level: float | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw the outcomes and the VaR of one model, and mark the days beyond it.

        Parameters
        ----------
        asset, model, horizon, level : optional
            Default: the first asset, the judged model, the first horizon, the highest level.
        ax : Axes, optional
            Default: a new figure.

        Raises
        ------
        ConfigError
            The backtest has no such forecasts.
        """
        from simgan.report.plots import forecasts

        return forecasts(self.walks, asset, model, horizon, level, ax)
