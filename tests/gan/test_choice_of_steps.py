"""The one-standard-error rule: the last candidate that is not measurably worse than the best."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgan.seeds import Seed

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from simgan.gan.monitors import Candidate, choose  # noqa: E402

DAYS = 40


@st.composite
def trainings(draw: st.DrawFn) -> list[Candidate]:
    """Give one to eight candidates with scores of 40 days."""
    levels = draw(st.lists(st.floats(0.0, 0.2), min_size=1, max_size=8))
    noise = Seed(draw(st.integers(0, 99))).stream("validation")
    return [
        Candidate(100 * number, 1.0 + level + 0.3 * noise.standard_normal(DAYS))
        for number, level in enumerate(levels)
    ]


def excess(candidate: Candidate, best: Candidate) -> float:
    """Return the mean difference to the best in standard errors."""
    difference = candidate.scores - best.scores
    error = difference.std() / np.sqrt(DAYS)
    return float(difference.mean() / error) if error else 0.0


@settings(max_examples=40, deadline=None)
@given(candidates=trainings())
def test_the_chosen_one_is_within_an_error_and_all_later_ones_are_not(
    candidates: list[Candidate],
) -> None:
    chosen = choose(candidates)
    best = min(candidates, key=lambda candidate: candidate.score)
    assert chosen.step >= best.step
    assert excess(chosen, best) <= 1.0 + 1e-9
    assert all(excess(later, best) > 1.0 for later in candidates if later.step > chosen.step)


@settings(max_examples=20, deadline=None)
@given(candidates=trainings(), shift=st.floats(-5.0, 5.0), factor=st.floats(0.1, 10.0))
def test_units_of_the_score_choose_the_same_step(
    candidates: list[Candidate], shift: float, factor: float
) -> None:
    """So do days that are hard for all candidates alike."""
    hard = 3.0 * Seed(7).stream("baseline").random(DAYS)
    moved = [Candidate(one.step, shift + hard + factor * one.scores) for one in candidates]
    assert choose(moved).step == choose(candidates).step


@settings(max_examples=20, deadline=None)
@given(candidates=trainings())
def test_a_copy_of_the_best_at_the_end_is_chosen(candidates: list[Candidate]) -> None:
    best = min(candidates, key=lambda candidate: candidate.score)
    last = Candidate(9999, best.scores.copy())
    assert choose([*candidates, last]).step == 9999
