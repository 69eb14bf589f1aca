"""Facts about prices: counted by hand, and kept where the prices are refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from made_quotes import FACTS, business_days, made_bars, made_closes, made_quotes

from simgan.market.prices import Fault, NoteKind, Prices, Scope, panel, read_as, warned
from simgan.report.prices.inspection import InspectedAsset, Inspection, day, inspected


def test_good_prices_have_their_days_fields_and_rows() -> None:
    closes = made_closes(300)
    quotes = made_quotes(closes=closes, bars=made_bars(closes))
    found = inspected(quotes)
    assert (found.refusal, found.days, found.rhythm) == ("", 300, "1")
    assert found.fields == ("open", "high", "low", "volume")
    first, last = found.shown_rows
    assert [row.place for row in first] == ["line 2", "line 3", "line 4"]
    assert [row.place for row in last] == ["line 299", "line 300", "line 301"]
    assert [row.date for row in first] == ["2018-01-01", "2018-01-02", "2018-01-03"]
    assert first[0].values["close"] == closes[0]
    assert first[1].values["volume"] == 0.0
    assert list(first[0].values) == ["open", "high", "low", "close", "volume"]


def test_rows_are_those_in_use_with_their_places_in_the_file() -> None:
    """Newest first in the file: the last row is the first day."""
    quotes = made_quotes(dates=business_days(300)[::-1])
    first, last = inspected(quotes).shown_rows
    assert (first[0].place, first[0].date) == ("line 301", "2018-01-01")
    assert last[-1].place == "line 2"


def test_the_days_asked_for_alone_are_shown() -> None:
    found = inspected(made_quotes(), Scope("2018-03-01", "2018-03-30"))
    assert found.days == 22  # weekdays of March 2018
    assert found.shown_rows[0][0].date == "2018-03-01"


@pytest.mark.parametrize("count", [1, 2, 5, 6, 7])
def test_few_rows_are_shown_once_each(count: int) -> None:
    found = InspectedAsset(quotes=made_quotes(count))
    first, last = found.shown_rows
    assert [row.place for row in (*first, *last)] == [
        f"line {row + 2}" for row in range(count) if row < 3 or row >= max(3, count - 3)
    ]


def test_refused_prices_keep_their_facts_and_their_rows_in_the_order_of_time() -> None:
    closes, dates = made_closes(40), business_days(40)[::-1].copy()
    closes[5], dates[7] = -1.0, np.datetime64("NaT")
    quotes = made_quotes(
        closes=closes, dates=dates, faults=(Fault(7, "'?' is no date"), Fault(5, "'-1' is odd"))
    )
    found = inspected(quotes)
    assert found.prices is None
    assert "line 9" in found.refusal and "line 7" in found.refusal
    assert found.days == 38  # without the two faulty rows
    assert (np.diff(found.dates.astype(int)) > 0).all()
    first, last = found.shown_rows
    assert [row.place for row in first] == ["line 41", "line 40", "line 39"]
    assert [row.place for row in last] == ["line 4", "line 3", "line 2"]
    assert (first[0].date, last[-1].date) == (day(found.dates[0]), day(found.dates[-1]))
    assert found.quotes.facts == FACTS


def test_a_row_without_a_day_is_shown_as_such() -> None:
    quotes = made_quotes(3, dates=np.array(["NaT"] * 3, "datetime64[D]"))
    found = InspectedAsset(quotes=quotes, refusal="no date")
    assert [row.date for row in found.shown_rows[0]] == ["no date"] * 3
    assert found.to_json()["first"] is None
    assert found.rhythm == "none"


def test_splits_are_days_with_another_number_of_shares() -> None:
    splits = np.ones(300)
    splits[[10, 20]] = 4.0, 0.1
    splits[30] = np.nan
    dates = business_days(300)
    found = InspectedAsset(quotes=made_quotes(splits=splits))
    assert found.splits == ((day(dates[10]), 4.0), (day(dates[20]), 0.1))


def test_raw_closes_stand_beside_the_adjusted_ones() -> None:
    quotes = made_quotes(raw_closes=2.0 * made_closes(300))
    row = inspected(quotes).shown_rows[0][0]
    assert row.values["raw close"] == pytest.approx(2.0 * row.values["close"])


@pytest.mark.parametrize(
    ("dates", "rhythm"),
    [
        (np.arange("2018-01-01", "2018-12-31", 7, "datetime64[D]"), "1 in about 7 days"),
        (
            np.arange("2018-01-01T00", "2018-01-03T12", 1, "datetime64[h]"),
            "24 on most days, 12 to 24",
        ),
    ],
)
def test_the_rhythm_is_counted(dates: np.ndarray, rhythm: str) -> None:
    prices = Prices(dates, made_closes(len(dates))[:, np.newaxis], ("KO",))
    quotes = made_quotes(dates=dates, closes=prices.values[:, 0])
    assert InspectedAsset(quotes=quotes, prices=prices).rhythm == rhythm


def test_marks_are_the_days_that_warnings_name_by_date_or_by_line() -> None:
    notes = (
        read_as("read on 2018-01-05"),
        warned("a jump on 2018-02-01 and on 2018-02-08, and one on 2031-01-01"),
        warned("the price stays the same at line 3, line 5 and 7 more"),
        warned("nothing to point at"),
        warned("2018-02-31 is in no calendar"),
    )
    marks = inspected(made_quotes(notes=notes)).marks
    assert [(mark.number, day(mark.date)) for mark in marks] == [
        (1, "2018-02-01"),
        (1, "2018-02-08"),
        (2, "2018-01-02"),
        (2, "2018-01-04"),
    ]


def test_a_refusal_marks_its_lines_first() -> None:
    closes = made_closes(300)
    closes[100] = -5.0
    quotes = made_quotes(closes=closes, notes=(warned("a jump on 2018-02-01"),))
    marks = inspected(quotes).marks
    assert [mark.number for mark in marks] == [1, 2]
    assert marks[0].date == quotes.dates[100]


def both(first: int = 0, second: int = 0) -> tuple[InspectedAsset, InspectedAsset]:
    """Return two tickers of a file, of which the second begins later."""
    later = made_quotes(asset="PEP", dates=business_days(300, "2018-01-15"))
    return inspected(made_quotes()), inspected(later)


def test_a_panel_tells_its_common_days_and_the_rest() -> None:
    """The second begins ten weekdays later, so that both share 290 days."""
    assets = both()
    joined = panel([asset.prices for asset in assets if asset.prices])
    found = Inspection(name="file", origin="f.csv", assets=assets, panel=joined)
    assert found.sentence.startswith("2 tickers with 290 common days, 2018-01-15 to")
    [sentence] = found.panel_repairs
    assert "10 of KO" in sentence and "10 of PEP" in sentence
    data = json.loads(json.dumps(found.to_json()))
    assert data["panel"]["days"] == 290
    assert [asset["name"] for asset in data["assets"]] == ["KO", "PEP"]
    assert data["facts"] == FACTS


def test_facts_that_differ_between_tickers_are_not_facts_of_the_file() -> None:
    other = inspected(made_quotes(asset="PEP", facts=FACTS | {"column": "PEP"}))
    found = Inspection(name="f", origin="f.csv", assets=(inspected(made_quotes()), other))
    assert "column" not in found.topics
    assert found.topics["encoding"] == "UTF-8"


def test_sentences_count_repairs_and_warnings() -> None:
    quotes = made_quotes(dates=business_days(300)[::-1], notes=(warned("a"), warned("b")))
    found = inspected(quotes)
    assert len(found.texts(NoteKind.REPAIR)) == 1
    told = Inspection(name="ko", origin="ko.csv", assets=(found,)).sentence
    assert told == f"300 days, 2018-01-01 to {day(quotes.dates[0])}: 1 repair, 2 warnings."
    refused = Inspection(name="ko", origin="ko.csv", refusal="it is JSON").sentence
    assert refused == "Refused. it is JSON"


def test_json_has_no_number_that_is_none() -> None:
    closes = made_closes(10)
    bars = made_bars(closes)
    bars.volume[0] = np.nan
    text = json.dumps(inspected(made_quotes(closes=closes, bars=bars)).to_json(), allow_nan=False)
    assert json.loads(text)["first_rows"][0]["volume"] is None
    assert json.loads(text)["bars_a_day"] == 1.0
