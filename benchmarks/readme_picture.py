"""The pictures of the README: the S&P 500 and scenarios of the reference model.

``python benchmarks/readme_picture.py`` writes docs/sp500.svg, a history beside generated paths, and
docs/fan.svg, the coming days with VaR and ES. Both have a white ground, for light and dark pages.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import simgan
from simgan.arrays import FloatArray
from simgan.report.figures.canvas import BESIDE, JUDGED, REAL, drawing
from simgan.workflows.models import history_of_bundle

DAYS = 1000
PAST, AHEAD, HORIZON = 63, 21, 10  # days before and after today, and of VaR
SCENARIOS = 100_000  # as in `simgan risk`
LEVEL = 0.99
FOLDER = Path(__file__).resolve().parents[1] / "docs"


def beside(model: simgan.Model) -> Figure:
    """Draw the last 1,000 days of the history, and scenarios 0 and 1 of the long run."""
    real = history_of_bundle(model.bundle).log_returns[-DAYS:, 0]
    paths = model.sample(2, DAYS, as_of="stationary").log_returns[:, :, 0]
    panels = [("S&P 500, 2015 to 2018", real, REAL.colour)]
    panels += [(f"scenario {i} of the long run", paths[i], JUDGED.colour) for i in range(2)]
    reach = 105 * max(float(np.abs(values).max()) for _, values, _ in panels)
    figure = Figure(figsize=(9.0, 2.4), layout="constrained")
    for ax, (title, values, colour) in zip(figure.subplots(1, 3, sharey=True), panels, strict=True):
        ax.plot(100 * values, color=colour, linewidth=0.6)
        ax.set(title=title, xlabel="day", ylim=(-reach, reach), xlim=(0, DAYS))
    figure.axes[0].set_ylabel("daily log return, %")
    return figure


def ahead(model: simgan.Model) -> Figure:
    """Draw the coming 21 days after the history, and the law of the loss over ten of them."""
    real = history_of_bundle(model.bundle).log_returns[-PAST:, 0]
    scenarios = model.sample(SCENARIOS, AHEAD)
    returns = 100 * np.expm1(np.cumsum(scenarios.log_returns[:, :, 0], axis=1, dtype=float))
    figure = Figure(figsize=(9.0, 2.8), layout="constrained")
    fan, law = figure.subplots(1, 2, width_ratios=(3, 2))
    _fan(fan, 100 * np.expm1(np.cumsum(real[::-1])[::-1] * -1), returns)
    _law(law, returns[:, HORIZON - 1])
    return figure


def _fan(ax: Axes, past: FloatArray, returns: FloatArray) -> None:
    """Prices as changes from today: the past, and bands of the scenarios."""
    days = np.arange(AHEAD + 1)
    ax.plot(np.arange(-PAST, 1), np.append(past, 0.0), color=REAL.colour, linewidth=1.2)
    for outer, opacity in ((0.01, 0.18), (0.05, 0.25), (0.25, 0.4)):
        low, high = (np.append(0.0, np.quantile(returns, q, axis=0)) for q in (outer, 1 - outer))
        label = f"{100 * outer:.0f} to {100 - 100 * outer:.0f} % of scenarios"
        ax.fill_between(days, low, high, color=JUDGED.colour, alpha=opacity, lw=0, label=label)
    ax.plot(days, np.append(0.0, np.median(returns, axis=0)), color=JUDGED.colour, label="median")
    ax.set(title="The coming days", xlabel="days from today", ylabel="change of the price, %")
    ax.legend(loc="lower left", fontsize=8)


def _law(ax: Axes, returns: FloatArray) -> None:
    """The law of the return over ten days, with VaR and ES."""
    loss, beyond = (
        float(measure(returns / 100, LEVEL)) * 100
        for measure in (simgan.value_at_risk, simgan.expected_shortfall)
    )
    ax.hist(returns, bins=120, density=True, color=JUDGED.colour, alpha=0.6)
    for name, at, stroke in (("VaR", loss, BESIDE[0]), ("ES", beyond, BESIDE[2])):
        label = f"{name} at {100 * LEVEL:.0f} %: {at:.1f} %"
        ax.axvline(-at, ymax=0.6, color=stroke.colour, linestyle="--", label=label)
    ax.set(title=f"Over {HORIZON} days", xlabel="change of the price, %", yticks=[])
    ax.set_xlim(np.quantile(returns, 0.0005), np.quantile(returns, 0.9995))
    ax.legend(loc="upper left", fontsize=8)


def main() -> None:
    """Write both pictures."""
    model = simgan.load("reference")
    for name, draw in (("sp500", beside), ("fan", ahead)):
        with drawing():
            draw(model).savefig(FOLDER / f"{name}.svg", facecolor="white", metadata={"Date": None})


if __name__ == "__main__":
    main()
