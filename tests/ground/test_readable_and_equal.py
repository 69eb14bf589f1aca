"""Results show themselves in a few lines, and are equal where all their numbers are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest

from simgan.readable import LONGEST, ByValue, Readable


@dataclass(frozen=True, eq=False, repr=False)
class Sample(Readable, ByValue):
    """Values of every kind."""

    values: np.ndarray
    name: str = "a"
    parts: tuple[np.ndarray, ...] = ()
    table: Mapping[str, object] = field(default_factory=dict)

    def _facts(self) -> Iterator[tuple[str, str]]:
        yield "name", self.name
        yield "numbers", str(self.values.size)


def made(**changes: object) -> Sample:
    values: dict[str, object] = {
        "values": np.array([1.0, np.nan, -0.0]),
        "parts": (np.arange(3),),
        "table": {"x": [np.ones(2)], "y": {"z": 1}},
    }
    return Sample(**values | changes)  # type: ignore[arg-type]


def test_objects_of_the_same_numbers_are_equal_and_hash_alike() -> None:
    one, other = made(), made(values=np.array([1.0, np.nan, 0.0]))
    assert one == other and hash(one) == hash(other)
    assert {one: "found"}[other] == "found"


@pytest.mark.parametrize(
    "changes",
    [
        {"values": np.array([1.0, np.nan, 1e-300])},
        {"values": np.array([1.0, np.nan])},
        {"values": np.array([1.0, np.nan, 0.0], np.float32)},
        {"values": [1.0, 2.0]},
        {"name": "b"},
        {"parts": (np.arange(3), np.arange(1))},
        {"parts": (np.array([0, 1, 3]),)},
        {"table": {"x": [np.ones(2)], "y": {"z": 2}}},
        {"table": {"x": [np.ones(2)]}},
    ],
    ids=str,
)
def test_a_difference_anywhere_makes_them_unequal(changes: dict[str, object]) -> None:
    assert made() != made(**changes)


def test_an_object_of_another_class_is_never_equal() -> None:
    @dataclass(frozen=True, eq=False)
    class Other(Sample):
        """The same fields."""

    assert made() != Other(np.array([1.0, np.nan, -0.0])) and made() != 3


def test_a_long_middle_of_an_array_is_compared_but_not_hashed() -> None:
    many = np.zeros(1000)
    changed = many.copy()
    changed[500] = 1.0
    assert made(values=many) != made(values=changed)
    assert hash(made(values=many)) == hash(made(values=changed))


def test_the_facts_stand_on_a_line_each() -> None:
    assert repr(made()).splitlines() == ["Sample", "  name     a", "  numbers  3"]


def test_a_notebook_gets_a_table_whose_names_are_no_markup() -> None:
    html = made(name="<script>alert(1)</script>")._repr_html_()
    assert "<table>" in html and "&lt;script&gt;" in html and "<script>" not in html


def test_a_long_fact_is_shortened() -> None:
    assert max(map(len, repr(made(name="word " * 100)).splitlines())) <= LONGEST + 12
