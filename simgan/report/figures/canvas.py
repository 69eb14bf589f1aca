"""Drawing: axes, colours and lines of every figure, and the samples that figures show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
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
from simgan.report.ranged import Shapes
from simgan.report.samples import Curve, Samples, cut
from simgan.report.themes import themed
from simgan.seeds import Seed
from simgan.stats.intervals import Rule

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
ALONE = 5.0  # inches: width of a panel that stands alone beside its legend
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
        The answer to the question of the title. It is folded in at the end of the page.
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


def blank(height: float = HEIGHT, width: float = WIDTH) -> Figure:
    """Return an empty panel."""
    return Figure(figsize=(width, height), layout="constrained")


def axes(title: str, x: str, y: str, *, width: float = WIDTH) -> tuple[Figure, Any]:
    """Return a panel with one pair of axes, and these axes."""
    figure = blank(width=width)
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


_OUTER = (0.025, 0.975)
_MOST_SETS = 100  # of a model behind the points of a curve
LIMITS = (
    "The grey band is the limits of the tables, at each point: the wider of 95 % of block "
    "resamples of the history, and of the interval from histories of laws that it allows. Where "
    "it leaves the panel, one history says little."
)


@dataclass(frozen=True)
class Pictured:
    """A history and each model's paths.

    Attributes
    ----------
    real : array of shape (days,)
        Daily log returns.
    fakes : mapping of arrays of shape (paths, horizon)
        Log returns of each model, the judged one first.
    shapes : Shapes, optional
        Of the days of the history, and of the models whose days have some.

    Raises
    ------
    ConfigError
        There is no model, a shape is wrong, or a number is not finite.
    """

    real: FloatArray
    fakes: Mapping[str, FloatArray]
    shapes: Shapes | None = None

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
        chosen = {model: self.fakes[model] for model in models}
        return Pictured(self.real, chosen, self.shapes and self.shapes.only(chosen))

    @property
    def judged(self) -> str:
        """Name of the judged model."""
        return next(iter(self.fakes))

    @property
    def strokes(self) -> dict[str, Stroke]:
        """How each model is drawn."""
        return strokes(self.fakes)

    @cached_property
    def samples(self) -> Samples:
        """The samples behind the tables: the same seed draws the same histories."""
        return Samples(self.real, self.fakes, Seed())

    def curve_of_real(self, curve: Curve) -> FloatArray:
        """Return the curve of the history, cut as in the tables."""
        return curve(cut(self.real, self.samples.horizon))

    def curve_of(self, model: str, curve: Curve) -> FloatArray:
        """Return the mean of the curves of a model's sets, each as long as the history."""
        sets = self.samples.sets(self.fakes[model])[:_MOST_SETS]
        return np.asarray(np.mean([curve(windows) for windows in sets], axis=0), np.float64)

    def curves(self, curve: Curve) -> Iterator[tuple[Stroke, FloatArray]]:
        """Give stroke and curve of the history, and then of each model."""
        yield REAL, self.curve_of_real(curve)
        for model, stroke in self.strokes.items():
            yield stroke, self.curve_of(model, curve)

    def limits(self, curve: Curve, rule: Rule) -> tuple[FloatArray, FloatArray]:
        """Lower and upper limits of a curve, each point by a rule of the tables."""
        return self.samples.limits(curve, rule)

    def resampled(self, curve: Curve) -> tuple[FloatArray, FloatArray]:
        """Lower and upper end of 95 % of block resamples of the history, point by point."""
        curves = [curve(resample) for resample in self.samples.resamples]
        low, high = np.quantile(curves, _OUTER, axis=0)
        return low, high

    def legend(self, band: str = "95 % limits of the tables") -> tuple[LegendEntry, ...]:
        """Entries for the history, its band, and all models."""
        shown = (LegendEntry(model, stroke) for model, stroke in self.strokes.items())
        return (LegendEntry("real", REAL), LegendEntry(band, BAND), *shown)


def scale_of(curves: Iterable[FloatArray], margin: float) -> tuple[float, float]:
    """Return a scale that holds curves, with a share of their span on either side.

    A band may leave it: where a history says little, limits would flatten all curves.
    """
    values = np.concatenate(list(curves))
    low, high = float(values.min()), float(values.max())
    room = max(margin * (high - low), 1e-9)
    return low - room, high + room
