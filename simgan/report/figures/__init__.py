"""The figures of the page, as SVG: densities, quantiles, memory, path risk, paths, training."""

from __future__ import annotations

from simgan.report.figures.canvas import Illustration, Pictured, drawing
from simgan.report.figures.novelty import lineup, nearest_windows
from simgan.report.figures.path_risk import path_risk
from simgan.report.figures.ranges import has_ranges, ranges
from simgan.report.figures.samples import densities, memory, quantile_plot, sample_paths
from simgan.report.figures.training import training_history
from simgan.report.sections.dependence import is_still
from simgan.stats.training import TrainingHistory

__all__ = ["Illustration", "Pictured", "illustrate"]

FIGURES = (
    densities,
    quantile_plot,
    memory,
    path_risk,
    ranges,
    sample_paths,
    nearest_windows,
    lineup,
)


def illustrate(
    shown: Pictured, training: TrainingHistory | None = None, chosen_step: int | None = None
) -> tuple[Illustration, ...]:
    """Draw all figures. The same input gives the same bytes.

    Memory is left out where stretches of the history do not vary, as in the table. Ranges are left
    out where a side has none.

    Parameters
    ----------
    shown : Pictured
        The history, of at least 50 days, and the models' paths.
    training : TrainingHistory, optional
        Training history of the judged model. Without it there is no such figure.
    chosen_step : int, optional
        Step that validation chose.

    Raises
    ------
    ConfigError
        The history is too short or constant.
    """
    with drawing():
        without = {memory} if is_still(shown.samples) else set()
        without |= set() if has_ranges(shown) else {ranges}
        drawn = [make(shown) for make in FIGURES if make not in without]
        if training:
            drawn.append(training_history(training, chosen_step))
    return tuple(drawn)
