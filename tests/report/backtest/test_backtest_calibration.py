"""Calibration in a backtest:
counts by hand, exact intervals, corrections for many tests, and tests that see a wrong model.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_walks import LEVELS, forecast, made_walk
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from simgan.report.backtest.calibration import TESTS, Calibration, calibrate, clopper_pearson
from simgan.report.backtest.scores import arrange
from simgan.risk.backtests import BACKTESTS
from simgan.risk.comparison import holm
from simgan.risk.walks import Walk
from simgan.seeds import Seed

RIGHT = made_walk("gjr-fhs")


def found(*walks: Walk) -> dict[tuple[str, str, int, float | None], Calibration]:
    return {
        (one.asset, one.model, one.horizon, one.level): one
        for one in calibrate(arrange(walks, "gjr-fhs"))
    }


def losses_on(hits: list[int], days: int, first: str, horizon: int = 1) -> Walk:
    """Loses three VaR on these days, nothing on the others."""
    realized = np.full(days, 1e-4)
    realized[hits] = -0.07
    return forecast("gjr-fhs", realized, np.full(days, 0.01), horizon=horizon, first=first)


@pytest.mark.parametrize(("hits", "days"), [(0, 250), (3, 250), (17, 252), (250, 250)])
def test_intervals_are_those_of_statsmodels(hits: int, days: int) -> None:
    assert clopper_pearson(hits, days) == pytest.approx(
        proportion_confint(hits, days, method="beta"), abs=1e-12
    )


def test_holm_is_that_of_statsmodels() -> None:
    p = Seed(3).stream("validation").random(30) ** 3
    np.testing.assert_allclose(holm(p.tolist()), multipletests(p, method="holm")[1], rtol=1e-12)


def test_hits_are_counted_by_the_calendar_year_of_their_first_day() -> None:
    """By hand:
    from Monday 2012-12-24 on, 6 working days of 2012, then 2013; hits on rows 0, 5 and 6.
    """
    [one] = [
        one for key, one in found(losses_on([0, 5, 6], 20, "2012-12-24")).items() if key[3] == 0.99
    ]
    assert {year: (rate.hits, rate.days) for year, rate in one.years.items()} == {
        2012: (2, 6),
        2013: (1, 14),
    }
    assert one.rate and (one.rate.hits, one.rate.days, one.rate.share) == (3, 20, 0.15)
    assert (one.years[2012].low, one.years[2012].high) == pytest.approx(
        proportion_confint(2, 6, method="beta")
    )


def test_overlapping_forecasts_are_counted_where_they_do_not_overlap_and_told_beside_all() -> None:
    """By hand:
    of rows 0, 5, 10 and 15 of a five-day horizon only 10 is hit, of all 20 rows five are.
    """
    [one] = [
        one
        for key, one in found(losses_on([8, 9, 10, 11, 12], 20, "2013-01-07", 5)).items()
        if key[3] == 0.95
    ]
    assert one.rate and (one.rate.hits, one.rate.days) == (1, 4)
    assert one.every_day_share == 0.25
    assert one.test("kupiec").days == 4


def test_a_right_model_passes_and_doubled_or_halved_volatility_fails_its_hit_rates() -> None:
    walks = [
        made_walk(model, factor)
        for model, factor in (("gjr-fhs", 1.0), ("wide", 2.0), ("narrow", 0.5))
    ]
    one = found(*walks)
    p = {
        model: [one["SP500", model, 1, level].test("kupiec").p for level in LEVELS]
        for model in ("gjr-fhs", "wide", "narrow")
    }
    assert min(p["gjr-fhs"]) > 0.05 > max(*p["wide"], *p["narrow"])
    assert (
        one["SP500", "narrow", 1, 0.975].test("acerbi-szekely-2").p
        < 0.05
        <= one["SP500", "wide", 1, 0.975].test("acerbi-szekely-2").p
    )
    assert (
        one["SP500", "wide", 1, None].test("pit-uniformity").p
        < 0.05
        < one["SP500", "gjr-fhs", 1, None].test("pit-uniformity").p
    )


def test_every_test_of_the_family_is_made_once_and_explained() -> None:
    one = found(RIGHT)
    assert list(TESTS) == list(BACKTESTS)
    of_level = [result.kind for result in one["SP500", "gjr-fhs", 1, 0.95].tests]
    of_law = [result.kind for result in one["SP500", "gjr-fhs", 1, None].tests]
    assert sorted(of_level + of_law) == sorted(BACKTESTS)
    assert of_law == ["pit-uniformity", "pit-independence", "berkowitz"]
    assert all(result.days in (1000, 250) for result in one["SP500", "gjr-fhs", 1, 0.95].tests)


def test_only_the_judged_model_is_corrected_and_enough_simulations_let_it_be_rejected() -> None:
    """60 tests:
    a p-value of 1/1,000 would become 0.06, so that nothing could fail; those at this limit are
    simulated further.
    """
    walks = [
        made_walk(model, factor, asset=asset, days=250)
        for asset in ("A", "B")
        for model, factor in (("narrow", 0.5), ("gjr-fhs", 1.0))
    ]
    one = found(*walks)
    assert all(not found.adjusted for key, found in one.items() if key[1] == "gjr-fhs")
    own = [found for key, found in one.items() if key[1] == "narrow"]
    results = [result for found in own for result in found.made]
    assert len(results) == 60
    adjusted = [p for found in own for p in found.adjusted.values()]
    np.testing.assert_allclose(
        sorted(adjusted), sorted(multipletests([result.p for result in results], method="holm")[1])
    )
    assert min(result.simulated_p_value or 1.0 for result in results) == 1 / 3000
    assert min(adjusted) < 0.05
    assert (
        min(result.p for key, found in one.items() if key[1] == "gjr-fhs" for result in found.made)
        >= 1 / 1000
    )


def test_a_model_beside_it_changes_no_p_value() -> None:
    right = made_walk("gjr-fhs", days=100)
    alone, beside = found(right), found(right, made_walk("other", 1.4, days=100))
    assert alone["SP500", "gjr-fhs", 1, 0.95].test("dq") == beside[
        "SP500", "gjr-fhs", 1, 0.95
    ].test("dq")


def test_without_laws_the_tests_that_need_them_are_left_out_and_the_others_are_the_same() -> None:
    right = made_walk("gjr-fhs", days=250)
    full, bare = (
        found(walk)["SP500", "gjr-fhs", 1, 0.99] for walk in (right, replace(right, law=None))
    )
    left = {result.kind for result in bare.tests} - {result.kind for result in bare.made}
    assert left == {"acerbi-szekely-1", "acerbi-szekely-2", "acerbi-szekely-3"}
    assert "not kept" in bare.test("acerbi-szekely-1").details["reason"]
    assert [full.test(kind) for kind in ("kupiec", "dq", "multinomial")] == [
        bare.test(kind) for kind in ("kupiec", "dq", "multinomial")
    ]


def test_an_es_that_is_no_loss_leaves_out_what_divides_by_it() -> None:
    es, var = RIGHT.expected_shortfall.copy(), RIGHT.value_at_risk.copy()
    es[7], var[7] = -0.001, -0.002
    one = found(replace(RIGHT, expected_shortfall=es, value_at_risk=var))[
        "SP500", "gjr-fhs", 1, 0.95
    ]
    assert "positive" in one.test("acerbi-szekely-2").details["reason"]
    assert one.test("kupiec").p < 1.0
