"""Ranges: closed forms, a random walk whose variance is known, and bars that are wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
import pytest

from simgan.errors import ConfigError
from simgan.market import Bars, Prices, Quotes, history_of, judged
from simgan.market.bar_faults import Stretch
from simgan.market.prices import Note, NoteKind
from simgan.market.ranges import JudgedRanges, judged_ranges, right_shapes
from simgan.market.shapes import range_variance
from simgan.market.sources.price_file import PriceFile
from simgan.seeds import Seed

DAYS = np.busday_offset("2000-01-03", np.arange(5000), roll="forward")
DATA = Path(__file__).resolve().parents[2] / "../shared/data"
shared = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here"),
]


def one(opened: float, high: float, low: float, close: float, previous: float = 100.0) -> float:
    """Return the range variance of one bar, NaN if it has none."""
    bar = Bars(*(np.array([[price], [price]]) for price in (opened, high, low, np.nan)))
    closes = np.array([[previous], [close]])
    shapes = right_shapes(closes, bar)
    if shapes is None:
        return np.nan
    return range_variance(np.diff(np.log(closes), axis=0), shapes).item()


def prices_of(values: list[float], **parts: list[float]) -> Prices:
    """Return prices with bars whose open is the close before, one above the low of all."""
    closes = np.array(values)
    opened = np.r_[closes[0], closes[:-1]]
    high, low = np.maximum(opened, closes) + 1, np.minimum(opened, closes) - 1
    given = {"open": opened, "high": high, "low": low, "volume": closes} | parts
    bars = Bars(**{name: np.array(part, float)[:, np.newaxis] for name, part in given.items()})
    return Prices(DAYS[: len(closes)], closes[:, np.newaxis], ("X",), bars=bars)


PRICES = prices_of([100.0, 101.0, 99.0])

# closed forms


def test_a_bar_by_hand() -> None:
    """From the equations of both papers, written in high, low and close over the open."""
    up, down, move = log(104 / 101), log(98 / 101), log(103 / 101)
    rogers_satchell = log(104 / 103) * up + log(98 / 103) * down
    garman_klass = 0.5 * log(104 / 98) ** 2 - (2 * log(2) - 1) * move**2
    expected = log(101 / 100) ** 2 + (rogers_satchell + garman_klass) / 2
    assert one(101, 104, 98, 103) == pytest.approx(expected, rel=1e-12)


def test_a_day_up_without_a_way_back_has_half_of_garman_and_klass() -> None:
    """Open at the low, close at the high: RS is 0 and GK is (3/2 − 2 ln 2) of the squared move."""
    assert one(100, 110, 100, 110) == pytest.approx((0.75 - log(2)) * log(1.1) ** 2, rel=1e-12)


def test_high_and_low_are_widened_to_hold_open_and_close() -> None:
    """Gold settles outside of the session's high and low."""
    assert one(100, 102, 99, 103) == pytest.approx(one(100, 103, 99, 103), rel=1e-15)
    assert one(98, 102, 99, 101) == pytest.approx(one(98, 102, 98, 101), rel=1e-15)


@pytest.mark.parametrize("scale", [1e-4, 7.0, 1e6])
def test_the_unit_of_prices_does_not_matter(scale: float) -> None:
    bar = (101, 104, 98, 103, 100)
    assert one(*(scale * price for price in bar)) == pytest.approx(one(*bar), rel=1e-9)
    flat = (100, 100, 100, 100, 100)
    assert one(*(scale * price for price in flat)) == 0


