"""Bars of scenarios: the same for every way to draw them, and none without ranges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_bundle import made_bundle, made_history

from simgan.errors import SamplingError
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.sampling.conditional import sample_given
from simgan.sampling.given import Acceptance, Given
from simgan.sampling.latent import BLOCK, SIZE, Drawing, Tilt
from simgan.sampling.model import Model
from simgan.scenarios.conditions import Condition
from simgan.seeds import Seed

BUNDLE = made_bundle(blueprint=StateSpace(ranges=1, replicas=2), identity="1" * 64)
MODEL, CLOSES = Model(BUNDLE), Model(made_bundle())
N, HORIZON = SIZE + 2 * BLOCK + 100, 5
STARTS = ("latest", "stationary", "2016-02-29", "2016-01-01..2016-03-31")
WHOLE = {as_of: MODEL.sample(N, HORIZON, seed=4, as_of=as_of, bars=True) for as_of in STARTS}


@pytest.mark.parametrize("as_of", STARTS)
def test_returns_are_the_same_with_bars_and_without(as_of: str) -> None:
    plain = MODEL.sample(N, HORIZON, seed=4, as_of=as_of)
    np.testing.assert_array_equal(plain.log_returns, WHOLE[as_of].log_returns)
    assert plain.shapes is None and WHOLE[as_of].shapes is not None


@settings(max_examples=25, deadline=None)
@given(first=st.integers(0, N - 1), n=st.integers(1, 600), as_of=st.sampled_from(STARTS))
def test_any_part_has_the_bars_of_those_rows_of_the_whole(first: int, n: int, as_of: str) -> None:
    n = min(n, N - first)
    part = MODEL.sample(n, HORIZON, seed=4, first=first, as_of=as_of, bars=True)
    np.testing.assert_array_equal(part.bars(), WHOLE[as_of].bars()[first : first + n])


def test_a_shorter_horizon_is_the_beginning_of_a_longer_one() -> None:
    """Forty days are more than the runtime computes in one part."""
    longer = MODEL.sample(50, 40, seed=4, bars=True).bars()
    np.testing.assert_array_equal(longer[:, :HORIZON], WHOLE["latest"].bars()[:50])


def test_workers_and_blocks_do_not_change_bars() -> None:
    drawing = Drawing(N, HORIZON, Seed(4), bars=True)
    by_two = list(MODEL.draw(drawing, MODEL.start("latest"), workers=2))
    in_blocks = list(MODEL.stream(N, HORIZON, block=1000, seed=4, bars=True))
    for parts in (by_two, in_blocks):
        found = np.concatenate([part.bars() for part in parts])
        np.testing.assert_array_equal(found, WHOLE["latest"].bars())


@pytest.mark.parametrize(
    "engine", ["numpy", pytest.param("tensorflow", marks=pytest.mark.tensorflow)]
)
def test_engines_agree_on_bars_within_rounding(engine: str) -> None:
    other = Model(BUNDLE, engine).sample(300, HORIZON, seed=4, bars=True)
    np.testing.assert_allclose(other.bars(), WHOLE["latest"].bars()[:300], rtol=2e-6)


def test_scenarios_that_meet_a_condition_keep_their_bars() -> None:
    found = sample_given(MODEL, "cumulative<0", 100, HORIZON, seed=4, bars=True).scenarios
    np.testing.assert_array_equal(found.bars(), WHOLE["latest"].bars()[found.numbered])


def test_tilted_scenarios_have_the_bars_of_their_own_days() -> None:
    """Lower scores pick falling days, whose opens are lower, too."""
    always, tilt = Condition.parse("cumulative<1"), Tilt(-0.8, 1.0, 1)
    drawing = Drawing(200, HORIZON, Seed(4), bars=True)
    drawn, reference = (
        next(Given(always, tilt).draw(model, drawing, MODEL.start(), Acceptance()))
        for model in (MODEL, Model(BUNDLE, "numpy"))
    )
    np.testing.assert_allclose(drawn.bars(), reference.bars(), rtol=2e-6)
    plain = WHOLE["latest"].part(0, 200)
    assert drawn.weights is not None and drawn.shapes is not None and plain.shapes is not None
    assert drawn.shapes[..., 0].mean() < plain.shapes[..., 0].mean() - 0.001


def test_a_regime_scales_shapes_as_it_scales_returns() -> None:
    """Weights by hand: the regime shifts a scaled return by .5, and doubles it."""
    bundle = made_bundle(blueprint=StateSpace(ranges=1, replicas=2, regimes=1))
    bundle.weights["regime"][:] = 0.5, np.log(2.0), 0.0
    model, regimes = Model(bundle), {"regime": 0}
    plain, wild = (
        next(model.draw(Drawing(300, HORIZON, bars=True, **chosen), model.start()))
        for chosen in ({}, regimes)
    )
    assert plain.shapes is not None and wild.shapes is not None
    np.testing.assert_allclose(wild.shapes, 2 * plain.shapes, rtol=1e-6)
    scale = bundle.manifest.scaling.invert(np.ones(1))
    np.testing.assert_allclose(wild.log_returns, 0.5 * scale + 2 * plain.log_returns, atol=1e-7)


def test_a_model_of_closes_has_no_bars_and_says_where_they_come_from() -> None:
    with pytest.raises(SamplingError, match=r"learned from closes only .* open, high and low"):
        CLOSES.sample(10, 2, bars=True)
    with pytest.raises(SamplingError, match="learned from closes only"):
        next(CLOSES.stream(10, 2, bars=True))


def test_a_history_of_closes_gives_a_start_for_bars() -> None:
    drawn = MODEL.sample(10, 2, as_of=made_history(), bars=True)
    assert drawn.bars().shape == (10, 2, 1, 4)
