"""Panels: the histories of several assets on common days.

Calendars differ, and assets are listed and halted. A day of a panel is one on which more than half
of the assets trade that are listed by then and not halted. On other days an asset may trade alone,
as bitcoin does on Sundays. Such a return becomes part of its next one. A panel begins with its
first asset, and it ends on the last day for which all assets have prices. A halt of up to a quarter
ends with a return that holds its whole move. A return over a longer hole is none of one day, and is
left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, combinations

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import FloatArray, whole_rows
from simgan.errors import ConfigError, PriceError
from simgan.market.history import History
from simgan.market.prices import Note, read_as, warned
from simgan.market.sessions import first_few
from simgan.market.shapes import PARTS

_HALT = np.timedelta64(14, "D")  # an asset without a price for longer is halted
_HOLE = np.timedelta64(90, "D")  # an asset without a price for longer has no return over that time
_SAME = 0.999  # correlation of the returns of two names of one asset
_FEWEST_ALIKE = 20  # common days of such names
_FEW = 0.98  # share of the days of a panel, below which those of an asset are told


def joined(histories: Sequence[History]) -> tuple[History, list[Note]]:
    """Join the histories of single assets, and tell how that changes their days.

    Returns
    -------
    History
        Of all assets. NaN on days on which one did not trade.
    list of Note

    Raises
    ------
    ConfigError
        There are fewer than two assets, or two of one name.
    PriceError
        An asset ends before another begins, or trades on no day of the others.
    """
    assets = tuple(history.assets[0] for history in histories)
    if len(set(assets)) < max(len(assets), 2):
        raise ConfigError("panel", "assets", ", ".join(assets), "two or more, each named once")
    ended = _until_the_first_end(histories)
    dates = np.unique(np.concatenate([_days_of(history) for history in ended]))
    traded = np.stack([np.isin(dates, _days_of(history)) for history in ended], axis=1)
    active = np.stack([_is_active(dates, _days_of(history)) for history in ended], axis=1)
    is_day = 2 * traded.sum(axis=1) > active.sum(axis=1)
    for asset in np.flatnonzero(~traded[is_day].any(axis=0)):
        raise PriceError(f"{assets[asset]} trades on no day on which most of the others do")
    holes = [_after_holes(history, dates[is_day]) for history in ended]
    panel = _on_days(ended, dates[is_day], holes)
    alone = (traded & ~is_day[:, None]).sum(axis=0)
    left_out = chain.from_iterable(map(_left_out, ended, holes))
    return panel, [*_ends(histories, panel), *_notes(panel, alone), *left_out, *_twins(panel)]


def on_common_days(panel: History) -> History:
    """Return a panel on the days on which all assets trade. Other returns join the next such day.

    A day that others have joined has no shape.

    Raises
    ------
    PriceError
        There is no such day.
    """
    kept = np.flatnonzero(whole_rows(panel.log_returns))
    if not len(kept):
        raise PriceError(f"{', '.join(panel.assets)}: there is no day on which all of them trade")
    until = panel.rows(slice(int(kept[-1]) + 1))
    shapes = panel.shapes
    if shapes is not None:
        is_alone = np.diff(kept, prepend=kept[0] - 1) == 1
        shapes = np.where(is_alone[:, None, None], shapes[kept], np.nan)
    joint = on_whole_days(panel.log_returns)
    return History(panel.dates[kept], joint, until.last_price, panel.assets, shapes=shapes)


def on_whole_days(log_returns: FloatArray) -> FloatArray:
    """Return log returns (days, assets) on the days on which all assets trade.

    Other returns join the next such day. Those before the first one, and after the last, are left
    out.
    """
    kept = np.flatnonzero(whole_rows(log_returns))
    if not len(kept):
        return log_returns[:0]
    begins = np.append(kept[0], kept[:-1] + 1)  # of the returns that each kept day holds
    moves = np.nan_to_num(log_returns[: kept[-1] + 1])
    return np.asarray(np.add.reduceat(moves, begins, axis=0), np.float64)


def _days_of(history: History) -> NDArray[np.datetime64]:
    return history.dates.astype("datetime64[D]")


def _is_active(dates: NDArray[np.datetime64], own: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Return for each day whether an asset with the days `own` is listed and not halted."""
    following = np.minimum(np.searchsorted(own, dates), len(own) - 1)
    before = np.maximum(np.searchsorted(own, dates, side="right") - 1, 0)
    return np.asarray((dates >= own[0]) & (own[following] - own[before] <= _HALT))


def _until_the_first_end(histories: Sequence[History]) -> list[History]:
    """Cut all histories to the day on which the first of them ends.

    Raises
    ------
    PriceError
        An asset has no price until then.
    """
    first = min(histories, key=lambda history: history.dates[-1])
    for history in histories:
        if history.dates[0] > first.dates[-1]:
            raise PriceError(
                f"{first.assets[0]} ends on {first.day(-1)}, before {history.assets[0]} begins on "
                f"{history.day(0)}: they have no day in common; leave one of them out"
            )
    end = _days_of(first)[-1]
    return [history.rows(slice(int((_days_of(history) <= end).sum()))) for history in histories]


def _after_holes(history: History, dates: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Mark the returns of an asset over more than a quarter, while a panel of `dates` goes on."""
    days = _days_of(history)
    found = np.zeros(len(days), bool)
    goes_on = np.diff(np.searchsorted(dates, days)) > 1
    found[1:] = (np.diff(days) > _HOLE) & goes_on
    return found


def _left_out(history: History, holes: NDArray[np.bool_]) -> Iterator[Note]:
    """Tell the returns over holes."""
    found = [
        f"{history.day(day - 1)} to {history.day(day)} ({_change(history.log_returns[day, 0])})"
        for day in np.flatnonzero(holes).tolist()
    ]
    if found:
        yield warned(
            f"{history.assets[0]} has no price for more than {_HOLE.astype(int)} days, and its "
            f"change over them is left out: {first_few(found)}"
        )


def _change(log_return: float) -> str:
    return f"{100 * np.expm1(log_return):+.1f} %".replace("-", "−")


def _on_days(
    histories: Sequence[History],
    dates: NDArray[np.datetime64],
    left_out: Sequence[NDArray[np.bool_]],
) -> History:
    """Return all assets on the given days. A return between two of them joins the later one.

    Days on which only returns to leave out remain are no days.
    """
    log_returns = np.full((len(dates), len(histories)), np.nan)
    shapes = np.full((*log_returns.shape, PARTS), np.nan)
    prices = np.empty(len(histories))
    for column, (history, holes) in enumerate(zip(histories, left_out, strict=True)):
        rows = np.searchsorted(dates, _days_of(history))
        prices[column] = history.prices[rows < len(dates)][-1, 0]
        kept = (rows < len(dates)) & ~holes
        rows, returns = rows[kept], history.log_returns[kept, 0]
        sums = np.bincount(rows, returns, len(dates))
        counts = np.bincount(rows, minlength=len(dates))
        log_returns[counts > 0, column] = sums[counts > 0]
        if history.shapes is not None:
            of_one = counts[rows] == 1
            shapes[rows[of_one], column] = history.shapes[kept][of_one, 0]
    assets = tuple(history.assets[0] for history in histories)
    days = np.isfinite(log_returns).any(axis=1)
    known = None if np.isnan(shapes).all() else shapes[days]
    return History(dates[days], log_returns[days], prices, assets, shapes=known)


def _ends(histories: Sequence[History], panel: History) -> Iterator[Note]:
    """Tell which asset ends the panel."""
    first = min(histories, key=lambda history: history.dates[-1])
    last = max(histories, key=lambda history: history.dates[-1])
    if _days_of(last)[-1] > panel.dates[-1]:
        yield read_as(
            f"the panel ends on {panel.day(-1)}, with {first.assets[0]}; {last.assets[0]} goes on "
            f"until {last.day(-1)}"
        )


def _notes(panel: History, alone: NDArray[np.int64]) -> Iterator[Note]:
    """Tell assets that lack days of the panel, or trade on days that are none of it."""
    traded = np.isfinite(panel.log_returns)
    for column, asset in enumerate(panel.assets):
        days = np.flatnonzero(traded[:, column])
        if days[0] > 0:
            yield read_as(f"{asset} begins on {panel.day(days[0])}, and has {len(days):,} days")
        missing = len(panel) - days[0] - len(days)
        if len(days) < _FEW * (len(panel) - days[0]):
            yield read_as(f"{asset} does not trade on {missing:,} days of the panel")
        if alone[column]:
            yield read_as(
                f"{asset} trades on {alone[column]:,} days on which most others do not: those "
                "returns are part of its next ones"
            )


def _twins(panel: History) -> Iterator[Note]:
    """Tell two names of one asset."""
    for one, other in combinations(range(len(panel.assets)), 2):
        both = panel.log_returns[:, [one, other]]
        both = both[whole_rows(both)]
        if len(both) >= _FEWEST_ALIKE and (spreads := both.std(axis=0)).all():
            centred = (both - both.mean(axis=0)) / spreads
            if centred.prod(axis=1).mean() > _SAME:
                yield warned(
                    f"{panel.assets[one]} and {panel.assets[other]} move alike on all days: are "
                    "they the same asset?"
                )
