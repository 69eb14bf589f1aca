"""Tables of scenarios, cell by cell, and the text that each format makes of them by hand."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgan.errors import ConfigError
from simgan.scenarios.block import Block, Values
from simgan.scenarios.formats import FORMATS, format_for
from simgan.scenarios.sheet import (
    LAST,
    Coded,
    Layout,
    Sheet,
    column_names,
    record_batch,
    table_columns,
    table_schema,
)
from simgan.seeds import Seed

NAMES = ("plain", 'quo"ted', "com,ma")


def block_of(paths: int, horizon: int, assets: int, *, is_weighted: bool = False) -> Block:
    rng = Seed(4).stream("validation")
    log_returns = rng.standard_normal((paths, horizon, assets), dtype=np.float32) / np.float32(40)
    weights = rng.uniform(0.1, 2.0, paths) if is_weighted else None
    return Block(log_returns, 9, 1, NAMES[:assets], np.full(assets, 80.0), None, weights)


def sheet_of(block: Block, layout: Layout, values: Values = "log-returns") -> Sheet:
    is_weighted = block.weights is not None
    return Sheet(
        block.first, len(block), block.horizon, block.assets, layout, values, {}, is_weighted
    )


def text_of(kind: str, block: Block, sheet: Sheet) -> str:
    sink = io.BytesIO()
    writer = FORMATS.build(kind).open(sink, sheet)
    writer.write(block)
    writer.close()
    return sink.getvalue().decode()


def plain(column: np.ndarray | Coded) -> list[object]:
    if isinstance(column, Coded):
        return [column.words[number] for number in column.numbers]
    return column.tolist()


SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))
VALUES = st.sampled_from(["log-returns", "returns", "prices"])


@settings(max_examples=20, deadline=None)
@given(shape=SHAPES, values=VALUES, is_weighted=st.booleans())
def test_a_long_table_is_three_loops(
    shape: tuple[int, int, int], values: Values, is_weighted: bool
) -> None:
    block = block_of(*shape, is_weighted=is_weighted)
    sheet, cells = sheet_of(block, "long", values), block.cells(values)
    expected = [
        (9 + path, *([block.probable[path]] * is_weighted), step, name, cells[path, place, asset])
        for path in range(len(block))
        for place, step in enumerate(sheet.steps)
        for asset, name in enumerate(block.assets)
    ]
    columns = table_columns(block, sheet)
    assert list(zip(*map(plain, columns.values()), strict=True)) == expected
    assert list(columns) == column_names(sheet) == table_schema(sheet).names


@settings(max_examples=20, deadline=None)
@given(paths=st.integers(1, 4), horizon=st.integers(1, 5), values=VALUES, is_weighted=st.booleans())
def test_a_wide_table_is_a_row_for_each_scenario(
    paths: int, horizon: int, values: Values, is_weighted: bool
) -> None:
    block = block_of(paths, horizon, 1, is_weighted=is_weighted)
    sheet = sheet_of(block, "wide", values)
    batch = record_batch(block, sheet)
    steps = [str(step) for step in range(values != "prices", horizon + 1)]
    assert batch.schema.names == ["scenario", *(["weight"] * is_weighted), *steps]
    np.testing.assert_array_equal(
        np.stack([batch.column(name).to_numpy() for name in steps], axis=1),
        block.cells(values)[:, :, 0],
    )
    assert batch.column("scenario").to_pylist() == list(range(9, 9 + paths))


def test_csv_is_read_back_by_the_standard_library_with_its_quotes_and_every_bit() -> None:
    block = block_of(3, 2, 3, is_weighted=True)
    sheet = sheet_of(block, "long")
    rows = list(csv.reader(io.StringIO(text_of("csv", block, sheet))))
    assert rows[0] == ["scenario", "weight", "step", "asset", "value"]
    assert {row[3] for row in rows[1:]} == set(NAMES)
    found = np.array([row[4] for row in rows[1:]]).astype(np.float32)
    np.testing.assert_array_equal(found, block.log_returns.ravel())
    weights = [float(row[1]) for row in rows[1:]]
    np.testing.assert_array_equal(weights, np.repeat(block.probable, 6))


def test_csv_by_hand_has_the_shortest_numbers() -> None:
    """0.1 as float32 is 0.100000001490116…, and 0.1 is the shortest text that gives it."""
    block = Block(np.array([[[0.1], [-2.5]], [[0.0], [1e-7]]], np.float32), 3)
    assert (
        text_of("csv", block, sheet_of(block, "wide")) == "scenario,1,2\n3,0.1,-2.5\n4,0.0,1e-7\n"
    )


def test_json_lines_are_objects_with_the_cells_of_the_table() -> None:
    block = block_of(2, 2, 2)
    lines = text_of("jsonl", block, sheet_of(block, "long")).splitlines()
    rows = [json.loads(line) for line in lines]
    assert [list(row) for row in rows] == [["scenario", "step", "asset", "value"]] * 8
    assert [row["asset"] for row in rows] == ["plain", 'quo"ted'] * 4
    found = np.array([row["value"] for row in rows], np.float32)
    np.testing.assert_array_equal(found, block.log_returns.ravel())


def test_an_array_of_several_assets_keeps_their_axis_and_one_asset_has_none() -> None:
    for assets, shape in ((1, (2, 3)), (3, (2, 3, 3))):
        block, sink = block_of(2, 3, assets), io.BytesIO()
        FORMATS.build("npy").open(sink, sheet_of(block, "wide")).write(block)
        found = np.load(io.BytesIO(sink.getvalue()))
        assert found.shape == shape and found.dtype == np.float32
        np.testing.assert_array_equal(found.ravel(), block.log_returns.ravel())


def test_wide_columns_of_several_assets_are_named_by_asset_and_step() -> None:
    block = block_of(3, 2, 2)
    found = table_columns(block, sheet_of(block, "wide"))
    assert list(found) == ["scenario", *(f"{a}:{step}" for a in block.assets for step in (1, 2))]
    first, last = (found[f"{block.assets[asset]}:{step}"] for asset, step in ((0, 2), (1, 1)))
    np.testing.assert_array_equal(first, block.log_returns[:, 1, 0])
    np.testing.assert_array_equal(last, block.log_returns[:, 0, 1])


@settings(max_examples=40, deadline=None)
@given(horizon=st.integers(1, 10**7), assets=st.integers(1, 50), values=VALUES)
def test_a_group_is_the_largest_power_of_two_that_fits(
    horizon: int, assets: int, values: Values
) -> None:
    sheet = Sheet(0, 1, horizon, tuple(map(str, range(assets))), "long", values)
    cells = (horizon + (values == "prices")) * assets
    assert sheet.rows.bit_count() == 1
    assert sheet.rows * cells <= 2**22 or sheet.rows == 1
    assert 2 * sheet.rows * cells > 2**22 or sheet.rows == 2**16


def test_the_last_number_fits_into_64_bits_and_one_more_does_not() -> None:
    assert Sheet(LAST - 1, 1, 1, ("A",)).first + 1 == 2**63 - 1
    with pytest.raises(ConfigError, match=r"first \+ n = 9223372036854775808"):
        Sheet(LAST, 1, 1, ("A",))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("S.CSV", "csv"), ("s.Csv.GZ", "csv.gz"), ("a.csv.parquet", "parquet"), ("-", "csv")],
)
def test_the_last_ending_chooses_the_format_in_either_case(name: str, kind: str) -> None:
    assert format_for(name).kind == kind
