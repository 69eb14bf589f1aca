"""A price file is read right or refused with the line that is wrong;
every file here is written by the test.
"""

from __future__ import annotations

import errno
import gzip
import os
import threading
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgan.errors import DataError, PriceError, SourceError, UnknownNameError
from simgan.market import Prices
from simgan.market.files import content, sheet
from simgan.market.sources.price_file import PriceFile

DAYS = ["2018-01-02", "2018-01-03", "2018-01-04"]
PRICES = [10.5, 10.25, 11.0]

READABLE = {  # every layout tells the same three prices
    "plain": "date,close\n2018-01-02,10.5\n2018-01-03,10.25\n2018-01-04,11\n",
    "yahoo": (
        "Date,Open,High,Low,Close,Adj "
        "Close,Volume\n2018-01-02,21,21,21,21,10.5,5\n2018-01-03,20.5,20.5,20.5,20.5,10.25,5\n2018-01-04,22,22,22,22,11.000000,5\n"
    ),
    "adjusted close of other vendors": "timestamp,close,adjusted_close\n2018-01-02,1,10.5\n2018-01-03,1,10.25\n2018-01-04,1,11\n",  # noqa: E501
    "stooq with CRLF": "Date,Open,Close,Volume\r\n2018-01-02,1,10.5,5\r\n2018-01-03,1,10.25,5\r\n2018-01-04,1,11,5\r\n",  # noqa: E501
    "stooq bulk": (
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\nX.US,D,20180102,000000,10.5,10.5,10.5,10.5,5,0\nX.US,D,20180103,000000,10.25,10.25,10.25,10.25,5,0\nX.US,D,20180104,000000,11,11,11,11,5,0\n"
    ),
    "yfinance with three header rows": (
        "Price,Close,High,Low,Open,Volume\nTicker,X,X,X,X,X\nDate,,,,,\n2018-01-02,10.5,10.5,10.5,10.5,5\n2018-01-03,10.25,10.25,10.25,10.25,5\n2018-01-04,11,11,11,11,5\n"
    ),
    "yfinance grouped by ticker": "Ticker,X,X\nPrice,Open,Close\nDate,,\n2018-01-02,1,10.5\n2018-01-03,1,10.25\n2018-01-04,1,11\n",  # noqa: E501
    "Ticker.history across a change of offset": (
        "Date,Close,Dividends\n2018-01-02 00:00:00-05:00,10.5,0\n2018-01-03 "
        "00:00:00-04:00,10.25,0\n2018-01-04 00:00:00-04:00,11,0\n"
    ),
    "Ticker.history east of Greenwich": (
        "Date,Close\n2018-01-02 00:00:00+09:00,10.5\n2018-01-03 "
        "00:00:00+09:00,10.25\n2018-01-04 00:00:00+09:00,11\n"
    ),
    "tabs": "Date\tPrice\n2018-01-02\t10.5\n2018-01-03\t10.25\n2018-01-04\t11\n",
    "quoted": '"Date","Close"\n"2018-01-02","10.5"\n"2018-01-03","10.25"\n"2018-01-04","1.1e1"\n',
    "byte order mark": "\ufeffDate,Close\n2018-01-02,10.5\n2018-01-03,10.25\n2018-01-04,11\n",
    "text in formulas": 'Date,Close\n="20180102",="10.5"\n="20180103",10.25\n="20180104",11\n',
    "slashes, year first": "DATE,CLOSE\n2018/01/02,10.5\n2018/01/03,10.25\n2018/01/04,11",
}

REPAIRED = {  # text of the rows: what is told
    "newest first": ("2018-01-04,11\n2018-01-03,10.25\n2018-01-02,10.5\n", "order of time"),
    "exact duplicate": (
        "2018-01-02,10.5\n2018-01-03,10.25\n2018-01-02,10.5\n2018-01-04,11\n",
        "1 exact duplicate left out",
    ),
    "empty lines": ("2018-01-02,10.5\n\n2018-01-03,10.25\n,\n2018-01-04,11\n\n", "2 empty lines"),
    "null row": (
        "2018-01-02,10.5\n2018-01-03,10.25\n2018-01-01,null\n2018-01-04,11\n",
        "1 row without a price left out",
    ),
    "empty price": (
        "2018-01-02,10.5\n2018-01-03,10.25\n2018-01-01,\n2018-01-04,11\n",
        "1 row without a price left out",
    ),
}

