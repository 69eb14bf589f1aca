"""Arguments of models as people write them, and histories that no model can continue."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from made_bundle import made_bundle, made_history

from simgan.errors import ConfigError, UnknownNameError
from simgan.market.history import History
from simgan.sampling.conditional import sample_given
from simgan.sampling.model import Model
from simgan.scenarios.product import Scenarios

MODEL = Model(made_bundle())
DAYS = np.datetime64("2030-01-01") + np.arange(80)
RETURNS = 0.01 * np.random.default_rng(0).standard_normal((80, 1))
PRICE = np.array([50.0])


def history(**changes: object) -> History:
    right: dict[str, object] = {
        "dates": DAYS,
        "log_returns": RETURNS,
        "last_price": PRICE,
        "assets": ("x",),
    }
    return History(**(right | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "day",
    [
        datetime.date(2016, 1, 4),
        pd.Timestamp("2016-01-04"),
        np.datetime64("2016-01-04"),
        "2016-01-04 00:00:00",
    ],
)
def test_a_start_is_read_from_each_type_of_date(day: object) -> None:
    expected = MODEL.sample(2, 2, as_of="2016-01-04").log_returns
    np.testing.assert_array_equal(MODEL.sample(2, 2, as_of=day).log_returns, expected)  # type: ignore[arg-type]
    np.testing.assert_array_equal(next(MODEL.stream(2, 2, as_of=day)).log_returns, expected)  # type: ignore[arg-type]


def test_whole_floats_are_whole_numbers() -> None:
    expected = MODEL.sample(10, 5, seed=3, first=4).log_returns
    found = MODEL.sample(1e1, 5.0, seed=np.int64(3), first=4.0)  # type: ignore[arg-type]
    np.testing.assert_array_equal(found.log_returns, expected)
    parts = list(MODEL.stream(1e1, 5.0, block=4.0, seed=3.0, first=4))  # type: ignore[arg-type]
    assert [len(part) for part in parts] == [4, 4, 2]
    assert len(sample_given(MODEL, "cumulative<1", n=5.0, horizon=2.0).scenarios) == 5  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", "10"),
        ("n", 0),
        ("horizon", 2.5),
        ("seed", 1.5),
        ("first", 2**63),
        ("first", 2**63 - 2),
        ("as_of", None),
        ("as_of", pd.NaT),
        ("as_of", "12/09/2008"),
    ],
)
def test_wrong_arguments_are_named(name: str, value: object) -> None:
    """On the old code a TypeError, an OverflowError, or the end of memory."""
    with pytest.raises(ConfigError, match=f"sample: {name} = "):
        MODEL.sample(**{"n": 2, "horizon": 2, name: value})  # type: ignore[arg-type]


def test_an_unknown_regime_of_any_type_is_told() -> None:
    with pytest.raises(UnknownNameError, match="unknown regime of made '5'"):
        MODEL.sample(2, 2, regime=5)  # type: ignore[arg-type]


def test_a_condition_and_its_model_are_checked() -> None:
    with pytest.raises(ConfigError, match="a Model, as simgan"):
        sample_given("SP500", "cumulative<0")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="given = 5"):
        sample_given(MODEL, 5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"log_returns": np.where(np.arange(80)[:, None] == 70, np.inf, RETURNS)}, "1 of 80 not"),
        ({"log_returns": RETURNS[:, 0]}, r"\(80,\) is not possible; .*here \(80, 1\)"),
        ({"log_returns": RETURNS[:9]}, r"\(9, 1\)"),
        ({"log_returns": [["a"]] * 80}, "text"),
        ({"last_price": [-1.0]}, "one positive number per asset"),
        ({"last_price": [1.0, 2.0]}, "one positive number per asset"),
        ({"dates": DAYS[::-1]}, "each later than the one before"),
        ({"dates": ["x"] * 80}, "each later than the one before"),
        ({"dates": range(80)}, "each later than the one before"),
        ({"assets": "x"}, "a tuple of names"),
    ],
)
def test_a_history_that_is_none_is_refused(changes: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=f"History: .*{told}"):
        history(**changes)


def test_a_history_is_read_from_lists_and_frames() -> None:
    expected = MODEL.sample(3, 2, as_of=history()).log_returns
    for changes in (
        {"log_returns": RETURNS.tolist(), "last_price": [50.0], "assets": ["x"]},
        {"log_returns": pd.DataFrame(RETURNS), "last_price": pd.Series([50.0])},
        {"dates": pd.DatetimeIndex(DAYS)},
        {"dates": [str(day) for day in DAYS]},
    ):
        found = MODEL.sample(3, 2, as_of=history(**changes))
        np.testing.assert_array_equal(found.log_returns, expected)


def test_histories_of_a_day_or_in_percent_are_refused() -> None:
    """On the old code scenarios with a volatility of 8 % a day, and of one return."""
    with pytest.raises(ConfigError, match=r"a history of 59 days .* 60 days or more"):
        MODEL.sample(2, 2, as_of=history(dates=DAYS[:59], log_returns=RETURNS[:59]))
    with pytest.raises(ConfigError, match="divide percent by 100"):
        MODEL.sample(2, 2, as_of=history(log_returns=100 * RETURNS))
    wild = MODEL.sample(2, 2, as_of=history(log_returns=5 * RETURNS))
    assert wild.horizon == 2
    assert MODEL.sample(2, 2, as_of=made_history()).horizon == 2


@pytest.mark.parametrize(
    "wrong",
    [
        lambda s: Scenarios([[0.1]]),
        lambda s: Scenarios(s.log_returns, assets=s.assets, initial_price="50"),
        lambda s: s.prices([1.0, 2.0]),
        lambda s: s.prices("50"),
        lambda s: s.to_csv(5),
        lambda s: s.to_csv("a.csv", if_exists="maybe"),
        lambda s: s.to_stream(5),
        lambda s: s.to_frame(values=5),
    ],
)
def test_wrong_arguments_of_scenarios_are_told(wrong: object) -> None:
    with pytest.raises(ConfigError):
        wrong(MODEL.sample(2, 2))  # type: ignore[operator]


def test_a_price_is_a_number_or_one_for_each_asset() -> None:
    drawn = MODEL.sample(2, 2)
    one = Scenarios(drawn.log_returns, assets=drawn.assets, initial_price=50)  # type: ignore[arg-type]
    for found in (one.prices(), drawn.prices(50), drawn.prices([50.0])):
        np.testing.assert_array_equal(found, drawn.prices(np.array([50.0])))
