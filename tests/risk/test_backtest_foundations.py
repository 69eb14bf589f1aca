"""What backtests stand on: quantile laws, forecasts, and p-values by simulation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom, kstest, norm
from tail_forecasts import right_forecasts, student_shortfall

from simgan.errors import ConfigError
from simgan.risk import backtests
from simgan.risk.backtests import simulated_p_value
from simgan.risk.backtests.forecasts import TailForecasts
from simgan.risk.law import GRID, QuantileLaw
from simgan.risk.measures import expected_shortfall, value_at_risk
from simgan.seeds import Seed

LEVELS = (0.95, 0.975, 0.99)


def test_a_quantile_is_that_of_numpy_day_by_day() -> None:
    rng = np.random.default_rng(1)
    law = QuantileLaw(np.array([0.1, 0.2, 0.6, 0.9]), np.sort(rng.standard_normal((3, 4)), axis=1))
    u = np.array([[0.0, 0.1, 0.9], [0.15, 0.6, 1.0], [0.5, 0.95, 0.05]])
    expected = [
        [np.interp(u[i, day], law.probabilities, law.quantiles[day]) for day in range(3)]
        for i in range(3)
    ]
    np.testing.assert_allclose(law.quantile(u), expected, atol=1e-15)
    np.testing.assert_allclose(law.quantile(u[1]), expected[1], atol=1e-15)


def test_draws_follow_the_law() -> None:
    """5,000 normal days with their own mean: after it is taken off, Kolmogorov–Smirnov at 1 %."""
    means = np.linspace(-5, 5, 5000)
    law = QuantileLaw(GRID, means[:, None] + norm.ppf(np.clip(GRID, 2e-6, 1 - 2e-6)))
    draws = law.draw(Seed(1).stream("validation"))
    assert kstest(draws - means, "norm").pvalue > 0.01
    assert kstest(draws - means, "norm", args=(0.1,)).pvalue < 0.01


def test_the_grid_has_the_usual_levels_and_rises() -> None:
    assert (np.diff(GRID) > 1e-7).all() and GRID[0] == 0.0 and GRID[-1] == 1.0
    for level in LEVELS:
        assert (np.abs(GRID - (1 - level)) < 1e-12).any() and (np.abs(GRID - level) < 1e-12).any()


@pytest.mark.parametrize("level", LEVELS)
def test_the_law_of_draws_keeps_their_shortfall(level: float) -> None:
    """20,000 draws of t₅:
    ES of the interpolated law against that of the draws, within 0.5 %; VaR within 1 %.
    """
    draws = Seed(2).stream("validation").standard_t(5, (4, 20_000))
    law = QuantileLaw.of(draws)
    tail = law.quantile(((np.arange(100_000) + 0.5) / 100_000 * (1 - level))[:, None] * np.ones(4))
    np.testing.assert_allclose(-tail.mean(axis=0), expected_shortfall(draws, level), rtol=0.005)
    np.testing.assert_allclose(-tail.max(axis=0), value_at_risk(draws, level), rtol=0.01)


@pytest.mark.parametrize("level", LEVELS)
def test_the_grid_is_fine_enough_for_the_shortfall_of_a_fat_tail(level: float) -> None:
    """Closed form of t₅ within 0.1 %."""
    law = right_forecasts(1, level, 1).law
    tail = law.quantile(((np.arange(200_000) + 0.5) / 200_000 * (1 - level))[:, None])
    assert -tail.mean() == pytest.approx(0.01 * student_shortfall(level), rel=1e-3)


@pytest.mark.parametrize(
    ("probabilities", "quantiles"),
    [
        (np.array([0.0, 0.5]), np.zeros((3, 3))),
        (np.array([0.5]), np.zeros((3, 1))),
        (np.array([0.5, 0.4]), np.zeros((3, 2))),
        (np.array([0.5, 1.1]), np.zeros((3, 2))),
        (np.array([0.1, 0.9]), np.array([[1.0, 0.0]])),
        (np.array([0.1, 0.9]), np.array([[0.0, np.inf]])),
        (np.array([np.nan, 0.9]), np.array([[0.0, 1.0]])),
    ],
)
def test_laws_that_are_none_are_refused(probabilities: np.ndarray, quantiles: np.ndarray) -> None:
    with pytest.raises(ConfigError, match="QuantileLaw"):
        QuantileLaw(probabilities, quantiles)


@pytest.mark.parametrize(
    "change",
    [
        {"realized": np.zeros(4)},
        {"realized": np.array([0.1, np.nan, 0.1])},
        {"pit": np.array([0.1, 0.2, 1.2])},
        {"expected_shortfall": np.zeros(3)},
        {"level": 0.05},
        {"horizon": 0},
        {"value_at_risk": np.zeros((3, 1))},
    ],
)
def test_forecasts_that_make_no_sense_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        replace(right_forecasts(3, 0.95, 1), **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("horizon", "step", "kept"), [(1, 1, 20), (10, 1, 2), (10, 5, 10), (10, 4, 7), (5, 10, 20)]
)
def test_what_is_kept_does_not_overlap(horizon: int, step: int, kept: int) -> None:
    forecasts = replace(right_forecasts(20, 0.95, 1), horizon=horizon, step=step)
    apart = forecasts.without_overlap()
    assert apart.days == kept == apart.law.days
    assert apart.step >= horizon and apart.horizon == horizon
    assert apart.realized[0] == forecasts.realized[0]
    assert apart.without_overlap() is apart


def test_hits_are_losses_above_the_value_at_risk() -> None:
    law = QuantileLaw(np.array([0.0, 1.0]), np.tile([-1.0, 1.0], (3, 1)))
    forecasts = TailForecasts(
        np.array([-0.2, -0.1, 0.3]), np.full(3, 0.1), np.full(3, 0.2), 0.95, law, np.full(3, 0.5)
    )
    assert forecasts.hits.tolist() == [True, False, False]


def test_hits_of_the_law_are_its_quantiles_beyond_the_value_at_risk() -> None:
    """Looked up everywhere and thrown away:
    the long way round; with a VaR that lies beyond the law, and one above it.
    """
    forecasts = right_forecasts(40, 0.95, 2)
    var = forecasts.value_at_risk.copy()
    var[:2] = [1.0, -1.0]
    odd = replace(
        forecasts,
        value_at_risk=var,
        expected_shortfall=np.maximum(forecasts.expected_shortfall, var),
    )
    u = np.random.default_rng(1).random((200, 40))
    everywhere = odd.law.quantile(u)
    np.testing.assert_array_equal(
        odd.drawn_hits(u), np.where(odd.exceeded(everywhere), everywhere, 0.0)
    )
    assert not odd.drawn_hits(u)[:, 0].any() and odd.drawn_hits(u)[:, 1].all()


def test_a_tie_counts_half() -> None:
    """Number of hits among 30 days at 5 %: the mid-p value of the binomial law, ± 4 errors."""

    def count(u: np.ndarray) -> np.ndarray:
        return (u < 0.05).sum(axis=1).astype(float)

    for hits in range(5):
        mid = binom.sf(hits, 30, 0.05) + 0.5 * binom.pmf(hits, 30, 0.05)
        error = 4 * np.sqrt(mid * (1 - mid) / 9999)
        assert simulated_p_value(hits, count, 30, 9999) == pytest.approx(mid, abs=error)
    assert simulated_p_value(31.0, count, 30, 19) == 1 / 20


def test_a_p_value_counts_what_is_as_large() -> None:
    """Statistic = first uniform:
    the share above 0.9 is a tenth, and a tenth of a tenth with those below 0.9 left out.
    """
    p = simulated_p_value(0.9, lambda u: u[:, 0], 2, 9999)
    assert p == pytest.approx(0.1, abs=0.012)
    left_out = simulated_p_value(0.99, lambda u: np.where(u[:, 0] > 0.9, u[:, 0], np.nan), 2, 9999)
    assert left_out == pytest.approx(0.1, abs=0.04)
    assert simulated_p_value(0.5, lambda u: np.full(len(u), np.nan), 2, 99) == 1.0


def test_blocks_of_simulations_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = simulated_p_value(0.55, lambda u: u.mean(axis=1), 20, 199)
    monkeypatch.setattr(backtests, "CHUNK", 70)
    assert simulated_p_value(0.55, lambda u: u.mean(axis=1), 20, 199) == whole