REFUSED_ROWS = {  # the row on line 4 of a file of date, open, close: what is told of it
    "2018-01-04,1,0": "1 price of zero: 0 at line 4",
    "2018-01-04,1,-3": "1 price below zero: -3 at line 4",
    "2018-01-04,1,inf": "1 infinite price: line 4",
    "2018-01-04,1,1e999": "1 infinite price: line 4",
    "2018-01-04,1,1_0": "line 4: '1_0' in column 'close' is no number",
    "2018-01-04,1,1.5K": "line 4: '1.5K' in column 'close' is no number",
    "2018-01-04,1,١٢": "line 4: .* is no number",
    '2018-01-04,1,"10,5"': "line 4: '10,5' in column 'close' is no number",
    "2018-01-04,1": "line 4: 2 cells, but the header has 3",
    "2018-01-04,1,10,5": "line 4: 4 cells, but the header has 3",
    "2018-02-30,1,10": "line 4: '2018-02-30' is no day of the calendar",
    "04/01/2018,1,10": "line 4: '04/01/2018' is no day of the calendar, read as year, month, day",
    "20180104 16:00,1,10": "line 4: '20180104 16:00' is no day of the calendar",
    "2018-01-04 15:00:00+00:00,1,10": "can belong to that day or to the next one",
    "Source: a vendor,,": "line 4: 'Source: a vendor' is no day of the calendar",
    "2018-01-03,1,10": "line(s)? .*4",
    "2018-01-04,1,1025\n2018-01-05,1,11": "1 jump of 50-fold or more and back: line 4",
}

MISSING_CELLS = ("", "null", "N/A", "#N/A", "-", ".", "NaN", "None", "NA", "n/a", "—")

REFUSED_FILES = {  # content: what is told
    "": "is empty",
    "\n\n": "is empty",
    "Date,Close\n": "there are no prices",
    "Date,Open,Volume\n2018-01-02,1,5\n": "no column is named Adj Close, Close or Price, .*the columns are: Open, Volume",  # noqa: E501
    "Date,SPY,QQQ\n2018-01-02,1,5\n": r"holds 2 tickers \(SPY, QQQ\), and none is 'X'",
    "Date,Close,close\n2018-01-02,1,5\n": "2 columns can be 'Close': 'Close', 'close'",
    "Datum;Schlusskurs\n02.01.2018;10,5\n": "order of day, month and year in dates such as '02.01.2018'",  # noqa: E501
    "Date,Date,Close\n2018-01-02,2018-01-03,1\n": "several date columns",
    "Date,Close\n01/02/2018,1\n01/03/2018,2\n": "order .* '01/02/2018' is ambiguous",
    "Date,Close\n01/20/2018,1\n20/01/2018,2\n": "day and month in different orders",
    "Date,Symbol,Close\n2018-01-02,A,1\n2018-01-02,B,2\n": r"holds 2 tickers \(A, B\)",
    "<TICKER>,<PER>,<DATE>,<TIME>,<CLOSE>\nX,W,20180102,000000,1\n": "line 2: PER 'W' means bars that are not daily",  # noqa: E501
    "<TICKER>,<DATE>,<TIME>,<CLOSE>\nX,20180102,093000,1\nX,20180102,093500,1\n": "line 2 and line 3 are bars of the same day",  # noqa: E501
    "<TICKER>,<PER>,<DATE>,<TIME>,<CLOSE>\nX,D,20180102,0,1\nY,D,20180102,0,1\nZ,D,20180102,0,1\n".replace(
        "X,", "W,"
    ): r"3 tickers \(W, Y, Z\)",
    "Price,Close,Close\nTicker,A,B\nDate,,\n2018-01-02,1,2\n": r"2 tickers \(A, B\), .* give one",
    'Date,Close\n2018-01-02,"1\n2018-01-03,2\n': "line 2 cannot be split into cells",
    "Date,Close\n2018-01-02,5\n2018-01-03,5\n": "all 2 prices are 5",
    '{"Note": "slow down"}': "is JSON, not a table of prices",
    "<!DOCTYPE html><html></html>": "is a web page, not a table of prices",
    "open,close\n1,2\n": "no column holds dates",
    "Date,Close\n2018-01-02,$1\n2018-01-03,€2\n": "line 3: the currency changes from . to €",
    "Date,Close,Currency\n2018-01-02,1,USD\n2018-01-03,2,EUR\n": "line 3: the currency changes",
    "Date,log_close\n2018-01-02,4.6\n2018-01-03,4.7\n": "no column is named Adj Close",
    "Date,Close\n2018-01-02,1\n2018-01-03,#DIV/0!\n": "line 3: '#DIV/0!' in column 'Close'",
    "a,b,c,d\n2018-01-02,1,2,3\n": "no column holds dates",
    "1,Date\n" + "".join(f"{n},2018-01-{n:02d}\n" for n in range(2, 20)): "'1' counts its rows",
}

