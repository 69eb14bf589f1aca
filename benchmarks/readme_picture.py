"""The picture of the README: the S&P 500 beside scenarios of the reference model.

``python benchmarks/readme_picture.py`` writes docs/sp500.svg.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import simgan
from simgan.report.figures.canvas import JUDGED, REAL, drawing
from simgan.workflows.models import history_of_bundle

DAYS = 1000
PICTURE = Path(__file__).resolve().parents[1] / "docs" / "sp500.svg"


def main() -> None:
    """Draw the last 1,000 days of the history, and scenarios 0 and 1 of the long run."""
    model = simgan.load("reference")
    real = history_of_bundle(model.bundle).log_returns[-DAYS:, 0]
    paths = model.sample(2, DAYS, as_of="stationary").log_returns[:, :, 0]
    panels = [("S&P 500, 2015 to 2018", real, REAL.colour)]
    panels += [(f"scenario {i} of the long run", paths[i], JUDGED.colour) for i in range(2)]
    reach = 105 * max(float(np.abs(values).max()) for _, values, _ in panels)
    with drawing():
        figure = Figure(figsize=(9.0, 2.4), layout="constrained")
        for ax, (title, values, colour) in zip(
            figure.subplots(1, 3, sharey=True), panels, strict=True
        ):
            ax.plot(100 * values, color=colour, linewidth=0.6)
            ax.set(title=title, xlabel="day", ylim=(-reach, reach), xlim=(0, DAYS))
        figure.axes[0].set_ylabel("daily log return, %")
        figure.savefig(PICTURE, facecolor="white", metadata={"Date": None})


if __name__ == "__main__":
    main()
