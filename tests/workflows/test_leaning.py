"""What a fit leans on: a vintage that was known, a model by its name, or nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_bundle import made_bundle, made_history

from simgan.bundle.manifest import PriorFacts
from simgan.bundle.store import write_bundle
from simgan.errors import BundleError, ConfigError, PriceError
from simgan.market.history import History
from simgan.recipe.recipe import Recipe
from simgan.workflows.backtest.contenders import Gan
from simgan.workflows.leaning import ENOUGH, leaning, of_bundle, prior_of
from simgan.workflows.train import Assignment, identity_of
from simgan.workspace import Workspace


def recipe_of(prior: str = "default", **architecture: object) -> Recipe:
    return Recipe.parse({"prior": prior, "architecture": architecture})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    found = Workspace(tmp_path)
    write_bundle(made_bundle(), found.model("made"))
    return found


def long_history() -> History:
    return made_history(ENOUGH + 1)


def test_a_short_history_leans_on_what_was_known_at_its_end(workspace: Workspace) -> None:
    short = made_history(100)  # in 2015
    found = prior_of(recipe_of(), short, workspace)
    assert found is not None and found.until == "2014-12-31"
    bars = replace(short, shapes=np.full((100, 1, 3), 1e-3))
    with_ranges = prior_of(recipe_of(), bars, workspace)
    assert with_ranges is not None and with_ranges.days is not None
    assert prior_of(recipe_of(), long_history(), workspace) is None


def test_without_a_prior_a_short_history_is_refused(workspace: Workspace) -> None:
    for recipe in (recipe_of("none"), recipe_of(hidden=12)):
        assert prior_of(recipe, made_history(250), workspace) is None
        with pytest.raises(PriceError, match=r"MADE: without a prior 249 log .* at least 250"):
            prior_of(recipe, made_history(249), workspace)
    assert recipe_of("none").least_days == 250 and recipe_of().least_days == 60
    critic = Recipe.parse({"training": {"steps": 10}})
    assert critic.least_days == critic.training.least_days >= 250


def test_a_model_is_a_prior_for_every_history(workspace: Workspace) -> None:
    found = prior_of(recipe_of("made"), long_history(), workspace)
    assert found is not None and found == of_bundle(made_bundle())
    assert (found.name, found.series) == ("made", ("MADE",))
    np.testing.assert_array_equal(found.weights["mix"], made_bundle().weights["mix"])
    assert (np.diff(found.innovations) >= 0).all()
    with pytest.raises(BundleError, match="no model"):
        prior_of(recipe_of("nosuch"), made_history(), workspace)


def test_a_model_of_another_size_is_no_prior(workspace: Workspace) -> None:
    with pytest.raises(ConfigError, match=r"same architecture and sizes.*closes alone"):
        prior_of(recipe_of("made", hidden=12), made_history(), workspace)
    bars = replace(made_history(), shapes=np.full((800, 1, 3), 1e-3))
    with pytest.raises(ConfigError, match="learned from open, high and low"):
        prior_of(recipe_of("made"), bars, workspace)


def test_a_backtest_refuses_a_prior_that_knows_later_days(workspace: Workspace) -> None:
    contender = Gan(workspace, recipe_of("made"))
    with pytest.raises(ConfigError, match=r"no day after .* learned until 2017-03-10"):
        contender.refit(made_history(700), None)
    found = of_bundle(made_bundle())
    assert found is not None and contender.record()["prior"] == found.sha256


def test_a_prior_decides_the_identity_of_a_model(workspace: Workspace) -> None:
    """Without one it is that of a time before there were priors."""
    recipe, short = Recipe(), made_history(100)

    def identity(recipe: Recipe, prior: str) -> str:
        found = prior_of(replace(recipe, prior=prior), made_history(300), workspace)
        task = Assignment(name="a", history=short, source={}, checkpoint=Path("a"), prior=found)
        return identity_of(replace(recipe, prior=prior), task)

    weaker = replace(recipe, training=replace(recipe.training, prior_pull=1.0))
    assert identity(recipe, "none") == identity(weaker, "none")
    assert len({identity(recipe, "none"), *(identity(r, "default") for r in (recipe, weaker))}) == 3


def test_a_model_says_how_much_of_it_is_prior() -> None:
    facts = PriorFacts(name="default, 2014", until="2014-12-31", series=["A", "B"], share=0.806)
    manifest = replace(made_bundle(days=60).manifest, prior=facts)
    assert leaning(manifest) == (
        "Mostly prior: 81 % of the days behind its innovations are those of default, 2014 "
        "(2 series until 2014-12-31), beside 60 of its own. In one of ten cases the volatility "
        "of the next year is more than 1.8 times that of 60 days, or less than that divided by "
        "1.8."
    )
    little = replace(manifest, prior=PriorFacts(**(facts | {"share": 0.1})))
    assert leaning(little).startswith("It leans on a prior: 10 % of")
    assert leaning(made_bundle().manifest) == ""
