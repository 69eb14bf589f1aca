"""Scenarios side by side: the numbers of each, and a warning where their dependence is unknown."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from made_bundle import made_bundle

import simgan
from simgan.errors import ConfigError
from simgan.risk.portfolio import Portfolio
from simgan.sampling.model import Model
from simgan.scenarios.product import Scenarios

HALVES = (0.5, 0.5)


def drawn(asset: str, model: str = "m", seed: int = 0, first: int = 0) -> Scenarios:
    """200 scenarios of three steps."""
    log_returns = 0.01 * np.random.default_rng(len(asset)).standard_normal((200, 3, 1))
    price = np.array([100.0])
    return Scenarios(log_returns.astype(np.float32), first, seed, (asset,), price, model=model)


A, BB = drawn("A"), drawn("BB", model="n")


def quietly(*parts: Scenarios) -> Scenarios:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return parts[0].beside(*parts[1:])


def test_each_asset_keeps_its_numbers() -> None:
    with pytest.warns(simgan.DependenceWarning):
        both = A.beside(BB)
    assert (both.assets, both.model, both.first) == (("A", "BB"), "", 0)
    np.testing.assert_array_equal(both.log_returns[:, :, 0], A.log_returns[:, :, 0])
    np.testing.assert_array_equal(both.log_returns[:, :, 1], BB.log_returns[:, :, 0])
    assert both.prices().shape == (200, 4, 2)


def test_the_warning_names_the_assets_and_points_at_the_user() -> None:
    said = "the scenarios of A and BB were not drawn together .*only a joint fit knows dependence"
    with pytest.warns(simgan.DependenceWarning, match=said) as found:
        A.beside(BB)
    assert found[0].filename == __file__


@pytest.mark.parametrize(
    "other",
    [
        BB,
        drawn("BB", seed=1),
        drawn("BB", first=200),
        drawn("BB", model=""),
        replace(drawn("BB"), numbers=np.arange(1, 201)),
    ],
)
def test_other_models_seeds_and_numbers_are_warned_of(other: Scenarios) -> None:
    with pytest.warns(simgan.DependenceWarning):
        A.beside(other)


def test_scenarios_that_were_drawn_together_keep_what_they_have() -> None:
    """The assets of a joint model, taken apart: the twin of the warning."""
    numbers, weights = np.arange(0, 600, 3), np.linspace(0.5, 1.5, 200)
    parts = [replace(drawn(asset), numbers=numbers, weights=weights) for asset in ("A", "BB", "C")]
    whole = quietly(*parts)
    assert (whole.assets, whole.model) == (("A", "BB", "C"), "m")
    np.testing.assert_array_equal(whole.numbered, numbers)
    np.testing.assert_array_equal(whole.probable, weights)
    assert quietly(A) is A


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (drawn("A", model="n"), "assets = 'A, A'"),
        (BB.part(0, 10), "scenarios = '200 and 10'"),
        (replace(BB, log_returns=BB.log_returns[:, :2]), "horizon = '3 and 2'"),
    ],
)
def test_parts_that_do_not_fit_are_refused(other: Scenarios, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        A.beside(other)


def test_weights_of_one_part_are_refused() -> None:
    """They say how many scenarios of their own model each stands for."""
    with pytest.warns(simgan.DependenceWarning), pytest.raises(ConfigError, match="weights"):
        A.beside(replace(BB, weights=np.ones(200)))


def test_every_measure_of_a_portfolio_takes_several_and_warns() -> None:
    with pytest.warns(simgan.DependenceWarning):
        both = A.beside(BB)
    portfolio = Portfolio(("A", "BB"), HALVES)
    for measure in (
        lambda found: simgan.portfolio_log_returns(found, HALVES),
        lambda found: simgan.risk_contributions(found, HALVES, 0.95).component_value_at_risk,
        lambda found: simgan.value_at_risk(found, 0.95, portfolio=portfolio),
        lambda found: simgan.expected_shortfall(found, 0.95, portfolio=portfolio),
        lambda found: simgan.risk_of(found, 0.95, portfolio=portfolio).value_at_risk,
    ):
        with pytest.warns(simgan.DependenceWarning) as found:
            several = measure([A, BB])
        assert len(found) == 1 and found[0].filename == __file__
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            np.testing.assert_array_equal(several, measure(both))


def test_a_model_tells_its_identity_to_its_scenarios() -> None:
    """Models of version 1 have that of their data, and a name changes neither."""
    for identity in ("", "a" * 64):
        one = Model(made_bundle(identity=identity))
        assert one.sample(3, 2).model == (identity or one.bundle.manifest.data.sha256)
        named = Model(made_bundle("other", identity=identity))
        assert named.sample(3, 2).model == one.sample(3, 2).model
