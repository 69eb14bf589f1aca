"""Each file of ../shared/data/messy is read right or refused;
known rows are compared by hand with the files.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simgan.errors import PriceError
from simgan.market import history_of
from simgan.market.sources.price_file import PriceFile

MESSY = Path(__file__).resolve().parents[2] / "../shared/data/messy"
MARKET = MESSY.parent / "market"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not MESSY.is_dir(), reason="../shared/data/messy is not here"),
]

READ = {  # file: (days, {date: price})
    "stooq_bulk_xom.us.txt": (
        1258,
        {"2014-01-02": 99.75, "2014-01-07": 101.07, "2018-12-31": 68.19},
    ),
    "stooq_ko_us_d.csv": (1258, {"2014-01-02": 40.66, "2018-12-31": 47.35}),
    "yahoo_EURUSD_badticks_2003_2010.csv": (1826, {"2003-12-01": 1.19650137424469}),
    "yahoo_null_rows_TA125.csv": (203, {"2020-05-11": 1423.969971, "2021-05-09": 1734.589966}),
    "yahoo_one_row_CASE30.csv": (1, {"2021-05-09": 10643.599609}),
    "yfinance_3header_KS11.csv": (
        118,
        {"2025-09-08": 3219.590087890625, "2025-09-09": 3260.050048828125},
    ),
    "yfinance_ticker_history_tz_MSFT.csv": (
        754,
        {"2016-01-04": 54.79999923706055, "2016-01-07": 52.16999816894531},
    ),
}

REFUSED = {  # file: what is told
    "dirty_AAPL_2017_2018.csv": (
        "9 rows cannot be read: line 102: 'null'.*line 103: 'N/A'.*line 104: '-'.*line 105: '#N/A'"
    ),
    "excel_german_SP500.csv": "line 1 is separated by semicolons",
    "intraday_hourly_EURUSD_tz.csv": "line 2: '2017-09-14 20:00:00-04:00' has a time of day",
    "investing_en_SP500_2015_2018.csv": "line 2: '12/31/2018' is no date",
    "investing_ko_KOSPI_2016_2020.csv": "line 1 names no date column among: 날짜",
    "investing_ko_USD_KRW_2016_2020.csv": "line 1 names no date column among: 날짜",
    "naver_cp949_005930.csv": "line 1 is not UTF-8 text",
    "pykrx_035720.csv": "line 1 names no date column among: 날짜",
    "yfinance_multiticker_AAPL_JPM_MSFT.csv": r"several tickers \(AAPL, JPM, MSFT\)",
}


def test_every_messy_file_has_its_outcome_here() -> None:
    assert {path.name for path in MESSY.iterdir()} == READ.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", READ)
def test_a_messy_file_is_read_right(name: str) -> None:
    days, known = READ[name]
    prices = PriceFile(path=str(MESSY / name)).fetch("X")
    assert len(prices.dates) == days
    for day, price in known.items():
        assert prices.values[prices.dates == np.datetime64(day), 0].tolist() == [price]


@pytest.mark.parametrize("name", REFUSED)
def test_a_messy_file_is_refused_with_what_was_seen(name: str) -> None:
    with pytest.raises(PriceError, match=REFUSED[name]):
        PriceFile(path=str(MESSY / name)).fetch("X")


def test_one_ticker_of_several_is_read_by_its_column() -> None:
    prices = PriceFile(
        path=str(MESSY / "yfinance_multiticker_AAPL_JPM_MSFT.csv"), column="MSFT Close"
    ).fetch("MSFT")
    assert prices.values[0, 0] == 54.79999923706055


def test_one_price_is_read_but_makes_no_history() -> None:
    with pytest.raises(PriceError, match="1 prices give 0 log returns"):
        history_of(PriceFile(path=str(MESSY / "yahoo_one_row_CASE30.csv")).fetch("CASE30"))


def test_a_hole_of_eighteen_days_is_told() -> None:
    notes = PriceFile(path=str(MESSY / "yahoo_EURUSD_badticks_2003_2010.csv")).fetch("EURUSD").notes
    assert any("2008-08-26 (18 days)" in note for note in notes)


@pytest.mark.parametrize("path", sorted(MARKET.glob("*.csv")), ids=lambda path: path.name)
def test_every_clean_file_gives_the_column_that_pandas_reads(path: Path) -> None:
    import pandas as pd

    table = pd.read_csv(path)
    column = next((name for name in ("Adj Close", "Close") if name in table), table.columns[1])
    chosen = column if path.name.startswith("PANEL") else ""
    prices = PriceFile(path=str(path), column=chosen).fetch(path.stem)
    np.testing.assert_allclose(prices.values[:, 0], table[column], rtol=1e-15)
    assert [str(day) for day in prices.dates] == table["Date"].tolist()
