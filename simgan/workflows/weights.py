"""Numbers of assets as people write them: ``A=.6,B=.4``, or a CSV file of lines ``asset,weight``.

A weight is a number or a percentage, and a price is a number. The cells of a line are separated by
commas, semicolons or tabs, and a number may have a decimal comma within its cell.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from simgan.errors import ConfigError, UnknownNameError, Words

_NUMBER = re.compile(r"([-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[-+]?\d+)?)\s*(%?)", re.IGNORECASE)
_SEPARATORS = ";\t,"  # the first that a file holds separates its cells
FORMS = "A=.6,B=.4, or the path of a CSV file of lines asset,weight"


class _Option(NamedTuple):
    """The option whose numbers are read."""

    owner: str
    name: str

    def refuse(self, place: str, found: str, allowed: str) -> NoReturn:
        where = f"{place}: " if place else ""
        raise ConfigError(self.owner, self.name, Words(f"{where}{found}"), allowed)


_WEIGHTS, _PRICES = _Option("book", "weights"), _Option("sample", "initial_price")


class _Line(NamedTuple):
    """One asset and its number, and where they stand."""

    place: str
    asset: str
    number: str


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
    lines = _of_text(text, _WEIGHTS) if "=" in text else _of_file(text, assets)
    return _by_asset(lines, _WEIGHTS)


def prices_in(text: str, assets: Sequence[str]) -> dict[str, float]:
    """Return the prices by asset that text such as ``A=100,B=50`` gives.

    Raises
    ------
    ConfigError
        A part is no asset with one positive number, or names an asset again.
    UnknownNameError
        There is no such asset.
    """
    found = _by_asset(_of_text(text, _PRICES), _PRICES)
    for asset, price in found.items():
        if asset not in assets:
            raise UnknownNameError("asset of the model", asset, assets)
        if "%" in text or not price > 0:
            _PRICES.refuse("", text, "numbers above 0, such as A=100,B=50")
    return found


def _by_asset(lines: Iterable[_Line], option: _Option) -> dict[str, float]:
    found: dict[str, float] = {}
    for line in lines:
        if line.asset in found:
            option.refuse(line.place, f"{line.asset}, which stands twice", "each asset once")
        number = _NUMBER.fullmatch(line.number)
        if number is None:
            allowed = "a number for each asset, such as .6 or 60%"
            option.refuse(line.place, f"{line.asset}={line.number}", allowed)
        found[line.asset] = float(number[1].replace(",", ".")) / (100 if number[2] else 1)
    return found


def _of_text(text: str, option: _Option) -> Iterator[_Line]:
    for part in text.split(","):
        asset, sign, number = part.rpartition("=")
        if not sign or not asset.strip():
            allowed = (
                "ASSET=NUMBER, with a point in the number, such as A=.6,B=.4; a name with a comma "
                "needs a file, in quotes"
            )
            option.refuse("", repr(part), allowed)
        yield _Line("", asset.strip(), number.strip())


def _of_file(text: str, assets: Sequence[str]) -> list[_Line]:
    lines = list(_lines(text, assets))
    if not lines:
        _WEIGHTS.refuse("", f"{text}, in which no line was found", "a file of lines asset,weight")
    return lines


def _lines(text: str, assets: Sequence[str]) -> Iterator[_Line]:
    rows = _rows(text)
    for number, (place, cells) in enumerate(rows):
        if len(cells) != 2 or not cells[0]:
            allowed = "an asset and its weight, separated by a comma, a semicolon or a tab"
            _WEIGHTS.refuse(place, f"{len(cells)} cells {cells}", allowed)
        is_header = number == 0 and cells[0] not in assets and not _NUMBER.fullmatch(cells[1])
        if not is_header:
            yield _Line(place, *cells)


def _content(text: str) -> str:
    """Return the text of a file. Other encodings than UTF-8 are refused."""
    try:  # UTF-16 has zeros, which are valid in UTF-8
        content = Path(text).read_bytes().replace(b"\0", b"\xff").decode("utf-8-sig")
    except UnicodeDecodeError:
        _WEIGHTS.refuse("", f"{text}, which is no text in UTF-8", "a file saved as CSV UTF-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        _WEIGHTS.refuse("", f"{text}, which cannot be read ({reason.lower()})", FORMS)
    return content


def _rows(text: str) -> list[tuple[str, list[str]]]:
    """Return the lines of a file that are not empty, as cells, each with its place."""
    content = _content(text)
    separator = next((sign for sign in _SEPARATORS if sign in content), ",")
    reader = csv.reader(content.splitlines(), delimiter=separator)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        _WEIGHTS.refuse("", f"{text}, which cannot be read ({error})", FORMS)
    return [(f"line {number} of {text}", row) for number, row in rows if any(row)]
