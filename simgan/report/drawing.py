"""What all figures share: colours by model, sizes, and SVG that is the same for the same numbers."""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

REAL = "#1a1a1a"
MODELS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # Okabe & Ito (2008): told apart by colour-blind readers
STYLES = ("-", "--", "-.", ":")
_SETTINGS = {
    "svg.hashsalt": "simgan",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e4e4e4",
    "path.simplify": True,
    "path.simplify_threshold": 0.5,
}


@dataclass(frozen=True)
class Figure:
    """An inline SVG with the words that belong to it."""

    key: str
    title: str
    caption: str
    svg: str


def colour(index: int) -> str:
    """Colour of the model at a place: the same in every figure."""
    return MODELS[index % len(MODELS)]


def style(index: int) -> str:
    """Line style of the model at a place, so that colour is not the only mark."""
    return STYLES[index % len(STYLES)]


def canvas(rows: int, columns: int, height: float, *, share: bool = False) -> tuple[Canvas, list[Axes]]:
    """Return a figure of 9 inches' width and its axes, row by row."""
    with rc_context(_SETTINGS):
        figure = Canvas(figsize=(9, height), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False, sharex=share, sharey=share)
    return figure, list(axes.flat)


def svg(figure: Canvas, label: str) -> str:
    """Render to SVG text without a date, made accessible by its label."""
    page = StringIO()
    with rc_context(_SETTINGS):
        figure.savefig(page, format="svg", metadata={"Date": None, "Creator": None})
    text = page.getvalue()
    text = text[text.index("<svg") :]
    return text.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def legend(axes: Axes) -> None:
    """Put a legend where it hides least."""
    axes.legend(frameon=False, fontsize=9)