REFUSED_BYTES = {
    "prices.xlsx": (b"PK\x03\x04rest", "is no complete zip file"),
    "prices.parquet": (b"PAR1rest", "is no parquet file that can be read"),
    "prices.arrow": (b"ARROW1rest", "is no arrow file that can be read"),
    "prices.xls": (b"\xd0\xcf\x11\xe0rest", "is no workbook that can be read"),
    "prices.csv": (b"Date,Close\n2018-01-02,\x001\n", "is binary"),
    "mixed.csv": (
        "Date,Close\n종가".encode() + "종가,1\n".encode("cp949"),
        "line 2 is no UTF-8 text",
    ),
    "broken.csv.gz": (gzip.compress(b"Date,Close\n" * 50)[:-9], "is no complete gzip file"),
    "plain.csv.gz": (b"Date,Close\n", "is no complete gzip file"),
}


def read(tmp_path: Path, text: str, column: str = "") -> Prices:
    path = tmp_path / "prices.csv"
    path.write_bytes(text.encode())
    return PriceFile(path=str(path), column=column).fetch("X")


def expect_the_three_prices(prices: Prices) -> None:
    assert [str(day) for day in prices.dates] == DAYS
    assert prices.values.tolist() == [[price] for price in PRICES]
    assert prices.assets == ("X",)


@pytest.mark.parametrize("layout", READABLE)
def test_a_common_layout_is_read_right(layout: str, tmp_path: Path) -> None:
    prices = read(tmp_path, READABLE[layout])
    expect_the_three_prices(prices)
    assert len(prices.notes) == 1  # nothing had to be repaired


@pytest.mark.parametrize("repair", REPAIRED)
def test_a_repair_that_changes_no_information_is_made_and_told(repair: str, tmp_path: Path) -> None:
    rows, told = REPAIRED[repair]
    prices = read(tmp_path, "Date,Close\n" + rows)
    expect_the_three_prices(prices)
    assert any(told in note.text for note in prices.notes)


@pytest.mark.parametrize("cell", MISSING_CELLS)
def test_a_missing_close_leaves_the_day_out(cell: str, tmp_path: Path) -> None:
    text = f"date,close\n2018-01-02,10.5\n2018-01-03,10.25\n2018-01-01,{cell}\n2018-01-04,11\n"
    expect_the_three_prices(read(tmp_path, text))


@pytest.mark.parametrize("row", REFUSED_ROWS)
def test_a_row_that_is_wrong_stops_with_its_line(row: str, tmp_path: Path) -> None:
    text = f"date,open,close\n2018-01-02,1,10.5\n2018-01-03,1,10.25\n{row}\n2018-01-08,1,10\n2018-01-09,1,11\n"  # noqa: E501
    with pytest.raises(PriceError, match=REFUSED_ROWS[row]):
        read(tmp_path, text)


@pytest.mark.parametrize("text", REFUSED_FILES)
def test_a_file_that_is_not_surely_understood_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(PriceError, match=REFUSED_FILES[text]):
        read(tmp_path, text)


