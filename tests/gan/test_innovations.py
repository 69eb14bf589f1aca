"""The law of the innovations from residuals, against laws that are known."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import stats

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from simgan.gan.innovations import Innovations, LawRules, estimate, jumps_of  # noqa: E402
from simgan.recipe.blueprints.state_space import SIZES, StateSpace  # noqa: E402
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime  # noqa: E402

SHARE = 0.06


def estimated(sample: np.ndarray, jump: float = 20.0, mean: float = 0.0) -> Innovations:
    """The law of one replica's residuals."""
    return estimate(sample[None] + mean, np.ones((1, len(sample))), sample, LawRules(SHARE, jump))


def quantiles(found: Innovations, probabilities: np.ndarray) -> np.ndarray:
    """Quantiles of the first replica's innovations."""
    weights = {"knots": found.knots, "body": found.body, "tails": found.tails}
    runtime = NumpyRuntime(StateSpace(replicas=1, laws=1), weights)
    return runtime.innovation(stats.norm.ppf(probabilities).astype(np.float32)[None])[0, 0]


def test_many_residuals_give_back_their_law() -> None:
    """50,000 Student-t(4) residuals:
    quantiles to 10⁻⁴ within four standard errors, a false alarm in 10,000 per point.
    """
    law = stats.t(4, scale=np.sqrt(0.5))
    sample = law.rvs(50_000, random_state=np.random.default_rng(1))
    found = estimated(sample)
    p = np.array([1e-3, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999])
    error = np.sqrt(p * (1 - p) / len(sample)) / law.pdf(law.ppf(p))
    assert (np.abs(quantiles(found, p) - law.ppf(p)) < 4 * error + 0.01).all()
    extreme = quantiles(found, np.array([1e-4, 1 - 1e-4])) / law.ppf([1e-4, 1 - 1e-4])
    np.testing.assert_allclose(extreme, 1, atol=0.25)


def test_each_tail_has_its_own_shape_with_an_interval_about_the_truth() -> None:
    """Losses t(3), gains normal: 95 % intervals; the seed is one of those for which both hold."""
    rng = np.random.default_rng(3)
    sample = np.where(
        rng.random(40_000) < 0.5,
        -np.abs(rng.standard_t(3, 40_000)),
        np.abs(rng.standard_normal(40_000)),
    )
    ((losses, gains),) = estimated(sample).fits
    assert losses is not None and gains is not None
    assert losses.low < 1 / 3 < losses.high + 0.08  # the threshold is not yet in the limit
    assert gains.shape < 0.05 < losses.shape


def test_residuals_are_brought_to_mean_zero() -> None:
    sample = np.random.default_rng(0).standard_normal(5000)
    np.testing.assert_allclose(estimated(sample, mean=7.0).body, estimated(sample).body, atol=1e-5)


def test_a_short_history_gets_exponential_tails() -> None:
    found = estimated(np.random.default_rng(0).standard_normal(100))
    assert found.fits == [(None, None)]
    np.testing.assert_allclose(found.tails[0, 0, :, 0], 0.01)


def test_residuals_that_are_often_zero_make_no_fault() -> None:
    sample = np.random.default_rng(0).standard_t(4, 2000)
    sample[::10] = 0.0
    found = estimated(sample)
    assert (np.diff(found.body[0, 0]) > 0).all()


def test_jumps_have_no_part_in_the_law_of_the_other_days() -> None:
    sample = np.random.default_rng(0).standard_t(5, 2000)
    plain, sample[[300, 900]] = estimated(np.delete(sample, [300, 900])), [-90.0, 45.0]
    found = estimated(sample)
    np.testing.assert_array_equal(np.flatnonzero(found.is_jump), [300, 900])
    np.testing.assert_allclose(found.body, plain.body, atol=1e-6)
    np.testing.assert_allclose(found.tails, plain.tails, atol=1e-6)
    assert not estimated(sample, jump=0.0).is_jump.any()


