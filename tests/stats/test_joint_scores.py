"""The joint law of scores: rows without correlation, and a map that gives each asset its margin."""

from __future__ import annotations

import numpy as np
import pytest
from made_joint import CORRELATIONS, made_scores

from simgan.stats.co_movement import CoMemory, correlated
from simgan.stats.joint_scores import MARGINS, PLACES, learned, normal, sizes_of, smoothed


def test_rows_have_no_correlation_and_stand_in_the_order_of_the_market() -> None:
    scores = made_scores(1500)
    half_lives, law = learned(scores)
    rows = law["rows"].astype(float)
    assert len(rows) == 1500 - 60 and law["margins"].shape == (3, MARGINS)
    assert np.cov(rows.T, bias=True) == pytest.approx(np.eye(3), abs=1e-5)
    assert law["co_mix"].shape == (1 + half_lives.averages,)
    fifths = [part.mean() for part in np.array_split(rows @ np.linalg.cholesky(CORRELATIONS).T, 5)]
    assert (np.diff(fifths) > 0).all()


def test_drawn_scores_are_normal_by_themselves_and_correlated_as_the_history() -> None:
    """Rows with fat tails: without the map the 1 % quantile is off by .2."""
    rng = np.random.default_rng(2)
    scores = made_scores(3000) * np.sqrt(4 / rng.chisquare(6, (3000, 1)))
    scores = np.argsort(np.argsort(scores, axis=0), axis=0)
    from scipy.special import ndtri

    scores = ndtri((scores + 0.5) / 3000)
    half_lives, law = learned(scores)
    memory = CoMemory(law["target"].astype(float), half_lives)
    rows = law["rows"].astype(float)[rng.integers(len(law["rows"]), size=200_000)]
    news = smoothed(rows, sizes_of(rows), rng.standard_normal(rows.shape))
    covariances = np.tile(memory.covariances(memory.first(), law["co_mix"]), (len(rows), 1, 1))
    drawn = normal(correlated(covariances, news), law["margins"])
    for share, score in ((0.01, -2.326), (0.5, 0.0), (0.99, 2.326)):
        assert np.quantile(drawn, share, axis=0) == pytest.approx(np.full(3, score), abs=0.06)
    assert np.corrcoef(drawn.T) == pytest.approx(CORRELATIONS, abs=0.06)


def test_the_map_goes_on_beyond_its_knots() -> None:
    margins = 0.5 * PLACES[None]
    values = np.array([[-8.0], [-2.0], [0.05], [9.0]])
    assert normal(values, margins)[:, 0] == pytest.approx([-6.25, -1.0, 0.025, 7.25])


def test_noise_keeps_the_size_of_a_row() -> None:
    rng = np.random.default_rng(0)
    rows = np.repeat([[3.0, 0.0], [0.1, 0.1]], 50_000, axis=0)
    drawn = smoothed(rows, sizes_of(rows), rng.standard_normal(rows.shape))
    expected = np.square(rows).mean(axis=1)
    found = np.square(drawn).mean(axis=1)
    for part in (slice(50_000), slice(50_000, None)):
        assert found[part].mean() == pytest.approx(expected[part].mean(), rel=0.02)
