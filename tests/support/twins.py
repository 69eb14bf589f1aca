"""Twins of a history: generators that are right or wrong in one thing, which is known.

A statistic of a report must catch the twins that it claims to see. It must pass the true law, and
the twins that it says it is blind to.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from simgan.arrays import FloatArray
from simgan.seeds import Seed
from simgan.stats.intervals import block_length, stationary_resamples

DAYS, PATHS = 2_500, 16  # of a made history, and of the paths of a twin
_RUN_IN = 500
_ALPHA, _GAMMA, _BETA, _FREEDOM = 0.03, 0.10, 0.90, 6  # persistence .98
_DEVIATION = 0.01  # a day

Twin = Callable[[FloatArray, np.random.Generator], FloatArray]


def gjr_paths(n: int, days: int, rng: np.random.Generator, clusters: float = 1.0) -> FloatArray:
    r"""Draw paths (n, days) of log returns from a GJR-GARCH law with Student-t innovations.

    .. math:: h_{t+1} = \omega + (\alpha + \gamma 1[r_t < 0]) r_t^2 + \beta h_t

    With ``clusters`` below 1, the logarithm of each day's variance is moved towards its mean by
    that factor. The standard deviation stays.
    """
    shocks = rng.standard_t(_FREEDOM, (_RUN_IN + days, n)) * np.sqrt((_FREEDOM - 2) / _FREEDOM)
    variances = np.empty_like(shocks)
    variance = np.ones(n)
    for day, shock in enumerate(shocks):
        variances[day] = variance
        weight = _ALPHA + _GAMMA * (shock < 0)
        news = 1 - _ALPHA - _GAMMA / 2 - _BETA
        variance = news + variance * (weight * shock**2 + _BETA)
    variances, shocks = variances[_RUN_IN:], shocks[_RUN_IN:]
    if clusters != 1.0:
        nearer = variances**clusters
        variances = nearer * (variances.mean() / nearer.mean())
    return np.asarray(_DEVIATION * (np.sqrt(variances) * shocks).T)


@lru_cache
def made_history(seed: int = 0, days: int = DAYS) -> FloatArray:
    """Return log returns (days,) of the law of `gjr_paths`. Do not write into them."""
    return gjr_paths(1, days, np.random.default_rng([seed, 1]))[0]


def _true(real: FloatArray, rng: np.random.Generator) -> FloatArray:
    return gjr_paths(PATHS, len(real), rng)


def _normal(real: FloatArray, rng: np.random.Generator) -> FloatArray:
    return rng.normal(real.mean(), real.std(), (PATHS, len(real)))


def _shuffled(real: FloatArray, rng: np.random.Generator) -> FloatArray:
    return rng.permuted(np.tile(real, (PATHS, 1)), axis=1)


def _bootstrap(real: FloatArray, rng: np.random.Generator) -> FloatArray:
    seed = Seed(int(rng.integers(2**31)))
    return stationary_resamples(real, PATHS, seed.stream("baseline"), block_length(real))


def _repeated(real: FloatArray, rng: np.random.Generator) -> FloatArray:
    return np.tile(gjr_paths(1, len(real), rng), (PATHS, 1))


def _clipped(real: FloatArray, rng: np.random.Generator) -> FloatArray:
    paths = _true(real, rng)
    most = np.quantile(np.abs(paths), 0.999)
    return np.clip(paths, -most, most)


TWINS: dict[str, Twin] = {
    "true law": _true,
    "i.i.d. normal": _normal,
    "shuffled": _shuffled,
    "block bootstrap": _bootstrap,
    "one path repeated": _repeated,
    "sign-flipped": lambda real, rng: -_true(real, rng),
    "time-reversed": lambda real, rng: _true(real, rng)[:, ::-1],
    "clusters halved": lambda real, rng: gjr_paths(PATHS, len(real), rng, clusters=0.5),
    "variance +10 %": lambda real, rng: np.sqrt(1.1) * _true(real, rng),
    "tails clipped": _clipped,
}


def twin(name: str, real: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Draw the paths (16, days) of a twin of a history (days,) of the law of `gjr_paths`."""
    return TWINS[name](real, rng)
