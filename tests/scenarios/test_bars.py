"""Bars of scenarios: open, high, low and close by returns and shapes, consistent to a bit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as of_numpy

from simgan.errors import ConfigError, ScenarioError
from simgan.market.prices import Bars
from simgan.market.shapes import shapes_of
from simgan.scenarios.product import Scenarios
from simgan.scenarios.reading import read_scenarios
from simgan.seeds import Seed

N, HORIZON = 200, 6
RNG = Seed(1).stream("validation")
DRAWN = RNG.normal(0.0, 0.02, (N, HORIZON, 1)).astype(np.float32)
PARTS = RNG.normal(0.0, 0.01, (N, HORIZON, 1, 3)).astype(np.float32)
PARTS[..., 1:] = np.maximum(PARTS[..., 1:], 0)  # half of the highs are open or close
ONE = Scenarios(DRAWN, 7, assets=("KO",), initial_price=np.array([50.0]), shapes=PARTS)
LARGE = st.floats(-3, 3, width=32)


def of(name: str, bars: np.ndarray) -> np.ndarray:
    return bars[..., ("open", "high", "low", "close").index(name)]


def test_the_shapes_of_the_bars_are_those_of_the_scenarios() -> None:
    """`simgan.market.shapes` reads them as it reads the days of a history."""
    bars, prices = ONE.bars(), ONE.prices()
    read = Bars(*(of(name, bars) for name in ("open", "high", "low")), np.ones(DRAWN.shape))
    found = shapes_of(prices[:, :-1], of("close", bars), read)
    np.testing.assert_allclose(found, PARTS, atol=1e-12)
    np.testing.assert_array_equal(of("close", bars), prices[:, 1:])


@given(
    returns=of_numpy.arrays(np.float32, (3, 5, 1), elements=LARGE),
    shapes=of_numpy.arrays(np.float32, (3, 5, 1, 3), elements=LARGE),
    price=st.floats(1e-3, 1e6),
)
def test_low_and_high_hold_open_and_close_after_rounding(
    returns: np.ndarray, shapes: np.ndarray, price: float
) -> None:
    shapes[..., 1:] = np.abs(shapes[..., 1:])
    drawn = Scenarios(returns, initial_price=np.array([price]), shapes=shapes)
    bars = drawn.cells("bars")
    opened, close = of("open", bars), of("close", bars)
    assert (of("low", bars) <= np.minimum(opened, close)).all()
    assert (of("high", bars) >= np.maximum(opened, close)).all()
    np.testing.assert_array_equal(close, drawn.cells("prices")[:, 1:])


def test_bars_begin_at_any_price() -> None:
    np.testing.assert_allclose(ONE.bars(100.0), 2 * ONE.bars(), rtol=1e-15)


def test_scenarios_without_shapes_have_no_bars_and_say_how_to_get_some() -> None:
    plain = replace(ONE, shapes=None)
    for ask in (plain.bars, lambda: plain.to_frame(values="bars")):
        with pytest.raises(
            ConfigError,
            match=r"bars = False is not possible.*: sample\(\.\.\., bars=True\)",
        ):
            ask()


@pytest.mark.parametrize(
    ("shapes", "told"),
    [
        (PARTS.astype(np.float64), "float32"),
        (PARTS[:, :-1], "gap-upper-lower"),
        (np.where(PARTS.max() == PARTS, np.float32(np.nan), PARTS), "not finite"),
        (-np.abs(PARTS), "negative upper or lower"),
    ],
)
def test_impossible_shapes_are_refused(shapes: np.ndarray, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        replace(ONE, shapes=shapes)


def test_assets_side_by_side_keep_their_bars() -> None:
    known = replace(ONE, model="m")
    other = replace(known, assets=("PEP",), shapes=2 * PARTS)
    np.testing.assert_array_equal(known.beside(other).bars()[:, :, :1], ONE.bars())
    np.testing.assert_array_equal(known.beside(other).bars()[:, :, 1:], other.bars())
    assert known.beside(replace(other, shapes=None)).shapes is None


def test_a_frame_of_bars_is_long_and_a_wide_one_is_refused() -> None:
    frame = ONE.to_frame(values="bars")
    assert list(frame.columns) == ["scenario", "step", "asset", "open", "high", "low", "close"]
    assert len(frame) == N * HORIZON and frame["step"].tolist()[:7] == [1, 2, 3, 4, 5, 6, 1]
    np.testing.assert_array_equal(
        frame[["open", "high", "low", "close"]].to_numpy(), ONE.cells("bars").reshape(-1, 4)
    )
    with pytest.raises(ConfigError, match="long for bars: a wide row has one value for each step"):
        ONE.to_frame("wide", "bars")


@pytest.mark.parametrize("name", ["s.csv", "s.csv.gz", "s.parquet", "s.arrow", "s.npy"])
def test_a_file_of_bars_is_read_by_its_closes(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    with path.open("wb") as sink:
        ONE.to_stream(sink, name[2:], values="bars")
    read = read_scenarios(path)
    closes = ONE.cells("prices")[:, 1:, 0].astype(np.float64)
    np.testing.assert_allclose(read.log_returns, np.diff(np.log(closes), axis=1), atol=2e-7)
    assert [note.removeprefix(f"{path} ") for note in read.notes] == [
        "holds bars: the returns of their closes begin with the second day"
    ]
    np.testing.assert_array_equal(read_scenarios(path, "bars").log_returns, read.log_returns)


def test_bars_of_one_day_and_files_without_bars_are_refused_as_bars(tmp_path: Path) -> None:
    replace(ONE, log_returns=DRAWN[:, :1], shapes=PARTS[:, :1]).to_csv(
        tmp_path / "day.csv", values="bars"
    )
    with pytest.raises(ScenarioError, match="bars need at least two steps"):
        read_scenarios(tmp_path / "day.csv")
    ONE.to_csv(tmp_path / "returns.csv")
    with pytest.raises(ScenarioError, match="no bars; give columns scenario, step, open, high"):
        read_scenarios(tmp_path / "returns.csv", "bars")
