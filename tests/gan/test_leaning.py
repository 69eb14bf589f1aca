"""A warm start leans on a prior, the less the longer the history, and estimates count its days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from made_bundle import made_history
from scipy.stats import norm

from simgan.bundle.priors import Prior, packaged
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.recipe.training import GameRules, TrainingSettings
from simgan.seeds import Seed

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from quick_graphs import quick_graphs  # noqa: E402

from simgan.gan.innovations import estimate  # noqa: E402
from simgan.gan.leaning import law_rules, mean_beside, shape_mix_beside  # noqa: E402
from simgan.gan.series import Lesson, TrainingSeries  # noqa: E402
from simgan.gan.training import Trainer  # noqa: E402
from simgan.recipe.recipe import Recipe  # noqa: E402

BLUEPRINT = StateSpace(replicas=1)
FOUND = packaged(BLUEPRINT, "2018-12-31")
assert FOUND is not None
PRIOR: Prior = FOUND
RULES: GameRules = Recipe().rules


@pytest.fixture
def quickly_traced() -> Iterator[None]:
    with quick_graphs():
        yield


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


@pytest.mark.usefixtures("quickly_traced")
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
    found = law_rules(series_of(100, prior_days=100), StateSpace(ranges=1)).others
    beside = found.residuals
    assert beside.shape == (2, 50) and found.tails.shape == (2, 2, 2)
    np.testing.assert_allclose(beside.mean(axis=1), 0, atol=1e-6)
    assert (np.diff(beside) > 0).all() and 0.9 < beside.std() < 1.3
    for alone in (series_of(100, prior_days=0), replace(series_of(100), prior=None)):
        rules = law_rules(alone, StateSpace())
        assert rules.beside is None and rules.others.residuals.shape == (2, 0)


def test_a_short_history_has_one_law_with_all_days_of_the_prior() -> None:
    """The body of 40 days beside 200: five sixths are the prior's, on calm and on wild days."""
    rules = law_rules(series_of(100, prior_days=200), StateSpace(ranges=1))
    own, rng = np.full((1, 40), 9.0), Seed(1).stream("latent")
    found = estimate(own, rng.uniform(1, 2, (1, 40)), np.ones(40), rules)  # they are centred
    expected = np.quantile(np.concatenate([np.zeros(40), rules.others.residuals.ravel()]), 0.3)
    for body in found.body[0]:
        assert np.interp(norm.ppf(0.3), found.knots, body) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("days", [60, 240, 4000])
def test_tails_of_a_prior_count_by_their_exceedances(days: int) -> None:
    """Of normal days the tails are exponential at most, those of the prior are not."""
    rng = Seed(2).stream("latent")
    residuals, spreads = rng.standard_normal((1, days)), rng.uniform(1, 2, (1, days))
    rules = law_rules(series_of(100, prior_days=250), StateSpace(ranges=1))
    found = estimate(residuals, spreads, residuals[0], rules).tails[0, :, 0, 0]
    own = estimate(residuals, spreads, residuals[0], rules._replace(beside=None)).tails[0, :, 0, 0]
    known = rules.others.tails[:, 0, 0]
    share = 125 / (125 + days / 2)
    np.testing.assert_allclose(found, share * known + (1 - share) * own, atol=0.03)


def test_the_size_of_shapes_leans_on_the_prior_at_the_level_of_the_history() -> None:
    series = series_of(100, prior_days=100)
    rng = Seed(3).stream("latent")
    memory, sizes = rng.uniform(0.5, 2, (100, 24)), np.full(100, 7.0)
    own = np.append(1e-9, np.zeros(24))  # as if the history said nothing
    mix = shape_mix_beside(series, own, sizes, memory)
    found = np.sqrt(mix[0] + memory @ mix[1:])
    assert np.mean(sizes / found) == pytest.approx(np.sqrt(2), rel=1e-3)  # half of the days
    alone = replace(series, prior=None)
    np.testing.assert_array_equal(shape_mix_beside(alone, own, sizes, memory), own)


@pytest.mark.parametrize("days", [60, 2500])
def test_the_mean_of_few_days_leans_on_that_of_the_prior(days: int) -> None:
    """Sixty days of .5 deviations a day would multiply a price by more than a hundred in a year."""
    series = replace(series_of(100), scaled=np.zeros((days, 1), np.float32))
    assert series.prior is not None
    known = series.prior.weights["drift"].mean()
    (mean,) = mean_beside(series, np.array([0.5]))
    assert mean == pytest.approx((0.5 * days + 2500 * known) / (days + 2500))
    assert mean_beside(replace(series, prior=None), np.array([0.5])) == [0.5]


def test_free_runs_are_corrected_to_the_mean_that_leans_on_the_prior() -> None:
    settings = TrainingSettings(warm_steps=5)
    trainer = Trainer(BLUEPRINT, RULES, settings)
    history = made_history(120)
    series = TrainingSeries.of(history.log_returns + 0.01, BLUEPRINT, settings)
    series = replace(series, prior=PRIOR)
    lesson = Lesson(series, 120, Seed(0), 0, trainer.generator.fresh(Seed(0)))
    trainer.warm.begin(lesson)
    trainer.warm.finish()
    wanted = mean_beside(series, series.scaled.mean(axis=0))
    assert wanted < 0.2 * series.scaled.mean()
    trainer.calibration.calibrate(lesson)
    memory = tf.constant(trainer.calibration.pool[:, None].swapaxes(0, 1))
    noise = Seed(1).stream("latent").standard_normal((400, 1, memory.shape[1], BLUEPRINT.latent))
    paths = trainer.generator.roll(memory, tf.constant(noise.astype(np.float32)))[0].numpy()
    assert paths.mean() == pytest.approx(float(wanted[0]), abs=0.03)
