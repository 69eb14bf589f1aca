"""The prior of a fit: a known vintage, a model by its name, or none. Each door tells it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from heard_steps import Heard
from made_bundle import PRIOR, made_bundle, made_history
from made_joint import made_joint

from simgan.bundle.facts import PriorFacts
from simgan.bundle.store import Bundle, write_bundle
from simgan.cli.data_sheet import data_sheet
from simgan.errors import ConfigError, PriceError, UnknownNameError
from simgan.market.history import History
from simgan.progress import SILENT
from simgan.recipe.recipe import Recipe
from simgan.stats.training.verdict import TrainingVerdict
from simgan.workflows import fit
from simgan.workflows.backtest.contenders import Gan
from simgan.workflows.fit import FitRequest, prior_and_judgement
from simgan.workflows.leaning import ENOUGH, leaning, of_bundle, prior_facts, prior_of
from simgan.workflows.report import ReportRequest, facts_of, report
from simgan.workflows.risk import RiskRequest, assess
from simgan.workflows.train import Assignment, Learned, identity_of, suited
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
    assert with_ranges is not None and with_ranges.shape_mix is not None
    assert prior_of(recipe_of(), long_history(), workspace) is None


def test_a_vintage_knows_no_day_on_which_forecasts_are_judged(workspace: Workspace) -> None:
    """A hundred days from 2014-11-02 on. The vintage of 2014 knows the first sixty."""
    later = made_history(100)
    history = replace(later, dates=later.dates - np.timedelta64(60, "D"))
    for judged, until in ((40, "2014-12-31"), (41, "2009-12-31")):
        found = prior_of(recipe_of(), history, workspace, judged=judged)
        assert found is not None and found.until == until


def test_a_history_before_all_vintages_is_told_what_to_do(workspace: Workspace) -> None:
    history = made_history(100)
    early = replace(history, dates=history.dates - np.timedelta64(365 * 14, "D"))  # 2001
    bars = replace(early, shapes=np.full((100, 1, 3), 1e-3))
    with pytest.raises(PriceError, match=r"until 2004-12-31, later than.*ranges=0 .* 1999-12-31"):
        prior_of(recipe_of(), bars, workspace)
    earlier = replace(early, dates=early.dates - np.timedelta64(365 * 14, "D"))
    with pytest.raises(PriceError, match=r"until 1999-12-31, later than this history$"):
        prior_of(recipe_of(), earlier, workspace)
    with pytest.raises(PriceError, match="leave out sizes of the architecture"):
        prior_of(recipe_of(hidden=12), history, workspace)


def test_without_a_prior_a_short_history_is_refused(workspace: Workspace) -> None:
    for recipe, remedy in (
        (recipe_of("none"), "leave out --prior none: 60 are enough with a prior"),
        (recipe_of(hidden=12), "leave out sizes of the architecture"),
    ):
        assert prior_of(recipe, made_history(250), workspace) is None
        told = rf"MADE: without a prior 249 log .* at least 250 are needed; {remedy}"
        with pytest.raises(PriceError, match=told):
            prior_of(recipe, made_history(249), workspace)
    old = replace(made_history(249), dates=made_history(249).dates - np.timedelta64(365 * 20, "D"))
    with pytest.raises(PriceError, match="at least 250 are needed; use a longer history"):
        prior_of(recipe_of("none"), old, workspace)
    assert recipe_of("none").least_days == 250 and recipe_of().least_days == 60
    critic = Recipe.parse({"training": {"steps": 10}})
    assert critic.least_days == critic.training.least_days >= 250


def test_a_fit_of_few_days_without_a_prior_names_the_remedy(workspace: Workspace) -> None:
    """The check of the prices came first, and asked for a longer history."""
    closes = 100 * np.exp(np.cumsum(made_history(100).log_returns[:, 0]))
    days = np.busday_offset("2018-01-01", np.arange(100), roll="forward")
    prices = pd.Series(closes, pd.DatetimeIndex(days), name="X")
    with pytest.raises(PriceError, match=r"X: without a prior 99 log .* leave out --prior none"):
        fit.fit(FitRequest.of(prices, workspace, prior="none"))


def test_a_model_is_a_prior_for_every_history(workspace: Workspace) -> None:
    found = prior_of(recipe_of("made"), long_history(), workspace)
    assert found is not None and found == of_bundle(made_bundle())
    assert (found.name, found.series) == ("made", ("MADE",))
    np.testing.assert_array_equal(found.weights["mix"], made_bundle().weights["mix"])
    assert (np.diff(found.innovations) >= 0).all()
    for name, near in (("Default", "default, none, made"), ("mad", "made, default, none")):
        with pytest.raises(UnknownNameError, match=f"unknown prior '{name}'; known: {near}$"):
            prior_of(recipe_of(name), made_history(), workspace)


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


def leaning_bundle(days: int = 60) -> Bundle:
    bundle = made_bundle(days=days)
    return replace(bundle, manifest=replace(bundle.manifest, prior=PRIOR))


def test_a_model_says_how_much_of_it_is_prior() -> None:
    manifest = leaning_bundle().manifest
    assert leaning(manifest) == (
        "Mostly prior: 81 % of the days behind its innovations are those of many "
        "(2 series until 2014-12-31), beside 60 of its own, and 98 % of its mean return. In one of "
        "ten years of the packaged series the volatility was more than 1.8 times that of the 60 "
        "days before, or less than that divided by 1.8."
    )
    little = replace(manifest, prior=PriorFacts(**(PRIOR | {"share": 0.1})))
    assert leaning(little).startswith("It leans on a prior: 10 % of")
    assert leaning(made_bundle().manifest) == ""


def test_fit_risk_data_sheet_and_report_tell_the_prior(tmp_path: Path) -> None:
    """A model whose history stood alone has an empty table, and no sentence."""
    bundle, workspace = leaning_bundle(days=300), Workspace(tmp_path)
    said = leaning(bundle.manifest)
    for made, prior in ((bundle, PRIOR), (made_bundle(days=300), PriorFacts())):
        write_bundle(made, workspace.model("made"))
        risk = assess(RiskRequest(workspace=workspace, name="made", n=2000, levels=(0.99,)))
        assert risk.to_json()["prior"] == prior and (said in risk.notes) == bool(prior)
        assert (said in data_sheet(made.manifest, (), None)) == bool(prior)
        facts = facts_of(made, made_history(300), ReportRequest(workspace=workspace))
        assert facts.prior == prior and facts.leaning == (said if prior else "")
        fitted = fit.Fitted(made, tmp_path, None, TrainingVerdict("converged", ""))
        assert fitted.to_json()["prior"] == prior and (said in fitted.sentences) == bool(prior)


def test_a_book_tells_the_mean_share_of_the_prior_and_the_largest(tmp_path: Path) -> None:
    """Two of three assets lean on one: (0 + .81 + .3) / 3 = .37."""
    bundle, workspace = made_joint(), Workspace(tmp_path)
    facts = bundle.manifest.joint
    assert facts is not None and not prior_facts(bundle.manifest) and not leaning(bundle.manifest)
    priors = [PriorFacts(), PriorFacts(**PRIOR), PriorFacts(**(PRIOR | {"share": 0.3}))]
    members = tuple(map(lambda one, prior: replace(one, prior=prior), facts.members, priors))
    manifest = replace(bundle.manifest, joint=replace(facts, members=members))
    write_bundle(replace(bundle, manifest=manifest), workspace.model("book"))
    said = (
        "2 of 3 assets lean on a prior. Of the days behind the innovations of an asset it is 37 % "
        "on average, and 81 % of TWO."
    )
    found = assess(RiskRequest(workspace=workspace, name="book", n=2000, levels=(0.99,)))
    prior = found.to_json()["prior"]
    assert said in found.notes and isinstance(prior, dict)
    assert prior["assets"] == {"TWO": pytest.approx(0.81, abs=5e-3), "THREE": 0.3}
    assert prior["share"] == pytest.approx(0.37, abs=5e-3)
    assert said in data_sheet(manifest, (), None)


def test_too_few_days_to_judge_by_are_told_by_the_fit_and_refused_by_the_report(
    tmp_path: Path,
) -> None:
    bundle, workspace = leaning_bundle(), Workspace(tmp_path)
    fitted = fit._judged(Learned(bundle, None, 0), made_history(60), tmp_path, SILENT)
    reason = "60 days are too few to judge the model by: at least 100 are needed"
    assert fitted.sentences[0] == fitted.manifest.verdict["sentence"] == f"{reason}."
    assert fitted.to_json()["verdict"] == fitted.manifest.verdict
    write_bundle(fitted.bundle, workspace.model("made"))
    assert f"paths           {reason}." in data_sheet(fitted.manifest, (), None)
    with pytest.raises(PriceError, match=f"made: {reason}; .* with --against FILE"):
        report(ReportRequest(workspace=workspace, name="made"))


@pytest.mark.parametrize(("known", "has_ranges"), [(1.0, 1), (0.5, 1), (0.49, 0), (0.0, 0)])
def test_half_of_the_days_must_have_ranges(known: float, has_ranges: int) -> None:
    """The days before some day may have none, though half of the whole history has."""
    shapes = np.full((400, 1, 3), 1e-3)
    shapes[: round(400 * (1 - known))] = np.nan
    history = replace(made_history(400), shapes=shapes)
    assert suited(Recipe(), history).architecture.has_ranges == bool(has_ranges)
    assert suited(Recipe(), history.rows(slice(200))).architecture.has_ranges == (known == 1)


def test_a_prior_has_seen_what_its_own_prior_has(workspace: Workspace) -> None:
    """A model of days until 2017-03-10 that leans on a model of 2018."""
    bundle = made_bundle()
    facts = PriorFacts(name="b", until="2018-12-31", series=["B"], share=0.1)
    found = of_bundle(replace(bundle, manifest=replace(bundle.manifest, prior=facts)))
    assert found is not None and found.until == "2018-12-31" and found.series == ("MADE", "B")
    facts["until"] = "2014-12-31"
    found = of_bundle(replace(bundle, manifest=replace(bundle.manifest, prior=facts)))
    assert found is not None and found.until == "2017-03-10"


def test_forecasts_are_not_judged_by_a_model_that_leans_on_their_days(
    workspace: Workspace,
) -> None:
    """The model has learned from days until 2017-03-10."""
    said = Heard()
    for days, is_judged in ((900, False), (1000, True)):  # held out: 135 and 150
        request = FitRequest.of("MADE", workspace, prior="made")
        prior, holds_out = prior_and_judgement(request, made_history(days), said)
        assert prior is not None and holds_out == is_judged
    (sentence,) = said.sentences
    assert "forecasts are not judged: made has learned from days until 2017-03-10" in sentence
