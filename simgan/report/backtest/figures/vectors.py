"""How differences of joint scores from the reference add up over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simgan.arrays import FloatArray
from simgan.report.backtest.books import BookResults
from simgan.report.backtest.figures.differences import focus, spread_rows
from simgan.report.backtest.results import BacktestResults
from simgan.report.figures.canvas import (
    INK,
    Illustration,
    LegendEntry,
    Stroke,
    axes,
    date_axis,
    drawing,
    strokes,
    to_svg,
)
from simgan.report.verdict import over
from simgan.risk.joint_walks import JointWalk
from simgan.risk.walks import PERCENT, Dates

_SCORES = {"energy score, %": "energy", "variogram score, %": "variogram"}


def vector_figures(results: BacktestResults, walks: Sequence[JointWalk]) -> dict[int, Illustration]:
    """Draw a figure for each horizon, with a panel for each score of the vector of returns.

    There are none without joint forecasts and a model of comparison. The same input gives the
    same bytes.

    Parameters
    ----------
    results : BacktestResults
        Of a book, and of these walks.
    walks : sequence of JointWalk
    """
    book = results.book
    if book is None or not walks or not book.reference:
        return {}
    first = [name for name in (results.judged, results.reference) if name]
    # Those of the other figures of the page.
    styles = strokes(dict.fromkeys([*first, *results.models, *book.models]))
    fields = {
        period.horizon: {w.model: w.scored() for w in walks if w.horizon == period.horizon}
        for period in book.periods
    }
    with drawing():
        return {
            horizon: _figure(book, horizon, field, styles)
            for horizon, field in fields.items()
            if len(field[book.reference].dates)
        }


def _figure(
    book: BookResults, horizon: int, field: Mapping[str, JointWalk], styles: Mapping[str, Stroke]
) -> Illustration:
    others = [model for model in book.models if model != book.reference]
    reference, name = field[book.reference], f"vectors-{horizon}"
    days = np.asarray(reference.dates.astype("datetime64[D]"))
    panels = []
    for number, (title, column) in enumerate(_SCORES.items()):
        sums = {
            model: PERCENT * np.cumsum(getattr(field[model], column) - getattr(reference, column))
            for model in others
        }
        lines = [(sums[model], styles[model]) for model in others]
        panels.append(_panel(days, title, lines, f"{name}-{number}"))
    return Illustration(
        name=name,
        title=f"Joint scores against {book.reference}, added up over time",
        caption=(
            f"Energy and variogram score of each model less those of {book.reference}, summed "
            f"from the first day on. A line that falls is better than {book.reference} in that "
            f"time, and one that rises is worse. A single step is a single day. The scale is made "
            f"for {others[0]}, so other lines may leave it."
        ),
        alternative=(
            f"Cumulative differences of energy and variogram score of {', '.join(others)} from "
            f"{book.reference}, over {over(horizon)}."
        ),
        panels=tuple(panels),
        legend=tuple(LegendEntry(model, styles[model]) for model in others),
    )


def _panel(days: Dates, title: str, lines: Sequence[tuple[FloatArray, Stroke]], prefix: str) -> str:
    figure, ax = axes(title, "", "sum of differences")
    ax.axhline(0, color=INK, linewidth=0.9)
    rows = spread_rows(len(days))
    for sums, stroke in lines:
        ax.plot(days[rows], sums[rows], **stroke.line)
    focus(ax, lines[0][0])
    ax.set_xlim(days[0], days[-1])
    date_axis(ax)
    return to_svg(figure, prefix)
