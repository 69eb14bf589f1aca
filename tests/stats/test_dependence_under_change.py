"""Autocorrelation, leverage, sums and windows: invariances, closed forms, and every refusal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgan.errors import ConfigError
from simgan.seeds import Seed
from simgan.stats.dependence import (
    TRANSFORMS,
    acf_score,
    autocorrelation,
    l2_norm,
    leverage,
    leverage_rms,
    leverage_score,
    root_mean_square,
)
from simgan.stats.moments import sums, windows

RETURNS = 0.01 * Seed(8).stream("bootstrap").standard_t(4, (6, 120))
bounded = settings(max_examples=60, deadline=None, derandomize=True)


@given(st.floats(1e-4, 1e4), st.floats(-1, 1))
@bounded
def test_the_autocorrelation_of_returns_has_no_units_and_no_level(
    scale: float, shift: float
) -> None:
    curve = autocorrelation(scale * (RETURNS + shift), 30)
    np.testing.assert_allclose(curve, autocorrelation(RETURNS, 30), atol=1e-9)


@given(st.floats(1e-4, 1e4))
@bounded
def test_leverage_has_no_units_and_turns_with_the_sign(scale: float) -> None:
    curve = leverage(RETURNS, 20)
    np.testing.assert_allclose(leverage(scale * RETURNS, 20), curve, atol=1e-10)
    np.testing.assert_allclose(leverage(-scale * RETURNS, 20), -curve, atol=1e-10)


def test_a_shift_does_change_leverage() -> None:
    """Squares of shifted returns are other squares: leverage is not invariant to a level."""
    assert np.abs(leverage(RETURNS + 0.05, 20) - leverage(RETURNS, 20)).max() > 0.01


@pytest.mark.parametrize("curve", [autocorrelation, leverage])
def test_the_order_of_the_paths_does_not_matter_and_that_of_the_days_does(curve: object) -> None:
    whole = curve(RETURNS, 20)  # type: ignore[operator]
    np.testing.assert_allclose(curve(RETURNS[::-1], 20), whole, atol=1e-14)  # type: ignore[operator]
    backwards = curve(np.roll(RETURNS, 7, axis=1), 20)  # type: ignore[operator]
    assert np.abs(backwards - whole).max() > 1e-3


def test_time_runs_backwards_for_leverage_and_not_for_autocorrelation() -> None:
    mirrored = RETURNS[:, ::-1]
    np.testing.assert_allclose(
        autocorrelation(mirrored, 20), autocorrelation(RETURNS, 20), atol=1e-12
    )
    assert np.abs(leverage(mirrored, 20) - leverage(RETURNS, 20)).max() > 1e-3


@pytest.mark.parametrize("days", [3, 4, 7, 64, 101])
def test_all_lags_of_a_path_sum_to_minus_one_half(days: int) -> None:
    """Deviations sum to 0, so 1 + 2 Σ ρ(k) = 0 over all lags, whatever the path."""
    path = Seed(days).stream("bootstrap").standard_normal(days)
    assert autocorrelation(path, days - 1).sum() == pytest.approx(-0.5, abs=1e-12)


@pytest.mark.parametrize("days", [10, 50])
def test_an_alternating_path_is_its_closed_form(days: int) -> None:
    """+1, −1, +1, …: ρ(k) = (−1)^k (T − k)/T."""
    lags = np.arange(1, days)
    expected = (-1.0) ** lags * (days - lags) / days
    path = np.resize([1.0, -1.0], days)
    np.testing.assert_allclose(autocorrelation(path, days - 1), expected, atol=1e-12)


def test_a_straight_line_is_its_closed_form() -> None:
    """Deviations from the mean of 0 … 19, their products at each lag written out."""
    deviations = np.arange(20) - 9.5
    expected = [(deviations[:-k] @ deviations[k:]) / (deviations @ deviations) for k in (1, 2, 3)]
    np.testing.assert_allclose(autocorrelation(np.arange(20.0), 3), expected, atol=1e-12)


@given(st.integers(2, 40), st.integers(0, 10_000))
@bounded
def test_correlations_are_at_most_one(days: int, number: int) -> None:
    path = Seed(number).stream("bootstrap").standard_t(3, (2, days))
    for name in TRANSFORMS:
        if days > 2:  # the sizes of two days may be equal
            assert np.abs(autocorrelation(TRANSFORMS[name](path), days - 1)).max() <= 1.0 + 1e-12


@pytest.mark.parametrize("name", list(TRANSFORMS))
def test_the_score_of_a_transform_is_that_of_the_transformed_paths(name: str) -> None:
    real, fake = RETURNS[:3], RETURNS[3:]
    transform = TRANSFORMS[name]
    curves = autocorrelation(transform(real), 20), autocorrelation(transform(fake), 20)
    expected = root_mean_square(*curves)
    assert acf_score(real, fake, transform, 20) == pytest.approx(expected, abs=1e-14)
    assert expected > 0.0


def test_scores_are_symmetric_and_the_norm_is_the_root_mean_square_of_all_lags() -> None:
    real, fake = RETURNS[:3], RETURNS[3:]
    assert leverage_score(real, fake, 20) == leverage_score(fake, real, 20)
    assert leverage_rms(real, fake, 20) == pytest.approx(leverage_score(real, fake, 20) / 20**0.5)
    assert acf_score(real, fake, max_lag=20) == acf_score(fake, real, max_lag=20)


def test_distances_of_curves_by_hand() -> None:
    one, other = np.array([1.0, 2.0]), np.array([4.0, 6.0])
    assert l2_norm(one, other) == 5.0
    assert root_mean_square(one, other) == pytest.approx(5.0 / np.sqrt(2.0))


@pytest.mark.parametrize("curve", [autocorrelation, leverage])
@pytest.mark.parametrize(
    ("paths", "lag", "message"),
    [
        (RETURNS, 0, "horizon minus 1"),
        (RETURNS, 120, "horizon minus 1"),
        (RETURNS[None], 5, "horizon minus 1"),
        (np.full((2, 20), np.nan), 5, "not finite"),
        (np.vstack([RETURNS, np.full(120, 0.3)]), 5, "without variation"),
    ],
    ids=["no lag", "beyond", "three axes", "NaN", "one constant path"],
)
def test_paths_without_a_curve_are_refused(
    curve: object, paths: np.ndarray, lag: int, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        curve(paths, lag)  # type: ignore[operator]


def test_squares_that_do_not_vary_have_no_leverage() -> None:
    with pytest.raises(ConfigError, match="without variation"):
        leverage(np.resize([0.01, -0.01], 50), 5)
    assert np.isfinite(autocorrelation(np.resize([0.01, -0.01], 50), 5)).all()


@given(
    st.lists(st.integers(-500, 500).map(float), min_size=1, max_size=40).map(np.array),
    st.integers(1, 40),
)
@bounded
def test_sums_are_written_out(path: np.ndarray, steps: int) -> None:
    """Whole numbers add up without rounding, so equality is exact."""
    steps = min(steps, path.size)
    expected = [path[first : first + steps].sum() for first in range(path.size - steps + 1)]
    np.testing.assert_array_equal(sums(path, steps), expected)


def test_sums_of_sums_are_longer_sums_and_the_given_paths_stay() -> None:
    paths = RETURNS.copy()
    whole = sums(paths, 10)
    np.testing.assert_allclose(whole, sums(paths, 5)[:, :-5] + sums(paths, 5)[:, 5:], atol=1e-14)
    np.testing.assert_array_equal(paths, RETURNS)
    np.testing.assert_allclose(sums(paths, 120)[:, 0], paths.sum(axis=1), atol=1e-14)


def test_sums_are_made_along_the_last_axis_of_any_array() -> None:
    table = RETURNS.reshape(2, 3, 120)
    np.testing.assert_array_equal(sums(table, 4).reshape(6, 117), sums(RETURNS, 4))


@pytest.mark.parametrize("steps", [0, -1, 121])
def test_sums_name_the_horizon_that_steps_do_not_fit(steps: int) -> None:
    with pytest.raises(ConfigError, match="from 1 to the horizon 120"):
        sums(RETURNS, steps)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 20))
@bounded
def test_windows_end_on_the_last_day_and_start_a_stride_apart(
    days: int, horizon: int, stride: int
) -> None:
    horizon = min(days, horizon)
    cut = windows(np.arange(float(days)), horizon, stride)
    assert cut.shape == ((days - horizon) // stride + 1, horizon)
    assert cut[-1, -1] == days - 1
    assert cut[0, 0] < stride  # not one more window would fit before the first
    np.testing.assert_array_equal(np.diff(cut, axis=1), 1.0)
    np.testing.assert_array_equal(np.diff(cut, axis=0), float(stride))


@pytest.mark.parametrize(
    ("shape", "horizon", "stride", "message"),
    [
        ((20,), 21, 1, "horizon"),
        ((20,), 0, 1, "horizon"),
        ((20, 2), 5, 1, "one series"),
        ((20,), 5, 0, "stride"),
        ((20,), 5, -1, "at least 1"),
    ],
)
def test_windows_that_cannot_be_cut_are_refused(
    shape: tuple[int, ...], horizon: int, stride: int, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        windows(np.zeros(shape), horizon, stride)
