"""Priors: read as they were written, for generators of their size, and never of later days."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
from made_bundle import made_weights

from simgan.bundle.priors import Prior, first_vintage, packaged
from simgan.recipe.blueprints import Blueprint
from simgan.recipe.blueprints.mlp import Mlp
from simgan.recipe.blueprints.state_space import StateSpace

FOLDER = files("simgan") / "priors"
VINTAGES = json.loads((FOLDER / "priors.json").read_text("utf-8"))["vintages"]
CLOSES, RANGES = StateSpace(), StateSpace(ranges=1)


def made_prior(blueprint: StateSpace = CLOSES) -> Prior:
    weights = made_weights(blueprint)
    kept = {name: weights[name] for name in blueprint.network() if name not in blueprint.estimated}
    return Prior(
        "made",
        "2009-12-31",
        ("A", "B"),
        kept | {"drift": weights["drift"], "freedom": np.full(blueprint.replicas, 4, np.float32)},
        np.linspace(-3, 3, 500, dtype=np.float32) * np.ones((blueprint.laws, 1), np.float32),
        weights["tails"].mean(axis=0),
        blueprint.memory,
        weights.get("shape_mix"),
    )


@pytest.mark.parametrize("blueprint", [CLOSES, RANGES], ids=["closes", "ranges"])
def test_a_prior_is_read_as_it_was_written(blueprint: StateSpace) -> None:
    written = made_prior(blueprint)
    read = Prior.of_bytes(written.to_bytes(), written.name, written.until, written.series)
    assert read == written and read.sha256 == written.sha256


@pytest.mark.parametrize(
    ("blueprint", "fits"),
    [
        (CLOSES, True),
        (replace(CLOSES, replicas=1), True),
        (replace(CLOSES, guard=20.0, correction=0.1), True),
        (replace(CLOSES, replicas=8), False),
        (replace(CLOSES, hidden=12), False),
        (replace(CLOSES, half_lives=(2.0, 20.0)), False),
        (replace(CLOSES, half_lives=(1.5, 5.0, 12.0, 30.0, 80.0, 200.0)), False),
        (replace(CLOSES, laws=1), False),
        (RANGES, False),
        (Mlp(), False),
    ],
)
def test_a_prior_is_for_generators_of_its_sizes(blueprint: Blueprint, fits: bool) -> None:
    assert made_prior().fits(blueprint) == fits
    assert not fits or made_prior().of_replicas(1)["mix"].shape[0] == 1


@pytest.mark.parametrize("facts", VINTAGES, ids=lambda facts: facts["file"])
def test_the_index_of_the_package_is_true(facts: dict[str, object]) -> None:
    content = (FOLDER / str(facts["file"])).read_bytes()
    prior = Prior.of_bytes(content, "", str(facts["until"]), ())
    assert len(content) < 100_000
    assert prior.sha256 == facts["sha256"]
    assert str(facts["file"]).startswith(str(facts["until"])[:4])
    assert prior.fits(RANGES if "ranges" in str(facts["file"]) else CLOSES)


@pytest.mark.parametrize(
    ("last", "until"),
    [
        ("1999-12-30", None),
        ("1999-12-31", "1999-12-31"),
        ("2009-12-30", "2004-12-31"),
        ("2031-01-01", "2018-12-31"),
    ],
)
def test_the_newest_vintage_that_knows_no_later_day_is_chosen(last: str, until: str | None) -> None:
    found = packaged(CLOSES, last)
    assert (found.until if found else None) == until


def test_there_is_none_for_other_sizes_and_one_for_ranges() -> None:
    assert packaged(replace(CLOSES, hidden=12), "2031-01-01") is None
    found = packaged(RANGES, "2031-01-01")
    assert found is not None and found.shape_mix is not None


def test_the_first_vintage_of_a_generator_is_told() -> None:
    assert (first_vintage(CLOSES), first_vintage(RANGES)) == ("1999-12-31", "2004-12-31")
    assert first_vintage(replace(CLOSES, hidden=12)) is None


@pytest.mark.parametrize("blueprint", [CLOSES, RANGES], ids=["closes", "ranges"])
def test_the_tails_of_the_package_are_heavier_than_exponential(blueprint: StateSpace) -> None:
    found = packaged(blueprint, "2018-12-31")
    assert found is not None and found.tails.shape == (2, 2, 2)
    assert (found.tails[:, 0, 0] > 0.05).all()  # shapes of losses
