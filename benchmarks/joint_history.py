"""The generators of a book along the days of its history, for benchmarks of joint laws."""

from __future__ import annotations

import click
import numpy as np

from simgan.arrays import FloatArray
from simgan.bundle.store import Bundle
from simgan.recipe.blueprints.joint import Joint
from simgan.sampling.runtimes.joint import Along, along_each
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime


def along_history(bundle: Bundle) -> tuple[Joint, list[NumpyRuntime], list[Along]]:
    """Return the blueprint of a book, and of each asset its generator and the run of it."""
    blueprint, history, scaling = bundle.manifest.blueprint, bundle.history, bundle.manifest.scaling
    if not isinstance(blueprint, Joint) or history is None:
        raise click.UsageError(f"{bundle.manifest.name} is a model of one asset.")
    members = [
        NumpyRuntime(member, blueprint.of_member(bundle.weights, column))
        for column, member in enumerate(blueprint.members)
    ]
    scaled = scaling.apply(history.log_returns).astype(np.float32)
    ranges = scaling.scaled_ranges(history.log_returns, history.ranges).astype(np.float32)
    return blueprint, members, along_each(members, scaled, ranges)


def scores_of(along: list[Along]) -> FloatArray:
    """Return normal scores (days, N). NaN where an asset did not trade."""
    return np.stack([one.scores for one in along], axis=1)
