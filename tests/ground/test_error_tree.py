"""Errors are one tree, say in one line what to do, and are the built-in errors that callers
expect.
"""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import pkgutil
from collections.abc import Iterator

import pytest

import simgan
from simgan import errors
from simgan.errors import (
    ConfigError,
    Interrupted,
    MissingExtraError,
    SimganError,
    UnknownNameError,
)

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


def every_error() -> list[type[BaseException]]:
    """All classes of errors that simgan defines, in every room that needs no TensorFlow."""
    for module in pkgutil.walk_packages(simgan.__path__, "simgan."):
        if not module.name.startswith(("simgan.gan", "simgan.__main__")):
            importlib.import_module(module.name)

    def below(cls: type[BaseException]) -> Iterator[type[BaseException]]:
        for child in cls.__subclasses__():
            if child.__module__.startswith("simgan."):
                yield child
            yield from below(child)

    return sorted(set(below(BaseException)), key=lambda cls: cls.__name__)


def example(cls: type[BaseException]) -> BaseException:
    """Make an error of a class, with a different text or number in each argument."""
    made = {"known": ["SP500", "AAPL"], "kept": 192, "facts": {"separator": "tab"}}
    made |= {"wait": 30.0, "patience": 20.0, "job": {"problem": {"detail": "no"}}}
    made |= {"headers": {"Retry-After": "1"}, "problem": {"detail": "no"}}
    signature = inspect.signature(cls.__init__).parameters
    if "args" in signature:
        return cls("the message")
    names = [name for name in signature if name != "self"]
    return cls(*(made.get(name, f"the {name}") for name in names))


def survives(error: BaseException) -> bool:
    """Whether copies of an error have its class, message, attributes and notes."""
    copies = [pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)]  # noqa: S301
    return all(
        (type(other), str(other), vars(other)) == (type(error), str(error), vars(error))
        for other in copies
    )


def test_every_error_survives_pickling_and_copying() -> None:
    """Errors of a worker come back through pickle: one that does not breaks the whole pool."""
    found = every_error()
    assert len(found) >= 12
    for cls in found:
        error = example(cls)
        error.add_note("the same command with --resume goes on")
        assert survives(error), cls


def test_the_walk_notices_an_error_that_does_not_survive() -> None:
    class Forgetful(SimganError):
        def __init__(self, path: str, kept: int) -> None:
            self.kept = kept
            super().__init__(f"{path} is not complete")

    forgetful = Forgetful("s.csv", 3)
    with pytest.raises(TypeError):
        copy.copy(forgetful)
    assert Forgetful in SimganError.__subclasses__()


def test_an_error_keeps_its_facts_as_attributes() -> None:
    error = pickle.loads(pickle.dumps(MADE[0]))  # noqa: S301
    assert (error.owner, error.field, error.value, error.allowed) == (
        "Sampler",
        "horizon",
        0,
        "at least 1",
    )


def test_an_interruption_is_no_error_and_says_how_to_go_on() -> None:
    stopped = Interrupted("s.csv is not complete", 192)
    assert isinstance(stopped, KeyboardInterrupt) and not isinstance(stopped, Exception)
    assert (str(stopped), stopped.kept, str(Interrupted())) == ("s.csv is not complete", 192, "")
