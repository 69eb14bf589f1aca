"""Regimes of a fit: labels of its history, and whether scenarios that were asked for one are of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simgan.bundle.store import Bundle
from simgan.errors import ConfigError
from simgan.market.history import History
from simgan.market.regimes import (
    Regimes,
    by_labels,
    by_volatility,
    read_labels,
    realized_volatilities,
)
from simgan.sampling.model import Drawing, Model
from simgan.sampling.start import FromDays
from simgan.scenarios.product import joined
from simgan.seeds import Seed

_SCENARIOS = 4096  # asked for, of each regime
_SETTLED = 60  # days whose memories are no start


def number_of(regimes: int, labels: Path | None) -> int:
    """How many regimes a fit has, by volatility or by a file of labels; 0 for none.

    Raises
    ------
    ConfigError
        Both were asked for.
    PriceError
        The file cannot be read.
    """
    if regimes and labels is not None:
        raise ConfigError(
            "fit",
            "regimes",
            regimes,
            "left out with --labels: the labels say what regimes there are",
        )
    return len(set(read_labels(labels).values())) if labels is not None else regimes


def regimes_of(history: History, regimes: int, labels: Path | None, length: int) -> Regimes | None:
    """Label every stretch of so many days of a history; None if no regimes were asked for."""
    if labels is not None:
        return by_labels(history, read_labels(labels), length)
    return by_volatility(history.log_returns, regimes, length) if regimes else None


def recovered(bundle: Bundle, history: History) -> dict[str, dict[str, float]]:
    """How often scenarios that were asked for a regime of volatility are of it, from states of the history drawn evenly.

    Returns
    -------
    dict of dict
        For each regime asked for, the share of the scenarios in each regime by their realized volatility; empty where regimes are labels of
        the user, which no scenario shows.
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
