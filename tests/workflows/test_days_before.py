"""The days before a position: prices by hand, the volatility of scenarios, and sentences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_bundle import made_bundle, made_history
from made_joint import made_joint, made_panel

from simgan.errors import ConfigError
from simgan.market.history import History
from simgan.risk.book import Book
from simgan.sampling.model import Model
from simgan.workflows.book import book_of
from simgan.workflows.days_before import (
    few_days,
    left_out,
    other_days,
    past,
    start,
    steps_a_year,
    volatility,
)

HISTORY, MODEL = made_history(), Model(made_bundle())


def test_the_asset_with_the_fewest_days_is_named_where_a_rival_is_left_out() -> None:
    panel = made_panel(100, listed=(0, 0, 91))
    said = left_out("gjr-dcc-fhs", ConfigError("gjr-fhs", "days", 9, "at least 60"), panel)
    assert said.startswith("gjr-dcc-fhs is left out: gjr-fhs: days = 9 is not possible")
    assert said.endswith("All assets traded on 9 days; THREE has the fewest, 9 of 100")
    assert left_out("gjr-fhs", ValueError("no"), panel.only("ONE")) == "gjr-fhs is left out: no"


def test_no_asset_has_the_fewest_days_where_all_traded_on_all() -> None:
    """It said that SPY had the fewest, 2,878 of 2,878."""
    said = left_out("gjr-dcc-fhs", ValueError("few scenarios meet it"), made_panel(100))
    assert said == "gjr-dcc-fhs is left out: few scenarios meet it"


def test_the_past_of_one_asset_is_its_price_over_the_last() -> None:
    alone = Book(("MADE",), np.ones(1))
    expected = np.append(HISTORY.prices[-64:-1, 0] / HISTORY.last_price[0] - 1, 0.0)
    assert past("latest", HISTORY, alone) == pytest.approx(expected)
    assert past("stationary", HISTORY, alone).tolist() == [0.0]
    assert past("2015-01-01..2015-02-01", None, alone).tolist() == [0.0]


def test_the_past_of_a_book_is_its_worth_with_the_shares_of_each_day() -> None:
    """Simple returns of 10 % and 20 %, then −50 % and a day without trade: by hand."""
    returns = np.log([[1.1, 1.2], [0.5, np.nan]])
    known = History(made_panel(2).dates, returns, np.ones(2), ("A", "B"))
    book = book_of(known.assets, "A=.25,B=.75")
    first, second = 1 + 0.25 * 0.1 + 0.75 * 0.2, 1 - 0.25 * 0.5
    assert past("latest", known, book) == pytest.approx(
        [1 / (first * second) - 1, 1 / second - 1, 0.0]
    )


def test_the_volatility_of_tomorrow_is_that_of_scenarios() -> None:
    """20,000 draws: a standard error below 1 %. A later start has another volatility."""
    found = volatility("latest", MODEL, HISTORY)
    assert found is not None
    assert found.tomorrow == pytest.approx(MODEL.sample(20_000, 1).log_returns.std(), rel=0.05)
    assert len(found.days) == len(found.past) and found.days[-1] == HISTORY.dates[-1]
    until = HISTORY.rows(slice(len(HISTORY) - 1))
    before = volatility("2017-03-09", MODEL, until)
    assert before is not None and before.tomorrow == pytest.approx(found.past[-1], rel=1e-5)


def test_no_volatility_is_told_of_the_long_run_of_few_days_or_of_a_book() -> None:
    assert volatility("stationary", MODEL, HISTORY) is None
    assert volatility("latest", MODEL, None) is None
    assert volatility("latest", MODEL, HISTORY.rows(slice(119))) is None
    assert volatility("latest", MODEL, HISTORY.rows(slice(120))) is not None
    assert volatility("latest", Model(made_joint()), made_panel()) is None


def test_a_model_that_knows_later_or_only_old_days_says_so() -> None:
    last = HISTORY.day(-1)
    assert MODEL.bundle.manifest.data.last == last
    assert other_days("latest", MODEL, HISTORY, "rival") == ""
    earlier = HISTORY.rows(slice(500))
    assert other_days("2016-05-14", MODEL, earlier, "rival") == (
        f"{MODEL.kind} learned from days after {earlier.day(-1)}, up to {last}, which nobody knew "
        "then; rival was fitted to the days before"
    )
    assert other_days("stationary", MODEL, earlier, "rival") == ""
    later = HISTORY.dates + np.timedelta64(370, "D")
    assert other_days("latest", MODEL, replace(HISTORY, dates=later), "rival") == ""
    later += np.timedelta64(1, "D")
    said = other_days("latest", MODEL, replace(HISTORY, dates=later), "rival")
    assert said.endswith(f"learned from days up to {last}; `simgan fit` learns from newer ones")


def test_few_common_days_are_told() -> None:
    panel = made_panel(100)
    assert few_days("rival", panel.rows(slice(91)), panel) == ""
    said = few_days("rival", panel.rows(slice(90)), panel)
    assert said.startswith("rival learned from 90 of the 100 days")


@pytest.mark.parametrize(
    ("as_of", "known", "said"),
    [
        ("stationary", HISTORY, "in the long run"),
        ("latest", HISTORY, f"after {HISTORY.day(-1)}"),
        ("2015-02-01..2015-03-01", None, "after a day of 2015-02-01..2015-03-01"),
        ("latest", None, "after its history"),
    ],
)
def test_the_start_is_told(as_of: str, known: History | None, said: str) -> None:
    assert start(as_of, known) == said


def test_steps_of_a_year_are_those_of_the_dates() -> None:
    assert steps_a_year(made_panel(1500)) == pytest.approx(365, rel=0.01)  # a price on each day
