"""Prices in a terminal: everything that was understood, in lines that fit."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from made_quotes import FACTS, business_days, made_bars, made_closes, made_quotes
from rich.cells import cell_len

from simgan.market.cached_prices import CacheEntry, EntryState
from simgan.market.prices import Bars, panel, repaired, warned
from simgan.report.prices.inspection import (
    InspectedAsset,
    Inspection,
    RawRow,
    inspected,
    unread,
)
from simgan.report.prices.kept import render_list, size_of
from simgan.report.prices.text import BLOCKS, render_text, sparkline

HOSTILE = ("[bold]KO[/bold]", "<script>", "삼성전자", "K:smile:O", "x" * 150)


def single(asset: InspectedAsset) -> Inspection:
    return Inspection(name="ko", origin="prices/ko.csv", assets=(asset,), refusal=asset.refusal)


def test_every_fact_is_a_line() -> None:
    closes, splits = made_closes(300), np.ones(300)
    splits[[10, 20]] = 4.0, 0.1
    quotes = made_quotes(
        closes=closes, bars=made_bars(closes), splits=splits, notes=(warned("look at line 3"),)
    )
    lines = render_text(single(InspectedAsset(quotes=quotes)), 100).splitlines()
    facts = dict(re.split(r"  +", line, maxsplit=1) for line in lines[:17])
    assert {topic: facts[topic] for topic in FACTS} == FACTS
    assert facts["prices"] == "prices/ko.csv"
    assert facts["fields"] == "open, high, low, volume"
    assert facts["days"] == "300 of 300 rows"
    assert facts["splits"] == "2018-01-15 4:1; 2018-01-29 1:10"
    assert facts["warnings"] == "look at line 3"
    assert facts["repairs"] == "none"


def test_the_days_that_a_fit_learns_ranges_of_are_told() -> None:
    """The first day has no return. Bars of one price have no range where it moves."""
    closes = made_closes(300)
    flat = Bars(closes, closes, closes, closes)
    for bars, days, told in (
        (made_bars(closes), 299, "299 days: a fit learns from them, and makes bars"),
        (flat, 0, "none in use: a fit learns from closes"),
        (None, 0, "none in use: a fit learns from closes"),
    ):
        asset = inspected(made_quotes(closes=closes, bars=bars))
        assert asset.to_json()["ranges"] == days
        assert re.search(rf"^ranges +{told}$", render_text(single(asset), 100), re.MULTILINE)


def test_rows_stand_with_their_lines_and_volumes() -> None:
    closes = made_closes(300)
    page = render_text(single(inspected(made_quotes(closes=closes, bars=made_bars(closes)))), 100)
    row = next(line for line in page.splitlines() if line.startswith("line 3 "))
    assert row.split()[2] == "2018-01-02"
    assert row.split()[-2:] == [f"{closes[1]:.10g}", "0"]
    assert "1,234,567" in page


def test_a_refused_file_shows_its_facts_without_the_reason() -> None:
    """The command tells the reason as an error, and it stands there once."""
    closes = made_closes(30)
    closes[3] = -1.0
    page = render_text(single(inspected(made_quotes(closes=closes))), 100)
    assert "UTF-8" in page and "line 2" in page
    assert "cannot be read" not in page
    empty = Inspection(name="x", origin="x.csv", facts={"encoding": "CP949"}, refusal="no")
    assert "CP949" in render_text(empty)


def test_tickers_are_a_table_with_days_and_warnings() -> None:
    assets = (
        inspected(made_quotes(notes=(warned("a gap"),))),
        inspected(made_quotes(asset="PEP", dates=business_days(300, "2018-01-15"))),
    )
    joined = panel([asset.prices for asset in assets if asset.prices])
    page = render_text(Inspection(name="p", origin="p.csv", assets=assets, panel=joined), 100)
    rows = [line.split() for line in page.splitlines()]
    assert ["KO", "2018-01-01", "2019-02-22", "300", "warning:", "a", "gap"] in rows
    assert ["PEP", "2018-01-15", "2019-03-08", "300"] in rows
    assert "tickers      KO, PEP" in page
    assert "common days  290, 2018-01-15 to 2019-02-22" in page
    assert "10 of KO" in page
    apart = Inspection(name="p", origin="p.csv", assets=assets, apart="no common day")
    assert "no panel   no common day" in render_text(apart, 100)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("width", [60, 80, 200])
def test_any_name_stands_as_it_is_and_no_line_is_too_wide(name: str, width: int) -> None:
    closes = made_closes(300)
    quotes = made_quotes(closes=closes, bars=made_bars(closes), asset=name, facts={"column": name})
    page = render_text(single(inspected(quotes)), width)
    assert max(cell_len(line) for line in page.splitlines()) <= width
    assert name in "".join(page.split())


@pytest.mark.parametrize(
    ("values", "is_logarithmic", "expected"),
    [
        ([1.0, 2.0, 3.0, 8.0], False, "▁▂▃█"),  # by hand: 0, 1, 2, 7 sevenths
        ([1.0, 10.0, 1e7], True, "▁▂█"),  # by hand: 0, 1, 7 sevenths
        ([5.0, 5.0], False, "▅▅"),
        ([3.0], False, "▅"),
    ],
)
def test_blocks_are_as_high_as_the_values(
    values: list[float], is_logarithmic: bool, expected: str
) -> None:
    assert sparkline(np.array(values), 80, is_logarithmic) == expected


def test_a_sparkline_is_as_wide_as_the_terminal() -> None:
    line = sparkline(np.linspace(1.0, 2.0, 1000), 64, is_logarithmic=False)
    assert len(line) == 64
    assert (line[0], line[-1]) == (BLOCKS[0], BLOCKS[-1])


def test_a_wide_range_has_a_logarithmic_scale() -> None:
    closes = np.geomspace(1.0, 20.0, 300)
    assert "logarithmic scale" in render_text(single(inspected(made_quotes(closes=closes))))
    assert "linear scale" in render_text(single(inspected(made_quotes())))


def test_one_row_has_no_sparkline() -> None:
    page = render_text(single(inspected(made_quotes(1))))
    assert not set(BLOCKS) & set(page)


def test_rows_that_could_not_be_read_stand_as_they_are() -> None:
    raw = (RawRow("line 2", ("03/04/2018", "1,5")), RawRow("line 3", ("05/06/2018", "[bold]")))
    page = render_text(single(unread("KO", {"separator": "semicolon"}, "no", ("day", "x"), raw)))
    lines = [line.split() for line in page.splitlines()]
    assert ["place", "day", "x"] in lines
    assert ["line", "3", "05/06/2018", "[bold]"] in lines
    assert "warnings" not in page and "bars a day" not in page


def test_kept_prices_are_a_table_with_sizes_and_troubles(tmp_path: Path) -> None:
    good = CacheEntry("KO", tmp_path, "yahoo", "2018-01-01", "2018-12-31", 1250, "2026-01-02T03:04")
    bad = CacheEntry("[b]", tmp_path / "x.parquet", state=EntryState.DAMAGED, reason="no footer")
    rows = [line.split() for line in render_list([good, bad], 100).splitlines()]
    assert rows[1][:4] == ["KO", "2018-01-01", "2018-12-31", "1,250"]
    assert rows[1][-3:] == ["2026-01-02", "03:04", "yahoo"]
    assert rows[2][0] == "[b]" and "x.parquet: damaged (no footer)" in " ".join(rows[2])
    assert [size_of(n) for n in (0, 999, 12_345, 2_000_000)] == ["0 B", "999 B", "12.3 kB", "2 MB"]


def test_a_repair_of_all_tickers_is_told_once() -> None:
    order, other = repaired("rows put in the order of time"), repaired("1 duplicate left out")
    assets = (
        inspected(made_quotes(notes=(order, other))),
        inspected(made_quotes(asset="PEP", notes=(order,))),
    )
    page = render_text(Inspection(name="p", origin="p.csv", assets=assets), 100)
    assert page.count("rows put in the order of time") == 1
    assert "duplicate" not in page
