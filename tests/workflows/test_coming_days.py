"""The coming days of a position in numbers for charts, beside those of `simgan risk`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_bundle import made_bundle
from made_joint import made_joint

from simgan.bundle.store import Bundle, write_bundle
from simgan.errors import Interrupted
from simgan.progress import Stop
from simgan.sampling.conditional import sample_given
from simgan.sampling.model import Model
from simgan.workflows.coming_days import ComingDays, Histogram, coming_days
from simgan.workflows.models import load_bundle
from simgan.workflows.risk import RiskRequest, assess
from simgan.workspace import Workspace


def request_of(folder: Path, bundle: Bundle, **options: Any) -> RiskRequest:
    write_bundle(bundle, folder / "models" / "made")
    asked = {"n": 3000, "horizons": (10,), "levels": (0.95, 0.99)} | options
    return RiskRequest(workspace=Workspace(folder), name="made", **asked)


def found(folder: Path, bundle: Bundle, **options: Any) -> ComingDays:
    request = request_of(folder, bundle, **options)
    return coming_days(request, Model(load_bundle(request.workspace, "made")))


@pytest.mark.parametrize("position", [1e6, -500.0])
def test_the_risks_are_those_of_the_command(position: float, tmp_path: Path) -> None:
    """Both begin with the same scenarios, of which the command draws 21 days."""
    bundle = made_bundle("made")
    request = request_of(tmp_path, bundle, position=position)
    told = found(tmp_path, bundle, position=position).to_json()
    rows = [row for row in assess(request).rows() if row["model"] == "simgan"]
    assert told["risk"] == [
        {"level": row["level"]}
        | {name.removeprefix("money_"): value for name, value in row.items() if "money" in name}
        | {"parts": [], "reason": None}
        for row in rows
    ]


def test_a_rare_condition_leaves_out_the_levels_that_it_is_too_rare_for(tmp_path: Path) -> None:
    days = found(tmp_path, made_bundle("made"), given="cumulative<-0.25", levels=(0.9, 0.99))
    assert 20 / 0.1 <= days.worth < 20 / 0.01
    told: dict[str, Any] = days.to_json()
    low, high = told["risk"]
    assert low["expected_shortfall"] > low["value_at_risk"] > 1e6 * -np.expm1(-0.25)
    assert low["reason"] is None
    assert high == {
        "level": 0.99,
        **dict.fromkeys(name for name in low if name not in ("level", "parts")),
        "parts": [],
        "reason": "the level 0.99 needs 2,000 scenarios of equal probability, and these are "
        f"worth {days.worth:,.0f}",
    }
    assert told["probability"] < 0.01
    lines = dict(zip(told["quantiles"]["levels"], told["quantiles"]["values"], strict=True))
    needed = {0.01: 2000, 0.05: 400, 0.25: 80, 0.5: 40, 0.75: 80, 0.95: 400, 0.99: 2000}
    assert {q: line is not None for q, line in lines.items()} == {
        q: days.worth >= fewest for q, fewest in needed.items()
    }


def test_the_parts_of_a_book_are_those_of_the_command(tmp_path: Path) -> None:
    weights = {"ONE": 0.75, "TWO": -0.25, "CASH": 0.5}
    options: dict[str, Any] = {"weights": weights, "horizons": (21,)}
    told: dict[str, Any] = found(tmp_path, made_joint(), **options).to_json()
    parts = [row["parts"] for row in told["risk"]]
    asked: dict[str, Any] = assess(request_of(tmp_path, made_joint(), **options)).to_json()
    assert parts[1] == [
        {"asset": row["asset"], "weight": row["weight"]}
        | {name.removeprefix("money_"): value for name, value in row.items() if "money_" in name}
        for row in asked["parts"]
    ]
    assert parts[0] != parts[1]


def test_the_fan_begins_at_the_last_price_and_holds_the_paths(tmp_path: Path) -> None:
    bundle = made_bundle("made")
    days = found(tmp_path, bundle, n=2000)
    prices = Model(bundle).sample(2000, 21).prices()[:, :11, 0]  # (paths, start and 10 days)
    assert days.history.values[-1] == days.fan[0, 0] == days.paths[0, 0] == 123.5
    assert np.allclose(days.paths, prices[:20], rtol=1e-5)
    expected = np.quantile(prices, [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99], axis=0)
    assert np.allclose(days.fan, expected, rtol=2e-3)
    assert len(days.history.days) == len(days.history.values) == 251
    assert days.after.days == []


def test_the_days_after_a_date_are_the_real_ones(tmp_path: Path) -> None:
    bundle = made_bundle("made")
    history = bundle.history
    assert history is not None
    days = found(tmp_path, bundle, as_of="2016-06-01")
    at = int(np.searchsorted(history.dates.astype("datetime64[D]"), np.datetime64("2016-06-01")))
    prices = history.prices[:, 0]
    assert days.after.days[0] == days.history.days[-1] == "2016-06-01"
    assert np.allclose(days.after.values, prices[at : at + 11])
    assert np.allclose(days.history.values, prices[at - 250 : at + 1])


@pytest.mark.parametrize("given", ["cumulative<0", "cumulative<-0.15"])
def test_the_probability_of_a_condition_is_that_of_the_scenarios(
    given: str, tmp_path: Path
) -> None:
    bundle = made_bundle("made")
    told = found(tmp_path, bundle, given=given).to_json()
    drawn = sample_given(Model(bundle), given, 3000, 10)
    assert [told[name] for name in ("given", "probability", "standard_error")] == [
        given,
        drawn.probability,
        drawn.standard_error,
    ]


def test_without_a_condition_there_is_no_probability(tmp_path: Path) -> None:
    told = found(tmp_path, made_bundle("made")).to_json()
    assert told["given"] is told["probability"] is told["standard_error"] is None


@pytest.mark.parametrize("as_of", ["stationary", "2015-09-01..2017-03-10"])
def test_a_start_that_is_no_day_has_no_history(as_of: str, tmp_path: Path) -> None:
    """Prices start from the last one, or from that of the last of several days."""
    days = found(tmp_path, made_bundle("made"), as_of=as_of)
    assert (days.history.days, days.after.days) == ([], [])
    assert days.history.values.tolist() == pytest.approx([123.5])
    assert days.fan.shape == (7, 11)


def test_the_bars_are_the_profit_in_money(tmp_path: Path) -> None:
    """A short position gains by a fall. Its mean profit is minus that of a long one."""
    long = found(tmp_path, made_bundle("made"), position=1000.0).profit
    short = found(tmp_path, made_bundle("made"), position=-1000.0).profit

    def mean(bars: Histogram) -> float:
        return float((bars.edges[1:] + bars.edges[:-1]) @ bars.shares / 2)

    assert long.shares.sum() + long.below + long.above == pytest.approx(1)
    assert long.below + long.above <= 0.002
    assert mean(short) == pytest.approx(-mean(long), abs=1.0)


def test_bars_of_unequal_and_of_equal_profits() -> None:
    weighted = Histogram.of(np.array([-1.0, 0.0, 3.0]), np.array([0.5, 0.25, 0.25]))
    assert (weighted.edges[0], weighted.edges[-1]) == (-1.0, 3.0)
    assert weighted.shares[[0, -1]].tolist() == [0.5, 0.25]
    same = Histogram.of(np.full(9, 7.0), None)
    assert (same.edges[0], same.edges[-1], same.shares.sum()) == (6.5, 7.5, pytest.approx(1))


def test_a_book_begins_at_a_hundred(tmp_path: Path) -> None:
    bundle = made_joint()
    days = found(tmp_path, bundle, weights={"ONE": 0.5, "CASH": 0.5}, as_of="2010-12-01")
    assert days.history.values[-1] == days.fan[3, 0] == days.after.values[0] == 100.0
    history = bundle.history
    assert history is not None
    at = int(np.searchsorted(history.dates.astype("datetime64[D]"), np.datetime64("2010-12-01")))
    tomorrow = history.log_returns[at + 1, 0]
    assert days.after.values[1] == pytest.approx(100 * (1 + np.expm1(tomorrow) / 2))


def test_it_can_be_stopped(tmp_path: Path) -> None:
    request, stop = request_of(tmp_path, made_bundle("made")), Stop()
    stop.ask()
    with pytest.raises(Interrupted):
        coming_days(request, Model(load_bundle(request.workspace, "made")), stop=stop)
