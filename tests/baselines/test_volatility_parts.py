"""Recursions and laws that volatility models are made of, against arch and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from arch import arch_model
from arch.univariate import SkewStudent
from scipy.stats import kstest

from simgan.baselines import BASELINES, baseline
from simgan.baselines.egarch import free_region
from simgan.baselines.ewma import EwmaFhs
from simgan.baselines.garch import GarchT
from simgan.baselines.resampling import HistoricalSimulation
from simgan.baselines.volatility import GARCH, GJR, FittedVolatility, estimate
from simgan.baselines.volatility_parts import (
    Density,
    Egarch,
    Gjr,
    HistoricalInnovations,
    Normal,
    SkewT,
    StudentT,
)
from simgan.errors import ConfigError, UnknownNameError
from simgan.seeds import Seed

ALPHA = 1e-5  # chance of a false alarm of each KS test
SKEWED = SkewT(6.0, -0.3)
EGARCH_TRUTH = Egarch(level=float(np.log(1.2e-4)), alpha=0.15, gamma=-0.1, beta=0.97)


@pytest.fixture(scope="module")
def simulated() -> np.ndarray:
    return FittedVolatility("egarch", 0.0004, EGARCH_TRUTH, StudentT(7.0)).simulate_long_run(
        6000, Seed(5), 0, 1
    )[0]


def test_egarch_filter_is_that_of_arch_once_the_start_is_forgotten(simulated: np.ndarray) -> None:
    model = arch_model(
        100 * simulated[:, 0], mean="Constant", vol="EGARCH", p=1, o=1, q=1, dist="t", rescale=False
    )
    level = EGARCH_TRUTH.level + np.log(1e4)
    theirs = (
        model.fix([0.04, (1 - 0.97) * level, 0.15, -0.1, 0.97, 7.0]).conditional_volatility / 100
    )
    np.testing.assert_allclose(
        np.sqrt(EGARCH_TRUTH.filtered(simulated[:, 0] - 0.0004))[1500:-1], theirs[1500:], rtol=1e-9
    )


def test_egarch_roll_inverts_its_filter(simulated: np.ndarray) -> None:
    shocks = simulated[:300, 0] - 0.0004
    variance = EGARCH_TRUTH.filtered(shocks)
    z = shocks / np.sqrt(variance[:-1])
    np.testing.assert_allclose(
        EGARCH_TRUTH.roll(variance[:1], z[:, None])[:, 0], shocks, atol=1e-13
    )


def test_egarch_estimates_are_those_of_arch(simulated: np.ndarray) -> None:
    """The same likelihood but for the start of the filter and the mean, which arch estimates."""
    theirs = (
        arch_model(100 * simulated[:, 0], vol="EGARCH", p=1, o=1, q=1, dist="t")
        .fit(disp="off")
        .params
    )
    mine = estimate(simulated, "egarch", free_region(), StudentT)
    assert isinstance(mine.recursion, Egarch) and isinstance(mine.law, StudentT)
    found = [mine.recursion.alpha, mine.recursion.gamma, mine.recursion.beta]
    np.testing.assert_allclose(found, theirs[["alpha[1]", "gamma[1]", "beta[1]"]], atol=0.01)
    assert mine.law.degrees_of_freedom == pytest.approx(theirs["nu"], rel=0.05)


def test_garch_estimates_are_those_of_arch() -> None:
    truth = Gjr(variance=1e-4, alpha=0.08, gamma=0.0, beta=0.9)
    series = FittedVolatility("garch", 0.0, truth, StudentT(6.0)).simulate_long_run(
        6000, Seed(6), 0, 1
    )[0]
    theirs = (
        arch_model(100 * series[:, 0], vol="GARCH", p=1, o=0, q=1, dist="t").fit(disp="off").params
    )
    mine = GarchT().fit(series)
    assert isinstance(mine.recursion, Gjr) and mine.recursion.gamma == 0.0
    np.testing.assert_allclose(
        [mine.recursion.alpha, mine.recursion.beta], theirs[["alpha[1]", "beta[1]"]], atol=0.02
    )


def test_ewma_is_the_average_written_out() -> None:
    series = 0.01 * Seed(7).stream("validation").standard_normal((400, 1))
    model = EwmaFhs(decay=0.9).fit(series)
    expected = [float((series**2).mean())]
    for r in series[:, 0]:
        expected.append(0.9 * expected[-1] + 0.1 * r**2)
    np.testing.assert_allclose(model.recursion.filtered(series[:, 0]), expected, rtol=1e-12)
    assert model.mean == 0.0
    assert isinstance(model.innovations, HistoricalInnovations)
    np.testing.assert_allclose(
        model.innovations.residuals, series[:, 0] / np.sqrt(expected[:-1]), rtol=1e-12
    )


@pytest.mark.parametrize(
    "law", [Normal(), StudentT(7.0), SKEWED], ids=lambda law: type(law).__name__
)
def test_draws_have_mean_0_variance_1_and_the_share_of_falls(law: Density) -> None:
    """400,000 draws;
    the fourth moment is at most 6, so the variance has a standard error of .0035: six of them.
    """
    z = law.draw(Seed(1).stream("baseline"), (400, 1000))
    assert z.mean() == pytest.approx(0.0, abs=0.01)
    assert z.var() == pytest.approx(1.0, abs=0.021)
    assert np.mean(z**2 * (z < 0)) == pytest.approx(law.negative_share, abs=0.02)


def test_the_skewed_t_is_the_one_of_arch_and_a_twin_is_not() -> None:
    z = SKEWED.draw(Seed(2).stream("baseline"), (20, 1000)).ravel()
    assert kstest(z, lambda x: SkewStudent().cdf(x, [6.0, -0.3])).pvalue > ALPHA
    assert kstest(z, lambda x: SkewStudent().cdf(x, [6.0, -0.2])).pvalue < ALPHA


@pytest.mark.parametrize(
    "law", [Normal(), StudentT(7.0), SKEWED], ids=lambda law: type(law).__name__
)
def test_densities_integrate_to_one(law: Density) -> None:
    x = np.linspace(-60, 60, 200_001)
    density = np.exp(law.log_likelihood(x, np.full(x.size, 2.0)))
    assert np.trapezoid(density, x) == pytest.approx(1.0, abs=1e-4)
    assert np.trapezoid(x**2 * density, x) == pytest.approx(2.0, rel=2e-3)


@pytest.mark.parametrize("region", [GJR, GARCH, free_region()], ids=["gjr", "garch", "egarch"])
def test_no_address_leads_out_of_the_stationary_region(region: object) -> None:
    for extreme in (-10.0, 0.0, 10.0):
        free = np.full(len(region.starts[0]), extreme)  # type: ignore[attr-defined]
        assert 0.0 <= region.at(free, 0.6).persistence < 1.0  # type: ignore[attr-defined]


def test_historical_simulation_draws_from_its_window_only() -> None:
    count = np.arange(1.0, 1001.0)[:, None]
    model = HistoricalSimulation(window=100).fit(count)
    draws = next(model.forecast(count, range(600, 601), 2, 5000, Seed(1)))
    assert (draws.min(), draws.max()) == (501.0, 600.0)
    assert abs(np.corrcoef(draws[:, 0, 0], draws[:, 1, 0])[0, 1]) < 0.1


def test_a_number_at_the_end_of_a_name_is_its_window() -> None:
    assert baseline("historical-125") == HistoricalSimulation(window=125)
    assert baseline("gjr-fhs") == BASELINES.build("gjr-fhs")
    for name in ("historical-1x", "historical-²", "gjr-fhs-250", "gjr-fsh"):
        with pytest.raises(UnknownNameError, match="gjr-fhs"):
            baseline(name)
    with pytest.raises(ConfigError, match="window"):
        baseline("historical-1")
