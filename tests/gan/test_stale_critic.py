"""Several generator steps against one state of the critic: settings and consequences."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from simgan.errors import ConfigError
from simgan.seeds import Seed

pytest.importorskip("tensorflow")
pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]

from quick_graphs import quick_graphs  # noqa: E402

from simgan.gan.points import PointGan, PointSettings  # noqa: E402
from simgan.recipe.objectives.non_saturating import NonSaturating  # noqa: E402

PLAIN = PointSettings(steps=100, rate=1e-3, batch=20)


@cache
def trained(count: int) -> PointGan:
    points = 3 + Seed(4).stream("baseline").standard_normal((200, 1))
    gan = PointGan(
        points, NonSaturating(penalty_weight=0.0), replace(PLAIN, generator_steps=count), Seed(0)
    )
    with quick_graphs():
        gan.train()
    return gan


@pytest.mark.parametrize("count", [1, 5])
def test_the_generator_moves_so_often_and_the_critic_once(count: int) -> None:
    """Adam's counters say how often, in 100 rounds."""
    assert [
        int(optimizer.iterations.numpy()) for optimizer in trained(count).game.optimizers.values()
    ] == [
        100 * count,
        100,
    ]


def test_a_generator_that_moves_more_often_goes_farther() -> None:
    """The points lie around 3, the fakes begin around 0."""
    once, often = (trained(count).generate(2000).mean() for count in (1, 5))
    assert often > once + 0.1


def test_no_turn_at_all_is_refused() -> None:
    with pytest.raises(ConfigError, match="generator_steps"):
        PointSettings(generator_steps=0)
