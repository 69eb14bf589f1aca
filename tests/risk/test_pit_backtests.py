"""PITs:
Anderson–Darling, Ljung–Box and Berkowitz against scipy, statsmodels and maximised likelihoods.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2, goodness_of_fit, norm, uniform
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.tsa.ar_model import AutoReg
from tail_forecasts import right_forecasts

from simgan.errors import ConfigError
from simgan.risk.backtests.berkowitz import Berkowitz
from simgan.risk.backtests.forecasts import TailForecasts
from simgan.risk.backtests.pit_independence import PitIndependence
from simgan.risk.backtests.pit_uniformity import PitUniformity, anderson_darling
from simgan.seeds import Seed


def with_pits(pit: np.ndarray) -> TailForecasts:
    return replace(right_forecasts(pit.size, 0.95, 1), pit=pit)


def test_anderson_darling_is_that_of_scipy() -> None:
    pit = np.random.default_rng(1).random(80)
    known = goodness_of_fit(
        uniform, pit, known_params={"loc": 0, "scale": 1}, statistic="ad", n_mc_samples=2
    )
    assert PitUniformity().test(with_pits(pit)).statistic == pytest.approx(
        known.statistic, abs=1e-9
    )


def test_anderson_darling_has_the_published_critical_values() -> None:
    """Stephens (1974), case 0:
    1.933, 2.492 and 3.857 at 10, 5 and 1 %; 40,000 series of 100, within four errors.
    """
    values = anderson_darling(Seed(1).stream("validation").random((40_000, 100)))
    for critical, size in ((1.933, 0.10), (2.492, 0.05), (3.857, 0.01)):
        assert np.mean(values > critical) == pytest.approx(
            size, abs=4 * np.sqrt(size * (1 - size) / 40_000)
        )


def test_uniformity_sees_a_tail_that_kolmogorov_and_smirnov_do_not() -> None:
    """Two of 300 days at 10⁻⁶ in otherwise even PITs: A² is moved, and by nothing but them."""
    even = (np.arange(300) + 0.5) / 300
    assert PitUniformity().test(with_pits(even)).p > 0.99
    fat = even.copy()
    fat[:8] = 0.0
    fat[-8:] = 1.0
    assert PitUniformity().test(with_pits(fat)).statistic > 5 * anderson_darling(even[None])[0]


def test_ljung_box_is_that_of_statsmodels() -> None:
    pit = np.random.default_rng(2).random(200)
    result = PitIndependence(lags=6).test(with_pits(pit))
    levels, squares = (
        float(acorr_ljungbox(x, lags=[6])["lb_stat"].iloc[0]) for x in (pit, (pit - 0.5) ** 2)
    )
    assert result.details == {
        "of the PITs": pytest.approx(levels, rel=1e-9),
        "of their squares": pytest.approx(squares, rel=1e-9),
    }
    assert result.statistic == pytest.approx(levels + squares, rel=1e-9)
    assert result.p_value == pytest.approx(chi2.sf(levels + squares, 12), rel=1e-9)


def test_independence_leaves_the_law_of_the_pits_alone() -> None:
    """Cubes of uniforms in random order are anything but uniform, and independent."""
    pit = np.random.default_rng(3).random(500) ** 3
    assert PitIndependence().test(with_pits(pit)).p > 0.05
    assert PitUniformity().test(with_pits(pit)).p < 0.01


def test_independence_sees_volatility_that_is_missed() -> None:
    """PITs of an i.i.d. normal forecast for clustered volatility."""
    forecasts = right_forecasts(1500, 0.95, 2)
    assert PitIndependence().test(forecasts).p > 0.01
    sigma = np.repeat(np.random.default_rng(4).choice([0.5, 1.5], 50), 30)
    clustered = norm.cdf(sigma * np.random.default_rng(5).standard_normal(1500))
    assert PitIndependence().test(with_pits(clustered)).p < 0.01


def test_berkowitz_is_a_maximised_likelihood() -> None:
    """Conditional AR(1) likelihood, by a general optimiser and by statsmodels' AutoReg."""
    z = 0.2 + 1.1 * np.random.default_rng(6).standard_normal(150)
    result = Berkowitz().test(with_pits(norm.cdf(z)))

    def minus_log(parameters: np.ndarray) -> float:
        mean, log_sigma, slope = parameters
        return -float(norm.logpdf(z[1:], mean + slope * (z[:-1] - mean), np.exp(log_sigma)).sum())

    best = minimize(minus_log, np.zeros(3), method="BFGS", options={"gtol": 1e-8}).fun
    at_null = minus_log(np.zeros(3))
    assert result.statistic == pytest.approx(2 * (at_null - best), abs=1e-6)
    assert result.statistic == pytest.approx(
        2 * (AutoReg(z, 1, trend="c").fit().llf + at_null), abs=1e-6
    )
    assert result.p_value == pytest.approx(chi2.sf(result.statistic, 3), rel=1e-9)


def test_pits_that_do_not_vary_have_an_answer() -> None:
    for test in (Berkowitz(), PitIndependence()):
        assert test.test(with_pits(np.full(50, 0.3))).p == 1.0
    assert PitUniformity().test(with_pits(np.full(50, 0.3))).p < 0.01


def test_no_lags_are_refused() -> None:
    with pytest.raises(ConfigError, match="lags"):
        PitIndependence(lags=0)
