"""Weights of assets as people write them: ``A=.6,B=.4``, or a CSV file of lines ``asset,weight``.

A weight is a number or a percentage. The cells of a line are separated by commas, semicolons or
tabs, and a number may have a decimal comma within its cell.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from simgan.errors import ConfigError, Words

_NUMBER = re.compile(r"([-+]?(?:\d+[.,]?\d*|[.,]\d+)(?:e[-+]?\d+)?)\s*(%?)", re.IGNORECASE)
_SEPARATORS = ";\t,"  # the first that a file holds separates its cells
_FORMS = "A=.6,B=.4, or the path of a CSV file of lines asset,weight"


class _Line(NamedTuple):
    """One asset and its weight, and where they stand."""

    place: str
    asset: str
    weight: str


def weights_in(text: str, assets: Sequence[str]) -> dict[str, float]:
    """Return the weights by asset that an option or its file gives.

    Parameters
    ----------
    text : str
        Such as ``A=.6,B=.4``, or the path of a file.
    assets : sequence of str
        Of the model. A first line of a file is a header if it names none of them, and has no
        number.

    Raises
    ------
    ConfigError
        The file cannot be read, or a line is no asset with one number, or names an asset again.
    """
    lines = _of_text(text) if "=" in text else _of_file(text, assets)
    found: dict[str, float] = {}
    for line in lines:
        if line.asset in found:
            _refuse(line.place, f"{line.asset}, which has a weight already", "each asset once")
        found[line.asset] = _number(line)
    return found


def _of_text(text: str) -> Iterator[_Line]:
    for part in text.split(","):
        asset, sign, weight = part.rpartition("=")
        if not sign or not asset.strip():
            _refuse("", repr(part), "ASSET=NUMBER, with a point in the number, such as A=.6,B=.4")
        yield _Line("", asset.strip(), weight.strip())


def _of_file(text: str, assets: Sequence[str]) -> Iterator[_Line]:
    rows = _rows(text)
    for number, (place, cells) in enumerate(rows):
        if len(cells) != 2 or not cells[0]:
            allowed = "an asset and its weight, separated by a comma, a semicolon or a tab"
            _refuse(place, f"{len(cells)} cells {cells}", allowed)
        is_header = number == 0 and cells[0] not in assets and not _NUMBER.fullmatch(cells[1])
        if not is_header:
            yield _Line(place, *cells)


def _rows(text: str) -> list[tuple[str, list[str]]]:
    """Return the lines of a file that are not empty, as cells, each with its place."""
    try:
        content = Path(text).read_text(encoding="utf-8-sig")
        separator = next((sign for sign in _SEPARATORS if sign in content), ",")
        reader = csv.reader(content.splitlines(), delimiter=separator)
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except (OSError, ValueError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        _refuse("", f"{text}, which cannot be read ({reason.lower()})", _FORMS)
    return [(f"line {number} of {text}", row) for number, row in rows if any(row)]


def _number(line: _Line) -> float:
    found = _NUMBER.fullmatch(line.weight)
    if found is None:
        _refuse(line.place, f"{line.asset}={line.weight}", "a number, such as .6 or 60%")
    return float(found[1].replace(",", ".")) / (100 if found[2] else 1)


def _refuse(place: str, found: str, allowed: str) -> NoReturn:
    where = f"{place}: " if place else ""
    raise ConfigError("book", "weights", Words(f"{where}{found}"), allowed)
