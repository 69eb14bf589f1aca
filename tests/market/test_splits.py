"""Splits of the source: earlier prices are divided by them where nobody did it."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.market import Bars, Prices, Quotes, Scope, judged
from simgan.market.prices import NoteKind
from simgan.seeds import Seed

DAYS, AT = 120, 60
DATES = np.busday_offset("2018-01-01", np.arange(DAYS), roll="forward")
TRUE = np.asarray(50 * np.exp(np.cumsum(0.01 * Seed(4).stream("baseline").standard_normal(DAYS))))


def splits_at(*days: int, ratio: float = 2.0) -> np.ndarray:
    splits = np.ones(DAYS)
    splits[list(days)] = ratio
    return splits


def traded(*days: int, ratio: float = 2.0) -> np.ndarray:
    """Closes as traded: before each split they are `ratio` times the adjusted ones."""
    closes = TRUE.copy()
    for day in days:
        closes[:day] *= ratio
    return closes


def of(closes: np.ndarray, splits: np.ndarray, **more: object) -> Quotes:
    asked = {"place": lambda row: f"line {row + 2}", "splits": splits} | more
    return Quotes("X", DATES[: len(closes)], closes, **asked)  # type: ignore[arg-type]


def told(prices: Prices) -> list[str]:
    return [note.text for note in prices.notes if note.kind is NoteKind.WARNING]


@pytest.mark.parametrize("ratio", [1.5, 2.0, 4.0, 50.0, 200.0, 0.1, 1 / 30])
def test_closes_as_traded_are_divided_by_the_split_and_told(ratio: float) -> None:
    checked = judged(of(traded(AT, ratio=ratio), splits_at(AT, ratio=ratio)))
    np.testing.assert_allclose(checked.values[:, 0], TRUE, rtol=1e-12)
    words = f"{ratio:g}-for-1" if ratio >= 2 else f"1-for-{1 / ratio:.0f}"
    words = "3-for-2" if ratio == 1.5 else words
    assert told(checked) == [
        f"the closes were not adjusted for the split {words} at line {AT + 2} ({DATES[AT]}): "
        "all earlier prices were divided by its ratio"
    ]


@pytest.mark.parametrize("ratio", [1.5, 4.0, 0.1])
def test_closes_that_are_adjusted_already_stay_as_they_are(ratio: float) -> None:
    checked = judged(of(TRUE, splits_at(AT, ratio=ratio)))
    np.testing.assert_array_equal(checked.values[:, 0], TRUE)
    assert told(checked) == []


def test_a_split_that_the_closes_contradict_is_told_and_not_applied() -> None:
    """They fall to a fourth, and the source says 2-for-1."""
    checked = judged(of(traded(AT, ratio=4.0), splits_at(AT)))
    np.testing.assert_array_equal(checked.values[:, 0], traded(AT, ratio=4.0))
    assert len(told(checked)) == 2  # and the jump looks like a split of its own
    assert (
        "cannot be told whether the closes are adjusted for the split 2-for-1" in told(checked)[0]
    )


def test_a_small_split_follows_the_large_one_of_the_same_source() -> None:
    """5 % more shares cannot be told from a day of the market."""
    splits = splits_at(AT)
    splits[90] = 1.05
    closes = traded(AT)
    closes[:90] *= 1.05
    np.testing.assert_allclose(judged(of(closes, splits)).values[:, 0], TRUE, rtol=1e-12)
    adjusted = judged(of(TRUE, splits))
    np.testing.assert_array_equal(adjusted.values[:, 0], TRUE)
    assert told(adjusted) == []
    (alone,) = told(judged(of(TRUE, splits_at(90, ratio=1.05))))
    assert "cannot be told whether" in alone


def test_a_split_on_a_day_without_a_price_takes_effect_on_the_next() -> None:
    closes = traded(AT)
    closes[AT] = np.nan
    checked = judged(of(closes, splits_at(AT)))
    np.testing.assert_allclose(checked.values[:, 0], np.delete(TRUE, AT), rtol=1e-12)


def test_splits_of_other_days_than_those_asked_for_do_not_matter() -> None:
    rows = of(traded(AT), splits_at(AT))
    for scope, days in (
        (Scope(end=str(DATES[AT - 1])), slice(AT)),
        (Scope(start=str(DATES[AT])), slice(AT, None)),
    ):
        checked = judged(rows, scope)
        np.testing.assert_array_equal(checked.values[:, 0], rows.closes[days])
        assert told(checked) == []


def test_the_order_of_rows_does_not_matter_for_splits() -> None:
    rows, newest = of(traded(AT), splits_at(AT)), slice(None, None, -1)
    backwards = Quotes(
        "X", DATES[newest], rows.closes[newest], rows.place, splits=splits_at(AT)[newest]
    )
    np.testing.assert_array_equal(judged(rows).values, judged(backwards).values)


def test_prices_of_bars_are_divided_and_their_volume_multiplied() -> None:
    raw = traded(AT)
    volume = np.full(DAYS, 100.0)
    checked = judged(of(raw, splits_at(AT), bars=Bars(raw, raw * 1.01, raw * 0.99, volume)))
    assert checked.bars is not None
    np.testing.assert_allclose(checked.bars.high[:, 0], TRUE * 1.01, rtol=1e-12)
    assert checked.bars.volume[:, 0].tolist() == [200.0] * AT + [100.0] * (DAYS - AT)


def test_bars_beside_adjusted_closes_get_the_factor_of_dividends_and_splits() -> None:
    """Alpha Vantage has bars as traded beside closes that are adjusted for both."""
    raw, dividends = traded(AT), np.where(np.arange(DAYS) < 30, 0.97, 1.0)
    bars = Bars(raw, raw, raw * 0.99, np.full(DAYS, 100.0))
    checked = judged(of(TRUE * dividends, splits_at(AT), raw_closes=raw, bars=bars))
    assert checked.bars is not None and told(checked) == []
    np.testing.assert_allclose(checked.bars.low[:, 0], TRUE * dividends * 0.99, rtol=1e-12)
    assert checked.bars.volume[[0, -1], 0].tolist() == [200.0, 100.0]


def test_bars_that_are_adjusted_for_splits_keep_their_volume() -> None:
    """As those of Yahoo."""
    bars = Bars(TRUE, TRUE, TRUE, np.full(DAYS, 100.0))
    checked = judged(of(TRUE * 0.9, splits_at(AT), raw_closes=TRUE, bars=bars))
    assert checked.bars is not None
    assert set(checked.bars.volume[:, 0]) == {100.0}


def test_a_split_that_a_wrong_price_hides_is_found_when_the_price_is_left_out() -> None:
    closes = traded(AT)
    closes[AT] = 100 * closes[AT]
    checked = judged(of(closes, splits_at(AT)), Scope(on_bad_rows="drop"))
    np.testing.assert_allclose(checked.values[:, 0], np.delete(TRUE, AT), rtol=1e-12)
    assert any("not adjusted for the split 2-for-1" in text for text in told(checked))
