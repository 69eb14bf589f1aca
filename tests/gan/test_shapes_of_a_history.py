"""Days of a history that lend their shapes: a fair sample, growing with the spread."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from simgan.gan.lent_shapes import _elasticity, _sample, lent_shapes
from simgan.gan.series import TrainingSeries
from simgan.market.shapes import range_variance
from simgan.recipe.blueprints.state_space import DAYS, StateSpace
from simgan.recipe.training import TrainingSettings
from simgan.seeds import Seed


def made_days(count: int, seed: int = 1) -> np.ndarray:
    """Returns and shapes (count, 4) with tails, as they are over a spread."""
    rng = Seed(seed).stream("latent")
    gap, up, down = rng.standard_t(4, (3, count)) * 0.6
    moved = gap + up - down
    return np.stack([moved, gap, np.abs(up), np.abs(down)], axis=-1)


@pytest.mark.parametrize("truth", [0.6, 0.8, 1.0])
def test_the_elasticity_is_that_of_the_sizes(truth: float) -> None:
    """Its standard error is .5 / √(5,000 · .25) = .014."""
    rng = Seed(2).stream("latent")
    log_spread = 0.5 * rng.standard_normal(5000)
    sizes = np.exp(truth * log_spread + 0.5 * rng.standard_normal(5000))
    assert _elasticity(sizes, log_spread) == pytest.approx(truth, abs=0.05)


def test_an_elasticity_has_bounds_and_is_1_where_the_spread_is_constant() -> None:
    log_spread = np.linspace(-1, 1, 400)
    assert _elasticity(np.exp(-log_spread), log_spread) == 0.4
    assert _elasticity(np.exp(3 * log_spread), log_spread) == 1.3
    assert _elasticity(np.exp(log_spread), np.zeros(400)) == 1.0
    assert _elasticity(np.zeros(400), log_spread) == 1.0


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


def test_lent_shapes_have_the_range_variance_of_the_history_on_calm_and_on_wild_days() -> None:
    """Here shapes grow by the root of the spread."""
    days, rng = made_days(4000), Seed(3).stream("latent")
    spread = np.exp(0.6 * rng.standard_normal(4000))
    shapes = days[:, 1:] * np.sqrt(spread)[:, None]
    body = days[:, 0] - days[:, 1]
    returns = shapes[:, 0] + body * np.sqrt(spread)
    series = TrainingSeries.of(
        0.01 * returns[:, None],
        StateSpace(ranges=1, replicas=2),
        TrainingSettings(),
        shapes=0.01 * shapes[:, None],
    )
    unit = 0.01 / series.scaling.scale[0]  # type: ignore[attr-defined]
    spreads = np.tile(unit * spread, (2, 1))
    weights = lent_shapes(series, slice(0, 4000), spreads, 2)
    assert weights["days"].shape == (2, 2, DAYS, 4) and weights["days"].dtype == np.float32
    np.testing.assert_allclose(weights["elasticity"], 0.5, atol=0.05)
    known = range_variance(unit * returns, unit * shapes)
    calmest = np.argsort(spread)
    for law, of_law in enumerate(np.array_split(calmest, 2)):
        own = spreads[0, of_law].mean()
        lent = weights["days"][0, law].astype(np.float64)
        found = range_variance(own * lent[:, 0], own**0.5 * lent[:, 1:])
        assert found.mean() == pytest.approx(known[of_law].mean(), rel=0.25)
