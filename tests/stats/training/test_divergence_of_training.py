"""The interval of the divergence covers closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

from simgan.errors import ConfigError
from simgan.seeds import Seed
from simgan.stats.divergences import kl_nearest_neighbour
from simgan.stats.training.modes import kl_interval


@pytest.mark.parametrize(("mean", "deviation"), [(0.0, 1.0), (0.5, 1.0), (0.0, 1.3)])
def test_the_interval_covers_the_divergence_of_two_normals(mean: float, deviation: float) -> None:
    """KL(N(0, 1), N(μ, σ²)) = log σ + (1 + μ²) / 2 σ² − 1/2;
    nominal 95 % of 60 pairs, P(fewer than 51 of Bin(60, .95)) = .002.
    """
    rng = Seed(14).stream("baseline")
    truth = np.log(deviation) + (1 + mean**2) / (2 * deviation**2) - 0.5
    found = [
        kl_interval(rng.standard_normal(1000), mean + deviation * rng.standard_normal(4000))
        for _ in range(60)
    ]
    assert sum(one.low < truth < one.high for one in found) >= 51
    if truth > 0:
        assert np.mean([one.low > 0 for one in found]) > 0.5


def test_neighbours_stay_together() -> None:
    """An AR(1) of .95 in the real series makes the interval at least twice as wide as its values
    in another order.
    """
    rng = Seed(15).stream("baseline")
    series = lfilter([np.sqrt(1 - 0.95**2)], [1.0, -0.95], rng.standard_normal(5000))[1000:]
    fake = 1 + rng.standard_normal(8000)  # with a divergence to first order in the real law
    ordered, mixed = kl_interval(series, fake), kl_interval(rng.permutation(series), fake)
    assert ordered.high - ordered.low > 2 * (mixed.high - mixed.low)


def test_the_value_is_the_estimate_with_its_bias_named() -> None:
    rng = Seed(16).stream("baseline")
    a, b = rng.standard_normal(500), rng.standard_normal((10, 100))
    found, plain = kl_interval(a, b), kl_nearest_neighbour(a, b)
    assert (found.value, found.estimator, found.bias) == (plain.value, plain.estimator, plain.bias)
    assert found.low < found.value < found.high


def test_few_values_are_refused() -> None:
    with pytest.raises(ConfigError, match="at least 100 each"):
        kl_interval(np.arange(99.0), np.arange(500.0))
