"""Blueprints: bounds of their settings, shapes of their states, and one asset at most."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.errors import ConfigError
from simgan.recipe.blueprints import BLUEPRINTS
from simgan.recipe.recipe import Recipe

WITH_MEMORY = ("state-space", "mlp")


@pytest.mark.parametrize("kind", WITH_MEMORY)
@pytest.mark.parametrize("field", ["half_lives", "trends"])
@pytest.mark.parametrize("wrong", ["nan", "inf", "-inf", "1e-320", "0", "-1", "5,nan", "1e300"])
def test_half_lives_out_of_range_are_refused_with_the_bounds(
    kind: str, field: str, wrong: str
) -> None:
    with pytest.raises(ConfigError, match=r"must be from 0\.01 to 100,000"):
        Recipe.parse({"architecture": {"kind": kind, field: wrong}})


@pytest.mark.parametrize("kind", WITH_MEMORY)
@pytest.mark.parametrize("field", ["half_lives", "trends"])
def test_half_lives_are_in_order_and_there(kind: str, field: str) -> None:
    with pytest.raises(ConfigError, match="in order"):
        BLUEPRINTS.build(kind, {field: (5.0, 1.0)})
    with pytest.raises(ConfigError, match="at least one"):
        BLUEPRINTS.build(kind, {field: ()})


@pytest.mark.parametrize("kind", WITH_MEMORY)
@pytest.mark.parametrize("guard", ["nan", "inf", "0.5"])
def test_a_guard_out_of_range_is_refused(kind: str, guard: str) -> None:
    with pytest.raises(ConfigError, match="guard"):
        BLUEPRINTS.build(kind, {"guard": guard})


@pytest.mark.parametrize("value", ["3", 3, "nan"])
def test_a_condition_has_no_number_of_regimes(value: object) -> None:
    """`--set condition.regimes=3` names the options that set it."""
    with pytest.raises(ConfigError, match="--regimes"):
        Recipe.parse({"regimes": 3, "condition": {"kind": "cgan", "regimes": value}})


@pytest.mark.parametrize("kind", BLUEPRINTS)
def test_more_than_one_asset_is_refused_and_one_is_not(kind: str) -> None:
    blueprint = BLUEPRINTS.build(kind)
    blueprint.expect_assets(1)
    for assets in (0, 2, 10):
        with pytest.raises(ConfigError, match=rf"{kind} makes the returns of one asset"):
            blueprint.expect_assets(assets)


@pytest.mark.parametrize("kind", BLUEPRINTS)
def test_states_end_in_assets_and_width(kind: str) -> None:
    blueprint = BLUEPRINTS.build(kind)
    along = blueprint.along(np.ones((5, 3), np.float32))
    assert along.shape == (6, 3, blueprint.width) and along.dtype == np.float32
    levels = blueprint.levels(
        np.ones((4, 3, blueprint.width), np.float32), np.ones((4, 2, 3), "f4")
    )
    assert levels.shape == (4, 2, 3) and (levels > 0).all()


@pytest.mark.parametrize("kind", BLUEPRINTS)
def test_regimes_add_one_weight_and_change_no_other(kind: str) -> None:
    plain = BLUEPRINTS.build(kind)
    if kind == "tcn":
        with pytest.raises(ConfigError, match="leave regimes out"):
            BLUEPRINTS.build(kind, {"regimes": 2})
        return
    shapes = BLUEPRINTS.build(kind, {"regimes": 2}).shapes()
    assert shapes.pop("regime") == (plain.replicas, 2, 3)
    assert shapes == plain.shapes() == plain.network()


@pytest.mark.parametrize("kind", BLUEPRINTS)
def test_estimated_weights_are_weights(kind: str) -> None:
    blueprint = BLUEPRINTS.build(kind)
    assert set(blueprint.estimated) < set(blueprint.with_ranges(True).shapes())
