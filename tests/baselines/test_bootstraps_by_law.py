"""The laws of the resampling baselines: which days they draw, how often, and in which order."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare, geom

from simgan.baselines import baseline
from simgan.baselines.resampling import FittedResampling
from simgan.baselines.stationary_bootstrap import FittedBootstrap
from simgan.seeds import Seed

ALPHA = 1e-5  # chance of a false alarm of each chi-square test
DAYS = 500
COUNT = np.arange(float(DAYS))[:, None]  # days that tell their number


def lengths_of_blocks(mean_block: float) -> np.ndarray:
    """Return the lengths of the blocks that begin and end within paths of 200 days."""
    paths = FittedBootstrap(COUNT, mean_block).simulate_long_run(200, Seed(4), 0, 1000)[..., 0]
    found = []
    for path in paths:
        joints = np.flatnonzero((np.diff(path) - 1) % DAYS) + 1
        found += np.diff(joints).tolist()
    return np.array(found)


@pytest.mark.parametrize(("asked", "is_geometric"), [(8.0, True), (9.5, False)])
def test_block_lengths_are_geometric_and_a_twin_is_found(asked: float, is_geometric: bool) -> None:
    """Politis & Romano (1994). Only blocks that begin and end within a path are counted.

    A block of k days has 199 − k places in a path of 200 days, so long blocks are counted less.
    """
    lengths = lengths_of_blocks(asked)
    observed = np.bincount(lengths, minlength=31)[1:31]
    k = np.arange(1, 31)
    joint = 1.0 / 8.0 * (1.0 - 1.0 / DAYS)  # a new block may go on by chance
    share = geom.pmf(k, joint) * (199 - k)
    test = chisquare(observed, share / share.sum() * observed.sum())
    assert bool(test.pvalue > ALPHA) is is_geometric


def test_autocovariance_of_a_bootstrap_shrinks_by_the_chance_that_no_block_ends() -> None:
    """C*(k) = (1 − p)^k C(k), with the circular C(k) of the history (Politis & Romano, lemma 1).

    Each path has one pair of days for a lag, so 20,480 products have a standard error near 1/143.
    """
    z = Seed(6).stream("validation").standard_normal(DAYS)
    history = (z + np.roll(z, 1) + np.roll(z, 2))[:, None]
    history -= history.mean()
    paths = FittedBootstrap(history, 4.0).simulate_long_run(5, Seed(5), 0, 20_480)[..., 0]
    for lag in (1, 2, 4):
        circular = float((history * np.roll(history, lag, axis=0)).mean())
        products = paths[:, 0] * paths[:, lag]
        error = products.std() / np.sqrt(len(products))
        assert products.mean() == pytest.approx(0.75**lag * circular, abs=5 * error)
        assert lag == 4 or abs(products.mean() - circular) > 5 * error  # the failing twin


def test_the_day_after_the_last_is_the_first() -> None:
    """A circle has no end, or the last days would come up less often."""
    paths = FittedBootstrap(COUNT, 1e9).simulate_long_run(DAYS + 2, Seed(1), 0, 50)[..., 0]
    np.testing.assert_array_equal(np.diff(paths, axis=1) % DAYS, 1)
    np.testing.assert_array_equal(paths[:, DAYS:], paths[:, :2])
    assert len(set(paths[:, 0])) > 40


@pytest.mark.parametrize("window", [None, 40])
def test_each_day_of_the_window_is_as_likely_as_another(window: int | None) -> None:
    model = FittedResampling("historical", COUNT, window)
    drawn = next(model.forecast(COUNT, range(100, 101), 10, 5000, Seed(2))).astype(int)
    first = 0 if window is None else 100 - window
    counts = np.bincount(drawn.ravel(), minlength=DAYS)
    assert counts[:first].sum() == counts[100:].sum() == 0
    assert chisquare(counts[first:100]).pvalue > ALPHA


def test_a_history_shorter_than_the_window_is_drawn_as_a_whole() -> None:
    model = baseline("historical-250").fit(COUNT)
    drawn = next(model.forecast(COUNT, range(7, 8), 3, 2000, Seed(2)))
    assert sorted(set(drawn.ravel())) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def test_the_long_run_of_a_window_is_the_whole_sample() -> None:
    """A window says which days count today. The long run has no today."""
    model = baseline("historical-100").fit(COUNT)
    assert model.simulate_long_run(50, Seed(1), 0, 100).min() < 20.0
    assert model.simulate(COUNT, 50, Seed(1), 0, 100).min() == DAYS - 100


@pytest.mark.parametrize("name", ["historical-100", "iid-bootstrap", "stationary-bootstrap"])
def test_a_forecast_and_a_scenario_draw_from_one_law(name: str) -> None:
    """Means and deviations of 20,000 draws agree within five standard errors."""
    history = Seed(7).stream("validation").standard_t(5, (DAYS, 1))
    model = baseline(name).fit(history)
    ahead = next(model.forecast(history, range(DAYS, DAYS + 1), 1, 20_000, Seed(8))).ravel()
    drawn = model.simulate(history, 1, Seed(8), 0, 20_000).ravel()
    assert not np.array_equal(ahead, drawn)
    for power in (1, 2):
        spread = (ahead**power).std() * np.sqrt(2 / 20_000)
        assert abs((ahead**power).mean() - (drawn**power).mean()) < 5 * spread
