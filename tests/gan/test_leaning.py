"""A warm start leans on a prior, the less the longer the history, and estimates count its days."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_bundle import made_history

from simgan.bundle.priors import Prior, packaged
from simgan.recipe.blueprints.state_space import DAYS, StateSpace
from simgan.recipe.training import GameRules, TrainingSettings
from simgan.seeds import Seed

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from simgan.gan.leaning import days_beside, law_rules  # noqa: E402
from simgan.gan.lent_shapes import lent_shapes  # noqa: E402
from simgan.gan.series import Lesson, TrainingSeries  # noqa: E402
from simgan.gan.training import Trainer  # noqa: E402
from simgan.recipe.recipe import Recipe  # noqa: E402

BLUEPRINT = StateSpace(replicas=1)
FOUND = packaged(BLUEPRINT, "2018-12-31")
assert FOUND is not None
PRIOR: Prior = FOUND
RULES: GameRules = Recipe().rules


def distance(days: int, pull: float) -> float:
    """Root mean square distance of the mix from the prior's, after a warm start."""
    settings = TrainingSettings(warm_steps=60, prior_pull=pull)
    trainer = Trainer(BLUEPRINT, RULES, settings)
    series = TrainingSeries.of(made_history(days).log_returns, BLUEPRINT, settings)
    series = replace(series, prior=PRIOR)
    generator = trainer.generator
    start = generator.fresh(Seed(0)) | {
        name: weight
        for name, weight in PRIOR.of_replicas(1).items()
        if name in generator.table and name not in BLUEPRINT.estimated
    }
    trainer.warm.begin(Lesson(series, days, Seed(0), 0, start))
    for step in range(60):
        trainer.warm.step(step + 1)
    mix = generator.table["mix"].numpy()
    return float(np.sqrt(np.mean((mix - PRIOR.of_replicas(1)["mix"]) ** 2)))


def test_the_pull_weakens_with_the_days_and_grows_with_its_setting() -> None:
    short, long, free, fixed = (
        distance(*case) for case in ((100, 5.0), (800, 5.0), (100, 0.0), (100, 1e6))
    )
    assert fixed < 0.01 < short < long
    assert short < free


def series_of(days: int, **settings: int) -> TrainingSeries:
    history = made_history(days)
    found = TrainingSeries.of(
        history.log_returns,
        StateSpace(ranges=1),
        TrainingSettings(**settings),
        shapes=np.full((days, 1, 3), 1e-3),
    )
    return replace(found, prior=packaged(StateSpace(ranges=1), "2018-12-31"))


def test_residuals_of_a_prior_stand_beside_those_of_the_history() -> None:
    """As many of each law, at evenly spaced probabilities, with mean 0."""
    beside = law_rules(series_of(100, prior_days=100), StateSpace(ranges=1)).others
    assert beside.shape == (2, 50)
    np.testing.assert_allclose(beside.mean(axis=1), 0, atol=1e-6)
    assert (np.diff(beside) > 0).all() and 0.9 < beside.std() < 1.3
    assert law_rules(series_of(100, prior_days=0), StateSpace()).others.shape == (2, 0)
    alone = replace(series_of(100), prior=None)
    assert law_rules(alone, StateSpace()).beside is None


def test_days_of_a_prior_lend_their_shapes_in_the_same_share() -> None:
    """60 days of the history beside 240 of the prior: a fifth of all that lend."""
    series = series_of(80, prior_days=240)
    kept = lent_shapes(series, slice(20, 80), np.ones((4, 60)), StateSpace(ranges=1))["days"]
    assert kept.shape == (4, 2, DAYS, 4) and (np.diff(kept[..., 0]) >= 0).all()
    scaled = 1e-3 / series.scaling.scale[0]  # type: ignore[attr-defined]
    share = np.isclose(kept[..., 1], scaled, rtol=1e-3).mean()
    assert share == pytest.approx(0.2, abs=0.02)
    assert days_beside(replace(series, prior=None), 2).shape == (2, 0, 4)
