"""Every scaling is invertible, keeps shape and precision, and can be written into a bundle."""

from __future__ import annotations

import json

import numpy as np
import pytest

from simgan.errors import ConfigError, PriceError
from simgan.market.scalings import SCALINGS
from simgan.market.scalings.standard import Standard
from simgan.registry import record

LOG_RETURNS = np.random.Generator(np.random.Philox(1)).normal([0.01, 0.002], [0.02, 0.3], size=(500, 2))


@pytest.mark.parametrize("name", SCALINGS)
def test_a_member_carries_the_name_of_its_row(name: str) -> None:
    assert SCALINGS.load(name).kind == name


@pytest.mark.parametrize("name", SCALINGS)
def test_invert_undoes_apply(name: str) -> None:
    scaling = SCALINGS.load(name).fit(LOG_RETURNS)
    np.testing.assert_allclose(scaling.invert(scaling.apply(LOG_RETURNS)), LOG_RETURNS, rtol=1e-14)


@pytest.mark.parametrize("name", SCALINGS)
@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_precision_and_leading_axes_are_kept(name: str, precision: type) -> None:
    paths = np.ones((4, 3, 2), precision)
    scaling = SCALINGS.load(name).fit(LOG_RETURNS)
    for result in (scaling.apply(paths), scaling.invert(paths)):
        assert (result.shape, result.dtype) == (paths.shape, paths.dtype)


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


@pytest.mark.parametrize("scale", [(), (0.0,), (-1.0,), (float("nan"),), (float("inf"),)])
def test_standard_refuses_an_impossible_scale(scale: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError, match="above 0"):
        Standard(scale=scale)


def test_standard_refuses_another_number_of_assets() -> None:
    with pytest.raises(ConfigError, match="shape"):
        Standard(scale=(1.0, 2.0)).apply(np.zeros((5, 3)))
