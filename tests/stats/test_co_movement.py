"""Correlations that move: their formulas against slow ones, and those of the long run."""

from __future__ import annotations

import numpy as np
import pytest
from made_joint import CORRELATIONS, made_scores

from simgan.stats.co_movement import (
    CoMemory,
    HalfLives,
    correlated,
    decorrelated,
    long_run,
    roots_of,
    states,
)

HALF_LIVES = HalfLives((5.0, 40.0, 90.0), (10.0,))
WEIGHTS = np.array([0.4, 0.2, 0.1, 0.1, 0.2])


def slow_covariances(memory: CoMemory, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Covariances after scores (days, N), from the sums that the averages are."""
    target = memory.target
    spreads, axes = np.linalg.eigh(target)
    found = weights[0] * target
    rest = iter(weights[1:])
    for number, kind in enumerate(memory.half_lives):
        for days in kind:
            decay = 0.5 ** (1 / days)
            shares = (1 - decay) * decay ** np.arange(len(scores))[::-1]
            sample = (scores, scores @ axes)[number]
            first = decay ** len(scores)
            if number < 1:
                average = first * target + np.einsum("t,ti,tj->ij", shares, sample, sample)
            else:
                moved = first * spreads + shares @ sample**2
                average = axes @ np.diag(moved) @ axes.T
            found = found + next(rest) * average
    return found


def test_averages_are_the_weighted_sums_of_the_days_before() -> None:
    memory, scores = CoMemory(CORRELATIONS, HALF_LIVES), made_scores(30)
    *_, last = states(memory, scores)
    found = memory.covariances(last, WEIGHTS)
    assert found == pytest.approx(slow_covariances(memory, scores, WEIGHTS), abs=1e-12)
    triangles = [CORRELATIONS[memory.triangle], *memory.averages(last)]
    assert found[memory.triangle] == pytest.approx(WEIGHTS @ triangles, abs=1e-12)


def test_paths_beside_each_other_give_the_numbers_of_each_alone() -> None:
    memory, scores = CoMemory(CORRELATIONS, HALF_LIVES), made_scores(8).reshape(2, 4, 3)
    together = memory.unpacked(np.tile(memory.packed(memory.first()), (4, 1, 1)))
    for day in scores:
        memory.remember(together, day)
    for path in range(4):
        *_, alone = states(memory, scores[:, path])
        assert memory.packed(together)[path] == pytest.approx(memory.packed(alone), abs=1e-12)


def test_a_packed_memory_is_the_memory() -> None:
    memory = CoMemory(CORRELATIONS, HALF_LIVES)
    *_, last = states(memory, made_scores(5))
    packed = memory.packed(last)
    assert packed.shape == (3, HALF_LIVES.width(3))
    for before, after in zip(last, memory.unpacked(packed), strict=True):
        assert (before == after).all()


def test_correlated_scores_have_the_correlations_and_come_back() -> None:
    covariances = np.tile(
        np.diag([2.0, 0.5, 1.0]) @ CORRELATIONS @ np.diag([2.0, 0.5, 1.0]), (9, 1, 1)
    )
    news = np.vstack([np.eye(3), np.ones((6, 3))])
    scores = correlated(covariances.copy(), news)
    assert scores[:3].T @ scores[:3] == pytest.approx(CORRELATIONS, abs=2e-4)
    assert decorrelated(covariances.copy(), scores) == pytest.approx(news)


def test_paths_in_single_precision_have_the_roots_of_lapack() -> None:
    memory, rng = CoMemory(CORRELATIONS, HALF_LIVES), np.random.default_rng(6)
    start = np.tile(memory.packed(memory.first()), (50, 1, 1)).astype(np.float32)
    state = memory.unpacked(start)
    for _ in range(20):
        news = rng.standard_normal((50, 3), dtype=np.float32)
        covariances = memory.covariances(state, WEIGHTS)
        roots, deviations = roots_of(covariances.astype(float))
        scores = correlated(covariances, news)
        expected = np.einsum("pij,pj->pi", roots, news) / deviations
        assert scores == pytest.approx(expected, abs=1e-5)
        memory.remember(state, scores)
    assert {each.dtype for each in (scores, *state)} == {np.dtype(np.float32)}


def test_the_long_run_of_few_days_is_drawn_to_the_mean() -> None:
    scores = made_scores(40)
    mean = CORRELATIONS[np.triu_indices(3, 1)].mean()
    alone, shrunk = np.corrcoef(scores.T), long_run(scores)
    assert abs(shrunk[0, 1] - mean) < abs(alone[0, 1] - mean)
    assert long_run(made_scores(20_000)) == pytest.approx(CORRELATIONS, abs=0.03)


def test_a_pair_without_a_common_day_has_the_mean_of_the_others() -> None:
    scores = made_scores(2000)
    scores[:1000, 0], scores[1000:, 1] = np.nan, np.nan
    found = long_run(scores)
    known = [found[0, 2], found[1, 2]]
    assert min(known) - 0.1 < found[0, 1] < max(known) + 0.1
    assert np.linalg.eigvalsh(found)[0] > 0
    apart = scores[:, :2]
    assert (long_run(apart) == np.eye(2)).all()