@pytest.mark.parametrize("name", REFUSED_BYTES)
def test_a_file_that_is_no_plain_text_is_refused(name: str, tmp_path: Path) -> None:
    content, told = REFUSED_BYTES[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PriceError, match=told):
        PriceFile(path=str(tmp_path / name)).fetch("X")


def test_lines_are_counted_in_the_file_past_blank_lines_and_quoted_breaks(tmp_path: Path) -> None:
    text = '\nDate,Close,Note\n\n2018-01-02,10,"two\nlines"\n2018-01-03,0,\n2018-01-04,11,\n'
    with pytest.raises(PriceError, match="price of zero: 0 at line 6"):
        read(tmp_path, text)


def test_all_faulty_lines_are_counted_and_the_first_five_shown(tmp_path: Path) -> None:
    good = "".join(f"2019-01-{day:02d},{90 + day % 3}\n" for day in range(1, 21))
    bad = "".join(f"2018-01-{day:02d},x\n" for day in range(1, 9))
    with pytest.raises(
        PriceError, match=r"8 rows that cannot be read: line 22: .* line 26: .* and 3 more;"
    ):
        read(tmp_path, "Date,Close\n" + good + bad)


def test_gzip_is_read_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv.gz"
    path.write_bytes(gzip.compress(READABLE["plain"].encode()))
    expect_the_three_prices(PriceFile(path=str(path)).fetch("X"))


def test_a_column_can_be_chosen_whatever_its_case(tmp_path: Path) -> None:
    assert read(tmp_path, READABLE["yahoo"], column="close").values[:, 0].tolist() == [
        21.0,
        20.5,
        22.0,
    ]


def test_a_column_of_one_ticker_among_several_can_be_chosen(tmp_path: Path) -> None:
    text = "Price,Close,Close\nTicker,A,B\nDate,,\n2018-01-02,1,7\n2018-01-03,2,\n2018-01-04,1,8\n"
    prices = read(tmp_path, text, column="B Close")
    assert prices.values[:, 0].tolist() == [7.0, 8.0]
    assert any("1 row without a price" in note.text for note in prices.notes)


def test_tickers_that_differ_by_case_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text("Date,brk,BRK\n2018-01-02,1,7\n2018-01-03,2,8\n")
    source = PriceFile(path=str(tmp_path / "two.csv"))
    assert source.fetch("BRK").values[:, 0].tolist() == [7.0, 8.0]
    assert source.fetch("brk").values[:, 0].tolist() == [1.0, 2.0]


def test_a_ticker_of_the_file_is_chosen_as_a_column_is(tmp_path: Path) -> None:
    rows = [f"2018-01-{d:02d},{t},{d + n}" for d in (2, 3) for n, t in enumerate(("KO", "CLOSE"))]
    text = "\n".join(["date,ticker,close", *rows])
    assert read(tmp_path, text, column="ko").values[:, 0].tolist() == [2.0, 3.0]
    # CLOSE is a column before a ticker
    with pytest.raises(PriceError, match="or for one asset with --column"):
        read(tmp_path, text, column="CLOSE")


def test_a_price_that_never_moves_does_not_count_rows(tmp_path: Path) -> None:
    rows = "".join(f"2018-01-{day:02d},1.9558\n" for day in range(1, 29))
    with pytest.raises(PriceError, match=r"all 28 prices are 1\.9558"):
        read(tmp_path, "Date,BGN\n" + rows)


def test_an_unknown_column_lists_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(
        UnknownNameError,
        match=r"unknown column 'Clsoe'; known: Close, .*Open",
    ):
        read(tmp_path, READABLE["yahoo"], column="Clsoe")


def test_one_line_about_the_file_is_one_line(tmp_path: Path) -> None:
    found = read(tmp_path, "Exported by us\nDate,Close\n2018-01-02,10\n2018-01-03,11\n")
    assert any("one header row below 1 line about the file" in note.text for note in found.notes)


