"""The GJR recursion against arch, the estimates against a known law, and the scores that
EVALUATION prints.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from arch import arch_model

from simgan.baselines.garch import GjrFhs, GjrT
from simgan.baselines.volatility import GJR, Estimate, FittedVolatility, estimate
from simgan.baselines.volatility_parts import Gjr, HistoricalInnovations, StudentT
from simgan.errors import ConfigError
from simgan.risk.measures import expected_shortfall, value_at_risk
from simgan.risk.scores import crps, fz0
from simgan.seeds import Seed

SP500 = Path(__file__).resolve().parents[2] / "../shared/data/market/SP500.csv"
MEAN = 0.0004
TRUTH = Gjr(variance=1.2e-4, alpha=0.03, gamma=0.12, beta=0.88)
MODEL = FittedVolatility("gjr-t", MEAN, TRUTH, StudentT(7.0))


def fit_gjr(log_returns: np.ndarray) -> Estimate:
    return estimate(log_returns, "gjr-t", GJR, StudentT)


@pytest.fixture(scope="module")
def simulated() -> np.ndarray:
    return MODEL.simulate_long_run(8000, Seed(5), 0, 1)[0]


def test_filter_is_the_recursion_written_out(simulated: np.ndarray) -> None:
    series = simulated[:300, 0]
    expected = [TRUTH.variance]
    for r in series - MEAN:
        expected.append(
            TRUTH.omega + (TRUTH.alpha + TRUTH.gamma * (r < 0)) * r**2 + TRUTH.beta * expected[-1]
        )
    np.testing.assert_allclose(TRUTH.filtered(series - MEAN), expected, rtol=1e-12)


def test_filter_is_the_volatility_of_arch_once_the_start_is_forgotten(
    simulated: np.ndarray,
) -> None:
    """arch starts from an average of the first 75 squares;
    .97 a day leaves 10⁻¹² of that after 1,000 days.
    """
    model = arch_model(
        1000 * simulated[:, 0], mean="Constant", vol="GARCH", p=1, o=1, q=1, dist="t", rescale=False
    )
    parameters = [1000 * MEAN, 1e6 * TRUTH.omega, TRUTH.alpha, TRUTH.gamma, TRUTH.beta, 7.0]
    theirs = model.fix(parameters).conditional_volatility / 1000
    np.testing.assert_allclose(
        np.sqrt(TRUTH.filtered(simulated[:, 0] - MEAN))[1000:-1], theirs[1000:], rtol=1e-9
    )


def test_roll_inverts_the_filter(simulated: np.ndarray) -> None:
    series = simulated[:200, 0]
    variance = TRUTH.filtered(series - MEAN)
    z = (series - MEAN) / np.sqrt(variance[:-1])
    np.testing.assert_allclose(
        MEAN + TRUTH.roll(variance[:1], z[:, None])[:, 0], series, atol=1e-14
    )


def test_estimates_find_the_truth(simulated: np.ndarray) -> None:
    """8,000 days;
    margins are five of the standard errors that arch reports for this series (.0072, .0129, .0078;
    ν .47).
    """
    fitted = fit_gjr(simulated)
    found = fitted.recursion
    assert found.alpha == pytest.approx(TRUTH.alpha, abs=0.036)
    assert found.gamma == pytest.approx(TRUTH.gamma, abs=0.065)
    assert found.beta == pytest.approx(TRUTH.beta, abs=0.039)
    assert fitted.law.degrees_of_freedom == pytest.approx(7.0, abs=2.4)
    assert found.persistence < 1.0
    assert found.variance == pytest.approx(simulated.var())


def test_likelihood_is_within_reach_of_the_free_fit_of_arch(simulated: np.ndarray) -> None:
    """arch frees ω and μ, two parameters more, so its estimates must be near where the sample
    variance is near the truth.
    """
    theirs = (
        arch_model(100 * simulated[:, 0], vol="GARCH", p=1, o=1, q=1, dist="t")
        .fit(disp="off")
        .params
    )
    fitted = fit_gjr(simulated)
    mine = fitted.recursion
    np.testing.assert_allclose(
        [mine.alpha, mine.gamma, mine.beta], theirs[["alpha[1]", "gamma[1]", "beta[1]"]], atol=0.02
    )
    assert fitted.law.degrees_of_freedom == pytest.approx(theirs["nu"], rel=0.1)


def test_estimates_do_not_depend_on_units(simulated: np.ndarray) -> None:
    small, large = fit_gjr(simulated[:2000]).recursion, fit_gjr(1000 * simulated[:2000]).recursion
    assert (small.alpha, small.gamma, small.beta) == pytest.approx(
        (large.alpha, large.gamma, large.beta), abs=1e-4
    )


def test_innovations_have_variance_one_and_fat_tails() -> None:
    """400,000 draws;
    t(7) has excess kurtosis 2: the variance has a standard error of √(4/n) = .003, six of them.
    """
    draws = StudentT(7.0).draw(Seed(1).stream("baseline"), (400_000,))
    assert draws.var() == pytest.approx(1.0, abs=0.02)
    normal_share = 2 * 2.87e-7  # |z| > 5 for a normal
    assert np.mean(np.abs(draws) > 5) > 100 * normal_share


def test_historical_innovations_are_those_of_the_fit(simulated: np.ndarray) -> None:
    model = GjrFhs().fit(simulated[:3000])
    law = model.innovations
    assert isinstance(law, HistoricalInnovations)
    assert np.isin(law.draw(Seed(1).stream("baseline"), (100, 50)), law.residuals).all()
    assert law.residuals.mean() == pytest.approx(0.0, abs=1e-12)
    assert law.residuals.var() == pytest.approx(1.0)
    assert model.recursion.negative_share == pytest.approx(
        np.mean(law.residuals**2 * (law.residuals < 0)), abs=0.01
    )


def test_scenarios_start_from_the_volatility_of_today(simulated: np.ndarray) -> None:
    crash = np.append(simulated, [[-0.08]], axis=0)
    calm, wild = (
        MODEL.simulate(history, 1, Seed(1), 0, 2000).std() for history in (simulated, crash)
    )
    expected = np.sqrt(
        TRUTH.filtered(crash[:, 0] - MEAN)[-1] / TRUTH.filtered(simulated[:, 0] - MEAN)[-1]
    )
    assert wild / calm == pytest.approx(
        expected, rel=1e-3
    )  # same innovations, other scale; the mean is negligible


def test_two_assets_are_refused(simulated: np.ndarray) -> None:
    with pytest.raises(ConfigError, match="assets"):
        GjrT().fit(np.tile(simulated, (1, 2)))
    with pytest.raises(ConfigError, match="assets"):
        MODEL.simulate(np.tile(simulated, (1, 2)), 5, Seed(0), 0, 1)


def test_a_persistence_above_one_cannot_be_reached() -> None:
    """Squares that double every half:
    the likelihood wants an explosive law and gets a stationary one.
    """
    z = Seed(9).stream("validation").standard_normal((1000, 1))
    growing = z * np.exp(np.linspace(0, 5, 1000))[:, None]
    assert fit_gjr(growing).recursion.persistence < 1.0
    assert replace(TRUTH, beta=0.9099).omega > 0.0


@pytest.mark.shared
@pytest.mark.skipif(not SP500.exists(), reason="needs ../shared/data/market/SP500.csv")
def test_scores_of_fhs_are_those_of_the_evaluation_page() -> None:
    """Fitted 1999–2012, tested 2013–2018:
    CRPS/σ .50844, FZ0 at 5 % .581 (EVALUATION.md), with every residual as a draw.
    """
    table = np.genfromtxt(SP500, delimiter=",", names=True, dtype=None, encoding="utf-8")
    log_returns = np.diff(np.log(table["Adj_Close"]))[:, None]
    start = int(np.sum(table["Date"][1:] <= "2012-12-31"))
    model = GjrFhs().fit(log_returns[:start])
    variance = model.recursion.filtered(log_returns[:, 0] - model.mean)[start:-1]
    law = model.mean + np.sqrt(variance)[:, None] * model.innovations.residuals
    realized = log_returns[start:, 0]
    assert crps(law, realized).mean() / realized.std() == pytest.approx(0.50844, abs=5e-4)
    percent = 100 * law
    score = fz0(
        value_at_risk(percent, 0.95), expected_shortfall(percent, 0.95), 100 * realized, 0.05
    ).mean()
    assert score == pytest.approx(0.581, abs=4e-3)
