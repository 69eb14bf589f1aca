"""Figures of novelty: the nearest real windows, and real windows hidden among generated ones."""

from __future__ import annotations

from math import comb
from zlib import crc32

import numpy as np

from simgan.arrays import FloatArray
from simgan.report.figures.canvas import (
    INK,
    REAL,
    Illustration,
    LegendEntry,
    Pictured,
    Stroke,
    blank,
    to_svg,
)
from simgan.seeds import Seed
from simgan.stats.novelty import Library
from simgan.stats.windows import Windows, of_history, of_paths, standardised

WINDOW, LINEUP = 60, 250  # days
_LEAST_SPANS = 3  # windows that the history must hold
_QUERIES, _AT = 400, (0.0, 0.25, 0.5, 0.75)  # windows looked up, and quantiles that are drawn
_NEIGHBOUR = Stroke("#777777", 1.2, (4.0, 1.0))
PANELS, _COLUMNS, _HIDDEN = 12, 2, 3


def nearest_windows(shown: Pictured) -> Illustration:
    """Draw generated windows over the nearest real ones, and real ones over other real ones."""
    days = _length(shown, WINDOW)
    stroke = shown.strokes[shown.judged]
    library = Library.of(shown.real[None], days, len(shown.real))
    fake = of_paths(shown.fakes[shown.judged], days, _QUERIES)
    real = of_history(shown.real, days, _QUERIES)
    title = f"{shown.judged} and the nearest real windows"
    return Illustration(
        name="nearest",
        title="Generated windows and the nearest real ones",
        caption=(
            f"Windows of {days} days of daily log returns, each divided by its own standard "
            f"deviation. First: windows of {shown.judged}, with the nearest of all real windows. "
            "Then: real windows, with the nearest other real one. From above: the nearest pair of "
            f"{len(fake)}, and the pairs at a quarter, a half and three quarters of all distances. "
            "Pairs of the first panel should be as far apart as those of the other. A copy lies on "
            "its original."
        ),
        alternative=(
            f"Two panels of four pairs of windows: of {shown.judged} with the nearest real ones, "
            "and of the history with the nearest other real ones, with their distances."
        ),
        panels=(
            _pairs(library, fake, stroke, title, are_own=False),
            _pairs(library, real, REAL, "real and the nearest other real windows", are_own=True),
        ),
        legend=(
            LegendEntry(shown.judged, stroke),
            LegendEntry("real", REAL),
            LegendEntry("nearest real window", _NEIGHBOUR),
        ),
    )


def lineup(shown: Pictured) -> Illustration:
    """Draw windows side by side, three of them real. The answer is folded away."""
    days = _length(shown, LINEUP)
    windows, hidden = lined_up(shown, days)
    reach = 105 * max(float(np.abs(windows).max()), 1e-12)
    half = PANELS // 2
    panels = tuple(
        _numbered(windows[first : first + half], first + 1, reach) for first in (0, half)
    )
    numbers = [str(number + 1) for number in hidden]
    return Illustration(
        name="lineup",
        title="Which windows are real?",
        caption=(
            f"Daily log returns in percent over {days} days, on one scale. {_HIDDEN} of the "
            f"{PANELS} windows are real, and the others are of {shown.judged}. None was picked by "
            f"its look. They should be hard to find. Who guesses names all {_HIDDEN} with a "
            f"chance of {100 / comb(PANELS, _HIDDEN):.1f} %."
        ),
        alternative=(
            f"{PANELS} numbered panels with daily log returns over {days} days, {_HIDDEN} of the "
            f"history and the others of {shown.judged}."
        ),
        panels=panels,
        answer=f"Real are {', '.join(numbers[:-1])} and {numbers[-1]}.",
    )


def _numbered(windows: FloatArray, first: int, reach: float) -> str:
    """Draw windows (windows, days) on one scale, numbered from `first` on."""
    figure = blank(height=3.6)
    grid = figure.subplots(len(windows) // _COLUMNS, _COLUMNS, sharex=True, sharey=True)
    for number, (ax, window) in enumerate(zip(grid.ravel(), windows, strict=True), start=first):
        ax.plot(np.arange(1, len(window) + 1), 100 * window, color=INK, linewidth=0.45)
        ax.set(ylim=(-reach, reach), xlim=(0, len(window)), xticks=[])
        ax.tick_params(labelsize=7)
        ax.set_title(str(number), fontsize=8, pad=2)
    return to_svg(figure, f"lineup-{first}")


def lined_up(shown: Pictured, days: int) -> tuple[FloatArray, list[int]]:
    """Return twelve windows (windows, days) in random order, and the numbers of the real ones.

    The samples themselves decide about the order, so that it differs between models.
    """
    fake = shown.fakes[shown.judged]
    rng = Seed(crc32(shown.real.tobytes() + fake.tobytes())).stream("noise-floor", 4)
    spare = len(shown.real) - _HIDDEN * days
    starts = np.sort(rng.integers(0, spare + 1, _HIDDEN)) + days * np.arange(_HIDDEN)
    real = np.stack([shown.real[start : start + days] for start in starts])
    windows = np.concatenate([real, of_paths(fake, days, PANELS - _HIDDEN).values])
    order = rng.permutation(PANELS)
    return windows[order], np.flatnonzero(order < _HIDDEN).tolist()


def _length(shown: Pictured, most: int) -> int:
    shortest = min(paths.shape[1] for paths in shown.fakes.values())
    return int(min(most, shortest, len(shown.real) // _LEAST_SPANS))


def _pairs(library: Library, queries: Windows, stroke: Stroke, title: str, *, are_own: bool) -> str:
    found = library.nearest(queries, are_own=are_own)
    order = np.argsort(found.distances, kind="stable")
    chosen = order[(np.array(_AT) * (len(order) - 1)).astype(int)]
    own = standardised(queries.values[chosen])
    nearest = standardised(library.windows.values[found.numbers[chosen]])
    figure = blank(height=4.4)
    stack = figure.subplots(len(_AT), 1, sharex=True, sharey=True)
    days = np.arange(1, queries.length + 1)
    for ax, one, other, distance in zip(stack, own, nearest, found.distances[chosen], strict=True):
        ax.plot(days, other, **_NEIGHBOUR.line)
        ax.plot(days, one, color=stroke.colour, linewidth=0.9)
        ax.set_title(f"distance {distance:.1f}", fontsize=8, fontweight="normal", pad=2)
        ax.set_xlim(1, queries.length)
    figure.suptitle(title, fontsize=9.5, fontweight="bold", x=0.02, ha="left")
    stack[-1].set_xlabel("day")
    return to_svg(figure, f"nearest-{'real' if are_own else 'fake'}")
