"""The volatility of the long run is that of its scenarios, without their noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_bundle import made_bundle
from made_joint import made_joint

from simgan.bundle.store import Bundle
from simgan.recipe.blueprints.mlp import Mlp
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.sampling.long_run import long_run_volatility
from simgan.sampling.model import Model
from simgan.seeds import Seed


def along(bundle: Bundle) -> Bundle:
    """Return a bundle whose long-run states are those of its history."""
    assert bundle.history is not None
    states = Model(bundle).memories_along(bundle.history.log_returns)[-600:]
    return replace(bundle, pool=states)


@pytest.mark.parametrize("bundle", [along(made_bundle()), along(made_joint())], ids=["1", "3"])
def test_it_is_that_of_days_after_the_long_run_states(bundle: Bundle) -> None:
    """The tails of these models are light enough for 120,000 days to show it to 2 %."""
    model, noise = Model(bundle), Seed(5).stream("baseline")
    states = np.tile(bundle.pool, (200, 1, 1))
    shape = (1, len(states), bundle.manifest.blueprint.latent)
    rolled, _ = model.runtime.roll(states, noise.standard_normal(shape, dtype=np.float32))
    days = model.unscaled(rolled, np.float64)[:, 0]
    assert long_run_volatility(model) == pytest.approx(days.std(axis=0), rel=0.02)


def test_a_rare_jump_counts_by_its_probability() -> None:
    """One of 2,000 days falls by 1,000 scaled returns more, and nothing else is as large.

    So the variance is 1/2,000 of 1,000², squared scale, less the square of the mean.
    """
    bundle = made_bundle(blueprint=StateSpace(replicas=2, hidden=6, jump=5.0))
    sizes = np.full(bundle.weights["jumps"].shape[1] - 1, 1_000.0)
    falls = np.array([[1 / 2_000, *sizes], [0.0, *sizes]], np.float32)
    jumping = replace(bundle, weights=bundle.weights | {"jumps": falls})
    scale = bundle.manifest.scaling.invert(np.ones((1, 1)))[0]
    expected = scale * 1_000 * np.sqrt(1 / 2_000 - 1 / 2_000**2)
    assert long_run_volatility(Model(jumping)) == pytest.approx(expected, rel=0.01)


def test_a_generator_of_another_kind_shows_its_scenarios() -> None:
    model = Model(made_bundle(blueprint=Mlp(hidden=(4,))))
    spread = model.sample(1_024, 20, as_of="stationary").log_returns.astype(np.float64).std()
    assert long_run_volatility(model) == pytest.approx([spread], rel=1e-6)
