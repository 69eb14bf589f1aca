"""The GAN in a walk-forward: the paths of a day depend on the days before it and on no other."""

from __future__ import annotations

import numpy as np
import pytest
from made_bundle import made_bundle

from simgan.errors import SamplingError
from simgan.sampling.model import Model
from simgan.seeds import Seed

MODEL = Model(made_bundle())
RETURNS = made_bundle().history.log_returns  # type: ignore[union-attr]


def forecasts(returns: np.ndarray, days: range, horizon: int = 3) -> np.ndarray:
    return np.stack(list(MODEL.forecast(returns, days, horizon, 50, Seed(1))))


def test_a_forecast_does_not_see_its_own_day_or_the_future() -> None:
    changed = RETURNS.copy()
    changed[700:] = 0.1
    one, other = (forecasts(returns, range(690, 720)) for returns in (RETURNS, changed))
    np.testing.assert_array_equal(
        one[:11], other[:11]
    )  # day 700 is forecast from the days before it
    assert not np.isclose(one[11:], other[11:]).all(axis=(1, 2, 3)).any()


def test_a_day_has_the_same_paths_whatever_the_range_and_the_horizon() -> None:
    whole = forecasts(RETURNS, range(500, 520), horizon=5)
    assert whole.shape == (20, 50, 5, 1) and whole.dtype == np.float64
    np.testing.assert_array_equal(forecasts(RETURNS, range(510, 512), horizon=5), whole[10:12])
    np.testing.assert_array_equal(forecasts(RETURNS, range(500, 520), horizon=2), whole[:, :, :2])


def test_the_day_after_the_last_can_be_forecast_and_has_the_law_of_scenarios() -> None:
    """20,000 draws each.

    The deviation of a heavy-tailed law has a standard error of about 1.5 %: four of both.
    """
    days = range(len(RETURNS), len(RETURNS) + 1)
    forecast = next(MODEL.forecast(RETURNS, days, 1, 20_000, Seed(1)))
    scenarios = MODEL.simulate(RETURNS, 1, Seed(2), 0, 20_000)
    assert forecast.std() == pytest.approx(scenarios.std(), rel=0.09)
    np.testing.assert_allclose(
        np.quantile(forecast, [0.1, 0.5, 0.9]),
        np.quantile(scenarios, [0.1, 0.5, 0.9]),
        atol=0.05 * scenarios.std(),
    )


def test_another_day_or_seed_has_other_noise() -> None:
    one = next(MODEL.forecast(RETURNS, range(600, 601), 1, 50, Seed(1)))
    assert not np.isclose(one, next(MODEL.forecast(RETURNS, range(600, 601), 1, 50, Seed(2)))).any()
    assert not np.isclose(one, next(MODEL.forecast(RETURNS, range(601, 602), 1, 50, Seed(1)))).any()


@pytest.mark.parametrize(
    ("days", "horizon", "draws"),
    [
        (range(59, 61), 1, 5),
        (range(800, 802), 1, 5),
        (range(5, 5), 1, 5),
        (range(70, 71), 0, 5),
        (range(70, 71), 1, 0),
    ],
)
def test_what_cannot_be_forecast_is_refused(days: range, horizon: int, draws: int) -> None:
    """Before day 60 the memory would be begun by days that are still to come."""
    with pytest.raises(SamplingError, match="from day 60 on"):
        next(MODEL.forecast(RETURNS, days, horizon, draws, Seed(1)))
