"""Measures of a path by hand, and how conditions are written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simgan.errors import ConfigError, UnknownNameError
from simgan.scenarios.conditions import MEASURES, Condition, Conditions, equal_shares

UP_DOWN_UP = np.log([[1.1, 0.5, 1.2]])  # 1 → 1.1 → .55 → .66
DOWN = np.log([[0.9, 0.9, 1.5]])  # never above the start before it has fallen


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("cumulative", UP_DOWN_UP, np.log(0.66)),
        ("min-cumulative", UP_DOWN_UP, np.log(0.55)),
        ("max-cumulative", UP_DOWN_UP, np.log(1.1)),
        ("max-drawdown", UP_DOWN_UP, 0.5),
        ("max-drawdown", DOWN, 0.19),
        ("max-drawdown", np.array([[0.1, 0.2]]), 0.0),
    ],
)
def test_measures_by_hand(name: str, path: np.ndarray, expected: float) -> None:
    assert MEASURES[name](path)[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("min-cumulative<-0.20", Condition("min-cumulative", False, -0.2)),
        (" max-drawdown > .3 ", Condition("max-drawdown", True, 0.3)),
        ("realized-volatility>4e-1", Condition("realized-volatility", True, 0.4)),
    ],
)
def test_conditions_are_read_as_they_are_written(text: str, condition: Condition) -> None:
    assert Condition.parse(text) == condition == Condition.parse(str(condition))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "max-drawdown",
        "max-drawdown=0.3",
        "max-drawdown>30%",
        "max-drawdown>nan",
        "max-drawdown>0.3 and cumulative<0",
    ],
)
def test_what_is_not_a_condition_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="a measure, < or >, and a number"):
        Condition.parse(text)


@pytest.mark.parametrize(
    ("text", "range_"),
    [
        ("A:max-drawdown>2", "at least 0 and below 1"),
        ("max-drawdown>1", "at least 0 and below 1"),
        ("max-drawdown<0", "at least 0 and below 1"),
        ("realized-volatility<-.1", "realized-volatility is at least 0$"),
    ],
)
def test_a_condition_that_no_path_meets_is_refused_at_once(text: str, range_: str) -> None:
    with pytest.raises(ConfigError, match=range_):
        Condition.parse(text)
    assert Condition.parse("max-drawdown>.99").bound == 0.99
    assert not Condition.parse("realized-volatility>5").asset


def test_an_unknown_measure_is_told_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match=r"known: max-drawdown, .*in 'drawdown>0.3'"):
        Condition.parse("drawdown>0.3")


def test_a_condition_names_its_asset_among_several() -> None:
    both = np.concatenate([UP_DOWN_UP, DOWN])[None].transpose(0, 2, 1)  # (1, 3, 2)
    of_second = Condition.parse("B:max-drawdown<0.2")
    assert str(of_second) == "B:max-drawdown<0.2"
    assert of_second.holds(both, ("A", "B")).tolist() == [True]
    assert Condition.parse("A:max-drawdown<0.2").holds(both, ("A", "B")).tolist() == [False]
    with pytest.raises(UnknownNameError, match="unknown asset 'C'; known: A, B"):
        Condition.parse("C:max-drawdown<0.2").holds(both, ("A", "B"))


def test_a_condition_without_a_name_is_about_equal_shares_bought_and_held() -> None:
    """By hand: A doubles and B halves, then A halves: the book is worth 1.25 and then 0.75."""
    paths = np.log(np.array([[[2.0, 0.5], [0.5, 1.0]]]))
    assert equal_shares(paths) == pytest.approx(np.log([[1.25, 0.75 / 1.25]]))
    for bound, is_met in ((0.74, False), (0.76, True)):
        text = f"cumulative<{np.log(bound)}"
        assert Condition.parse(text).holds(paths, ("A", "B")).tolist() == [is_met]
    assert Condition.parse("max-drawdown>0.39").holds(paths).tolist() == [True]  # 0.4
    assert Condition.parse("max-drawdown>0.41").holds(paths).tolist() == [False]


def test_a_condition_may_be_about_another_book() -> None:
    paths = np.log(np.array([[[2.0, 0.5]]]))
    of_first = replace(Condition.parse("cumulative>0.5"), book=lambda drawn: drawn[:, :, 0])
    assert of_first.holds(paths).tolist() == [True]
    assert Condition.parse("cumulative>0.5").holds(paths).tolist() == [False]


def test_one_asset_needs_no_name_but_may_have_it() -> None:
    one = DOWN[:, :, None]
    assert Condition.parse("max-drawdown<0.2").holds(one).tolist() == [True]
    assert Condition.parse("B:max-drawdown<0.2").holds(one, ("B",)).tolist() == [True]


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("A:cumulative<-.1,B:cumulative>.1", [True, False, False]),
        (" A:cumulative < -.1 , B:cumulative<.3", [True, True, False]),
        ("cumulative<0,A:cumulative<-1e-1,B:cumulative<0.", [False, True, False]),
        ("A:cumulative<0", [True, True, False]),
    ],
)
def test_a_path_meets_several_conditions_at_once(text: str, met: list[bool]) -> None:
    """By hand: paths of one day, on which A and B move by these log returns."""
    paths = np.array([[[-0.2, 0.2]], [[-0.2, -0.2]], [[0.2, 0.2]]])
    found = Conditions.parse(text)
    assert found.holds(paths, ("A", "B")).tolist() == met
    assert Conditions.parse(str(found)) == found


def test_several_conditions_have_one_book() -> None:
    paths = np.log(np.array([[[2.0, 0.5]], [[0.5, 0.5]]]))
    found = Conditions.parse("cumulative>.5,max-drawdown<.1", lambda drawn: drawn[:, :, 0])
    assert found.holds(paths).tolist() == [True, False]


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ("cumulative<0,", "one comma between them, and none at an end"),
        (" ,A:cumulative<0", "one comma between them, and none at an end"),
        ("cumulative<0,,A:cumulative>0", "one comma between them, and none at an end"),
        (["cumulative<0", ""], "one comma between them, and none at an end"),
        ("cumulative<-0,05", "points in numbers"),
        ("A:cumulative<-0,1,B:cumulative>0", "points in numbers"),
        ("A:cumulative<-.1;B:cumulative>0", "commas between them"),
        ("A<B:cumulative<-.1", "without < and > in its name"),
        (["A>=B:max-drawdown>.1"], "without < and > in its name"),
        ("A:cumulative<-.1 B:cumulative>0", "a measure, < or >, and a number"),
        ("", "a measure, < or >, and a number"),
        ([], "a measure, < or >, and a number"),
        (5, "text such as .* or a list of such texts"),
        ([None], "text such as .* or a list of such texts"),
    ],
)
def test_other_separators_are_refused_with_the_remedy(given: Any, remedy: str) -> None:
    with pytest.raises(ConfigError, match=remedy):
        Conditions.parse(given)


def test_a_list_holds_several_conditions() -> None:
    """A name may begin with a number, which is no decimal comma."""
    text = "A:cumulative<-1,005930:max-drawdown>0.1"
    found = Conditions.parse(["A:cumulative<-1", "005930:max-drawdown>.1"])
    assert found == Conditions.parse(text) and str(found) == text


def test_conditions_may_stand_on_lines_of_their_own() -> None:
    found = Conditions.parse("max-drawdown>0.1,\n cumulative\n<0")
    assert str(found) == "max-drawdown>0.1,cumulative<0"


def test_a_name_with_a_comma_is_no_second_condition() -> None:
    found = Conditions.parse("BRK,B:cumulative<0,A 1,2:cumulative<0")
    assert [one.asset for one in found.each] == ["BRK,B", "A 1,2"]
