"""A table of a family: members are loaded on first use, built from text and recorded as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgan.errors import ConfigError, MissingExtraError, UnknownNameError
from simgan.registry import Entry, Registry
from simgan.settings import build, describe, record


@dataclass(frozen=True)
class Moon:
    """A member with a field of every type that settings have."""

    kind: ClassVar[str] = "moon"
    orbits: int = 1
    radius: float = field(default=1737.4, metadata={"help": "in kilometres"})
    tidally_locked: bool = True
    name: str = "Luna"
    half_lives: tuple[float, ...] = (5.0, 20.0)

    def __post_init__(self) -> None:
        if not self.radius > 0:
            raise ConfigError("Moon", "radius", self.radius, "positive")


@dataclass(frozen=True)
class Comet:
    """A member without a kind, whose one setting has no default."""

    period: float


TABLE: Registry[object] = Registry(
    "body",
    {
        "moon": Entry(f"{__name__}:Moon"),
        "probe": Entry("a_package_that_nobody_has:Probe", extra="space"),
        "wreck": Entry("a_package_that_nobody_has:Wreck"),
        "lazy": Entry("wave:Wave_read"),
    },
)
moons = st.builds(
    Moon,
    orbits=st.integers(),
    radius=st.floats(min_value=0, exclude_min=True, allow_infinity=False),
    tidally_locked=st.booleans(),
    name=st.text(),
    half_lives=st.lists(st.floats(allow_nan=False)).map(tuple),
)


def test_a_table_has_its_names_in_the_order_of_its_rows() -> None:
    assert list(TABLE) == ["moon", "probe", "wreck", "lazy"]
    assert len(TABLE) == 4
    assert "moon" in TABLE and "sun" not in TABLE


def test_nothing_is_imported_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "wave", raising=False)
    table: Registry[object] = Registry("sound", {"lazy": Entry("wave:Wave_read")})
    assert "lazy" in table and "wave" not in sys.modules
    assert table.load("lazy").__name__ == "Wave_read"
    assert "wave" in sys.modules


def test_an_unknown_name_is_told_with_the_family_and_the_nearest_name_first() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown body 'mon'; known: moon, probe"):
        TABLE.load("mon")


def test_a_member_whose_package_is_missing_names_the_extra() -> None:
    with pytest.raises(
        MissingExtraError,
        match=r"body probe needs an optional package: pip install 'simgan\[space\]'",
    ):
        TABLE.load("probe")


def test_a_broken_import_of_a_member_without_an_extra_stays_a_bug() -> None:
    with pytest.raises(ModuleNotFoundError) as told:
        TABLE.load("wreck")
    assert not isinstance(told.value, MissingExtraError)


@given(moon=moons)
def test_a_record_goes_through_json_and_builds_the_same_member(moon: Moon) -> None:
    kind, settings = (kept := json.loads(json.dumps(record(moon)))).pop("kind"), kept
    assert kind == "moon"
    assert build(Moon, settings) == moon


def test_a_member_without_a_kind_records_its_fields_alone() -> None:
    assert record(Comet(76.0)) == {"period": 76.0}


@given(
    orbits=st.integers(),
    radius=st.floats(min_value=1e-9, max_value=1e9),
    lives=st.lists(st.floats(allow_nan=False), min_size=1),
)
def test_text_is_read_by_the_type_of_its_field(
    orbits: int, radius: float, lives: list[float]
) -> None:
    text = {
        "orbits": str(orbits),
        "radius": repr(radius),
        "half_lives": ",".join(map(repr, lives)),
        "name": "1",
    }
    assert build(Moon, text) == Moon(orbits, radius, name="1", half_lives=tuple(lives))


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("True", True), ("1", True), ("false", False), ("FALSE", False), ("0", False)],
)
def test_text_of_a_truth_is_read_as_one(text: str, value: bool) -> None:
    """``bool("false")`` is true, and that is why there is a table of words."""
    assert build(Moon, {"tidally_locked": text}).tidally_locked is value


def test_a_whole_number_becomes_a_float_where_the_field_is_one() -> None:
    assert isinstance(build(Moon, {"radius": 2}).radius, float)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("orbits", "1.5"),
        ("orbits", "many"),
        ("radius", ""),
        ("tidally_locked", "maybe"),
        ("half_lives", "5;20"),
        ("half_lives", ""),
    ],
)
def test_text_that_is_not_of_the_type_is_refused_with_its_setting(key: str, text: str) -> None:
    with pytest.raises(ConfigError, match=f"Moon: {key} = {text!r}"):
        build(Moon, {key: text})


@pytest.mark.parametrize("text", ["-1", "0", "nan"])
def test_a_value_that_the_member_refuses_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="radius"):
        build(Moon, {"radius": text})


def test_an_unknown_setting_is_told_with_the_nearest_first() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown setting of Moon 'raduis'; known: radius"):
        build(Moon, {"raduis": "1"})


def test_a_table_builds_a_member_from_its_name() -> None:
    assert TABLE.build("moon") == Moon()
    assert TABLE.build("moon", {"orbits": "3"}) == Moon(orbits=3)


def test_settings_are_listed_with_type_default_and_meaning() -> None:
    assert describe(Moon)[1] == ("radius", "float", "1737.4", "in kilometres")
    assert describe(Comet) == [("period", "float", "required", "")]
