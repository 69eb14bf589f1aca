"""Pictures of scenarios with matplotlib: a fan over the steps, and the law at the horizon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from simgan.arrays import FloatArray
from simgan.errors import ConfigError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simgan.scenarios.block import Block

Picture = Literal["fan", "distribution"]
BANDS = {(0.01, 0.99): "#d3e5f1", (0.05, 0.95): "#a5cae3", (0.25, 0.75): "#74add3"}
TAILS = (0.01, 0.05, 0.95, 0.99)  # marked in the law at the horizon
_LINES = 5  # scenarios that are drawn one by one
_COLOUR, _INK = "#0072b2", "#222222"


def drawn(
    scenarios: Block,
    kind: Picture,
    asset: str | None,
    past: FloatArray | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw scenarios of one asset.

    Parameters
    ----------
    scenarios : Block
    kind : {"fan", "distribution"}
    asset : str, optional
        Name of the asset. Default: the first.
    past : array of shape (steps,), optional
        Prices before the scenarios, the last of them their start.
    ax : Axes, optional
        Default: a new figure.

    Raises
    ------
    ConfigError
        There is no such picture or asset.
    """
    known = scenarios.assets
    if asset is not None and asset not in known:
        raise ConfigError("plot", "asset", asset, f"one of {', '.join(known)}")
    column = 0 if asset is None else known.index(asset)
    if ax is None:
        from matplotlib import pyplot

        ax = pyplot.subplots(layout="constrained")[1]
    if kind == "fan":
        _fan(scenarios, column, past, ax)
    elif kind == "distribution":
        _distribution(scenarios, column, ax)
    else:
        raise ConfigError("plot", "kind", kind, "fan or distribution")
    return ax


def _fan(scenarios: Block, column: int, past: FloatArray | None, ax: Axes) -> None:
    """Draw quantiles of the prices, or of the sums of log returns where no price is known."""
    if scenarios.initial_price is None:
        sums = np.cumsum(scenarios.log_returns[:, :, column].astype(np.float64), axis=1)
        values = 100 * np.concatenate([np.zeros((len(sums), 1)), sums], axis=1)
        label = "sum of log returns, %"
    else:
        values, label = scenarios.prices()[:, :, column], "price"
    steps = np.arange(values.shape[1])
    for (low, high), colour in BANDS.items():
        edges = quantiles(values, (low, high), scenarios.probable)
        ax.fill_between(steps, *edges, color=colour, linewidth=0, label=f"{high - low:.0%}")
    middle = quantiles(values, (0.5,), scenarios.probable)[0]
    ax.plot(steps, middle, color=_COLOUR, linewidth=1.5, label="median")
    ax.plot(steps, values[:_LINES].T, color=_INK, linewidth=0.5, alpha=0.5)
    if past is not None:
        ax.plot(np.arange(1 - len(past), 1), past, color=_INK, linewidth=1.2, label="history")
    asset = scenarios.assets[column]
    ax.set(title=f"{asset}: {len(scenarios):,} scenarios", xlabel="step", ylabel=label)
    ax.legend(frameon=False)


def _distribution(scenarios: Block, column: int, ax: Axes) -> None:
    """Draw the histogram of the return over the horizon, with quantiles of its tails."""
    sums = 100 * np.expm1(scenarios.log_returns[:, :, column].sum(axis=1, dtype=np.float64))
    ax.hist(
        sums,
        bins=min(100, max(10, len(sums) // 25)),
        weights=scenarios.probable,
        density=True,
        color=_COLOUR,
        alpha=0.5,
    )
    for at, value in zip(TAILS, quantiles(sums, TAILS, scenarios.probable), strict=True):
        ax.axvline(value, color=_INK, linewidth=0.8, linestyle=":")
        ax.annotate(
            f"{at:.0%}: {value:.1f}".replace("-", "−"),
            (value, 1.0),
            xycoords=("data", "axes fraction"),
            rotation=90,
            va="top",
            ha="right",
            fontsize="small",
        )
    ax.set(
        title=f"{scenarios.assets[column]}: {len(scenarios):,} scenarios",
        xlabel=f"return over {scenarios.horizon} steps, %",
        ylabel="density per %",
    )


def quantiles(values: FloatArray, at: tuple[float, ...], weights: FloatArray) -> FloatArray:
    """Return weighted quantiles along the first axis, shape (quantiles, …)."""
    found = np.quantile(values, at, axis=0, weights=weights, method="inverted_cdf")
    return np.asarray(found, np.float64)
