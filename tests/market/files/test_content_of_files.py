"""Bytes become text: packing, encodings, line ends; large texts are split alike in both ways."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from simgan.errors import PriceError
from simgan.market.files import sheet
from simgan.market.files.content import text_of, unpacked
from simgan.market.files.sheet import split
from simgan.market.sources.price_file import PriceFile

TEXT = "날짜,종가\n2018-01-02,10.5\n2018-01-31,11\n"


def zipped(**members: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("in_", "/").replace("_csv", ".csv"), text)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16-LE"),
        ("utf-16-be", "UTF-16-BE"),
        ("cp949", "CP949"),
    ],
)
def test_an_encoding_is_recognised(encoding: str, named: str) -> None:
    assert text_of(TEXT.encode(encoding)) == (TEXT, named)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("日付,終値\n", "cp932"),
        ("日期,收盘\n", "gb18030"),
        ("日期,收盤價\n", "big5"),
        ("Datum;Eröffnung\n", "cp1252"),
        ("Data;Zamknięcie;Najwyższy\n", "cp1250"),
        ("Дата;Закрытие\n", "cp1251"),
        ("วันที่,ราคาปิด\n", "cp874"),
        ("Date,Close\n2018-01-02,€10\n", "cp1252"),
    ],
)
def test_names_of_columns_tell_an_encoding(text: str, encoding: str) -> None:
    assert text_of(text.encode(encoding))[0] == text


def test_line_ends_become_newlines() -> None:
    assert text_of(b"a\r\nb\rc\n")[0] == "a\nb\nc\n"


@pytest.mark.parametrize("end", ["\x1a", "\n\x1a", "\n\x1a\x1a\r\n"])
def test_the_end_sign_of_dos_is_left_out(end: str) -> None:
    assert text_of(b"a\r\nb" + end.encode())[0] == "a\nb\n"


def test_packed_files_are_unpacked() -> None:
    data = TEXT.encode()
    assert unpacked(gzip.compress(data)).data == data
    assert unpacked(bz2.compress(data)).packing == "bzip2"
    assert unpacked(lzma.compress(data)).data == data
    one = unpacked(zipped(prices_csv=TEXT, __MACOSXin_x=""))
    assert (one.data, one.packing) == (data, "zip with prices.csv")
    assert unpacked(gzip.compress(zipped(prices_csv=TEXT))).data == data


def test_a_ticker_chooses_the_file_of_a_zip_with_its_name() -> None:
    data = zipped(**{"x/KO.csv": TEXT, "PEP.csv": "Date,Close\n", "BRK.B.csv.gz": "no gzip"})
    found = unpacked(data, asked="ko")
    assert (found.data, found.packing) == (TEXT.encode(), "zip with x/KO.csv")
    assert [str(note) for note in found.notes] == [
        "of 3 files in the zip, 'x/KO.csv' has the name of the ticker"
    ]
    assert unpacked(data, asked="BRK.B").data == b"no gzip"
    with pytest.raises(PriceError, match="give the name of a file as the ticker"):
        unpacked(data, asked="XOM")


def test_a_readme_in_a_zip_is_no_table() -> None:
    found = unpacked(zipped(**{"a.csv": TEXT, "README.txt": "prices of a"}))
    assert (found.data, list(map(str, found.notes))) == (
        TEXT.encode(),
        ["of the zip, README.txt is not read"],
    )
    assert unpacked(zipped(**{"README.txt": TEXT})).data == TEXT.encode()


@pytest.mark.parametrize("name", ["../../a.csv", "..\\a.csv", "/a.csv", "./a.csv"])
def test_the_one_table_of_a_zip_is_read_wherever_it_says_that_it_stands(name: str) -> None:
    """Nothing is unpacked to the disk, so a name outside of the folder does no harm."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("__MACOSX/._a.csv", b"\0")
        archive.writestr(name, TEXT)
    assert unpacked(packed.getvalue()).data == TEXT.encode()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (zipped(a_csv=TEXT, b_csv=TEXT), r"a zip with 2 files \(a.csv, b.csv\)"),
        (zipped(), "a zip with 0 files"),
        (zipped(prices_csv=TEXT)[:-30], "no complete zip file"),
        (gzip.compress(TEXT.encode())[:-3], "no complete gzip file"),
        (lzma.compress(TEXT.encode())[:-3], "no complete xz file"),
        (bz2.compress(TEXT.encode())[:-3], "no complete bzip2 file"),
        (gzip.compress(bz2.compress(b"")), "it is packed more than once; unpack it first"),
        (b"%PDF-1.7\n", "it is a PDF; save its table of prices as CSV"),
        (b"7z\xbc\xaf\x27\x1c", "it is packed by 7-Zip; unpack it first"),
    ],
    ids=[
        "tables",
        "no table",
        "cut zip",
        "cut gzip",
        "cut xz",
        "cut bzip2",
        "packed twice",
        "PDF",
        "7-Zip",
    ],  # packed bytes hold the time
)
def test_packed_files_that_hold_no_one_table_are_refused(data: bytes, told: str) -> None:
    with pytest.raises(PriceError, match=told):
        unpacked(data)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_of_any_compression_is_read_or_refused(method: int) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("a.csv", TEXT)
    data = packed.getvalue()
    assert unpacked(data).data == TEXT.encode()
    for place in range(35, 80):
        with suppress(PriceError):  # no other error
            unpacked(data[:place] + b"\xff" + data[place + 1 :])


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("last", ["", "\n"])
def test_large_and_small_texts_are_split_alike(
    quoted: bool, last: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = '"%s"' if quoted else "%s"
    text = "\n".join(",".join(cell % x for x in (f"d{i}", i, " y ")) for i in range(50)) + last
    slow = split(text, ",")
    monkeypatch.setattr(sheet, "LARGE", 0)
    fast = sheet._split_by_arrow(text, ",")
    assert fast is not None
    assert fast.head(99) == slow.head(99)
    assert np.array_equal(fast.lines, slow.lines)


@pytest.mark.parametrize("text", ["a,b\n1\n", "a,b\n\n1,2\n", 'a,b\n"1\n2",3\n', "a,b\n1,2,3\n"])
def test_a_text_that_is_not_regular_is_split_line_by_line(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet, "LARGE", 0)
    assert sheet._split_by_arrow(text, ",") is None
    assert split(text, ",").head(1) == [("a", "b")]


def test_tables_of_arrow_are_read_bit_for_bit(tmp_path: Path) -> None:
    draw = np.random.Generator(np.random.Philox(3))
    values = 100 * np.exp(np.cumsum(draw.normal(0, 0.01, 300)))
    days = np.busday_offset("2018-01-01", np.arange(300), roll="forward")
    table = pa.table(
        {"Date": days, "Close": values, "Symbol": pa.array(["X"] * 300).dictionary_encode()}
    )
    parquet.write_table(table, tmp_path / "prices.parquet")
    feather.write_feather(table, str(tmp_path / "prices.arrow"))
    for name in ("prices.parquet", "prices.arrow"):
        prices = PriceFile(path=str(tmp_path / name)).fetch("X")
        assert np.array_equal(prices.values[:, 0], values)
        assert np.array_equal(prices.dates, days)


def test_an_index_of_pandas_with_a_zone_keeps_its_calendar(tmp_path: Path) -> None:
    import pandas as pd

    index = pd.date_range("2018-01-01", periods=30, tz="Asia/Tokyo", freq="B")
    frame = pd.DataFrame({"Close": np.linspace(10.0, 11.0, 30)}, index)
    frame.to_parquet(tmp_path / "prices.parquet")
    prices = PriceFile(path=str(tmp_path / "prices.parquet")).fetch("X")
    assert [str(day) for day in prices.dates] == [str(day.date()) for day in index]
