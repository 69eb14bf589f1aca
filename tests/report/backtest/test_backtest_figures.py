"""The figures of a backtest: right counts, bands and times, on a page that stays light."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from functools import cache

import matplotlib
import numpy as np
import pytest
from made_walks import made_walk
from scipy.stats import binom

from simgan.report.backtest.figures import Album, illustrate
from simgan.report.backtest.figures.calibration import (
    band,
    bins,
    first_counts,
    heights,
    latest_counts,
)
from simgan.report.backtest.figures.differences import spread_rows, stretches, turbulent, volatility
from simgan.report.backtest.results import evaluate
from simgan.report.figures.canvas import ALONE
from simgan.risk.walks import Walk

ONE = (
    made_walk("gjr-fhs", days=400),
    made_walk("simgan", 1.2, days=400),
    made_walk("historical-250", 2.0, days=400),
)

pytestmark = pytest.mark.usefixtures("hit_rates_alone")  # no figure shows another test


def albums(*walks: Walk) -> tuple[Album, ...]:
    return illustrate(evaluate(walks), walks)


@cache
def album() -> Album:
    [drawn] = albums(*ONE)
    return drawn


def test_the_five_figures_stand_in_order_with_words() -> None:
    assert [one.name for one in album().illustrations] == [
        "bands-0",
        "differences-0",
        "years-0",
        "pits-0",
        "lights-0",
    ]
    for one in album().illustrations:
        assert min(len(one.caption), len(one.alternative)) > 60
        assert all(panel.startswith("<svg") for panel in one.panels)


def test_the_bands_tell_how_many_losses_lie_beyond() -> None:
    counts = [int(ONE[1].exceedances(level).sum()) for level in (0.95, 0.975, 0.99)]
    told = (
        f"{counts[0]} beyond 95 %; {counts[1]} beyond 97.5 %; {counts[2]} beyond 99 %, in 400 days"
    )
    assert told in album().illustrations[0].caption


def test_a_var_of_one_day_stays_on_the_axis_and_a_panel_alone_is_wide() -> None:
    """A spike of 30 % on one day of 200: the axis goes beyond −30 %, and gains keep theirs."""
    wild = made_walk("gjr-fhs", days=200)
    var, es = wild.value_at_risk.copy(), wild.expected_shortfall.copy()
    var[7], es[7] = 0.3, 0.4
    [panel] = (
        albums(replace(wild, value_at_risk=var, expected_shortfall=es))[0].illustrations[0].panels
    )
    ticks = [int(tick) for tick in re.findall(r">(-?\d+)</text>", panel.replace("−", "-"))]
    assert min(ticks) <= -30 and max(tick for tick in ticks if tick < 1900) < 30
    assert f'viewBox="0 0 {72 * ALONE:g} ' in panel


@pytest.mark.usefixtures("unrendered")
def test_without_a_reference_or_with_an_es_that_is_no_loss_there_are_no_differences() -> None:
    es, var = ONE[0].expected_shortfall.copy(), ONE[0].value_at_risk.copy()
    es[5], var[5] = -0.001, -0.002
    odd = replace(ONE[0], expected_shortfall=es, value_at_risk=var)
    for walks in ((ONE[0],), (odd, ONE[1])):
        [drawn] = albums(*walks)
        assert [one.name for one in drawn.illustrations] == [
            "bands-0",
            "years-0",
            "pits-0",
            "lights-0",
        ]


def test_the_mean_difference_in_calm_and_in_turbulent_times_is_told() -> None:
    difference, wild = ONE[1].fz0(0.95) - ONE[0].fz0(0.95), turbulent(ONE[0].realized)
    calm, crisis = (f"{difference[days].mean():+.4f}".replace("-", "−") for days in (~wild, wild))
    assert f"{calm} and {crisis} (FZ0 at 95 %)" in album().illustrations[1].caption


@pytest.mark.usefixtures("unrendered")
def test_a_figure_over_several_days_has_no_traffic_light_nor_one_over_a_short_test() -> None:
    for walks in ([made_walk("gjr-fhs", horizon=5, days=400)], [made_walk("gjr-fhs", days=249)]):
        assert [one.name for one in albums(*walks)[0].illustrations] == [
            "bands-0",
            "years-0",
            "pits-0",
        ]


@pytest.mark.usefixtures("unrendered")
def test_several_assets_are_drawn_together_for_each_horizon_and_alone_for_the_shortest() -> None:
    walks = [
        made_walk(n, f, asset=a, horizon=h, days=60)
        for a in ("A", "B")
        for h in (1, 5)
        for n, f in (("gjr-fhs", 1.0), ("simgan", 1.2))
    ]
    drawn = albums(*walks)
    assert [(one.asset, one.horizon) for one in drawn] == [
        ("all assets", 1),
        ("all assets", 5),
        ("A", 1),
        ("B", 1),
    ]
    names = [illustration.name for one in drawn for illustration in one.illustrations]
    assert len(set(names)) == len(names)


def test_zones_begin_where_basel_lets_them() -> None:
    """Basel Committee (1996), table 2: at 99 % and 250 days amber from 5 on, red from 10 on."""
    assert first_counts(0.99) == (5, 10)


def test_latest_counts_are_of_full_windows() -> None:
    """By hand, windows of three."""
    assert latest_counts(np.array([True, False, True, True, False]), 3).tolist() == [2, 2, 2]
    assert latest_counts(np.array([False, False, True]), 3).tolist() == [1]


def test_pit_bins_hold_shares_of_what_is_expected_of_forecasts_that_do_not_overlap() -> None:
    """By hand:
    of rows 0, 2, 4 and 6 PITs are .1, .1, .9 and .6: two, no, one and one of four bins that expect
    one.
    """
    made = made_walk("a", horizon=2, days=8)
    walk = replace(made, pit=np.array([0.1, 0.4, 0.1, 0.4, 0.9, 0.4, 0.6, 0.4]))
    assert heights(walk, 4).tolist() == [2.0, 0.0, 1.0, 1.0]


def test_the_band_of_a_bin_is_binomial() -> None:
    low, high = band(2000, 20)
    assert (low * 100, high * 100) == pytest.approx(binom.interval(0.95, 2000, 0.05))
    assert (bins(2000), bins(60), bins(3)) == (20, 6, 2)


def test_volatility_is_the_root_mean_square_of_the_latest_days() -> None:
    """By hand: √((9 + 16)/2) and √((16 + 0)/2)."""
    assert volatility(np.array([3.0, 4.0, 0.0]), 2) == pytest.approx(
        [3.0, np.sqrt(12.5), np.sqrt(8.0)]
    )


def test_turbulent_times_are_known_before_the_day() -> None:
    """A shock on row 300 makes the 63 rows after it turbulent, not itself;
    over five days, from five rows later on.
    """
    returns = np.where(np.arange(600) == 300, 1.0, 0.0)
    assert stretches(turbulent(returns)) == [(301, 363)]
    assert stretches(turbulent(returns, 5)) == [(305, 367)]
    assert not turbulent(returns[:20]).any()


def test_stretches_are_runs_and_rows_are_spread_to_both_ends() -> None:
    assert stretches(np.array([True, True, False, True])) == [(0, 1), (3, 3)]
    assert spread_rows(1000, 3).tolist() == [0, 500, 999]
    assert spread_rows(2, 400).tolist() == [0, 1]


def test_drawing_is_the_same_each_time_and_leaves_no_trace() -> None:
    drawn, before = album(), dict(matplotlib.rcParams)
    assert albums(*ONE) == (drawn,)
    assert before == dict(matplotlib.rcParams)


def test_ten_years_are_drawn_fast_and_small() -> None:
    """2,600 days:
    below 8 s of processor time, every panel below 80 kB and all of them below 600 kB.
    """
    walks = [
        replace(made_walk(name, f, days=2600), law=None)
        for name, f in (("gjr-fhs", 1.0), ("simgan", 1.1))
    ]
    results = evaluate(walks)
    started = time.process_time()
    [drawn] = illustrate(results, walks)
    assert time.process_time() - started < 8
    sizes = [len(panel.encode()) for one in drawn.illustrations for panel in one.panels]
    assert max(sizes) < 80_000
    assert sum(sizes) < 600_000
