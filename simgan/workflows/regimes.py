"""Regimes of a fit: labels of its history, and a check of the scenarios of each regime."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simgan.bundle.store import Bundle
from simgan.market.history import History
from simgan.market.regimes import (
    Regimes,
    by_labels,
    by_volatility,
    read_labels,
    realized_volatilities,
)
from simgan.recipe.recipe import Recipe
from simgan.sampling.model import Drawing, Model
from simgan.sampling.start import FromDays
from simgan.scenarios.block import joined
from simgan.seeds import Seed

_SCENARIOS = 4096  # of each regime
_SETTLED = 60  # first days, whose memory has not settled


def regimes_of(history: History, recipe: Recipe, labels: Path | None) -> Regimes | None:
    """Label every stretch of a history that is as long as a generated window.

    Parameters
    ----------
    history : History
    recipe : Recipe
        Its number of regimes, and the length of a generated window.
    labels : Path, optional
        The user's own regimes. Without them, regimes follow realized volatility.

    Returns
    -------
    Regimes or None
        None where the recipe has no regimes.

    Raises
    ------
    PriceError
        The file of labels cannot be read, or does not cover the history.
    """
    if not recipe.regimes:
        return None
    length = recipe.training.ahead
    if labels is not None:
        return by_labels(history, read_labels(labels), length)
    return by_volatility(history.log_returns, recipe.regimes, length)


def recovered(bundle: Bundle, history: History) -> dict[str, dict[str, float]]:
    """Measure in which regime of volatility the scenarios of each regime lie.

    Start states are drawn evenly from the history.

    Returns
    -------
    dict of dict
        For each regime, the shares of its scenarios by the regime of their realized volatility. It
        is empty for regimes of the user's own labels, which scenarios do not show.
    """
    facts, model = bundle.manifest.regimes, Model(bundle)
    if not facts.get("bounds"):
        return {}
    start = FromDays(model.memories_along(history.log_returns)[_SETTLED:], history.last_price)
    found = {}
    for number, name in enumerate(facts["names"]):
        drawing = Drawing(
            _SCENARIOS, facts["days"], Seed(bundle.manifest.recipe.seed), regime=number
        )
        paths = joined(list(model.draw(drawing, start))).log_returns.astype(np.float64)
        volatilities = realized_volatilities(paths[:, :, 0].reshape(-1, 1), facts["days"])[
            :: facts["days"]
        ]
        shares = np.bincount(
            np.searchsorted(facts["bounds"], volatilities), minlength=len(facts["names"])
        ) / len(volatilities)
        found[name] = dict(zip(facts["names"], shares.tolist(), strict=True))
    return found
