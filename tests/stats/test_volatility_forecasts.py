"""Forecasts of volatility that are learned on one set of returns and tested on another."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import statsmodels.api as sm
from twins import gjr_paths, made_history

from simgan.errors import ConfigError
from simgan.stats import volatility_forecasts
from simgan.stats.volatility_forecasts import (
    excess_loss,
    excess_loss_of_folds,
    fewest_days,
    learn,
)

REAL = made_history(3, 1500)


@cache
def paths() -> np.ndarray:
    return gjr_paths(8, 1500, np.random.default_rng(9))


def by_hand(series: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the regression, a day at a time."""
    past, ahead = [], []
    for day in range(21, len(series) - steps):
        means = [
            f(series[day - n + 1 : day + 1]).mean()
            for f in (np.abs, lambda r: np.minimum(r, 0))
            for n in (1, 5, 22)
        ]
        past.append([1.0, *means])
        ahead.append(np.abs(series[day + 1 : day + 1 + steps]).mean())
    return np.array(past), np.array(ahead)


@pytest.mark.parametrize("steps", [1, 20])
def test_coefficients_and_losses_are_those_of_statsmodels(steps: int) -> None:
    own = REAL[:200]
    past, ahead = by_hand(own, steps)
    fitted = sm.OLS(ahead, past).fit()
    assert learn(own, steps) == pytest.approx(fitted.params, rel=1e-6, abs=1e-9)
    other = np.arange(7) / 10
    expected = np.mean((ahead - past @ other) ** 2) / np.mean(fitted.resid**2) - 1
    assert excess_loss(own, other, steps) == pytest.approx(expected, rel=1e-6)


def test_paths_are_learned_from_together_and_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: the regression on the rows of all paths, whatever the size of a piece."""
    parts = [by_hand(path, 5) for path in paths()[:3, :150]]
    past, ahead = (np.concatenate(part) for part in zip(*parts, strict=True))
    expected = np.linalg.lstsq(past, ahead)[0]
    monkeypatch.setattr(volatility_forecasts, "_CHUNK", 200)
    assert learn(paths()[:3, :150], 5) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_who_has_learned_on_the_days_of_the_test_has_no_excess() -> None:
    assert excess_loss(REAL, learn(REAL, 1), 1) == pytest.approx(0.0, abs=1e-9)
    assert 0.0 < excess_loss_of_folds(REAL, 1) < 0.1


def test_folds_learn_from_no_day_of_their_test() -> None:
    """Two hundred days that are wild in one block alone: who has not seen it, errs more."""
    calm = REAL[:1000].copy()
    calm[400:600] *= 20
    assert excess_loss_of_folds(calm, 20) > 1.2 * excess_loss(calm, learn(calm, 20), 20) + 0.05


def test_the_true_law_teaches_and_wrong_ones_do_not() -> None:
    """The twins that must fail: without memory, with the leverage of the other sign."""
    own = excess_loss(REAL, learn(paths(), 1), 1)
    shuffled = np.random.default_rng(0).permuted(paths(), axis=1)
    for wrong in (shuffled, -paths(), paths()[:, ::-1]):
        assert excess_loss(REAL, learn(wrong, 1), 1) > 2 * own


def test_returns_of_one_size_have_no_error_to_exceed() -> None:
    signs = np.where(np.arange(100) % 3 > 0, 0.01, -0.01)
    assert excess_loss(signs, learn(REAL, 1), 1) == 0.0


def test_paths_must_hold_a_forecast_and_its_outcome() -> None:
    assert fewest_days(20) == 42
    with pytest.raises(ConfigError, match=r"horizon = 41.*at least 42 days"):
        learn(paths()[:, :41], 20)
