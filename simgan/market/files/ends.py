"""The end of a text: a last number that is cut off is told.

A text whose last line has no line end may be whole, or cut within its last cell. The numbers above
tell it where all of them have decimals that the last one lacks.
"""

from __future__ import annotations

from collections.abc import Sequence

from simgan.market.files.layouts import FileLayout
from simgan.market.files.numbers import Notation
from simgan.market.files.sheet import Grid
from simgan.market.prices import Note, warned

_ABOVE = 250  # numbers that show how the file writes them
_FEWEST = 10
_MANY = 100  # numbers from which chance does not explain that the last one is by far the shortest
_FAR = 3  # decimals
_ALIKE = 20  # numbers of the same size that are enough

Written = tuple[str, str]  # digits before and after the decimal sign


def cut_off(sheet: Grid, layout: FileLayout, notation: Notation) -> list[Note]:
    """Warn if the last line ends within a number."""
    last = len(sheet) - 1
    if not sheet.is_open or last < layout.first or sheet.widths[last] != layout.width:
        return []  # other widths are faults
    cells = sheet.cells(layout.width - 1)[max(layout.first, last - _ABOVE) :].to_pylist()
    numbers = [found for cell in cells[:-1] if (found := _written(cell, notation))]
    number = _written(cells[-1], notation)
    if not number or len(numbers) < max(_FEWEST, 0.9 * (len(cells) - 1)):
        return []
    dangling = [cell for cell in cells if cell.endswith(notation.decimal)] == cells[-1:]
    if not dangling and not _lacks_decimals(number, numbers):
        return []
    day = sheet.cells(layout.date)[last].as_py()
    return [
        warned(
            f"{sheet.place(last)} ({day}) ends with {cells[-1]!r}, which has fewer decimals than "
            "the numbers above it, and without a line end; the file may be cut: check its end, or "
            "download it again"
        )
    ]


def _written(cell: str, notation: Notation) -> Written | None:
    """Return the digits of a plain number as they are written, or nothing."""
    whole, _, decimals = cell.partition(notation.decimal)
    whole = whole.lstrip("+-$€£").replace(notation.thousands, "")
    digits = whole + decimals
    return (whole, decimals) if digits.isascii() and digits.isdigit() else None


def _lacks_decimals(number: Written, above: Sequence[Written]) -> bool:
    """Tell whether a number lacks decimals that all those above it have.

    Some programs leave out zeros at the end of a number. So it counts if the file writes such
    zeros, or if the number is shorter by far than many others.
    """
    alike = [other for other in above if len(other[0]) == len(number[0])]
    alike = alike if len(alike) >= _ALIKE else list(above)
    if len("".join(number)) >= min(len("".join(other)) for other in alike):
        return False  # a notation with a fixed number of digits: 99.98, 100.2
    places = {len(decimals) for _, decimals in alike}
    missing = min(places) - len(number[1])
    writes_zeros = len(places) == 1 and any(decimals.endswith("0") for _, decimals in alike)
    writes_one_zero = not number[1] and any(decimals == "0" for _, decimals in alike)
    is_short = missing >= _FAR and len(above) >= _MANY
    return missing > 0 and (writes_zeros or writes_one_zero or is_short)
