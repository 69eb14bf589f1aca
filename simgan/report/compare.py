"""The comparison of a real history with models' paths."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite
from simgan.errors import ConfigError
from simgan.report.sections import SECTIONS, Samples
from simgan.report.verdict import Comparison
from simgan.seeds import Seed


def compare(
    real: AnyFloatArray,
    fakes: Mapping[str, AnyFloatArray],
    *,
    seed: Seed | None = None,
    in_sample: bool = True,
) -> Comparison:
    """Compare a history with the paths of one or more models, the judged one first.

    Parameters
    ----------
    real : array of shape (days,) or (days, 1)
        Daily log returns.
    fakes : mapping of arrays of shape (paths, horizon) or (paths, horizon, 1)
        Long-run paths of each model, best as long as the history. Shorter paths are compared
        with stretches of the history of their length, and some rows are left out. The paths of
        a model together hold at least as many days as the history. With fewer than 16 times as
        many, their own noise widens intervals and floors.
    seed : Seed, optional
        Of the resamples behind intervals and floors.
    in_sample : bool
        Whether the models have seen this history.

    Raises
    ------
    ConfigError
        A shape is wrong, a number is not finite, or a model gives too few days or constant days.
    """
    if not fakes:
        raise ConfigError("compare", "fakes", "no model", "at least one")
    samples = Samples(
        _series(real), {name: _paths(name, paths) for name, paths in fakes.items()}, seed or Seed(0)
    )
    for name, paths in samples.fakes.items():
        _expect_enough(name, paths, samples)
    return Comparison(
        tuple(SECTIONS.build(name).make(samples) for name in SECTIONS), tuple(fakes), in_sample
    )


def _series(real: AnyFloatArray) -> FloatArray:
    values = np.asarray(real, np.float64)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1 or len(values) < 100:
        raise ConfigError("compare", "real", values.shape, "(days,) with at least 100 days")
    expect_finite(values, "compare: real")
    return values


def _paths(name: str, fake: AnyFloatArray) -> FloatArray:
    values = np.asarray(fake, np.float64)
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[:, :, 0]
    if values.ndim != 2 or 0 in values.shape:
        raise ConfigError(
            "compare", name, values.shape, "(paths, horizon) or (paths, horizon, 1), none of them 0"
        )
    expect_finite(values, f"compare: {name}")
    return values


def _expect_enough(name: str, paths: FloatArray, samples: Samples) -> None:
    days = len(samples.real)
    if paths.size < days:
        raise ConfigError(
            "compare",
            name,
            f"{paths.size} days",
            f"at least the {days} days of the history; draw more or longer paths",
        )
    still = np.count_nonzero(np.ptp(samples.sets(paths), axis=(1, 2)) == 0.0)
    if still:
        raise ConfigError(
            "compare",
            name,
            f"{still} paths without variation",
            "paths that vary; the model has collapsed",
        )
