"""Histories of several assets that might have been: laws that the history of each allows.

The days of the history give their innovations together, so that the assets move together as in the
history. Correlations do not move: block resamples of the history see that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from simgan.arrays import Float32Array, FloatArray
from simgan.baselines.plausible import RUN_IN, PlausibleLaw, plausible_laws, rolled
from simgan.stats.co_movement import long_run
from simgan.stats.joint_scores import completed


def plausible_vectors(
    log_returns: FloatArray, paths: int, stream: Callable[[int], np.random.Generator]
) -> Float32Array:
    """Draw histories as long as the real one, a number of each of its plausible laws.

    Law k of all assets together is law k of each, as `simgan.baselines.plausible` draws them. A
    generated day takes the places of the innovations of one day of the history, and the law of an
    asset has the innovation of such a place.

    Parameters
    ----------
    log_returns : array of shape (days, assets)
        NaN where an asset did not trade. So it is in the drawn histories.
    paths : int
        Histories of each law.
    stream : function from int to numpy Generator
        The stream of each asset by its number, and of the days by that of the last plus one.

    Returns
    -------
    float32 array of shape (24, paths, days, assets)
    """
    days, assets = log_returns.shape
    known = np.isfinite(log_returns)
    each = [log_returns[known[:, column], column] for column in range(assets)]
    laws = [plausible_laws(own, stream(column)) for column, own in enumerate(each)]
    rng = stream(assets)
    places = _places(log_returns, [of_asset[0] for of_asset in laws], rng)
    picked = rng.integers(days, size=(RUN_IN + days, len(laws[0]), paths))
    found = np.empty((len(laws[0]), paths, days, assets), np.float32)
    for column, of_asset in enumerate(laws):
        shocks = np.empty(picked.shape)
        for number, law in enumerate(of_asset):
            shocks[:, number] = _innovations(law, days)[places[picked[:, number], column]]
        rolled(shocks, [law.recursion for law in of_asset])
        found[..., column] = shocks[RUN_IN:].transpose(1, 2, 0) + each[column].mean()
    found[:, :, ~known] = np.nan
    return found


def _places(
    log_returns: FloatArray, laws: Sequence[PlausibleLaw], rng: np.random.Generator
) -> NDArray[np.intp]:
    """Return the place of each innovation (days, assets) among those of its asset.

    An asset that did not trade has a drawn one, given those of the others.
    """
    scores = np.full(log_returns.shape, np.nan)
    for column, law in enumerate(laws):
        own = np.isfinite(log_returns[:, column])
        shocks = log_returns[own, column] - log_returns[own, column].mean()
        innovations = shocks / np.sqrt(law.recursion.filtered(shocks)[:-1])
        scores[own, column] = ndtri((_order(innovations) + 0.5) / len(innovations))
    whole = completed(scores, long_run(scores), rng)
    return np.stack([_order(column) for column in whole.T], axis=1)


def _order(values: FloatArray) -> NDArray[np.intp]:
    """Return the place of each value (n,) among all, from 0."""
    places = np.empty(len(values), np.intp)
    places[np.argsort(values, kind="stable")] = np.arange(len(values))
    return places


def _innovations(law: PlausibleLaw, days: int) -> FloatArray:
    """Return as many innovations of a law as days, evenly by probability, of variance 1."""
    nu = law.innovations.degrees_of_freedom
    drawn = stdtrit(nu, (np.arange(days) + 0.5) / days)
    return np.asarray(drawn / drawn.std(), np.float64)
