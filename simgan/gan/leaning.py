"""Days of a prior that stand beside those of a history, as many in each law."""

from __future__ import annotations

import numpy as np

from simgan.arrays import FloatArray
from simgan.gan.innovations import LawRules
from simgan.gan.series import TrainingSeries
from simgan.recipe.blueprints.state_space import SHAPE, StateSpace


def law_rules(series: TrainingSeries, blueprint: StateSpace) -> LawRules:
    """Return the rules of an estimate, with the residuals of a prior if there is one."""
    share, beside = series.settings.tail_share, _residuals_beside(series)
    return LawRules(share, blueprint.jump, blueprint.laws, beside)


def _residuals_beside(series: TrainingSeries) -> FloatArray | None:
    if series.prior is None:
        return None
    known = series.prior.innovations.astype(np.float64)  # (laws, …) at evenly spaced probabilities
    count = series.settings.prior_days // len(known)
    even, places = ((np.arange(n) + 0.5) / n for n in (known.shape[1], max(count, 1)))
    found = [np.interp(places, even, law) for law in known]
    return np.stack([law - law.mean() for law in found])[:, :count]


def days_beside(series: TrainingSeries, laws: int) -> FloatArray:
    """Return the prior's days (laws, n, 4) that lend their shapes, none without a prior."""
    if series.prior is None or series.prior.days is None:
        return np.empty((laws, 0, SHAPE))
    count, every = series.settings.prior_days // laws, series.prior.days.shape[1]
    rows = ((np.arange(count) + 0.5) * every / max(count, 1)).astype(int)
    return series.prior.days[:, rows].astype(np.float64)


def shape_mix_beside(series: TrainingSeries, own: FloatArray) -> FloatArray:
    """Return the weights ``shape_mix`` of a history with those of the prior, both by their days."""
    if series.prior is None or series.prior.shape_mix is None:
        return own
    days, others = len(series.scaled), series.settings.prior_days
    return np.asarray((days * own + others * series.prior.shape_mix) / (days + others))
