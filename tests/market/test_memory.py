"""The volatility memory: formulas by hand, any leading shape, and assets that never mix."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.errors import ConfigError
from simgan.market.memory import FIRST_DAYS, LONGEST, SHORTEST, Memory

SETTINGS = {
    "default": Memory(),
    "one half life": Memory((5.0,), (3.0,)),
    "many half lives": Memory(tuple(float(day) for day in range(1, 21)), (0.4, 2.0)),
}


def returns(days: int, assets: int) -> np.ndarray:
    """Scaled returns with a crash that the guard bounds."""
    rng = np.random.Generator(np.random.Philox(3))
    scaled = rng.standard_t(4, (days, assets)).astype(np.float32)
    scaled[days // 2] *= 30
    return scaled


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("days", [1, 7, 200])
def test_assets_together_are_remembered_as_each_alone_to_the_bit(name: str, days: int) -> None:
    memory, scaled = SETTINGS[name], returns(days, 3)
    together = memory.along(scaled)
    assert together.shape == (days + 1, 3, memory.width) and together.dtype == np.float32
    for asset in range(3):
        alone = memory.along(scaled[:, asset : asset + 1])
        np.testing.assert_array_equal(together[:, asset], alone[:, 0])


@pytest.mark.parametrize("name", SETTINGS)
def test_levels_of_assets_together_are_those_of_each_alone_to_the_bit(name: str) -> None:
    memory, paths = SETTINGS[name], returns(8 * 20, 2).reshape(8, 20, 2)
    start = np.abs(returns(8 * 2, memory.width)).reshape(8, 2, memory.width)
    together = memory.levels(start, paths)
    assert together.shape == (8, 20, 2)
    for asset in range(2):
        part = slice(asset, asset + 1)
        alone = memory.levels(start[:, part], paths[:, :, part])
        np.testing.assert_array_equal(together[:, :, part], alone)


def test_assets_are_not_mixed() -> None:
    """The twin that must fail: another second asset changes only its own memory."""
    memory, one = Memory(), returns(100, 2)
    other = one.copy()
    other[50:, 1] *= 2
    before, after = memory.along(one), memory.along(other)
    np.testing.assert_array_equal(before[:, 0], after[:, 0])
    assert (before[51:, 1] != after[51:, 1]).any(axis=-1).all()


@pytest.mark.parametrize("shape", [(), (4,), (2, 3, 5)])
def test_one_day_works_for_every_leading_shape(shape: tuple[int, ...]) -> None:
    """A shape is that many days on their own."""
    memory, count = Memory(), int(np.prod(shape, initial=1))
    rows = np.abs(returns(count, memory.width))
    days = returns(count, 1)[:, 0]
    expected = np.stack(
        [memory.next(row, np.asarray(day)) for row, day in zip(rows, days, strict=True)]
    )
    found = memory.next(rows.reshape(*shape, memory.width), days.reshape(shape))
    np.testing.assert_array_equal(found, expected.reshape(*shape, memory.width))


def test_a_level_is_the_mean_of_the_faster_half_before_its_day() -> None:
    """By hand with three half lives: the faster two, before the return is known."""
    memory = Memory((1.0, 2.0, 4.0), (1.0,))
    start = np.array([[[1.0, 3.0, 8.0, 0, 0, 0, 0]]], np.float32)
    levels = memory.levels(start, np.array([[[1.0], [5.0]]], np.float32))
    second = memory.next(start, np.array([[1.0]], np.float32))[0, 0, :2].mean()
    np.testing.assert_allclose(levels[0, :, 0], [2.0, second])


def test_the_first_memory_is_the_mean_square_of_the_first_days() -> None:
    memory, scaled = Memory(), returns(200, 2)
    first = memory.along(scaled)[0]
    expected = np.square(scaled[:FIRST_DAYS].astype(np.float64)).mean(axis=0)
    np.testing.assert_allclose(
        first[:, : memory.squares], np.tile(expected[:, None], 12), rtol=1e-6
    )
    assert not first[:, memory.squares :].any()


def test_a_factor_per_asset_rescales_each_by_its_own() -> None:
    memory, scaled, factors = Memory(), returns(80, 2), np.array([4.0, 9.0])
    rescaled = memory.rescaled(memory.along(scaled), factors[:, None])
    expected = memory.along((scaled * np.sqrt(factors)).astype(np.float32))
    np.testing.assert_allclose(rescaled, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1e-320, 0.0, -1.0, 1e6])
@pytest.mark.parametrize("field", ["half_lives", "trends"])
def test_a_half_life_out_of_range_is_refused_with_the_bounds(field: str, wrong: float) -> None:
    with pytest.raises(ConfigError, match=r"each from 0\.01 to 100000") as refused:
        Memory(**{field: (wrong,)})
    assert refused.value.field == field


@pytest.mark.parametrize("field", ["half_lives", "trends"])
def test_half_lives_must_be_there_and_in_order(field: str) -> None:
    with pytest.raises(ConfigError, match="at least one number of days"):
        Memory(**{field: ()})
    with pytest.raises(ConfigError, match="in order, the shortest first"):
        Memory(**{field: (5.0, 1.0)})


@pytest.mark.parametrize("guard", [np.nan, np.inf, 0.5, -1.0])
def test_a_guard_out_of_range_is_refused(guard: float) -> None:
    with pytest.raises(ConfigError, match=r"guard = .* from 1 to 1e"):
        Memory(guard=guard)


def test_the_bounds_themselves_are_allowed_and_give_finite_memories() -> None:
    memory = Memory((SHORTEST, LONGEST), (SHORTEST, LONGEST))
    found = memory.along(returns(100, 1))
    assert np.isfinite(found).all() and np.isfinite(memory.trend_scale).all()
