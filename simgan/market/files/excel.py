"""Formulas without values and hidden rows of Excel's workbooks, which calamine does not tell.

A program that never computes, such as openpyxl, writes formulas without values.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

_WORTH_PARSING = re.compile(rb"<(?:\w+:)?f[\s/>]|\shidden=")
_YES = ("1", "true")
_EMPTY_TEXT = "str"  # the type of a cell whose formula gives text, also an empty one
FORMULA_REMEDY = "open the workbook in Excel and save it, or replace formulas by their values"


@dataclass
class SheetMarks:
    """Marks of a sheet beside its values. Rows and columns count from 0.

    Attributes
    ----------
    formulas : dict
        Formulas without a value, such as ``=B2*1.01``, by row and column.
    hidden : set of int
        Hidden rows.
    """

    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)


def marks_of(data: bytes) -> Mapping[str, SheetMarks]:
    """Return the marks of each sheet of an ``.xlsx`` file, and nothing for other workbooks."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: _marks(archive.read(part)) for name, part in _parts(archive)}
    except (zipfile.BadZipFile, zlib.error, KeyError, ElementTree.ParseError, ValueError,
            RuntimeError, NotImplementedError, OSError, EOFError):  # fmt: skip
        return {}  # calamine reads it or says why not


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield the name and the file of each sheet."""
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if _local(sheet.tag) == "sheet":
            link = next((v for k, v in sheet.items() if _local(k) == "id"), "")
            yield sheet.get("name", ""), posixpath.join("/xl", targets[link]).lstrip("/")


def _local(tag: str) -> str:
    """Return a name without its namespace."""
    return tag.rpartition("}")[2]


def _marks(xml: bytes) -> SheetMarks:
    marks = SheetMarks()
    if not _WORTH_PARSING.search(xml):
        return marks
    row = column = -1
    for event, element in ElementTree.iterparse(io.BytesIO(xml), ("start", "end")):
        kind = _local(element.tag)
        if event == "start" and kind == "row":
            row, column = int(element.get("r", row + 2)) - 1, -1
            if element.get("hidden") in _YES:
                marks.hidden.add(row)
        elif event == "end" and kind == "c":
            column = _column(element.get("r", "")) if element.get("r") else column + 1
            if formula := _formula(element):
                marks.formulas[row, column] = formula
        elif event == "end" and kind == "row":
            element.clear()
    return marks


def _column(address: str) -> int:
    """Return the column of an address: 27 for ``AB12``."""
    number = 0
    for letter in address.rstrip("0123456789").upper():
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def _formula(cell: ElementTree.Element) -> str:
    """Return the formula of a cell that has no value, or nothing."""
    parts = {_local(part.tag): part.text or "" for part in cell}
    has_value = bool(parts.get("v")) or cell.get("t") == _EMPTY_TEXT
    return "" if "f" not in parts or has_value else f"={parts['f']}"
