"""The days before a position: their prices and volatility, and the start of its scenarios."""

from __future__ import annotations

import numpy as np

from simgan.arrays import FloatArray, whole_rows
from simgan.calendars import Calendar
from simgan.market.history import History
from simgan.report.risk.results import Volatility
from simgan.risk.book import Book
from simgan.sampling.model import Model
from simgan.sampling.volatility import volatility_along

_FEWEST_DAYS = 120  # of a history that a volatility is compared with
_OLD = 370  # days after which a model should learn again
_MANY = 0.9  # share of the days of a panel, above which a rival's are not told
_PAST = 63  # days of the price before the start, on the page


def other_days(as_of: str, model: Model, known: History, rival: str) -> str:
    """Say that the model has learned from days after its start, or from old ones, or nothing."""
    last, start = model.bundle.manifest.data.last, known.day(-1)
    if as_of == "stationary":
        return ""
    if start < last:
        return (
            f"{model.kind} learned from days after {start}, up to {last}, which nobody knew then; "
            f"{rival} was fitted to the days before"
        )
    age = np.datetime64(start) - np.datetime64(last)
    if age > np.timedelta64(_OLD, "D"):
        return f"{model.kind} learned from days up to {last}; `simgan fit` learns from newer ones"
    return ""


def few_days(rival: str, common: History, known: History) -> str:
    """Say that a rival learned from a part of the days only, on which all assets traded."""
    if len(common) > _MANY * len(known):
        return ""
    return (
        f"{rival} learned from {len(common):,} of the {len(known):,} days: those on which all "
        "assets traded"
    )


def left_out(rival: str, error: Exception, known: History) -> str:
    """Say why a rival is left out. Where assets lack days, name the one with the fewest."""
    days = np.isfinite(known.log_returns).sum(axis=0)  # (assets,)
    if days.min() == len(known):
        return f"{rival} is left out: {error}"
    common = int(whole_rows(known.log_returns).sum())
    fewest = int(days.argmin())
    return (
        f"{rival} is left out: {error}. All assets traded on {common:,} days; "
        f"{known.assets[fewest]} has the fewest, {days[fewest]:,} of {len(known):,}"
    )


def start(as_of: str, known: History | None) -> str:
    """Say where the scenarios start."""
    if as_of == "stationary":
        return "in the long run"
    if known is not None:
        return f"after {known.day(-1)}"
    return f"after a day of {as_of}" if ".." in as_of else "after its history"


def past(as_of: str, known: History | None, book: Book) -> FloatArray:
    """Return the price before the start over that at the start, minus 1, shape (days,)."""
    if known is None or as_of == "stationary":
        return np.zeros(1)
    backwards = np.cumsum(book.past(known.log_returns)[::-1][:_PAST])
    return np.concatenate([np.expm1(-backwards)[::-1], [0.0]])


def volatility(as_of: str, model: Model, known: History | None) -> Volatility | None:
    """Return the volatility of tomorrow and of the days before, if they are known."""
    is_known = known is not None and len(known.assets) == 1 and len(known) >= _FEWEST_DAYS
    if known is None or not is_known or as_of == "stationary":
        return None
    along = volatility_along(model, known.log_returns, known.ranges)[:, 0]
    days = known.dates[-(len(along) - 1) :]
    return Volatility(days, along[:-1], float(along[-1]), steps_a_year(known))


def steps_a_year(known: History) -> float | None:
    """Return the steps of a history in a year, or None if it is too short to tell."""
    return Calendar.of(known.dates).steps_a_year
