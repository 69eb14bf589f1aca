"""Markets that close at other hours: a joint model with and without an overlap of two days."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from heard_steps import Heard
from made_joint import ASSETS, BLUEPRINT, made_member, made_panel

from simgan.bundle.store import Bundle, read_bundle, write_bundle
from simgan.errors import BundleError, ConfigError, PriceError
from simgan.market.history import History
from simgan.recipe.options import recipe_of
from simgan.recipe.recipe import Recipe
from simgan.recipe.training import TrainingSettings
from simgan.sampling.model import Model
from simgan.stats.synchrony import synchronised
from simgan.workflows.backtest import BacktestRequest
from simgan.workflows.backtest.run import make_chains
from simgan.workflows.fit import FitRequest, fit
from simgan.workflows.joint_model import joint_model
from simgan.workflows.risk import RiskRequest, assess
from simgan.workspace import Workspace

LED = 0.8


@cache
def panel() -> History:
    """The made panel, in which TWO tells THREE a part of its next move."""
    made = made_panel()
    returns = made.log_returns.copy()
    returns[1:, 2] += LED * made.log_returns[:-1, 1]
    return replace(made, log_returns=returns)


@cache
def book(overlap: int) -> Bundle:
    settings = TrainingSettings(steps=0, overlap=overlap)
    recipe = Recipe(architecture=BLUEPRINT, training=settings, preset="quick")
    members = [made_member(panel(), asset) for asset in ASSETS]
    return joint_model("made", recipe, panel(), members, {"kind": "made"})


def target(overlap: int, one: int, other: int) -> float:
    return float(book(overlap).weights["target"][one, other])


def test_the_correlations_of_markets_are_those_of_their_weeks() -> None:
    """ONE and TWO close together, and keep theirs. THREE is told by TWO, and so by ONE."""
    weeks = panel().log_returns.reshape(-1, 5, 3).sum(axis=1)
    real = np.corrcoef(weeks.T)
    assert real[1, 2] > 0.5 and abs(target(1, 1, 2)) < 0.1
    assert target(2, 1, 2) == pytest.approx(real[1, 2], abs=0.12)
    assert target(2, 0, 2) == pytest.approx(real[0, 2], abs=0.12)
    assert target(2, 0, 1) == pytest.approx(target(1, 0, 1), abs=0.02)
    led = book(2).weights["leads"]
    assert led[2, 1] > 0.3 > 3 * abs(led[2, 0]) and not led[:2].any()
    assert "leads" not in book(1).weights


def test_scenarios_move_together_on_one_day() -> None:
    """More than those of the twin, whose untrained trends move together, too."""
    found = {}
    for overlap in (1, 2):
        drawn = Model(book(overlap)).sample(20_000, 5, as_of="stationary").log_returns
        for days in (drawn[:, 0], drawn.sum(axis=1)):
            ranks = days.astype(float).argsort(axis=0).argsort(axis=0)
            found[overlap, len(found)] = np.corrcoef(ranks.T)[1, 2]
    apart, together = (
        [one for (overlap, _), one in found.items() if overlap == of] for of in (1, 2)
    )
    assert min(together) > max(apart) + 0.08  # standard errors are .007


def test_the_memory_of_a_history_holds_synchronised_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    """The start after the history is that of the fit. Without the leads it is another one."""
    bundle = book(2)
    model = Model(bundle)
    latest = model.memories_along(panel().log_returns)[-1]
    assert latest == pytest.approx(bundle.latest, abs=1e-5)
    none = bundle.weights | {"leads": np.zeros((3, 3), np.float32)}
    other = Model(replace(bundle, weights=none)).memories_along(panel().log_returns)[-1]
    own = model.runtime.blueprint.own_width
    assert (other[:, :own] == latest[:, :own]).all()
    assert np.abs(other[:, own:] - latest[:, own:]).max() > 0.01
    calls: list[int] = []

    def counted(*given: np.ndarray) -> np.ndarray:
        calls.append(len(given[0]))
        return synchronised(*given)

    monkeypatch.setattr("simgan.sampling.runtimes.joint.synchronised", counted)
    Model(book(1)).memories_along(panel().log_returns)
    assert not calls


def test_a_bundle_keeps_the_overlap(tmp_path: Path) -> None:
    write_bundle(book(2), tmp_path / "made")
    read = read_bundle(tmp_path / "made")
    assert read.manifest.recipe.training.overlap == 2
    assert (read.weights["leads"] == book(2).weights["leads"]).all()
    assert read.manifest.identity != book(1).manifest.identity
    broken = book(2).weights | {"sizes": np.zeros(3, np.float32)}
    with pytest.raises(BundleError, match="a size of its synchronised scores is not above 0"):
        write_bundle(replace(book(2), weights=broken), tmp_path / "broken")


def test_the_overlap_is_a_setting_of_one_day_or_two() -> None:
    assert recipe_of({"settings": {"overlap": "2"}}).training.overlap == 2
    assert recipe_of({}).training.overlap == 1
    with pytest.raises(ConfigError, match="overlap"):
        recipe_of({"settings": {"overlap": "3"}})


def test_an_overlap_of_one_asset_is_told_to_change_nothing(tmp_path: Path) -> None:
    """By a fit, which ends at once because its history is too short, and by a backtest."""
    days = pd.bdate_range("2019-01-01", periods=700, name="Date")
    prices = pd.Series(panel().prices[:700, 0], days, name="ONE")
    prices.to_csv(tmp_path / "one.csv")
    told = {}
    for overlap in (1, 2):
        fitted, walked = Heard(), Heard()
        asked: Any = {"prior": "none", "settings": {"overlap": overlap}}
        with pytest.raises(PriceError, match="without a prior 99 log returns"):
            fit(FitRequest.of(prices[:100], Workspace(tmp_path), **asked), fitted)
        asked |= {"prices": tmp_path / "one.csv", "first": "2021-01-01"}
        make_chains(BacktestRequest.of(("ONE",), Workspace(tmp_path), **asked), walked)
        said = "ONE: warning: no asset follows another by a day, so overlap=2 changes nothing"
        told[overlap] = [said in heard.sentences for heard in (fitted, walked)]
    assert told == {1: [False, False], 2: [True, True]}


def test_a_risk_warns_of_other_hours_only_where_the_model_does_not_know_them(
    tmp_path: Path,
) -> None:
    workspace = Workspace(tmp_path)
    notes = {}
    for overlap in (1, 2):
        write_bundle(book(overlap), workspace.model("BOOK"))
        request = RiskRequest(workspace=workspace, name="BOOK", n=2_000, horizons=(1,))
        notes[overlap] = " ".join(assess(request).notes)
    assert "THREE follows TWO" in notes[1] and "--set overlap=2" in notes[1]
    assert "follows" not in notes[2]
