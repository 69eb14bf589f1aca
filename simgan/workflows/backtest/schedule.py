"""The calendar of a walk-forward: which days are forecast, and by a model fitted when."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from simgan.errors import DataError
from simgan.market.history import History

Refit = Literal["yearly", "quarterly", "never"]
_PERIOD = {"yearly": 12, "quarterly": 3}  # months
DEFAULT_SHARE = 0.4  # of the history is tested where no first day was given


@dataclass(frozen=True)
class Segment:
    """A run of days that one fit forecasts.

    Attributes
    ----------
    number : int
    days : range
        Rows of the history; the model is fitted on rows before ``days.start`` only.
    """

    number: int
    days: range


def schedule(
    history: History, first: str | None, refit: Refit, least_days: int
) -> tuple[Segment, ...]:
    """Cut the test window where the calendar turns to another year or quarter.

    Parameters
    ----------
    history : History
        It ends with the last day of the test.
    first : str, optional
        ISO date from which on days are forecast; without it the last 40 % of the days are.
    refit : {"yearly", "quarterly", "never"}
    least_days : int
        Days that a fit needs before the first forecast.

    Raises
    ------
    DataError
        No day is left to forecast, or too few days lie before the first one.
    """
    name, days = ", ".join(history.assets), len(history)
    begin = (
        round(days * (1 - DEFAULT_SHARE))
        if first is None
        else int(np.searchsorted(history.dates, np.datetime64(first, "D")))
    )
    if begin >= days:
        raise DataError(
            f"{name}: no day from {first} on; the history ends {history.day(-1)}, so give an earlier --from"
        )
    if begin < least_days:
        raise DataError(
            f"{name}: {begin} days before {history.day(begin)}, but the models need {least_days} to be fitted; "
            "use a later --from or a longer history"
        )
    turns = [] if refit == "never" else _turns(history, begin, _PERIOD[refit])
    borders = [begin, *turns, days]
    return tuple(Segment(number, range(*pair)) for number, pair in enumerate(pairwise(borders)))


def _turns(history: History, begin: int, months: int) -> list[int]:
    """Rows after `begin` that are the first of their period."""
    period = history.dates.astype("datetime64[M]").astype(int) // months
    return [int(row) for row in np.flatnonzero(np.diff(period)) + 1 if row > begin]
