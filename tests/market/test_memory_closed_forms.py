"""The volatility memory as a weighted sum of all days, and its shares of one day."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgan.market.memory import FIRST_DAYS, Memory
from simgan.seeds import Seed

DAYS = 150
SCALED = Seed(14).stream("baseline").standard_normal((DAYS, 1)).astype(np.float32)
NO_GUARD = 1e6
HALF_LIVES, TRENDS = (2.0, 10.0, 60.0), (1.5, 20.0)


def weights_of(half_life: float) -> np.ndarray:
    """Return (1 − λ) λ^(n−1−i) for the days i before the end."""
    decay = 0.5 ** (1.0 / half_life)
    return np.asarray((1.0 - decay) * decay ** np.arange(DAYS)[::-1])


def test_without_a_guard_a_memory_is_a_sum_over_all_days_and_its_first_value() -> None:
    """q(n) = λⁿ q(0) + Σ w(i) x²(i), n with 2 x² of falls, and m with x."""
    memory = Memory(HALF_LIVES, TRENDS, NO_GUARD)
    last, x = memory.along(SCALED)[-1, 0], SCALED[:, 0].astype(np.float64)
    first = float((x[:FIRST_DAYS] ** 2).mean())
    left = 0.5 ** (DAYS / np.array(HALF_LIVES)) * first
    squares = [weights_of(half_life) @ x**2 for half_life in HALF_LIVES]
    falls = [weights_of(half_life) @ (2.0 * x**2 * (x < 0)) for half_life in HALF_LIVES]
    signed = [weights_of(half_life) @ x for half_life in TRENDS]
    expected = [*(left + squares), *(left + falls), *signed]
    np.testing.assert_allclose(last, expected, rtol=2e-5, atol=1e-6)


def test_a_day_counts_half_after_its_half_life() -> None:
    """The memory with a day less the memory without it."""
    memory = Memory((4.0,), (8.0,), NO_GUARD)
    other = SCALED.copy()
    other[40] = 0.0
    gained = (memory.along(SCALED) - memory.along(other))[41:, 0].astype(np.float64)
    ratio = gained[4] / gained[0]
    assert ratio[0] == pytest.approx(0.5, abs=1e-3)
    assert gained[8, 2] / gained[0, 2] == pytest.approx(0.5, abs=1e-3)


@settings(max_examples=12, deadline=None)
@given(crash=st.floats(5.0, 1e4), guard=st.floats(1.0, 50.0))
def test_a_crash_adds_at_most_the_guard_times_the_slow_variance(crash: float, guard: float) -> None:
    memory = Memory((2.0, 10.0, 60.0, 120.0), (3.0,), guard)
    before = memory.along(SCALED)[-1]
    after = memory.next(before, np.array([-crash], np.float32))
    slow = float(before[0, 2:4].mean())
    news = min(crash**2, guard * slow)
    added = (after - memory.decay * before)[0] / (1.0 - memory.decay)
    np.testing.assert_allclose(added[:4], news, rtol=1e-3)
    np.testing.assert_allclose(added[4:8], 2.0 * news, rtol=1e-3)
    assert added[8] == pytest.approx(-np.sqrt(news), rel=1e-3)


@settings(max_examples=8, deadline=None)
@given(guard=st.floats(1.0, 20.0))
def test_the_mirrored_history_has_the_other_falls_and_the_other_sign(guard: float) -> None:
    """Squares of falls and of rises add up to twice all squares, whatever the guard."""
    memory = Memory(HALF_LIVES, TRENDS, guard)
    here, there = memory.along(SCALED)[-1, 0], memory.along(-SCALED)[-1, 0]
    np.testing.assert_array_equal(here[:3], there[:3])
    np.testing.assert_array_equal(here[6:], -there[6:])
    np.testing.assert_allclose(here[3:6] + there[3:6], 2.0 * here[:3], rtol=1e-4)


def test_equal_days_are_a_fixed_point() -> None:
    memory = Memory(HALF_LIVES, TRENDS)
    found = memory.along(np.full((1500, 1), 0.5, np.float32))[-1, 0]
    np.testing.assert_allclose(found[:3], 0.25, rtol=1e-4)
    np.testing.assert_allclose(found[3:6], 0.0, atol=1e-6)
    np.testing.assert_allclose(found[6:], 0.5, rtol=1e-4)


# ranges


def test_ranges_that_are_squares_are_remembered_as_squares_are() -> None:
    scaled = np.linspace(-2, 3, 90, dtype=np.float32)[:, None]
    alike = Memory(ranges=True).along(scaled, np.square(scaled))
    plain, count = Memory().along(scaled), Memory().squares
    for first in (0, count):
        np.testing.assert_array_equal(alike[..., first : first + count], plain[..., :count])
    np.testing.assert_array_equal(alike[..., 2 * count :], plain[..., count:])
    np.testing.assert_array_equal(Memory(ranges=True).along(scaled), alike)


def test_a_range_is_remembered_beside_the_square_of_its_day() -> None:
    """One day after a first memory of ones, whose decay at a half life of one day is a half."""
    memory = Memory((1.0,), (1.0,), ranges=True)
    after = memory.next(np.ones((1, 5), np.float32), np.float32([-2.0]), np.float32([3.0]))
    np.testing.assert_allclose(after, [[2.5, 4.5, 2.0, 3.5, -0.5]])


def test_the_guard_bounds_a_range_by_the_slow_variance_of_ranges() -> None:
    memory = Memory((1.0,), (1.0,), guard=2.0, ranges=True)
    before = np.float32([[1.0, 1.0, 10.0, 10.0, 0.0]])
    after = memory.next(before, np.float32([1.0]), np.float32([1000.0]))
    np.testing.assert_allclose(after, [[1.0, 0.5, 15.0, 5.0, 0.5]])


def test_the_first_memory_of_ranges_is_their_mean() -> None:
    scaled, ranges = np.full((3, 1), 2.0, np.float32), np.float32([[1.0], [2.0], [6.0]])
    first = Memory(ranges=True).along(scaled, ranges)[0, 0]
    assert first[:12].tolist() == [4.0] * 12 and first[12:24].tolist() == [3.0] * 12
