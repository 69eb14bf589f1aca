"""The page of prices: complete in itself, safe, deterministic, and small for long histories."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
from made_quotes import business_days, made_bars, made_closes, made_quotes
from page_tags import expect_sound

from simgan.market.prices import Prices, panel, warned
from simgan.report.prices.figures import Timeline, gaps_of, illustrate, thinned
from simgan.report.prices.inspection import (
    InspectedAsset,
    Inspection,
    RawRow,
    inspected,
    unread,
)
from simgan.report.prices.page import render_page

HOSTILE = "<script>alert('x')</script> & $dollar$"


def single(asset: InspectedAsset) -> Inspection:
    return Inspection(name=asset.name, origin="ko.csv", assets=(asset,), refusal=asset.refusal)


@cache
def page() -> str:
    closes = made_closes(300)
    dates = np.delete(business_days(320), slice(100, 120))
    quotes = made_quotes(
        closes=closes,
        dates=dates,
        bars=made_bars(closes),
        notes=(warned("the price jumps on 2018-03-01"), warned(HOSTILE)),
        asset=HOSTILE,
    )
    return render_page(single(inspected(quotes)))


def test_the_page_is_sound_and_names_no_other_place() -> None:
    expect_sound(page())


def test_names_and_notes_are_text() -> None:
    assert "<script" not in page()
    assert "$dollar$" in page()


def test_the_same_input_gives_the_same_bytes() -> None:
    assert page() == page.__wrapped__()


def test_the_page_says_everything_that_was_understood() -> None:
    for text in ("UTF-8", "YYYY-MM-DD", "Close, Open", "300 of 300 rows", "line 301", "1,234,567"):
        assert text in page()
    parts = re.findall(r'<(?:section|figure) id="([\w-]+)"', page())
    assert parts == ["facts", "notes", "figure-prices", "figure-volatility", "figure-bars", "rows"]


def test_a_warning_stands_on_the_time_axis_and_below_the_figure() -> None:
    [notes] = re.findall(r'<ol class="notes" aria-label="Marks.*?</ol>', page(), re.DOTALL)
    assert '<li value="1" id="mark-1">the price jumps on 2018-03-01</li>' in notes
    assert page().count("<!-- 1 -->") == 0
    assert page().count(">1</text>") >= 6  # one in each panel


def test_a_gap_is_marked(unrendered: None) -> None:
    dates = np.delete(business_days(320), slice(100, 120))
    shown = Timeline.of(inspected(made_quotes(dates=dates)))
    assert [(str(a), str(b)) for a, b in shown.gaps] == [("2018-05-18", "2018-06-18")]
    names = [entry.name for entry in illustrate(inspected(made_quotes(dates=dates)))[0].legend]
    assert "gap" in names
    assert gaps_of(business_days(300), 1.0) == ()
    weekly = np.arange("2018-01-01", "2018-12-31", 7, "datetime64[D]")
    assert gaps_of(weekly, 7.0) == ()
    assert len(gaps_of(np.delete(weekly, slice(10, 15)), 7.0)) == 1


def test_a_refused_file_has_a_page_with_its_faults(unrendered: None) -> None:
    closes = made_closes(100)
    closes[40] = -1.0
    asset = inspected(made_quotes(closes=closes))
    text = render_page(single(asset))
    assert 'class="verdict refused"' in text
    assert "line 42" in text
    assert "refused" in [entry.name for entry in illustrate(asset)[0].legend]


def test_figures_need_two_days(unrendered: None) -> None:
    assert illustrate(inspected(made_quotes(1))) == ()
    assert len(illustrate(inspected(made_quotes(2)))[0].panels) == 2
    assert len(illustrate(inspected(made_quotes(2)))[1].panels) == 1  # too short for volatility
    assert len(illustrate(inspected(made_quotes(43)))[1].panels) == 2


def test_a_long_history_is_drawn_with_few_points_and_all_extremes() -> None:
    values = np.random.default_rng(1).standard_normal(100_000)
    values[77_777], values[50_001], values[10] = 99.0, -99.0, np.nan
    rows = thinned(values)
    assert len(rows) <= 2_800
    assert {0, 50_001, 77_777, 99_999} <= set(rows)
    assert len(thinned(values[:2_800])) == 2_800


def test_a_panel_shows_all_tickers_relative_to_the_first_day() -> None:
    assets = (
        inspected(made_quotes()),
        inspected(made_quotes(asset="PEP", closes=made_closes(300, 2))),
    )
    joined = panel([asset.prices for asset in assets if asset.prices])
    text = render_page(Inspection(name="p", origin="p.csv", assets=assets, panel=joined))
    expect_sound(text)
    assert re.findall(r'<(?:section|figure) id="([\w-]+)"', text) == [
        "facts",
        "figure-panel",
        "tickers",
    ]
    assert '<th scope="row">PEP</th>' in text


@pytest.mark.parametrize("count", [2, 30])
def test_many_tickers_are_drawn_without_a_legend(count: int, unrendered: None) -> None:
    prices = [
        Prices(business_days(50), made_closes(50, n)[:, np.newaxis], (f"T{n}",))
        for n in range(count)
    ]
    assets = tuple(
        InspectedAsset(quotes=made_quotes(50, asset=one.assets[0]), prices=one) for one in prices
    )
    text = render_page(Inspection(name="p", origin="p", assets=assets, panel=panel(prices)))
    assert ('<ul class="legend">' in text) == (count == 2)


def test_prices_that_never_trade_are_drawn(unrendered: None) -> None:
    asset = InspectedAsset(quotes=made_quotes(closes=np.full(60, 7.0)), refusal="constant")
    assert len(illustrate(asset)) == 2


def test_refused_prices_have_no_clean_bill() -> None:
    closes = made_closes(100)
    closes[40] = -1.0
    html = render_page(single(inspected(made_quotes(closes=closes))))
    assert "Not judged: the prices are refused." in html
    assert "No reason for doubt was found." not in html
    raw = (RawRow("line 2", ("03/04/2018", HOSTILE)),)
    html = render_page(single(unread("KO", {"separator": "comma"}, "no", ("a", "b"), raw)))
    expect_sound(html)
    assert "03/04/2018" in html and "<script" not in html
