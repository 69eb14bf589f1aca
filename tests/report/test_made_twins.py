"""Twins of a made history differ from its law in the one thing that their name says."""

from __future__ import annotations

import numpy as np
import pytest
from twins import DAYS, PATHS, TWINS, made_history, twin

from simgan.stats.dependence import autocorrelation, leverage


@pytest.mark.parametrize("name", sorted(set(TWINS) - {"block bootstrap"}))
def test_a_twin_is_a_set_of_paths_that_its_generator_decides(name: str) -> None:
    paths = twin(name, made_history(), np.random.default_rng(1))
    assert paths.shape == (PATHS, DAYS)
    assert np.isfinite(paths).all()
    assert np.array_equal(paths, twin(name, made_history(), np.random.default_rng(1)))


def test_twins_differ_from_the_true_law_in_one_thing() -> None:
    """All but the normal are made of the draws of the true law or of the days of the history."""
    real = made_history()
    made = {
        name: twin(name, real, np.random.default_rng(1))
        for name in ("true law", "sign-flipped", "time-reversed", "clusters halved", "shuffled")
    }
    true = made["true law"]
    assert np.array_equal(made["sign-flipped"], -true)
    assert np.array_equal(made["time-reversed"], true[:, ::-1])
    assert np.array_equal(np.sort(made["shuffled"], axis=1), np.tile(np.sort(real), (PATHS, 1)))
    clusters = {name: autocorrelation(np.abs(paths), 20).sum() for name, paths in made.items()}
    assert clusters["clusters halved"] < 0.7 * clusters["true law"]
    assert abs(clusters["shuffled"]) < 0.5
    assert leverage(true, 20).sum() < -0.3 < 0.3 < leverage(made["sign-flipped"], 20).sum()
