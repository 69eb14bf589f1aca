"""Settings: bounds beside the fields, one validator, and the doors to text, JSON and schema."""

from __future__ import annotations

import json
import math
import pickle
from dataclasses import FrozenInstanceError, dataclass, fields, make_dataclass, replace
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from json_schema import allows

from simgan.errors import ConfigError, UnknownNameError
from simgan.settings import (
    Bounds,
    Settings,
    bounds_of,
    build,
    describe,
    properties,
    record,
    schema,
    setting,
)


@dataclass(frozen=True, kw_only=True)
class Telescope(Settings):
    """Settings with a field of every type, bounded and unbounded."""

    kind: ClassVar[str] = "telescope"
    mirrors: int = setting(1, "number of mirrors", low=1, high=8)
    focus: float = setting(2.5, "focal length in metres", above=0)
    tilt: float = setting(0.0, "tilt in degrees", low=-90, high=90)
    shift: float = setting(0.0, "shift of the axis")
    is_open: bool = setting(False, "whether the dome is open")
    mount: str = setting("alt-az", "kind of the mount", choices=("alt-az", "equatorial"))
    label: str = setting("", "free text")
    bands: tuple[float, ...] = setting((0.4, 0.7), "wavelengths", low=0.1, high=10)
    slots: tuple[int, ...] = setting((), "slots of the filter wheel", low=0)


@dataclass(frozen=True, kw_only=True)
class Unnamed(Settings):
    """Settings without a kind."""

    size: int = setting(3, "size", choices=(1, 3, 9))


telescopes = st.builds(
    Telescope,
    mirrors=st.integers(1, 8),
    focus=st.floats(0, 1e300, exclude_min=True),
    tilt=st.floats(-90, 90),
    shift=st.floats(allow_nan=False, allow_infinity=False),
    is_open=st.booleans(),
    mount=st.sampled_from(("alt-az", "equatorial")),
    label=st.text(),
    bands=st.lists(st.floats(0.1, 10)).map(tuple),
    slots=st.lists(st.integers(0)).map(tuple),
)
plain = (
    st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: not x.is_integer())
    | st.sampled_from(("alt-az", "equatorial", "x"))
    | st.lists(st.integers(-2, 20) | st.floats(0.15, 9.9) | st.booleans(), max_size=3)
)


@given(telescope=telescopes)
def test_settings_come_back_from_json(telescope: Telescope) -> None:
    kept = json.loads(json.dumps(record(telescope), allow_nan=False))
    assert kept.pop("kind") == "telescope"
    assert build(Telescope, kept) == telescope


@given(telescope=telescopes)
def test_settings_come_back_from_text(telescope: Telescope) -> None:
    """The command line has text only. A tuple is a list with commas, and never an empty one."""
    text = {
        name: ",".join(map(repr, value)) if isinstance(value, list) else str(value)
        for name, value in record(telescope).items()
        if name != "kind" and value != []
    }
    full = {name: [] for name in ("bands", "slots") if name not in text}
    assert build(Telescope, {**text, **full}) == telescope


@given(telescope=telescopes)
def test_settings_are_values(telescope: Telescope) -> None:
    twin = pickle.loads(pickle.dumps(telescope))  # noqa: S301
    assert twin == telescope and hash(twin) == hash(telescope)
    assert replace(telescope, mirrors=telescope.mirrors % 8 + 1) != telescope
    with pytest.raises(FrozenInstanceError):
        telescope.mirrors = 2  # type: ignore[misc]


