"""Frames of pandas and polars are read right, or refused in a sentence that names the rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from simgan.errors import ConfigError, PriceError, in_shell
from simgan.market.judgement import judged
from simgan.market.prices import Prices, Scope
from simgan.market.sources import SOURCES
from simgan.market.sources.frame import PriceFrame, in_python

DAYS = 60
RNG = np.random.Generator(np.random.Philox(5))
CLOSES = 100 * np.exp(np.cumsum(0.01 * RNG.standard_normal(DAYS)))
INDEX = pd.bdate_range("2016-01-04", periods=DAYS, name="Date")
SERIES = pd.Series(CLOSES, INDEX, name="AAPL")
# As yfinance gives it: the adjusted close is half the close.
BARS = pd.DataFrame(
    {
        "Open": 2 * CLOSES,
        "High": 2.1 * CLOSES,
        "Low": 1.9 * CLOSES,
        "Close": 2 * CLOSES,
        "Adj Close": CLOSES,
        "Volume": 1000.0 + 7 * (np.arange(DAYS) % 5),
    },
    INDEX,
)


def with_tickers(*tickers: str) -> pd.DataFrame:
    """Return a frame as ``yf.download`` gives it: fields above tickers."""
    frame = pd.concat({ticker: BARS * (i + 1) for i, ticker in enumerate(tickers)}, axis=1)
    return frame.swaplevel(axis=1).rename_axis(columns=["Price", "Ticker"])


def read(frame: object, column: str = "", name: str = "", **scope: str) -> Prices:
    source = PriceFrame(frame, column)  # type: ignore[arg-type]
    return judged(source.quotes(name or source.asset), Scope(**scope))  # type: ignore[arg-type]


FRAMES: dict[str, tuple[Callable[[], object], str]] = {
    "a series": (lambda: SERIES, "AAPL"),
    "a series in the zone of the exchange": (lambda: SERIES.tz_localize("US/Eastern"), "AAPL"),
    "midnights of New York in UTC": (
        lambda: SERIES.tz_localize("US/Eastern").tz_convert("UTC"), "AAPL",
    ),
    "midnights of Sydney in UTC": (
        lambda: SERIES.tz_localize("Australia/Sydney").tz_convert("UTC"), "AAPL",
    ),
    "a series without a name": (lambda: SERIES.rename(None), "prices"),
    "a series named like its price": (lambda: SERIES.rename("Close"), "prices"),
    "a series of periods": (lambda: SERIES.to_period("D"), "AAPL"),
    "dates in text": (lambda: SERIES.set_axis(INDEX.strftime("%Y-%m-%d")), "AAPL"),
    "the newest first": (lambda: SERIES.iloc[::-1], "AAPL"),
    "bars": (lambda: BARS, "prices"),
    "bars in a zone": (lambda: BARS.tz_localize("Asia/Seoul"), "prices"),
    "bars with their dates in a column": (lambda: BARS.reset_index(), "prices"),
    "fields above one ticker": (lambda: with_tickers("AAPL"), "AAPL"),
    "one ticker above fields": (lambda: with_tickers("AAPL").swaplevel(axis=1), "AAPL"),
    "the closes of one ticker": (lambda: with_tickers("AAPL")["Adj Close"], "AAPL"),
    "rows with a ticker": (lambda: pd.concat({"AAPL": BARS}, names=["Ticker"]), "AAPL"),
    "a frame of polars": (lambda: pl.from_pandas(BARS.reset_index()), "prices"),
    "times of polars in a zone": (
        lambda: pl.from_pandas(BARS.tz_localize("Asia/Tokyo").reset_index()), "prices",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FRAMES)
def test_a_frame_gives_the_prices_and_days_that_it_holds_bit_for_bit(kind: str) -> None:
    make, name = FRAMES[kind]
    prices = read(make())
    assert np.array_equal(prices.values[:, 0], CLOSES)
    assert prices.dates.astype("datetime64[D]").tolist() == [day.date() for day in INDEX]
    assert prices.assets == (name,)


@pytest.mark.parametrize("zone", ["US/Eastern", "Australia/Sydney", "Asia/Seoul"])
@pytest.mark.parametrize("written_in", ["its own", "UTC"])
def test_a_parquet_file_of_a_frame_is_read_as_the_frame(
    tmp_path: Path, zone: str, written_in: str
) -> None:
    """Midnights of an exchange east or west of Greenwich, in its own zone or in UTC."""
    bars = BARS.tz_localize(zone)
    bars = bars if written_in == "its own" else bars.tz_convert("UTC")
    bars.to_parquet(path := tmp_path / "bars.parquet")
    source = SOURCES.build("price_file", {"path": str(path)})
    prices = judged(source.quotes("bars"), Scope())
    assert np.array_equal(prices.values[:, 0], CLOSES)
    assert prices.dates.astype("datetime64[D]").tolist() == [day.date() for day in INDEX]


def test_a_column_is_chosen_by_name_and_a_ticker_by_the_asset() -> None:
    assert np.array_equal(read(BARS, "Close").values[:, 0], 2 * CLOSES)
    assert np.array_equal(read(with_tickers("AAPL", "KO"), name="KO").values[:, 0], 2 * CLOSES)
    assert PriceFrame(with_tickers("AAPL", "KO")["Close"], "KO").asset == "KO"  # type: ignore[arg-type]


def test_prices_with_three_decimals_are_no_thousands_and_raise_no_doubt() -> None:
    prices = read((SERIES / 60).round(3))
    assert np.array_equal(prices.values[:, 0], (CLOSES / 60).round(3))
    assert not [note for note in prices.notes if "decimal" in note.text]


def test_the_first_note_says_what_was_read() -> None:
    told = str(read(with_tickers("AAPL")).notes[0])
    assert told == "DataFrame: column 'Adj Close', 60 prices, 2016-01-04 to 2016-03-25"
    assert str(read(with_tickers("AAPL"), name="MSFT").notes[1]) == "the frame calls MSFT 'AAPL'"


def test_days_without_a_price_are_left_out_and_told() -> None:
    prices = read(SERIES.where(np.arange(DAYS) != 7))
    assert len(prices.dates) == DAYS - 1
    assert "1 row without a price left out" in map(str, prices.notes)


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "several tickers": (
        lambda: with_tickers("AAPL", "KO"), "it holds 2 assets .AAPL, KO.*simgan.fit.'AAPL'",
    ),
    "several columns": (lambda: with_tickers("AAPL", "KO")["Close"], "it holds 2 assets"),
    "no dates in a series": (lambda: SERIES.reset_index(drop=True), "pd.to_datetime"),
    "no dates in a frame": (lambda: BARS.reset_index(drop=True), "its index holds no dates"),
    "no row": (lambda: SERIES.iloc[:0], "empty"),
    "a price below zero": (lambda: SERIES * -1, "below zero: -.* at iloc 0 .2016-01-04"),
    "one day twice": (
        lambda: pd.concat([SERIES, 1.1 * SERIES.iloc[5:6]]),
        "iloc 5 and iloc 60 .2016-01-11.: .* or leave them out with on_bad_rows='drop'",
    ),
    "bars within the day": (
        lambda: SERIES.set_axis(pd.date_range("2016-01-04", periods=DAYS, freq="h")), "intraday",
    ),
    "no price": (lambda: BARS[["Open", "Volume"]], "choose one with column="),
    "three levels": (lambda: pd.concat({"a": with_tickers("KO")}, axis=1), "3 levels"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_a_frame_that_cannot_be_used_is_refused_with_the_way_out(kind: str) -> None:
    make, reason = REFUSED[kind]
    with pytest.raises(PriceError, match=rf"^Series: .*{reason}|^DataFrame: .*{reason}"):
        PriceFrame(make()).asset and read_as_fit_does(make())  # type: ignore[arg-type]


def read_as_fit_does(frame: object) -> Prices:
    """Judge as an order for prices does, which spells the options of a refusal for Python."""
    from pathlib import Path

    from simgan.workflows.options import PriceOrder
    from simgan.workspace import Workspace

    return PriceOrder(ticker="AAPL", prices=frame).fetched(Workspace(Path()))  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [[1.0, 2.0], CLOSES, {"AAPL": 1.0}, 3, pl.Series(CLOSES)])
def test_another_type_is_refused_with_those_that_are_possible(value: object) -> None:
    with pytest.raises(ConfigError, match="a pandas Series or DataFrame with a DatetimeIndex"):
        PriceFrame(value)  # type: ignore[arg-type]


def test_the_origin_has_a_hash_that_anyone_can_compute() -> None:
    """SHA-256 of int64 days since 1970 and float64 prices, by hand."""
    days = INDEX.to_numpy().astype("datetime64[D]").astype("<i8")
    expected = hashlib.sha256(days.tobytes() + CLOSES.astype("<f8").tobytes()).hexdigest()
    assert PriceFrame(BARS).origin("x") == {
        "kind": "frame", "frame": "DataFrame", "column": "Adj Close", "sha256": expected,
    }  # fmt: skip
    assert PriceFrame(1.01 * BARS).origin("x")["sha256"] != expected


def test_the_table_of_sources_has_frames() -> None:
    assert SOURCES.load("frame") is PriceFrame


@pytest.mark.parametrize("name", ["", None, float("nan"), "Unnamed: 1"])
def test_a_column_of_a_frame_without_a_name_is_told(name: object) -> None:
    frame = pd.DataFrame({"A": CLOSES, "B": CLOSES + 1, "C": CLOSES + 2}, INDEX)
    frame.columns = pd.Index(["A", name, "C"], dtype=object)
    assert PriceFrame(frame).tickers() == ("A", "C")
    notes = " ".join(map(str, read(frame, "", "C").notes))
    assert "1 column of numbers without a name left out, right of 'A'" in notes


def test_a_name_that_is_quoted_for_a_shell_is_quoted_for_python() -> None:
    name = "'a"
    sentence = f"--column {in_shell(name)} takes it; --column names one"
    assert in_python(sentence) == """column="'a" takes it; column= names one"""
