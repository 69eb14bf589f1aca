"""Numbers of histories become rows: intervals, floors and shares of pairs, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simgan.report.book.measured import Measured, largest, root_mean_square
from simgan.stats.intervals import LOCATION, pivotal_interval

RNG = np.random.default_rng(4)
LAWS = 0.5 + 0.1 * RNG.standard_normal((24, 8, 3))
MADE = Measured(
    real=np.array([0.5, 0.4, 0.6]),
    of_laws=LAWS,
    of_resamples=np.full((50, 3), 0.5),
    of_models={"simgan": np.full((20, 3), 0.52), "far": np.full((20, 3), 1.5)},
    spans=20.0,
)


def test_an_interval_is_that_of_laws_where_resamples_do_not_move() -> None:
    """It is wider by √(1 + 1/20) about its middle, for the noise of 20 sets."""
    low, high = MADE.limits(LOCATION)
    plain = pivotal_interval(0.4, LAWS[..., 1])
    assert (low[1] + high[1]) / 2 == pytest.approx(sum(plain) / 2)
    assert high[1] - low[1] == pytest.approx(np.sqrt(1.05) * (plain[1] - plain[0]))
    row = MADE.row("one", point=1, scale=100, unit="%")
    assert (row.real, row.low, row.high) == pytest.approx((40, 100 * low[1], 100 * high[1]))
    assert row.mark("simgan") == "within" and row.mark("far") == "outside"


def test_resamples_that_move_more_widen_an_interval() -> None:
    wild = replace(MADE, of_resamples=0.5 + RNG.standard_normal((50, 3)))
    assert (
        np.diff(wild.limits(LOCATION), axis=0).min() > np.diff(MADE.limits(LOCATION), axis=0).max()
    )


def test_a_distance_has_the_floor_of_a_history_from_others_of_its_law() -> None:
    """By hand: the others are the 7 of 8 without it."""
    row = MADE.distance("farthest", largest)
    others = (LAWS.sum(axis=1, keepdims=True) - LAWS) / 7
    expected = np.quantile(np.abs(LAWS - others).max(axis=2), 0.95)
    assert row.floor == pytest.approx(expected) and row.perfect == 0.0
    assert row.models["simgan"] == pytest.approx(0.12)
    assert MADE.distance("all", root_mean_square).models["far"] == pytest.approx(
        np.sqrt((1.0**2 + 1.1**2 + 0.9**2) / 3)
    )
    wild = replace(MADE, of_resamples=0.5 + RNG.standard_normal((50, 3)))
    assert (wild.distance("farthest", largest).floor or 0) > 1.5 > expected


def test_pairs_within_their_own_interval_are_counted() -> None:
    half = replace(MADE, of_models={"half": np.tile([0.5, 1.5, 0.6], (20, 1)), **MADE.of_models})
    row = half.share_within("pairs")
    assert row.models == pytest.approx({"half": 200 / 3, "simgan": 100, "far": 0})
    assert row.real == 95 and row.high == 100 and (row.low or 0) <= 90
    assert (half.outside("half") != 0).tolist() == [False, True, False]
    assert half.outside("half")[1] == pytest.approx(1.5 - half.limits(LOCATION)[1][1])


def test_a_function_of_all_numbers_is_taken_of_each_history() -> None:
    mean = MADE.mean()
    assert mean.real == pytest.approx([0.5]) and mean.of_laws.shape == (24, 8, 1)
    assert mean.of_laws[..., 0] == pytest.approx(LAWS.mean(axis=2))
    assert mean.of_models["far"].shape == (20, 1)
