"""The sentences about unusual histories."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_bundle import made_bundle
from odd_series import DAYS, carry, history_of, peg

from simgan.errors import DataError
from simgan.recipe.blueprints.mlp import Mlp
from simgan.workflows.oddities import expect_variation, largest_move, rare_days


def test_jumps_and_still_days_are_told() -> None:
    history, weights = history_of(peg()), {"jumps": np.full((2, 6), 0.1, np.float32)}
    (sentence,) = rare_days(replace(made_bundle(), weights=weights), history)
    assert (
        "they are kept as jumps: the largest move of the history is -33 % on 2014-02-12" in sentence
    )
    assert "of its days have no move" in sentence


def test_still_days_are_told_of_models_that_keep_them() -> None:
    bundle, still = made_bundle(), np.where(np.arange(800) % 5, 0.0, carry()[:800])
    keeps = replace(bundle, weights=bundle.weights | {"rest": np.ones((4, 2, 2), np.float32)})
    assert list(rare_days(keeps, history_of(still))) == [
        "80 % of the days have no move, and scenarios keep that share"
    ]
    assert not list(rare_days(keeps, history_of(carry())))
    for other in (bundle, made_bundle(blueprint=Mlp())):
        assert not list(rare_days(other, history_of(still)))


def test_returns_that_are_nearly_certain_are_refused_with_the_remedy() -> None:
    """A money-market fund: 4 % a year, almost without noise."""
    certain = 0.04 / 252 + 1e-6 * np.random.default_rng(8).standard_normal(DAYS)
    with pytest.raises(DataError, match=r"ODD: the mean of its daily returns is 1\d\d times"):
        expect_variation(history_of(certain))
    expect_variation(history_of(carry()))


def test_the_largest_move_is_told_with_its_date() -> None:
    assert largest_move(history_of(peg())).startswith(
        "the largest move of the history is -33 % on 2014-02-12, 4"
    )
