"""The contract of a backtest: forecasts of a tail go in, a statistic and its p-value come out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from simgan.risk.backtests.forecasts import TailForecasts
from simgan.seeds import Seed


@dataclass(frozen=True)
class TestResult:
    """What one test says about one set of forecasts; a small p-value speaks against them.

    Attributes
    ----------
    kind : str
        Name of the test in the table.
    days : int
        Forecasts that were used: those without overlap.
    statistic : float
        Finite; 0 where the test cannot be made.
    p_value : float or None
        From the law of the statistic in long series, or its exact one; None where there is none that is known.
    simulated_p_value : float or None
        From the law of the statistic in series of this length (`simgan.risk.backtests.monte_carlo`).
    details : mapping
        Plain numbers and words that belong to the test, such as counts.
    """

    __test__: ClassVar[bool] = False  # pytest collects what is called Test…

    kind: str
    days: int
    statistic: float
    p_value: float | None = None
    simulated_p_value: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def p(self) -> float:
        """The p-value to read: the simulated one where there is one, for few exceedances make the asymptotic ones poor; 1 if untestable."""
        if self.simulated_p_value is not None:
            return self.simulated_p_value
        return 1.0 if self.p_value is None else self.p_value

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "kind": self.kind,
            "days": self.days,
            "statistic": self.statistic,
            "p_value": self.p_value,
            "simulated_p_value": self.simulated_p_value,
            "p": self.p,
            "details": dict(self.details),
        }


class Backtest(ABC):
    """A frozen dataclass whose fields are the settings of the test."""

    kind: ClassVar[str]
    fewest: ClassVar[int] = 2  # days below which the statistic says nothing

    def test(self, forecasts: TailForecasts, seed: Seed) -> TestResult:
        """Test forecasts of one model.

        Forecasts that overlap are thinned out first (`TailForecasts.without_overlap`).

        Parameters
        ----------
        forecasts : TailForecasts
            In the order of time.
        seed : Seed
            Stream ``backtest``; the same seed gives the same p-value. Give each series of forecasts its own
            (``Seed(seed.integer("backtest", number))``): with one seed for all, ties are broken everywhere by the same coin.

        Returns
        -------
        TestResult
            Of statistic 0 and p-value 1, with the reason in its details, where the test cannot be made.
        """
        apart = forecasts.without_overlap()
        if apart.days < self.fewest:
            return untestable(
                self.kind, apart.days, f"fewer than {self.fewest} forecasts without overlap"
            )
        return self._test(apart, seed)

    @abstractmethod
    def _test(self, forecasts: TailForecasts, seed: Seed) -> TestResult:
        """Test at least `fewest` forecasts that do not overlap."""


def untestable(kind: str, days: int, reason: str) -> TestResult:
    """Return the result that holds nothing against the forecasts."""
    return TestResult(kind, days, 0.0, details={"reason": reason})
