"""Conditions over all paths and bounds: measures against slow loops, text without loss."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from simgan.errors import ConfigError
from simgan.scenarios.conditions import ANNUAL_MEASURES, MEASURES, Condition, realized_volatility

PATHS = arrays(
    np.float64,
    st.tuples(st.integers(1, 4), st.integers(1, 8)),
    elements=st.floats(-1.0, 1.0, width=32),
)
BOUNDS = st.floats(allow_nan=False, allow_infinity=False)
CLOSE = {"rtol": 1e-12, "atol": 1e-12}


def largest_fall(path: np.ndarray) -> float:
    """Return the largest fall between any two of the days of one path, the start included."""
    prices = [1.0]
    for step in path:
        prices.append(prices[-1] * math.exp(step))
    falls = [1.0 - prices[j] / prices[i] for i in range(len(prices)) for j in range(i, len(prices))]
    return max(falls)


@settings(max_examples=25, deadline=None)
@given(paths=PATHS)
def test_the_drawdown_is_the_largest_fall_between_any_two_days(paths: np.ndarray) -> None:
    found = MEASURES["max-drawdown"](paths)
    np.testing.assert_allclose(found, [largest_fall(path) for path in paths], **CLOSE)
    assert ((found >= 0.0) & (found < 1.0)).all()


@settings(max_examples=25, deadline=None)
@given(paths=PATHS)
def test_measures_of_one_path_bound_each_other(paths: np.ndarray) -> None:
    """The end lies between the extremes, and a price below the start is a drawdown already."""
    found = {name: measure(paths) for name, measure in MEASURES.items()}
    assert (found["min-cumulative"] <= found["cumulative"] + 1e-12).all()
    assert (found["cumulative"] <= found["max-cumulative"] + 1e-12).all()
    assert (found["max-drawdown"] >= -np.expm1(found["min-cumulative"]) - 1e-12).all()
    total = realized_volatility(paths, 252.0) ** 2 * paths.shape[1] / 252.0
    np.testing.assert_allclose(total, [math.fsum(path**2) for path in paths], atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(paths=PATHS)
def test_a_mirrored_path_mirrors_its_extremes_and_keeps_its_volatility(paths: np.ndarray) -> None:
    for name, other, sign in (
        ("min-cumulative", "max-cumulative", -1.0),
        ("cumulative", "cumulative", -1.0),
    ):
        np.testing.assert_array_equal(MEASURES[name](-paths), sign * MEASURES[other](paths))
    np.testing.assert_array_equal(
        realized_volatility(-paths, 252.0), realized_volatility(paths, 252.0)
    )


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(sorted([*MEASURES, *ANNUAL_MEASURES])),
    is_above=st.booleans(),
    bound=BOUNDS,
    asset=st.sampled_from(["", "SP500", "^GSPC", "BRK-B", "a@b"]),
)
def test_a_condition_is_read_back_from_its_text_to_the_last_digit(
    name: str, is_above: bool, bound: float, asset: str
) -> None:
    """The text is part of the record of a file. Two conditions must not have the same one.

    On the old code, six digits were kept: a file was continued under another condition.
    """
    assume(name.endswith("cumulative") or 0 < bound < 1)
    condition = Condition(name, is_above, bound, asset)
    assert Condition.parse(str(condition)) == condition


def test_a_short_bound_has_a_short_text() -> None:
    texts = ["max-drawdown>0.3", "cumulative<-1", "realized-volatility>0.1234567", "cumulative>0"]
    assert [str(Condition.parse(text)) for text in texts] == texts


@pytest.mark.parametrize("bound", ["1e999", "-1e400"])
def test_a_bound_beyond_all_numbers_is_refused(bound: str) -> None:
    with pytest.raises(ConfigError, match="a measure, < or >, and a number"):
        Condition.parse(f"cumulative<{bound}")


@settings(max_examples=25, deadline=None)
@given(paths=PATHS, name=st.sampled_from(sorted(MEASURES)))
def test_a_path_is_above_a_bound_or_below_it_or_on_it(paths: np.ndarray, name: str) -> None:
    """A path on the bound meets neither condition."""
    values = MEASURES[name](paths)
    bound = float(values[0])
    above = Condition(name, True, bound).holds(paths[:, :, None])
    below = Condition(name, False, bound).holds(paths[:, :, None])
    np.testing.assert_array_equal(above, values > bound)
    np.testing.assert_array_equal(above | below, values != bound)
    assert not above[0] and not below[0]


def test_a_condition_on_float32_paths_is_measured_in_float64() -> None:
    """10,000 days of .0001: the float32 sum is off by about 1e-5."""
    path = np.full((1, 10_000, 1), 1e-4, np.float32)
    exact = 10_000 * float(np.float32(1e-4))
    assert Condition("cumulative", True, exact - 1e-9).holds(path).all()
    assert Condition("cumulative", False, exact + 1e-9).holds(path).all()
    assert abs(float(np.cumsum(path, dtype=np.float32)[-1]) - exact) > 1e-6
