"""Figures of time: autocorrelation and leverage, and paths beside windows of the history."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from simgan.arrays import FloatArray
from simgan.report.figures.canvas import (
    BAND,
    INK,
    REAL,
    Illustration,
    Pictured,
    Stroke,
    axes,
    blank,
    to_svg,
)
from simgan.stats.dependence import TRANSFORMS, Transform, autocorrelation, leverage

MOST_LAGS, LEVERAGE_LAGS = 250, 60
_SLUGS = {"r": "r", "|r|": "abs", "r²": "square"}

Curve = Callable[[FloatArray], FloatArray]  # (days,) or (paths, days) → (lags,)


def memory(shown: Pictured) -> Illustration:
    """Draw the three autocorrelations and the leverage curve."""
    shortest = min(len(shown.real), *(paths.shape[1] for paths in shown.fakes.values()))
    lags, near = (min(most, shortest // 4) for most in (MOST_LAGS, LEVERAGE_LAGS))
    panels = [
        _panel(
            shown,
            f"autocorrelation of {name}",
            f"memory-{_SLUGS[name]}",
            partial(_autocorrelation, transform=transform, lags=lags),
        )
        for name, transform in TRANSFORMS.items()
    ]
    panels.append(
        _panel(
            shown,
            "leverage: corr(r today, r² later)",
            "memory-leverage",
            partial(leverage, max_lag=near),
        )
    )
    return Illustration(
        name="memory",
        title="Memory over time",
        caption=(
            "Correlation between days at a distance of some trading days. Returns themselves "
            f"have almost none. The slow decline of their size and square over lags 1–{lags} is "
            "the clustering of volatility. The correlation of a return with later squares is "
            "negative because unrest follows falls. A model's line is the mean over its paths. "
            "The grey band is as wide as 95 % of 200 stationary-bootstrap resamples and centred "
            "on the real curve. A line outside it over many lags has too much or too little "
            "memory."
        ),
        alternative=(
            f"Four panels with the history, its 95 % band and {', '.join(shown.fakes)}: "
            "autocorrelation of daily log returns, of their absolute value and of their square "
            f"up to lag {lags}, and the leverage correlation up to lag {near}."
        ),
        panels=tuple(panels),
        legend=shown.legend(),
    )


def _autocorrelation(returns: FloatArray, transform: Transform, lags: int) -> FloatArray:
    return autocorrelation(transform(returns), lags)


def _panel(shown: Pictured, title: str, prefix: str, curve: Curve) -> str:
    real = curve(shown.real)
    lags = np.arange(1, len(real) + 1)
    figure, ax = axes(title, "lag, trading days", "correlation")
    ax.fill_between(lags, *shown.band_around_real(curve), color=BAND.colour, linewidth=0)
    ax.axhline(0, color=INK, linewidth=0.7)
    ax.plot(lags, real, color=REAL.colour, linewidth=0.9)
    for name, stroke in shown.strokes.items():
        ax.plot(lags, curve(shown.fakes[name]), **stroke.line)
    ax.set_xlim(0, len(real))
    return to_svg(figure, prefix)


LENGTH = 500  # days: two years, enough to see calm and unrest
_DAILY, _CUMULATIVE = 4, 10


def sample_paths(shown: Pictured) -> Illustration:
    """Draw daily and cumulative returns of real windows and of the judged model's first paths."""
    fake = shown.fakes[shown.judged]
    length = min(LENGTH, fake.shape[1], len(shown.real) // 2)
    real, fake = spread_windows(shown.real, length, _CUMULATIVE), fake[:_CUMULATIVE, :length]
    stroke = shown.strokes[shown.judged]
    some_real, some_fake = spread_windows(shown.real, length, _DAILY), fake[:_DAILY]
    reach = (
        105 * np.abs(shown.real).max()
    )  # of the history: one extreme day of a model would flatten every panel
    climbs = 105 * np.cumsum(np.concatenate([real, fake]), axis=1)
    climb = (min(0.0, climbs.min()), max(0.0, climbs.max()))
    return Illustration(
        name="paths",
        title="Paths beside real ones",
        caption=(
            f"Stretches of {length} days. Daily log returns: {len(some_real)} windows spread "
            f"evenly over the history, and the first {len(some_fake)} paths of {shown.judged}. "
            f"Sums of log returns: {len(real)} windows and {len(fake)} paths. None was picked, "
            "and real and generated share their scale. The daily scale ends with the largest "
            "move in history. Triangles are days beyond it, with the value of the largest. Look "
            "for clusters of large days, single shocks and long declines. With the titles "
            "covered, they should be hard to tell apart."
        ),
        alternative=(
            "Four panels on common scales: daily log returns of windows of the history and of "
            f"paths of {shown.judged}, and their cumulative log returns over {length} days."
        ),
        panels=(
            _daily(some_real, "real: daily log returns, %", REAL, reach),
            _daily(some_fake, f"{shown.judged}: daily log returns, %", stroke, reach),
            _cumulative(real, "real: cumulative log returns, %", REAL, climb),
            _cumulative(fake, f"{shown.judged}: cumulative log returns, %", stroke, climb),
        ),
    )


def spread_windows(log_returns: FloatArray, length: int, most: int) -> FloatArray:
    """Return up to `most` windows (windows, length), spread evenly and without overlap."""
    n = min(most, len(log_returns) // length)
    starts = np.linspace(0, len(log_returns) - length, n).astype(int)
    return np.stack([log_returns[start : start + length] for start in starts])


def _daily(windows: FloatArray, title: str, stroke: Stroke, reach: float) -> str:
    figure = blank(height=4.4)
    stack = figure.subplots(len(windows), 1, sharex=True, squeeze=False)[:, 0]
    for ax, window in zip(stack, windows, strict=True):
        ax.plot(np.arange(1, len(window) + 1), 100 * window, color=stroke.colour, linewidth=0.6)
        ax.set(ylim=(-reach, reach), xlim=(0, len(window)))
        _beyond(ax, 100 * window, reach, stroke)
    stack[0].set_title(title)
    stack[-1].set_xlabel("day")
    return to_svg(figure, f"paths-{_slug(title)}")


def _beyond(ax: Any, window: FloatArray, reach: float, stroke: Stroke) -> None:
    """Mark the days beyond the scale, and write the number of the largest on either side."""
    for side, marker in ((1, "^"), (-1, "v")):
        days = np.flatnonzero(side * window > reach)
        if days.size:
            edge, largest = 0.9 * side * reach, days[np.argmax(side * window[days])]
            ax.plot(days + 1, np.full(days.size, edge), marker, color=stroke.colour, markersize=5)
            told = f"{window[largest]:.0f} %".replace("-", "−")
            ax.annotate(
                told,
                (days.max() + 1, edge),
                (6, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )


def _cumulative(windows: FloatArray, title: str, stroke: Stroke, climb: tuple[float, float]) -> str:
    figure, ax = axes(title, "day", "")
    days = np.arange(windows.shape[1] + 1)
    for window in windows:
        ax.plot(
            days,
            100 * np.concatenate([[0.0], np.cumsum(window)]),
            color=stroke.colour,
            linewidth=0.8,
            alpha=0.75,
        )
    ax.axhline(0, color=INK, linewidth=0.7)
    ax.set(xlim=(0, days[-1]), ylim=climb)
    return to_svg(figure, f"paths-{_slug(title)}")


def _slug(title: str) -> str:
    side, _, what = title.partition(": ")
    return f"{'real' if side == 'real' else 'fake'}-{what.split()[0]}"
