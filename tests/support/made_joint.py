"""A joint model made by hand: its assets were not trained, what they have in common is learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from made_bundle import made_bundle

from simgan.bundle.store import Bundle
from simgan.market.history import History
from simgan.market.scalings.standard import Standard
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.recipe.recipe import Recipe
from simgan.recipe.training import TrainingSettings
from simgan.seeds import Seed
from simgan.workflows.joint_model import joint_model

ASSETS = ("ONE", "TWO", "THREE")
CORRELATIONS = np.array([[1.0, 0.7, -0.3], [0.7, 1.0, 0.0], [-0.3, 0.0, 1.0]])
BLUEPRINT = StateSpace(replicas=2, hidden=6)


def made_scores(days: int = 1500, correlations: np.ndarray = CORRELATIONS) -> np.ndarray:
    """Normal scores (days, N) whose correlations do not move."""
    noise = Seed(11).stream("baseline").standard_normal((days, len(correlations)))
    return np.asarray(noise @ np.linalg.cholesky(correlations).T)


def made_panel(days: int = 1500, listed: Sequence[int] = (0, 0, 0)) -> History:
    """GARCH returns of three assets, the later ones of which may be listed later."""
    scores = made_scores(days)
    returns, variance = np.empty_like(scores), np.full(len(ASSETS), 1e-4)
    for day in range(days):
        returns[day] = np.sqrt(variance) * scores[day]
        variance = 2e-6 + 0.08 * returns[day] ** 2 + 0.9 * variance
    for column, first in enumerate(listed):
        returns[:first, column] = np.nan
    dates = np.datetime64("2010-01-01") + np.arange(days)
    return History(dates, returns, np.array([10.0, 200.0, 3.0]), ASSETS)


def made_member(panel: History, asset: str, blueprint: StateSpace = BLUEPRINT) -> Bundle:
    """The model of one asset of a panel."""
    own = panel.only(asset)
    bundle = made_bundle(blueprint=blueprint, identity=f"{panel.assets.index(asset):064d}")
    data = replace(
        bundle.manifest.data,
        first=own.day(0),
        last=own.day(-1),
        days=len(own),
        sha256=own.sha256,
    )
    manifest = replace(
        bundle.manifest,
        assets=(asset,),
        data=data,
        scaling=Standard.fit(own.log_returns),
        last_price=tuple(own.last_price.tolist()),
    )
    return replace(bundle, manifest=manifest, history=own)


@cache
def made_joint(
    listed: tuple[int, ...] = (0, 0, 0), ranges: tuple[bool, ...] = (False, False, False)
) -> Bundle:
    """A model of three assets, some of which have learned from ranges."""
    panel = made_panel(listed=listed)
    recipe = Recipe(architecture=BLUEPRINT, training=TrainingSettings(steps=0), preset="quick")
    members = [
        made_member(panel, asset, BLUEPRINT.with_ranges(has_ranges))
        for asset, has_ranges in zip(ASSETS, ranges, strict=True)
    ]
    return joint_model("made", recipe, panel, members, {"kind": "made"})


@cache
def calm_joint(days: int) -> Bundle:
    """A model of three assets without trends, whose free runs stay in bounds."""
    panel = made_panel(days)
    recipe = Recipe(architecture=BLUEPRINT, training=TrainingSettings(steps=0), preset="quick")
    members = [made_member(panel, asset) for asset in ASSETS]
    calm = [
        replace(one, weights=one.weights | {"trend": np.zeros_like(one.weights["trend"])})
        for one in members
    ]
    return joint_model("made", recipe, panel, calm, {"kind": "made"})
