"""One word for a training:
each for a history that was built for it, and the order in which they count.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.signal import lfilter

from simgan.seeds import Seed
from simgan.stats.training.modes import Spread, coverage
from simgan.stats.training.signs import Gap, Rise
from simgan.stats.training.verdict import Evidence, Watched, judge

STEPS = 10 * np.arange(1, 101)
NOISE = Seed(20).stream("baseline").standard_normal((200, 2, 400))
QUARTERS = np.full(4, 0.25)


def watched(values: np.ndarray, name: str = "critic loss", steps: np.ndarray = STEPS) -> Watched:
    return Watched(name, steps[: len(values)], values, 0.02)


LEVEL = watched(0.69 + 0.05 * NOISE[0, 0, :100])
SWING = watched(
    0.69 + 0.2 * np.sin(2 * np.pi * STEPS / 100) + 0.05 * NOISE[0, 1, :100], "generator loss"
)
DRIFT = watched(0.69 + np.linspace(0, 0.5, 100) + 0.05 * NOISE[1, 0, :100], "generator loss")
LOST = coverage(np.array([0.5, 0.5, 0.0, 0.0]), QUARTERS, 1000)
WHOLE = coverage(np.array([0.3, 0.3, 0.2, 0.2]), QUARTERS, 1000)


@pytest.mark.parametrize(
    ("evidence", "word", "reason"),
    [
        (Evidence(series=[LEVEL], coverage=WHOLE), "converged", "neither drifted nor swung"),
        (
            Evidence(series=[LEVEL, SWING]),
            "oscillating",
            "generator loss swings by ±0.2.* with a period of 100 steps",
        ),
        (Evidence(series=[LEVEL, DRIFT]), "still moving", "generator loss drifted by 0.2"),
        (
            Evidence(series=[watched(np.cumsum(NOISE[2, 0, :100]))]),
            "still moving",
            "critic loss has no level yet",
        ),
        (
            Evidence(series=[LEVEL], coverage=LOST),
            "collapsed",
            "2 of 4 modes .* the critic's loss does not tell",
        ),
        (
            Evidence(series=[LEVEL], spread=Spread(0.1, 0.09, 0.11)),
            "collapsed",
            "0.10 .* times as far",
        ),
        (
            Evidence(series=[LEVEL], gap=Gap(0.1, 0.05, 0.15, 0.7)),
            "over-fitted",
            "training data from held-out data",
        ),
        (Evidence(series=[LEVEL], rise=Rise(0.01, 0.004, 3)), "over-fitted", "has risen by 0.01"),
        (Evidence(series=[watched(LEVEL.values[:30])]), "too short to tell", "30 records"),
        (
            Evidence(series=[watched(LEVEL.values, steps=STEPS / 10)]),
            "too short to tell",
            "100 steps",
        ),
        (Evidence(), "too short to tell", "0 steps with 0 records"),
    ],
)
def test_each_word_has_its_history(evidence: Evidence, word: str, reason: str) -> None:
    import re

    found = judge(evidence, Seed(0))
    assert found.word == word
    assert re.search(reason, found.sentence)


def test_a_collapse_counts_before_over_fitting_and_both_before_what_the_losses_say() -> None:
    damage = Gap(0.1, 0.05, 0.15, 0.7)
    assert judge(Evidence(series=[SWING], coverage=LOST, gap=damage), Seed(0)).word == "collapsed"
    assert (
        judge(Evidence(series=[SWING], coverage=WHOLE, gap=damage), Seed(0)).word == "over-fitted"
    )
    assert judge(Evidence(series=[DRIFT, SWING]), Seed(0)).word == "oscillating"


@pytest.mark.parametrize(("r", "least"), [(0.0, 0.93), (0.5, 0.85)])
def test_stationary_losses_have_mostly_converged(r: float, least: float) -> None:
    """Two losses of AR(1) noise, 100 records, 200 trainings;
    a swing is told in at most 4 % (1 % each, 99.9 % binomial limit).
    """
    noise = lfilter([1.0], [1.0, -r], NOISE, axis=2)[:, :, 300:]
    words = [
        judge(Evidence(series=[watched(one), watched(other, "generator loss")]), Seed(1)).word
        for one, other in noise
    ]
    assert words.count("converged") >= least * len(words)
    assert words.count("oscillating") <= 0.05 * len(words)


def test_the_verdict_is_plain_data_and_the_same_for_the_same_seed() -> None:
    evidence = Evidence(
        series=[LEVEL, SWING],
        coverage=WHOLE,
        spread=Spread(1.0, 0.9, 1.1),
        gap=Gap(0.0, -0.1, 0.1, 0.5),
    )
    found = judge(evidence, Seed(0))
    plain = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert set(plain) == {"word", "sentence", "numbers"}
    assert set(plain["numbers"]) == {"coverage", "spread", "gap", "records", "series"}
    assert found == judge(evidence, Seed(0))
