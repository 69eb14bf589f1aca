"""Hill index and Pareto fit: invariances, closed forms of estimates, and every refusal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import genpareto, pareto

from simgan.errors import ConfigError
from simgan.seeds import Seed
from simgan.stats.tails import (
    MAX_SHAPE,
    MIN_SHAPE,
    NORMAL_975,
    excesses,
    fit_generalised_pareto,
    hill_tail_index,
)

LOSSES = Seed(3).stream("bootstrap").standard_t(3, 2000)
MIDPOINTS = (np.arange(400) + 0.5) / 400
bounded = settings(max_examples=60, deadline=None, derandomize=True)


@given(st.floats(1e-6, 1e6), st.sampled_from([0.01, 0.05, 0.1]))
@bounded
def test_the_tail_index_has_no_units(scale: float, share: float) -> None:
    before, after = hill_tail_index(LOSSES, share), hill_tail_index(scale * LOSSES, share)
    assert after.value == pytest.approx(before.value, rel=1e-9)
    assert (after.low, after.high) == pytest.approx((before.low, before.high), rel=1e-9)


@given(st.floats(0.5, 3.0))
@bounded
def test_a_power_of_the_losses_divides_the_tail_index(power: float) -> None:
    """P(X^a > x) = P(X > x^(1/a)): the exponent of X^a is that of X over a, exactly for Hill."""
    positive = np.abs(LOSSES)
    before, after = hill_tail_index(positive), hill_tail_index(positive**power)
    assert after.value == pytest.approx(before.value / power, rel=1e-9)


@pytest.mark.parametrize(("share", "k"), [(0.005, 10), (0.05, 100), (0.0509, 101), (0.9, 1800)])
def test_the_tail_holds_the_share_rounded_down(share: float, k: int) -> None:
    found = hill_tail_index(np.abs(LOSSES), share)
    assert (found.exceedances, found.share) == (k, share)


def test_the_interval_is_the_asymptotic_one_written_out() -> None:
    found = hill_tail_index(LOSSES, 0.05)
    half = NORMAL_975 / np.sqrt(100)
    assert found.low == pytest.approx(found.value / (1 + half))
    assert found.high == pytest.approx(found.value / (1 - half))


def test_hill_is_the_likelihood_estimate_of_scipy_on_a_pareto_tail() -> None:
    """Given the threshold, Hill's estimate is the maximum of the Pareto likelihood."""
    ordered = np.sort(LOSSES)[::-1]
    exponent = pareto.fit(ordered[:100], floc=0, fscale=ordered[100])[0]
    assert hill_tail_index(LOSSES, 0.05).value == pytest.approx(exponent, rel=1e-4)


def test_days_below_the_threshold_do_not_matter() -> None:
    changed = np.where(LOSSES < 0.0, -7.0, LOSSES)
    assert hill_tail_index(changed) == hill_tail_index(LOSSES)
    worse = LOSSES.copy()
    worse[worse.argmax()] *= 2.0
    assert hill_tail_index(worse).value < hill_tail_index(LOSSES).value