def test_a_random_walk_has_the_variance_of_its_day() -> None:
    """A geometric Brownian motion with a gap, in 1,000 steps a day.

    Steps miss 0.5826/√1000 of a standard deviation at high and low each (Broadie, Glasserman & Kou
    1997), which lowers both estimators by 4 · 0.5826/√1000 · √(2/π) = 5.9 %. The standard deviation
    of the mean is 1 %, so that chance fails this test once in 600.
    """
    steps, days, session, night = 1000, 4000, 0.01, 0.005
    noise = Seed(3).stream("baseline").standard_normal((days, steps + 1))
    gaps = night * noise[:, 0]
    paths = session / np.sqrt(steps) * np.cumsum(noise[:, 1:], axis=1)
    extremes = np.maximum(paths.max(axis=1), 0), np.minimum(paths.min(axis=1), 0)
    opened = np.exp(gaps)
    high, low = (opened * np.exp(extreme) for extreme in extremes)
    moves = gaps + paths[:, -1]
    ends = np.maximum(gaps, moves), np.minimum(gaps, moves)
    shapes = [gaps, np.log(high) - ends[0], ends[1] - np.log(low)]
    found = range_variance(moves, np.stack(shapes, axis=-1))
    expected = night**2 + session**2 * (1 - 4 * 0.5826 / np.sqrt(steps) * np.sqrt(2 / np.pi))
    assert found.mean() == pytest.approx(expected, rel=0.03)


# days without a range


@pytest.mark.parametrize(
    ("bar", "why"),
    [
        ((np.nan, 102, 99, 101), "no open"),
        ((100, np.nan, 99, 101), "no high"),
        ((100, 102, np.nan, 101), "no low"),
        ((101, 101, 101, 101), "one price, and the close moved"),
        ((101, 101, 101, 100), "the open differs"),
        ((100, 99, 101, 100), "high below low"),
    ],
)
def test_a_bar_that_shows_no_range_has_none(bar: tuple[float, ...], why: str) -> None:
    assert np.isnan(one(*bar)), why


def test_a_day_on_which_nothing_moved_has_a_variance_of_zero() -> None:
    assert one(100, 100, 100, 100) == 0


# histories


def test_a_history_of_prices_has_the_range_of_each_return() -> None:
    prices = prices_of([100.0, 101.0, 99.0, 99.0])
    history = history_of(prices)
    expected = [
        one(100, 102, 99, 101, 100),
        one(101, 102, 98, 99, 101),
        one(99, 100, 98, 99, 99),
    ]
    assert history.ranges is not None
    assert history.ranges[:, 0] == pytest.approx(expected, rel=1e-12)
    tail = history.rows(slice(1, None)).ranges
    assert tail is not None and tail[:, 0].tolist() == history.ranges[1:, 0].tolist()


def test_a_history_with_few_ranges_has_none() -> None:
    values = [100.0, 101.0, 99.0, 98.0, 99.0]
    gaps = np.nan
    half = history_of(prices_of(values, open=[100, 100, 101, gaps, gaps])).ranges
    assert half is not None and np.isfinite(half[:, 0]).tolist() == [True, True, False, False]
    assert history_of(prices_of(values, open=[100, 100, gaps, gaps, gaps])).ranges is None
    assert history_of(replace(prices_of(values), bars=None)).ranges is None


def test_an_asset_of_a_panel_with_few_ranges_has_none() -> None:
    one_asset = prices_of([100.0, 101.0, 99.0, 98.0])
    assert one_asset.bars is not None
    both = one_asset.bars.each(lambda values: np.hstack([values, values]))
    both.high[2:, 1] = np.nan
    panel = Prices(one_asset.dates, np.hstack([one_asset.values] * 2), ("X", "Y"), bars=both)
    ranges = history_of(panel).ranges
    assert ranges is not None
    assert np.isfinite(ranges).tolist() == [[True, False]] * 3


def test_ranges_do_not_change_the_identity_of_a_history_and_count_for_equality() -> None:
    """NaN equals NaN."""
    history = history_of(prices_of([100.0, 101.0, 99.0], high=[101.0, 102.0, np.nan]))
    assert history.ranges is not None and np.isnan(history.ranges).any()
    assert history.shapes is not None
    assert history == replace(history, shapes=history.shapes.copy())
    other = replace(history, shapes=None)
    assert history != other and history.sha256 == other.sha256


