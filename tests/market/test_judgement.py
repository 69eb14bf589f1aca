"""Judgement of rows: repairs are told, and faults stop with the places of all of them."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgan.errors import PriceError
from simgan.market import Bars, Prices, Quotes, Scope, judged
from simgan.market.prices import Fault, NoteKind, read_as

USUAL = [100.0, 101.0, 99.5, 100.2, 100.9]
DROP = Scope(on_bad_rows="drop")


def quotes(values: list[float], dates: list[str] | None = None, **more: object) -> Quotes:
    """Quotes with line numbers as of a file with one header line."""
    days = (
        np.array(dates, "datetime64[D]")
        if dates
        else np.busday_offset("2020-01-01", np.arange(len(values)), roll="forward")
    )
    asked = {"place": lambda row: f"line {row + 2}", "origin": "X"} | more
    return Quotes("X", days, np.array(values, float), **asked)  # type: ignore[arg-type]


def bars_of(closes: np.ndarray, volume: list[float] | None = None, **more: np.ndarray) -> Bars:
    fields = dict.fromkeys(("open", "high", "low"), closes) | more
    return Bars(**fields, volume=np.full(len(closes), 5.0) if volume is None else np.array(volume))


def texts(prices: Prices, kind: NoteKind | None = None) -> list[str]:
    return [note.text for note in prices.notes if kind in (None, note.kind)]


def test_usual_prices_pass_unchanged_and_unremarked() -> None:
    rows = quotes(USUAL, notes=(read_as("read"),), facts={"layout": "plain"})
    checked = judged(rows)
    assert np.array_equal(checked.values[:, 0], rows.closes)
    assert texts(checked) == ["read"]
    assert checked.facts == {"layout": "plain"} and checked.bars is None


# faults


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (0.0, r"1 price of zero: 0 at line 4 \(2020-01-03\); correct"),
        (-3.0, r"1 price below zero: -3 at line 4 \(2020-01-03\)"),
        (np.inf, r"1 infinite price: line 4 \(2020-01-03\); correct"),
    ],
)
def test_a_price_that_is_not_positive_and_finite_is_refused_with_its_place(
    bad: float, told: str
) -> None:
    with pytest.raises(PriceError, match=told):
        judged(quotes([100.0, 101.0, bad, 100.0]))


def test_a_refusal_begins_with_the_file() -> None:
    for values in ([100.0, -1.0], [7.0, 7.0], []):
        with pytest.raises(PriceError, match=r"^data/ko\.csv: "):
            judged(quotes(values, origin="data/ko.csv"))
    with pytest.raises(PriceError, match=r"^data/ko\.csv: there is no price from 2021"):
        judged(quotes(USUAL, origin="data/ko.csv"), Scope("2021-01-01"))


@pytest.mark.parametrize("faults", [(), (Fault(2, "'-' is no number"),)])
def test_bad_adjusted_closes_name_the_column_of_closes_that_is_there(
    faults: tuple[Fault, ...],
) -> None:
    raw = np.array(USUAL)
    rows = quotes([*USUAL[:2], np.nan if faults else np.inf, *USUAL[3:]], faults=faults)
    facts = {"column": "Adj Close", "unadjusted column": "Last Price"}
    with_close = replace(rows, raw_closes=raw, facts=facts)
    with pytest.raises(PriceError, match=r"'Last Price' has prices there: --column 'Last Price'"):
        judged(with_close)
    for twin in (rows, replace(with_close, raw_closes=rows.closes)):
        with pytest.raises(PriceError) as refused:
            judged(twin)
        assert "--column" not in str(refused.value)


@pytest.mark.parametrize("name", ["Close", "Client's $HOME", "a\\b", "Closing\nprice"])
def test_the_other_column_is_one_word_for_a_shell(name: str) -> None:
    facts = {"column": "Adj Close", "unadjusted column": name}
    rows = quotes([*USUAL[:2], np.inf, *USUAL[3:]])
    with pytest.raises(PriceError) as refused:
        judged(replace(rows, raw_closes=np.array(USUAL), facts=facts))
    words = shlex.split(str(refused.value).partition("prices there: ")[2])
    assert words[:4] == ["--column", name.replace("\n", " "), "takes", "it;"]


def test_faults_of_a_download_are_not_to_be_corrected_in_a_file() -> None:
    with pytest.raises(PriceError) as refused:
        judged(quotes([100.0, 0.0, 101.0], origin=""))
    assert str(refused.value).endswith(
        "; use --prices FILE, or leave them out with --on-bad-rows drop"
    )


def test_a_negative_price_of_crsp_is_a_mean_of_bid_and_ask() -> None:
    with pytest.raises(PriceError, match="CRSP gives the mean of bid and ask"):
        judged(quotes([100.0, -101.0, 99.0], facts={"column": "PRC"}))


def test_a_place_that_is_a_date_is_told_once() -> None:
    days = np.array(["2020-01-02", "2020-01-03"], "datetime64[D]")
    with pytest.raises(PriceError, match="-1 at 2020-01-03;"):
        judged(Quotes("X", days, np.array([100.0, -1.0]), place=lambda row: str(days[row])))


def test_all_faults_are_told_at_once_by_kind() -> None:
    values = [*USUAL, 0.0, 100.0, -2.0, 100.0, 101.0, 99.0, *USUAL * 10]
    dates = _days(len(values))
    dates[10] = dates[9]
    rows = quotes(values, dates, faults=(Fault(2, "'x' in column 'Close' is no number"),))
    rows.closes[14] *= 1000
    with pytest.raises(PriceError) as refused:
        judged(rows)
    assert str(refused.value) == (
        "X: 1 row that cannot be read: line 4: 'x' in column 'Close' is no number; "
        "1 price of zero: 0 at line 7 (2020-01-08); "
        "1 price below zero: -2 at line 9 (2020-01-10); "
        "1 day with different prices: line 11 and line 12 (2020-01-14): 101 and 99; "
        "1 jump of 50-fold or more and back: line 16 (2020-01-21) (up 1,007-fold); "
        "a negative price has no log return; use --start 2020-01-22; "
        "correct these rows or remove them, or leave them out with --on-bad-rows drop"
    )
    kept = judged(rows, DROP)
    assert kept.values[:, 0].tolist() == [
        *(100.0, 101.0, 100.2, 100.9, 100.0, 100.0),
        *(100.0, 101.0, 99.5, 100.9),
        *USUAL * 9,
    ]
    assert texts(kept, NoteKind.WARNING) == [
        "left out: 1 row that cannot be read: line 4: 'x' in column 'Close' is no number; "
        "1 price of zero: 0 at line 7 (2020-01-08); "
        "1 price below zero: -2 at line 9 (2020-01-10); "
        "1 day with different prices: line 11 and line 12 (2020-01-14): 101 and 99; "
        "1 jump of 50-fold or more and back: line 16 (2020-01-21) (up 1,007-fold)"
    ]


def test_long_lists_of_faults_are_cut_and_counted() -> None:
    with pytest.raises(PriceError, match=r"20 prices below zero: .*line 6 \(.*\) and 15 more"):
        judged(quotes([-1.0] * 20))


def test_a_series_that_is_mostly_wrong_is_refused_even_where_rows_may_be_left_out() -> None:
    rows = quotes([100.0 + day % 7 for day in range(51)])
    rows.closes[3:8] = 0.0
    assert len(judged(rows, DROP).dates) == 46
    rows.closes[8] = 0.0
    told = r"^X: 6 of 51 rows \(12 %\) are wrong, .*: 6 prices of zero: .*`simgan data show FILE`"
    for scope in (Scope(), DROP):
        with pytest.raises(PriceError, match=told) as error:
            judged(rows, scope)
        assert "--on-bad-rows" not in str(error.value)
    assert len(judged(quotes([0.0, 1.0, 0.0, 0.0, 1.1]), DROP).dates) == 2  # a short table


def test_dates_in_the_future_are_refused_with_a_hint_at_the_thai_calendar() -> None:
    thai = quotes([1.0, 1.1, 1.2], ["2561-10-01", "2561-10-02", "2561-10-03"])
    with pytest.raises(PriceError, match=r"3 dates in the future: line 2 .*subtract 543"):
        judged(thai)
    with pytest.raises(PriceError, match="1 date in the future: line 6 ") as refused:
        judged(quotes(USUAL, [*_days(4), "2999-01-01"]))
    assert "Buddhist" not in str(refused.value)
    assert len(judged(quotes(USUAL, [*_days(4), "2999-01-01"]), DROP).dates) == 4


def test_dates_of_a_calendar_that_is_behind_are_refused() -> None:
    rows = quotes([1.0, 1.1, 1.2], ["1395-10-01", "1395-10-02", "1395-10-03"])
    for scope in (Scope(), DROP):
        with pytest.raises(PriceError, match=r"3 dates before the year 1600: line 2 .*Persian"):
            judged(rows, scope)


def _days(count: int) -> list[str]:
    days = np.busday_offset("2020-01-01", np.arange(count), roll="forward")
    return [str(day) for day in days]


# a price below zero


def test_a_negative_price_is_refused_with_the_days_before_and_after_it() -> None:
    oil = quotes([20.0 + 0.01 * i for i in range(40)])
    oil.closes[20] = -37.63
    with pytest.raises(PriceError, match="use --end 2020-01-28 or --start 2020-01-30"):
        judged(oil)
    assert len(judged(oil, Scope(end="2020-01-28")).dates) == 20
    assert len(judged(oil, Scope(start="2020-01-30")).dates) == 19
    with pytest.raises(PriceError, match=r"log return; use --end 2020-01-28; correct"):
        judged(oil, Scope(end="2020-01-29"))


def test_a_spread_has_no_log_returns() -> None:
    with pytest.raises(PriceError, match=r"a spread, a rate .* has no log returns"):
        judged(quotes([1.0, -1.0, 2.0, -2.0, 1.0, 1.5]))


# rows outside of the days asked for


def test_faults_outside_of_the_days_asked_for_neither_stop_nor_warn() -> None:
    values = [0.0, -1.0, 100.0, 101.0, 100.5, 1e9]
    rows = quotes(values, faults=(Fault(0, "x"),))
    checked = judged(rows, Scope("2020-01-03", "2020-01-07"))
    assert checked.values[:, 0].tolist() == [100.0, 101.0, 100.5] and checked.notes == ()


def test_a_row_without_a_date_counts_where_its_neighbours_are_asked_for() -> None:
    dates = ["2020-01-01", "NaT", "2020-01-03", "2020-01-06", "2020-01-07"]
    rows = quotes(USUAL, dates, faults=(Fault(1, "'Jan' is no date"),))
    assert len(judged(rows, Scope("2020-01-03")).dates) == 3
    with pytest.raises(PriceError, match="line 3: 'Jan' is no date"):
        judged(rows, Scope("2020-01-02"))
    newest_first = replace(
        rows, dates=rows.dates[::-1], closes=rows.closes[::-1], faults=(Fault(3, "lost"),)
    )
    assert len(judged(newest_first, Scope("2020-01-03")).dates) == 3
    with pytest.raises(PriceError, match="line 5: lost"):
        judged(newest_first)


def test_a_range_without_a_price_is_refused_with_the_range_of_the_prices() -> None:
    with pytest.raises(PriceError, match=r"no price from 2021-01-01; .*2020-01-01 to 2020-01-07"):
        judged(quotes(USUAL), Scope("2021-01-01"))


# repairs


def test_rows_without_a_price_are_left_out_and_told() -> None:
    checked = judged(quotes([100.0, np.nan, 101.0]))
    assert checked.values[:, 0].tolist() == [100.0, 101.0]
    assert texts(checked, NoteKind.REPAIR) == ["1 row without a price left out"]


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ([4, 3, 2, 1, 0], "rows put in the order of time (they began with the newest)"),
        ([2, 0, 1, 4, 3], "rows put in the order of time"),
    ],
)
def test_rows_in_another_order_are_sorted_and_told(order: list[int], told: str) -> None:
    dates = [_days(5)[i] for i in order]
    checked = judged(quotes([USUAL[i] for i in order], dates))
    assert checked.values[:, 0].tolist() == USUAL
    assert texts(checked) == [told]


def test_exact_duplicates_are_left_out_and_told() -> None:
    dates = [*_days(5), _days(5)[1]]
    checked = judged(quotes([*USUAL, USUAL[1]], dates))
    assert checked.values[:, 0].tolist() == USUAL
    assert "1 exact duplicate left out" in texts(checked, NoteKind.REPAIR)


def test_of_a_day_given_twice_with_the_same_prices_the_larger_volume_stays() -> None:
    values = np.array([*USUAL, USUAL[4]])
    rows = quotes(
        values.tolist(), [*_days(5), _days(5)[4]], bars=bars_of(values, [1, 2, 3, 4, 5, 99])
    )
    checked = judged(rows)
    assert checked.bars is not None and checked.bars.volume[:, 0].tolist() == [1, 2, 3, 4, 99]
    assert texts(checked) == [
        "1 row left out: prices of a day again, with another volume: line 6 (2020-01-07)"
    ]


def test_a_day_with_different_prices_stops_and_leaves_the_day_out_on_demand() -> None:
    rows = quotes([*USUAL, 99.0], [*_days(5), _days(5)[1]])
    with pytest.raises(PriceError, match=r"line 3 and line 7 \(2020-01-02\): 101 and 99"):
        judged(rows)
    assert judged(rows, DROP).values[:, 0].tolist() == [100.0, 99.5, 100.2, 100.9]


def test_a_different_high_is_a_different_price_and_named() -> None:
    values = np.array([*USUAL, USUAL[4]])
    bars = bars_of(values, high=np.array([*USUAL[:4], 102.0, 103.0]))
    with pytest.raises(PriceError, match=r"line 6 and line 7 \(2020-01-07\): high 102 and 103"):
        judged(quotes(values.tolist(), [*_days(5), _days(5)[4]], bars=bars))


def test_single_precision_makes_no_different_price() -> None:
    rows = quotes([*USUAL, float(np.float32(100.9))], [*_days(5), _days(5)[4]])
    assert len(judged(rows).dates) == 5


def test_several_rows_on_most_days_are_taken_for_intraday_bars() -> None:
    with pytest.raises(PriceError, match=r"2 days with different .* are these intraday bars"):
        judged(quotes([1.0, 1.1, 1.2, 1.3], ["2020-01-01"] * 2 + ["2020-01-02"] * 2))


# jumps in units


@pytest.mark.parametrize("factor", [100.0, 0.01, 1000.0])
def test_a_hundredfold_jump_that_reverses_is_refused_and_left_out_on_demand(factor: float) -> None:
    rows = quotes([100.0, 101.0, 99.5 * factor, 98.0 * factor, 100.2, 100.9])
    with pytest.raises(PriceError, match=r"and back: line 4 \(2020-01-03\) to line 5"):
        judged(rows)
    assert judged(rows, DROP).values[:, 0].tolist() == [100.0, 101.0, 100.2, 100.9]


def test_two_wrong_units_in_a_row_are_one_stretch() -> None:
    rows = quotes([100.0, 101.0, 9950.0, 1.0, 100.2, 100.9])
    assert judged(rows, DROP).values[:, 0].tolist() == [100.0, 101.0, 100.2, 100.9]


def test_a_long_time_in_another_unit_is_refused_always() -> None:
    rows = quotes([*USUAL, *(100 * p for p in USUAL * 3), *USUAL])
    for scope in (Scope(), DROP):
        with pytest.raises(PriceError, match=r"a long time later.*bring all prices to one unit"):
            judged(rows, scope)


@pytest.mark.parametrize("factor", [85.0, 100.0, 115.0, 1 / 85, 1 / 115])
def test_a_change_of_unit_for_good_is_refused_always(factor: float) -> None:
    """A day may move the price by 20 % when the unit changes (../shared/cases, case08)."""
    rows = quotes([100.0, 100.0, *(p * factor for p in USUAL)])
    for scope in (Scope(), DROP):
        with pytest.raises(PriceError, match="use --end 2020-01-02 or --start 2020-01-04"):
            judged(rows, scope)


@pytest.mark.parametrize("factor", [60.0, 1000.0])
def test_a_jump_for_good_that_is_not_by_a_hundred_is_told(factor: float) -> None:
    rows = quotes([100.0, 100.5, *(p * factor for p in USUAL)])
    assert "missing split" in texts(judged(rows), NoteKind.WARNING)[0]


# nothing to learn


def test_constant_prices_are_refused() -> None:
    with pytest.raises(PriceError, match="all 3 prices are 7"):
        judged(quotes([7.0, 7.0, 7.0]))


def test_no_prices_are_refused() -> None:
    with pytest.raises(PriceError, match="no prices"):
        judged(quotes([]))
    with pytest.raises(PriceError, match="no prices"):
        judged(quotes([np.nan, np.nan]))


# bars


def test_bars_are_adjusted_by_the_factor_of_the_closes() -> None:
    raw = np.array([100.0, 102.0, 104.0])
    bars = bars_of(raw, [1, 2, 3], high=raw + 1)
    checked = judged(quotes((raw / 2).tolist(), raw_closes=raw, bars=bars))
    assert checked.bars is not None
    assert checked.bars.high[:, 0].tolist() == [50.5, 51.5, 52.5]
    assert checked.bars.volume[:, 0].tolist() == [1, 2, 3]


def test_bars_of_zero_or_below_are_missing_ones() -> None:
    closes = np.array([100.0, 101.0])
    bars = bars_of(closes, [0.0, -1.0], open=np.array([0.0, 101.0]), low=np.array([-5.0, np.inf]))
    checked = judged(quotes(closes.tolist(), bars=bars))
    assert checked.bars is not None
    assert np.isnan(checked.bars.open[:, 0]).tolist() == [True, False]
    assert np.isnan(checked.bars.low).all()
    assert checked.bars.volume[:, 0].tolist() == pytest.approx([0.0, np.nan], nan_ok=True)


def test_bars_without_any_value_are_none() -> None:
    empty = np.full(5, np.nan)
    assert judged(quotes(USUAL, bars=Bars(empty, empty, empty, empty))).bars is None


def test_bars_that_contradict_themselves_are_kept_and_counted() -> None:
    closes = np.array(USUAL)
    bars = bars_of(closes, high=closes - np.array([0, 3, 0, 0, 0]))
    checked = judged(quotes(USUAL, bars=bars))
    assert texts(checked, NoteKind.READ) == [
        "1 bar with a price outside of high and low kept as in the source"
    ]
    assert checked.bars is not None and checked.bars.high[1, 0] == 98.0


# properties

SERIES = st.lists(
    st.sampled_from([90.0, 100.0, 101.0, 105.0, 210.0, 300.0, 1e4, 0.0, -1.0, np.nan]),
    min_size=2,
    max_size=14,
)


def _outcome(rows: Quotes, scope: Scope) -> object:
    """Values, and all notes but those on the order and places. Or the counts of a refusal."""
    try:
        prices = judged(rows, scope)
    except PriceError as error:
        return sorted(_without_places(str(error)))
    told = [note.text for note in prices.notes if "order of time" not in note.text]
    return prices.dates.tolist(), prices.values.tolist(), sorted(_without_places(*told))


def _without_places(*sentences: str) -> list[str]:
    named = [re.sub(r"line \d+ ", "", text) for text in sentences]
    return [part.split(":")[0] for text in named for part in text.split("; ")]


@settings(max_examples=60, deadline=None)
@given(values=SERIES, data=st.data())
def test_judgement_does_not_depend_on_the_order_of_rows(
    values: list[float], data: st.DataObject
) -> None:
    days = data.draw(st.lists(st.integers(0, 12), min_size=len(values), max_size=len(values)))
    dates = [_days(13)[day] for day in days]
    order = data.draw(st.permutations(range(len(values))))
    shuffled = quotes([values[i] for i in order], [dates[i] for i in order])
    for scope in (Scope(), DROP):
        assert _outcome(quotes(values, dates), scope) == _outcome(shuffled, scope)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_bars_do_not_depend_on_the_order_of_rows(data: st.DataObject) -> None:
    rows = data.draw(
        st.lists(
            st.tuples(
                st.integers(0, 3),  # day
                st.sampled_from([np.nan, 100.0]),  # open
                st.sampled_from([np.nan, 102.0]),  # high
                st.sampled_from([np.nan, 0.0, 5.0, 9.0]),  # volume
            ),
            min_size=3,
            max_size=8,
        )
    )

    def bars_in(order: list[int]) -> object:
        day, opened, high, volume = (
            np.array(part) for part in zip(*(rows[i] for i in order), strict=True)
        )
        closes = 100.0 + day
        bars = Bars(opened + day, high + day, closes, volume)
        found = judged(quotes(closes.tolist(), [_days(4)[d] for d in day], bars=bars)).bars
        return found and [part.ravel().tolist() for part in vars(found).values()]

    if len({row[0] for row in rows}) > 1:
        order = data.draw(st.permutations(range(len(rows))))
        assert str(bars_in(list(range(len(rows))))) == str(bars_in(order))


@settings(max_examples=60, deadline=None)
@given(before=SERIES, values=SERIES, after=SERIES)
def test_rows_outside_of_the_days_asked_for_never_matter(
    before: list[float], values: list[float], after: list[float]
) -> None:
    days = _days(len(before) + len(values) + len(after))
    inside = slice(len(before), len(before) + len(values))
    scope = Scope(days[inside][0], days[inside][-1])
    everything = quotes([*before, *values, *after], days)
    assert _outcome(everything, scope) == _outcome(quotes(values, days[inside]), scope)