def test_an_adjusted_close_without_values_names_the_other_column(tmp_path: Path) -> None:
    text = "Date,Close,Adj Close\n2018-01-02,10,\n2018-01-03,11,\n"
    with pytest.raises(PriceError, match=r"there are no prices; .* --column 'Close' takes it"):
        read(tmp_path, text)
    assert len(read(tmp_path, text, column="Close").dates) == 2


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no file"):
        PriceFile(path=str(tmp_path / "none.csv")).fetch("X")
    with pytest.raises(SourceError, match="is a directory"):
        PriceFile(path=str(tmp_path)).fetch("X")


def test_every_refusal_names_the_file_in_one_line(tmp_path: Path) -> None:
    for text in REFUSED_FILES:
        with pytest.raises(DataError) as caught:
            read(tmp_path, text)
        assert str(tmp_path / "prices.csv") in str(caught.value)
        assert "\n" not in str(caught.value)


def test_what_pandas_writes_is_read_back_bit_for_bit(tmp_path: Path) -> None:
    """pandas.DataFrame.to_csv writes the shortest text of each float64."""
    import pandas as pd

    values = np.random.Generator(np.random.Philox(3)).uniform(100.0, 1000.0, 500)
    index = pd.date_range("2018-01-01", periods=500, tz="America/New_York", name="Date")
    text = pd.DataFrame({"Close": values}, index=index).to_csv()
    prices = read(tmp_path, text)
    assert np.array_equal(prices.values[:, 0], values)
    assert np.array_equal(prices.dates, index.tz_localize(None).to_numpy().astype("datetime64[D]"))


EMPTY = {
    "blanks": " \n\t\n",
    "commas": ",,,\n,,\n",
    "semicolons": ";;;\n;;\n",
    "quotes": '""\n"",""\n',
}


@pytest.mark.parametrize("kind", EMPTY)
@pytest.mark.parametrize("ending", ["", "\f\n\x0b", "\u00a0,\n"])
def test_a_file_of_separators_alone_is_empty(kind: str, ending: str, tmp_path: Path) -> None:
    with pytest.raises(PriceError, match="is empty; it should hold a line of column names"):
        read(tmp_path, EMPTY[kind] + ending)


@pytest.mark.parametrize(
    "start", ["\n\n", " \n", ",,\n", ",\n\n,,,\n", '"",""\n', "\t\n", "\u00a0\n"]
)
def test_empty_lines_before_the_header_are_skipped(start: str, tmp_path: Path) -> None:
    expect_the_three_prices(read(tmp_path, start + READABLE["plain"]))


def test_lines_are_counted_past_empty_ones_before_the_header(tmp_path: Path) -> None:
    with pytest.raises(PriceError, match="price of zero: 0 at line 4"):
        read(tmp_path, ",,\n\ndate,close\n2018-01-02,0\n2018-01-03,1\n2018-01-04,2\n")


def peak_of_refusal(path: Path, message: str) -> int:
    """Bytes that reading a file takes until it is refused."""
    tracemalloc.start()
    try:
        with pytest.raises(PriceError, match=message):
            PriceFile(path=str(path)).fetch("X")
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("line", [b"2018-01-02,10.5\n", b"\n", b",,,,\n", b"x"])
def test_a_small_file_that_hides_a_large_one_is_refused_early(
    line: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "LARGEST", 2**20)
    path = tmp_path / "prices.csv.gz"
    path.write_bytes(gzip.compress(b"date,close\n" + line * (50 * 2**20 // len(line)), 1))
    assert path.stat().st_size < 2**19
    assert peak_of_refusal(path, r"more than 1 MB, too much .*columns of date") < 4 * 2**20


def test_a_large_plain_file_is_refused_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "LARGEST", 2**20)
    path = tmp_path / "prices.csv"
    path.write_bytes(b"date,close\n" + b"2018-01-02,10.5\n" * 2**20)
    assert peak_of_refusal(path, "more than 1 MB") < 4 * 2**20


def test_a_file_at_the_limit_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "LARGEST", len(READABLE["plain"]))
    expect_the_three_prices(read(tmp_path, READABLE["plain"]))
    with pytest.raises(PriceError, match="more than"):
        read(tmp_path, READABLE["plain"] + "\n")


def test_too_many_lines_or_cells_are_no_table_of_prices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet, "MOST_ROWS", 5)
    monkeypatch.setattr(sheet, "MOST_COLUMNS", 40)
    expect_the_three_prices(read(tmp_path, READABLE["plain"]))
    with pytest.raises(PriceError, match="more than 5 lines"):
        read(tmp_path, READABLE["plain"] + "\n")
    with pytest.raises(PriceError, match="line 2 has 42 cells"):
        read(tmp_path, "date,close\n" + "," * 41)


