"""Swings are found with their period and size;
noise, a drift and a decaying spiral are not swings.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter, periodogram

from simgan.errors import ConfigError
from simgan.seeds import Seed
from simgan.stats.training.signs import oscillation

STEPS = 100 * np.arange(1, 121)
NOISE = Seed(6).stream("baseline").standard_normal((200, 420))


def red(r: float) -> np.ndarray:
    return lfilter([1.0], [1.0, -r], NOISE, axis=1)[:, 300:]


def test_period_amplitude_and_share_of_a_sine() -> None:
    """6 cycles of ±0.5 in the last half of 120 records, 100 steps apart:
    1,000 steps; the variance of noise of ±0.01 is 1/1250.
    """
    wave = 0.5 * np.sin(2 * np.pi * STEPS / 1000) + 0.01 * NOISE[0, :120]
    found = oscillation(STEPS, wave, Seed(0))
    assert found.period == pytest.approx(1000)
    assert found.amplitude == pytest.approx(0.5, abs=0.02)
    assert found.share > 0.95
    assert found.p_value == pytest.approx(1 / 500)
    assert found.is_swinging(0.02) and not found.is_swinging(0.6)


def test_the_peak_is_that_of_scipy() -> None:
    """White noise with a detrended half:
    the amplitude² / 2 is the peak of scipy's spectrum, which halves no power.
    """
    wave = np.sin(2 * np.pi * STEPS / 500)
    x = np.linspace(-1, 1, 60)
    rest = wave[60:] - np.polyval(np.polyfit(x, wave[60:], 2), x)
    _, spectrum = periodogram(rest, scaling="spectrum", detrend=False)
    assert oscillation(STEPS, wave, Seed(0)).amplitude ** 2 / 2 == pytest.approx(
        spectrum.max(), rel=1e-6
    )


@pytest.mark.parametrize("r", [0.0, 0.5, 0.9])
def test_noise_swings_rarely(r: float) -> None:
    """Of 200 series, at a size of 1 % and with a fifth of the variance;
    P(more than 7 of Bin(200, .01)) = .001.
    """
    assert sum(oscillation(STEPS, values, Seed(1)).is_swinging(0.0) for values in red(r)) <= 7


def test_pseudo_cycles_are_found() -> None:
    """AR(2) with a period of 10 records whose swings die by a half in 14 records: 100 series."""
    ys = lfilter([1.0], [1.0, -2 * 0.95 * np.cos(2 * np.pi / 10), 0.95**2], NOISE[:100], axis=1)[
        :, 300:
    ]
    found = [oscillation(STEPS, y, Seed(2)) for y in ys]
    assert np.mean([one.is_swinging(0.0) for one in found]) > 0.8
    assert np.median([one.period for one in found]) == pytest.approx(1000, rel=0.15)


@pytest.mark.parametrize(
    "made",
    [
        np.zeros(120),
        np.linspace(0, 1, 120) ** 2,
        np.exp(-np.arange(120) / 10) * np.sin(np.arange(120)),
    ],
)
def test_a_constant_a_drift_and_a_spiral_that_ended_do_not_swing(made: np.ndarray) -> None:
    assert not oscillation(STEPS, made, Seed(0)).is_swinging(0.02)


def test_the_same_seed_gives_the_same_p_value() -> None:
    values = red(0.5)[0]
    assert oscillation(STEPS, values, Seed(3)) == oscillation(STEPS, values, Seed(3))


def test_unequal_steps_and_short_series_are_refused() -> None:
    with pytest.raises(ConfigError, match="equally spaced"):
        oscillation(STEPS**2, red(0.0)[0], Seed(0))
    with pytest.raises(ConfigError, match="at least 20"):
        oscillation(STEPS[:30], red(0.0)[0, :30], Seed(0))