@given(name=st.sampled_from([field.name for field in fields(Telescope)]), value=plain)
def test_the_schema_allows_a_value_exactly_if_the_class_does(name: str, value: object) -> None:
    try:
        build(Telescope, {name: value})
    except ConfigError:
        is_built = False
    else:
        is_built = True
    if isinstance(value, str) and name not in ("mount", "label"):
        assert not is_built  # "x" is no text of a number, a truth or a list of numbers
    assert allows(schema(Telescope), {name: value}) == is_built


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("mirrors", 0, "mirrors = 0 is not possible; it must be from 1 to 8"),
        ("mirrors", 9, "from 1 to 8"),
        ("mirrors", 1.0, "a whole number"),
        ("mirrors", True, "a whole number"),
        ("mirrors", None, "a whole number"),
        ("focus", 0, "focus = 0 is not possible; it must be above 0"),
        ("focus", math.inf, "finite and above 0"),
        ("focus", math.nan, "finite and above 0"),
        ("focus", "2.5", "a number"),
        ("focus", False, "a number"),
        ("tilt", -90.1, "from -90 to 90"),
        ("tilt", -math.inf, "from -90 to 90"),
        ("shift", math.inf, "it must be finite"),
        ("shift", math.nan, "it must be finite"),
        ("is_open", 1, "true or false"),
        ("mount", "dobson", "one of alt-az, equatorial"),
        ("mount", True, "text"),
        ("label", True, "text"),
        ("label", 5, "text"),
        ("bands", (0.5, 0.05), "from 0.1 to 10"),
        ("bands", (0.5, math.nan), "from 0.1 to 10"),
        ("bands", [0.5], "a list with commas"),
        ("bands", (0.5, "1"), "a list with commas"),
        ("slots", (1, 2.0), "a list with commas"),
        ("slots", (True,), "a list with commas"),
        ("slots", (0, -1), "at least 0"),
    ],
)
def test_a_wrong_value_is_refused_in_a_sentence(name: str, value: Any, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Telescope(**{name: value})
    assert words in str(caught.value) and f"telescope: {name} = " in str(caught.value)
    assert (caught.value.owner, caught.value.field) == ("telescope", name)


@pytest.mark.parametrize(
    ("name", "value"),
    [("mirrors", 1), ("mirrors", 8), ("tilt", -90), ("tilt", 90.0), ("slots", (0,)),
     ("bands", (0.1, 10)), ("focus", 5e-324), ("focus", 10**400), ("shift", -1e308)],
)  # fmt: skip
def test_the_bounds_themselves_are_allowed(name: str, value: Any) -> None:
    assert getattr(Telescope(**{name: value}), name) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ({"mirrors": "1.0"}, "mirrors = '1.0' is not possible; it must be a whole number"),
        ({"focus": "far"}, "a number"),
        ({"focus": "inf"}, "finite and above 0"),
        ({"focus": 10**400}, "a number"),
        ({"is_open": "yes"}, "true or false"),
        ({"bands": "0.4;0.7"}, "a list with commas, each item a number"),
        ({"bands": ""}, "a list with commas, each item a number"),
        ({"bands": 0.4}, "a list with commas"),
        ({"slots": {"a": 1}}, "a list with commas"),
    ],
)
def test_text_that_cannot_be_read_is_refused_with_its_field(
    text: dict[str, object], words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        build(Telescope, text)
    assert words in str(caught.value) and caught.value.field == next(iter(text))


def test_an_unknown_key_names_the_owner_and_the_nearest_field() -> None:
    with pytest.raises(UnknownNameError, match="setting of telescope 'mirors'; known: mirrors"):
        build(Telescope, {"mirors": 2})
    with pytest.raises(UnknownNameError, match="setting of Unnamed 'sise'; known: size"):
        build(Unnamed, {"sise": 2})


@pytest.mark.parametrize(
    ("bounds", "text", "keywords"),
    [
        (Bounds(), "", {}),
        (Bounds(low=0), "at least 0", {"minimum": 0}),
        (Bounds(high=2.5), "at most 2.5", {"maximum": 2.5}),
        (Bounds(above=0), "above 0", {"exclusiveMinimum": 0}),
        (Bounds(low=1, high=8), "from 1 to 8", {"minimum": 1, "maximum": 8}),
        (
            Bounds(above=0, high=1),
            "above 0 and at most 1",
            {"maximum": 1, "exclusiveMinimum": 0},
        ),
        (Bounds(choices=(1, 2)), "one of 1, 2", {"enum": [1, 2]}),
    ],
)
def test_bounds_read_as_words_and_as_schema(
    bounds: Bounds, text: str, keywords: dict[str, object]
) -> None:
    assert (str(bounds), bounds.schema()) == (text, keywords)


numbers = st.none() | st.integers(-5, 5)


@given(low=numbers, high=numbers, above=numbers, value=st.integers(-7, 7))
def test_bounds_and_their_schema_allow_the_same_numbers(
    low: int | None, high: int | None, above: int | None, value: int
) -> None:
    bounds = Bounds(low, high, above)
    assert bounds.allow(value) == allows(bounds.schema(), value)


@given(low=st.integers(-5, 5), width=st.integers(0, 5), value=st.integers(-12, 12))
def test_any_made_class_checks_its_bounds(low: int, width: int, value: int) -> None:
    field = setting(low, "a number", low=low, high=low + width)
    made: Any = make_dataclass(
        "Made",
        [("number", "int", field)],
        bases=(Settings,),
        frozen=True,
        kw_only=True,
        namespace={"__module__": __name__},
    )
    if low <= value <= low + width:
        assert made(number=value).number == value
        assert build(made, {"number": str(value)}) == made(number=value)
    else:
        with pytest.raises(ConfigError, match=f"Made: number = {value} .* from {low} to"):
            made(number=value)


def test_settings_describe_themselves_with_their_bounds() -> None:
    rows = {name: rest for name, *rest in describe(Telescope)}
    assert list(rows) == [field.name for field in fields(Telescope)]
    assert rows["mirrors"] == ["int", "1", "number of mirrors; from 1 to 8"]
    assert rows["shift"] == ["float", "0.0", "shift of the axis"]
    assert rows["mount"][2] == "kind of the mount; one of alt-az, equatorial"
    assert rows["bands"][:2] == ["tuple[float, ...]", "(0.4, 0.7)"]


def test_the_schema_has_type_default_and_help_of_each_field() -> None:
    found = properties(Telescope)
    assert found["focus"] == {
        "type": "number",
        "exclusiveMinimum": 0,
        "default": 2.5,
        "description": "focal length in metres",
    }
    assert found["slots"]["items"] == {"type": "integer", "minimum": 0}
    assert found["bands"]["default"] == [0.4, 0.7]
    assert allows(schema(Telescope), {}) and not allows(schema(Telescope), {"other": 1})


def test_a_class_without_a_kind_is_named_by_its_class_and_records_no_kind() -> None:
    assert (Unnamed.owner(), Telescope.owner()) == ("Unnamed", "telescope")
    assert record(Unnamed()) == {"size": 3}
    with pytest.raises(ConfigError, match=r"Unnamed: size = 2 .* one of 1, 3, 9"):
        Unnamed(size=2)


def test_a_field_without_bounds_allows_every_value_of_its_type() -> None:
    label = next(field for field in fields(Telescope) if field.name == "label")
    assert bounds_of(label) == Bounds()
    assert Telescope(label="\0 ∞").label == "\0 ∞"
