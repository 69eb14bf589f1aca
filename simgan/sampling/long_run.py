"""Where scenarios of the long run start: many states, nearly independent, from the few that a training leaves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simgan.arrays import Float32Array
from simgan.bundle.store import Bundle
from simgan.sampling.runtimes import DEFAULT_ENGINE, runtime_of
from simgan.seeds import Seed

COPIES, DAYS = 16, 1000  # of each state; four of the longest half lives
_AT_ONCE = 2  # copies whose noise is in memory at a time


def spread_out(bundle: Bundle) -> Bundle:
    """Return the bundle with sixteen times as many long-run states: each goes on freely for 1,000 days with noise of its own.

    A sample of s states gives the mean variance of the long run with a relative standard error of about 2/√s, since states are as
    skewed as a crash: 6 % for the 1,024 of a training, 1.6 % for 16,384. The law of a state does not change: it is that of the long
    run before and after. A bundle without states, whose memory is made of noise, stays as it is.
    """
    if not len(bundle.pool):
        return bundle
    manifest, pool = (
        bundle.manifest,
        np.tile(bundle.pool, (_AT_ONCE, 1, 1)),
    )  # state i stays one of replica i mod R
    runtime, seed = (
        runtime_of(DEFAULT_ENGINE, manifest.blueprint, bundle.weights),
        Seed(manifest.recipe.seed),
    )
    parts: list[Float32Array] = []
    for part in range(COPIES // _AT_ONCE):
        noise = seed.stream("long-run", part).standard_normal(
            (DAYS, len(pool), manifest.blueprint.latent), dtype=np.float32
        )
        parts.append(runtime.roll(pool, noise)[1])
    return replace(bundle, pool=np.concatenate(parts))
