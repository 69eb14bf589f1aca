"""The GAN of a book in a walk-forward: members are refitted, kept and never made twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_joint import ASSETS, BLUEPRINT, made_member, made_panel

from simgan.bundle.store import Bundle
from simgan.errors import ConfigError, TrainingError
from simgan.market.history import History
from simgan.progress import Progress
from simgan.recipe.recipe import Recipe
from simgan.recipe.training import TrainingSettings
from simgan.seeds import Seed
from simgan.workflows import joint_model as joint_models
from simgan.workflows.backtest import book_contenders, contenders
from simgan.workflows.backtest.book_contenders import JointGan
from simgan.workflows.backtest.contenders import Gan, Refit
from simgan.workflows.train import Assignment, Learned
from simgan.workspace import Workspace

RECIPE = Recipe(architecture=BLUEPRINT, training=TrainingSettings(steps=0), preset="quick")
PANEL = made_panel(900, listed=(0, 0, 100))
FIRST, SECOND = PANEL.rows(slice(700)), PANEL.rows(slice(800))


@pytest.fixture
def gan(tmp_path: Path) -> JointGan:
    return JointGan(Workspace(tmp_path), RECIPE)


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[Assignment]:
    """The work given to training, which is replaced by a quick one. The drift counts them."""
    tasks: list[Assignment] = []

    def quickly(recipe: Recipe, task: Assignment, progress: Progress, *, resume: bool) -> Learned:
        tasks.append(task)
        task.checkpoint.mkdir(parents=True)
        made = made_member(PANEL, task.history.assets[0])
        drift = np.full(2, 1e-3 * len(tasks), np.float32)
        made = replace(made, weights=made.weights | {"drift": drift})
        return Learned(made, None, 600)

    monkeypatch.setattr(contenders, "train", quickly)
    monkeypatch.setattr(joint_models, "_DAYS", 100)
    return tasks


def bundle(refit: Refit) -> Bundle:
    return refit.model.bundle  # type: ignore[attr-defined, no-any-return]


def test_each_member_learns_from_its_own_days(gan: JointGan, trained: list[Assignment]) -> None:
    found = bundle(gan.refit(FIRST, None))
    assert [task.history.assets for task in trained] == [(asset,) for asset in ASSETS]
    assert [len(task.history) for task in trained] == [700, 700, 600]
    assert found.manifest.assets == ASSETS and found.manifest.data.last == FIRST.day(-1)


def test_each_member_begins_with_its_weights_of_the_refit_before(
    gan: JointGan, trained: list[Assignment]
) -> None:
    first = gan.refit(FIRST, None)
    gan.refit(SECOND, first.key)
    assert [bool(task.start) for task in trained] == 3 * [False] + 3 * [True]
    drifts = [float(task.start["drift"][0]) for task in trained[3:]]
    assert drifts == pytest.approx([1e-3, 2e-3, 3e-3])


def test_a_member_is_the_refit_that_a_backtest_of_it_alone_has(
    gan: JointGan, trained: list[Assignment]
) -> None:
    gan.refit(FIRST, None)
    Gan(gan.workspace, RECIPE).refit(FIRST.only("TWO"), None)
    assert len(trained) == 3


def test_a_finished_refit_is_not_made_again(gan: JointGan, trained: list[Assignment]) -> None:
    first = gan.refit(FIRST, None)
    again, other = gan.refit(FIRST, None), gan.again(FIRST, first.key)
    found = {bundle(refit).manifest.created for refit in (first, again, other)}
    assert len(trained) == 3 and len(found) == 1
    second = replace(gan, recipe=replace(RECIPE, seed=2)).refit(FIRST, None)
    assert second.key != first.key and len(trained) == 6


def test_finished_members_are_kept_when_a_refit_is_cut_off(
    gan: JointGan, trained: list[Assignment], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> Bundle:
        raise TrainingError("cut off")

    with monkeypatch.context() as patch:
        patch.setattr(book_contenders, "joint_model", killed)
        with pytest.raises(TrainingError, match="cut off"):
            gan.refit(FIRST, None)
    found = gan.refit(FIRST, None)
    assert len(trained) == 3 and bundle(found).manifest.assets == ASSETS


def test_a_damaged_refit_is_made_again_of_its_members(
    gan: JointGan, trained: list[Assignment]
) -> None:
    first = gan.refit(FIRST, None)
    (gan.workspace.refit(first.key) / "generator.safetensors").write_bytes(b"rubbish")
    again = gan.refit(FIRST, None)
    assert len(trained) == 3
    for name, values in bundle(first).weights.items():
        np.testing.assert_array_equal(bundle(again).weights[name], values)


def test_it_forecasts_days_on_which_an_asset_did_not_trade(
    gan: JointGan, trained: list[Assignment]
) -> None:
    returns = PANEL.log_returns.copy()
    returns[720, 1] = np.nan
    holes: History = replace(PANEL, log_returns=returns)
    model = gan.refit(FIRST, None).model
    drawn = list(model.forecast(holes.log_returns, range(719, 723), 3, 64, Seed(1)))
    assert {paths.shape for paths in drawn} == {(64, 3, 3)}
    assert all(np.isfinite(paths).all() for paths in drawn)


def test_an_architecture_that_draws_no_scores_is_refused(gan: JointGan) -> None:
    with pytest.raises(ConfigError, match="state-space"):
        replace(gan, recipe=Recipe.parse({"architecture": "mlp"})).refit(FIRST, None)
