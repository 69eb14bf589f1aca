"""Regimes: labels of stretches of a history, by their volatility or by labels of the user."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simgan.arrays import FloatArray, IntArray
from simgan.errors import ConfigError, PriceError
from simgan.market.history import History

UNKNOWN = -1
FEWEST, MOST = 2, 6
_NAMES = {2: ("calm", "turbulent"), 3: ("calm", "normal", "turbulent")}
_LEAST_SHARE = 0.02  # of the labelled days: a rarer regime is not learned


@dataclass(frozen=True)
class Regimes:
    """The regime of the `length` days from each day of a history on.

    Attributes
    ----------
    names : tuple of str
    by_day : array of int, shape (days + 1,)
        Number of the regime. It is `UNKNOWN` where the history ends within the stretch, or where no
        day of it has a label.
    length : int
    bounds : tuple of float
        Realized volatilities between one regime and the next, in log returns per day. Labels of the
        user have none.
    """

    names: tuple[str, ...]
    by_day: IntArray
    length: int
    bounds: tuple[float, ...] = ()

    @property
    def shares(self) -> tuple[float, ...]:
        """Share of each regime among the stretches that have one."""
        known = self.by_day[self.by_day != UNKNOWN]
        return tuple((np.bincount(known, minlength=len(self.names)) / len(known)).tolist())

    def one_hot(self) -> FloatArray:
        """Return one-hot labels (days + 1, regimes), all 0 where the regime is unknown."""
        return np.asarray(self.by_day[:, None] == np.arange(len(self.names)), np.float64)


def realized_volatilities(log_returns: FloatArray, length: int) -> FloatArray:
    """Return √(Σ r² / length) of the `length` days from each day on.

    Parameters
    ----------
    log_returns : array of shape (days, assets)
        Regimes follow the first asset.
    length : int

    Returns
    -------
    array of shape (days − length + 1,)
    """
    squares = np.concatenate([[0.0], np.cumsum(np.square(log_returns[:, 0]))])
    return np.asarray(np.sqrt((squares[length:] - squares[:-length]) / length))


def by_volatility(log_returns: FloatArray, count: int, length: int) -> Regimes:
    """Divide the stretches of a history into regimes of equal size, the calmest first.

    The realized volatility of each stretch decides. The log returns have shape (days, assets).

    Raises
    ------
    ConfigError
        The number of regimes is out of range.
    """
    if not FEWEST <= count <= MOST:
        raise ConfigError("fit", "regimes", count, f"from {FEWEST} to {MOST}")
    volatilities = realized_volatilities(log_returns, length)
    bounds = np.quantile(volatilities, np.arange(1, count) / count)
    by_day = np.full(len(log_returns) + 1, UNKNOWN)
    by_day[: len(volatilities)] = np.searchsorted(bounds, volatilities)
    names = _NAMES.get(count, tuple(f"regime-{number + 1}" for number in range(count)))
    return Regimes(names, by_day, length, tuple(bounds.tolist()))


def by_labels(history: History, labels: dict[str, str], length: int) -> Regimes:
    """Label each stretch of a history by the most frequent label of its days.

    Parameters
    ----------
    history : History
    labels : dict
        Name of the regime of some days, by ISO date. A stretch without any such day is unknown.
    length : int

    Raises
    ------
    ConfigError
        There are too few or too many regimes, or one is too rare.
    """
    names = tuple(sorted(set(labels.values())))
    if not FEWEST <= len(names) <= MOST:
        raise ConfigError(
            "fit", "labels", f"{len(names)} different regimes", f"from {FEWEST} to {MOST} of them"
        )
    days = np.full((len(history) + 1, len(names)), 0)
    for row in range(len(history)):
        if (label := labels.get(history.day(row))) is not None:
            days[row + 1, names.index(label)] = 1
    counted = np.cumsum(days, axis=0)  # (days + 1, regimes)
    within = counted[length:] - counted[:-length]  # of the stretch from each day on
    by_day = np.full(len(history) + 1, UNKNOWN)
    by_day[: len(within)] = np.where(within.any(axis=1), within.argmax(axis=1), UNKNOWN)
    known = by_day[by_day != UNKNOWN]
    for number, name in enumerate(names):
        if np.count_nonzero(known == number) < max(_LEAST_SHARE * len(known), 1):
            raise ConfigError(
                "fit",
                "labels",
                name,
                f"regimes that at least {100 * _LEAST_SHARE:g} % of the labelled stretches have",
            )
    return Regimes(names, by_day, length)


def read_labels(path: Path) -> dict[str, str]:
    """Read a CSV file of labels with a header.

    ISO dates stand in the first column and names of regimes in the second. An empty name is no
    label.

    Raises
    ------
    PriceError
        The file cannot be read, or a line is not of that form.
    """
    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PriceError(f"cannot read labels from {path}: {error}") from error
    found: dict[str, str] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        try:
            date = str(np.datetime64(row[0].strip(), "D"))
            label = row[1].strip()
        except (ValueError, IndexError) as error:
            raise PriceError(
                f"{path}, line {number}: {','.join(row)!r} is not an ISO date, "
                "a comma and the name of a regime"
            ) from error
        if label and found.setdefault(date, label) != label:
            raise PriceError(
                f"{path}, line {number}: {date} is labelled twice, {found[date]} and {label}"
            )
    if not found:
        raise PriceError(
            f"{path} labels no day; it needs a header, then lines such as 2008-10-10,turbulent"
        )
    return found
