"""Arrays are refused at the door when their shape or their numbers cannot be right."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.arrays import expect_finite, expect_log_returns, expect_shape, whole_rows
from simgan.errors import ConfigError

AXES = ("paths", "horizon", "assets")


@pytest.mark.parametrize("shape", [(1, 1, 1), (5, 21, 3)])
def test_an_array_with_these_axes_passes(shape: tuple[int, ...]) -> None:
    expect_shape(np.zeros(shape), AXES, "made_up")


@pytest.mark.parametrize(
    "shape", [(), (5,), (5, 21), (5, 21, 3, 1), (0, 21, 3), (5, 0, 3), (5, 21, 0)]
)
def test_other_axes_and_empty_ones_are_refused_with_both_shapes(shape: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError) as told:
        expect_shape(np.zeros(shape), AXES, "made_up")
    assert (
        str(told.value)
        == f"made_up: shape = {shape} is not possible; it must be (paths, horizon, assets), none of them 0"  # noqa: E501
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_finite_numbers_pass_up_to_the_largest(dtype: type[np.floating]) -> None:
    largest = np.finfo(dtype).max
    expect_finite(
        np.array([0.0, -0.0, largest, -largest, np.finfo(dtype).smallest_subnormal], dtype),
        "made_up",
    )


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_counted(bad: float) -> None:
    with pytest.raises(ConfigError, match=r"2 of 4 not finite"):
        expect_finite(np.array([[0.1, bad], [bad, 0.2]]), "made_up")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([0.01, np.nan], "1 of 2 not finite"),
        ([0.01, 0.01], "constant is not possible; it must be log returns that vary"),
        ([1e-200, -1e-200], "constant"),
        ([0.01, -101.0], "up to ±101 is .* prices or percent"),
    ],
)
def test_a_history_without_log_returns_that_vary_is_refused(
    values: list[float], sentence: str
) -> None:
    with pytest.raises(ConfigError, match=sentence):
        expect_log_returns(np.array(values), "made_up")


def test_log_returns_pass_and_none_have_nothing_to_refuse() -> None:
    expect_log_returns(np.array([0.01, -9.0]), "made_up")
    expect_log_returns(np.empty(0), "made_up")


def test_a_row_is_whole_with_a_number_in_each_column() -> None:
    values = np.array([[0.1, 0.2], [np.nan, 0.2], [0.1, np.inf], [0.0, 0.0]])
    assert whole_rows(values).tolist() == [True, False, False, True]
