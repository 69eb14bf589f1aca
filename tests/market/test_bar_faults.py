"""Faults of bars that last: each beside fair bars, which have none."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from made_ranges import ranged_paths

from simgan.market import Bars, Prices, Quotes, history_of, judged
from simgan.market.bar_faults import BarDays
from simgan.market.prices import NoteKind
from simgan.market.ranges import JudgedRanges, judged_ranges
from simgan.market.sources.price_file import PriceFile
from simgan.seeds import Seed

DAYS = 600
MONTH = slice(300, 325)  # of 25 days
MARKET = Path(__file__).resolve().parents[2] / "../shared/data/market"

Change = Callable[[np.ndarray, Bars, slice], Bars]


def made(n: int = 1, days: int = DAYS, seed: int = 5) -> list[tuple[np.ndarray, Bars]]:
    """Return closes and bars of n fair histories with GARCH variances."""
    returns, shapes = ranged_paths(n, days, np.random.default_rng(seed))
    closes = 50 * np.exp(np.cumsum(returns, axis=1))
    opened = np.c_[np.full(n, 50.0), closes[:, :-1]] * np.exp(shapes[..., 0])
    high = np.maximum(opened, closes) * np.exp(shapes[..., 1])
    low = np.minimum(opened, closes) * np.exp(-shapes[..., 2])
    return [(closes[i], Bars(opened[i], high[i], low[i], np.full(days, 7e6 + i))) for i in range(n)]


(FAIR,) = made()


def copied(bars: Bars) -> Bars:
    return bars.each(np.copy)


def read(closes: np.ndarray, bars: Bars) -> Prices:
    dates = np.busday_offset("2010-01-04", np.arange(len(closes)), roll="forward")
    return judged(Quotes("X", dates, closes, lambda row: f"line {row + 2}", bars=bars))


def told(closes: np.ndarray, bars: Bars) -> list[str]:
    """Return the notes on bars, without the count of prices outside of high and low."""
    return [note.text for note in read(closes, bars).notes if "kept as in" not in note.text]


def left_out(found: JudgedRanges) -> np.ndarray:
    """Return the numbers of days in stretches with a fault."""
    pairs = [pair for fault in found.faults for pair in fault.stretches]
    return np.concatenate([np.arange(first, stop) for first, stop in pairs or [(0, 0)]])


def times(factor: float, *names: str) -> Change:
    """Multiply some prices of bars."""

    def change(closes: np.ndarray, bars: Bars, where: slice) -> Bars:
        for name in names:
            getattr(bars, name)[where] *= factor
        return bars

    return change


def equal(value: float, name: str) -> Change:
    """Put one number in place of a price."""

    def change(closes: np.ndarray, bars: Bars, where: slice) -> Bars:
        getattr(bars, name)[where] = value
        return bars

    return change


def wider(factor: float) -> Change:
    """Multiply the logarithm of high over low."""

    def change(closes: np.ndarray, bars: Bars, where: slice) -> Bars:
        half = (factor - 1) / 2 * np.log(bars.high / bars.low)[where]
        bars.high[where] *= np.exp(half)
        bars.low[where] *= np.exp(-half)
        return bars

    return change


def volume_for_high(closes: np.ndarray, bars: Bars, where: slice) -> Bars:
    bars.high[where] = bars.volume[where]
    return bars


def extremes_until_now(closes: np.ndarray, bars: Bars, where: slice) -> Bars:
    """Give the highest and lowest close so far, as columns of 52 weeks do."""
    bars.high[where] = np.maximum.accumulate(closes)[where]
    bars.low[where] = np.minimum.accumulate(closes)[where]
    return bars


def weeks(closes: np.ndarray, bars: Bars, where: slice) -> Bars:
    """Give open, high and low of the five days until each day."""
    high, low, opened = bars.high.copy(), bars.low.copy(), bars.open.copy()
    for day in range(4, len(closes))[where]:
        bars.high[day], bars.low[day] = high[day - 4 : day + 1].max(), low[day - 4 : day + 1].min()
        bars.open[day] = opened[day - 4]
    return bars


def unadjusted(closes: np.ndarray, bars: Bars, where: slice) -> Bars:
    """Undo four dividends of 1.5 %, as in a file of adjusted closes and raw bars."""
    dividends = 1.015 ** (4 - np.arange(len(closes)) * 4 // len(closes))
    return bars.scaled(np.where(np.isin(np.arange(len(closes)), np.r_[where]), dividends, 1.0))


def noise(closes: np.ndarray, bars: Bars, where: slice) -> Bars:
    rng = Seed(1).stream("baseline")
    opened = closes * np.exp(0.01 * rng.standard_normal(len(closes)))
    far = np.exp(0.02 * np.exp(rng.standard_normal(len(closes))))
    bars.open[where] = opened[where]
    bars.high[where] = (np.maximum(opened, closes) * far)[where]
    bars.low[where] = (np.minimum(opened, closes) / far)[where]
    return bars


LEVEL = "open, high and low are on another level than the closes"
WIDE = "high and low are about "
OUTSIDE = " lies outside of high and low on "
WHOLE = slice(1, DAYS)  # the first day has no return
ALMOST = 0.05  # share of the days of a fault that may be missed at its ends


@pytest.mark.parametrize(
    ("change", "text", "where"),
    [
        (times(100, "open", "high", "low"), f"{LEVEL}.*about 100 times the closes", MONTH),
        (times(1 / 1.5, "open", "high", "low"), f"{LEVEL}.*about 0.66[78] times", MONTH),
        (times(1.06, "open", "high", "low"), f"{LEVEL}.*about 1.06 times", MONTH),
        (times(2, "open", "high", "low"), f"{LEVEL}.*about 2 times.*both or none", slice(300, 600)),
        (unadjusted, f"{LEVEL}.*about 1.0[34] times", WHOLE),
        (times(100, "high"), f"{WIDE}.* times wider than returns allow: ", MONTH),
        (times(10, "high"), WIDE, slice(200, 600)),
        (times(1.5, "high"), WIDE, MONTH),
        (equal(0.01, "low"), WIDE, MONTH),
        (equal(99999, "high"), WIDE, MONTH),
        (volume_for_high, WIDE, MONTH),
        (extremes_until_now, WIDE, slice(100, 600)),
        (weeks, f"{WIDE}2.* times wider", WHOLE),
        (noise, f"{WIDE}.*a wrong unit or column", WHOLE),
        (wider(20), f"{WIDE}(1[5-9]|2[0-5]) times", MONTH),
        (times(1.5, "open"), f"open{OUTSIDE}25 of 2[5-7] days", MONTH),
        (equal(1, "open"), f"open{OUTSIDE}600 of 600|open{OUTSIDE}599 of 599", WHOLE),
        (times(0.9, "open"), f"open{OUTSIDE}.*they are not prices of one session", MONTH),
        (wider(0.5), f"open or close{OUTSIDE}", WHOLE),
    ],
)
def test_a_fault_that_lasts_is_left_out_with_its_reason(
    change: Change, text: str, where: slice
) -> None:
    """A month is found, and the days beside it keep their ranges but for five at most."""
    closes, bars = FAIR
    wrong = change(closes, copied(bars), where)
    found = judged_ranges(closes, wrong)
    (note,) = [note for note in told(closes, wrong) if "these days are not used" in note]
    assert re.match(text, note)
    days = left_out(found)
    expected = np.arange(DAYS)[where]
    assert len(np.setdiff1d(expected, days)) <= ALMOST * len(expected)
    assert len(np.setdiff1d(days, expected)) <= 5
    assert np.isnan(found.shapes[days - 1]).all()


@pytest.mark.parametrize("name", ["high", "low", "open"])
def test_a_fault_of_two_weeks_is_none_of_a_stretch(name: str) -> None:
    """The days are told one by one."""
    closes, bars = FAIR
    wrong = times(10, name)(closes, copied(bars), slice(300, 310))
    found = judged_ranges(closes, wrong)
    assert found.faults == () and found.wild.tolist() == list(range(300, 310))


def test_a_day_is_told_once() -> None:
    """All of these prices are far from the closes, too."""
    closes, bars = FAIR
    wrong = times(100, "high")(closes, copied(bars), slice(500, 530))
    wrong.high[100] *= 100
    found = judged_ranges(closes, wrong)
    assert found.wild.tolist() == [100] and len(found.faults) == 1


def test_two_faults_of_one_file_are_told_apart() -> None:
    closes, bars = FAIR
    wrong = times(3, "open", "high", "low")(closes, copied(bars), slice(100, 150))
    wrong = times(3, "high")(closes, wrong, slice(150, 200))
    level, wide = judged_ranges(closes, wrong).faults
    assert level.text == LEVEL and level.stretches[0] == pytest.approx((100, 150), abs=2)
    assert wide.text.startswith(WIDE) and wide.stretches[0] == pytest.approx((150, 200), abs=2)


# fair bars


def test_the_usual_move_is_the_deviation_of_normal_returns() -> None:
    """The larger one of two means lies above the deviation, by 4 % in the middle."""
    returns = 0.01 * Seed(4).stream("baseline").standard_normal(20_000)
    closes = 50 * np.exp(np.r_[0, np.cumsum(returns)])
    days = BarDays(closes[:-1], closes[1:], Bars(*[closes[1:]] * 4))
    assert np.median(days.usual) == pytest.approx(0.0104, rel=0.03)
    still = BarDays(np.ones(300), np.ones(300), Bars(*[np.ones(300)] * 4))
    assert np.isnan(still.usual).all()


def test_fair_histories_have_no_fault() -> None:
    for closes, bars in made(200, 1000, seed=6):
        found = judged_ranges(closes, bars)
        assert found.faults == () and np.isfinite(found.shapes).all()


def of_path(path: np.ndarray) -> tuple[np.ndarray, Bars]:
    """Return closes and bars of prices (days, steps within a day)."""
    ends = path.max(axis=1), path.min(axis=1)
    return path[:, -1].copy(), Bars(path[:, 0].copy(), *ends, np.full(len(path), 7.0))


def coarse() -> tuple[np.ndarray, Bars]:
    """A penny stock: most days move by one tick or none."""
    closes, bars = FAIR

    def on_ticks(prices: np.ndarray) -> np.ndarray:
        return np.round(prices / 0.5) * 0.5

    return on_ticks(closes), bars.each(on_ticks)


def thin() -> tuple[np.ndarray, Bars]:
    """A quarter of the days has no trade. A trade is at bid or ask, which are 1 % apart."""
    rng = Seed(2).stream("baseline")
    middle = 50 * np.exp(np.cumsum(0.003 * rng.standard_normal((DAYS, 10))).reshape(DAYS, 10))
    path = middle * (1 + 0.005 * rng.choice([-1, 1], (DAYS, 10)))
    for day in range(1, DAYS):
        if rng.random() < 0.25:
            path[day] = path[day - 1, -1]
    return of_path(path)


def pegged() -> tuple[np.ndarray, Bars]:
    """A rate that returns to its peg with a half-life of half a day, in steps of 0.0001."""
    steps = 50
    pull, draws = 0.5 ** (2 / steps), Seed(3).stream("baseline").standard_normal(DAYS * steps)
    rate = np.zeros(DAYS * steps)
    for step in range(1, len(rate)):
        rate[step] = pull * rate[step - 1] + 0.0002 * draws[step]
    return of_path(np.round(7.8 * (1 + rate), 4).reshape(DAYS, steps))


def settling() -> tuple[np.ndarray, Bars]:
    """A future that settles outside of high and low by half a move on one day of ten."""
    closes, bars = FAIR
    settled, days = closes.copy(), np.arange(5, DAYS, 10)
    settled[days] = bars.high[days] * 1.005
    return settled, bars


def nightly() -> tuple[np.ndarray, Bars]:
    """Four fifths of the variance lie between the sessions."""
    rng = Seed(5).stream("baseline")
    steps = 0.01 * rng.standard_normal((DAYS, 26)) / 5
    steps[:, 0] = 0.02 * rng.standard_normal(DAYS)
    return of_path(50 * np.exp(np.cumsum(steps)).reshape(DAYS, 26))


def calm_and_wild() -> tuple[np.ndarray, Bars]:
    """Every fourth month moves five times as much."""
    steps = Seed(7).stream("baseline").standard_normal((DAYS, 50))
    scale = np.where(np.arange(DAYS) // 21 % 4 == 3, 0.005, 0.001)
    return of_path(50 * np.exp(np.cumsum(scale[:, None] * steps)).reshape(DAYS, 50))


def halted() -> tuple[np.ndarray, Bars]:
    """No move for half a year."""
    closes, bars = FAIR
    days = np.r_[np.arange(200), np.full(125, 199), np.arange(200, DAYS - 125)]
    moved = bars.each(lambda prices: prices[days])
    for prices in (moved.open, moved.high, moved.low):
        prices[200:325] = closes[199]
    return closes[days], moved


@pytest.mark.parametrize("fair", [coarse, thin, pegged, settling, nightly, calm_and_wild, halted])
def test_fair_bars_of_other_markets_have_no_fault(
    fair: Callable[[], tuple[np.ndarray, Bars]],
) -> None:
    found = judged_ranges(*fair())
    assert found.faults == () and not found.is_scarce


@pytest.mark.parametrize("days", [2, 3, 20, 60])
def test_a_short_history_is_judged(days: int) -> None:
    closes, bars = FAIR
    found = judged_ranges(closes[:days], bars.each(lambda prices: prices[:days]))
    assert found.faults == () and np.isfinite(found.shapes).all()


@pytest.mark.shared
@pytest.mark.skipif(not MARKET.is_dir(), reason="../shared/data is not here")
@pytest.mark.parametrize(
    ("asset", "kept"),
    [
        ("005930.KS", 4784),
        ("AAPL", 4779),
        ("BTC-USD", 1566),
        ("GC=F", 3660),
        ("JNJ", 4779),
        ("SP500", 5030),
        ("SP500_1962_1998", 9278),
        ("VIX", 6793),
    ],
)
def test_real_bars_keep_their_ranges(asset: str, kept: int) -> None:
    """Gold settles outside of high and low, and the highs of the S&P were those of its stocks."""
    ranges = history_of(PriceFile(path=str(MARKET / f"{asset}.csv")).fetch(asset)).ranges
    assert ranges is not None and np.isfinite(ranges).sum() == kept


# files none of whose ranges is used


def written(columns: dict[str, str | None], folder: Path, close: str = "Close") -> Prices:
    """Read a file of 100 bars, with one cell in place of a column. None leaves it out."""
    closes, bars = FAIR
    rows = {"Open": bars.open, "High": bars.high, "Low": bars.low, close: closes}
    cells = {name: [f"{price:.2f}" for price in prices[:100]] for name, prices in rows.items()}
    cells |= {name: [f'"{cell}"'] * 100 for name, cell in columns.items()}
    kept = {name: column for name, column in cells.items() if columns.get(name, "") is not None}
    dates = np.busday_offset("2010-01-04", np.arange(100), roll="forward").astype(str)
    lines = [",".join(line) for line in zip(dates, *kept.values(), strict=True)]
    text = "\n".join([",".join(["Date", *kept]), *lines])
    (folder / "x.csv").write_text(text, encoding="utf-8")
    return PriceFile(path=str(folder / "x.csv")).fetch("X")


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"High": "47,12"}, "high is missing, or no positive number, on each day"),
        ({"Open": "?", "Low": "none"}, "open and low are missing, or no positive number, on each"),
        ({"Open": "0"}, "open is missing, or no positive number, on each day"),
        ({"Open": None}, "open is missing, or no positive number, on each day"),
        ({"High": "up", "Low": "down"}, "'High' and 'Low' hold no numbers, but text such as 'up'"),
        ({"High": "40", "Low": "60"}, "high is below low on 99 of 99 days"),
        ({"Open": "45", "High": "45", "Low": "45"}, "high equals low on 99 of 99 days"),
        ({"Open": "0", "High": "0", "Low": "0"}, "open, high and low are zero or below on each"),
    ],
)
def test_a_file_without_any_range_says_so_in_one_sentence(
    columns: dict[str, str | None], why: str, tmp_path: Path
) -> None:
    prices = written(columns, tmp_path)
    notes = [note for note in prices.notes if "no range is used" in note.text]
    assert [note.kind for note in notes] == [NoteKind.READ]
    assert notes[0].text.startswith(f"no range is used: {why}")
    assert history_of(prices).ranges is None


def test_a_file_with_bars_says_nothing(tmp_path: Path) -> None:
    prices = written({}, tmp_path)
    assert len(prices.notes) == 1 and history_of(prices).ranges is not None


def test_empty_highs_and_lows_promise_no_range(tmp_path: Path) -> None:
    assert len(written({"High": "", "Low": ""}, tmp_path).notes) == 1


def test_an_adjusted_close_beside_raw_bars_needs_their_close(tmp_path: Path) -> None:
    """Nothing says which factor brings the bars to the unit of the price."""
    (_, told) = written({}, tmp_path, close="Adj Close").notes
    assert told.text == "no range is used: there is no close in the unit of open, high and low"
    assert len(written({"Open": None, "High": None}, tmp_path, close="Adj Close").notes) == 1


def test_closes_and_volume_alone_say_nothing_about_ranges() -> None:
    closes, bars = FAIR
    nothing = np.full(DAYS, np.nan)
    assert told(closes, Bars(nothing, nothing, nothing, bars.volume)) == []


@pytest.mark.parametrize(("right", "names"), [(80, False), (200, True)])
def test_an_option_is_named_if_it_keeps_half_a_year(right: int, names: bool) -> None:
    closes, bars = FAIR
    wrong = times(10, "high")(closes, copied(bars), slice(right, DAYS))
    (scarce, _) = told(closes, wrong)
    assert scarce.startswith("no range is used: fewer") and ("--end" in scarce) is names
