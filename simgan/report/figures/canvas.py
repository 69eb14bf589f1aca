"""Panels: one small matplotlib figure each, drawn without pyplot, as SVG text that is the same for the same numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from matplotlib import style
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from simgan.report.figures.palette import GRID, INK, Stroke

WIDTH, HEIGHT = (
    4.4,
    3.0,
)  # inches: a panel fills a phone at its natural size, and two stand side by side on a desk
_SETTINGS = {
    "svg.hashsalt": "simgan",
    "svg.fonttype": "none",  # text stays text: small, sharp, selectable; the page chooses the font
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.3,
    "text.color": INK,
    "text.parse_math": False,  # a name may hold a dollar sign
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "savefig.facecolor": "none",
}
_NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))


@dataclass(frozen=True)
class LegendEntry:
    """A name, and how its line is drawn."""

    name: str
    stroke: Stroke


@dataclass(frozen=True, kw_only=True)
class Illustration:
    """A figure of the page: panels under one title, with words for those who see it and those who do not.

    Attributes
    ----------
    name : str
        The id on the page.
    title, caption, alternative : str
        Heading, how to read it, and what a screen reader says.
    panels : tuple of str
        SVG elements.
    legend : tuple of LegendEntry
        What the lines are.
    """

    name: str
    title: str
    caption: str
    alternative: str
    panels: tuple[str, ...]
    legend: tuple[LegendEntry, ...] = field(default=())


@contextmanager
def drawing() -> Iterator[None]:
    """Matplotlib's own defaults and the settings of this page, whatever the user's matplotlibrc says, and only in here."""
    with style.context(["default", _SETTINGS]):
        yield


def blank(height: float = HEIGHT) -> Figure:
    """Return an empty panel."""
    return Figure(figsize=(WIDTH, height), layout="constrained")


def axes(title: str, x: str, y: str, height: float = HEIGHT) -> tuple[Figure, Any]:
    """Return a panel with one pair of axes, and these axes."""
    figure = blank(height)
    one = figure.add_subplot()
    one.set(title=title, xlabel=x, ylabel=y)
    return figure, one


def to_svg(figure: Figure, prefix: str) -> str:
    """Return the SVG element, its ids made unique on the page by a prefix, and without anything that names another place."""
    text = StringIO()
    FigureCanvasSVG(figure).print_svg(text, metadata=_NO_METADATA)
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"(\.\d\d)\d+", r"\1", svg)  # a hundredth of a point is finer than any screen
    svg = re.sub(r"\s*<(metadata|style)\b.*?</\1>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\s+xmlns(:xlink)?="[^"]*"', "", svg)  # needless inside HTML
    svg = re.sub(
        r'(<svg\b[^>]*?) width="[^"]*"',
        r"\1",
        re.sub(r'(<svg\b[^>]*?) height="[^"]*"', r"\1", svg, count=1),
        count=1,
    )
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r'(url\(|href=")#', rf"\g<1>#{prefix}-", svg)
    return re.sub(
        r"<!--.*?-->\s*|\n\s*",
        lambda found: "" if found.group().startswith("<!") else "\n",
        svg,
        flags=re.DOTALL,
    ).strip()
