"""The verdict on a backtest and its plain data:
it says what is so, in words that can be checked.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from made_walks import at_one_level, made_walk

from simgan.report.backtest.results import BacktestResults, evaluate
from simgan.report.backtest.verdict import HorizonVerdict
from simgan.seeds import Seed

FZ0 = "FZ0 at 95 %, 97.5 % and 99 %"


@cache
def judged(factor: float) -> BacktestResults:
    """simgan with this factor beside a right gjr-fhs, one day and five."""
    walks = [
        made_walk(name, f, horizon=h)
        for h in (1, 5)
        for name, f in (("gjr-fhs", 1.0), ("simgan", factor))
    ]
    return evaluate(walks, seed=Seed(1))


def told(**changed: Any) -> str:
    own = HorizonVerdict(
        horizon=1,
        ahead=(),
        level=("CRPS",),
        behind=(),
        failed=(),
        doubtful=(),
        rates=3,
        hardly_tested=(),
    )
    return replace(own, **changed).sentence("simgan", "gjr-fhs")


def test_doubled_volatility_is_behind_and_fails_its_hit_rates() -> None:
    one = judged(2.0).verdict
    first = one.horizons[0]
    assert (first.horizon, first.ahead, first.level, first.behind) == (1, (), (), ("CRPS", FZ0))
    assert one.lines[2] == (
        f"Over 1 day simgan is behind gjr-fhs by CRPS and {FZ0}; its hit rate fails Kupiec's test "
        "at 95 %, at 97.5 % and at 99 %, and other tests reject at 5 %: "
        "christoffersen at 95 %, 97.5 % and 99 %, dq at 95 % and 97.5 %, "
        "multinomial at 95 %, 97.5 % and 99 % and 2 more."
    )
    assert one.rejected_after_holm > 0
    assert one.sentence.endswith("after Holm's correction.")


def test_the_right_model_under_two_names_is_level_and_passes() -> None:
    one = judged(1.0).verdict
    assert (
        one.lines[2] == f"Over 1 day simgan is level with gjr-fhs by CRPS and {FZ0}; "
        "its hit rates pass Kupiec's test."
    )
    assert one.horizons[1].hardly_tested == (
        "99 %",
    )  # by hand: 1,000 days hold 200 apart, of which 2 should exceed
    assert one.lines[3].endswith(
        "its hit rates pass Kupiec's test (few exceedances to tell by at 99 %)."
    )
    assert one.rejected_after_holm == 0


def test_the_verdict_counts_its_tests_and_what_chance_does() -> None:
    """By hand:
    CRPS and three FZ0 over two horizons; nine tests at three levels and three of the law, over two
    horizons.
    """
    one = judged(1.0).verdict
    assert (one.comparisons, one.tests) == (8, 60)
    assert one.caution.startswith(
        "8 comparisons were made, each at 5 %. Of 60 calibration tests of simgan, "
    )
    assert "(about 3 would of a model that is right)" in one.caution
    assert one.rejected == sum(
        tally.rejected for tally in judged(1.0).tallies if tally.model == "simgan"
    )


def test_the_sentence_names_what_is_ahead_level_and_behind() -> None:
    assert told(ahead=("CRPS",), level=("FZ0 at 95 %",), behind=("FZ0 at 99 %",)) == (
        "Over 1 day simgan is ahead of gjr-fhs by CRPS; level with gjr-fhs by FZ0 at 95 %; "
        "behind gjr-fhs by FZ0 at 99 %; its hit rates pass Kupiec's test."
    )
    assert told(failed=("at 99 %",)).endswith(
        "its hit rate fails Kupiec's test at 99 % and passes in the other 2 of 3."
    )
    assert told(doubtful=("at 95 %",)).endswith(
        "its hit rates pass Kupiec's test, at 95 % only after Holm's correction."
    )
    many = tuple(f"of {name} at 99 %" for name in "ABCDE")
    assert (
        "fails Kupiec's test of A at 99 %, of B at 99 %, of C at 99 % and 2 more and passes in the "
        "other 7 of 12." in told(failed=many, rates=12)
    )
    assert told(level=()) == "Over 1 day simgan is not compared; its hit rates pass Kupiec's test."


def test_passing_hit_rates_do_not_hide_other_tests_that_reject() -> None:
    """The sentence was "its hit rates pass", beside rejected tests of independence."""
    assert told(rejected=("dq at 95 % and 99 %", "pit-independence")).endswith(
        "its hit rates pass Kupiec's test, but other tests reject at 5 %: dq at 95 % and 99 % "
        "and pit-independence."
    )
    verdict = judged(1.0).verdict
    named = sum(len(horizon.rejected) for horizon in verdict.horizons)
    assert named <= verdict.rejected and bool(named) == bool(verdict.rejected)


@pytest.mark.usefixtures("hit_rates_alone")
def test_hit_rates_are_corrected_for_the_levels_and_assets_of_their_horizon() -> None:
    """A rate that fails alone may pass among twelve: 12 times its p-value must stay below 5 %."""
    walks = [
        made_walk(
            name,
            0.85 if (name, asset) == ("simgan", "A") else 1.0,
            asset=asset,
            seed=seed,
            days=500,
        )
        for seed, asset in enumerate("ABCD")
        for name in ("gjr-fhs", "simgan")
    ]
    found = evaluate(walks)
    p = [one.test("kupiec").p for one in found.calibration if one.model == "simgan" and one.rate]
    assert len(p) == found.verdict.horizons[0].rates == 12
    assert 0.05 / 12 < min(p) < 0.05
    assert found.verdict.horizons[0].failed == ()
    assert len(found.verdict.horizons[0].doubtful) == sum(one < 0.05 for one in p)


@pytest.mark.usefixtures("hit_rates_alone")
def test_several_assets_are_judged_together() -> None:
    walks = [
        made_walk(n, f, asset=a, seed=s, days=400)
        for s, a in enumerate("AB")
        for n, f in (("gjr-fhs", 1.0), ("simgan", 2.0))
    ]
    found = evaluate(walks)
    assert found.verdict.comparisons == 4
    assert found.verdict.horizons[0].behind == ("CRPS", FZ0)
    assert found.verdict.horizons[0].failed[:2] == ("of A at 95 %", "of A at 97.5 %")
    assert {row.asset for row in found.scores} == {"all assets", "A", "B"}


def test_periods_tell_first_and_last_day_and_what_does_not_overlap() -> None:
    """By hand:
    1,000 working days from Monday 2010-01-04 on end 200 weeks later, on Friday 2013-11-01.
    """
    [one, five] = judged(1.0).periods
    assert (one.first, one.last, one.days, one.apart) == ("2010-01-04", "2013-11-01", 1000, 1000)
    assert (five.days, five.apart) == (1000, 200)


def test_what_went_wrong_on_the_way_is_told() -> None:
    walk = made_walk("simgan", days=60)
    es, var = walk.expected_shortfall.copy(), walk.value_at_risk.copy()
    es[5], var[5] = -0.001, -0.002
    found = evaluate(
        [made_walk("ewma", 1.2, days=60), replace(walk, expected_shortfall=es, value_at_risk=var)],
        failures=("a fit failed",),
    )
    assert found.failures == ("a fit failed",)
    assert found.notes[0].startswith("gjr-fhs does not take part")
    assert any("no FZ0" in note for note in found.notes)
    assert found.verdict.horizons[0].level == ("CRPS",)


def test_a_model_alone_and_a_few_days_have_a_verdict() -> None:
    alone = evaluate([made_walk("gjr-fhs", days=100)])
    assert alone.reference == ""
    assert alone.verdict.lines[2].startswith(
        "Over 1 day gjr-fhs is not compared; its hit rates pass Kupiec's test"
    )
    few = evaluate([made_walk("gjr-fhs", days=3), made_walk("simgan", 2.0, days=3)])
    assert few.verdict.comparisons == 0
    assert "not compared" in few.notes[0]


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_json_is_plain_data_without_nan_and_the_same_each_time(factor: float) -> None:
    data = judged(factor).to_json()
    text = json.dumps(data, allow_nan=False)
    assert json.loads(text) == data
    assert data["verdict"]["sentence"] == judged(factor).verdict.sentence
    crps = data["scores"][0]
    assert (crps["name"], crps["horizon"], crps["models"]["gjr-fhs"]["difference"]) == (
        "CRPS",
        1,
        None,
    )
    assert data["calibration"][0]["rate"]["days"] == 1000


def test_no_number_depends_on_the_seed() -> None:
    """Kupiec's p-value of the same forecasts was .017 with one seed and .106 with another."""
    walks = [at_one_level(made_walk(name, days=60)) for name in ("gjr-fhs", "simgan")]
    one, other = (evaluate(walks, seed=Seed(seed)).to_json() for seed in (1, 2))
    assert (one.pop("seed"), other.pop("seed")) == (1, 2)
    assert json.dumps(one) == json.dumps(other)


@pytest.mark.usefixtures("hit_rates_alone")
def test_the_order_of_the_walks_changes_no_number() -> None:
    walks = [made_walk("gjr-fhs", days=60), made_walk("simgan", 1.1, days=60)]
    scores, reverse = (evaluate(order).scores for order in (walks, walks[::-1]))
    assert [row.models["simgan"].mean for row in scores] == [
        row.models["simgan"].mean for row in reverse
    ]
    assert np.allclose(
        *([row.models["simgan"].p_value for row in rows] for rows in (scores, reverse))
    )
