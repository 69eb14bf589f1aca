"""Histories of several assets that might have been."""

from __future__ import annotations

import numpy as np
import pytest
from made_book_samples import book_paths, factor_correlations

from simgan.baselines.plausible import LAWS
from simgan.baselines.plausible_vectors import plausible_vectors
from simgan.seeds import Seed

DAYS, ASSETS = 1200, 3
REAL = book_paths(1, DAYS, factor_correlations(ASSETS), np.random.default_rng(2))[0]


@pytest.fixture(scope="module")
def drawn() -> np.ndarray:
    real = REAL.copy()
    real[:400, 1] = np.nan
    return plausible_vectors(real, 5, lambda number: Seed(1).stream("plausible", number))


def test_histories_have_the_days_of_the_real_one(drawn: np.ndarray) -> None:
    assert drawn.shape == (LAWS, 5, DAYS, ASSETS) and drawn.dtype == np.float32
    assert np.isnan(drawn[:, :, :400, 1]).all()
    assert np.isfinite(drawn[:, :, 400:]).all() and np.isfinite(drawn[..., [0, 2]]).all()


def test_assets_move_together_as_in_the_history(drawn: np.ndarray) -> None:
    """Standard error of a correlation of .6 in 5 · 24 histories of clustered days: below .02."""
    found = np.mean(
        [np.corrcoef(one[400:].T) for law in drawn for one in law.astype(float)], axis=0
    )
    assert found == pytest.approx(np.corrcoef(REAL[400:].T), abs=0.08)
    shuffled = np.random.default_rng(0).permuted(drawn[0, 0, 400:].astype(float), axis=0)
    assert np.corrcoef(shuffled.T)[0, 2] == pytest.approx(0, abs=0.15)  # the twin


def test_each_asset_has_the_size_and_the_clusters_of_its_history(drawn: np.ndarray) -> None:
    sizes = drawn[:, :, 400:].astype(float)
    for column in range(ASSETS):
        own = REAL[400 if column == 1 else 0 :, column]
        spreads = sizes[..., column].std(axis=-1)
        assert np.median(spreads) == pytest.approx(own.std(), rel=0.25)
    squares = np.abs(sizes[..., 0]) - np.abs(sizes[..., 0]).mean(axis=-1, keepdims=True)
    lagged = (squares[..., 1:] * squares[..., :-1]).mean(axis=-1) / (squares**2).mean(axis=-1)
    assert lagged.mean() > 0.08
