"""Views of scenarios: returns, prices, tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simgan.errors import ConfigError, SamplingError, WriteError
from simgan.scenarios.block import joined
from simgan.scenarios.product import Scenarios
from simgan.scenarios.sheet import Sheet


def doubled_then_halved(initial_price: float | None = 100.0) -> Scenarios:
    """One path that doubles and halves, one that stands still."""
    log_returns = np.array([[[np.log(2.0)], [np.log(0.5)]], [[0.0], [0.0]]], np.float32)
    return Scenarios(
        log_returns, 10, 0, ("SP500",), None if initial_price is None else np.array([initial_price])
    )


def test_prices_begin_at_the_start_and_follow_the_returns() -> None:
    """By hand: 100, 200, 100; ln 2 in float32 is off by 2·10⁻⁸."""
    expected = [[100.0, 200.0, 100.0], [100.0, 100.0, 100.0]]
    np.testing.assert_allclose(doubled_then_halved().prices()[:, :, 0], expected, rtol=1e-7)
    np.testing.assert_allclose(
        doubled_then_halved().prices(50.0)[:, :, 0], np.array(expected) / 2, rtol=1e-7
    )


def test_simple_returns_are_plus_one_and_minus_a_half() -> None:
    np.testing.assert_allclose(
        doubled_then_halved().returns()[:, :, 0], [[1.0, -0.5], [0.0, 0.0]], rtol=1e-7
    )


def test_long_paths_of_prices_are_summed_in_float64() -> None:
    """10,000 steps of 0.001 (as float32: 0.0010000000474974513) end at exp(10.000000474974513)."""
    scenarios = Scenarios(np.full((1, 10_000, 1), 0.001, np.float32))
    assert scenarios.prices(1.0)[0, -1, 0] == pytest.approx(np.exp(10.000000474974513), rel=1e-11)


def test_prices_without_a_start_are_refused() -> None:
    with pytest.raises(ConfigError, match="initial_price"):
        doubled_then_halved(initial_price=None).prices()


@pytest.mark.parametrize("price", [0.0, -1.0, np.nan, np.inf])
def test_prices_from_an_impossible_start_are_refused(price: float) -> None:
    with pytest.raises(ConfigError, match="positive"):
        doubled_then_halved(price)
    with pytest.raises(ConfigError, match="positive"):
        doubled_then_halved().prices(price)


@pytest.mark.parametrize(
    "log_returns",
    [
        np.zeros((2, 3), np.float32),
        np.zeros((0, 3, 1), np.float32),
        np.zeros((2, 3, 1)),
        np.full((2, 3, 1), np.nan, np.float32),
    ],
)
def test_other_arrays_are_refused(log_returns: np.ndarray) -> None:
    with pytest.raises(ConfigError):
        Scenarios(log_returns)


def test_assets_and_columns_must_agree() -> None:
    with pytest.raises(ConfigError, match="one name for each of the 2 assets"):
        Scenarios(np.zeros((2, 3, 2), np.float32), assets=("SP500",))


def test_prices_beyond_float32_are_told() -> None:
    """e¹⁰⁰ = 2.7·10⁴³ fits float64 and not float32; e⁸⁰⁰ fits neither."""
    for total in (100.0, 800.0):
        with pytest.raises(SamplingError, match="prices from scenario 0 on exceed"):
            Scenarios(np.full((1, 10, 1), total / 10, np.float32), initial_price=np.ones(1)).cells(
                "prices"
            )


def test_parts_keep_their_numbers_and_join_to_the_whole() -> None:
    scenarios = doubled_then_halved()
    parts = [scenarios.part(0, 1), scenarios.part(1, 2)]
    assert [part.first for part in parts] == [10, 11]
    assert np.array_equal(joined(parts).log_returns, scenarios.log_returns)


def test_the_wide_frame_has_a_row_per_scenario() -> None:
    frame = doubled_then_halved().to_frame(values="prices")
    assert frame.columns.tolist() == [0, 1, 2] and frame.columns.name == "step"
    assert frame.index.tolist() == [10, 11] and frame.index.name == "scenario"
    assert frame[1].tolist() == [200.0, 100.0]


def test_the_long_frame_has_a_row_per_cell() -> None:
    frame = doubled_then_halved().to_frame("long", "returns")
    assert frame.columns.tolist() == ["scenario", "step", "asset", "value"]
    assert frame["step"].tolist() == [1, 2, 1, 2]
    assert frame["asset"].tolist() == ["SP500"] * 4
    assert frame["value"].tolist() == pytest.approx([1.0, -0.5, 0.0, 0.0], rel=1e-7)


def test_files_hold_the_long_frame_and_the_cells_of_the_wide_one(tmp_path: Path) -> None:
    scenarios = doubled_then_halved()
    scenarios.to_csv(tmp_path / "s.csv.gz", layout="long")
    scenarios.to_parquet(tmp_path / "s.parquet")
    assert (
        pd.read_csv(tmp_path / "s.csv.gz")["value"].astype(np.float32).tolist()
        == scenarios.to_frame("long")["value"].tolist()
    )
    table = pd.read_parquet(tmp_path / "s.parquet")
    assert table.columns.tolist() == ["scenario", "1", "2"]  # a file keeps its layout
    wide = table.set_index("scenario").rename(columns=int)
    pd.testing.assert_frame_equal(wide, scenarios.to_frame(), check_names=False)


def test_files_are_not_overwritten_unasked(tmp_path: Path) -> None:
    doubled_then_halved().to_csv(tmp_path / "s.csv")
    with pytest.raises(WriteError, match="if_exists='replace'"):
        doubled_then_halved().to_csv(tmp_path / "s.csv")
    doubled_then_halved().to_csv(tmp_path / "s.csv", values="prices", if_exists="replace")
    assert (
        tmp_path / "s.csv"
    ).read_text() == "scenario,0,1,2\n10,100.0,200.0,100.0\n11,100.0,100.0,100.0\n"


def test_the_ending_must_be_that_of_the_method(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\.parquet"):
        doubled_then_halved().to_parquet(tmp_path / "s.csv")


@pytest.mark.parametrize(
    "change", [{"n": 0}, {"first": -1}, {"horizon": 0}, {"layout": "tall"}, {"values": "price"}]
)
def test_a_sheet_refuses_what_cannot_be(change: dict[str, object]) -> None:
    settings: dict[str, object] = {"first": 0, "n": 1, "horizon": 1, "assets": ("SP500",)}
    with pytest.raises(ConfigError, match=next(iter(change))):
        Sheet(**(settings | change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("horizon", "rows"), [(1, 65536), (21, 65536), (250, 16384), (10_000, 256), (5_000_000, 1)]
)
def test_groups_hold_four_million_cells_at_most(horizon: int, rows: int) -> None:
    assert Sheet(0, 1, horizon, ("SP500",)).rows == rows
