"""What a prior adds to the estimates of a history."""

from __future__ import annotations

import numpy as np

from simgan.arrays import FloatArray
from simgan.bundle.priors import DAYS_OF_MEAN
from simgan.gan.innovations import LawRules, OfPrior
from simgan.gan.series import TrainingSeries
from simgan.recipe.blueprints.state_space import StateSpace


def law_rules(series: TrainingSeries, blueprint: StateSpace) -> LawRules:
    """Return the rules of an estimate, with the law of a prior if there is one."""
    beside = _law_of_prior(series, blueprint.laws)
    return LawRules(series.settings.tail_share, blueprint.jump, blueprint.laws, beside)


def _law_of_prior(series: TrainingSeries, laws: int) -> OfPrior | None:
    if series.prior is None or not series.settings.prior_days:
        return None
    known = series.prior.innovations.astype(np.float64)  # (laws, …) at evenly spaced probabilities
    count = max(series.settings.prior_days // laws, 1)
    even, places = ((np.arange(n) + 0.5) / n for n in (known.shape[1], count))
    found = [np.interp(places, even, law) for law in known]
    residuals = np.stack([law - law.mean() for law in found])
    return OfPrior(residuals, series.prior.tails.astype(np.float64))


def mean_beside(series: TrainingSeries, mean: FloatArray) -> FloatArray:
    """Return the mean (assets,) of scaled returns that a history says, with that of the prior.

    The mean of few days is hardly known, and paths would go on with it for years. In units of their
    deviation the means of the prior's 30 series differ by no more than chance. A deviation of .02
    is a Sharpe ratio of .3 a year. It makes the mean of the prior count for 1/.02² = 2,500 days
    (Efron & Morris 1975, "Data analysis using Stein's estimator and its generalizations").
    """
    if series.prior is None:
        return mean
    days, known = len(series.scaled), float(series.prior.weights["drift"].mean())
    return np.asarray((days * mean + DAYS_OF_MEAN * known) / (days + DAYS_OF_MEAN))


def shape_mix_beside(
    series: TrainingSeries, own: FloatArray, sizes: FloatArray, memory: FloatArray
) -> FloatArray:
    """Return the weights ``shape_mix`` of a history with those of the prior, both by their days.

    Those of the prior are scaled to the mean size of the history.

    Parameters
    ----------
    series : TrainingSeries
    own : array of shape (1 + 4K,)
    sizes : array of shape (days,)
        Of the shapes of the history.
    memory : array of shape (days, 4K)
    """
    if series.prior is None or series.prior.shape_mix is None:
        return own
    mix = series.prior.shape_mix.astype(np.float64)
    level = np.mean(sizes / np.sqrt(mix[0] + memory @ mix[1:]))
    days, others = len(sizes), series.settings.prior_days
    return np.asarray((days * own + others * level**2 * mix) / (days + others))
