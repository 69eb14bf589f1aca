"""Heat maps of pairs: the history, the model, and their difference, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from simgan.arrays import FloatArray
from simgan.report.book.measured import Measured
from simgan.report.book.samples import BookSamples
from simgan.report.book.sections.correlations import matrix_of
from simgan.report.figures.canvas import GRID, INK, Illustration, blank, drawing, to_svg

# From below zero to above it. Neither needs a difference between red and green.
_BELOW = ("#7a2e00", "#d55e00", "#f0a265", "#f8d9c0")
_ABOVE = ("#cfe3f1", "#9fc7e3", "#2d86c0", "#004c78")
_ZERO = "#f4f4f2"
_PALETTE = (*_BELOW, _ZERO, *_ABOVE)
_EDGES = np.array([-0.8, -0.5, -0.3, -0.1, 0.1, 0.3, 0.5, 0.8])
_OF_DIFFERENCES = np.array([-0.2, -0.1, -0.05, -0.02, 0.02, 0.05, 0.1, 0.2])
_LIGHT = "#fdfdfc"
_DARK = (*_BELOW[:2], *_ABOVE[2:])  # grounds that need light numbers
_MOST_NUMBERED, _MOST_NAMED = 9, 50  # assets whose cells hold numbers, and that have names
_SIDE = 4.4  # inches
_SMALLEST, _LARGEST = 4.0, 9.0  # points of text


@dataclass(frozen=True)
class _Map:
    """One kind of number of all pairs, and how its heat maps are named and explained."""

    name: str
    title: str
    of_pairs: Measured
    caption: str


def heat_maps(
    samples: BookSamples, models: Sequence[str], has_tails: bool
) -> tuple[Illustration, ...]:
    """Draw the correlations of each model, and the joint falls where they have rows.

    The assets stand in an order in which those that move together are neighbours.
    """
    maps = [
        _Map(
            "correlations",
            "Correlations of pairs",
            samples.correlations,
            "Correlations of daily log returns.",
        )
    ]
    if has_tails:
        maps.append(
            _Map(
                "joint-falls",
                "Joint falls of pairs, λL",
                samples.joint_falls,
                "Of the days on which an asset is below its own 5 % quantile, the share on which "
                "the other one is, too.",
            )
        )
    order = _alike(matrix_of(samples.correlations.real, len(samples.assets), samples.pairs()))
    with drawing():
        return tuple(
            _drawn(_of_model(one, model, number), samples, model, order)
            for one in maps
            for number, model in enumerate(models)
        )


def _of_model(one: _Map, model: str, number: int) -> _Map:
    """Return the map of a model. All but that of the first have a number and a name."""
    if not number:
        return one
    return replace(one, name=f"{one.name}-{number + 1}", title=f"{one.title}: {model}")


def _drawn(one: _Map, samples: BookSamples, model: str, order: NDArray[np.intp]) -> Illustration:
    names = [samples.assets[column] for column in order]
    real, fake, outside = (
        matrix_of(values, len(names), samples.pairs())[np.ix_(order, order)]
        for values in (one.of_pairs.real, one.of_pairs.of(model), one.of_pairs.outside(model))
    )
    count = int(np.count_nonzero(one.of_pairs.outside(model)))
    reach = float(np.nanmax(np.abs(fake - real)))
    return Illustration(
        name=f"pairs-{one.name}",
        title=one.title,
        caption=(
            f"{one.caption} First the history, then the mean of {model} over its paths, and their "
            f"difference, {model} minus real, on a finer scale. A frame marks a pair that lies "
            f"outside its own interval: {count:,} of {len(one.of_pairs.real):,}. Assets that move "
            "together stand beside each other. Blue is above zero and orange below."
        ),
        alternative=(
            f"Three heat maps of {len(names)} assets: {one.title.lower()} of the history, of "
            f"{model}, and their difference of up to {reach:.2f}."
        ),
        panels=(
            _panel(real, names, "real", _EDGES, f"{one.name}-real"),
            _panel(fake, names, model, _EDGES, f"{one.name}-model"),
            _panel(
                fake - real, names, "difference", _OF_DIFFERENCES, f"{one.name}-difference", outside
            ),
        ),
    )


def _alike(correlations: FloatArray) -> NDArray[np.intp]:
    """Return an order (assets,) in which assets of high correlation are neighbours."""
    apart = 1.0 - np.nan_to_num(correlations)
    np.fill_diagonal(apart, 0.0)
    tree = linkage(squareform(apart, checks=False), "average", optimal_ordering=True)
    return np.asarray(leaves_list(tree), np.intp)


def _panel(
    values: FloatArray,
    names: Sequence[str],
    title: str,
    edges: FloatArray,
    prefix: str,
    outside: FloatArray | None = None,
) -> str:
    """Draw the lower triangle of pairs, and the scale beside it."""
    figure = blank(_SIDE, _SIDE)
    ax = figure.add_subplot()
    count = len(names)
    below = np.tril(np.isfinite(values), -1)
    levels = np.searchsorted(edges, np.nan_to_num(values))
    for level, colour in enumerate(_PALETTE):
        _fill(ax, below & (levels == level), colour)
    size = float(np.clip(130 / count, _SMALLEST, _LARGEST))
    if count <= _MOST_NUMBERED:
        _number(ax, values, below, levels, size)
    if outside is not None:
        _frame(ax, below & (np.nan_to_num(outside) != 0), levels)
    _name(ax, names, size)
    _scale(ax, edges, count)
    ax.set_title(title)
    return to_svg(figure, f"pairs-{prefix}")


def _fill(ax: Axes, cells: NDArray[np.bool_], colour: str) -> None:
    """Fill cells as one path, so that a page of many pairs stays small."""
    squares = [_square(column, row) for row, column in np.argwhere(cells)]
    if squares:
        ax.add_patch(
            PathPatch(Path.make_compound_path(*squares), facecolor=colour, edgecolor="none")
        )


def _square(x: float, y: float, width: float = 0.96, height: float = 0.96) -> Path:
    left, low = x - width / 2, y - height / 2
    right, high = left + width, low + height
    corners = [(left, low), (right, low), (right, high), (left, high), (left, low)]
    return Path(corners, [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY])


def _number(
    ax: Axes,
    values: FloatArray,
    below: NDArray[np.bool_],
    levels: NDArray[np.intp],
    size: float,
) -> None:
    for row, column in np.argwhere(below):
        text = f"{values[row, column]:.2f}".replace("-", "−").replace("0.", ".", 1)
        ax.text(
            column, row, text, size=size, ha="center", va="center",
            color=_ink_on(levels[row, column]),
        )  # fmt: skip


def _frame(ax: Axes, cells: NDArray[np.bool_], levels: NDArray[np.intp]) -> None:
    """Frame cells, each in the colour of what stands in it."""
    width = float(np.clip(12 / len(cells), 0.4, 1.2))
    for colour in (INK, _LIGHT):
        framed = [
            _square(column, row, 0.84, 0.84)
            for row, column in np.argwhere(cells)
            if _ink_on(levels[row, column]) == colour
        ]
        if framed:
            path = Path.make_compound_path(*framed)
            ax.add_patch(PathPatch(path, fill=False, edgecolor=colour, linewidth=width))


def _ink_on(level: int) -> str:
    """Return the colour of what stands in a cell of a level."""
    return _LIGHT if _PALETTE[level] in _DARK else INK


def _name(ax: Axes, names: Sequence[str], size: float) -> None:
    """Name the rows at the left, and the columns below."""
    count = len(names)
    ax.set(xlim=(-0.6, count - 0.4), ylim=(count - 0.4, -0.6), aspect="equal")
    ax.set_xticks(range(count - 1), names[:-1], rotation=90, size=size)
    ax.set_yticks(range(1, count), names[1:], size=size)
    ax.tick_params(length=0)
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)


def _scale(ax: Axes, edges: FloatArray, count: int) -> None:
    """Draw the colours and their limits into the empty corner at the top right."""
    width, height = 0.05, 0.055
    for level, colour in enumerate(_PALETTE):
        corner = 0.78, 0.45 + height * level
        square = _square(corner[0] + width / 2, corner[1] + height / 2, width, height)
        ax.add_patch(
            PathPatch(
                square, facecolor=colour, edgecolor=GRID, linewidth=0.4, transform=ax.transAxes
            )
        )
    for level, edge in enumerate(edges):
        at = 0.78 + width + 0.015, 0.45 + height * (level + 1)
        text = f"{edge:g}".replace("-", "−").replace("0.", ".")
        ax.text(*at, text, size=7, ha="left", va="center", transform=ax.transAxes)
