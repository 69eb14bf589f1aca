"""Whole numbers, dates, paths and lists as people hand them to Python functions."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simgan.arguments import (
    MOST,
    iso_date,
    mapping_of,
    names_in,
    number,
    numbers_in,
    path_of,
    whole,
)
from simgan.arrays import numbers_of
from simgan.errors import ConfigError, UnknownNameError, Words, shown
from simgan.seeds import Seed


@pytest.mark.parametrize(
    "value", [100_000, 1e5, np.int64(100_000), np.float32(1e5), Decimal("1e5"), np.uint32(100_000)]
)
def test_a_whole_number_is_read_from_each_type(value: object) -> None:
    found = whole(value, "sample", "n")
    assert found == 100_000 and type(found) is int


@pytest.mark.parametrize("value", ["10", None, True, 2.5, np.nan, np.inf, [1], -1, 1j])
def test_other_values_are_refused_by_the_name_of_their_argument(value: object) -> None:
    with pytest.raises(ConfigError, match=r"sample: n = .* a whole number, 0 or more"):
        whole(value, "sample", "n")


def test_bounds_are_possible_themselves() -> None:
    assert whole(MOST, "sample", "first") == MOST
    with pytest.raises(ConfigError, match=r"from 0 to 2\^63 - 1"):
        whole(2**63, "sample", "first")
    assert whole(7.0, "sample", "n", 1, 7) == 7
    with pytest.raises(ConfigError, match="from 1 to 7"):
        whole(8, "sample", "n", 1, 7)


@pytest.mark.parametrize(
    "day",
    [
        "2008-09-12",
        " 2008-09-12 ",
        "2008-09-12 16:00:00",
        datetime.date(2008, 9, 12),
        datetime.datetime(2008, 9, 12, 16),
        np.datetime64("2008-09-12T16:00"),
        pd.Timestamp("2008-09-12"),
        pd.Timestamp("2008-09-12 23:00", tz="America/New_York"),
    ],
)
def test_a_day_is_read_from_each_type(day: object) -> None:
    assert iso_date(day, "sample", "as_of") == "2008-09-12"


@pytest.mark.parametrize(
    "day", ["30/12/2017", "2017-02-30", "", pd.NaT, np.datetime64("NaT"), 20080912, None, ["x"]]
)
def test_other_days_are_refused(day: object) -> None:
    with pytest.raises(ConfigError, match=r"fit: start = .* a date such as '2008-09-12'"):
        iso_date(day, "fit", "start")


def test_lists_paths_and_mappings() -> None:
    assert numbers_in(0.99, "backtest", "levels") == (0.99,)
    assert numbers_in(np.array([0.9, 0.99]), "backtest", "levels") == (0.9, 0.99)
    assert number(np.float32(-2.5), "risk", "position") == -2.5
    assert names_in("simgan", "backtest", "models") == ("simgan",)
    assert names_in(["a", "b"], "backtest", "models") == ("a", "b")
    assert path_of("a", "load", "workspace") == path_of(Path("a"), "load", "workspace")
    for read, value in (
        (numbers_in, "0.99"),
        (numbers_in, [True]),
        (numbers_in, None),
        (names_in, 5),
        (number, "5"),
        (number, np.nan),
        (number, True),
        (names_in, ["a", 5]),
        (path_of, 5),
        (path_of, None),
        (mapping_of, "x"),
    ):
        with pytest.raises(ConfigError, match="owner: name = "):
            read(value, "owner", "name")  # type: ignore[operator]


@pytest.mark.parametrize("value", [1.5, "a", None, -1, True, 2**63])
def test_a_seed_is_a_whole_number(value: object) -> None:
    with pytest.raises(ConfigError, match="Seed: value"):
        Seed(value)  # type: ignore[arg-type]
    assert Seed(np.int64(3)).stream("latent").random() == Seed(3).stream("latent").random()  # type: ignore[arg-type]


def test_a_message_shows_an_array_by_its_shape_and_stays_one_short_line() -> None:
    """On the old code a message held every number of an array, with line breaks."""
    for value, told in (
        (np.zeros((500, 2)), "ndarray of shape (500, 2)"),
        (pd.DataFrame(np.zeros((9, 2))), "DataFrame of shape (9, 2)"),
        (np.float64(0.5), "0.5"),
        (Words("3 of 4 missing"), "3 of 4 missing"),
        ("a b", "'a b'"),
        ((1, 2), "(1, 2)"),
    ):
        assert shown(value) == told
        assert f"x = {told} is" in str(ConfigError("f", "x", value, "other"))
    for long in (list(range(10_000)), "x" * 10_000, {i: i for i in range(100)}):
        assert len(shown(long)) < 200
    assert "unknown model '5'" in str(UnknownNameError("model", 5, ["a"]))  # type: ignore[arg-type]


def test_an_array_of_floats_is_not_copied() -> None:
    values = np.zeros((3, 4), np.float32)
    assert np.shares_memory(numbers_of(values, "f", "x"), values)
    assert numbers_of(range(3), "f", "x").dtype == np.float64