UNREADABLE = {
    "a folder": (lambda folder: folder, "is a directory"),
    "a name inside a file": (lambda folder: folder / "file" / "prices.csv", "not a directory"),
    "too long a name": (lambda folder: folder / ("x" * 300), "file name too long"),
    "a null byte": (lambda folder: folder / "prices\0.csv", "null (byte|character)"),
    "a link to itself": (lambda folder: folder / "loop", "too many levels of symbolic links"),
    "a folder named as gzip": (lambda folder: folder / "folder.gz", "is a directory"),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_an_unreadable_path_is_a_sentence(kind: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "folder.gz").mkdir()
    place, reason = UNREADABLE[kind]
    with pytest.raises(SourceError, match=f"cannot be read: .*{reason}.*readable file"):
        PriceFile(path=str(place(tmp_path))).fetch("X")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(READABLE["plain"])
    path.chmod(0)
    with pytest.raises(SourceError, match="permission denied; give the name of a readable file"):
        PriceFile(path=str(path)).fetch("X")


def test_a_refused_permission_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    path = tmp_path / "prices.csv"
    path.write_text(READABLE["plain"])
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError, match="permission denied; give the name of a readable file"):
        PriceFile(path=str(path)).fetch("X")


def test_a_pipe_is_read(tmp_path: Path) -> None:
    """As in ``--prices <(zcat prices.csv.gz)`` of a shell."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(READABLE["plain"],))
    writer.start()
    prices = PriceFile(path=str(pipe)).fetch("X")
    writer.join()
    expect_the_three_prices(prices)


def test_a_pipe_waits_for_a_slow_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "PATIENCE", 0.01)
    os.mkfifo(pipe := tmp_path / "pipe")
    holder = os.open(pipe, os.O_RDWR)  # a writer that is silent for longer than the patience
    threading.Timer(0.05, lambda: (pipe.write_text(READABLE["plain"]), os.close(holder))).start()
    expect_the_three_prices(PriceFile(path=str(pipe)).fetch("X"))


def test_a_pipe_without_a_writer_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "PATIENCE", 0.01)
    os.mkfifo(pipe := tmp_path / "pipe")
    with pytest.raises(SourceError, match="is a pipe, and nothing writes to it; start its writer"):
        PriceFile(path=str(pipe)).fetch("X")


def test_a_device_is_refused() -> None:
    with pytest.raises(SourceError, match="/dev/zero is a device, not a file"):
        PriceFile(path="/dev/zero").fetch("X")


CELLS = st.sampled_from(
    [
        "",
        " ",
        "Date",
        "Close",
        "Price",
        "Ticker",
        "2018-01-02",
        "2018-01-03",
        "1",
        "10.5",
        "-1",
        "x",
        "<DATE>",
        "<CLOSE>",
        "<PER>",
        "null",
        '"',
        "\xa0",
        "1e400",
        "9999-12-31",
        "0000-01-01",
    ]
)


def test_a_line_break_within_a_cell_is_a_space(tmp_path: Path) -> None:
    with pytest.raises(PriceError, match="no column holds dates; the columns are: the day, close;"):
        read(tmp_path, '"the\n day",close\n2020-01-02,1\n')


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.lists(CELLS, max_size=5), max_size=6),
    separator=st.sampled_from([",", "\t", ";"]),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_text_gives_prices_or_a_sentence(
    rows: list[list[str]], separator: str, newline: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = newline.join(separator.join(row) for row in rows)
    try:
        prices = read(tmp_path_factory.getbasetemp(), text)
    except (PriceError, UnknownNameError) as error:
        assert "\n" not in str(error)
    else:
        assert (prices.values > 0).all() and (np.diff(prices.dates) > np.timedelta64(0)).all()
