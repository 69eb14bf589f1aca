"""Windows of one length out of a history and out of paths, as two-sample tests compare them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray, IntArray, expect_finite, expect_shape
from simgan.errors import ConfigError

FOLDS = 5  # blocks of time that are left out in turn
_STEPS = 8  # windows that begin within the length of one


@dataclass(frozen=True)
class Windows:
    """Windows of a length, in the order of time.

    Attributes
    ----------
    series : array of shape (paths, days)
    rows, starts : arrays of shape (windows,)
        Path and first day of each window.
    length : int
        In days.
    overlap : int
        Windows that follow a window and share days with it.
    """

    series: FloatArray
    rows: IntArray
    starts: IntArray
    length: int
    overlap: int = 0

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def values(self) -> FloatArray:
        """The windows, shape (windows, length)."""
        views = np.lib.stride_tricks.sliding_window_view(self.series, self.length, axis=1)
        return np.asarray(views[self.rows, self.starts])


def of_history(log_returns: AnyFloatArray, length: int, most: int) -> Windows:
    """Take windows of a history at equal steps, an eighth of their length or more.

    The last window ends on the last day.

    Parameters
    ----------
    log_returns : array of shape (days,)
    length : int
        At most the days of the history.
    most : int
        Windows at most. More days make the step longer.
    """
    expect_shape(log_returns, ("days",), "of_history")
    places = _places(log_returns.size, length)
    step = max(1, length // _STEPS, -(-places // most))
    starts = np.arange((places - 1) % step, places, step)
    series = np.asarray(log_returns, np.float64)[None]
    return Windows(series, np.zeros_like(starts), starts, length, -(-length // step) - 1)


def of_paths(paths: AnyFloatArray, length: int, count: int) -> Windows:
    """Take windows from as many paths as possible, spread evenly over each.

    Parameters
    ----------
    paths : array of shape (paths, days)
    length, count : int
        Days of a window, and number of windows. Those of few short paths share days.
    """
    expect_shape(paths, ("paths", "days"), "of_paths")
    places = _places(paths.shape[1], length)
    of_each = -(-count // len(paths))
    firsts = np.linspace(0, places - 1, of_each) if of_each > 1 else [(places - 1) // 2]
    chosen = np.linspace(0, len(paths) * of_each - 1, count).astype(np.intp)
    rows, turns = np.divmod(chosen, of_each)
    starts = np.asarray(firsts).astype(np.int64)[turns]
    taken = Windows(np.asarray(paths, np.float64), rows.astype(np.int64), starts, length).values
    # each window is a series of its own: the long paths need not be kept
    return Windows(taken, np.arange(count), np.zeros(count, np.int64), length)


def every_window(paths: AnyFloatArray, length: int, most: int) -> Windows:
    """Take windows from every day on, from as many paths as hold `most` windows, at least one."""
    expect_shape(paths, ("paths", "days"), "every_window")
    places = _places(paths.shape[1], length)
    used = paths[: max(1, -(-most // places))]
    rows, starts = (axis.ravel()[:most] for axis in np.indices((len(used), places)))
    return Windows(np.asarray(used, np.float64), rows, starts, length)


def standardised(windows: AnyFloatArray) -> FloatArray:
    """Divide each window (windows, days) by its own deviation, after its mean is taken off.

    A window that does not vary becomes 0.
    """
    values = np.asarray(windows, np.float64)
    centred = values - values.mean(axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(values.std(axis=1, keepdims=True), 1e-12))


def distances(one: FloatArray, other: FloatArray) -> FloatArray:
    """Return Euclidean distances between points (n, d) and (m, d), shape (n, m)."""
    squares = (
        np.einsum("nd,nd->n", one, one)[:, None]
        + np.einsum("md,md->m", other, other)
        - 2.0 * one @ other.T
    )
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)))


def time_folds(n: int, folds: int, overlap: int) -> list[tuple[IntArray, IntArray]]:
    """Part n windows, or days, into blocks of time.

    `overlap` is how many of them share days with a block, before it and after it.

    Returns
    -------
    list of (learned, tested)
        Numbers of the windows outside of a block and its neighbours, and of those of the block.
    """
    every = np.arange(n)
    parts = np.array_split(every, folds)
    return [
        (every[(every < part[0] - overlap) | (every > part[-1] + overlap)], part) for part in parts
    ]


def expect_windows(one: AnyFloatArray, other: AnyFloatArray, owner: str) -> None:
    """Refuse windows of two lengths, none at all, and values that are not finite."""
    for windows in (one, other):
        expect_shape(windows, ("windows", "days"), owner)
        expect_finite(windows, owner)
    if one.shape[1] != other.shape[1]:
        raise ConfigError(owner, "shapes", (one.shape, other.shape), "windows of one length")


def _places(days: int, length: int) -> int:
    if not 2 <= length <= days:
        raise ConfigError("windows", "length", length, f"from 2 to the {days} days")
    return days - length + 1
