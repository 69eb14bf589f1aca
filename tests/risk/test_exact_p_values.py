"""Exact laws of hits against counting by hand, and mid-p values of their laws."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import binom
from tail_forecasts import with_hits

from simgan.risk.backtests.christoffersen import Christoffersen
from simgan.risk.backtests.christoffersen_independence import ChristoffersenIndependence
from simgan.risk.backtests.exact import coverage_p, independence_p, joint_p, mid_p
from simgan.risk.backtests.forecasts import coverage_ratio, coverage_ratio_of, independence_ratio
from simgan.risk.backtests.kupiec import Kupiec

SIZE = 0.05


def test_a_year_without_a_hit_by_hand() -> None:
    """−2 · 250 log .99 = 5.03 is as far as 7 hits and more: P(X ≥ 7) + ½ · .99²⁵⁰.

    The p-value lay between .017 and .106, as the seed had it.
    """
    result = Kupiec().test(with_hits(np.zeros(250, bool), 0.99))
    assert result.p == pytest.approx(binom.sf(6, 250, 0.01) + 0.5 * 0.99**250)
    assert result.p == pytest.approx(0.0542, abs=5e-5)
    assert result.exact_p_value == result.p and result.simulated_p_value is None


@pytest.mark.parametrize(("days", "probability"), [(60, 0.05), (250, 0.01), (1000, 0.025)])
def test_a_mid_p_value_is_a_half_on_average(days: int, probability: float) -> None:
    """A property of mid-p values (Berry & Armitage 1995), and of no p-value of a count else."""
    law = binom.pmf(np.arange(days + 1), days, probability)
    ratios = coverage_ratio_of(np.arange(days + 1), days, probability)
    p = np.array([coverage_p(float(ratio), days, probability) for ratio in ratios])
    assert law @ p == pytest.approx(0.5, abs=1e-9)
    ordinary = np.array([law[ratios >= ratio - 1e-9].sum() for ratio in ratios])
    assert law @ ordinary > 0.51


@pytest.mark.parametrize("level", [0.95, 0.975, 0.99])
@pytest.mark.parametrize("days", [250, 500, 1000, 2500])
def test_kupiec_rejects_at_most_about_as_often_as_it_says(days: int, level: float) -> None:
    """Exactly, from the binomial law: up to 5.8 % of the time, where χ² rejects up to 9.5 %.

    Over 250 days at 99 % no count gives 5 %: it is 1.4 %, or 9.5 % with years without a hit.
    """
    law = binom.pmf(np.arange(days + 1), days, 1 - level)
    ratios = coverage_ratio_of(np.arange(days + 1), days, 1 - level)
    p = np.array([mid_p(ratio, ratios, law) for ratio in ratios])
    least = 0.013 if (days, level) == (250, 0.99) else 0.037
    assert least < law[p < SIZE].sum() < 0.058


@pytest.mark.parametrize(("days", "hits"), [(9, 1), (10, 4), (11, 3), (8, 7)])
def test_the_law_of_independence_is_that_of_every_order(days: int, hits: int) -> None:
    """All orders of the hits, written out, are equally likely."""
    orders = np.zeros((len(list(itertools.combinations(range(days), hits))), days), bool)
    for row, places in enumerate(itertools.combinations(range(days), hits)):
        orders[row, list(places)] = True
    ratios = independence_ratio(orders)
    equal = np.full(len(orders), 1.0 / len(orders))
    for order, ratio in list(zip(orders, ratios, strict=True))[::7]:
        expected = mid_p(float(ratio), ratios, equal)
        assert independence_p(float(ratio), hits, days) == pytest.approx(expected, abs=1e-12)
        if 0 < hits < days:
            result = ChristoffersenIndependence().test(with_hits(order, 0.95))
            assert result.p == pytest.approx(expected, abs=1e-12)


def test_the_joint_law_is_that_of_every_series() -> None:
    """All 2¹⁰ series of ten days, written out, each with its probability."""
    series = np.array(list(itertools.product([False, True], repeat=10)))
    a = 0.1
    law = a ** series.sum(axis=1) * (1 - a) ** (~series).sum(axis=1)
    ratios = coverage_ratio(series, a) + independence_ratio(series)
    for one, ratio in list(zip(series, ratios, strict=True))[::41]:
        expected = mid_p(float(ratio), ratios, law)
        assert joint_p(float(ratio), 10, a) == pytest.approx(expected, abs=1e-12)
        assert Christoffersen().test(with_hits(one, 0.9)).p == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("days", "level"), [(20_000, 0.99), (3000, 0.6)])
def test_long_series_and_low_levels_have_a_p_value(days: int, level: float) -> None:
    """Near the χ² law, which holds in long series."""
    hits = np.random.default_rng(3).random(days) > level
    for test in (Kupiec(), ChristoffersenIndependence(), Christoffersen()):
        result = test.test(with_hits(hits, level))
        assert result.p_value is not None and abs(result.p - result.p_value) < 0.06
