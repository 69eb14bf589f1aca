"""Autocorrelation, leverage and aggregation against statsmodels, NumPy and processes whose curves
are known.
"""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.tsa.stattools import acf, ccf

from simgan.errors import ConfigError
from simgan.seeds import Seed
from simgan.stats import dependence
from simgan.stats.dependence import (
    TRANSFORMS,
    acf_score,
    autocorrelation,
    l2_norm,
    leverage,
    leverage_rms,
    leverage_score,
)
from simgan.stats.moments import sums, windows


@pytest.fixture
def paths() -> np.ndarray:
    return Seed(1).stream("bootstrap").standard_t(5, (7, 400)) * 0.01


@pytest.mark.parametrize("name", TRANSFORMS)
def test_autocorrelation_is_the_mean_of_statsmodels_curves(paths: np.ndarray, name: str) -> None:
    values = TRANSFORMS[name](paths)
    expected = np.mean(
        [acf(path, nlags=40, adjusted=False, fft=False)[1:] for path in values], axis=0
    )
    np.testing.assert_allclose(autocorrelation(values, 40), expected, atol=1e-12)


def test_lags_up_to_the_last_do_not_wrap_round(paths: np.ndarray) -> None:
    expected = np.mean(
        [acf(path, nlags=399, adjusted=False, fft=False)[1:] for path in paths], axis=0
    )
    np.testing.assert_allclose(autocorrelation(paths, 399), expected, atol=1e-12)


def test_leverage_is_the_cross_correlation_of_statsmodels(paths: np.ndarray) -> None:
    """statsmodels' ccf(x, y)[k] correlates x_{t+k} with y_t."""
    expected = np.mean(
        [ccf(path**2, path, adjusted=False, fft=False)[1:31] for path in paths], axis=0
    )
    np.testing.assert_allclose(leverage(paths, 30), expected, atol=1e-12)


def test_leverage_is_negative_where_falls_raise_the_next_volatility() -> None:
    shocks = Seed(2).stream("bootstrap").standard_normal((20, 2000))
    returns = shocks.copy()
    returns[:, 1:] *= np.where(shocks[:, :-1] < 0, 2.0, 1.0)
    curve = leverage(returns, 5)
    assert curve[0] < -0.2
    assert np.abs(curve[1:]).max() < 0.05


def test_chunks_change_nothing(paths: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = autocorrelation(paths, 20)
    monkeypatch.setattr(dependence, "CHUNK", 800)
    np.testing.assert_allclose(autocorrelation(paths, 20), whole, atol=1e-15)


def test_scores_follow_their_formulas(paths: np.ndarray) -> None:
    real, fake = paths[0], paths[1:]
    gap = autocorrelation(np.abs(real), 30) - autocorrelation(np.abs(fake), 30)
    assert acf_score(real, fake, np.abs, 30) == pytest.approx(np.sqrt(np.mean(gap**2)))
    lags = leverage(real, 20) - leverage(fake, 20)
    assert leverage_score(real, fake, 20) == pytest.approx(np.linalg.norm(lags))
    assert leverage_rms(real, fake, 20) == pytest.approx(np.linalg.norm(lags) / np.sqrt(20))
    assert l2_norm(np.array([3.0, 0.0]), np.array([0.0, 4.0])) == 5.0


def test_a_series_scores_zero_against_itself(paths: np.ndarray) -> None:
    assert acf_score(paths[0], paths[:1], max_lag=50) == 0.0
    assert leverage_score(paths[0], paths[:1], max_lag=50) == 0.0


@pytest.mark.parametrize("lag", [0, 400])
def test_lags_outside_the_horizon_are_refused(paths: np.ndarray, lag: int) -> None:
    with pytest.raises(ConfigError, match="max_lag"):
        autocorrelation(paths, lag)


def test_a_collapsed_path_is_refused_and_not_nan(paths: np.ndarray) -> None:
    paths[3] = 0.001
    with pytest.raises(ConfigError, match="variation"):
        autocorrelation(paths, 10)


def test_sums_overlap_within_each_path() -> None:
    values = np.arange(12.0).reshape(2, 6)
    expected = np.stack([np.convolve(path, np.ones(3), mode="valid") for path in values])
    np.testing.assert_allclose(sums(values, 3), expected)
    np.testing.assert_array_equal(sums(values, 1), values)
    np.testing.assert_allclose(sums(values, 6)[:, 0], values.sum(axis=1))
    assert values[0, 0] == 0.0


@pytest.mark.parametrize("steps", [0, 7])
def test_sums_refuse_steps_outside_the_path(steps: int) -> None:
    with pytest.raises(ConfigError):
        sums(np.zeros((2, 6)), steps)


def test_windows_end_on_the_last_day() -> None:
    np.testing.assert_array_equal(
        windows(np.arange(10.0), 4, 3), [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9]]
    )
    np.testing.assert_array_equal(windows(np.arange(11.0), 4, 4), [[3, 4, 5, 6], [7, 8, 9, 10]])
    with pytest.raises(ConfigError):
        windows(np.arange(3.0), 4, 1)
