"""Figures of novelty: the nearest real windows, and real windows hidden among generated ones."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from zlib import crc32

import numpy as np
from matplotlib.figure import Figure

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
PANELS, _ABREAST, _HIDDEN = 12, 2, 3  # numbers run from left to right, two to a drawing


def nearest_windows(shown: Pictured) -> Illustration:
    """Draw generated windows over the nearest real ones, and real ones over other real ones."""
    days = _length(shown, WINDOW)
    stroke = shown.strokes[shown.judged]
    library = Library.of(shown.real[None], days, len(shown.real))
    fake = of_paths(shown.fakes[shown.judged], days, _QUERIES)
    real = of_history(shown.real, days, _QUERIES)
    title = f"{shown.judged} and the nearest real windows"
    generated = _Pairs.of(library, fake, are_own=False)
    among_real = _Pairs.of(library, real, are_own=True)
    reach = 1.05 * max(generated.reach, among_real.reach)
    return Illustration(
        name="nearest",
        title="Generated windows and the nearest real ones",
        caption=(
            f"Windows of {days} days of daily log returns, each divided by its own standard "
            f"deviation, on one scale. First: windows of {shown.judged}, with the nearest of all "
            "real windows. "
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
            to_svg(_stack(generated, stroke, title, reach), "nearest-fake"),
            to_svg(
                _stack(among_real, REAL, "real and the nearest other real windows", reach),
                "nearest-real",
            ),
        ),
        legend=(
            LegendEntry(shown.judged, stroke),
            LegendEntry("real", REAL),
            LegendEntry("nearest real window", _NEIGHBOUR),
        ),
    )


def lineup(shown: Pictured) -> Illustration:
    """Draw windows side by side, three of them real. The answer stands elsewhere."""
    days = _length(shown, LINEUP)
    windows, hidden = lined_up(shown, days)
    reach = 105 * max(float(np.abs(windows).max()), 1e-12)
    panels = tuple(
        _numbered(windows[first : first + _ABREAST], first + 1, reach)
        for first in range(0, PANELS, _ABREAST)
    )
    numbers = [str(number + 1) for number in hidden]
    return Illustration(
        name="lineup",
        title="Which windows are real?",
        caption=(
            f"Daily log returns in percent over {days} days, on one scale. {_HIDDEN} of the "
            f"{PANELS} windows are real, and the others are of {shown.judged}. None was picked by "
            "its look, and chance set their order. They should be hard to find. Who guesses names "
            f"all {_HIDDEN} with a chance of {100 / comb(PANELS, _HIDDEN):.1f} %."
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
    figure = blank(height=1.5)
    row = figure.subplots(1, len(windows), sharex=True, sharey=True)
    for number, (ax, window) in enumerate(zip(row, windows, strict=True), start=first):
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


@dataclass(frozen=True)
class _Pairs:
    """Standardised windows (pairs, days), the nearest real ones, and their distances."""

    own: FloatArray
    nearest: FloatArray
    distances: FloatArray

    @classmethod
    def of(cls, library: Library, queries: Windows, *, are_own: bool) -> _Pairs:
        """Look windows up, and keep the pairs at the quantiles that are drawn."""
        found = library.nearest(queries, are_own=are_own)
        order = np.argsort(found.distances, kind="stable")
        chosen = order[(np.array(_AT) * (len(order) - 1)).astype(int)]
        nearest = library.windows.values[found.numbers[chosen]]
        own, nearest = standardised(queries.values[chosen]), standardised(nearest)
        return cls(own, nearest, found.distances[chosen])

    @property
    def reach(self) -> float:
        """The largest value of a window."""
        return float(max(np.abs(self.own).max(), np.abs(self.nearest).max()))


def _stack(pairs: _Pairs, stroke: Stroke, title: str, reach: float) -> Figure:
    figure = blank(height=4.4)
    stack = figure.subplots(len(_AT), 1, sharex=True, sharey=True)
    days = np.arange(1, pairs.own.shape[1] + 1)
    for ax, one, other, distance in zip(
        stack, pairs.own, pairs.nearest, pairs.distances, strict=True
    ):
        ax.plot(days, other, **_NEIGHBOUR.line)
        ax.plot(days, one, color=stroke.colour, linewidth=0.9)
        ax.set_title(f"distance {distance:.1f}", fontsize=8, fontweight="normal", pad=2)
        ax.set(xlim=(1, days[-1]), ylim=(-reach, reach))
    figure.suptitle(title, fontsize=9.5, fontweight="bold", x=0.02, ha="left")
    stack[-1].set_xlabel("day")
    return figure
