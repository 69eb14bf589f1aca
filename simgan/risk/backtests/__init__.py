"""Family of backtests: forecasts of a tail go in, a statistic and its p-value come out.

They test coverage, independence, expected shortfall, and the law of the PITs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.registry import Entry, Registry
from simgan.risk.backtests.exact import mid_p
from simgan.risk.backtests.forecasts import TailForecasts
from simgan.seeds import Seed
from simgan.settings import Settings

SIMULATIONS = 999
CHUNK = 1 << 16  # uniform numbers at a time, so that their transforms stay in the cache
# The same uniforms for all series of a length: a p-value depends on the forecasts alone.
SIMULATED = Seed(0)

# uniform numbers (series, days) -> statistics (series,), NaN where the test cannot be made
Statistic = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True)
class TestResult:
    """The result of one test of one set of forecasts. A small p-value speaks against them.

    Attributes
    ----------
    kind : str
        Name of the test in the table.
    days : int
        Forecasts that were used: those without overlap.
    statistic : float
        Finite, and 0 if the test cannot be made.
    p_value : float or None
        From the law of the statistic in long series. None where there is none that is known.
    simulated_p_value : float or None
        From simulated series of this length (`simgan.risk.backtests`).
    details : mapping
        Plain numbers and words that belong to the test, such as counts.
    exact_p_value : float or None
        From the exact law of the statistic in series of this length.
    """

    __test__: ClassVar[bool] = False  # pytest collects what is called Test…

    kind: str
    days: int
    statistic: float
    p_value: float | None = None
    simulated_p_value: float | None = None
    details: Mapping[str, object] = field(default_factory=dict)
    exact_p_value: float | None = None

    @property
    def is_made(self) -> bool:
        """Whether the test could be made."""
        found = (self.exact_p_value, self.simulated_p_value, self.p_value)
        return any(p is not None for p in found)

    @property
    def p(self) -> float:
        """The p-value to read: the exact one, else the simulated one, and 1 if untestable.

        With few exceedances asymptotic p-values are poor.
        """
        found = (self.exact_p_value, self.simulated_p_value, self.p_value)
        return next((p for p in found if p is not None), 1.0)

    def to_json(self) -> dict[str, object]:
        """Return plain data."""
        return {
            "kind": self.kind,
            "days": self.days,
            "statistic": self.statistic,
            "p_value": self.p_value,
            "simulated_p_value": self.simulated_p_value,
            "exact_p_value": self.exact_p_value,
            "p": self.p,
            "details": dict(self.details),
        }


@dataclass(frozen=True, kw_only=True)
class Backtest(Settings, ABC):
    """A frozen dataclass whose fields are the settings of the test."""

    kind: ClassVar[str]
    fewest: ClassVar[int] = 2  # days below which the statistic says nothing

    def test(self, forecasts: TailForecasts) -> TestResult:
        """Test forecasts of one model.

        Forecasts that overlap are thinned out first (`TailForecasts.without_overlap`).

        Parameters
        ----------
        forecasts : TailForecasts
            In the order of time. The p-values depend on them alone.

        Returns
        -------
        TestResult
            Of statistic 0 and p-value 1, with the reason in its details, where the test cannot be
            made.
        """
        apart = forecasts.without_overlap()
        if apart.days < self.fewest:
            return untestable(
                self.kind, apart.days, f"fewer than {self.fewest} forecasts without overlap"
            )
        return self._test(apart)

    @abstractmethod
    def _test(self, forecasts: TailForecasts) -> TestResult:
        """Test at least `fewest` forecasts that do not overlap."""


def untestable(kind: str, days: int, reason: str) -> TestResult:
    """Return the result that holds nothing against the forecasts."""
    return TestResult(kind, days, 0.0, details={"reason": reason})


def simulated_p_value(
    observed: float, statistic: Statistic, days: int, simulations: int = SIMULATIONS
) -> float:
    r"""Share of simulated series with a larger statistic than the observed one, after Dufour.

    A backtest has few exceedances, and the χ² laws of its statistics hold for many. Under the null
    the PITs are independent and uniform, so N series of uniforms give N statistics S₁ … S_N, and

    .. math:: p = \frac{N\,\hat G(S_0) + 1}{N + 1}, \qquad
       \hat G(S_0) = \frac1N \sum_i
       \bigl(1\{S_i > S_0\} + \tfrac12\,1\{S_i = S_0\}\bigr).

    Dufour breaks ties by coins. A tie counts half here, as in a mid-p value, so that the same
    forecasts always have the same p-value. The uniforms are the same for all series of a length,
    and no seed of the user's changes them.

    Parameters
    ----------
    observed : float
        S₀. Large speaks against the null (turn the sign of a statistic that is small then).
    statistic : function from (series, days) to (series,)
        Of independent uniforms, the PITs of a perfect model. Series that give NaN are left out, as
        a test that is conditional on something leaves them out.
    days : int
        Length of the series.
    simulations : int
        N, at least 19.

    Returns
    -------
    float
        From 1/(N + 1) to 1.

    References
    ----------
    Dufour (2006), "Monte Carlo tests with nuisance parameters".
    """
    rng = SIMULATED.stream("backtest")
    rows = max(1, CHUNK // days)
    drawn = np.concatenate(
        [
            statistic(rng.random((min(rows, simulations - i), days)))
            for i in range(0, simulations, rows)
        ]
    )
    drawn = drawn[~np.isnan(drawn)]
    above = drawn.size * mid_p(observed, drawn, np.full(drawn.size, 1.0 / max(drawn.size, 1)))
    return float((above + 1.0) / (drawn.size + 1.0))


BACKTESTS: Registry[Backtest] = Registry(
    "backtest",
    {
        "kupiec": Entry("simgan.risk.backtests.kupiec:Kupiec"),
        "christoffersen-independence": Entry(
            "simgan.risk.backtests.christoffersen_independence:ChristoffersenIndependence"
        ),
        "christoffersen": Entry("simgan.risk.backtests.christoffersen:Christoffersen"),
        "dq": Entry("simgan.risk.backtests.dq:DynamicQuantile"),
        "acerbi-szekely-1": Entry("simgan.risk.backtests.acerbi_szekely_1:AcerbiSzekely1"),
        "acerbi-szekely-2": Entry("simgan.risk.backtests.acerbi_szekely_2:AcerbiSzekely2"),
        "acerbi-szekely-3": Entry("simgan.risk.backtests.acerbi_szekely_3:AcerbiSzekely3"),
        "multinomial": Entry("simgan.risk.backtests.multinomial:Multinomial"),
        "traffic-light": Entry("simgan.risk.backtests.traffic_light:TrafficLight"),
        "pit-uniformity": Entry("simgan.risk.backtests.pit_uniformity:PitUniformity"),
        "pit-independence": Entry("simgan.risk.backtests.pit_independence:PitIndependence"),
        "berkowitz": Entry("simgan.risk.backtests.berkowitz:Berkowitz"),
    },
)