@pytest.mark.parametrize(
    ("shapes", "told"),
    [
        ([[[0, 0.1, 0.1]]], r"shape of shapes .*\(1, 1, 3\).*\(2, 1, 3\)"),
        ([[[0, 0.1, 0.1]], [[0, -0.1, 0.1]]], "1 of 2 days .* negative.*NaN on days without a"),
        ([[[-np.inf, 0, 0]], [[0, 0.1, 0.1]]], "1 of 2 days with an infinite"),
        ([[["a"] * 3]] * 2, "numbers"),
    ],
)
def test_wrong_shapes_are_refused(shapes: object, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        replace(history_of(PRICES), shapes=shapes)


def test_a_user_may_give_shapes_as_a_list_with_nan() -> None:
    given = replace(history_of(PRICES), shapes=[[[-0.01, 0.01, 0]], [[np.nan] * 3]])
    assert given.shapes is not None and given.ranges is not None
    assert given.shapes.dtype == np.float64 and np.isnan(given.ranges[1, 0])


# bars that are wrong


def walk(days: int = 1000, gap: float = 0.3, seed: int = 1) -> tuple[np.ndarray, Bars]:
    """Return closes and right bars of days with GJR variances, of shape (days,).

    A session has 50 steps, and `gap` is the share of the variance between sessions.
    """
    noise = Seed(seed).stream("baseline").standard_normal((days, 51))
    paths = np.sqrt((1 - gap) / 50) * np.cumsum(noise[:, 1:], axis=1)
    night = np.sqrt(gap) * noise[:, 0]
    scale, variance = np.empty((days, 1)), 1.0
    for day, move in enumerate(night + paths[:, -1]):
        scale[day] = 0.01 * np.sqrt(variance)
        variance *= 0.9 + (0.15 if move < 0 else 0.03) * move**2
        variance += 0.01
    paths, opened = scale * paths, scale[:, 0] * night
    closes = 50 * np.exp(np.cumsum(opened + paths[:, -1]))
    opened = np.r_[50, closes[:-1]] * np.exp(opened)
    high = opened * np.exp(np.maximum(paths.max(axis=1), 0))
    low = opened * np.exp(np.minimum(paths.min(axis=1), 0))
    return closes, Bars(opened, high, low, np.full(days, 7.0))


def moved(bars: Bars, days: int, where: slice = slice(None), only_width: bool = False) -> Bars:
    """Give the days of a stretch the bars of some days later."""

    def change(values: np.ndarray) -> np.ndarray:
        changed, rows = values.copy(), np.arange(len(values)) + days
        changed[where] = values[np.clip(rows, 0, len(values) - 1)][where]
        return changed

    wrong = bars.each(change)
    return replace(wrong, open=bars.open) if only_width else wrong


def read(closes: np.ndarray, bars: Bars) -> tuple[np.ndarray, list[Note]]:
    """Return the ranges of a history, of shape (days − 1,), and the notes on them."""
    rows = Quotes("X", DAYS[: len(closes)], closes, lambda row: f"line {row + 2}", bars=bars)
    prices = judged(rows)
    ranges = history_of(prices).ranges
    notes = [note for note in prices.notes if "kept as in the source" not in note.text]
    return np.full(len(closes) - 1, np.nan) if ranges is None else ranges[:, 0], notes


def stretches(found: JudgedRanges, owner: str) -> list[Stretch]:
    """Return the stretches of days with the bars of another one."""
    return [pair for fault in found.faults if owner in fault.text for pair in fault.stretches]


@pytest.mark.parametrize("gap", [0.01, 0.3, 0.6])
def test_right_bars_are_used_without_a_word(gap: float) -> None:
    """The chance of a false alarm is below 1 in 1,000 for each of the 30 histories."""
    for seed in range(10):
        ranges, notes = read(*walk(gap=gap, seed=seed))
        assert np.isfinite(ranges).all() and notes == []


@pytest.mark.parametrize("days", [250, 1000])
@pytest.mark.parametrize("only_width", [False, True])
@pytest.mark.parametrize(("by", "owner"), [(1, "next day"), (-1, "day before")])
def test_bars_of_another_day_are_found(days: int, only_width: bool, by: int, owner: str) -> None:
    """The whole bar stands on the wrong day, or high and low alone."""
    closes, bars = walk(days)
    ranges, (scarce, told) = read(closes, moved(bars, by, only_width=only_width))
    assert told.kind is scarce.kind is NoteKind.WARNING
    assert scarce.text == "no range is used: fewer than half of the days have one"
    assert told.text.startswith(
        f"high and low belong to the {owner}: line 3 ({DAYS[1]}) to line {days + 1} ("
    )
    assert np.isnan(ranges).all()


@pytest.mark.parametrize("by", [1, -1])
def test_where_a_source_changes_only_the_wrong_stretch_is_left_out(by: int) -> None:
    closes, bars = walk(2000)
    ranges, (told,) = read(closes, moved(bars, by, slice(600, 1000)))
    wrong = np.flatnonzero(np.isnan(ranges)) + 1
    assert (np.diff(wrong) == 1).all()
    assert abs(wrong[0] - 600) < 20 and abs(wrong[-1] - 999) < 20
    assert f"line {wrong[0] + 2} ({DAYS[wrong[0]]}) to line {wrong[-1] + 2} (" in told.text


def test_a_wrong_stretch_at_an_end_names_the_option_that_leaves_it_out() -> None:
    """No range is used comes first: the fit learns from closes."""
    closes, bars = walk(2000)
    for where, option in ((slice(800, 2000), "end"), (slice(0, 1200), "start")):
        wrong = moved(bars, -1, where)
        _, (scarce, told) = read(closes, wrong)
        assert told.text.startswith("high and low belong to the day before")
        found = re.fullmatch(
            rf"no range is used: .*; --{option} (\S+) keeps right ranges", scarce.text
        )
        assert found is not None
        first = int(np.searchsorted(DAYS, np.datetime64(found[1])))
        kept = slice(first + 1) if option == "end" else slice(first, None)
        assert abs(first - (799 if option == "end" else 1200)) < 20
        ranges, notes = read(closes[kept], wrong.each(lambda part, kept=kept: part[kept]))
        assert np.isfinite(ranges).mean() > 0.97 and notes == []


def test_bars_of_both_neighbours_are_told_apart() -> None:
    closes, bars = walk(2000)
    found = judged_ranges(closes, moved(moved(bars, 1, slice(200, 700)), -1, slice(1200, 1700)))
    (early,), (late,) = stretches(found, "next day"), stretches(found, "day before")
    assert early == pytest.approx((200, 700), abs=60)
    assert late == pytest.approx((1200, 1700), abs=10)


@pytest.mark.parametrize("part", ["open", "high", "low"])
@pytest.mark.parametrize("factor", [0.1, 0.55, 1.8, 10.0])
def test_a_price_far_from_the_closes_has_no_range_and_is_told(part: str, factor: float) -> None:
    closes, bars = walk()
    getattr(bars, part)[500] = factor * closes[500]
    ranges, notes = read(closes, bars)
    (told, *_) = notes
    assert np.flatnonzero(np.isnan(ranges)).tolist() == [499]
    assert told.text.startswith(f"open, high or low is far from the closes: line 502 ({DAYS[500]})")


def test_the_lows_of_a_flash_crash_are_ranges() -> None:
    """Procter & Gamble traded at 39.37 on 2010-05-06, and closed at 60.75 and 62.16 before."""
    closes, bars = walk()
    bars.low[500] = min(closes[499], closes[500]) * 39.37 / 60.75
    ranges, notes = read(closes, bars)
    assert notes == [] and ranges[499] > 100 * np.median(ranges)


def test_a_stock_that_doubles_within_a_day_is_no_wrong_price() -> None:
    """Its ranges are 15 times those of a walk."""
    closes, bars = walk(gap=0.01)
    bars.high[500] *= 1.05
    wild = judged_ranges(closes**15, bars.each(lambda prices: prices**15))
    assert wild.wild.size == 0 and wild.faults == ()
    bars.high[500] *= 2
    assert judged_ranges(closes, bars).wild.tolist() == [500]


def test_opens_that_are_the_close_before_are_told_with_their_days() -> None:
    closes, bars = walk(gap=0.01)
    bars.open[1:600] = closes[:599]
    bars.open[600:] *= 1.0001
    ranges, (told,) = read(closes, bars)
    assert told.kind is NoteKind.READ and np.isfinite(ranges).all()
    assert told.text == (
        f"the open is the close of the day before: line 3 ({DAYS[1]}) to line 601 ({DAYS[599]}); "
        "ranges have no gap there"
    )


def test_days_without_a_range_are_counted() -> None:
    closes, bars = walk()
    for part in (bars.open, bars.high, bars.low):
        part[100:110] = closes[100:110]
    bars.high[200] = np.nan
    ranges, (told,) = read(closes, bars)
    assert np.isnan(ranges).sum() == 11 and told.kind is NoteKind.READ
    assert told.text.startswith(
        f"11 days without a range (line 102 ({DAYS[100]}) to line 202 ({DAYS[200]})): open"
    )


def test_bars_that_are_closes_alone_are_no_ranges_and_not_told() -> None:
    closes, bars = walk()
    ranges, notes = read(closes, Bars(closes, closes, closes, bars.volume))
    assert np.isnan(ranges).all() and notes == []


def test_prices_of_zero_are_missing_ones() -> None:
    prices = prices_of([100.0, 101.0, 99.0], open=[100.0, 0.0, 101.0])
    ranges = history_of(prices).ranges
    assert ranges is not None and np.isfinite(ranges[:, 0]).tolist() == [False, True]


@pytest.mark.parametrize(
    ("file", "first", "left", "wild"),
    [
        pytest.param("market/EURUSD.csv", 415, None, 801, marks=shared),
        pytest.param("messy/yahoo_EURUSD_badticks_2003_2010.csv", 1721, 1705, 1117, marks=shared),
    ],
)
def test_euro_bars_of_yahoo_are_told_to_hold_the_next_day(
    file: str, first: int, left: int | None, wild: int
) -> None:
    """Both files have them from 2010-08-05, where the close becomes equal to the open."""
    prices = PriceFile(path=str(DATA / file)).fetch("EURUSD")
    told = [note.text for note in prices.notes if note.kind is NoteKind.WARNING]
    assert any(
        text.startswith(f"high and low belong to the next day: line {first} (2010-08-05) to ")
        for text in told
    )
    assert any(f"far from the closes: line {wild} (" in text for text in told)
    ranges = history_of(prices).ranges
    if left is None:
        assert ranges is None
    else:
        assert ranges is not None and np.isfinite(ranges).sum() == left
        assert np.isnan(ranges[first - 3 :]).all() and np.isfinite(ranges[first - 4])


@pytest.mark.shared
@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here")
@pytest.mark.parametrize("asset", ["KO", "SP500", "VIX", "GC=F", "BTC-USD", "KS11", "005930.KS"])
def test_real_bars_are_right_and_their_twins_a_day_off_are_found(asset: str) -> None:
    """Most days of the twins are left out: 80 % of VIX, which moves at night, 95 % of others."""
    prices = PriceFile(path=str(DATA / f"market/{asset}.csv")).fetch(asset)
    assert prices.bars is not None
    closes, bars = prices.values[:, 0], prices.bars.each(lambda values: values[:, 0])
    found = judged_ranges(closes, bars)
    assert found.faults == ()
    for by, owner in ((1, "next day"), (-1, "day before")):
        twin = stretches(judged_ranges(closes, moved(bars, by)), owner)
        assert sum(stop - first for first, stop in twin) > 0.75 * len(closes)
