"""Every scaling is invertible, keeps shape and precision, and can be written into a bundle."""

from __future__ import annotations

import json

import numpy as np
import pytest

from simgan.errors import ConfigError, PriceError
from simgan.market.scalings import SCALINGS
from simgan.market.scalings.lambert_w import LambertW
from simgan.market.scalings.standard import Standard
from simgan.settings import record

LOG_RETURNS = np.random.Generator(np.random.Philox(1)).normal(
    [0.01, 0.002], [0.02, 0.3], size=(500, 2)
)


@pytest.mark.parametrize("name", SCALINGS)
def test_a_member_carries_the_name_of_its_row(name: str) -> None:
    assert SCALINGS.load(name).kind == name


@pytest.mark.parametrize("name", SCALINGS)
def test_invert_undoes_apply(name: str) -> None:
    scaling = SCALINGS.load(name).fit(LOG_RETURNS)
    np.testing.assert_allclose(
        scaling.invert(scaling.apply(LOG_RETURNS)), LOG_RETURNS, rtol=1e-13, atol=1e-15
    )


@pytest.mark.parametrize("name", SCALINGS)
@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_precision_and_leading_axes_are_kept(name: str, precision: type) -> None:
    paths = np.ones((4, 3, 2), precision)
    scaling = SCALINGS.load(name).fit(LOG_RETURNS)
    for result in (scaling.apply(paths), scaling.invert(paths)):
        assert (result.shape, result.dtype) == (paths.shape, paths.dtype)


@pytest.mark.parametrize("name", SCALINGS)
def test_assets_together_are_scaled_as_each_alone(name: str) -> None:
    """To the bit: neither a sum nor a stopping rule mixes assets."""
    together = SCALINGS.load(name).fit(LOG_RETURNS)
    for asset in range(2):
        own = LOG_RETURNS[:, asset : asset + 1]
        alone = SCALINGS.load(name).fit(own)
        found = together.apply(LOG_RETURNS)[:, asset : asset + 1]
        np.testing.assert_array_equal(found, alone.apply(own))


@pytest.mark.parametrize("name", SCALINGS)
def test_a_scaling_survives_its_record_in_json(name: str) -> None:
    scaling = SCALINGS.load(name).fit(LOG_RETURNS)
    written = json.loads(json.dumps(record(scaling)))
    assert SCALINGS.build(written.pop("kind"), written) == scaling


def test_standard_divides_by_the_standard_deviation_and_keeps_the_mean() -> None:
    """By hand: 0.01, 0.03 has mean 0.02 and standard deviation 0.01 (divisor n)."""
    returns = np.array([[0.01], [0.03]])
    scaling = Standard.fit(returns)
    assert scaling.scale == pytest.approx((0.01,))
    assert scaling.apply(returns).ravel() == pytest.approx([1.0, 3.0])


def test_standard_refuses_returns_that_do_not_vary() -> None:
    still = LOG_RETURNS.copy()
    still[:, 1] = 0.001
    with pytest.raises(PriceError, match="asset 2 do not vary"):
        Standard.fit(still)


def test_standard_refuses_nan() -> None:
    with pytest.raises(ConfigError, match="not finite"):
        Standard.fit(np.array([[0.01], [np.nan]]))


@pytest.mark.parametrize(
    "scale", [(), (0.0,), (-1.0,), (1e-300,), (1e300,), (float("nan"),), (float("inf"),)]
)
def test_standard_refuses_an_impossible_scale(scale: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError, match="one number per asset"):
        Standard(scale=scale)


def test_standard_refuses_another_number_of_assets() -> None:
    with pytest.raises(ConfigError, match="shape"):
        Standard(scale=(1.0, 2.0)).apply(np.zeros((5, 3)))


def test_lambert_w_finds_what_a_gaussian_was_made_heavy_by() -> None:
    """x = .02 + .3 z e^{.15 z²/2} with z normal gives location, scale and δ again.

    Within about four standard errors for 20,000 draws.
    """
    normal = np.random.Generator(np.random.Philox(2)).standard_normal((20_000, 1))
    scaling = LambertW.fit(0.02 + 0.3 * normal * np.exp(0.5 * 0.15 * normal**2))
    assert (scaling.mean[0], scaling.scale[0], scaling.delta[0]) == pytest.approx(
        (0.02, 0.3, 0.15), abs=0.01
    )


def test_lambert_w_gaussianises_returns_to_the_kurtosis_of_a_normal() -> None:
    heavy = np.random.Generator(np.random.Philox(3)).standard_t(4, (5000, 1))
    scaled = LambertW.fit(heavy).apply(heavy)
    assert (scaled.mean(), scaled.std(), np.mean(scaled**4)) == pytest.approx((0, 1, 3), abs=1e-4)
    assert np.mean(heavy**4) / np.var(heavy) ** 2 > 6


def test_lambert_w_leaves_light_tails_alone() -> None:
    even = np.linspace(-1, 1, 501)[:, None]
    scaling = LambertW.fit(even)
    assert scaling.delta == (0.0,)
    np.testing.assert_allclose(scaling.apply(even), even / even.std(), atol=1e-12)


@pytest.mark.parametrize(
    ("name", "wrong"), [("delta", 0.5), ("delta", -0.1), ("scale", 0.0), ("spread", np.inf)]
)
def test_lambert_w_refuses_numbers_that_make_no_map(name: str, wrong: float) -> None:
    numbers = {"mean": (0.0,), "scale": (1.0,), "delta": (0.1,), "center": (0.0,), "spread": (1.0,)}
    with pytest.raises(ConfigError, match=name):
        LambertW(**numbers | {name: (wrong,)})
