"""Every file format, walked over its table."""

from __future__ import annotations

import io
import json
import re
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.ipc as ipc
import pytest

from simgan.arrays import Float32Array
from simgan.errors import UnknownNameError
from simgan.scenarios.formats import FORMATS, format_for
from simgan.scenarios.product import Scenarios
from simgan.scenarios.sheet import Sheet
from simgan.scenarios.writing import write_file

N, FIRST = 700, 50_000


@pytest.fixture(autouse=True)
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several groups in a small file."""
    monkeypatch.setattr("simgan.scenarios.sheet._MOST_ROWS", 128)


def awkward_scenarios(n_assets: int = 1) -> Scenarios:
    """All orders of magnitude of float32 below 1, with denormal numbers and both zeros."""
    bits = (
        np.random.default_rng(1)
        .integers(0, 2**32, size=(N, 6, n_assets), dtype=np.uint64)
        .astype(np.uint32)
    )
    numbers = (bits & np.uint32(0xBFFFFFFF)).view(
        np.float32
    )  # a cleared top bit of the exponent keeps |x| < 2
    numbers[0, :3, 0] = 0.0, -0.0, 1e-45
    shapes = np.stack([numbers, np.abs(numbers), np.abs(numbers[::-1])], axis=-1)
    return Scenarios(
        numbers,
        FIRST,
        7,
        ("SP500", "a, b")[:n_assets],
        np.array([2506.85, 30.0])[:n_assets],
        shapes=shapes,
    )


def sheet_of(scenarios: Scenarios, **settings: str) -> Sheet:
    settings = {"layout": "long"} | settings if settings.get("values") == "bars" else settings
    return Sheet(FIRST, len(scenarios), scenarios.horizon, scenarios.assets, **settings)  # type: ignore[arg-type]


def split(scenarios: Scenarios, *sizes: int) -> Iterator[Scenarios]:
    start = 0
    while start < len(scenarios):
        for size in sizes:
            if start < len(scenarios):
                yield scenarios.part(start, min(start + size, len(scenarios)))
            start += size


def read_table(path: Path) -> pd.DataFrame:
    if path.name.endswith(".parquet"):
        return pd.read_parquet(path)
    if path.name.endswith(".arrow"):
        return ipc.open_file(path).read_all().to_pandas()
    if path.name.endswith(".arrows"):
        return ipc.open_stream(path).read_all().to_pandas()
    if path.name.endswith(".zst"):  # pandas needs one more package for it
        return pd.read_csv(pa.input_stream(path))
    if path.name.endswith(".jsonl"):
        return pd.DataFrame([json.loads(line) for line in path.read_text().splitlines()])
    return pd.read_csv(path)


def read_wide(path: Path) -> Float32Array:
    if path.suffix == ".npy":
        return np.load(path)
    table = read_table(path)
    assert list(table["scenario"]) == list(range(FIRST, FIRST + N))
    return table.drop(columns="scenario").to_numpy(np.float32)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_ending_chooses_the_format(kind: str) -> None:
    assert format_for(f"Some.File.{kind.upper()}").kind == kind


@pytest.mark.parametrize("kind", FORMATS)
def test_numbers_come_back_to_the_last_bit(kind: str, tmp_path: Path) -> None:
    scenarios, path = awkward_scenarios(), tmp_path / f"s.{kind}"
    write_file(lambda first, n: [scenarios], sheet_of(scenarios), path)
    expected = scenarios.log_returns[:, :, 0]
    assert np.array_equal(read_wide(path).view(np.uint32), expected.view(np.uint32))


@pytest.mark.parametrize("values", ["log-returns", "returns", "prices", "bars"])
@pytest.mark.parametrize("kind", FORMATS)
def test_the_bytes_do_not_depend_on_the_blocks(kind: str, values: str, tmp_path: Path) -> None:
    scenarios = awkward_scenarios()
    whole, ragged, single = (
        tmp_path / name / f"s.{kind}" for name in ("whole", "ragged", "single")
    )
    write_file(lambda first, n: [scenarios], sheet_of(scenarios, values=values), whole)
    write_file(
        lambda first, n: split(scenarios, 37, 256, 128, 1),
        sheet_of(scenarios, values=values),
        ragged,
    )
    write_file(lambda first, n: split(scenarios, 1), sheet_of(scenarios, values=values), single)
    assert whole.read_bytes() == ragged.read_bytes() == single.read_bytes()


@pytest.mark.parametrize("kind", FORMATS)
def test_prices_have_a_column_for_the_start(kind: str, tmp_path: Path) -> None:
    scenarios, path = awkward_scenarios(), tmp_path / f"s.{kind}"
    write_file(lambda first, n: [scenarios], sheet_of(scenarios, values="prices"), path)
    prices = read_wide(path)
    assert prices.shape == (N, 7)
    assert np.array_equal(prices[:, 0], np.full(N, 2506.85, np.float32))
    np.testing.assert_allclose(prices, scenarios.prices()[:, :, 0], rtol=6.0e-8)


@pytest.mark.parametrize("n_assets", [1, 2])
@pytest.mark.parametrize("kind", FORMATS)
def test_bars_are_consistent_in_every_format(kind: str, n_assets: int, tmp_path: Path) -> None:
    """To the last bit: low and high hold open and close, and closes are the prices of a file."""
    scenarios, path = awkward_scenarios(n_assets), tmp_path / f"s.{kind}"
    sheet = sheet_of(scenarios, values="bars")
    write_file(lambda first, n: split(scenarios, 100), sheet, path)
    if kind == "npy":
        bars = np.load(path)
        assert bars.shape == (N, 6, n_assets, 4)
    else:
        table = read_table(path)
        assert list(table.columns) == ["scenario", "step", "asset", "open", "high", "low", "close"]
        assert table["step"].tolist() == np.tile(np.repeat(np.arange(1, 7), n_assets), N).tolist()
        bars = table.iloc[:, 3:].to_numpy(np.float32).reshape(N, 6, n_assets, 4)
    opened, high, low, close = np.moveaxis(bars, -1, 0)
    prices = scenarios.cells("prices")[:, 1:]
    assert np.array_equal(close.view(np.uint32), prices.view(np.uint32))
    assert (low <= np.minimum(opened, close)).all() and (np.maximum(opened, close) <= high).all()
    np.testing.assert_allclose(bars, scenarios.bars(), rtol=6.0e-8)


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "npy"])
def test_long_rows_go_by_scenario_step_and_asset(kind: str, tmp_path: Path) -> None:
    scenarios, path = awkward_scenarios(n_assets=2), tmp_path / f"s.{kind}"
    write_file(lambda first, n: split(scenarios, 100), sheet_of(scenarios, layout="long"), path)
    table = read_table(path)
    assert list(table.columns) == ["scenario", "step", "asset", "value"]
    assert table["scenario"].tolist() == np.repeat(np.arange(FIRST, FIRST + N), 12).tolist()
    assert table["step"].tolist() == np.tile(np.repeat(np.arange(1, 7), 2), N).tolist()
    assert table["asset"].tolist() == ["SP500", "a, b"] * (6 * N)
    assert np.array_equal(table["value"].to_numpy(np.float32), scenarios.log_returns.reshape(-1))


def test_an_array_of_several_assets_has_three_axes(tmp_path: Path) -> None:
    scenarios, path = awkward_scenarios(n_assets=2), tmp_path / "s.npy"
    write_file(lambda first, n: split(scenarios, 100), sheet_of(scenarios), path)
    assert np.array_equal(np.load(path, mmap_mode="r"), scenarios.log_returns)


@pytest.mark.parametrize("kind", FORMATS)
def test_memory_does_not_grow_with_the_number_of_scenarios(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten times the scenarios need less than a quarter of their own 3.3 MB on top, in Python and
    NumPy and in Arrow's pool.
    """
    monkeypatch.setattr("simgan.scenarios.sheet._MOST_ROWS", 1024)
    block = np.random.default_rng(1).normal(size=(1024, 20, 1)).astype(np.float32)

    def peaks(n_blocks: int) -> tuple[int, int]:
        in_arrow = []

        def source(first: int, n: int) -> Iterator[Scenarios]:
            for i in range(n_blocks):
                in_arrow.append(pa.total_allocated_bytes())
                yield Scenarios(block, i * 1024)

        tracemalloc.start()
        write_file(
            source, Sheet(0, 1024 * n_blocks, 20, ("asset",)), tmp_path / f"{n_blocks}.{kind}"
        )
        in_python = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return in_python, max(in_arrow)

    peaks(1)  # imports
    for few, many in zip(peaks(4), peaks(40), strict=True):
        assert many - few < 0.25 * 40 * block.nbytes


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if FORMATS.load(kind).appendable])
@pytest.mark.parametrize("values", ["log-returns", "bars"])
def test_an_appendable_file_is_its_header_and_its_groups(kind: str, values: str) -> None:
    scenarios, form = awkward_scenarios(), FORMATS.build(kind)
    sheet = sheet_of(scenarios, values=values)
    whole, head, tail = io.BytesIO(), io.BytesIO(), io.BytesIO()
    for sink, start, stop in ((whole, 0, N), (head, 0, 256), (tail, 256, N)):
        writer = form.open(sink, sheet, start)
        for first in range(start, stop, 128):
            writer.write(scenarios.part(first, min(first + 128, stop)))
        writer.close()
    assert head.getvalue() + tail.getvalue() == whole.getvalue()


def test_an_unknown_ending_is_refused_with_the_known_ones() -> None:
    known = ", ".join(f".{kind}" for kind in FORMATS)
    with pytest.raises(UnknownNameError, match=re.escape(f"'.xlsx'; known: {known}")):
        format_for("s.xlsx")


def test_json_lines_are_an_object_per_row(tmp_path: Path) -> None:
    """The text is written by hand: -0.5, 0.1 and a name with a quotation mark."""
    numbers = np.array([[[-0.5], [0.1]], [[1.0], [0.0]]], np.float32)
    scenarios = Scenarios(numbers, 7, 1, ('A "B"',), np.array([1.0]))
    sink = io.BytesIO()
    scenarios.to_stream(sink, "jsonl")
    assert sink.getvalue() == b'{"scenario":7,"1":-0.5,"2":0.1}\n{"scenario":8,"1":1.0,"2":0.0}\n'
    scenarios.part(0, 1).to_stream(sink := io.BytesIO(), "jsonl", layout="long")
    assert sink.getvalue().splitlines()[0] == (
        rb'{"scenario":7,"step":1,"asset":"A \"B\"","value":-0.5}'
    )
