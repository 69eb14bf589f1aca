"""VaR and ES of scenarios, frames, series, lists and arrays, and sentences for all that is none."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from simgan.errors import ConfigError, UnknownNameError
from simgan.risk.measures import expected_shortfall, risk_of, value_at_risk
from simgan.risk.portfolio import Portfolio, portfolio_log_returns, risk_contributions
from simgan.risk.returns import fewest
from simgan.scenarios.product import Scenarios

RETURNS = 0.01 * np.random.default_rng(0).standard_t(4, 1000)
PATHS = (0.01 * np.random.default_rng(1).standard_t(4, (1000, 5, 2))).astype(np.float32)
TWO = Scenarios(PATHS, assets=("A", "B"))
ONE = Scenarios(PATHS[:, :, :1], assets=("A",))
MEASURES = (value_at_risk, expected_shortfall)
KINDS = {
    "list": list(RETURNS),
    "tuple": tuple(RETURNS),
    "list of decimals": [Decimal(repr(float(r))) for r in RETURNS],
    "series": pd.Series(RETURNS, index=pd.date_range("2000-01-01", periods=1000)),
    "series of objects": pd.Series(RETURNS, dtype=object),
    "nullable series": pd.Series(RETURNS, dtype="Float64"),
    "arrow series": pd.Series(RETURNS, dtype="float64[pyarrow]"),
    "frame of one column": pd.DataFrame({"return": RETURNS}),
    "polars series": pl.Series(RETURNS),
    "polars frame": pl.DataFrame({"return": RETURNS}),
    "arrow array": pa.array(RETURNS),
    "masked array without gaps": np.ma.masked_invalid(RETURNS),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_one_set_gives_one_number(kind: str) -> None:
    for measure in MEASURES:
        found = measure(KINDS[kind], 0.99)
        assert np.shape(found) == () and found == measure(RETURNS, 0.99)
    assert risk_of(KINDS[kind], 0.99) == risk_of(RETURNS, 0.99)


def test_the_snippet_of_the_readme_without_its_last_axis_is_refused() -> None:
    """On the old code: 1,000 returns with their signs turned, for one VaR."""
    for measure in (*MEASURES, risk_of):
        with pytest.raises(
            ConfigError, match=r"shape of log_returns = \(1000, 1\).* \[\.\.\., 0\]"
        ):
            measure(ONE.log_returns.sum(axis=1), 0.99)
        with pytest.raises(ConfigError, match="last axis"):
            measure(ONE.log_returns, 0.99)


def test_scenarios_are_their_return_over_the_horizon() -> None:
    total = PATHS[:, :, 0].astype(np.float64).sum(axis=1)
    for measure in MEASURES:
        assert measure(ONE, 0.99) == pytest.approx(measure(total, 0.99), rel=1e-12)
        frame = measure(ONE.to_frame().sum(axis=1), 0.99)
        assert frame == pytest.approx(float(measure(ONE, 0.99)), rel=1e-5)
    assert risk_of(ONE, 0.99).value_at_risk == value_at_risk(ONE, 0.99)


@pytest.mark.parametrize(
    "shares",
    [
        [0.75, 0.25],
        (0.75, 0.25),
        np.array([0.75, 0.25]),
        {"B": 0.25, "A": 0.75},
        pd.Series([0.25, 0.75], index=["B", "A"]),
        pd.Series([0.75, 0.25]),
        pl.Series([0.75, 0.25]),
        Portfolio(("B", "A"), (0.25, 0.75)),
    ],
    ids=lambda shares: type(shares).__name__,
)
def test_scenarios_of_several_assets_need_their_shares(shares: object) -> None:
    """Half of a half, by hand: log(.75 exp(Σ a) + .25 exp(Σ b))."""
    sums = PATHS.astype(np.float64).sum(axis=1)
    by_hand = np.log(0.75 * np.exp(sums[:, 0]) + 0.25 * np.exp(sums[:, 1]))
    np.testing.assert_allclose(portfolio_log_returns(TWO, shares), by_hand, rtol=1e-9, atol=1e-12)
    for measure in MEASURES:
        found = measure(TWO, 0.99, portfolio=shares)
        assert found == pytest.approx(measure(by_hand, 0.99), rel=1e-9)
        with pytest.raises(ConfigError, match=r"scenarios of 2 assets .*{'A': 0.5, 'B': 0.5}"):
            measure(TWO, 0.99)
    euler = risk_contributions(TWO, shares, 0.99)
    assert euler.weights.tolist() == [0.75, 0.25]


def test_an_asset_without_a_share_is_not_held() -> None:
    assert value_at_risk(TWO, 0.99, portfolio={"B": 1.0}) == pytest.approx(
        float(value_at_risk(Scenarios(PATHS[:, :, 1:]), 0.99)), rel=1e-9
    )


@pytest.mark.parametrize(
    ("shares", "told"),
    [
        ({"A": 0.5, "C": 0.5}, "unknown asset 'C'"),
        ([0.5, 0.6], "weights = of sum 1.1"),
        ([1.0], r"\(2,\): one an asset"),
        ("AB", "an object of type str"),
        ([0.5, None], "1 of 2 missing"),
        ({"A": "all"}, "text"),
    ],
)
def test_shares_that_fit_no_asset_are_refused(shares: object, told: str) -> None:
    with pytest.raises((ConfigError, UnknownNameError), match=told):
        value_at_risk(TWO, 0.99, portfolio=shares)
    with pytest.raises((ConfigError, UnknownNameError), match=told):
        portfolio_log_returns(TWO, shares)


def test_names_of_assets_need_scenarios_that_know_them() -> None:
    with pytest.raises(ConfigError, match="give the Scenarios"):
        portfolio_log_returns(PATHS, {"A": 0.5, "B": 0.5})
    with pytest.raises(ConfigError, match="only Scenarios have assets"):
        value_at_risk(RETURNS, 0.99, portfolio={"A": 1.0})


def test_weights_of_tilted_scenarios_are_probabilities() -> None:
    """The same law by explicit probabilities, and another one without them."""
    weights = np.random.default_rng(2).uniform(0.1, 2.0, 1000)
    tilted = Scenarios(PATHS[:, :, :1], weights=weights)
    total, p = PATHS[:, :, 0].astype(np.float64).sum(axis=1), weights / weights.sum()
    for measure in MEASURES:
        assert measure(tilted, 0.99) == pytest.approx(measure(total, 0.99, p), rel=1e-12)
        assert measure(tilted, 0.99) != pytest.approx(float(measure(total, 0.99)), rel=1e-3)
        in_frame = measure(tilted.to_frame().sum(axis=1), 0.99)
        assert in_frame == pytest.approx(float(measure(tilted, 0.99)), rel=1e-5)
        with pytest.raises(ConfigError, match="weights of their own"):
            measure(tilted, 0.99, p)
    assert risk_contributions(tilted, [1.0], 0.99).value_at_risk == pytest.approx(
        -np.expm1(-float(value_at_risk(tilted, 0.99))), rel=1e-9
    )


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (pd.Series(RETURNS).where(RETURNS.min() != RETURNS).astype("Float64"), "1 of 1000 not fin"),
        (pd.Series([*RETURNS, pd.NA], dtype=object), "1 of 1,001 missing"),
        (pl.Series([*RETURNS[:200], None]), "1 of 201 not finite"),
        ([*RETURNS[:200], None], "1 of 201 missing"),
        (np.ma.masked_less(RETURNS, -0.03), "of 1000 not finite"),
        (np.where(np.arange(1000) == 7, np.nan, RETURNS), "1 of 1000 not finite"),
        ([str(r) for r in RETURNS], "log_returns = text"),
        (pd.Series([str(r) for r in RETURNS]), "text"),
        ([*RETURNS, "0.1"], "text"),
        (RETURNS > 0, "true and false"),
        (pd.date_range("2000-01-01", periods=200), "dates"),
        (RETURNS + 0j, "complex"),
        ([[0.1, 0.2], [0.3]], "rows of the same length"),
        ("0.01", "an object of type str"),
        (None, "an object of type NoneType"),
        (0.01, "shape"),
        (iter(RETURNS), "an object of type"),
        ({1: 0.1}, "an object of type dict"),
        (pd.DataFrame(RETURNS.reshape(-1, 2)), "a frame of 2 columns.*one column"),
        (ONE.to_frame(), r"a frame of 5 columns.*\.sum\(axis=1\)"),
        (pl.DataFrame(RETURNS.reshape(-1, 2)), "a frame of 2 columns"),
    ],
)
def test_values_that_would_be_misread_are_refused_in_a_short_sentence(
    values: object, told: str
) -> None:
    for measure in (*MEASURES, risk_of):
        with pytest.raises(ConfigError, match=told) as caught:
            measure(values, 0.99)
        assert len(str(caught.value)) < 250 and "\n" not in str(caught.value)


@pytest.mark.parametrize("level", ["0.99", None, True, [0.99], np.array([0.9, 0.99])])
def test_a_level_that_is_no_number_is_refused(level: object) -> None:
    with pytest.raises(ConfigError, match=r"level = .* such as 0\.99"):
        value_at_risk(RETURNS, level)


def test_a_level_in_percent_is_told_as_a_share() -> None:
    with pytest.raises(ConfigError, match=r"97\.5 % is 0\.975"):
        expected_shortfall(RETURNS, 97.5)
    assert value_at_risk(RETURNS, np.float32(0.75)) == value_at_risk(RETURNS, 0.75)


@pytest.mark.parametrize(
    ("n", "level", "needed"),
    [(1000, 0.9995, "2,000"), (1000, 0.9999, "10,000"), (100, 0.995, "200"), (1, 0.99, "100")],
)
def test_an_empty_tail_is_refused_with_the_number_it_needs(
    n: int, level: float, needed: str
) -> None:
    """On the old code VaR and ES were the worst scenario, and the error of ES exactly 0."""
    for measure in (*MEASURES, risk_of):
        with pytest.raises(ConfigError, match=f"for {n:,} scenario.*needs {needed} or more"):
            measure(RETURNS[:n], level)
    with pytest.raises(ConfigError, match=r"the last axis of \(3, 50\); this level needs 100"):
        value_at_risk(np.zeros((3, 50)), 0.99)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999])
def test_one_scenario_beyond_the_level_is_enough_and_its_error_is_not_zero(level: float) -> None:
    n = fewest(level)
    assert n == round(1 / (1 - level))
    draws = np.random.default_rng(3).standard_normal(n)
    found = risk_of(draws, level)
    assert found.value_at_risk == np.sort(-draws)[-2]
    assert found.value_at_risk_error > 0 and found.expected_shortfall_error > 0
    with pytest.raises(ConfigError, match="needs"):
        risk_of(draws[:-1], level)


def test_a_sample_whose_worst_scenario_holds_the_whole_tail_is_refused() -> None:
    """Weights .02 and .98/999: the tail of 1 % is a part of the worst scenario."""
    weights = np.where(np.arange(1000) == PATHS[:, :, 0].sum(axis=1).argmin(), 0.02, 0.98 / 999)
    tilted = Scenarios(PATHS[:, :, :1], weights=weights)
    for measure in (*MEASURES, risk_of):
        with pytest.raises(ConfigError, match=r"at most 0\.98: the worst scenario alone"):
            measure(tilted, 0.99)
        assert measure(tilted, 0.97)
    with pytest.raises(ConfigError, match="the worst scenario alone"):
        risk_of(PATHS[:, :, 0].sum(axis=1), 0.99, weights)


def test_probabilities_are_read_from_lists_and_series() -> None:
    p = np.random.default_rng(4).dirichlet(np.ones(1000))
    expected = value_at_risk(RETURNS, 0.9, p)
    assert value_at_risk(RETURNS, 0.9, list(p)) == value_at_risk(RETURNS, 0.9, pd.Series(p))
    assert value_at_risk(RETURNS, 0.9, list(p)) == expected


def test_no_package_of_frames_is_imported() -> None:
    code = (
        "import sys, numpy as np, simgan\n"
        "simgan.value_at_risk(list(np.arange(200.0)), 0.99)\n"
        "print({'pandas', 'polars', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr
