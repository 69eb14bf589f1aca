"""Errors are one tree, say in one line what to do, and are the built-in errors that callers expect."""

from __future__ import annotations

import inspect

import pytest

from simgan import errors
from simgan.errors import ConfigError, MissingExtraError, SimganError, UnknownNameError

TREE = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, Exception)]
MADE = [
    ConfigError("Sampler", "horizon", 0, "at least 1"),
    UnknownNameError("model", "SP50", ["AAPL", "SP500"]),
    MissingExtraError("runtime onnx", "onnx"),
]


@pytest.mark.parametrize("cls", TREE, ids=lambda cls: cls.__name__)
def test_every_error_is_a_simgan_error(cls: type[Exception]) -> None:
    assert issubclass(cls, SimganError)


@pytest.mark.parametrize("cls", TREE, ids=lambda cls: cls.__name__)
def test_the_drawing_of_the_tree_has_every_error_under_its_parent(cls: type[Exception]) -> None:
    lines = {
        line.split("── ")[-1].split()[0]: line
        for line in (errors.__doc__ or "").splitlines()
        if "Error" in line or "Diverged" in line
    }
    parents = [base for base in cls.__mro__[1:] if base in TREE]
    assert cls.__name__ in lines
    if parents:
        depth = {name: len(line) - len(line.lstrip(" │├└─")) for name, line in lines.items()}
        above = list(lines)[: list(lines).index(cls.__name__)]
        assert [name for name in above if depth[name] < depth[cls.__name__]][-1] == parents[
            0
        ].__name__


@pytest.mark.parametrize("error", MADE, ids=lambda error: type(error).__name__)
def test_a_message_is_one_line_without_quotes_around_it(error: SimganError) -> None:
    assert "\n" not in str(error)
    assert str(error)[0] not in "'\""


@pytest.mark.parametrize(
    ("cls", "builtin"),
    [
        (ConfigError, ValueError),
        (errors.PriceError, ValueError),
        (UnknownNameError, LookupError),
        (MissingExtraError, ImportError),
    ],
)
def test_an_error_is_the_built_in_one_that_a_caller_would_catch(
    cls: type[Exception], builtin: type[Exception]
) -> None:
    assert issubclass(cls, builtin)


def test_a_wrong_setting_is_told_with_its_value_and_what_is_allowed() -> None:
    assert str(MADE[0]) == "Sampler: horizon = 0 is not possible; it must be at least 1"


def test_an_unknown_name_is_told_with_the_known_ones_nearest_first() -> None:
    assert str(MADE[1]) == "unknown model 'SP50'; known: SP500, AAPL"


def test_an_unknown_name_among_none_says_so_and_gives_the_hint() -> None:
    assert (
        str(UnknownNameError("model", "X", [], "fit one: simgan fit X"))
        == "unknown model 'X'; there is none yet; fit one: simgan fit X"
    )


def test_a_missing_extra_is_told_with_the_line_that_installs_it() -> None:
    assert "pip install 'simgan[onnx]'" in str(MADE[2])
