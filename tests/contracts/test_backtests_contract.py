"""What every backtest promises, over the whole table."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from tail_forecasts import right_forecasts, with_hits

from simgan.errors import ConfigError
from simgan.risk.backtests import BACKTESTS, Backtest
from simgan.risk.backtests.forecasts import TailForecasts
from simgan.settings import record

ORDERLESS = {
    "kupiec",
    "acerbi-szekely-1",
    "acerbi-szekely-2",
    "acerbi-szekely-3",
    "multinomial",
    "traffic-light",
    "pit-uniformity",
}


@pytest.fixture(params=list(BACKTESTS))
def backtest(request: pytest.FixtureRequest) -> Backtest:
    return BACKTESTS.build(request.param)


@pytest.fixture(scope="module")
def forecasts() -> TailForecasts:
    return right_forecasts(600, 0.975, seed=3)


@pytest.mark.parametrize("name", BACKTESTS)
def test_kind_is_the_name_in_the_table_and_settings_round_trip(name: str) -> None:
    settings = record(BACKTESTS.build(name))
    assert settings.pop("kind") == name
    assert record(BACKTESTS.build(name, settings)) == {"kind": name} | settings


@pytest.mark.parametrize(
    "name", [name for name in BACKTESTS if "simulations" in record(BACKTESTS.build(name))]
)
def test_too_few_simulations_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="simulations"):
        BACKTESTS.build(name, {"simulations": 18})


def test_the_result_is_plain_finite_data(backtest: Backtest, forecasts: TailForecasts) -> None:
    told = json.loads(json.dumps(backtest.test(forecasts).to_json(), allow_nan=False))
    assert told["kind"] == backtest.kind and told["days"] in (600, 250)
    assert 0.0 < told["p"] <= 1.0
    found = [told[name] for name in ("exact_p_value", "simulated_p_value", "p_value")]
    assert told["p"] == next(p for p in found if p is not None)


def test_the_p_value_to_read_is_never_asymptotic(
    backtest: Backtest, forecasts: TailForecasts
) -> None:
    """It is exact or simulated, and not both."""
    result = backtest.test(forecasts)
    assert (result.exact_p_value is None) != (result.simulated_p_value is None)


def test_the_forecasts_alone_make_the_p_value(backtest: Backtest, forecasts: TailForecasts) -> None:
    assert backtest.test(forecasts) == backtest.test(forecasts)


def test_right_forecasts_pass(backtest: Backtest, forecasts: TailForecasts) -> None:
    """One fixed history; each test had a chance of 1 % to fail here."""
    assert backtest.test(forecasts).p > 0.01


@pytest.mark.parametrize("name", [name for name in BACKTESTS if not name.endswith("-independence")])
def test_a_volatility_that_is_a_third_of_the_true_one_is_found(name: str) -> None:
    """The twin:
    the returns of the right forecasts, three times as large; the tests of order alone need
    something else.
    """
    right = right_forecasts(600, 0.975, seed=3)
    low = np.array(
        [
            np.interp(3 * r, q, right.law.probabilities)
            for r, q in zip(right.realized, right.law.quantiles, strict=True)
        ]
    )
    assert BACKTESTS.build(name).test(replace(right, realized=3 * right.realized, pit=low)).p < 0.01


@pytest.mark.parametrize(
    "name", ["christoffersen-independence", "christoffersen", "dq", "pit-independence", "berkowitz"]
)
def test_days_in_the_wrong_order_are_found(name: str) -> None:
    """Every other test leaves the order alone: PITs sorted within blocks of 40 days cluster."""
    pit = np.sort(right_forecasts(600, 0.95, seed=3).pit.reshape(15, 40), axis=1).ravel()
    clustered = right_forecasts(600, 0.95, seed=3, uniforms=pit)
    assert BACKTESTS.build(name).test(clustered).p < 0.01


@pytest.mark.parametrize("name", sorted(ORDERLESS - {"traffic-light"}))
def test_a_test_without_order_sees_none(name: str) -> None:
    """The statistic of the days backwards is the same."""
    forward = right_forecasts(600, 0.95, seed=3)
    law = replace(forward.law, quantiles=forward.law.quantiles[::-1])
    arrays = {
        key: getattr(forward, key)[::-1]
        for key in ("realized", "value_at_risk", "expected_shortfall", "pit")
    }
    backward = replace(forward, law=law, **arrays)
    assert BACKTESTS.build(name).test(backward).statistic == pytest.approx(
        BACKTESTS.build(name).test(forward).statistic
    )


@pytest.mark.parametrize("every", [True, False])
@pytest.mark.parametrize("days", [300, 60])
def test_no_hits_and_nothing_but_hits_have_an_answer(
    backtest: Backtest, every: bool, days: int
) -> None:
    result = backtest.test(with_hits(np.full(days, every), 0.99))
    json.dumps(result.to_json(), allow_nan=False)
    assert 0.0 <= result.p <= 1.0
    if every and backtest.kind in (
        "kupiec",
        "christoffersen",
        "dq",
        "acerbi-szekely-2",
        "multinomial",
        "traffic-light",
    ):
        assert result.p <= 0.001


@pytest.mark.parametrize("days", [1, 2, 3, 9])
def test_a_handful_of_days_has_an_answer(backtest: Backtest, days: int) -> None:
    result = backtest.test(right_forecasts(days, 0.95, seed=1))
    json.dumps(result.to_json(), allow_nan=False)
    assert 0.0 < result.p <= 1.0


def test_overlapping_forecasts_are_thinned_out(backtest: Backtest) -> None:
    """Ten days ahead every day:
    the first of each ten is used, as if the others had never been made.
    """
    overlapping = right_forecasts(600, 0.95, seed=5, horizon=10)
    alone = overlapping.without_overlap()
    assert alone.days == 60
    result = backtest.test(overlapping)
    assert result == backtest.test(alone)
    assert result.days == 60


def test_the_forecasts_are_left_as_they_were(backtest: Backtest, forecasts: TailForecasts) -> None:
    before = [forecasts.realized.copy(), forecasts.pit.copy(), forecasts.law.quantiles.copy()]
    backtest.test(forecasts)
    for array, copy in zip(
        (forecasts.realized, forecasts.pit, forecasts.law.quantiles), before, strict=True
    ):
        np.testing.assert_array_equal(array, copy)
