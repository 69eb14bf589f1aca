"""Hits: Kupiec, Christoffersen and DQ against published numbers and other libraries."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import chi2
from tail_forecasts import right_forecasts, with_hits

from simgan.errors import ConfigError
from simgan.risk.backtests.christoffersen import Christoffersen
from simgan.risk.backtests.christoffersen_independence import ChristoffersenIndependence
from simgan.risk.backtests.dq import DynamicQuantile
from simgan.risk.backtests.forecasts import TailForecasts, coverage_ratio, independence_ratio
from simgan.risk.backtests.kupiec import Kupiec


def equity_index() -> np.ndarray:
    """Hits with the counts of the example of MATLAB's `varbacktest.cci`:
    n00, n10, n01, n11 = 932, 53, 53, 4.
    """
    hits = np.zeros(1043, bool)
    hits[1:6] = True
    hits[10 : 10 + 52 * 2 : 2] = True
    return hits


def some_hits(days: int, count: int) -> np.ndarray:
    return np.arange(days) < count


@pytest.mark.parametrize(
    ("count", "level", "ratio", "p"), [(57, 0.95, 0.46147, 0.49694), (17, 0.99, 3.5118, 0.060933)]
)
def test_kupiec_is_that_of_matlab(count: int, level: float, ratio: float, p: float) -> None:
    """Documented output of `varbacktest.pof` (Risk Management Toolbox):
    1,043 days, Normal95 and Normal99.
    """
    result = Kupiec().test(with_hits(some_hits(1043, count), level))
    assert result.statistic == pytest.approx(ratio, abs=6e-5 if ratio > 1 else 6e-6)
    assert result.p_value == pytest.approx(p, abs=6e-6)
    assert result.details["hits"] == count


@pytest.mark.parametrize(
    ("days", "a", "low", "high"),
    [
        (255, 0.01, 0, 7),
        (510, 0.01, 1, 11),
        (1000, 0.01, 4, 17),
        (255, 0.025, 2, 12),
        (510, 0.025, 6, 21),
        (1000, 0.025, 15, 36),
        (255, 0.05, 6, 21),
        (510, 0.05, 16, 36),
        (1000, 0.05, 37, 65),
    ],
)
def test_kupiec_has_the_regions_of_his_table(days: int, a: float, low: int, high: int) -> None:
    """Kupiec (1995), table of non-rejection regions at 95 %: low < failures < high.

    For 255 days at 1 % it prints "N < 7" only; his own ratio rejects no failures there, −2 · 255
    log 0.99 = 5.13 > 3.84.
    """
    hits = np.stack([some_hits(days, count) for count in range(low, high + 1)])
    kept = coverage_ratio(hits, a) < chi2.ppf(0.95, 1)
    expected = np.ones(len(hits), bool)
    expected[[0, -1]] = False
    np.testing.assert_array_equal(kept, expected)


def test_kupiec_without_a_hit_by_hand() -> None:
    """−2 · 250 log 0.99 = 5.0252."""
    assert coverage_ratio(np.zeros((1, 250), bool), 0.01)[0] == pytest.approx(-500 * np.log(0.99))


def test_independence_is_that_of_matlab() -> None:
    """Documented output of `varbacktest.cci`: 0.25866 and 0.61104."""
    result = ChristoffersenIndependence().test(with_hits(equity_index(), 0.95))
    assert result.statistic == pytest.approx(0.25866, abs=6e-6)
    assert result.p_value == pytest.approx(0.61104, abs=6e-6)
    assert result.details == {"hits": 57, "hits after a hit": 4}


def test_conditional_coverage_is_that_of_matlab() -> None:
    """The sum of both, 0.46147 + 0.25866, as `varbacktest.cc` defines it;
    p from χ² of two degrees of freedom is exp(−LR/2).
    """
    result = Christoffersen().test(with_hits(equity_index(), 0.95))
    assert result.statistic == pytest.approx(0.72013, abs=1.2e-5)
    assert result.p_value == pytest.approx(np.exp(-0.72013 / 2), abs=1e-5)


def test_ratios_are_those_of_likelihoods_multiplied_out() -> None:
    """Products over days of the probabilities of what happened, at the rates that were counted."""
    hits = np.random.default_rng(1).random(60) < 0.2
    before, after = hits[:-1], hits[1:]

    def likelihood(rates: np.ndarray | float, came: np.ndarray) -> float:
        return float(np.prod(np.where(came, rates, 1 - np.asarray(rates))))

    uc = -2 * np.log(likelihood(0.1, hits) / likelihood(hits.mean(), hits))
    rates = np.where(before, after[before].mean(), after[~before].mean())
    ind = -2 * np.log(likelihood(after.mean(), after) / likelihood(rates, after))
    assert coverage_ratio(hits[None], 0.1)[0] == pytest.approx(uc, abs=1e-10)
    assert independence_ratio(hits[None])[0] == pytest.approx(ind, abs=1e-10)


@pytest.mark.parametrize("places", [[], [0], [99], [50], [0, 99]])
def test_few_hits_have_finite_ratios(places: list[int]) -> None:
    hits = np.zeros((1, 100), bool)
    hits[0, places] = True
    assert 0.0 <= independence_ratio(hits)[0] < 1.0
    assert independence_ratio(~hits)[0] >= 0.0


def test_independence_leaves_the_rate_alone() -> None:
    """Twice as many hits as promised, spread evenly at random:
    conditional coverage fails, independence does not.
    """
    hits = np.random.default_rng(4).random(1000) < 0.1
    assert ChristoffersenIndependence().test(with_hits(hits, 0.95)).p > 0.05
    assert Christoffersen().test(with_hits(hits, 0.95)).p < 0.01


def test_simulation_and_asymptotics_agree_in_long_series() -> None:
    """5,000 days at 95 %:
    250 hits expected; p-values of 999 simulations have an error of 1.6 % at most.
    """
    for seed in range(3):
        forecasts = right_forecasts(5000, 0.95, seed)
        for test in (Kupiec(), ChristoffersenIndependence(), Christoffersen(), DynamicQuantile()):
            result = test.test(forecasts)
            assert result.p_value is not None
            assert abs(result.p - result.p_value) < 0.08, (test.kind, result)


def regression(forecasts: TailForecasts, lags: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Response (days − lags,) and regressors (days − lags, 2 + lags) of the test."""
    excess = forecasts.hits - forecasts.tail_probability
    columns = [excess[lags - lag : -lag] for lag in range(1, lags + 1)]
    return excess[lags:], np.column_stack(
        [np.ones(forecasts.days - lags), *columns, forecasts.value_at_risk[lags:]]
    )


