"""The figures of a report: where real and fake differ, for the eye."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simgan.arrays import FloatArray
from simgan.report.drawing import REAL, Figure, canvas, colour, legend, style, svg
from simgan.seeds import Seed
from simgan.stats.dependence import TRANSFORMS, autocorrelation, leverage
from simgan.stats.intervals import block_length, stationary_resamples

TrainingHistory = Mapping[str, Sequence[tuple[int, float]]]
Paths = Mapping[str, FloatArray]
_RESAMPLES = 100
_ACF_PATHS = 100  # paths behind a drawn autocorrelation
_LEVERAGE_LAGS = 40
_SHOWN_DAYS = 500


@dataclass(frozen=True)
class Pictured:
    """What the figures show: a history (days,) in log returns, and each model's paths (paths, days)."""

    real: FloatArray
    fakes: Paths

    def resamples(self) -> FloatArray:
        """Stationary-bootstrap resamples of the history, for bands."""
        return stationary_resamples(self.real, _RESAMPLES, Seed(0).stream("bootstrap"), block_length(self.real))


def densities(shown: Pictured) -> Figure:
    """Histogram densities on a linear and on a logarithmic scale."""
    figure, (linear, logarithmic) = canvas(1, 2, 3.8)
    scale = shown.real.std()
    reach = 1.15 * np.abs(shown.real).max()
    for axes, edges in ((linear, np.linspace(-4 * scale, 4 * scale, 81)), (logarithmic, np.linspace(-reach, reach, 91))):
        centres = 50 * (edges[1:] + edges[:-1])
        for i, (name, paths) in enumerate(shown.fakes.items()):
            axes.plot(centres, _density(paths, edges), color=colour(i), ls=style(i), lw=1.3, label=name)
        axes.plot(centres, _density(shown.real, edges), color=REAL, marker=".", ms=3, lw=0, label="real")
        axes.set_xlabel("daily log return, %")
    linear.set_ylabel("density")
    logarithmic.set_yscale("log")
    legend(linear)
    caption = "Dots are the history, lines the models. The right panel shows the tails: a line below the last dots is a tail too light."
    return Figure("density", "Density of daily returns", caption, svg(figure, "Densities of real and generated returns"))


def quantiles(shown: Pictured) -> Figure:
    """Quantiles of the models against those of the history, with a band of real against real."""
    figure, (axes,) = canvas(1, 1, 5.2)
    days = len(shown.real)
    probabilities = (np.arange(days) + 0.5) / days
    probabilities = probabilities[np.unique(np.r_[:30, np.linspace(0, days - 1, 150).astype(int), days - 30 : days])]
    real = 100 * np.quantile(shown.real, probabilities)
    low, high = 100 * np.quantile(np.quantile(shown.resamples(), probabilities, axis=1), [0.025, 0.975], axis=1)
    axes.fill_between(real, low, high, color="#bbbbbb", alpha=0.6, lw=0, label="real against real, 95 %")
    axes.plot(real, real, color=REAL, lw=0.8)
    for i, (name, paths) in enumerate(shown.fakes.items()):
        axes.plot(real, 100 * np.quantile(paths, probabilities), color=colour(i), ls=style(i), lw=1.3, label=name)
    axes.set_xlabel("quantile of the history, %")
    axes.set_ylabel("same quantile of the model, %")
    legend(axes)
    caption = "On the thin line a quantile is that of the history. Outside the grey band it differs by more than the history's own noise."
    return Figure("quantiles", "Quantile against quantile", caption, svg(figure, "Quantiles of generated against real returns"))


