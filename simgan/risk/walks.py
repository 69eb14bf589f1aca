"""The result of a walk-forward: forecasts of one portfolio by one model, beside the outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import FloatArray
from simgan.errors import ConfigError
from simgan.readable import ByValue, Readable
from simgan.risk.law import QuantileLaw
from simgan.risk.portfolio import Portfolio
from simgan.risk.scores import fz0, pinball

Dates = NDArray[np.datetime64]
PERCENT = 100.0  # published FZ0 scores are those of returns in percent


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Walk(Readable, ByValue):
    """Forecasts of the log return over `horizon` days from each date on.

    All arrays have a row a date.

    Attributes
    ----------
    portfolio : Portfolio
        Whose returns are forecast. With one asset it is the asset itself.
    model : str
    horizon : int
        Days that a forecast is summed over. Forecasts are made every day, so that those over
        several days overlap.
    dates : array of shape (days,)
        First day of the forecast. The model saw earlier days only.
    realized : array of shape (days,)
        Outcome: the log return over the horizon.
    levels : tuple of float
        Coverages in ascending order, for example (0.95, 0.975, 0.99).
    value_at_risk, expected_shortfall : arrays of shape (days, levels)
        Positive for a loss, in log returns over the horizon.
    crps : array of shape (days,)
        Score of the whole law, in log returns.
    pit : array of shape (days,)
        Forecast probability of a return up to the outcome.
    law : QuantileLaw, optional
        The whole forecast of each day.

    Raises
    ------
    ConfigError
        Shapes disagree.
    """

    portfolio: Portfolio
    model: str
    horizon: int
    dates: Dates
    realized: FloatArray
    levels: tuple[float, ...]
    value_at_risk: FloatArray
    expected_shortfall: FloatArray
    crps: FloatArray
    pit: FloatArray
    law: QuantileLaw | None = None

    def __post_init__(self) -> None:
        days = len(self.dates)
        shapes = [
            a.shape
            for a in (
                self.realized,
                self.crps,
                self.pit,
                self.value_at_risk,
                self.expected_shortfall,
            )
        ]
        if shapes != 3 * [(days,)] + 2 * [(days, len(self.levels))]:
            raise ConfigError(
                "Walk",
                "shapes",
                shapes,
                f"{days} days, and {len(self.levels)} levels for VaR and ES",
            )

    def _title(self) -> str:
        return f"Forecasts of {self.asset} by {self.model}"

    def _facts(self) -> Iterator[tuple[str, str]]:
        ends = f", {self.dates[0]} to {self.dates[-1]}" if len(self.dates) else ""
        yield "days", f"{len(self.dates):,}{ends}"
        yield "horizon", f"{self.horizon} days"
        for level in self.levels:
            yield f"beyond the VaR at {level:g}", f"{int(self.exceedances(level).sum()):,} days"

    @property
    def asset(self) -> str:
        """Name of the portfolio in tables."""
        return self.portfolio.name

    @property
    def assets(self) -> tuple[str, ...]:
        """Names of the assets in the portfolio."""
        return self.portfolio.assets

    def column(self, level: float) -> int:
        """Return the column of a level.

        Raises
        ------
        ConfigError
            The walk has no forecasts at this level.
        """
        if level not in self.levels:
            raise ConfigError(
                "Walk", "level", level, f"one of {', '.join(f'{known:g}' for known in self.levels)}"
            )
        return self.levels.index(level)

    def exceedances(self, level: float) -> NDArray[np.bool_]:
        """Days with a loss above the VaR, shape (days,)."""
        return np.asarray(-self.realized > self.value_at_risk[:, self.column(level)])

    def fz0(self, level: float) -> FloatArray:
        """FZ0 of each day, shape (days,), of returns in percent."""
        column = self.column(level)
        var, es = (
            PERCENT * self.value_at_risk[:, column],
            PERCENT * self.expected_shortfall[:, column],
        )
        return fz0(var, es, PERCENT * self.realized, 1 - level)

    def pinball(self, level: float) -> FloatArray:
        """Quantile score of the VaR of each day, shape (days,), in log returns."""
        return pinball(-self.value_at_risk[:, self.column(level)], self.realized, 1 - level)
