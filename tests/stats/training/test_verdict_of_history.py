"""The verdict on the history of a training: the judged stage, and missing curves."""

from __future__ import annotations

import numpy as np
import pytest
from made_bundle import made_bundle

from simgan.seeds import Seed
from simgan.stats.training import TrainingHistory
from simgan.stats.training.verdict import training_verdict

NOISE = 0.01 * Seed(22).stream("baseline").standard_normal((2, 100))
STEPS = range(10, 1001, 10)
SELECTION, FINAL = "adversarial, selection", "adversarial"
REGIMES = {"calm share": 0.6, "normal share": 0.4, "turbulent share": 0.0}


def history(stage: str = SELECTION, ramp: float = 0.0) -> TrainingHistory:
    """Losses of 1,000 steps around log 2 that rise by `ramp` on the way."""
    rising = np.linspace(0, ramp, 100)
    return TrainingHistory(
        {
            stage: {
                name: list(zip(STEPS, (0.693 + noise + rising).tolist(), strict=True))
                for name, noise in zip(("critic loss", "generator loss"), NOISE, strict=True)
            }
        }
    )


def checked(**values: float) -> TrainingHistory:
    """A history with the same metrics at two checks, besides its losses."""
    found = history()
    for step in (500, 1000):
        found.record(
            SELECTION, step, {name.replace("_", " "): value for name, value in values.items()}
        )
    return found


def test_a_check_between_two_records_does_not_disturb() -> None:
    between = history()
    for name, curve in between.stages[SELECTION].items():
        between.stages[SELECTION][name] = sorted([*curve, (15, 9.0), (995, 9.0)])
    assert training_verdict(between) == training_verdict(history())


def test_level_losses_have_converged_and_rising_ones_have_not() -> None:
    assert training_verdict(history()).word == "converged"
    assert training_verdict(history(ramp=0.3)).word == "still moving"


def test_the_stage_that_was_validated_is_judged() -> None:
    final = history(FINAL, ramp=0.3)
    both = TrainingHistory(history().stages | final.stages)
    assert training_verdict(both).word == "converged"
    assert training_verdict(final).word == "still moving"


def test_a_lost_regime_is_a_collapse() -> None:
    found = training_verdict(checked(**REGIMES, covered_regimes=2.0))
    coverage = found.numbers["coverage"]
    assert found.word == "collapsed"
    assert coverage["lost"] == (2,)
    assert training_verdict(checked(**REGIMES, covered_regimes=3.0)).word == "converged"


def test_a_validation_score_that_rose_is_over_fitting_and_the_kept_step_is_named() -> None:
    found = training_verdict(checked(validation_CRPS=0.34, rise=0.01, low_rise=0.004), 500)
    assert found.word == "over-fitted"
    assert found.sentence.endswith("validation chose step 500, which is kept")
    within_chance = checked(validation_CRPS=0.34, rise=0.01, low_rise=-0.004)
    assert training_verdict(within_chance, 500).word == "converged"
    without_bound = checked(validation_CRPS=0.34, rise=0.01)
    assert training_verdict(without_bound, 500).word == "converged"


@pytest.mark.parametrize(
    "short",
    [
        TrainingHistory(),
        TrainingHistory({"warm start": {"CRPS": [(100, 0.6)]}}),
        TrainingHistory({SELECTION: {"critic loss": []}}),
        TrainingHistory({SELECTION: {n: c[:2] for n, c in history().stages[SELECTION].items()}}),
        TrainingHistory({FINAL: {n: c[:1] for n, c in history(FINAL).stages[FINAL].items()}}),
        made_bundle().training,
    ],
)
def test_a_short_history_is_said_to_be(short: TrainingHistory) -> None:
    found = training_verdict(short)
    assert found.word == "too short to tell"
    assert found.line.startswith("Training: too short to tell: ")
