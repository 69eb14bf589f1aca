"""Formulas without values and hidden rows of Excel's workbooks, which calamine does not tell.

A program that never computes, such as openpyxl, writes formulas without values.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO
from xml.etree import ElementTree

from simgan.market.files.content import DAMAGED_ZIP

_WORTH_PARSING = re.compile(rb"<(?:\w+:)?f[\s/>]|\shidden=")
_PIECE, _OVERLAP = 2**20, 64  # bytes
_ROWS = 2**20  # of the largest sheet
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


def unpacked_size(data: bytes) -> int:
    """Return the bytes of all parts of a workbook by its directory, and 0 if it has none.

    No reader unpacks more of a part than the directory tells.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return sum(part.file_size for part in archive.infolist())
    except DAMAGED_ZIP:
        return 0  # calamine reads it or says why not


def marks_of(data: bytes) -> Mapping[str, SheetMarks]:
    """Return the marks of each sheet of an ``.xlsx`` file, and nothing for other workbooks."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: _marks(archive, part) for name, part in _parts(archive)}
    except (*DAMAGED_ZIP, ElementTree.ParseError):
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


def _marks(archive: zipfile.ZipFile, part: str) -> SheetMarks:
    marks = SheetMarks()
    with archive.open(part) as xml:
        if not _is_worth_parsing(xml):
            return marks
    with archive.open(part) as xml:
        for row, element in _rows(xml):
            if element.get("hidden") in _YES:
                marks.hidden.add(row)
            column = -1
            for cell in element:
                column = _column(cell.get("r", "")) if cell.get("r") else column + 1
                if formula := _formula(cell):
                    marks.formulas[row, column] = formula
    return marks


def _rows(xml: IO[bytes]) -> Iterator[tuple[int, ElementTree.Element]]:
    """Yield the rows of a sheet with their numbers, and forget each one after it."""
    row, rows = -1, ElementTree.Element("")
    for event, element in ElementTree.iterparse(xml, ("start", "end")):
        kind = _local(element.tag)
        if (event, kind) == ("start", "sheetData"):
            rows = element
        elif (event, kind) == ("end", "row"):
            row = int(element.get("r", row + 2)) - 1
            if row >= _ROWS:
                return
            yield row, element
            rows.clear()


def _is_worth_parsing(xml: IO[bytes]) -> bool:
    before = b""
    while piece := xml.read(_PIECE):
        if _WORTH_PARSING.search(before + piece):
            return True
        before = piece[-_OVERLAP:]
    return False


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
