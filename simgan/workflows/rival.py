"""The baseline that stands beside a model in `simgan risk`."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from simgan.arrays import AnyFloatArray, Float32Array
from simgan.baselines import FittedBaseline, Simulate, baseline
from simgan.errors import TrainingError
from simgan.market.history import History
from simgan.progress import Stop
from simgan.risk.book import Book
from simgan.risk.outlook import fewest
from simgan.scenarios.conditions import Conditions
from simgan.seeds import Seed
from simgan.workflows.days_before import steps_a_year

if TYPE_CHECKING:
    from simgan.workflows.risk import RiskRequest

_PART = 20_000  # paths that are in memory at a time
_MOST = 50  # paths that are drawn for each one that is to meet a condition
_FITS = 4  # rivals that are ready for another question about the same history
_TRIED = 5  # so many of them tell whether all would meet it often enough


def drawn_of_rival(
    request: RiskRequest,
    known: History,
    book: Book,
    rival: str,
    stop: Stop,
    most: int | None = None,
) -> tuple[Float32Array, Float32Array, str]:
    """Return the paths of the rival, fitted to the history up to the start, as `along` does.

    With a condition they are those that meet it, and a note counts them. The rival draws on until
    there are as many as of the model, or 50 times as many are drawn, but no more than `most`. It
    gives up earlier where a tenth of these promise too few.

    Raises
    ------
    TrainingError
        Too few paths meet the condition, or the rival cannot be fitted.
    """
    returns, given = known.log_returns, request.given
    fitted, after = _fitted(rival, returns.tobytes(), returns.shape[1])
    condition = given and Conditions.parse(given, book.moves)
    seed, days = Seed(request.seed), request.days
    simulate = fitted.simulate_long_run if request.as_of == "stationary" else after
    needed, wanted = fewest(request.levels), request.n
    parts, drawn, met, last = [], 0, 0, wanted * (_MOST if condition else 1)
    last = last if most is None else min(last, most)
    while met < wanted and drawn < last:
        stop.check()
        paths = simulate(days, seed, drawn, min(_PART, last - drawn))
        drawn += len(paths)
        if condition:
            paths = paths[condition.holds(paths, known.assets, steps_a_year(known))]
        parts.append(along(request, book, paths))
        met += len(paths)
        if drawn >= _TRIED * wanted and met * last < needed * drawn:
            break
    sums, losses = (np.concatenate(each)[:wanted] for each in zip(*parts, strict=True))
    if not condition:
        return sums, losses, ""
    if met < needed:
        raise TrainingError(f"{met:,} of its {drawn:,} scenarios meet {condition}")
    share = f"{100 * met / drawn:.3g} %"
    note = f"{condition} was met by {met:,} of {drawn:,} scenarios of {rival}, {share}"
    return sums, losses, note


@lru_cache(maxsize=_FITS)
def _fitted(rival: str, returns: bytes, assets: int) -> tuple[FittedBaseline, Simulate]:
    """Return a rival that was fitted to a history, and its scenarios after it."""
    history = np.frombuffer(returns).reshape(-1, assets)
    fitted = baseline(rival).fit(history)
    return fitted, fitted.after(history)


def along(
    request: RiskRequest, book: Book, log_returns: AnyFloatArray
) -> tuple[Float32Array, Float32Array]:
    """Return log returns of the book from the start to each day (paths, days).

    With them come the losses of the position in each asset over the longest horizon (paths,
    assets), of no asset if there is one only. A book that loses everything after the last day asked
    for keeps a trillionth.

    Raises
    ------
    ConfigError
        The book loses everything earlier.
    """
    if len(book.assets) == 1:
        return book.summed(log_returns), np.empty((len(log_returns), 0), np.float32)
    gains, side = book.gains(log_returns), 1 if request.position < 0 else -1
    losses = (side * gains[:, max(request.horizons) - 1]).astype(np.float32)
    return book.summed_gains(gains, request.asked), losses
