"""The states that scenarios of the long run start from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_bundle import made_bundle
from scipy.stats import ks_2samp

import simgan
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime
from simgan.sampling.start import COPIES, DAYS, spread_out
from simgan.seeds import Seed

FREE_RUN = 4000  # days that a training lets its states go on before it keeps them


def test_each_state_goes_on_under_its_own_replica() -> None:
    bundle = made_bundle()
    few = replace(bundle, pool=bundle.pool[:8])
    spread = spread_out(few)
    assert spread.pool.shape == (8 * COPIES, *few.pool.shape[1:])
    noise = (
        Seed(bundle.manifest.recipe.seed)
        .stream("long-run", 0)
        .standard_normal((DAYS, 16, 2), dtype=np.float32)
    )
    _, expected = NumpyRuntime(bundle.manifest.blueprint, bundle.weights).roll(
        np.tile(few.pool, (2, 1, 1)), noise
    )
    np.testing.assert_allclose(spread.pool[:16], expected, rtol=1e-3)
    assert len(np.unique(spread.pool[:, 0, 0])) == len(spread.pool)
    assert spread.weights is bundle.weights


@pytest.mark.slow
def test_the_free_run_of_a_training_forgets_where_it_began() -> None:
    """The calmest and the wildest state end at the same level under the same noise. After half of
    the run the wild ones are still twice as high.
    """
    model = simgan.load("reference")
    slowest = len(model.bundle.manifest.blueprint.memory.half_lives) - 1
    levels = model.bundle.pool[:, 0, : slowest + 1].mean(axis=1)
    calm, wild = (
        np.tile(model.bundle.pool[which], (256, 1, 1))
        for which in (levels.argmin(), levels.argmax())
    )
    assert wild[0, 0, slowest] > 10 * calm[0, 0, slowest]
    for part in range(FREE_RUN // 250):
        noise = Seed(5).stream("latent", part).standard_normal((250, 256, 2), dtype=np.float32)
        calm, wild = (model.runtime.roll(memory, noise)[1] for memory in (calm, wild))
    assert np.median(wild[:, 0, slowest] / calm[:, 0, slowest]) < 1.05
    assert wild[:, 0, slowest].mean() / calm[:, 0, slowest].mean() < 1.1


@pytest.mark.slow
def test_the_states_that_ship_have_the_law_of_the_long_run() -> None:
    """Another 500 days, two of the longest half lives, change nothing. Memories of 1.25 times the
    size have p below 1e-60.
    """
    model = simgan.load("reference")
    pool, squares = model.bundle.pool, model.bundle.manifest.blueprint.memory.squares
    later = pool
    for part in range(2):
        noise = (
            Seed(6).stream("latent", part).standard_normal((250, len(pool), 2), dtype=np.float32)
        )
        _, later = model.runtime.roll(later, noise)
    assert len(pool) >= 10_000
    assert (
        1 < pool[:, 0, 0].std() / pool[:, 0, 0].mean() < 3
    )  # what the standard error in `spread_out` takes for 2
    assert (
        min(ks_2samp(pool[:, 0, column], later[:, 0, column]).pvalue for column in range(squares))
        > 1e-4
    )
    np.testing.assert_allclose(
        later[..., :squares].mean(axis=0), pool[..., :squares].mean(axis=0), rtol=0.1
    )
