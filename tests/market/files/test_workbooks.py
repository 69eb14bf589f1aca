"""Workbooks tell formulas without values, hidden rows and hidden sheets."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from price_cases_traps import workbook, zipped

from simgan.errors import PriceError
from simgan.market import Prices
from simgan.market.files import books, excel
from simgan.market.files.excel import SheetMarks, marks_of
from simgan.market.sources.price_file import PriceFile

DAYS = [date(2018, 1, 1) + timedelta(days=7 * (i // 5) + i % 5) for i in range(40)]
ROWS: list[list[object]] = [[day, 100.25 + i % 7] for i, day in enumerate(DAYS)]
TABLE: list[list[object]] = [["Date", "Close"], *ROWS]
OTHER: list[list[object]] = [["Date", "Close"], *([day, 7.0] for day in DAYS)]


def changed(book: bytes, part: str, pattern: str, text: str) -> bytes:
    """Replace text in one part of a workbook."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = re.sub(pattern, text, parts[part].decode()).encode()
    return zipped(**parts)


def with_formulas(rows: list[list[object]]) -> bytes:
    """Write texts that begin with ``=`` as formulas without values, as openpyxl does."""
    cell = r'<c t="inlineStr"><is><t>=(.*?)</t></is></c>'
    return changed(workbook(Prices=rows), "xl/worksheets/sheet1.xml", cell, r"<c><f>\1</f><v/></c>")


def fetch(book: bytes, folder: Path) -> Prices:
    path = folder / "prices.xlsx"
    path.write_bytes(book)
    return PriceFile(path=str(path)).fetch("X")


def told(prices: Prices) -> list[str]:
    return [str(note) for note in prices.notes][1:]  # the first one says how the file was read


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [*TABLE[:-1], [DAYS[-1], "=B40*1.01"]],
            r"row 41: '=B40\*1.01' in column 'Close' is a formula without a value "
            r"\(open the workbook in Excel and save it, or replace formulas by their values\)",
        ),
        ([*TABLE, ["=A41+1", 101.0]], r"row 42: '=A41\+1' is a formula without a value"),
        ([*TABLE, ["=A41+1", "=B41"]], r"row 42: '=A41\+1' is a formula without a value"),
        (
            [TABLE[0], *([day, f"=B{i}"] for i, day in enumerate(DAYS))],
            r"40 of 40 rows cannot be read, first row 2: '=B0' .* \(open the workbook in Excel",
        ),
        (
            [TABLE[0], *([f"=Data!A{i}", f"=Data!B{i}"] for i in range(40))],
            r"no column holds dates, and cells such as '=Data!A0' are formulas without a value; "
            "open the workbook",
        ),
    ],
    ids=["last price", "last date", "last row", "all prices", "all cells"],
)
def test_a_formula_without_a_value_is_refused(
    rows: list[list[object]], message: str, tmp_path: Path
) -> None:
    with pytest.raises(PriceError, match=message):
        fetch(with_formulas(rows), tmp_path)


def test_a_text_that_speaks_of_a_formula_is_none(tmp_path: Path) -> None:
    book = workbook(Prices=[*TABLE, [date(2018, 3, 1), "no formula"]])
    with pytest.raises(PriceError, match=r"row 42: 'no formula' .* is no number; correct"):
        fetch(book, tmp_path)


def test_formulas_with_values_and_formulas_elsewhere_are_read(tmp_path: Path) -> None:
    beside = with_formulas([[*TABLE[0], "Change"], *([*row, "=B3/B2-1"] for row in ROWS)])
    assert told(fetch(beside, tmp_path)) == []
    value = r"<v>(100.25)</v>"
    stored = changed(
        workbook(Prices=TABLE), "xl/worksheets/sheet1.xml", value, r"<f>A1</f><v>\1</v>"
    )
    assert told(prices := fetch(stored, tmp_path)) == []
    assert prices.values[:, 0].tolist() == [row[1] for row in ROWS]


