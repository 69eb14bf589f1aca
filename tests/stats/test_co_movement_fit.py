"""Correlations that move: their likelihood against slow ones, and its maximum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_joint import CORRELATIONS, made_scores

from simgan.stats.co_movement import CoMemory, HalfLives, correlated, decorrelated, long_run, states
from simgan.stats.co_movement_fit import _Sample, fit

HALF_LIVES = HalfLives((5.0, 40.0, 90.0), (10.0,))
WEIGHTS = np.array([0.4, 0.2, 0.1, 0.1, 0.2])


def test_the_gradient_of_the_likelihood_is_its_slope() -> None:
    sample = _Sample.of(CoMemory(CORRELATIONS, HALF_LIVES), made_scores(200), 0.1)
    free, step = np.array([-1.0, 0.2, -0.5, 0.3]), 1e-5
    _, gradient = sample.cost(free)
    slopes = [
        (sample.cost(free + step * e)[0] - sample.cost(free - step * e)[0]) / (2 * step)
        for e in np.eye(4)
    ]
    assert gradient == pytest.approx(slopes, abs=1e-7)


def test_the_likelihood_is_that_of_normal_scores() -> None:
    """Differences between weights are those of scipy's density."""
    from scipy.stats import multivariate_normal

    memory, scores = CoMemory(CORRELATIONS, HALF_LIVES), made_scores(150)
    sample = _Sample.of(memory, scores, 0.0)

    def cost(weights: np.ndarray) -> float:
        found = []
        for today, state in zip(scores, states(memory, scores), strict=False):
            covariances = memory.covariances(state, weights)
            spreads = np.sqrt(np.diag(covariances))
            correlations = covariances / np.outer(spreads, spreads)
            found.append(-multivariate_normal.logpdf(today, cov=correlations))
        return float(np.mean(found[60:]))

    others = np.array([0.7, 0.1, 0.05, 0.05, 0.1])
    expected = cost(WEIGHTS) - cost(others)
    costs = [sample.cost(np.log(w[1:] / w[0]))[0] for w in (WEIGHTS, others)]
    assert costs[0] - costs[1] == pytest.approx(expected, rel=5e-3)


def simulated(weights: np.ndarray, half_lives: HalfLives, days: int = 4000) -> np.ndarray:
    """Scores of a world with these weights."""
    memory, rng = CoMemory(CORRELATIONS, half_lives), np.random.default_rng(5)
    state, found = memory.first(), np.empty((days, 3))
    for day in range(days):
        found[day] = correlated(memory.covariances(state, weights), rng.standard_normal(3))
        memory.remember(state, found[day])
    return found


def test_a_dcc_world_is_recovered() -> None:
    """Correlations of days that the fit has not seen are as likely as under the true weights."""
    true, half_lives = np.array([0.3, 0.7]), HalfLives((20.0,), ())
    scores = simulated(true, half_lives, 8000)
    memory, weights = fit(CoMemory(long_run(scores[:4000])), scores[:4000])
    assert weights.sum() == pytest.approx(1)
    world = CoMemory(CORRELATIONS, half_lives)
    costs = []
    for each, mix in ((memory, weights), (world, true)):
        sample = _Sample.of(each, scores, 0.0)
        days = slice(4000, None)
        later = replace(sample, averages=sample.averages[:, days], scores=sample.scores[days])
        costs.append(later.cost(np.log(mix[1:] / mix[0]))[0])
    assert costs[0] - costs[1] < 0.01


def test_an_independent_world_gets_no_correlation() -> None:
    scores = np.random.default_rng(1).standard_normal((3000, 4))
    target = long_run(scores)
    memory, weights = fit(CoMemory(target), scores)
    assert np.abs(target - np.eye(4)).max() < 0.02
    *_, last = states(memory, scores)
    covariances = memory.covariances(last, weights)
    spreads = np.sqrt(np.diag(covariances))
    assert np.abs(covariances / np.outer(spreads, spreads) - np.eye(4)).max() < 0.15


def test_assets_that_are_the_same_have_a_likelihood() -> None:
    scores = made_scores(800)[:, [0, 0, 2]]
    memory, weights = fit(CoMemory(long_run(scores)), scores)
    assert np.isfinite(weights).all()
    news = decorrelated(memory.covariances(memory.first(), weights), scores[0])
    assert np.isfinite(news).all()


def test_free_paths_return_to_the_long_run() -> None:
    """Without a least weight of it, correlations of this world would wander like its own do."""
    weights = np.array([0.002, 0.998])
    scores = simulated(weights, HalfLives((60.0,), ()), 3000)
    memory, found = fit(CoMemory(CORRELATIONS), scores)
    assert found[0] == pytest.approx(0.1, abs=0.002)
    ends = [
        np.std([_end_of(each, mix, path) for path in range(40)])
        for each, mix in (
            (memory, found),
            (CoMemory(CORRELATIONS, HalfLives((60.0,), ())), weights),
        )
    ]
    assert ends[0] < 0.6 * ends[1]


def _end_of(memory: CoMemory, weights: np.ndarray, path: int) -> float:
    """Return the correlation of the first two assets after a free path of 1,500 days."""
    rng, state = np.random.default_rng(path), memory.first()
    for _ in range(1500):
        news = rng.standard_normal(memory.assets)
        memory.remember(state, correlated(memory.covariances(state, weights), news))
    last = memory.covariances(state, weights)
    return float(last[0, 1] / np.sqrt(last[0, 0] * last[1, 1]))
