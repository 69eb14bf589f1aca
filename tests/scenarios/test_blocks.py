"""Blocks of scenarios: cut, joined and regrouped in any way, they are the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgan.errors import ConfigError, SamplingError
from simgan.scenarios.block import Block, ForeignScenarios, joined, regroup
from simgan.seeds import Seed

ROWS, FIRST = 40, 7
LOG_RETURNS = Seed(2).stream("validation").standard_normal(
    (ROWS, 3, 2), dtype=np.float32
) / np.float32(50)
NUMBERS = np.cumsum(np.arange(1, ROWS + 1))  # of those that met a condition
WEIGHTS = np.linspace(0.5, 1.5, ROWS)
START = np.array([100.0, 0.25])

SHAPES = np.abs(np.stack([LOG_RETURNS, LOG_RETURNS, LOG_RETURNS], axis=-1))


def whole(*, is_picked: bool = False) -> Block:
    """Give a block of two assets, or one of scenarios that were picked by a condition."""
    picked = {"numbers": NUMBERS, "weights": WEIGHTS, "shapes": SHAPES} if is_picked else {}
    return Block(LOG_RETURNS, FIRST, 5, ("A", "B"), START, **picked)


def cut(block: Block, places: list[int]) -> Iterator[Block]:
    edges = [0, *sorted(set(places) - {0, ROWS}), ROWS]
    return (block.part(start, stop) for start, stop in pairwise(edges))


def same(found: Block, expected: Block) -> bool:
    return (
        (found.first, found.seed, found.assets) == (expected.first, expected.seed, expected.assets)
        and np.array_equal(found.log_returns, expected.log_returns)
        and np.array_equal(found.numbered, expected.numbered)
        and np.array_equal(found.probable, expected.probable)
        and (found.weights is None) == (expected.weights is None)
        and (found.shapes is None) == (expected.shapes is None)
        and (found.shapes is None or np.array_equal(found.shapes, expected.shapes))
    )


@settings(max_examples=30, deadline=None)
@given(
    places=st.lists(st.integers(0, ROWS), max_size=9),
    rows=st.integers(1, ROWS + 5),
    is_picked=st.booleans(),
)
def test_every_cut_is_regrouped_into_runs_of_the_same_rows(
    places: list[int], rows: int, is_picked: bool
) -> None:
    block = whole(is_picked=is_picked)
    runs = list(regroup(cut(block, places), rows))
    assert [len(run) for run in runs[:-1]] == [rows] * ((ROWS - 1) // rows)
    assert 0 < len(runs[-1]) <= rows
    assert same(joined(runs), block)
    for number, run in enumerate(runs):
        assert same(run, block.part(number * rows, min((number + 1) * rows, ROWS)))


@settings(max_examples=30, deadline=None)
@given(places=st.lists(st.integers(1, ROWS - 1), min_size=2, max_size=9, unique=True))
def test_a_block_that_is_missing_is_found(places: list[int]) -> None:
    """The failing twin: without one of its blocks, a run of scenarios is refused."""
    parts = list(cut(whole(), places))
    del parts[1]
    with pytest.raises(ForeignScenarios, match=f"begins at {parts[1].first}, but scenario"):
        list(regroup(parts, 10))


def test_a_block_that_comes_twice_is_found() -> None:
    with pytest.raises(ForeignScenarios, match="begins at 7, but scenario 47 is due"):
        list(regroup([whole(), whole()], 10))


def test_a_part_of_a_part_is_a_part_and_shares_its_memory() -> None:
    block = whole(is_picked=True)
    part = block.part(10, 30).part(5, 8)
    assert same(part, block.part(15, 18)) and part.first == FIRST + 15
    assert np.shares_memory(part.log_returns, block.log_returns)
    np.testing.assert_array_equal(part.numbered, NUMBERS[15:18])


def test_scenarios_without_numbers_and_weights_are_consecutive_and_equal() -> None:
    np.testing.assert_array_equal(whole().numbered, np.arange(FIRST, FIRST + ROWS))
    np.testing.assert_array_equal(whole().probable, 1.0)
    np.testing.assert_array_equal(whole(is_picked=True).probable, WEIGHTS)


def test_prices_grow_by_the_simple_returns_from_the_price_of_each_asset() -> None:
    block = whole()
    prices = block.prices()
    assert prices.shape == (ROWS, 4, 2)
    np.testing.assert_array_equal(prices[:, 0], np.tile(START, (ROWS, 1)))
    np.testing.assert_allclose(prices[:, 1:] / prices[:, :-1] - 1.0, block.returns(), atol=1e-12)
    np.testing.assert_allclose(
        np.log(prices[:, -1] / START), LOG_RETURNS.astype(np.float64).sum(axis=1), atol=1e-12
    )


def test_one_price_serves_every_asset_and_another_number_of_prices_is_refused() -> None:
    block = whole()
    np.testing.assert_allclose(block.prices(50.0)[:, 0], 50.0)
    np.testing.assert_allclose(block.prices(2 * START), 2 * block.prices())
    with pytest.raises(ConfigError, match="one positive number per asset"):
        Block(LOG_RETURNS, assets=("A", "B"), initial_price=np.array([100.0]))


@settings(max_examples=20, deadline=None)
@given(value=st.floats(-0.75, 0.75, width=32), steps=st.integers(1, 30))
def test_cells_of_a_file_are_rounded_once(value: float, steps: int) -> None:
    """Relative to the exact price, half a unit of float32 is at most 6·10⁻⁸."""
    block = Block(np.full((1, steps, 1), value, np.float32), initial_price=np.array([3.0]))
    exact = 3.0 * np.exp(float(np.float32(value)) * np.arange(steps + 1))
    np.testing.assert_allclose(block.cells("prices")[0, :, 0], exact, rtol=6.1e-8)
    returns = np.full(steps, np.expm1(float(np.float32(value))))
    np.testing.assert_allclose(block.cells("returns")[0, :, 0], returns, rtol=6.1e-8)
    assert block.cells("log-returns") is block.log_returns


def test_a_return_beyond_float32_is_refused_and_the_log_return_is_not() -> None:
    """e⁹⁰ − 1 = 1.2·10³⁹ is above the largest float32."""
    block = Block(np.full((1, 1, 1), 90.0, np.float32), first=12)
    with pytest.raises(SamplingError, match=r"returns from scenario 12 on exceed 3\.4e38"):
        block.cells("returns")
    assert block.cells("log-returns")[0, 0, 0] == 90.0
