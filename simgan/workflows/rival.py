"""The baseline that stands beside a model in `simgan risk`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from simgan.arrays import AnyFloatArray, Float32Array, FloatArray
from simgan.baselines import baseline
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
_TRIED = 5  # so many of them tell whether all would meet it often enough


def drawn_of_rival(
    request: RiskRequest, known: History, book: Book, rival: str, stop: Stop
) -> tuple[Float32Array, Float32Array, str]:
    """Return the paths of the rival, fitted to the history up to the start, as `along` does.

    With a condition they are those that meet it, and a note counts them. The rival draws on until
    there are as many as of the model, or 50 times as many are drawn. It gives up earlier where a
    tenth of these promise too few.

    Raises
    ------
    TrainingError
        Too few paths meet the condition, or the rival cannot be fitted.
    """
    returns, given = known.log_returns, request.given
    fitted = baseline(rival).fit(returns)
    condition = given and Conditions.parse(given, book.moves)
    seed, days = Seed(request.seed), request.days
    draw: Callable[[int, int], FloatArray] = (
        (lambda first, n: fitted.simulate_long_run(days, seed, first, n))
        if request.as_of == "stationary"
        else (lambda first, n: fitted.simulate(returns, days, seed, first, n))
    )
    needed, wanted = fewest(request.levels), request.n
    parts, drawn, met, most = [], 0, 0, wanted * (_MOST if condition else 1)
    while met < wanted and drawn < most:
        stop.check()
        paths = draw(drawn, min(_PART, most - drawn))
        drawn += len(paths)
        if condition:
            paths = paths[condition.holds(paths, known.assets, steps_a_year(known))]
        parts.append(along(request, book, paths))
        met += len(paths)
        if drawn >= _TRIED * wanted and met * most < needed * drawn:
            break
    sums, losses = (np.concatenate(each)[:wanted] for each in zip(*parts, strict=True))
    if not condition:
        return sums, losses, ""
    if met < needed:
        raise TrainingError(f"{met:,} of its {drawn:,} scenarios meet {condition}")
    share = f"{100 * met / drawn:.3g} %"
    note = f"{condition} was met by {met:,} of {drawn:,} scenarios of {rival}, {share}"
    return sums, losses, note


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