def test_marks_stand_at_their_addresses() -> None:
    """Excel leaves out empty cells, and other programs the addresses."""
    rows = (
        '<row r="3" hidden="1"><c r="AB3"><f>1+1</f></c><c><f t="shared" si="0"/><v></v></c></row>'
        '<row><c t="str"><f>""</f><v></v></c><c><f>2</f><v>2</v></c></row>'
    )
    part = "xl/worksheets/sheet1.xml"
    book = changed(workbook(Prices=TABLE), part, "<sheetData>.*</sheetData>", rows)
    assert marks_of(book) == {"Prices": SheetMarks({(2, 27): "=1+1", (2, 28): "="}, {2})}


def test_a_sheet_is_looked_at_in_pieces_and_no_further_than_its_last_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    part = "xl/worksheets/sheet1.xml"
    book = changed(workbook(Prices=TABLE), part, "<row>", '<row hidden="1">')
    monkeypatch.setattr(excel, "_PIECE", 7)
    assert marks_of(book)["Prices"].hidden == set(range(41))
    monkeypatch.setattr(excel, "_ROWS", 3)
    assert marks_of(book)["Prices"].hidden == {0, 1, 2}


def test_hidden_rows_are_told(tmp_path: Path) -> None:
    part = "xl/worksheets/sheet1.xml"
    value = r"<row>(<c[^>]*><v>\d+</v></c><c><v>101.25</v></c></row>)"
    book = changed(workbook(Prices=TABLE), part, value, r'<row hidden="1">\1')
    assert told(fetch(book, tmp_path)) == [
        "warning: 6 rows are hidden in the workbook, first row 3, and read like the others; look "
        "at them, and delete those that are not meant"
    ]


def test_a_ticker_chooses_the_sheet_with_its_name(tmp_path: Path) -> None:
    source = PriceFile(path=str(tmp_path / "prices.xlsx"))
    Path(source.path).write_bytes(workbook(KO=TABLE, PEP=OTHER[:1] + TABLE[2:]))
    assert source.tickers() == ("KO", "PEP")
    prices = source.fetch("pep")
    assert told(prices) == ["of 2 filled sheets, 'PEP' has the name of the ticker"]
    assert prices.values[:, 0].tolist() == [row[1] for row in ROWS[1:]]
    assert len(source.panel(("KO", "PEP")).values) == len(ROWS) - 1
    with pytest.raises(PriceError, match=r"2 filled sheets \(KO, PEP\).* as the ticker"):
        source.fetch("XOM")


def test_hidden_sheets_are_no_rivals_of_the_visible_one(tmp_path: Path) -> None:
    book = workbook(Old=OTHER, Prices=TABLE, Older=OTHER)
    hidden = changed(book, "xl/workbook.xml", 'name="(Old|Older)"', r'name="\1" state="hidden"')
    prices = fetch(hidden, tmp_path)
    assert prices.values[:, 0].tolist() == [row[1] for row in ROWS]
    visible = "the visible sheet 'Prices' is read, and the hidden ones are not: 'Old', 'Older'"
    assert told(prices) == [visible]
    with pytest.raises(PriceError, match=r"3 filled sheets \(Old, Prices, Older\)"):
        fetch(book, tmp_path)
    alone = changed(
        workbook(Prices=TABLE), "xl/workbook.xml", 'name="', 'state="veryHidden" name="'
    )
    assert told(fetch(alone, tmp_path)) == ["warning: the sheet 'Prices' is hidden in the workbook"]


def test_a_small_workbook_that_hides_a_large_one_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "LARGEST_BOOK", 2**20)
    monkeypatch.setattr(books, "marks_of", lambda data: pytest.fail("it was unpacked"))
    book = changed(workbook(Prices=TABLE), "xl/worksheets/sheet1.xml", "$", " " * 2**21)
    with zipfile.ZipFile(packed := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("prices.xlsx", book)
    for content in (book, packed.getvalue()):
        with pytest.raises(PriceError, match=r"holds more than 1 MB, too much"):
            fetch(content, tmp_path)


def test_a_workbook_whose_directory_tells_less_than_it_holds_is_damaged(tmp_path: Path) -> None:
    book = changed(workbook(Prices=TABLE), "xl/worksheets/sheet1.xml", "$", " " * 2**21)
    size = zipfile.ZipFile(io.BytesIO(book)).getinfo("xl/worksheets/sheet1.xml").file_size
    with pytest.raises(PriceError, match="no workbook that can be read"):
        fetch(book.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little")), tmp_path)
