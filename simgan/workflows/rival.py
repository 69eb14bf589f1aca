"""The baseline that stands beside a model in `simgan risk`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from simgan.arrays import Float32Array, FloatArray
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


def sums_of_rival(
    request: RiskRequest, known: History, book: Book, rival: str, stop: Stop
) -> Float32Array:
    """Return the sums (paths, days) of the rival, fitted to the history up to the start.

    With a condition the sums are those that meet it.
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
    parts = []
    for first in range(0, request.n, _PART):
        stop.check()
        paths = draw(first, min(_PART, request.n - first))
        if condition:
            paths = paths[condition.holds(paths, known.assets, steps_a_year(known))]
        parts.append(book.summed(paths))
    found = np.concatenate(parts)
    if condition and len(found) < fewest(request.levels):
        raise TrainingError(f"{len(found):,} of its {request.n:,} scenarios meet {condition}")
    return found
