"""The calendar of a walk-forward: the days to forecast, and the days of the fits."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from simgan.errors import DataError
from simgan.market.history import History

RefitPeriod = Literal["yearly", "quarterly", "never"]
_MONTHS = {"yearly": 12, "quarterly": 3}
DEFAULT_SHARE = 0.4  # of the history is tested if no first day is given


@dataclass(frozen=True)
class Segment:
    """Successive days that one fit forecasts.

    Attributes
    ----------
    number : int
    days : range
        Rows of the history. The model is fitted on rows before ``days.start`` only.
    """

    number: int
    days: range


def schedule(
    history: History, first: str | None, refit: RefitPeriod, least_days: int
) -> tuple[Segment, ...]:
    """Cut the test window into segments at the beginning of each year or quarter.

    Parameters
    ----------
    history : History
        It ends with the last day of the test.
    first : str, optional
        ISO date of the first forecast. Without it the last 40 % of the days are tested.
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
            f"{name}: no day from {first} on; the history ends {history.day(-1)}, "
            "so give an earlier --from"
        )
    if begin < least_days:
        raise DataError(
            f"{name}: {begin} days before {history.day(begin)}, "
            f"but the models need {least_days} to be fitted; "
            "use a later --from or a longer history"
        )
    starts = [] if refit == "never" else _period_starts(history, begin, _MONTHS[refit])
    borders = [begin, *starts, days]
    return tuple(Segment(number, range(*pair)) for number, pair in enumerate(pairwise(borders)))


def _period_starts(history: History, begin: int, months: int) -> list[int]:
    """Return the rows after `begin` that are the first of their period."""
    period = history.dates.astype("datetime64[M]").astype(int) // months
    return [int(row) for row in np.flatnonzero(np.diff(period)) + 1 if row > begin]
