"""Paths to be judged have shapes where model and history have them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from made_bundle import made_bundle, made_history

from simgan.market.history import History
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.report.ranged import Shapes, days_of
from simgan.sampling.model import Model
from simgan.seeds import Seed
from simgan.stats.ranges import GAP, RETURN
from simgan.workflows.judging import DrawnPaths, long_run, shapes_beside

DAYS, SEED = 60, Seed(11)
MODEL = Model(made_bundle(blueprint=StateSpace(ranges=1, replicas=2)))


def with_shapes() -> History:
    return replace(made_history(DAYS), shapes=np.zeros((DAYS, 1, 3)))


def test_paths_are_those_of_the_long_run_with_or_without_shapes() -> None:
    with_bars, closes = (long_run(MODEL, one, SEED, 5) for one in (with_shapes(), made_history(60)))
    expected = MODEL.simulate_long_run(DAYS, SEED, 0, 5)[:, :, 0]
    np.testing.assert_array_equal(with_bars.log_returns, expected)
    np.testing.assert_array_equal(closes.log_returns, expected)
    assert with_bars.shapes is not None and with_bars.shapes.shape == (5, DAYS, 3)


def test_ranges_belong_to_the_returns_of_their_path() -> None:
    """Gaps go the way of their day. Those of the next path do not: the twin of the correlation."""
    drawn = long_run(MODEL, with_shapes(), SEED, 40)
    assert drawn.shapes is not None and (drawn.shapes[..., 1:] >= 0).all()
    own = days_of(drawn.log_returns, drawn.shapes)
    other = days_of(drawn.log_returns, np.roll(drawn.shapes, 1, axis=0))
    related, unrelated = (
        np.corrcoef(days[..., GAP].ravel(), days[..., RETURN].ravel())[0, 1]
        for days in (own, other)
    )
    assert related > 0.3 > 0.1 > abs(unrelated)


def test_shapes_are_drawn_where_both_sides_have_them() -> None:
    closes = Model(made_bundle(blueprint=StateSpace(replicas=2)))
    assert long_run(MODEL, made_history(DAYS), SEED, 2).shapes is None
    assert long_run(closes, with_shapes(), SEED, 2).shapes is None
    theirs = DrawnPaths(np.zeros((2, DAYS)))
    ours = replace(theirs, shapes=np.ones((2, DAYS, 3)))
    found = shapes_beside(with_shapes(), {"ours": ours, "theirs": theirs})
    assert found == Shapes(np.zeros((DAYS, 3)), {"ours": np.ones((2, DAYS, 3))})
    assert shapes_beside(with_shapes(), {"theirs": theirs}) is None
    assert shapes_beside(made_history(DAYS), {"ours": ours}) is None
