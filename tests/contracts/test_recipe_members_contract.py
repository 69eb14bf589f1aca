"""What every part of a recipe keeps: bounds with sentences, round trips, and a true schema."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from json_schema import allows

from simgan.errors import ConfigError, UnknownNameError
from simgan.recipe.blueprints import BLUEPRINTS
from simgan.recipe.conditions import CONDITIONS
from simgan.recipe.objectives import OBJECTIVES
from simgan.recipe.recipe import Recipe, nested, overlaid
from simgan.recipe.remedies import REMEDIES, Remedies
from simgan.recipe.training import TrainingSettings
from simgan.registry import Registry
from simgan.settings import Settings, bounds_of, build, describe, properties, record, schema

FAMILIES: dict[str, Registry[Any]] = {
    "architecture": BLUEPRINTS,
    "objective": OBJECTIVES,
    "condition": CONDITIONS,
    "remedies": REMEDIES,
}
MEMBERS: dict[str, tuple[str, type[Settings]]] = {
    f"{part}-{kind}": (part, family.load(kind))
    for part, family in FAMILIES.items()
    for kind in family
} | {"training": ("training", TrainingSettings)}
FIELDS = [(name, field) for name, (_, member) in MEMBERS.items() for field in fields(member)]
SCHEMA: Any = Recipe.schema()


def label(row: object) -> str:
    return row if isinstance(row, str) else getattr(row, "name", str(row))


def hint_of(name: str, field: Field[Any]) -> Any:
    hint = get_type_hints(MEMBERS[name][1])[field.name]
    return get_args(hint)[0] if get_origin(hint) is tuple else hint


def wrapped(name: str, field: Field[Any], value: object) -> object:
    """Return a value of the field, as a tuple where the field is one."""
    is_tuple = get_origin(get_type_hints(MEMBERS[name][1])[field.name]) is tuple
    return (value,) if is_tuple else value


def beyond(name: str, field: Field[Any]) -> list[object]:
    """Return values just out of bounds, and those that no number may be."""
    bounds, hint = bounds_of(field), hint_of(name, field)
    found: list[object] = []
    if hint is float:
        found += [math.nan, math.inf, -math.inf]
    if bounds.choices:
        return [*found, "no such choice" if hint is str else 3]
    if bounds.low is not None:
        found.append(bounds.low - 1 if hint is int else math.nextafter(bounds.low, -math.inf))
    if bounds.high is not None:
        found.append(bounds.high + 1 if hint is int else math.nextafter(bounds.high, math.inf))
    return [*found, bounds.above] if bounds.above is not None else found


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=label)
def test_every_value_beyond_a_bound_is_refused_with_its_sentence(
    name: str, field: Field[Any]
) -> None:
    for value in beyond(name, field):
        with pytest.raises(ConfigError) as caught:
            MEMBERS[name][1](**{field.name: wrapped(name, field, value)})
        message = str(caught.value)
        assert caught.value.field == field.name and "\n" not in message
        assert f"{field.name} = " in message and str(bounds_of(field)) in message


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=label)
def test_every_value_beyond_a_bound_is_refused_by_the_schema_too(
    name: str, field: Field[Any]
) -> None:
    rule = properties(MEMBERS[name][1])[field.name]
    for value in beyond(name, field):
        if not isinstance(value, float) or math.isfinite(value):
            whole = wrapped(name, field, value)
            assert not allows(rule, list(whole) if isinstance(whole, tuple) else whole)


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=label)
def test_no_field_takes_a_truth_for_a_number_or_a_number_for_a_word(
    name: str, field: Field[Any]
) -> None:
    wrong = 1 if hint_of(name, field) in (bool, str) else True
    hint = hint_of(name, field)
    words = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}[hint]
    with pytest.raises(ConfigError, match=rf"{field.name} = .*; it must be .*{words}$"):
        MEMBERS[name][1](**{field.name: wrapped(name, field, wrong)})


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=label)
def test_every_field_has_a_default_within_its_bounds_and_a_help(
    name: str, field: Field[Any]
) -> None:
    assert field.default is not MISSING
    values = field.default if isinstance(field.default, tuple) else (field.default,)
    assert all(bounds_of(field).allow(value) for value in values)
    assert field.metadata["help"] or field.name == "regimes"


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_comes_back_from_its_record_and_its_own_schema_allows_it(name: str) -> None:
    member = MEMBERS[name][1]()
    plain = json.loads(json.dumps(record(member), allow_nan=False))
    kind = plain.pop("kind", None)
    assert kind == getattr(member, "kind", None)
    assert build(type(member), plain) == member
    assert allows(schema(type(member)), plain)


@pytest.mark.parametrize("name", MEMBERS)
def test_the_list_of_settings_shows_type_default_and_bounds_of_each(name: str) -> None:
    member = MEMBERS[name][1]
    rows = describe(member)
    assert [row[0] for row in rows] == [field.name for field in fields(member)]
    for (_, _, default, meaning), field in zip(rows, fields(member), strict=True):
        assert default == str(field.default)
        assert not meaning or meaning.endswith(str(bounds_of(field)))


@pytest.mark.parametrize("name", MEMBERS)
def test_errors_name_the_part_of_the_recipe_and_not_the_class(name: str) -> None:
    part, member = MEMBERS[name]
    assert member.owner() == part
    with pytest.raises(UnknownNameError, match=f"unknown setting of {part} 'nothing'"):
        build(member, {"nothing": 1})


@pytest.mark.parametrize("part", FAMILIES)
def test_a_member_is_in_the_table_under_its_own_kind(part: str) -> None:
    family = FAMILIES[part]
    assert [family.load(kind).kind for kind in family] == list(family)
    assert len({family.load(kind) for kind in family}) == len(family)
    with pytest.raises(UnknownNameError, match="known: "):
        family.load("nosuch")


def test_no_two_remedies_have_a_setting_of_the_same_name() -> None:
    names = [field.name for kind in REMEDIES for field in fields(REMEDIES.load(kind))]
    assert len(names) == len(set(names))


# Tables of a recipe: any setting of any part with a value that may be right or wrong


def values_of(name: str, field: Field[Any]) -> st.SearchStrategy[object]:
    """Values around the bounds of a field, and others of a wrong type."""
    bounds, hint = bounds_of(field), hint_of(name, field)
    if bounds.choices:
        one = st.sampled_from([*bounds.choices, "other", 3])
    elif hint is bool:
        one = st.sampled_from([True, False, 1, None])
    elif hint is int:
        low = int(bounds.low or 0)
        one = st.integers(low - 2, low + 40) | st.sampled_from([True, 1.5, None])
    else:
        low, high = bounds.low or bounds.above or 0.0, bounds.high or 100.0
        spread = high - low
        one = st.floats(low - spread / 4, high + spread / 4).filter(lambda x: not x.is_integer())
        one |= st.sampled_from([int(low), True, None])
    is_tuple = get_origin(get_type_hints(MEMBERS[name][1])[field.name]) is tuple
    return st.lists(one, min_size=1, max_size=1) if is_tuple else one


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """Give the table of a recipe of one part with at most two settings."""
    name = draw(st.sampled_from(sorted(MEMBERS)))
    part, member = MEMBERS[name]
    own = [field for field in fields(member) if field.name != "regimes"]
    chosen = (
        draw(st.lists(st.sampled_from(own), max_size=2, unique_by=lambda f: f.name)) if own else []
    )
    plain = {field.name: draw(values_of(name, field)) for field in chosen}
    table: dict[str, Any] = {part: plain}
    if part not in ("training", "remedies"):
        plain["kind"] = member.kind  # type: ignore[attr-defined]
    if part == "condition":
        table["regimes"] = 3
    return table


def is_refused_as_a_whole(error: ConfigError) -> bool:
    """Tell whether parts do not go together, which no schema of single values can say."""
    return any(
        words in str(error)
        for words in (
            "a multiple of", "auto-encoder", "below critic_ceiling", "no label of 1", "in order",
            "at least one", "days of noise",
        )
    )  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=tables())
def test_the_schema_refuses_a_recipe_exactly_if_parse_does(table: dict[str, Any]) -> None:
    try:
        recipe = Recipe.parse(table)
    except ConfigError as error:
        if not is_refused_as_a_whole(error):
            assert not allows(SCHEMA, table), (table, str(error))
        return
    assert allows(SCHEMA, table), table
    plain = recipe.to_json()
    assert allows(SCHEMA, json.loads(json.dumps(plain, allow_nan=False)))
    assert Recipe.parse(plain) == recipe == Recipe.parse(tomllib.loads(recipe.to_toml()))


@pytest.mark.parametrize(
    "table",
    [
        {"architecture": "nosuch"},
        {"objective": {"kind": "wgan", "margin": 1.0}},
        {"training": {"rtae": 1e-4}},
        {"remedies": {"kind": "lecam"}},
        {"preset": "slow"},
        {"seed": 2**63},
        {"regimes": -1},
        {"other": 1},
    ],
)
def test_names_that_parse_refuses_are_refused_by_the_schema(table: dict[str, Any]) -> None:
    with pytest.raises((ConfigError, UnknownNameError)):
        Recipe.parse(table)
    assert not allows(SCHEMA, table)


# Overlaid and nested tables

PIECES = st.fixed_dictionaries(
    {},
    optional={
        "seed": st.integers(0, 9),
        "objective": st.sampled_from(
            ["hinge", {"kind": "wgan"}, {"kind": "wgan-gp", "critic_steps": 2}, {"critic_steps": 3}]
        ),
        "remedies": st.fixed_dictionaries(
            {}, optional={"noise": st.sampled_from([0.1, 0.2]), "lecam": st.just(0.3)}
        ),
        "training": st.fixed_dictionaries(
            {}, optional={"rate": st.sampled_from([1e-3, 1e-4]), "past": st.integers(32, 40)}
        ),
    },
)


@given(below=PIECES, middle=PIECES, above=PIECES)
def test_three_layers_give_one_recipe_in_whatever_order_they_are_joined(
    below: Mapping[str, object], middle: Mapping[str, object], above: Mapping[str, object]
) -> None:
    """A member without a kind is one of the layer below, so the lowest layer is a whole recipe."""
    base = Recipe().to_json()
    left = overlaid(overlaid(overlaid(base, below), middle), above)
    again = overlaid(overlaid(base, below), {})
    assert left == overlaid(overlaid(again, middle), above)
    assert Recipe.parse(left).seed == above.get("seed", middle.get("seed", below.get("seed", 0)))


@given(below=PIECES, above=PIECES)
def test_a_layer_laid_twice_is_laid_once_and_layers_are_left_as_they_were(
    below: dict[str, object], above: dict[str, object]
) -> None:
    kept = json.dumps([below, above])
    once = overlaid(below, above)
    assert overlaid(once, above) == once
    assert json.dumps([below, above]) == kept


SETTINGS = {
    "rate": "1e-4",
    "past": "40",
    "remedies.noise": "0.1",
    "remedies.lecam": "0.2",
    "objective.critic_steps": "3",
    "architecture.hidden": "8",
}


@given(split=st.dictionaries(st.sampled_from(sorted(SETTINGS)), st.booleans()))
def test_settings_given_at_once_or_in_two_layers_are_the_same(split: dict[str, bool]) -> None:
    parts = [{key: SETTINGS[key] for key in split if split[key] is side} for side in (False, True)]
    whole = overlaid({}, nested({key: SETTINGS[key] for key in split}))
    layered = overlaid(overlaid({}, nested(parts[0])), nested(parts[1]))
    assert Recipe.parse(whole) == Recipe.parse(layered)


@pytest.mark.parametrize(("below", "above"), [({"lecam": 0.1}, {"lecam": 0.2})])
def test_the_order_of_layers_matters(below: dict[str, float], above: dict[str, float]) -> None:
    """The failing twin of the laws above: laying is not commutative."""
    first = overlaid({"remedies": below}, {"remedies": above})
    assert first != overlaid({"remedies": above}, {"remedies": below})


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("remedy", REMEDIES)
def test_every_pair_of_objective_and_remedy_works_or_is_refused_by_the_remedy(
    objective: str, remedy: str
) -> None:
    on: dict[str, object] = {
        "feature_matching": 0.5, "minibatch_kernels": 3, "minibatch_std": True,
        "historical_averaging": 0.1, "label_smoothing": 0.1, "spectral_norm": 1.0,
        "noise": 0.1, "lecam": 0.1, "critic_ceiling": 0.8,
    }  # fmt: skip
    name = next(field.name for field in fields(REMEDIES.load(remedy)) if field.name in on)
    table = {"objective": objective, "remedies": {name: on[name]}}
    assert len(Remedies.parse({name: on[name]}).members) == 1
    try:
        recipe = Recipe.parse(table)
    except ConfigError as error:
        assert (error.owner, error.field) == ("remedies", name)
        assert objective in str(error)
    else:
        assert [member.kind for member in recipe.remedies] == [remedy]


def test_a_remedy_given_twice_is_refused() -> None:
    twice = (REMEDIES.build("lecam", {"lecam": 0.1}), REMEDIES.build("lecam", {"lecam": 0.2}))
    with pytest.raises(ConfigError, match="must be given once each"):
        Remedies(twice)


@given(order=st.permutations(["noise", "lecam", "feature_matching", "spectral_norm"]))
def test_remedies_stand_in_the_order_of_the_table_however_they_are_asked_for(
    order: list[str],
) -> None:
    found = Remedies.parse(dict.fromkeys(order, 0.5))
    kinds = [member.kind for member in found]
    assert kinds == [kind for kind in REMEDIES if kind in kinds] and len(kinds) == 4
    assert Remedies.parse(found.record()) == found
