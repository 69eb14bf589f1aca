"""Doubts: each has a series that raises it, and a twin that does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simgan.market import Bars, Quotes, judged
from simgan.market.prices import NoteKind
from simgan.market.sources.price_file import PriceFile
from simgan.seeds import Seed

DAYS = 300
MARKET = Path(__file__).resolve().parents[2] / "../shared/data/market"


def walk(days: int = DAYS, sigma: float = 0.01) -> np.ndarray:
    """Return closes of a quiet stock, of shape (days,)."""
    return np.asarray(
        50 * np.exp(np.cumsum(sigma * Seed(1).stream("baseline").standard_normal(days)))
    )


def weekdays(days: int = DAYS) -> np.ndarray:
    return np.busday_offset("2015-01-01", np.arange(days), roll="forward")


def warnings_of(
    closes: np.ndarray, dates: np.ndarray | None = None, bars: Bars | None = None
) -> list[str]:
    days = weekdays(len(closes)) if dates is None else dates
    rows = Quotes("X", days, closes, lambda row: f"line {row + 2}", bars=bars, origin="x.csv")
    return [note.text for note in judged(rows).notes if note.kind is NoteKind.WARNING]


def bars_of(closes: np.ndarray, **more: np.ndarray) -> Bars:
    return Bars(**(dict.fromkeys(("open", "high", "low"), closes) | {"volume": closes} | more))


def test_a_quiet_stock_raises_no_doubt() -> None:
    assert warnings_of(walk()) == []
    assert warnings_of(walk(), bars=bars_of(walk())) == []


# returns in place of prices


def test_gross_returns_are_told_and_noise_around_a_peg_is_not() -> None:
    draws = Seed(1).stream("baseline").standard_normal(DAYS)
    (told,) = warnings_of(1 + 0.01 * draws)
    assert told.startswith("the prices look like returns (all near 1")
    assert warnings_of(1 + 0.001 * draws) == []
    assert warnings_of(1 + 0.01 * np.cumsum(draws) / 10) == []


# missing splits


@pytest.mark.parametrize("ratio", [2, 3, 4, 5, 7, 10, 20, 50])
@pytest.mark.parametrize("upwards", [False, True])
def test_a_jump_like_a_split_is_told_with_its_place(ratio: int, upwards: bool) -> None:
    closes = walk()
    closes[100:] *= ratio if upwards else 1 / ratio
    (told,) = warnings_of(closes)
    assert told.startswith(f"the price jumps at line 102 ({weekdays()[100]}) (")
    assert "up " in told if upwards else "down " in told
    assert told.endswith("check for a missing split")


@pytest.mark.parametrize("move", [0.481, 2.156])
def test_days_of_the_market_near_a_half_and_the_double_are_no_splits(move: float) -> None:
    """AAPL fell by 51.9 % on 2000-09-29, and VIX rose by 115.6 % on 2018-02-05."""
    closes = walk()
    closes[100] = closes[99] * move
    closes[101:] *= closes[100] / closes[101] * 1.01
    assert warnings_of(closes) == []


def test_a_split_on_a_bad_day_shows_at_the_open() -> None:
    """Closes fell 2.2-fold. The open of a split is near half of the close before it."""
    closes = walk()
    closes[100:] *= 0.45 * closes[99] / closes[100]
    opened = closes.copy()
    assert warnings_of(closes, bars=bars_of(closes, open=opened)) == []
    opened[100] = closes[99] * 0.502
    (told,) = warnings_of(closes, bars=bars_of(closes, open=opened))
    assert "check for a missing split" in told


def test_a_penny_stock_doubles_without_a_doubt() -> None:
    ticks = np.tile([0.01, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.01, 0.01, 0.01], 30)
    assert not [told for told in warnings_of(ticks) if "jumps" in told]


# bad ticks


@pytest.mark.parametrize("factor", [3.0, 10.0, 45.0, 1 / 3, 0.1])
@pytest.mark.parametrize("days", [1, 3])
def test_a_jump_that_is_taken_back_is_told_as_a_wrong_price(factor: float, days: int) -> None:
    closes = walk()
    closes[100 : 100 + days] *= factor
    (told,) = warnings_of(closes)
    assert told.startswith(f"the price jumps and is back soon after: line 102 ({weekdays()[100]})")
    assert (f"to line {101 + days}" in told) is (days > 1)
    assert told.endswith("a wrong price?")


def test_a_small_jump_that_is_far_beyond_the_usual_moves_is_told_where_it_is_taken_back() -> None:
    """As EUR/USD of Yahoo on 2008-12-08: up 17 % and back, at moves of half a percent."""
    closes = walk(sigma=0.005)
    closes[100] *= 1.17
    (told,) = warnings_of(closes)
    assert "(up 1.1" in told and told.endswith("a wrong price?")
    stays = walk(sigma=0.005)
    stays[100:] *= 1.17  # as the franc on 2015-01-15
    wild = walk(sigma=0.04)
    wild[100] *= 1.17
    assert warnings_of(stays) == warnings_of(wild) == []


# days and their distances


def test_a_gap_of_more_than_two_weeks_is_told() -> None:
    dates = weekdays()
    golden_week = dates + np.where(np.arange(DAYS) >= 100, 11, 0)
    assert warnings_of(walk(), golden_week) == []
    dates = dates + np.where(np.arange(DAYS) >= 100, 14, 0)
    (told,) = warnings_of(walk(), dates)
    assert told == (
        f"there are no prices for more than 14 days before line 102 ({dates[100]}) "
        f"({(dates[100] - dates[99]).astype(int)} days)"
    )


def test_a_bar_on_a_weekend_is_told_unless_weekends_are_usual() -> None:
    dates = weekdays()
    friday = int(np.flatnonzero(np.is_busday(dates, weekmask="Fri"))[20])
    odd = dates.copy()
    odd[friday] += 1  # a Saturday
    (told,) = warnings_of(walk(), odd)
    assert f"on a weekend, which the weeks around do not have: line {friday + 2}" in told
    every_day = np.datetime64("2015-01-01") + np.arange(DAYS)
    sunday_to_thursday = np.busday_offset(
        "2015-01-01", np.arange(DAYS), roll="forward", weekmask="1111001"
    )
    assert warnings_of(walk(), every_day) == warnings_of(walk(), sunday_to_thursday) == []


def test_weeks_from_tuesday_to_saturday_are_told() -> None:
    (told,) = warnings_of(walk(), weekdays() + 1)
    assert told.startswith("the weeks go from Tuesday to Saturday")
    assert "or serial numbers that count from 1904 or 1960" in told


def test_fewer_prices_than_one_a_day_are_told() -> None:
    weekly = np.datetime64("2015-01-02") + 7 * np.arange(DAYS)
    (told,) = warnings_of(walk(), weekly)
    assert told == "there is a price about every 7 days only: one step is not a trading day"
    thrice_a_week = np.busday_offset(
        "2015-01-01", np.arange(DAYS), roll="forward", weekmask="1010100"
    )
    assert warnings_of(walk(), thrice_a_week) == []


def test_a_change_of_frequency_is_told_with_its_stretch() -> None:
    weekly = np.datetime64("2015-01-02") + 7 * np.arange(50)
    daily = np.busday_offset(weekly[-1], np.arange(1, DAYS - 49), roll="forward")
    (told,) = warnings_of(walk(), np.r_[weekly, daily])
    assert told.startswith("the frequency changes: there are fewer prices from line 2 (2015-01-02)")
    assert "every 7 days" in told


# prices that stand still


def test_a_price_that_stands_still_is_told_with_its_stretch() -> None:
    closes = walk()
    closes[100:110] = closes[100]
    (told,) = warnings_of(closes)
    assert told.startswith("the price stands still: line 102 (") and "(10 equal prices)" in told
    closes = walk()
    closes[100:106] = closes[100]
    assert warnings_of(closes) == []


def test_a_rarely_traded_price_is_told_as_a_whole_and_not_by_its_runs() -> None:
    moves = Seed(2).stream("baseline").random(DAYS) < 0.2
    closes = walk()[np.maximum.accumulate(np.where(moves, np.arange(DAYS), 0))]
    (told,) = warnings_of(closes)
    assert told.startswith("the price does not move on ") and "traded rarely" in told
    assert 70 <= int(told.split(" on ")[1].split()[0]) <= 90


def test_a_stretch_without_volume_is_told() -> None:
    volume = np.full(DAYS, 1e6)
    volume[100:106] = 0
    (told,) = warnings_of(walk(), bars=bars_of(walk(), volume=volume))
    assert told.startswith("the volume is zero: line 102 (") and "(6 days)" in told
    holidays = np.full(DAYS, 1e6)
    holidays[[100, 101, 150]] = 0
    index = np.zeros(DAYS)  # an index has no volume at all
    for twin in (holidays, index, np.full(DAYS, np.nan)):
        assert warnings_of(walk(), bars=bars_of(walk(), volume=twin)) == []


# real series


@pytest.mark.shared
@pytest.mark.skipif(not MARKET.is_dir(), reason="../shared/data/market is not here")
@pytest.mark.parametrize("path", sorted(MARKET.glob("*.csv")), ids=lambda path: path.stem)
def test_the_checked_series_of_real_markets_raise_no_doubt(path: Path) -> None:
    """Crashes, halts, holidays and 53 % less in a day included (see its PROVENANCE.md).

    Closes are checked there, and wrong highs and lows of EUR/USD and VIX are not.
    """
    file = PriceFile(path=str(path))
    prices = file.panel() if path.stem.startswith("PANEL") else file.fetch(path.stem)
    doubts = [note.text for note in prices.notes if note.kind is not NoteKind.READ]
    of_bars = {
        "EURUSD": ["no range is used: f", "high and low belong", "open, high or low i"],
        "VIX": ["open, high or low i"],
    }
    assert [text[:19] for text in doubts] == of_bars.get(path.stem, [])
    assert len(prices.assets) == {"PANEL_US12": 12, "PANEL_ETF8": 8}.get(path.stem, 1)
