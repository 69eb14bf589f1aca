"""GJR-FHS of several assets: whole days, with correlations that stand or move."""

from __future__ import annotations

import numpy as np
import pytest
from made_joint import CORRELATIONS, made_panel

from simgan.baselines import baseline
from simgan.baselines.joint_fhs import FittedVectors
from simgan.baselines.joint_innovations import TCopula
from simgan.errors import ConfigError
from simgan.seeds import Seed
from simgan.stats.co_movement import CoMemory, HalfLives, correlated

KINDS = ("gjr-fhs-vectors", "gjr-t-copula", "gjr-dcc-fhs")


def moving(days: int = 3000) -> np.ndarray:
    """Returns of two assets whose correlation follows the last days, by a DCC."""
    memory = CoMemory(np.array([[1.0, 0.4], [0.4, 1.0]]), HalfLives((12.0,), ()))
    rng, state, weights = np.random.default_rng(3), memory.first(), np.array([0.2, 0.8])
    found = np.empty((days, 2))
    for day in range(days):
        found[day] = correlated(memory.covariances(state, weights), rng.standard_normal(2))
        memory.remember(state, found[day])
    return 0.01 * found


@pytest.mark.parametrize("kind", KINDS)
def test_days_are_drawn_with_the_correlations_of_the_history(kind: str) -> None:
    history = made_panel(1500).log_returns
    fitted = baseline(kind).fit(history)
    drawn = fitted.simulate_long_run(1, Seed(1), 0, 6_000)[:, 0]
    assert np.corrcoef(drawn.T) == pytest.approx(CORRELATIONS, abs=0.08)
    assert drawn.std(axis=0) == pytest.approx(history.std(axis=0), rel=0.15)


@pytest.mark.parametrize("kind", KINDS)
def test_each_asset_has_the_volatility_of_its_own_model(kind: str) -> None:
    history = made_panel(1500).log_returns
    fitted, alone = baseline(kind).fit(history), baseline("gjr-fhs").fit(history[:, :1])
    together = fitted.simulate(history, 5, Seed(1), 0, 20_000)[..., 0]
    expected = alone.simulate(history[:, :1], 5, Seed(1), 0, 20_000)[..., 0]
    assert together.std(axis=0) == pytest.approx(expected.std(axis=0), rel=0.04)


def test_independent_assets_have_no_correlation() -> None:
    history = made_panel(1500).log_returns
    fitted = baseline("gjr-fhs-independent").fit(history)
    drawn = fitted.simulate(history, 1, Seed(1), 0, 20_000)[:, 0]
    assert np.abs(np.corrcoef(drawn.T) - np.eye(3)).max() < 0.03


def test_moving_averages_of_several_have_the_volatility_of_each() -> None:
    history = made_panel(1500).log_returns
    together = baseline("ewma-fhs-vectors").fit(history).simulate(history, 3, Seed(1), 0, 20_000)
    alone = baseline("ewma-fhs").fit(history[:, :1]).simulate(history[:, :1], 3, Seed(1), 0, 20_000)
    assert together[..., 0].std(axis=0) == pytest.approx(alone[..., 0].std(axis=0), rel=0.04)
    assert np.corrcoef(together[:, 0].T) == pytest.approx(CORRELATIONS, abs=0.08)


def test_a_t_copula_is_recovered() -> None:
    """Of 6,000 days, the logarithm of the degrees of freedom has a standard error of about .06."""
    rng = np.random.default_rng(5)
    normal = rng.standard_normal((6000, 3)) @ np.linalg.cholesky(CORRELATIONS).T
    rows = normal / np.sqrt(rng.chisquare(5, (6000, 1)) / 5)
    found = TCopula.of(rows)
    assert found.freedom == pytest.approx(5, rel=0.2)
    assert found.correlations == pytest.approx(CORRELATIONS, abs=0.05)
    drawn = found.draw(2, 40_000, np.random.default_rng(1))
    assert np.quantile(drawn[1], 0.01, axis=0) == pytest.approx(
        np.quantile(rows, 0.01, axis=0), rel=0.1
    )
    low = drawn[0] < np.quantile(drawn[0], 0.02, axis=0)
    real = rows < np.quantile(rows, 0.02, axis=0)
    both = [(each[:, 0] & each[:, 1]).mean() for each in (low, real)]
    assert both[0] == pytest.approx(both[1], rel=0.25)  # a normal copula has a third less


def test_a_dcc_follows_the_correlation_of_the_last_days() -> None:
    """Two pasts of one history: correlations of the next day differ as those of the world."""
    history = moving()
    fitted = baseline("gjr-dcc-fhs").fit(history)
    assert isinstance(fitted, FittedVectors) and fitted.memory is not None
    assert fitted.memory.half_lives.pairs[0] in (8.0, 12.0, 20.0)
    recent = [np.corrcoef(history[day - 25 : day].T)[0, 1] for day in range(500, 2900)]
    days = sorted({500 + int(np.argmin(recent)), 500 + int(np.argmax(recent))})
    found = {
        day: np.corrcoef(paths[:, 0].T)[0, 1]
        for day in days
        for paths in fitted.forecast(history, range(day, day + 1), 1, 8000, Seed(0))
    }
    low, high = (500 + int(np.argmin(recent)), 500 + int(np.argmax(recent)))
    assert found[low] < found[high] - 0.5
    static = baseline("gjr-fhs-vectors").fit(history)
    same = [
        np.corrcoef(paths[:, 0].T)[0, 1]
        for day in days
        for paths in static.forecast(history, range(day, day + 1), 1, 8000, Seed(0))
    ]
    assert same[0] == pytest.approx(same[1], abs=0.05)


@pytest.mark.parametrize("kind", KINDS)
def test_a_history_of_other_assets_is_refused(kind: str) -> None:
    fitted = baseline(kind).fit(made_panel(600).log_returns)
    with pytest.raises(ConfigError, match="assets = 1 is not possible; it must be 3"):
        fitted.simulate(made_panel(600).log_returns[:, :1], 5, Seed(1), 0, 1)
