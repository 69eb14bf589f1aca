"""A game of four charts: one is a window of the history, and the others are the model's."""

from __future__ import annotations

import numpy as np
import pytest
from made_bundle import made_bundle
from made_joint import made_joint

from simgan.errors import ConfigError
from simgan.sampling.model import Model
from simgan.seeds import Seed
from simgan.workflows.guessing import answer_of, guessing_round

ROUNDS = [Seed(value) for value in range(40)]


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(made_bundle("made"))


def moves(chart: np.ndarray) -> np.ndarray:
    return np.diff(np.log(chart))


def is_in(window: np.ndarray, history: np.ndarray) -> bool:
    """Tell whether log returns stand in a history one after the other, up to six digits."""
    windows = np.lib.stride_tricks.sliding_window_view(history, len(window))
    return bool((np.abs(windows - window).max(axis=1) < 1e-4).any())


def test_the_answer_is_the_only_window_of_the_history(model: Model) -> None:
    assert model.bundle.history is not None
    known = model.bundle.history.log_returns[:, 0]
    for seed in ROUNDS[:10]:
        found = guessing_round(model, seed, 60)
        assert found.charts.shape == (4, 61)
        assert (found.charts[:, 0] == 100).all()
        real = [is_in(moves(chart), known) for chart in found.charts]
        assert real == [place == found.answer for place in range(4)]
        assert found.answer == answer_of(seed)


def test_rounds_differ_and_each_place_occurs(model: Model) -> None:
    """Of 40 rounds one place is missing with probability 4 · 0.75⁴⁰ = 4e-5."""
    assert {answer_of(seed) for seed in ROUNDS} == {0, 1, 2, 3}
    ends = {tuple(guessing_round(model, seed, 20).charts[:, -1]) for seed in ROUNDS[:5]}
    assert len(ends) == 5
    again = guessing_round(model, ROUNDS[0], 20)
    assert tuple(again.charts[:, -1]) in ends


def test_charts_are_of_one_asset_of_a_book() -> None:
    model = Model(made_joint())
    rounds = [guessing_round(model, seed, 20) for seed in ROUNDS[:3]]
    assert len({each.asset for each in rounds}) > 1
    for each in rounds:
        assert model.bundle.history is not None
        known = model.bundle.history.only(each.asset).log_returns[:, 0]
        assert is_in(moves(each.charts[each.answer]), known)


def test_a_history_that_is_too_short_is_told(model: Model) -> None:
    assert guessing_round(model, Seed(0), 739).charts.shape == (4, 740)
    with pytest.raises(ConfigError, match="at most 739: MADE has 800 days"):
        guessing_round(model, Seed(0), 740)
