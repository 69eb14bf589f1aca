"""Rarer layouts are read for a clear reason, or refused with the place and the way out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from simgan.errors import PriceError
from simgan.market import Prices
from simgan.market.sources.price_file import PriceFile

DAYS = [str(day) for day in np.busday_offset("2018-01-01", np.arange(40), roll="forward")]
A = [f"{100 + i % 7 + 0.25}" for i in range(40)]
B = [f"{200 + i % 5 + 0.5}" for i in range(40)]
ROWS = list(zip(DAYS, A, B, strict=True))


def lines(header: str, row: Callable[[int, str, str, str], str]) -> str:
    return "\n".join([header, *(row(i, *cells) for i, cells in enumerate(ROWS))]) + "\n"


def fetch(text: str, folder: Path, name: str = "B") -> Prices:
    (folder / "prices.csv").write_text(text, encoding="utf-8")
    return PriceFile(path=str(folder / "prices.csv")).fetch(name)


READ = {  # all hold the prices B
    "Barchart": lines("Time,Latest,Change", lambda i, d, a, b: f"{d},{b},0.1"),
    "R, write.table": lines('"Date" "Close"', lambda i, d, a, b: f'"{i + 1}" "{d}" {b}'),
    "R, row names of days": lines('"Open" "Close"', lambda i, d, a, b: f'"{d}" {a} {b}'),
    "R, write.table without quotes": lines("Close", lambda i, d, a, b: f"{d}\t{b}"),
    "R, write.table with commas": lines('"Open","Close"', lambda i, d, a, b: f'"{d}",{a},{b}'),
    "ECB, five lines": (
        "Data Source in SDW: null\n,EXR.D.USD.EUR.SP00.A\n"
        ',"ECB reference exchange rate, US dollar/Euro, 2:15 pm (C.E.T.)"\n'
        "Collection:,Average of observations through period (A)\n"
    )
    + lines("Period\\Unit:,[US dollar ]", lambda i, d, a, b: f"{d},{b}"),
    "funds": lines("Date,fund,nav", lambda i, d, a, b: f"{d},A,{a}\n{d},B,{b}"),
    "melted": lines("Date,variable,value", lambda i, d, a, b: f"{d},A,{a}\n{d},B,{b}"),
    "fund and benchmark": lines("Date,Fund,B", lambda i, d, a, b: f"{d},{a},{b}"),
    "comments": "# a bank\n"
    + lines("Date,B", lambda i, d, a, b: f"{d},{b}" + "\n# a, dividend\n// x" * (i == 9))
    + "# end\n",
    "names again in capitals": lines(
        "Date,Close", lambda i, d, a, b: f"{d},{b}" + "\nDATE,CLOSE" * (i == 9)
    ),
    "Norges Bank": lines(
        "FREQ;Frequency;BASE_CUR;TIME_PERIOD;OBS_VALUE",
        lambda i, d, a, b: f"B;Business;USD;{d};{b}",
    ),
    "Reserve Bank of Australia": "F11.1  EXCHANGE RATES,,\nTitle,A,B\nUnits,USD,Index\n,,\n"
    "Publication date,27-Mar-2018,27-Mar-2018\n"
    + lines("Series ID,A,B", lambda i, d, a, b: f"{d},{a},{b}"),
    "Polygon": lines(
        "ticker,close,window_start",
        lambda i, d, a, b: f"B,{b},{np.datetime64(d, 'ns').astype(int) + 18 * 10**12}",
    ),
    "groups of tickers": lines(
        ",Equities,,Bonds,\nDate,SPY,LOW,AGG,B", lambda i, d, a, b: f"{d},{a},{a},{a},{b}"
    ),
    "numbers with a sign": lines("No,Date,Close", lambda i, d, a, b: f"#{i},{d},{b}"),
    "merged tickers": lines(
        "Date,A,,,B,,\n,High,Close,Volume,High,Close,Volume",
        lambda i, d, a, b: f"{d},{a},{a},7,{b},{b},9",
    ),
    "merged fields": lines(
        "Price,Close,,Volume,\nTicker,A,B,A,B\nDate,,,,", lambda i, d, a, b: f"{d},{a},{b},7,9"
    ),
}


@pytest.mark.parametrize("layout", READ)
def test_a_layout_with_a_clear_reason_is_read(layout: str, tmp_path: Path) -> None:
    prices = fetch(READ[layout], tmp_path)
    assert [str(day) for day in prices.dates] == DAYS
    assert prices.values[:, 0].tolist() == [float(b) for b in B]
    assert not [note for note in map(str, prices.notes) if note.startswith("warning")]
    if layout.startswith("merged"):
        assert prices.bars is not None
        assert set(prices.bars.volume[:, 0]) == {9}


def months(write: Callable[[int, int], str]) -> str:
    dates = [write(2010 + i // 12, i % 12 + 1) for i in range(40)]
    return "\n".join(["Date,Close", *(f"{d},{a}" for d, a in zip(dates, A, strict=True))])


NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
REFUSED = {  # what is told
    lines(
        "date,field,value", lambda i, d, a, b: "\n".join(f"{d},{f},{a}" for f in ("Open", "Close"))
    ): r"column 'field' names the field of each row \(Open, Close\); give one row a day",
    lines(
        "date,ticker,variable,value",
        lambda i, d, a, b: "\n".join(f"{d},B,{f},{a}" for f in ("Close", "High", "Volume")),
    ): r"column 'variable' names the field of each row \(Close, High, Volume\)",
    lines(
        "A,,,B,\nDate,PX_LAST,,Date,PX_LAST", lambda i, d, a, b: f"{d},{a},,{DAYS[i - 1]},{b}"
    ): r"several date columns named 'Date' that differ \(columns 1 and 4\); keep one .*of its own",
    lines(
        "A,,,B,\nDate,PX_LAST,,Date,PX_LAST", lambda i, d, a, b: f"{d},{a},,{d},{b}"
    ): "2 columns can be 'PX_LAST': 'PX_LAST', 'PX_LAST'; give them different names",
    months("{}-{:02d}".format): "dates, such as '2012-05', are months or quarters",
    months("{}{:02d}".format): "dates, such as '201205', are months",
    months(lambda y, m: f"{m}/{y}"): "dates, such as '5/2012', are months",
    months(lambda y, m: f"{NAMES[m - 1]} {y}"): "dates, such as 'May 2012', are months",
    months("{}-Q{}".format): "column 'Date' holds '2010-Q1', which is no date that is read",
    lines("Date,Close", lambda i, d, a, b: f"2018-W{i + 1:02d},{b}"): (
        "column 'Date' holds '2018-W01', which is no date that is read; write dates as 2018-12-28"
    ),
    lines("Date,Close", lambda i, d, a, b: f"{i},{d},{b}").partition("\n")[2]: (
        "the header is missing: line 1 is already data \\('2018-01-01'\\)"
    ),
    lines("Date,Close", lambda i, d, a, b: f"{d},{i % 3 - 1.1:.2f} %"): (
        "the cells of column 'Close', such as '-1.10 %', are percentages, not prices"
    ),
    lines("Date,Close", lambda i, d, a, b: f"{d},{a.replace('.', ',')}"): (
        "separate the cells by semicolons if a comma stands before decimals"
    ),
    lines("Date,Close", lambda i, d, a, b: f"{d},{a} ct"): (
        "first line 2: '100.25 ct' in column 'Close' is no number; write the number alone"
    ),
    lines("Date,Close", lambda i, d, a, b: f"{d}"): "line 2: 1 cell, but the header has 2",
    lines("Date,A,VAR,C", lambda i, d, a, b: f"{d},{a},{b},{a}"): "and none is 'B'",
    lines(
        "Date,Symbol,Close", lambda i, d, a, b: f"{d},{'FB' if i < 20 else 'META'},{a}"
    ): "no day has two of them: remove the column 'Symbol' if they are one asset with a new name",
    lines(
        "Date,Expiry,Close",
        lambda i, d, a, b: f"{d},{'03' if i < 9 else '06'},{a}" + f"\n{d},06,{b}" * (i == 8),
    ): "line 10 and line 11: column 'Expiry' names two contracts on 2018-01-11",
    lines(
        "Date,Close", lambda i, d, a, b: f"{d},{b},"
    ): "40 of 40 rows .* line 2: 3 cells, but the header has 2; name each cell in the header",
    lines(
        "Year,Month,Day,Close", lambda i, d, a, b: f"{d.replace('-', ',')},{b}"
    ): "the date stands in three columns, year, month and day; join them as YYYY-MM-DD",
    "some words\nmore words\n": "no column holds dates; the columns are: some, words",
}


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_a_layout_that_is_not_read_is_refused_with_the_way_out(text: str, tmp_path: Path) -> None:
    with pytest.raises(PriceError, match=REFUSED[text]):
        fetch(text, tmp_path)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_chain_of_contracts_is_told_with_the_days_of_its_steps(
    backwards: bool, tmp_path: Path
) -> None:
    text = lines("Date,Contract,Close", lambda i, d, a, b: f"{d},ES{'HMU'[i // 15]}18,{a}")
    head, *rows = text.split()
    prices = fetch("\n".join([head, *(rows[::-1] if backwards else rows)]) + "\n", tmp_path)
    places = (26, 11) if backwards else (17, 32)
    assert [str(note) for note in prices.notes if str(note).startswith("warning")] == [
        f"warning: column 'Contract' changes to 'ESM18' on {DAYS[15]} (line {places[0]}), to "
        f"'ESU18' on {DAYS[30]} (line {places[1]}); a step between two contracts is no return: "
        "give a back-adjusted series"
    ]


def test_days_of_delivery_are_no_chain_of_contracts(tmp_path: Path) -> None:
    text = lines("Date,Maturity,Close", lambda i, d, a, b: f"{d},{DAYS[i - 1]},{b}")
    assert not [n for n in map(str, fetch(text, tmp_path).notes) if n.startswith("warning")]


@pytest.mark.parametrize("name", ["VAR", "RET", "Index"])
def test_a_ticker_that_is_called_like_another_number_is_never_read_from_its_neighbour(
    name: str, tmp_path: Path
) -> None:
    text = lines(f"date,AAA,{name}", lambda i, d, a, b: f"{d},{a},{b}")
    with pytest.raises(PriceError, match=f"column '{name}' has the name of the asset"):
        fetch(text, tmp_path, name)
    assert fetch(text, tmp_path, "AAA").values[0] == float(A[0])


def test_a_ticker_called_like_another_number_is_read_from_the_column_that_is_asked_for(
    tmp_path: Path,
) -> None:
    text = lines("Date,AAA,VAR,BBB", lambda i, d, a, b: f"{d},{a},{b},{a}")
    with pytest.raises(PriceError, match="give --column 'VAR' if it holds its prices"):
        fetch(text, tmp_path, "VAR")
    source = PriceFile(path=str(tmp_path / "prices.csv"), column="VAR")
    assert source.fetch("VAR").values[0] == float(B[0])


def test_rows_without_a_ticker_among_many_with_one_are_told(tmp_path: Path) -> None:
    text = lines(
        "date,ticker,close", lambda i, d, a, b: f"{d},{'' if i == 3 else 'A'},{a}\n{d},B,{b}"
    )
    told = "warning: 1 of 80 rows without a ticker left out; write it in each row"
    assert told in map(str, fetch(text, tmp_path).notes)


def test_a_ticker_in_the_first_of_its_rows_alone_is_refused(tmp_path: Path) -> None:
    first = lines("date,ticker,close", lambda i, d, a, b: f"{d},{'' if i else 'A'},{a}")
    text = first + first.replace(",A,", ",B,").partition("\n")[2]
    with pytest.raises(PriceError, match="78 of 80 rows name no ticker; write it in each row"):
        fetch(text, tmp_path)


def warnings_of(prices: Prices) -> list[str]:
    return [str(note) for note in prices.notes if str(note).startswith("warning")]


@pytest.mark.parametrize("name", ["", "Unnamed: 2"])
def test_a_column_of_a_panel_without_a_name_is_told(name: str, tmp_path: Path) -> None:
    text = lines(f"Date,AAA,{name},B", lambda i, d, a, b: f"{d},{a},{a if i > 9 else ''},{b}")
    prices = fetch(text, tmp_path)
    assert PriceFile(path=str(tmp_path / "prices.csv")).tickers() == ("AAA", "B")
    assert warnings_of(prices) == [
        "warning: 1 column of numbers without a name left out, right of 'AAA'; write the asset in "
        "the header"
    ]


def test_nameless_counts_of_rows_notes_and_empty_columns_are_not_told(tmp_path: Path) -> None:
    text = lines(",Date,AAA,,B,", lambda i, d, a, b: f"{i},{d},{a},sold,{b},")
    assert warnings_of(fetch(text, tmp_path)) == []


@pytest.mark.parametrize("filled", [range(40), range(4, 5)])
def test_a_column_of_words_in_a_panel_is_named_with_the_assets_beside_it(
    filled: range, tmp_path: Path
) -> None:
    text = lines("Date,AAA,note,B", lambda i, d, a, b: f"{d},{a},{'hold' * (i in filled)},{b}")
    said = (
        f"column 'note' holds words and no number, first line {filled[0] + 2}: 'hold'; leave it "
        "out, or name the assets that you want: AAA, B"
    )
    with pytest.raises(PriceError, match=re.escape(said)):
        fetch(text, tmp_path, "note")
    assert fetch(text, tmp_path).values[0] == float(B[0])
