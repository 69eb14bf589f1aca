"""Drawing: axes, colours and lines of every figure, and the samples that figures show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from io import StringIO
from typing import Any

import numpy as np
from matplotlib import style
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.dates import MONTHLY, AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from simgan.arrays import FloatArray, expect_finite, expect_shape
from simgan.errors import ConfigError
from simgan.report.figures.themes import themed
from simgan.seeds import Seed
from simgan.stats.intervals import block_length, stationary_resamples

INK, GRID = "#222222", "#e3e3e3"


@dataclass(frozen=True)
class Stroke:
    """Colour, width in points, and dashes (empty: solid) of a line."""

    colour: str
    width: float = 1.3
    dashes: tuple[float, ...] = ()

    @property
    def line(self) -> dict[str, object]:
        """Arguments of matplotlib's plot."""
        return {
            "color": self.colour,
            "linewidth": self.width,
            "linestyle": (0, self.dashes) if self.dashes else "-",
        }


# Okabe & Ito (2008), "Color universal design": told apart with every kind of colour vision.
REAL = Stroke(INK, 1.6)
BAND = Stroke("#c9c9c9", 8.0)
JUDGED = Stroke("#0072b2", 1.6)
BESIDE = (
    Stroke("#d55e00", 1.2, (5.0, 2.0)),
    Stroke("#009e73", 1.5, (2.0, 1.4)),
    Stroke("#cc79a7", 1.2, (6.0, 1.5, 1.5, 1.5)),
    Stroke("#e69f00", 1.2, (8.0, 2.0)),
    Stroke("#56b4e9", 1.4, (1.0, 1.0)),
    Stroke("#8c510a", 1.2, (10.0, 2.0, 2.0, 2.0)),
    Stroke("#777777", 1.2, (4.0, 1.0, 1.0, 1.0, 1.0, 1.0)),
)
LOSSES = (
    Stroke("#6a3d9a"),
    Stroke("#b8860b", 1.3, (5.0, 2.0)),
    Stroke("#777777", 1.3, (1.5, 1.5)),
    Stroke("#a6325a", 1.3, (8.0, 2.0)),
)

ZONES = {
    "green": "#e2f2e9",
    "amber": "#fdf3cd",
    "red": "#f9dcd3",
}  # of the traffic light: grounds that lines stand out from


def strokes(models: Iterable[str]) -> dict[str, Stroke]:
    """Return a stroke for each model: the first is the judged one."""
    return {
        model: JUDGED if i == 0 else BESIDE[(i - 1) % len(BESIDE)] for i, model in enumerate(models)
    }


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
    "axes.facecolor": "none",  # the ground of the page, light or dark
    "axes.formatter.useoffset": False,  # a label is the whole number
    "axes.grid": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.3,
    "text.color": INK,
    "text.parse_math": False,  # a name may hold a dollar sign
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "figure.facecolor": "none",
}
_NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))


@dataclass(frozen=True)
class LegendEntry:
    """A name, and how its line is drawn."""

    name: str
    stroke: Stroke


@dataclass(frozen=True, kw_only=True)
class Illustration:
    """A figure of the page: panels under one title, with a caption and an alternative text.

    Attributes
    ----------
    name : str
        The id on the page.
    title, caption, alternative : str
        Heading, explanation, and the text for screen readers.
    panels : tuple of str
        SVG elements.
    folded : tuple of str
        More SVG elements, for those who want all. The page folds them in.
    legend : tuple of LegendEntry
        The names of the lines.
    answer : str
        The answer to the question of the title, which the page folds away.
    """

    name: str
    title: str
    caption: str
    alternative: str
    panels: tuple[str, ...]
    legend: tuple[LegendEntry, ...] = field(default=())
    folded: tuple[str, ...] = ()
    answer: str = ""


@contextmanager
def drawing() -> Iterator[None]:
    """Use matplotlib's defaults and the settings of this page, not the user's matplotlibrc."""
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


def date_axis(ax: Any) -> None:
    """Label the x axis with few, short dates."""
    locator = AutoDateLocator(minticks=3, maxticks=6)
    # a span of two and a half to three years has too many months, and too few years
    locator.intervald[MONTHLY] = [1, 2, 3, 4, 6, 12]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))


def to_svg(figure: Figure, prefix: str) -> str:
    """Return the SVG element, with ids made unique by a prefix and without outside links."""
    text = StringIO()
    FigureCanvasSVG(figure).print_svg(text, metadata=_NO_METADATA)
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<[^>]*>", _short, svg)
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


def _short(tag: re.Match[str]) -> str:
    """Cut the numbers of a tag: a hundredth of a point is finer than any screen.

    Text between tags stays: a label of an axis is a number, too.
    """
    return themed(re.sub(r"(\.\d\d)\d+", r"\1", tag.group()))


RESAMPLES = 200
_OUTER = (0.025, 0.975)


@dataclass(frozen=True)
class Pictured:
    """A history and each model's paths.

    Attributes
    ----------
    real : array of shape (days,)
        Daily log returns.
    fakes : mapping of arrays of shape (paths, horizon)
        Log returns of each model, the judged one first.

    Raises
    ------
    ConfigError
        There is no model, a shape is wrong, or a number is not finite.
    """

    real: FloatArray
    fakes: Mapping[str, FloatArray]

    def __post_init__(self) -> None:
        if not self.fakes:
            raise ConfigError("Pictured", "fakes", "no model", "at least one")
        expect_shape(self.real, ("days",), "Pictured: real")
        expect_finite(self.real, "Pictured: real")
        for name, paths in self.fakes.items():
            expect_shape(paths, ("paths", "horizon"), f"Pictured: {name}")
            expect_finite(paths, f"Pictured: {name}")

    def only(self, models: Iterable[str]) -> Pictured:
        """Return the same history with these models."""
        return Pictured(self.real, {model: self.fakes[model] for model in models})

    @property
    def judged(self) -> str:
        """Name of the judged model."""
        return next(iter(self.fakes))

    @property
    def strokes(self) -> dict[str, Stroke]:
        """How each model is drawn."""
        return strokes(self.fakes)

    @cached_property
    def resamples(self) -> FloatArray:
        """Stationary-bootstrap resamples (resamples, days), the same as behind the tables."""
        return stationary_resamples(
            self.real, RESAMPLES, Seed().stream("bootstrap"), block_length(self.real)
        )

    def band(self, curve: Callable[[FloatArray], FloatArray]) -> tuple[FloatArray, FloatArray]:
        """Lower and upper 95 % limits of a curve of one series, point by point."""
        low, high = np.quantile([curve(resample) for resample in self.resamples], _OUTER, axis=0)
        return low, high

    def band_around_real(
        self, curve: Callable[[FloatArray], FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """Return the same band, moved so that its middle is the real curve.

        Block joints weaken long memory and would pull the band down.
        """
        curves = np.array([curve(resample) for resample in self.resamples])
        low, high = (
            np.quantile(curves, _OUTER, axis=0) - np.median(curves, axis=0) + curve(self.real)
        )
        return low, high

    def legend(self, *models: str) -> tuple[LegendEntry, ...]:
        """Entries for the history, its band and these models, or all."""
        named = self.strokes
        shown = [LegendEntry(model, named[model]) for model in models or self.fakes]
        return (LegendEntry("real", REAL), LegendEntry("95 % band of real", BAND), *shown)
