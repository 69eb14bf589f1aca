"""Scores of a backtest: right means, differences and sets, over one asset and over several."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_walks import LEVELS, forecast, made_walk

from simgan.errors import ConfigError
from simgan.report.backtest.scores import (
    POOLED,
    Measure,
    ScoreRow,
    arrange,
    confidence_set,
    measured,
    pooled,
    score_rows,
)
from simgan.risk.comparison import diebold_mariano
from simgan.risk.portfolio import Portfolio
from simgan.risk.walks import Walk

RIGHT, WIDE = made_walk("gjr-fhs"), made_walk("simgan", factor=2.0)


def rows(*walks: Walk, reference: str = "gjr-fhs") -> dict[tuple[str, int, str], ScoreRow]:
    return {
        (row.asset, row.horizon, row.measure.label): row
        for row in score_rows(arrange(walks, reference))
    }


def test_the_true_model_is_the_set_and_doubled_volatility_is_out_by_every_measure() -> None:
    found = rows(WIDE, RIGHT)
    assert len(found) == 2 + 2 * len(LEVELS)
    for row in found.values():
        assert [row.models[model].is_in_set for model in ("simgan", "gjr-fhs")] == [False, True]
        assert row.models["simgan"].outcome == "behind"
        assert row.models["gjr-fhs"].difference is None


def test_the_true_model_is_ahead_of_doubled_volatility() -> None:
    """The twin: names changed, signs follow."""
    found = rows(replace(WIDE, model="gjr-fhs"), replace(RIGHT, model="simgan"))
    assert {row.models["simgan"].outcome for row in found.values()} == {"ahead"}
    assert all((row.models["simgan"].difference or 0.0) < 0.0 for row in found.values())


def test_means_and_differences_are_those_of_the_walks_in_percent() -> None:
    found = rows(WIDE, RIGHT)
    crps, fz0 = (
        found["SP500", 1, "CRPS, %"].models["simgan"],
        found["SP500", 1, "FZ0 at 99 %"].models["simgan"],
    )
    assert crps.mean == pytest.approx(100 * WIDE.crps.mean(), rel=1e-12)
    assert crps.difference == pytest.approx(100 * (WIDE.crps - RIGHT.crps).mean(), rel=1e-12)
    assert fz0.mean == pytest.approx(WIDE.fz0(0.99).mean(), rel=1e-12)
    compared = diebold_mariano(WIDE.fz0(0.99), RIGHT.fz0(0.99), 1)
    assert (fz0.difference, fz0.standard_error, fz0.p_value) == (
        compared.mean_difference,
        compared.standard_error,
        compared.p_value,
    )
    assert found["SP500", 1, "pinball at 95 %, %"].models["gjr-fhs"].mean == pytest.approx(
        100 * RIGHT.pinball(0.95).mean(), rel=1e-12
    )


def test_overlapping_forecasts_are_compared_with_their_horizon() -> None:
    long = [
        made_walk(model, factor, horizon=10, days=500)
        for model, factor in (("simgan", 2.0), ("gjr-fhs", 1.0))
    ]
    found = rows(*long)["SP500", 10, "CRPS, %"].models["simgan"]
    with_horizon, without = (
        diebold_mariano(long[0].crps, long[1].crps, horizon).p_value for horizon in (10, 1)
    )
    assert (
        found.p_value == pytest.approx(with_horizon, rel=1e-6) != pytest.approx(without, rel=1e-6)
    )


def test_two_names_of_one_model_tie() -> None:
    """The same losses:
    difference 0, p = 1, and both in the set; a third, worse model stays out of it.
    """
    found = rows(replace(RIGHT, model="simgan"), RIGHT, replace(WIDE, model="wide"))
    for row in found.values():
        twin = row.models["simgan"]
        assert (twin.difference, twin.p_value, twin.outcome, twin.is_in_set) == (
            0.0,
            1.0,
            "level",
            True,
        )
        assert twin.set_p_value == row.models["gjr-fhs"].set_p_value
        assert not row.models["wide"].is_in_set


def test_a_model_alone_is_scored_and_compared_with_nothing() -> None:
    [crps, *_] = rows(RIGHT).values()
    assert crps.models["gjr-fhs"].mean == pytest.approx(100 * RIGHT.crps.mean())
    assert crps.models["gjr-fhs"].outcome is None
    assert crps.models["gjr-fhs"].is_in_set
    assert confidence_set({"a": np.arange(3.0)}, 1) == {"a": 1.0}


def test_too_few_days_are_scored_but_not_compared() -> None:
    found = rows(made_walk("simgan", days=8), made_walk("gjr-fhs", 2.0, days=8))[
        "SP500", 1, "CRPS, %"
    ]
    assert found.models["simgan"].mean > 0.0
    assert {score.outcome for score in found.models.values()} == {None}
    assert "at least 10 days" in found.note


def test_pooled_losses_are_means_of_the_assets_of_each_date() -> None:
    """By hand: 1 alone on the first date, (2 + 4)/2 on the second, 6 alone on the third."""
    days = np.array(["2020-01-01", "2020-01-02", "2020-01-03"], "datetime64[D]")
    assert pooled([np.array([1.0, 2.0]), np.array([4.0, 6.0])], [days[:2], days[1:]]).tolist() == [
        1.0,
        3.0,
        6.0,
    ]


def test_assets_together_are_averaged_in_units_of_their_own_volatility() -> None:
    """An asset ten times as wild counts the same:
    both have the same losses in standard deviations.
    """
    calm = [
        made_walk("simgan", 1.3, days=300, asset="calm"),
        made_walk("gjr-fhs", days=300, asset="calm"),
    ]
    wild = [
        forecast(
            walk.model,
            10 * walk.realized,
            10 * walk.value_at_risk[:, 0] / 1.6448536269514722,
            asset="wild",
        )
        for walk in calm
    ]
    found = rows(*calm, *wild)
    together, alone = found[POOLED, 1, "CRPS, σ"], found["calm", 1, "CRPS, %"]
    scale = 100 * calm[0].realized.std()
    assert together.models["simgan"].mean == pytest.approx(
        alone.models["simgan"].mean / scale, rel=1e-9
    )
    assert together.models["simgan"].p_value == pytest.approx(
        alone.models["simgan"].p_value, rel=1e-6
    )
    assert together.days == 300


def test_the_tail_score_needs_the_laws_of_all_models() -> None:
    names = [
        [measure.name for measure in dict(measured(group, "gjr-fhs"))]
        for group in (
            *arrange([RIGHT, WIDE], "gjr-fhs").groups,
            *arrange([RIGHT, replace(WIDE, law=None)], "gjr-fhs").groups,
        )
    ]
    assert ["tail CRPS" in found for found in names] == [True, False]


def test_labels_name_level_and_unit() -> None:
    assert [Measure("FZ0", 0.975).label, Measure("CRPS", unit="σ").label] == [
        "FZ0 at 97.5 %",
        "CRPS, σ",
    ]


def test_simgan_is_judged_wherever_it_stands_and_else_the_first_that_is_not_the_reference() -> None:
    others = [replace(RIGHT, model=model) for model in ("ewma", "gjr-fhs", "simgan")]
    assert arrange(others, "gjr-fhs").models == ("simgan", "ewma", "gjr-fhs")
    assert arrange(others[:2][::-1], "gjr-fhs").models == ("ewma", "gjr-fhs")
    assert arrange(others, "gjr-fhs").notes == ()


def test_a_reference_that_does_not_take_part_is_replaced_and_told() -> None:
    found = arrange([replace(RIGHT, model=model) for model in ("ewma", "simgan")], "gjr-fhs")
    assert found.reference == "ewma"
    assert found.notes == (
        "gjr-fhs does not take part: the scores are compared with those of ewma.",
    )


@pytest.mark.parametrize(
    "other",
    [
        replace(WIDE, dates=WIDE.dates + np.timedelta64(1, "D")),
        replace(WIDE, realized=WIDE.realized + 0.01),
        made_walk("simgan", days=999),
        replace(WIDE, levels=(0.9, 0.95, 0.99)),
    ],
)
def test_models_that_forecast_something_else_are_refused(other: Walk) -> None:
    with pytest.raises(ConfigError, match="SP500, horizon 1"):
        arrange([RIGHT, other], "gjr-fhs")


def test_a_model_that_misses_an_asset_and_no_walks_at_all_are_refused() -> None:
    with pytest.raises(ConfigError, match="GOLD, horizon 1: models"):
        arrange([RIGHT, WIDE, replace(RIGHT, portfolio=Portfolio.single("GOLD"))], "gjr-fhs")
    with pytest.raises(ConfigError, match="walks"):
        arrange([], "gjr-fhs")
