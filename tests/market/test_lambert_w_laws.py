"""The map between heavy and light tails: its inverse, its moments, and its quantiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from simgan.market.scalings.lambert_w import LambertW

DELTAS = st.just(0.0) | st.floats(1e-6, 0.49)
NODES, MASSES = np.polynomial.hermite_e.hermegauss(120)
MASSES = MASSES / MASSES.sum()  # E f(z) = Σ masses · f(nodes) for z from N(0, 1)


def map_of(delta: float, mean: float = 0.0, scale: float = 1.0) -> LambertW:
    return LambertW(mean=(mean,), scale=(scale,), delta=(delta,), center=(0.0,), spread=(1.0,))


@settings(max_examples=30, deadline=None)
@given(
    delta=DELTAS, mean=st.floats(-0.1, 0.1), scale=st.floats(1e-3, 0.1),
    light=st.lists(st.floats(-6.0, 6.0), min_size=2, max_size=8),
)  # fmt: skip
def test_each_map_undoes_the_other_and_keeps_the_order(
    delta: float, mean: float, scale: float, light: list[float]
) -> None:
    scaling, values = map_of(delta, mean, scale), np.sort(light)[:, None]
    heavy = scaling.invert(values)
    assert (np.diff(heavy, axis=0) >= 0.0).all()
    np.testing.assert_allclose(scaling.apply(heavy), values, rtol=1e-9, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(delta=DELTAS, light=st.floats(0.0, 6.0))
def test_the_map_is_odd_and_widens_by_the_exponential_of_half_a_square(
    delta: float, light: float
) -> None:
    up, down = map_of(delta).invert(np.array([[light], [-light]])).ravel()
    assert up == -down == pytest.approx(light * np.exp(delta * light**2 / 2))


@pytest.mark.parametrize("delta", [0.0, 0.05, 0.1, 0.15])
def test_the_variance_of_heavy_returns_is_goergs_closed_form(delta: float) -> None:
    """E u² = (1 − 2δ)^(−3/2) and E u⁴ = 3 (1 − 4δ)^(−5/2), by quadrature over normal z."""
    heavy = map_of(delta).invert(NODES[:, None])[:, 0]
    assert MASSES @ heavy**2 == pytest.approx((1 - 2 * delta) ** -1.5, rel=1e-6)
    assert MASSES @ heavy**4 == pytest.approx(3 * (1 - 4 * delta) ** -2.5, rel=2e-2)


def test_no_delta_is_the_standardised_return() -> None:
    returns = np.linspace(-0.1, 0.2, 31)[:, None]
    np.testing.assert_allclose(
        map_of(0.0, 0.01, 0.05).apply(returns), (returns - 0.01) / 0.05, rtol=1e-14
    )


@pytest.mark.parametrize("delta", [0.02, 0.2, 0.4])
def test_a_sample_of_exact_quantiles_gives_back_the_delta_that_made_it(delta: float) -> None:
    """Normal quantiles under the map, so that no chance is left but that of the ends.

    On the old code, δ above .33 stayed at its bound of ½, because σ had not yet settled.
    """
    normal = norm.ppf((np.arange(4000) + 0.5) / 4000)
    returns = 0.001 + 0.01 * map_of(delta).invert(normal[:, None])
    found = LambertW.fit(returns)
    assert found.delta[0] == pytest.approx(delta, abs=0.01)
    assert found.mean[0] == pytest.approx(0.001, abs=1e-5)
    assert found.scale[0] == pytest.approx(0.01, rel=0.01)
    np.testing.assert_allclose(found.apply(returns)[:, 0], normal, atol=0.06)


@settings(max_examples=15, deadline=None)
@given(factor=st.floats(0.01, 100.0), shift=st.floats(-1.0, 1.0))
def test_the_fit_of_moved_and_scaled_returns_is_the_same_map(factor: float, shift: float) -> None:
    normal = norm.ppf((np.arange(300) + 0.5) / 300)
    returns = 0.01 * map_of(0.2).invert(normal[:, None])
    one, other = LambertW.fit(returns), LambertW.fit(factor * returns + shift)
    assert other.delta[0] == pytest.approx(one.delta[0], abs=1e-4)
    np.testing.assert_allclose(other.apply(factor * returns + shift), one.apply(returns), atol=2e-3)


def test_returns_without_a_variance_end_at_the_bound_and_a_settled_scale() -> None:
    """Cauchy quantiles: no δ below ½ is enough, and the map can still be undone."""
    returns = 0.01 * np.tan(np.pi * ((np.arange(2000) + 0.5) / 2000 - 0.5))[:, None]
    found = LambertW.fit(returns)
    assert 0.4999 < found.delta[0] < 0.5
    np.testing.assert_allclose(found.invert(found.apply(returns)), returns, rtol=1e-8, atol=1e-12)
    again = LambertW.fit(10.0 * returns)
    assert again.scale[0] == pytest.approx(10.0 * found.scale[0], rel=1e-5)