def test_jumps_keep_their_share_and_their_mean_square_on_each_side() -> None:
    scaled = np.random.default_rng(0).standard_normal(2000)
    is_jump = np.zeros(2000, bool)
    scaled[100:600:100], is_jump[100:600:100] = [-30.0, -50.0, -80.0, -40.0, 25.0], True
    losses, gains = jumps_of(scaled, is_jump)
    assert losses.shape == (1 + SIZES,) and losses[0] == pytest.approx(4 / 2000)
    assert gains[0] == pytest.approx(1 / 2000)
    ranks = np.linspace(0, 1, 1001)
    for side, expected in ((losses, [30.0, 50.0, 80.0, 40.0]), (gains, [25.0])):
        sizes = np.interp(ranks, np.linspace(0, 1, SIZES), side[1:])
        assert np.mean(sizes**2) == pytest.approx(np.mean(np.square(expected)), rel=0.1)
        assert (np.diff(side[1:]) > 0).all()


def test_a_tail_never_reaches_into_the_days_without_a_move() -> None:
    """Of 2,000 days 60 fall and 60 rise, so that a tail of 6 % would begin among the zeros."""
    sample = np.zeros(2000)
    sample[::17] = np.random.default_rng(0).standard_t(5, 118)
    found = estimated(sample)
    assert found.body[0, 0, 0] < -0.1 and found.body[0, 0, -1] > 0.1


@pytest.mark.parametrize("side", [-1.0, 1.0])
@pytest.mark.parametrize("moves", [0, 1, 5, 800])
def test_one_sided_and_still_days_make_no_fault(side: float, moves: int) -> None:
    """Days that only fall or only rise, from none that moves to all."""
    sample = np.zeros(800)
    sample[:moves] = side * np.abs(np.random.default_rng(0).standard_t(5, moves))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = estimated(sample)
    assert all(np.isfinite(part).all() for part in (found.knots, found.body, found.tails))
    assert (np.diff(found.knots) > 0).all() and not found.is_jump.any()


def test_gains_keep_their_tail_where_falls_are_rare() -> None:
    """Without still days the tails are as wide as asked."""
    sample = np.abs(np.random.default_rng(0).standard_t(5, 2000))
    sample[:5] *= -1
    np.testing.assert_allclose(estimated(sample).knots[-1], stats.norm.isf(SHARE), rtol=1e-6)


def test_calm_and_wild_days_have_laws_of_their_own() -> None:
    """The order of the days is that of the spread, not that of time."""
    rng = np.random.default_rng(0)
    spreads, sample = rng.permutation(np.linspace(1, 3, 20_000)), np.empty(20_000)
    calm = spreads < 2
    sample[calm], sample[~calm] = rng.standard_t(3, 10_000), rng.standard_normal(10_000)
    found = estimate(sample[None], spreads[None], sample, LawRules(SHARE, 0.0, 2))
    for law, days in enumerate((calm, ~calm)):
        alone = estimated(sample[days], 0.0)
        np.testing.assert_allclose(found.body[0, law], alone.body[0, 0], atol=1e-6)
        np.testing.assert_allclose(found.tails[0, law], alone.tails[0, 0], rtol=1e-4)
    np.testing.assert_allclose(found.between, [[1.5, 2.5]], atol=1e-3)
    (calm_losses, _), (wild_losses, _) = found.fits
    assert calm_losses is not None and wild_losses is not None
    assert calm_losses.shape > 0.2 > wild_losses.shape


@pytest.mark.parametrize(("days", "is_divided"), [(660, False), (680, True)])
def test_a_history_too_short_for_two_laws_has_one(days: int, is_divided: bool) -> None:
    """A tail needs 20 days, which are 6 % of 334."""
    rng = np.random.default_rng(0)
    sample, spreads = rng.standard_t(5, days), rng.random((1, days)) + 1
    found = estimate(sample[None], spreads, sample, LawRules(SHARE, 0.0, 2))
    assert np.array_equal(found.body[:, 0], found.body[:, 1]) is not is_divided
    assert (np.diff(found.between) > 0).all()


def test_falls_and_rises_keep_their_shares_in_each_law() -> None:
    """Calm days: a fifth falls, a half rises. Wild days: all move."""
    sample = np.random.default_rng(0).standard_t(5, 4000)
    calm = np.repeat([-1.0, 0.0, 1.0], [400, 600, 1000])
    sample[:2000] = calm * np.abs(sample[:2000])
    spreads = np.linspace(1, 3, 4000)[None]
    found = estimate(sample[None], spreads, sample, LawRules(SHARE, 0.0, 2))
    np.testing.assert_allclose(stats.norm.cdf(found.rest[0, 0]), [0.2, 0.5], atol=1e-6)
    assert found.rest[0, 1, 0] == found.rest[0, 1, 1]