@pytest.mark.parametrize("level", [0.95, 0.99])
def test_dq_is_the_regression_of_statsmodels(level: float) -> None:
    """H'X(X'X)⁻¹X'H is the sum of squares of the fitted values of OLS."""
    for seed in range(4):
        forecasts = right_forecasts(400, level, seed)
        result = DynamicQuantile().test(forecasts)
        value = (sm.OLS(*regression(forecasts)).fit().fittedvalues ** 2).sum() / (
            level * (1 - level)
        )
        assert result.statistic == pytest.approx(value, rel=1e-7)
        assert result.p_value == pytest.approx(chi2.sf(value, 6), rel=1e-6)


@pytest.mark.parametrize(("count", "freedom"), [(0, 1), (300, 1), (30, 5)])
def test_a_singular_regression_loses_degrees_of_freedom(count: int, freedom: int) -> None:
    """A constant VaR is the constant, and lagged hits are, too, where there are none or nothing
    else.
    """
    hits = np.zeros(300, bool)
    hits[np.random.default_rng(1).choice(300, count, replace=False)] = True
    forecasts = with_hits(hits, 0.95)
    result = DynamicQuantile().test(forecasts)
    response, regressors = regression(forecasts)
    fitted = regressors @ np.linalg.lstsq(regressors, response, rcond=1e-10)[0]
    assert result.details["degrees of freedom"] == freedom
    assert result.statistic == pytest.approx((fitted**2).sum() / (0.05 * 0.95), rel=1e-7)


def test_dq_without_hits_by_hand() -> None:
    """Every day is −a: the constant explains 296 a² of 300 days, over a (1 − a)."""
    assert DynamicQuantile().test(with_hits(np.zeros(300, bool), 0.95)).statistic == pytest.approx(
        296 * 0.05 / 0.95
    )


def test_dq_finds_hits_that_the_var_foretells() -> None:
    """Hits only where the VaR is lowest, one in ten days, never neighbours:
    only the regression on the VaR can tell.
    """
    rng = np.random.default_rng(2)
    hits = np.zeros(1000, bool)
    hits[10 * np.arange(100) + rng.integers(0, 10, 100)] = rng.random(100) < 0.5
    forecasts = with_hits(hits, 0.95)
    moved = TailForecasts(
        forecasts.realized,
        np.where(hits, 0.9, 1.0) + 0.05 * rng.random(1000),
        np.full(1000, 1.2),
        0.95,
        forecasts.law,
        forecasts.pit,
    )
    assert Kupiec().test(moved).p > 0.05
    assert DynamicQuantile().test(moved).p < 0.01


def test_dq_needs_a_lag() -> None:
    with pytest.raises(ConfigError, match="lags"):
        DynamicQuantile(lags=0)
