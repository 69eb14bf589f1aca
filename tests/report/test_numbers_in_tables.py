"""Numbers in tables: three digits that can be read back, without an exponent."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from simgan.report.renderers import header, header_width, number, of_model
from simgan.report.verdict import Row

SIZES = st.floats(1e-4, 1e12) | st.floats(-1e12, -1e-4)


def read(shown: str) -> float:
    return float(shown.replace("−", "-"))


@given(value=SIZES)
def test_a_number_is_read_back_within_half_a_unit_of_its_third_digit(value: float) -> None:
    shown = number(value)
    assert re.fullmatch(r"−?\d+(\.\d+)?", shown), shown
    assert abs(read(shown) - value) <= 0.5 * 10**-2 * 10 ** _power(value) * (1 + 1e-9)


def _power(value: float) -> int:
    """Return the power of ten of the first digit."""
    return int(f"{abs(value):e}".split("e")[1])


@given(value=SIZES)
def test_digits_are_three_below_a_thousand(value: float) -> None:
    shown = number(value).lstrip("−")
    digits = shown.replace(".", "").lstrip("0")
    assert len(digits) == 3 if abs(read(shown)) < 1000 else len(digits) >= 3


@given(one=SIZES, other=SIZES)
def test_the_order_of_numbers_is_kept(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert read(number(low)) <= read(number(high))


@given(value=st.floats(1e-300, 9.99e-5))
def test_a_number_below_the_digits_is_told_by_its_bound(value: float) -> None:
    assert number(value) == "<0.0001"
    assert number(-value) == ">−0.0001"


@given(model=st.text("abc-é中", min_size=1, max_size=60))
def test_a_header_has_every_character_and_no_line_wider_than_sixteen_cells(model: str) -> None:
    lines = header(model).split("\n")
    assert "".join(lines) == model
    assert max(map(cell_len, lines)) == header_width(model) <= 16


@pytest.mark.parametrize(
    ("model", "lines"),
    [
        ("gjr-t", ["gjr-t"]),
        ("gjr-skew-t", ["gjr-skew-t"]),
        ("stationary-bootstrap", ["stationary-", "bootstrap"]),
        ("historical-250", ["historical-", "250"]),
    ],
)
def test_a_long_name_is_broken_at_its_hyphens(model: str, lines: list[str]) -> None:
    assert header(model).split("\n") == lines


@pytest.mark.parametrize(
    ("value", "told"), [(0.62, "0.620 ± 0.01"), (0.58, "0.580 ± 0.01"), (0.7, "0.700")]
)
def test_an_error_is_told_where_other_paths_could_turn_the_mark(value: float, told: str) -> None:
    """By hand: three errors of .01 about the limit of .6 reach from .57 to .63."""
    row = Row(name="C2ST", models={"m": value}, floor=0.6, perfect=0.5, errors={"m": 0.01})
    assert of_model(row, "m") == told
    assert of_model(replace(row, errors={}), "m") == told.split(" ")[0]
