"""Each file of ../shared/data is read right to the last digit, or refused with its lines.

Another reader, pandas with settings for the one file, gives the prices of ../shared/data/messy, and
EXPECT.json those of ../shared/data/messy_new.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simgan.errors import PriceError
from simgan.market import Prices, Scope, history_of
from simgan.market.sources.price_file import PriceFile

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
MESSY, NEW, MARKET = (DATA / folder for folder in ("messy", "messy_new", "market"))

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not NEW.is_dir(), reason="../shared/data is not here"),
]


def table(name: str, close: str | int, dates: str = "ISO8601", **settings: Any) -> pd.Series:
    """Read one column with pandas, in the order of time."""
    read = pd.read_csv(MESSY / name, index_col=0, dtype={0: str}, **settings)
    column = read[close] if isinstance(close, str) else read.iloc[:, close]
    days = pd.to_datetime([str(day)[:10] if dates == "ISO8601" else day for day in column.index],
                          format=dates)  # fmt: skip
    return pd.Series(column.to_numpy(), days).dropna().sort_index()


KOREAN = {"thousands": ",", "dates": "%Y년 %m월 %d일"}
READ: dict[str, Callable[[str], pd.Series]] = {
    "excel_german_SP500.csv": lambda n: table(
        n, "Schlusskurs", "%d.%m.%Y", sep=";", decimal=",", thousands="."
    ),
    "investing_en_SP500_2015_2018.csv": lambda n: table(n, "Price", "%m/%d/%Y", thousands=","),
    "investing_ko_KOSPI_2016_2020.csv": lambda n: table(n, "종가", **KOREAN),
    "investing_ko_USD_KRW_2016_2020.csv": lambda n: table(n, "종가", **KOREAN),
    "naver_cp949_005930.csv": lambda n: table(
        n, "종가", "%Y.%m.%d", thousands=",", encoding="cp949"
    ),
    "pykrx_035720.csv": lambda n: table(n, "종가"),
    "stooq_bulk_xom.us.txt": lambda n: table(n, "<CLOSE>", "%Y%m%d", usecols=["<DATE>", "<CLOSE>"]),
    "stooq_ko_us_d.csv": lambda n: table(n, "Close"),
    "yahoo_EURUSD_badticks_2003_2010.csv": lambda n: table(n, "Close"),
    "yahoo_null_rows_TA125.csv": lambda n: table(n, "Adj Close"),
    "yahoo_one_row_CASE30.csv": lambda n: table(n, "Adj Close"),
    "yfinance_3header_KS11.csv": lambda n: table(n, 0, skiprows=[1, 2]),
    "yfinance_multiticker_AAPL_JPM_MSFT.csv": lambda n: table(n, 2, skiprows=[1, 2]),
    "yfinance_ticker_history_tz_MSFT.csv": lambda n: table(n, "Close"),
}
REFUSED = {  # file: what is told, in any order
    "dirty_AAPL_2017_2018.csv": ("0 ", "-37.2", "line 153", "line 163"),
    "intraday_hourly_EURUSD_tz.csv": ("line 2 and line 3", "same day", "intraday"),
}
WARNED = {"yahoo_EURUSD_badticks_2003_2010.csv": r"2008-08-26.*18 days"}


def test_every_messy_file_has_its_outcome_here() -> None:
    assert {path.name for path in MESSY.iterdir()} == READ.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", READ)
def test_a_messy_file_gives_the_prices_that_pandas_reads(name: str) -> None:
    prices = PriceFile(path=str(MESSY / name)).fetch("MSFT")
    expected = READ[name](name)
    assert [str(day) for day in prices.dates] == [str(day.date()) for day in expected.index]
    assert prices.values[:, 0].tolist() == expected.tolist()


@pytest.mark.parametrize("name", REFUSED)
def test_a_messy_file_is_refused_with_its_lines(name: str) -> None:
    with pytest.raises(PriceError) as caught:
        PriceFile(path=str(MESSY / name)).fetch("X")
    assert all(told in str(caught.value) for told in (name, *REFUSED[name]))


@pytest.mark.parametrize("name", WARNED)
def test_a_messy_file_is_read_with_a_warning(name: str) -> None:
    notes = map(str, PriceFile(path=str(MESSY / name)).fetch("X").notes)
    assert any(re.search("warning: .*" + WARNED[name], note) for note in notes)


def test_the_damaged_rows_can_be_left_out() -> None:
    """The clean days of the damaged file have the prices of the file that it was made of."""
    dirty = PriceFile(path=str(MESSY / "dirty_AAPL_2017_2018.csv"), column="Close")
    left = dirty.fetch("AAPL", Scope(on_bad_rows="drop"))
    clean = PriceFile(path=str(MARKET / "AAPL.csv"), column="Close").fetch("AAPL")
    same = clean.rows(np.isin(clean.dates, left.dates))
    assert np.array_equal(left.values, same.values)
    assert 470 < len(left.dates) < 503


def test_one_ticker_of_several_is_read_by_its_column() -> None:
    prices = PriceFile(
        path=str(MESSY / "yfinance_multiticker_AAPL_JPM_MSFT.csv"), column="MSFT Close"
    ).fetch("MSFT")
    assert prices.values[0, 0] == 54.79999923706055


def test_one_price_is_read_but_makes_no_history() -> None:
    with pytest.raises(PriceError, match="1 price gives 0 log returns"):
        history_of(PriceFile(path=str(MESSY / "yahoo_one_row_CASE30.csv")).fetch("CASE30"))


EXPECT = json.loads((NEW / "EXPECT.json").read_text()) if NEW.is_dir() else {}
NAMES = {"long_three_tickers.csv": "X"}
# EXPECT.json allows the right reading where the file is refused by others.
OR_READ = {"prices.csv.bin": 64, "german_thousands_dot_integers.csv": 64}
TOLD = {  # what the message or a warning holds
    "alpha_vantage_note.csv": "JSON",
    "alpha_vantage_raw_split_coefficient.csv": "split",
    "ambiguous_dates_only.csv": "ambiguous",
    "bad_tick_3x.csv": "line 22",
    "crsp_negative_prc.csv": "line 7.*line 11",
    "decimal_slip_10x.csv": "line 22",
    "inf_adj_close.csv": "--column 'Close'",
    "mixed_mdy_dmy.csv": "different orders",
    "mt5_hourly_two_rows_a_day.csv": "intraday",
    "r_write_csv_dates_lost.csv": "no column holds dates",
    "row_has_trailing_comma.csv": "line 2: 4 cells, but the header has 3",
    "stale_34_days.csv": "34",
    "thai_buddhist_years.csv": "future|Buddhist",
    "unadjusted_2_for_1.csv": "split",
}


def fetched(name: str) -> Prices:
    source = PriceFile(path=str(NEW / name), column=EXPECT[name]["column"])
    return source.fetch(NAMES.get(name, "AAPL"))


def kinds(*names: str) -> list[str]:
    return [name for name, case in EXPECT.items() if case["kind"] in names]


@pytest.mark.parametrize("name", kinds("READ", "READ_OR_REFUSE"))
def test_a_file_that_can_be_read_is_read_right(name: str) -> None:
    prices = fetched(name)
    assert [str(day) for day in prices.dates] == EXPECT[name]["dates"]
    assert prices.values[:, 0].tolist() == EXPECT[name]["values"]
    assert not [str(note) for note in prices.notes if str(note).startswith("warning")]


@pytest.mark.parametrize("name", [name for name in kinds("REFUSE") if name not in OR_READ])
def test_a_file_that_cannot_be_read_is_refused(name: str) -> None:
    with pytest.raises(PriceError, match=f"(?i){TOLD[name]}") as caught:
        fetched(name)
    assert name in str(caught.value)


@pytest.mark.parametrize("name", kinds("WARN"))
def test_a_trap_is_told(name: str) -> None:
    try:
        told = " ".join(n for n in map(str, fetched(name).notes) if n.startswith("warning"))
    except PriceError as error:
        told = str(error)
    assert re.search(TOLD[name], told)


@pytest.mark.parametrize("name", OR_READ)
def test_a_file_that_may_be_refused_is_read_right(name: str) -> None:
    prices = fetched(name)
    assert len(prices.dates) == OR_READ[name]
    levels = {"prices.csv.bin": (115, 160), "german_thousands_dot_integers.csv": (800, 1100)}
    low, high = levels[name]
    assert (prices.values > low).all() and (prices.values < high).all()


@pytest.mark.parametrize("path", sorted(MARKET.glob("*.csv")), ids=lambda path: path.name)
def test_every_clean_file_gives_the_column_that_pandas_reads(path: Path) -> None:
    read = pd.read_csv(path)
    column = next((name for name in ("Adj Close", "Close") if name in read), read.columns[1])
    chosen = column if path.name.startswith("PANEL") else ""
    prices = PriceFile(path=str(path), column=chosen).fetch(path.stem)
    np.testing.assert_allclose(prices.values[:, 0], read[column], rtol=1e-15)
    assert [str(day) for day in prices.dates] == read["Date"].tolist()


STATED = re.compile(r"^\| (\S+\.csv) \| (\d+) \| (\S+) \| (\S+) \| ([\d.]+) \|", re.MULTILINE)
PROVENANCE = (
    STATED.findall((DATA / "PROVENANCE.md").read_text(encoding="utf-8")) if DATA.is_dir() else []
)


@pytest.mark.parametrize(("name", "rows", "first", "last", "std"), PROVENANCE)
def test_standard_deviations_are_those_of_the_provenance(
    name: str, rows: str, first: str, last: str, std: str
) -> None:
    source = PriceFile(path=str(MARKET / name))
    if name.startswith("PANEL"):
        prices = source.panel()
        assert len(prices.assets) == {"PANEL_US12.csv": 12, "PANEL_ETF8.csv": 8}[name]
    else:
        header = (MARKET / name).read_text().split("\n", 1)[0].split(",")
        column = "Close" if "Close" in header else "Adj Close"
        prices = PriceFile(path=str(MARKET / name), column=column).fetch(name)
    log_returns = history_of(prices).log_returns[:, 0]
    assert (str(len(prices.dates)), str(prices.dates[0]), str(prices.dates[-1])) == (
        rows,
        first,
        last,
    )
    assert f"{log_returns.std(ddof=1):.4f}" == std