@pytest.mark.parametrize(
    ("losses", "share", "message"),
    [
        (np.ones(1000), 0.05, "tail of equal values"),
        (-np.abs(LOSSES), 0.05, "positive"),
        (np.abs(LOSSES[:199]), 0.05, "at least 10 of the 199"),
        (np.append(LOSSES, np.nan), 0.05, "not finite"),
        (LOSSES.reshape(2, -1), 0.05, "days"),
        (np.array([]), 0.05, "none of them 0"),
        (LOSSES, -0.1, "share"),
    ],
)
def test_every_tail_that_has_no_index_is_refused(
    losses: np.ndarray, share: float, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        hill_tail_index(losses, share)


@given(st.floats(-5, 5))
@bounded
def test_a_shift_moves_the_threshold_and_no_excess(shift: float) -> None:
    (threshold, beyond), (moved, same) = excesses(LOSSES), excesses(LOSSES + shift)
    assert moved == pytest.approx(threshold + shift, abs=1e-12)
    np.testing.assert_allclose(np.sort(same), np.sort(beyond), atol=1e-12)


def test_ties_at_the_threshold_are_no_excesses() -> None:
    """Of 100 values the 10 largest are 5, 4 and eight 3s; the eleventh is 3: two lie beyond."""
    losses = np.concatenate([np.zeros(80), np.full(18, 3.0), [4.0, 5.0]])
    threshold, beyond = excesses(losses, share=0.1)
    assert threshold == 3.0
    np.testing.assert_array_equal(np.sort(beyond), [1.0, 2.0])


@pytest.mark.parametrize("share", [0.0, 1.0, 0.001, np.nan])
def test_excesses_refuse_a_share_without_a_tail(share: float) -> None:
    with pytest.raises(ConfigError, match="share"):
        excesses(LOSSES[:1000], share=share)


@pytest.mark.parametrize("shape", [-0.4, -0.1, 0.0, 0.2, 0.45])
def test_quantiles_of_a_pareto_law_give_its_shape_back(shape: float) -> None:
    """400 midpoints of equal probability: the estimate lies within a third of a standard error."""
    fitted = fit_generalised_pareto(0.02 * genpareto.ppf(MIDPOINTS, shape))
    assert abs(fitted.shape - shape) < fitted.standard_error / 3
    assert fitted.scale == pytest.approx(0.02, rel=0.05)
    assert fitted.exceedances == 400


def test_the_exponential_law_has_shape_zero_and_its_mean_as_scale() -> None:
    fitted = fit_generalised_pareto(-np.log(MIDPOINTS))
    assert fitted.shape == pytest.approx(0.0, abs=0.02)
    assert fitted.scale == pytest.approx(1.0, abs=0.03)


def test_the_error_and_the_interval_are_those_of_smith() -> None:
    """Smith (1985): the asymptotic standard error of the shape is (1 + ξ)/√n."""
    fitted = fit_generalised_pareto(genpareto.ppf(MIDPOINTS, 0.2))
    assert fitted.standard_error == pytest.approx((1 + fitted.shape) / 20)
    half = NORMAL_975 * fitted.standard_error
    assert (fitted.low, fitted.high) == pytest.approx((fitted.shape - half, fitted.shape + half))


@pytest.mark.parametrize("scale", [0.3, 0.9, 1.1, 3.0])
@pytest.mark.parametrize("shape", [-0.2, 0.1, 0.3])
def test_no_other_parameters_are_likelier(shape: float, scale: float) -> None:
    sample = genpareto.ppf(MIDPOINTS, shape)
    fitted = fit_generalised_pareto(sample)
    best = genpareto.logpdf(sample, fitted.shape, scale=fitted.scale).sum()
    other = genpareto.logpdf(sample, fitted.shape, scale=scale * fitted.scale).sum()
    assert other < best


def test_a_uniform_tail_ends_at_the_lower_bound_of_the_shape() -> None:
    """The uniform law has shape −1, below the bound of the fit, and the fit says so."""
    fitted = fit_generalised_pareto(MIDPOINTS)
    assert fitted.is_at_bound
    assert fitted.shape == pytest.approx(MIN_SHAPE, abs=1e-3)


def test_a_lower_ceiling_of_the_shape_is_kept_and_told() -> None:
    fitted = fit_generalised_pareto(genpareto.ppf(MIDPOINTS, 0.4), max_shape=0.25)
    assert fitted.is_at_bound
    assert fitted.shape <= 0.25


@pytest.mark.parametrize("max_shape", [MIN_SHAPE, -1.0, MAX_SHAPE + 0.01, np.nan])
def test_a_ceiling_out_of_range_is_refused(max_shape: float) -> None:
    with pytest.raises(ConfigError, match="max_shape"):
        fit_generalised_pareto(MIDPOINTS, max_shape=max_shape)


@pytest.mark.parametrize(
    "bad",
    [MIDPOINTS[:9], np.append(MIDPOINTS, 0.0), np.append(MIDPOINTS, -1.0), np.full(50, 0.1)],
    ids=["nine", "zero", "negative", "equal"],
)
def test_excesses_that_no_pareto_law_has_are_refused(bad: np.ndarray) -> None:
    with pytest.raises(ConfigError, match="10 or more, positive, not all equal"):
        fit_generalised_pareto(bad)


@pytest.mark.parametrize("bad", [np.append(MIDPOINTS, np.inf), MIDPOINTS.reshape(2, -1)])
def test_excesses_of_another_kind_are_refused(bad: np.ndarray) -> None:
    with pytest.raises(ConfigError, match="fit_generalised_pareto"):
        fit_generalised_pareto(bad)
