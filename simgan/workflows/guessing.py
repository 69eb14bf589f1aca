"""A game of four charts, of which one is real."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgan.arrays import FloatArray
from simgan.errors import ConfigError
from simgan.market.history import History
from simgan.market.memory import FIRST_DAYS
from simgan.sampling.latent import Drawing
from simgan.sampling.model import Model
from simgan.seeds import Seed
from simgan.workflows.models import history_of_bundle

CHARTS = 4
_DIGITS = 6  # of a price: real ones are multiples of a cent, and generated ones are float32
_STREAM = "guess"


@dataclass(frozen=True)
class GuessingRound:
    """Four charts of prices, which begin at 100.

    Attributes
    ----------
    asset : str
    charts : array of shape (4, days + 1)
    answer : int
        Place of the real one.
    """

    asset: str
    charts: FloatArray
    answer: int


def answer_of(seed: Seed) -> int:
    """Return the place of the real chart in the round of a seed."""
    return int(seed.stream(_STREAM).integers(CHARTS))


def guessing_round(model: Model, seed: Seed, days: int) -> GuessingRound:
    """Return a window of the history among three of the model.

    The window is any of the history. Each of the model begins after a day of the history that was
    drawn like its own, so that neither calm nor storm gives the answer away.

    Raises
    ------
    ConfigError
        The history is too short for windows of so many days.
    BundleError
        The model holds no history.
    """
    history = history_of_bundle(model.bundle)
    rng = seed.stream(_STREAM, 1)
    asset = str(rng.choice(history.assets))
    own = history.only(asset)
    last = len(own) - days  # the last day before a window
    if last <= FIRST_DAYS:
        allowed = f"at most {max(len(own) - FIRST_DAYS - 1, 0):,}: {asset} has {len(own):,} days"
        raise ConfigError("real or fake", "days", days, allowed)
    before = int(rng.integers(FIRST_DAYS, last + 1))
    real = own.log_returns[before : before + days, 0]
    drawn = _drawn(model, history, seed, days, (own.day(FIRST_DAYS - 1), own.day(last - 1)))
    fakes = drawn[:, :, model.bundle.manifest.assets.index(asset)]
    answer = answer_of(seed)
    moves = np.insert(fakes.astype(np.float64), answer, real, axis=0)  # (4, days)
    prices = 100.0 * np.exp(np.pad(np.cumsum(moves, axis=1), ((0, 0), (1, 0))))
    return GuessingRound(asset, _rounded(prices), answer)


def _drawn(
    model: Model, history: History, seed: Seed, days: int, between: tuple[str, str]
) -> FloatArray:
    """Return log returns (3, days, assets) after days of the history between two dates."""
    start = model.start("..".join(between), history)
    drawing = Drawing(CHARTS - 1, days, Seed(seed.integer(_STREAM, 2)))
    (block,) = model.draw(drawing, start)
    return np.asarray(block.log_returns, np.float64)


def _rounded(prices: FloatArray) -> FloatArray:
    return np.array([[float(f"{price:.{_DIGITS}g}") for price in row] for row in prices])
