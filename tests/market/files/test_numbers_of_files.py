"""Numbers in each notation: decided by cells, by other columns, by custom, by continuity."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from simgan.errors import PriceError
from simgan.market.files.numbers import COMMA, POINT, amounts, cleaned, notation_of, numbers


def read(cells: list[str], separator: str = ";", *others: list[str]) -> list[float]:
    prices = cleaned(pa.array(cells))
    rest = [cleaned(pa.array(other)) for other in others]
    return numbers(prices, notation_of([prices], rest, separator)).values.tolist()


WRITTEN = {
    "plain": (["10.5", "1e1", "+3", ".5"], [10.5, 10.0, 3.0, 0.5]),
    "English": (["1,234.5", "12,345,678.25"], [1234.5, 12345678.25]),
    "Indian": (["1,23,456.75", "12,345.50"], [123456.75, 12345.5]),
    "German": (["1.234,5", "12.345.678,25"], [1234.5, 12345678.25]),
    "Swiss": (["1'234.50", "12’345.00"], [1234.5, 12345.0]),
    "French": (["1\u00a0234,50", "12\u202f345,00"], [1234.5, 12345.0]),
    "blanks": (["1 234.50", "999.00"], [1234.5, 999.0]),
    "dollars": (["$1,234.50", "$999.00"], [1234.5, 999.0]),
    "euros": (["1.234,50 €", "999,00 €"], [1234.5, 999.0]),
    "won": (["₩38,700", "₩1,038,700", "900원"], [38700.0, 1038700.0, 900.0]),
    "per cent": (["2.45%", "-0.10 %"], [2.45, -0.1]),
    "accountants": (["(1.50)", "2.50"], [-1.5, 2.5]),
    "minus sign": (["−1.50", "2.50"], [-1.5, 2.5]),
    "decimals only": (["0.123", "0.456"], [0.123, 0.456]),
    "whole": (["38700", "900"], [38700.0, 900.0]),
    "two groups": (["1.234.567", "987.654"], [1234567.0, 987654.0]),
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_notation_is_read(kind: str) -> None:
    cells, values = WRITTEN[kind]
    assert read(cells) == values


def test_other_columns_decide_what_prices_leave_open() -> None:
    assert read(["1.234", "2.345"], ";", ["0,12", "0,5"]) == [1234.0, 2345.0]
    assert read(["1,234", "2,345"], ",", ["0.12", "0.5"]) == [1234.0, 2345.0]
    assert read(["38,700", "39,100"], ",", ["9,900,267", "8,000"]) == [38700.0, 39100.0]


def test_the_custom_of_a_comma_decides_and_is_doubted() -> None:
    cells = cleaned(pa.array(["112.345", "112.347"]))
    notation = notation_of([cells], [], ",")
    assert (notation.decimal, notation.doubt) == (".", "112.345")


def test_prices_go_on_from_day_to_day() -> None:
    assert read(["998", "1.012", "1.003"], "\t") == [998.0, 1012.0, 1003.0]
    assert read(["998", "1,012", "1,003"], ",") == [998.0, 1012.0, 1003.0]


@pytest.mark.parametrize("cells", [["1.234", "1.235"], ["112,345", "112,346"]])
def test_numbers_with_two_readings_are_refused(cells: list[str]) -> None:
    with pytest.raises(PriceError, match=f"{cells[0]!r} can mean two numbers"):
        read(cells, ";")


def test_the_few_cells_in_another_notation_are_wrong() -> None:
    cells = cleaned(pa.array(["10.25", "10,5", "10.75", "1,234.50", "1,23.4", "1.5K", "x", "1_0"]))
    found = numbers(cells, notation_of([cells], [], ","))
    assert found.is_wrong.tolist() == [False, True, False, False, True, True, True, True]


@pytest.mark.parametrize("cell", ["", " ", "-", "NA", "N/A", "#N/A N/A", ".", "null", "None", "—"])
def test_a_missing_value_is_no_number_and_no_fault(cell: str) -> None:
    found = numbers(cleaned(pa.array([cell, "1.25"])), POINT)
    assert found.is_missing.tolist() == [True, False]
    assert not found.is_wrong.any()


def test_infinity_is_a_number_for_the_judgement() -> None:
    assert read(["inf", "-inf", "1.25"]) == [np.inf, -np.inf, 1.25]


def test_amounts_have_thousands_and_millions() -> None:
    cells = cleaned(pa.array(["708.60M", "3.44B", "1.5k", "12", "-", "x"]))
    found = amounts(cells, POINT)
    assert np.allclose(found[:4], [708.6e6, 3.44e9, 1500.0, 12.0])
    assert np.isnan(found[4:]).all()
    assert np.allclose(amounts(cleaned(pa.array(["81,23M"])), COMMA), [81.23e6])


def test_a_damaged_cell_among_many_does_not_decide() -> None:
    thousands = [f"46,{day:03d}" for day in range(40)]
    damaged = ["46,45", *thousands]
    assert read(damaged, ",", ["9,900,267", "8,000"])[1:] == [46000.0 + day for day in range(40)]
    with pytest.raises(PriceError, match="can mean two numbers"):
        read(damaged, ",")


@pytest.mark.parametrize("cell", ["110'16", "356'6", "50 31", "50.97 1", "1 2345"])
def test_fractions_and_marks_are_no_thousands(cell: str) -> None:
    assert np.isnan(read([cell, "1 234.5"])[0])
