"""Plausible laws: a sample of the posterior, and histories that follow them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from twins import gjr_paths

from simgan.baselines.plausible import LAWS, PlausibleLaw, plausible_histories, plausible_laws
from simgan.errors import ConfigError
from simgan.seeds import Seed

DAYS = 1_200


@cache
def laws(clusters: float = 1.0) -> tuple[PlausibleLaw, ...]:
    real = gjr_paths(1, DAYS, np.random.default_rng(3), clusters=clusters)[0]
    return plausible_laws(real, Seed(0).stream("plausible"))


def test_the_laws_lie_about_the_true_one_and_none_explodes() -> None:
    """Persistence .98, asymmetry .10 and ν = 6 are those of `gjr_paths`."""
    persistence = np.array([law.recursion.persistence for law in laws()])
    freedom = np.array([law.innovations.degrees_of_freedom for law in laws()])
    assert len(laws()) == LAWS
    assert persistence.max() < 1.0
    assert persistence.min() < 0.98 < persistence.max() and np.median(persistence) > 0.93
    assert freedom.min() < 6.0 < freedom.max() < 20.0
    assert all(law.recursion.gamma > 0.0 for law in laws())


def test_the_sampler_finds_the_posterior_of_a_normal_law() -> None:
    """The twin by hand: walkers under N(m, S) have this mean and covariance."""
    from simgan.baselines import plausible

    rng = np.random.default_rng(0)
    mean, root = np.array([1.0, -2.0]), np.array([[1.0, 0.0], [0.9, 0.2]])
    inverse = np.linalg.inv(root @ root.T)
    walkers = rng.standard_normal((400, 2))
    plausible._walk(walkers, lambda x: float(-0.5 * (x - mean) @ inverse @ (x - mean)), rng)
    np.testing.assert_allclose(walkers.mean(axis=0), mean, atol=4 * 1.0 / np.sqrt(400))
    np.testing.assert_allclose(np.cov(walkers.T), root @ root.T, atol=0.3)


def test_days_without_clusters_give_laws_without_them() -> None:
    days = 0.01 * np.random.default_rng(1).standard_t(5, DAYS)
    found = plausible_laws(days, Seed(0).stream("plausible"))
    news = [law.recursion.alpha + law.recursion.gamma / 2 for law in found]
    assert np.median(news) < 0.03
    assert np.median([law.recursion.alpha + law.recursion.gamma / 2 for law in laws()]) > 0.05


def test_histories_have_mean_and_variance_of_the_real_one() -> None:
    days = 0.03 + 0.01 * np.random.default_rng(1).standard_normal(400)
    drawn = plausible_histories(days, 6, Seed(0).stream("plausible"))
    assert drawn.shape == (LAWS, 6, 400)
    assert np.median(drawn.var(axis=(1, 2))) == pytest.approx(days.var(), rel=0.1)
    assert drawn.mean() == pytest.approx(days.mean(), abs=5e-4)


def test_shocks_follow_the_recursion_of_their_law() -> None:
    """Against `Gjr.roll`, path by path."""
    from simgan.baselines import plausible

    innovations = np.random.default_rng(2).standard_normal((30, LAWS, 2))
    shocks = innovations.copy()
    plausible.rolled(shocks, [law.recursion for law in laws()])
    for k in (0, LAWS - 1):
        start = np.full(2, laws()[k].recursion.variance)
        expected = laws()[k].recursion.roll(start, innovations[:, k])
        np.testing.assert_allclose(shocks[:, k], expected, rtol=1e-12)


@pytest.mark.parametrize("bad", [np.zeros((3, 2)), np.array([0.1, np.nan, 0.2])])
def test_returns_of_another_shape_or_with_gaps_are_refused(bad: np.ndarray) -> None:
    with pytest.raises(ConfigError, match="plausible_laws"):
        plausible_laws(bad, Seed(0).stream("plausible"))
