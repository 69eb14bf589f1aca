"""Colours and dashes: the same for the same model in every figure, told apart without colour, too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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
    "yellow": "#fdf3cd",
    "red": "#f9dcd3",
}  # of the traffic light: grounds that lines stand out from


def strokes(models: Iterable[str]) -> dict[str, Stroke]:
    """Return a stroke for each model: the first is the judged one."""
    return {
        model: JUDGED if i == 0 else BESIDE[(i - 1) % len(BESIDE)] for i, model in enumerate(models)
    }
