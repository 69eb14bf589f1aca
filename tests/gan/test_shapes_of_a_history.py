"""Days of a history that lend their shapes: a fair sample, growing with the spread."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from simgan.gan.lent_shapes import _sample, _shape_mix
from simgan.market.shapes import range_variance
from simgan.recipe.blueprints.state_space import DAYS
from simgan.seeds import Seed


def made_days(count: int, seed: int = 1) -> np.ndarray:
    """Returns and shapes (count, 4) with tails, as they are over a spread."""
    rng = Seed(seed).stream("latent")
    gap, up, down = rng.standard_t(4, (3, count)) * 0.6
    moved = gap + up - down
    return np.stack([moved, gap, np.abs(up), np.abs(down)], axis=-1)


def test_the_weights_of_sizes_are_those_that_made_them() -> None:
    """Sizes of a mean that hangs on one number of the memory: their mean given it is found."""
    rng = Seed(2).stream("latent")
    memory = np.exp(0.8 * rng.standard_normal((6000, 4)))
    mean = np.sqrt(0.2 + 0.5 * memory[:, 2])
    mix = _shape_mix(mean * rng.standard_exponential(6000), memory)
    assert (mix >= 0).all() and mix[0] > 0
    found = np.sqrt(mix[0] + memory @ mix[1:])
    assert np.sqrt(np.mean((found / mean - 1) ** 2)) < 0.03
    assert mix[3] == pytest.approx(0.5, abs=0.06)


def test_sizes_of_days_without_a_shape_have_weights_too() -> None:
    mix = _shape_mix(np.zeros(300), np.ones((300, 4)))
    assert np.isfinite(mix).all() and mix[0] > 0


@pytest.mark.parametrize("count", [60, 500, 700, 2400])
def test_a_sample_of_days_has_the_ranges_of_all_days(count: int) -> None:
    """One day of many may be lent twice or not at all, so the mean is off by 2 % at most."""
    days = made_days(count)
    found = _sample(days)
    assert found.shape == (DAYS, 4) and (np.diff(found[:, 0]) >= 0).all()
    assert (found[:, None] == days).all(axis=-1).any(axis=1).all()  # real days
    of_all, of_sample = (range_variance(part[:, 0], part[:, 1:]) for part in (days, found))
    assert of_sample.mean() == pytest.approx(of_all.mean(), rel=0.02)
    assert np.log(of_sample).std() == pytest.approx(np.log(of_all).std(), rel=0.05)
    assert found[:, 0].std() == pytest.approx(days[:, 0].std(), rel=0.08)


def test_a_sample_is_nearer_than_every_fifth_day_in_the_order_of_returns() -> None:
    misses = []
    for seed in range(20):
        days = made_days(5 * DAYS, seed)
        fifth = days[np.argsort(days[:, 0])][2::5]
        of_all = range_variance(days[:, 0], days[:, 1:]).mean()
        means = [range_variance(part[:, 0], part[:, 1:]).mean() for part in (fifth, _sample(days))]
        misses.append(np.abs(np.array(means) / of_all - 1))
    naive, sampled = np.mean(misses, axis=0)
    assert sampled < 0.005 < 0.03 < naive
