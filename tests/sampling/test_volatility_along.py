"""The volatility along a history is the deviation of the next day's scenarios."""

from __future__ import annotations

import numpy as np
import pytest
from made_bundle import made_bundle, made_history

from simgan.recipe.blueprints.tcn import Tcn
from simgan.sampling.model import Model
from simgan.sampling.volatility import volatility_along
from simgan.seeds import Seed

MODEL, RETURNS = Model(made_bundle()), made_history().log_returns


@pytest.mark.parametrize("day", [60, 400, 800])
def test_it_is_the_deviation_of_scenarios_of_that_day(day: int) -> None:
    """Of 40,000 scenarios. 512 draws of a heavy tail stand for them within a tenth."""
    along = volatility_along(MODEL, RETURNS)
    assert along.shape == (len(RETURNS) + 1 - 60, 1)
    drawn = MODEL.simulate(RETURNS[:day], 1, Seed(1), 0, 40_000)
    assert along[day - 60, 0] == pytest.approx(drawn.std(), rel=0.1)


def test_it_knows_no_later_day_and_follows_large_ones() -> None:
    along = volatility_along(MODEL, RETURNS)
    np.testing.assert_allclose(volatility_along(MODEL, RETURNS[:500]), along[:441], rtol=1e-5)
    wild = RETURNS.copy()
    wild[499] = -0.15
    assert volatility_along(MODEL, wild)[440] > 1.3 * along[440]
    np.testing.assert_allclose(volatility_along(MODEL, wild)[:439], along[:439], rtol=1e-5)


def test_a_model_that_knows_no_history_has_the_same_volatility_on_all_days() -> None:
    model = Model(made_bundle(blueprint=Tcn(channels=4, dilations=(1, 2))))
    along = volatility_along(model, RETURNS[:70])
    assert along.shape == (11, 1) and np.ptp(along) < 1e-6