def memory(shown: Pictured) -> Figure:
    """Autocorrelations of r, |r| and r², and the leverage curve."""
    figure, axes = canvas(2, 2, 6.4)
    lags = min(250, len(shown.real) // 4)
    for panel, (name, transform) in zip(axes, TRANSFORMS.items(), strict=False):
        _curves(panel, shown, lambda paths, transform=transform: autocorrelation(transform(paths), lags))  # type: ignore[misc]
        panel.set_title(f"autocorrelation of {name}", fontsize=10)
    _curves(axes[3], shown, lambda paths: leverage(paths, min(_LEVERAGE_LAGS, lags)))
    axes[3].set_title("leverage: correlation of r with r² later", fontsize=10)
    for panel in axes:
        panel.set_xlabel("lag, days")
    legend(axes[1])
    caption = (
        f"Black is the history, grey its 95 % bootstrap band, lines are means over {_ACF_PATHS} paths as long as the history. "
        "Slow decay of |r| is volatility clustering; a leverage curve below zero means that falls make the days after them wilder."
    )
    return Figure("memory", "Memory", caption, svg(figure, "Autocorrelations and leverage of real and generated returns"))


def sample_paths(shown: Pictured) -> Figure:
    """Stretches of the history beside stretches of the first model's paths."""
    figure, axes = canvas(4, 2, 7.2, share=True)
    name, paths = next(iter(shown.fakes.items()))
    days = min(_SHOWN_DAYS, len(shown.real))
    starts = np.linspace(0, len(shown.real) - days, 4).astype(int)
    for row, start in enumerate(starts):
        real, fake = axes[2 * row], axes[2 * row + 1]
        real.plot(100 * shown.real[start : start + days], color=REAL, lw=0.6)
        fake.plot(100 * paths[row, :days], color=colour(0), lw=0.6)
        real.set_ylabel("%")
    axes[0].set_title("real", fontsize=10)
    axes[1].set_title(f"{name}, paths 0 to 3", fontsize=10)
    for panel in axes[-2:]:
        panel.set_xlabel("day")
    caption = f"Daily returns over {days} days on one scale: evenly spaced stretches of the history, and the first paths, not picked."
    return Figure("paths", "Sample paths", caption, svg(figure, "Real returns beside generated ones"))


def cumulated(shown: Pictured) -> Figure:
    """Prices over the same stretches: many generated paths and the history's own windows."""
    figure, (real, fake) = canvas(1, 2, 3.8, share=True)
    name, paths = next(iter(shown.fakes.items()))
    days = min(_SHOWN_DAYS // 2, len(shown.real))
    starts = np.linspace(0, len(shown.real) - days, 20).astype(int)
    windows = np.stack([shown.real[start : start + days] for start in starts])
    for panel, returns, tone in ((real, windows, REAL), (fake, paths[:20, :days], colour(0))):
        panel.plot(100 * np.exp(np.cumsum(returns, axis=1)).T[::2], color=tone, lw=0.7, alpha=0.7)
        panel.set_xlabel("days / 2")
    real.set_title("real, 20 windows", fontsize=10)
    fake.set_title(f"{name}, 20 paths", fontsize=10)
    real.set_ylabel("price, start = 100")
    caption = f"The price over {days} days from 100: windows of the history that overlap, and as many paths."
    return Figure("prices", "Prices", caption, svg(figure, "Real and generated prices"))


def training(history: TrainingHistory, chosen_step: int) -> Figure:
    """Losses and validation score over the steps of the selection run."""
    figure, (losses, score) = canvas(1, 2, 3.6)
    for i, name in enumerate(("critic loss", "generator loss")):
        _history(losses, history.get(f"adversarial, selection: {name}", ()), colour(i), style(i), name)
    losses.set_title("losses of the adversarial steps", fontsize=10)
    warm, adversarial = (history.get(f"{phase}, selection: validation CRPS", ()) for phase in ("warm start", "adversarial"))
    offset = warm[-1][0] if warm else 0
    _history(score, warm, colour(2), style(0), "warm start")
    _history(score, [(offset + step, value) for step, value in adversarial], colour(0), style(0), "adversarial")
    score.axvline(offset + chosen_step, color=REAL, lw=0.8, ls=":", label="chosen")
    score.set_title("validation CRPS, in standard deviations", fontsize=10)
    for panel in (losses, score):
        panel.set_xlabel("step")
        if panel.get_legend_handles_labels()[0]:
            legend(panel)
    caption = (
        "Left: two players in balance stay near log 2 = 0.69. Right: the score on the last part of the history, held out from this run; "
        "the dotted line is the number of steps that the final run took, on the whole history."
    )
    return Figure("training", "Training", caption, svg(figure, "Training history"))


def _density(values: FloatArray, edges: FloatArray) -> FloatArray:
    counts, _ = np.histogram(values, edges)
    density = counts / (values.size * np.diff(edges) * 100)  # per percent
    return np.where(counts > 0, density, np.nan)


def _curves(axes: object, shown: Pictured, curve: Callable[[FloatArray], FloatArray]) -> None:
    real = curve(shown.real[None])
    lags = np.arange(1, len(real) + 1)
    band = np.quantile([curve(resample[None]) for resample in shown.resamples()], [0.025, 0.975], axis=0)
    axes.fill_between(lags, *band, color="#bbbbbb", alpha=0.5, lw=0)  # type: ignore[attr-defined]
    axes.plot(lags, real, color=REAL, lw=0.9, label="real")  # type: ignore[attr-defined]
    for i, (name, paths) in enumerate(shown.fakes.items()):
        axes.plot(lags, curve(paths[:_ACF_PATHS]), color=colour(i), ls=style(i), lw=1.3, label=name)  # type: ignore[attr-defined]
    axes.axhline(0, color=REAL, lw=0.5)  # type: ignore[attr-defined]


def _history(axes: object, points: Sequence[tuple[int, float]], tone: str, line: str, name: str) -> None:
    if points:
        axes.plot(*zip(*points, strict=True), color=tone, ls=line, lw=1.3, label=name)  # type: ignore[attr-defined]
