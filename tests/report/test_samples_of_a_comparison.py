"""How samples are cut, grouped and compared: against loops, percentiles and a floor by hand."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgan.baselines.plausible import LAWS, plausible_histories
from simgan.report.samples import RESAMPLES, SINGLES, Samples, cut
from simgan.report.sections import SECTIONS
from simgan.seeds import Seed
from simgan.stats.intervals import POOL, block_length, stationary_resamples

DAYS = 260
REAL = 0.01 * Seed(1).stream("baseline").standard_t(5, DAYS)
FAKES = {
    "long": 0.01 * Seed(2).stream("baseline").standard_t(5, (7, 300)),
    "short": 0.01 * Seed(3).stream("baseline").standard_t(5, (30, 60)),
}


def samples(**fakes: np.ndarray) -> Samples:
    """Return new samples with histories that are drawn once for all tests."""
    made = Samples(REAL, fakes or FAKES, Seed(4))
    made.__dict__["histories"] = drawn_histories()
    return made


@cache
def drawn_histories() -> np.ndarray:
    return Samples(REAL, FAKES, Seed(4)).histories


def spread(returns: np.ndarray) -> float:
    return float(returns.std())


@settings(max_examples=30, deadline=None)
@given(paths=st.integers(1, 4), days=st.integers(1, 40), horizon=st.integers(1, 50))
def test_stretches_hold_every_day_and_share_as_few_as_can_be(
    paths: int, days: int, horizon: int
) -> None:
    """Oldest days were left out, up to a half of a history."""
    series = np.arange(paths * days).reshape(paths, days)
    stretches = cut(series, horizon)
    length = min(horizon, days)
    of_each = -(-days // length)
    assert stretches.shape == (paths * of_each, length)
    assert set(stretches.ravel()) == set(series.ravel())
    assert (np.diff(stretches, axis=1) == 1).all()
    shared = length - np.diff(stretches[:of_each, 0])
    assert all(-1 <= days_shared - shared.mean() <= 1 for days_shared in shared)


def test_one_series_is_cut_like_one_path() -> None:
    np.testing.assert_array_equal(cut(np.arange(7), 3), [[0, 1, 2], [2, 3, 4], [4, 5, 6]])
    np.testing.assert_array_equal(cut(np.arange(6), 3), [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(cut(np.arange(2), 3), [[0, 1]])


def test_the_horizon_is_that_of_the_shortest_path_or_of_the_history() -> None:
    assert samples().horizon == 60
    assert samples(long=FAKES["long"]).horizon == DAYS
    assert samples().spans == pytest.approx(1800 / DAYS)


def test_sets_hold_as_many_days_as_the_history_and_leave_out_the_rest() -> None:
    """60 days: the history has 5 stretches. 32 paths are 6 sets, and two paths are left out."""
    both = samples()
    paths = np.concatenate([FAKES["short"], FAKES["short"][:2]])
    np.testing.assert_array_equal(both.sets(paths), paths[:30].reshape(6, 5, 60))
    assert both.sets(FAKES["short"][:3]).shape == (1, 3, 60)  # fewer days: one smaller set
    stretches = FAKES["long"].reshape(-1, 60)
    np.testing.assert_array_equal(both.sets(FAKES["long"]), stretches.reshape(7, 5, 60))


def test_a_level_is_the_mean_over_sets_in_the_unit_of_the_row() -> None:
    both = samples()
    row = both.level("spread", spread, scale=100, unit="%")
    for model, paths in FAKES.items():
        expected = 100 * np.mean([spread(one) for one in both.sets(paths)])
        assert row.models[model] == pytest.approx(expected, rel=1e-12)
    assert row.real == pytest.approx(100 * spread(stretched(REAL)), rel=1e-12)
    assert (row.unit, row.floor) == ("%", None)


def stretched(series: np.ndarray) -> np.ndarray:
    """Return five stretches of 60 of 260 days."""
    return np.concatenate([series[first : first + 60] for first in (0, 50, 100, 150, 200)])


def by_hand() -> tuple[np.ndarray, np.ndarray, float]:
    """Return the statistic of each history and resample, and the factor for the models' noise."""
    resamples = stationary_resamples(
        REAL, RESAMPLES, Seed(4).stream("bootstrap"), block_length(REAL)
    )
    of_laws = np.array([[spread(stretched(one)) for one in law[:8]] for law in drawn_histories()])
    of_resamples = np.array([spread(stretched(resample)) for resample in resamples])
    return of_laws, of_resamples, float(np.sqrt(1 + DAYS / 1800))


def test_histories_are_as_long_as_the_real_one_and_come_from_its_plausible_laws() -> None:
    drawn = plausible_histories(REAL, SINGLES + POOL, Seed(4).stream("plausible"))
    assert drawn.shape == (LAWS, SINGLES + POOL, DAYS)
    np.testing.assert_array_equal(drawn_histories(), drawn)


def test_the_interval_of_a_level_is_the_wider_of_laws_and_resamples() -> None:
    """Ratios to the mean of each law, with √(8/7), and percentiles of the resamples."""
    of_laws, of_resamples, factor = by_hand()
    row, real = samples().level("spread", spread), spread(stretched(REAL))
    ratios = 1 + np.sqrt(8 / 7) * (of_laws / of_laws.mean(axis=1, keepdims=True) - 1)
    under, over = np.quantile(ratios, [0.025, 0.975])
    low = min(real / over, np.quantile(of_resamples, 0.025))
    high = max(real / under, np.quantile(of_resamples, 0.975))
    middle, half = (low + high) / 2, factor * (high - low) / 2
    assert (row.low, row.high) == (pytest.approx(middle - half), pytest.approx(middle + half))
    assert row.low < row.real < row.high


