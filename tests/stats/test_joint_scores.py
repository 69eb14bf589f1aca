"""The joint law of scores: rows without correlation, and a map that gives each asset its margin."""

from __future__ import annotations

import numpy as np
import pytest
from made_joint import CORRELATIONS, made_scores
from scipy.special import ndtri

from simgan.stats.co_movement import CoMemory, correlated
from simgan.stats.joint_scores import (
    MARGINS,
    PLACES,
    SMOOTHING,
    completed,
    in_common,
    learned,
    normal,
    sizes_of,
    smoothed,
)


def test_rows_have_no_correlation_and_stand_in_the_order_of_time() -> None:
    scores = made_scores(1500)
    half_lives, law = learned(scores)
    rows = law["rows"].astype(float)
    assert len(rows) == 1500 - 60 and law["margins"].shape == (3, MARGINS)
    assert np.cov(rows.T, bias=True) == pytest.approx(np.eye(3), abs=2e-4)
    assert law["co_mix"].shape == (1 + half_lives.averages,)
    news = np.linalg.solve(np.linalg.cholesky(CORRELATIONS), scores[60:].T)
    assert (np.diag(np.corrcoef(rows.T, news)[:3, 3:]) > 0.97).all()


def test_drawn_scores_are_normal_by_themselves_and_correlated_as_the_history() -> None:
    """Rows with fat tails: without the map the 1 % quantile is off by .2."""
    rng = np.random.default_rng(2)
    half_lives, law = learned(heavy_scores(3000))
    memory = CoMemory(law["target"].astype(float), half_lives)
    rows = law["rows"].astype(float)[rng.integers(len(law["rows"]), size=200_000)]
    news = smoothed(rows, sizes_of(rows), rng.standard_normal(rows.shape), SMOOTHING)
    covariances = np.tile(memory.covariances(memory.first(), law["co_mix"]), (len(rows), 1, 1))
    drawn = normal(correlated(covariances, news), law["margins"])
    for share, score in ((0.01, -2.326), (0.5, 0.0), (0.99, 2.326)):
        assert np.quantile(drawn, share, axis=0) == pytest.approx(np.full(3, score), abs=0.06)
    assert np.corrcoef(drawn.T) == pytest.approx(CORRELATIONS, abs=0.06)


def test_the_map_goes_on_beyond_its_knots() -> None:
    margins = 0.5 * PLACES[None]
    values = np.array([[-9.0], [-2.0], [0.05], [9.5]])
    assert normal(values, margins)[:, 0] == pytest.approx([-5.0, -1.0, 0.025, 5.5])


def heavy_scores(days: int) -> np.ndarray:
    """Scores (days, 3) that are normal by themselves, and whose days are calm or wild together."""
    wild = np.sqrt(4 / np.random.default_rng(2).chisquare(6, (days, 1)))
    ranks = np.argsort(np.argsort(made_scores(days) * wild, axis=0), axis=0)
    return np.asarray(ndtri((ranks + 0.5) / days))


@pytest.mark.parametrize("smoothing", [SMOOTHING, 0.4])
def test_far_tails_are_normal_too(smoothing: float) -> None:
    """Beyond 4 lie 63 of a million. A map that rises by 1 from 2.5 on has 1.8 times as many.

    The laws are those of days in the history. With 800,000 draws of an asset the shares at 4 have a
    standard error of 14 %. Rows under other correlations than their own add about 20 %.
    """
    half_lives, law = learned(heavy_scores(3000), smoothing)
    memory, rng = CoMemory(law["target"].astype(float), half_lives), np.random.default_rng(3)
    rows = law["rows"].astype(float)[rng.integers(len(law["rows"]), size=800_000)]
    news = smoothed(rows, sizes_of(rows), rng.standard_normal(rows.shape), smoothing)
    covariance = memory.covariances(memory.first(), law["co_mix"])
    drawn = correlated(covariance, news)
    flat = normal(np.clip(drawn, -2.5, 2.5), law["margins"]) + drawn - np.clip(drawn, -2.5, 2.5)
    shares = [(np.abs(each) > 4).mean() for each in (normal(drawn, law["margins"]), flat)]
    assert 0.5 < shares[0] / 6.33e-5 < 1.6 < shares[1] / 6.33e-5


def test_fewer_days_than_assets_have_a_joint_law() -> None:
    """Of 60 days, the first 30 give the memory its value: 30 rows of 32 assets."""
    scores = np.random.default_rng(4).standard_normal((60, 32))
    _, law = learned(scores)
    assert all(np.isfinite(values).all() for values in law.values())


def test_assets_that_are_the_same_have_a_joint_law() -> None:
    scores = np.repeat(made_scores(400)[:, :1], 3, axis=1)
    _, law = learned(scores)
    assert all(np.isfinite(values).all() for values in law.values())
    assert law["target"] == pytest.approx(np.ones((3, 3)), abs=1e-4)


def test_noise_keeps_the_size_of_a_row() -> None:
    rng = np.random.default_rng(0)
    rows = np.repeat([[3.0, 0.0], [0.1, 0.1]], 50_000, axis=0)
    drawn = smoothed(rows, sizes_of(rows), rng.standard_normal(rows.shape), SMOOTHING)
    expected = np.square(rows).mean(axis=1)
    found = np.square(drawn).mean(axis=1)
    for part in (slice(50_000), slice(50_000, None)):
        assert found[part].mean() == pytest.approx(expected[part].mean(), rel=0.02)


def test_the_common_part_of_volatility_is_that_of_the_history() -> None:
    rng = np.random.default_rng(1)
    wild = np.exp(0.8 * np.sin(np.arange(3000) / 150))[:, None]
    independent = rng.standard_normal((3000, 4))
    assert in_common(wild * independent) > 0.9 > 0.3 > in_common(independent)
    assert in_common(independent[:, :1]) == 0.0


def test_missing_scores_are_drawn_as_the_others_suggest() -> None:
    scores = made_scores(4000)
    gaps = scores.copy()
    gaps[1000:, 1] = np.nan
    whole = completed(gaps, CORRELATIONS, np.random.default_rng(0))
    assert (whole[np.isfinite(gaps)] == gaps[np.isfinite(gaps)]).all()
    assert np.corrcoef(whole[1000:].T) == pytest.approx(CORRELATIONS, abs=0.04)
    assert whole[1000:, 1].std() == pytest.approx(1, abs=0.03)
    empty = np.full((1, 3), np.nan)
    assert np.isfinite(completed(empty, CORRELATIONS, np.random.default_rng(0))).all()
