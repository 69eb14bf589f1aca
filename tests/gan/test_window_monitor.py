"""What is recorded of the paths:
numbers by hand, a model that is right, and models that are not.
"""

from __future__ import annotations

import numpy as np
import pytest

from simgan.errors import ConfigError
from simgan.gan.monitors import WindowMonitor, realized_volatility
from simgan.seeds import Seed

RNG = Seed(21).stream("baseline")


def windows(n: int, volatility: np.ndarray | None = None) -> np.ndarray:
    """Normal returns of 128 days with a volatility that is lognormal from window to window."""
    level = np.exp(0.4 * RNG.standard_normal(n)) if volatility is None else np.full(n, volatility)
    return (level[:, None] * RNG.standard_normal((n, 128))).astype(np.float32)[..., None]


REAL = windows(60)


def size_of(values: np.ndarray) -> np.ndarray:
    return np.abs(values).mean(axis=(1, 2))[:, None]


def test_a_model_that_is_right_covers_all_regimes_and_its_interval_holds_0() -> None:
    told = WindowMonitor(REAL).compare(windows(64), size_of)
    assert set(told) == set(WindowMonitor.names)
    assert told["low KL"] < 0 < told["high KL"] or abs(told["KL"]) < 0.05
    assert told["covered regimes"] == 3
    assert sum(
        told[f"{regime} share"] for regime in ("calm", "normal", "turbulent")
    ) == pytest.approx(1)


def test_a_model_of_one_volatility_loses_regimes_and_is_far_from_the_returns() -> None:
    """The turbulent third of the real windows has a volatility beyond e^(.17) or 1.19."""
    told = WindowMonitor(REAL).compare(windows(256, 0.6), size_of)
    assert told["covered regimes"] == 1 and told["calm share"] > 0.95
    assert told["low KL"] > 0


def test_few_windows_do_not_say_that_a_regime_is_lost() -> None:
    """A history of 400 days has 273 windows of 128, but three side by side."""
    real = np.lib.stride_tricks.sliding_window_view(REAL[:4].reshape(-1)[:400], 128)[..., None]
    told = WindowMonitor(real, every=128).compare(windows(64), size_of)
    assert set(told) == set(WindowMonitor.names) - {"covered regimes"}
    assert WindowMonitor(np.tile(real, (4, 1, 1)), every=100).real.shape == (11, 128, 1)


def test_all_windows_say_what_is_calm_and_turbulent() -> None:
    """Sizes from 1 to 2, but three times as much in the windows that alone are compared with:
    1.9 is in the upper third of all.
    """
    size = np.linspace(1, 2, 1280) * np.where(np.arange(1280) % 128, 1, 3)
    real = np.sign(REAL[:1]) * size[:, None, None]
    told = WindowMonitor(real, every=128).compare(1.9 * np.sign(REAL[:40]), size_of)
    assert told["turbulent share"] == 1


def test_scores_are_means_and_d_is_the_mean_of_their_logistic() -> None:
    """Scores of 0 and log 3 for real windows:
    D = .5 and .75, the mean .625; −log 3 for every fake one: .25.
    """
    real, fake = REAL[:50], windows(64)
    ours = {
        array.tobytes(): score
        for array, score in ((real, np.tile([0.0, np.log(3)], 25)), (fake, np.full(64, -np.log(3))))
    }
    told = WindowMonitor(real).compare(fake, lambda array: ours[array.tobytes()][:, None])
    assert told["real score"] == pytest.approx(np.log(3) / 2) and told[
        "fake score"
    ] == pytest.approx(-np.log(3))
    assert told["real D"] == pytest.approx(0.625) and told["fake D"] == pytest.approx(0.25)


def test_scores_of_any_size_give_numbers() -> None:
    told = WindowMonitor(REAL).compare(windows(64), lambda array: 1e6 * size_of(array))
    assert told["real D"] == told["fake D"] == 1.0
    assert np.isfinite(list(told.values())).all()


def test_realized_volatility_by_hand() -> None:
    np.testing.assert_allclose(
        realized_volatility(np.array([[[3.0], [-4.0]], [[0.0], [0.0]]])), [np.sqrt(12.5), 0.0]
    )


@pytest.mark.parametrize("wrong", [np.ones(9), np.full((3, 9, 1), np.nan), np.ones((3, 9))])
def test_what_are_no_windows_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(ConfigError):
        WindowMonitor(wrong)
    with pytest.raises(ConfigError):
        WindowMonitor(REAL).compare(wrong, size_of)