def test_the_interval_of_a_location_is_of_differences_about_the_real_value() -> None:
    of_laws, of_resamples, factor = by_hand()
    row, real = samples().location_level("spread", spread, scale=100), spread(stretched(REAL))
    apart = np.sqrt(8 / 7) * (of_laws - of_laws.mean(axis=1, keepdims=True))
    moved = of_resamples - np.median(of_resamples)
    low = real + min(-np.quantile(apart, 0.975), np.quantile(moved, 0.025))
    high = real + max(-np.quantile(apart, 0.025), np.quantile(moved, 0.975))
    middle, half = 50 * (low + high), 50 * factor * (high - low)
    assert (row.low, row.high) == (pytest.approx(middle - half), pytest.approx(middle + half))


@settings(max_examples=20, deadline=None)
@given(low=st.floats(-5, 5), width=st.floats(0, 5), paths=st.integers(1, 50))
def test_an_interval_is_widened_about_its_middle_and_less_for_more_paths(
    low: float, width: float, paths: int
) -> None:
    few, many = (
        samples(model=np.zeros((count, DAYS))).widened(low, low + width)
        for count in (paths, 4 * paths)
    )
    assert few[1] - few[0] == pytest.approx(width * np.sqrt(1 + 1 / paths))
    assert sum(few) == pytest.approx(2 * low + width, abs=1e-9)
    assert many[1] - many[0] <= few[1] - few[0]


def difference(real: np.ndarray, fake: np.ndarray) -> float:
    return abs(spread(real) - spread(fake))


def test_a_distance_stands_beside_the_floor_of_real_against_real() -> None:
    paths = 0.02 * Seed(5).stream("baseline").standard_normal((POOL, DAYS))
    row = samples(wild=paths).distance("difference", difference, unit="σ")
    same = [difference(one, law[SINGLES:]) for law in drawn_histories() for one in law[:SINGLES]]
    assert (row.floor, row.real) == (pytest.approx(np.quantile(same, 0.95)), None)
    assert row.models["wild"] == pytest.approx(difference(REAL, paths))
    assert row.mark("wild") == "outside"


def test_the_floor_of_few_paths_is_higher_because_they_are_noisy_themselves() -> None:
    many = samples(model=np.zeros((POOL, DAYS))).distance("difference", difference)
    one = samples(model=np.zeros((1, DAYS))).distance("difference", difference)
    assert one.floor is not None and many.floor is not None
    assert one.floor > 1.1 * many.floor


def test_the_error_of_a_distance_is_that_of_the_mean_over_four_parts_of_the_paths() -> None:
    """64 spans are parts of 16: the value is their mean. Of 8, it is that of all paths."""
    for count in (64, 8):
        paths = 0.02 * Seed(5).stream("baseline").standard_normal((count, DAYS))
        row = samples(wild=paths).distance("difference", difference)
        parts = [difference(REAL, paths[first::4]) for first in range(4)]
        value = np.mean(parts) if count == 64 else difference(REAL, paths)
        assert row.models["wild"] == pytest.approx(value, rel=1e-12)
        assert row.errors["wild"] == pytest.approx(np.std(parts, ddof=1) / 2, rel=1e-12)
    alone = samples(wild=paths[:1]).distance("difference", difference)
    assert alone.errors == {} and alone.noise("wild") == 0.0


def test_the_error_of_a_level_is_that_of_the_mean_over_sets() -> None:
    row = samples().level("spread", spread, scale=100)
    for model, paths in FAKES.items():
        values = [100 * spread(one) for one in samples().sets(paths)]
        expected = np.std(values, ddof=1) / np.sqrt(len(values))
        assert row.errors[model] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("days", "kind", "words"),
    [
        (299, "quantiles", "0.1, 0.5, 1, 99, 99.5, 99.9 %: 299 days"),
        (300, "quantiles", "0.1, 0.5, 99.5, 99.9 %: 300 days"),
        (399, "tails", "399 days are too few, 400 are needed"),
        (79, "dependence", "leverage: 80 days are needed, and history or paths have 79"),
        (99, "distances", "horizons of 20, 100 days"),
        (199, "distances", "horizons of 20, 100 days"),
        (200, "distances", "horizons of 100 days"),
    ],
)
def test_rows_that_need_more_days_are_left_out_with_the_number_of_days(
    days: int, kind: str, words: str
) -> None:
    real = 0.01 * Seed(6).stream("baseline").standard_t(5, days)
    fake = 0.01 * Seed(7).stream("baseline").standard_t(5, (2, days))
    section = SECTIONS.build(kind).make(Samples(real, {"model": fake}, Seed(4)))
    assert words in " ".join(section.skipped)
    assert all(np.isfinite(row.models["model"]) for row in section.rows)


def test_a_tail_of_equal_values_has_no_index() -> None:
    """Prices that move by one tick ended a fit."""
    signs = Seed(6).stream("baseline").integers(-1, 2, 800)
    real, fake = 0.01 * signs, 0.01 * Seed(7).stream("baseline").standard_t(5, (2, 800))
    section = SECTIONS.build("tails").make(Samples(real, {"model": fake}, Seed(4)))
    assert not any(row.name.startswith("Hill") for row in section.rows)
