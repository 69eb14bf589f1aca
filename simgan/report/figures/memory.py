"""Memory: autocorrelation of r, |r| and r², and leverage."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from simgan.arrays import FloatArray
from simgan.report.figures.canvas import Illustration, axes, to_svg
from simgan.report.figures.palette import BAND, INK, REAL
from simgan.report.figures.pictured import Pictured
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
            f"Correlation between days that lie a number of trading days apart: of returns, which have almost none; of their size and "
            f"square, whose slow decline over lags 1–{lags} is the clustering of volatility; and of a return with the squares of later "
            "ones, negative because falls are followed by unrest. A model's line is the mean over its paths. The grey band is as wide as "
            "95 % of 200 stationary-bootstrap resamples and centred on the real curve; a line that leaves it for long remembers too "
            "much or too little."
        ),
        alternative=(
            f"Four panels with the history, its 95 % band and {', '.join(shown.fakes)}: autocorrelation of daily log returns, of "
            f"their absolute value and of their square up to lag {lags}, and the leverage correlation up to lag {near}."
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
