"""The example of the monitors: its cases, and one of them played."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simgan.seeds import Seed

pytest.importorskip("tensorflow")
pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]

from simgan.workflows.examples import Played  # noqa: E402
from simgan.workflows.examples.monitors import CASES, Monitors, watch  # noqa: E402


def test_every_word_but_that_a_training_is_too_short_has_a_game_built_for_it() -> None:
    assert {case.word for case in CASES} == {
        "converged",
        "oscillating",
        "collapsed",
        "over-fitted",
        "still moving",
    }


def test_a_stale_critic_collapses_and_one_that_answers_every_step_keeps_more_modes() -> None:
    """The same game with one generator step per round instead of twenty:
    a plain game may lose a mode, too, but most are there.
    """
    built = next(case for case in CASES if case.word == "collapsed")
    fair = replace(built, settings=replace(built.settings, generator_steps=1, steps=3000))
    stale, answered = (watch(case, Seed(0)).verdict for case in (built, fair))
    assert stale.word == "collapsed" and len(stale.numbers["coverage"]["lost"]) == 3
    assert len(answered.numbers["coverage"]["lost"]) <= 1


def test_the_verdict_and_the_figure_name_circling_players() -> None:
    seen = watch(next(case for case in CASES if case.word == "oscillating"), Seed(0))
    assert seen.verdict.word == "oscillating"
    figure = Monitors().draw(Played({}, [seen] * len(CASES)))
    assert "verdict “oscillating”" in figure.axes[0].get_title(loc="left")
