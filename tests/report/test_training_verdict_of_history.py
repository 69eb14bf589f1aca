"""The verdict on the training of a bundle: which stage is judged, what a missing series does, and what a reader sees."""

from __future__ import annotations

import numpy as np
import pytest
from made_bundle import made_bundle

from simgan.report.training import told, training_verdict
from simgan.seeds import Seed

NOISE = 0.01 * Seed(22).stream("baseline").standard_normal((2, 100))
STEPS = range(10, 1001, 10)
History = dict[str, list[tuple[int, float]]]


def history(stage: str = "adversarial, selection", ramp: float = 0.0) -> History:
    """Losses of 1,000 steps around log 2 that rise by `ramp` on the way."""
    rising = np.linspace(0, ramp, 100)
    losses = {
        name: 0.693 + noise + rising
        for name, noise in zip(("critic loss", "generator loss"), NOISE, strict=True)
    }
    return {
        f"{stage}: {name}": list(zip(STEPS, values.tolist(), strict=True))
        for name, values in losses.items()
    }


def looks(stage: str = "adversarial, selection", **values: float) -> History:
    """Numbers that only the checks give: the same at both."""
    return {
        f"{stage}: {name.replace('_', ' ')}": [(500, value), (1000, value)]
        for name, value in values.items()
    }


def test_a_check_between_two_records_does_not_disturb() -> None:
    between = {name: sorted([*points, (15, 9.0), (995, 9.0)]) for name, points in history().items()}
    assert training_verdict(between) == training_verdict(history())


REGIMES = {"calm_share": 0.6, "normal_share": 0.4, "turbulent_share": 0.0}


def test_level_losses_have_converged_and_rising_ones_have_not() -> None:
    assert training_verdict(history()).word == "converged"
    assert training_verdict(history(ramp=0.3)).word == "still moving"


def test_the_stage_that_was_validated_is_judged() -> None:
    both = history() | history("adversarial", ramp=0.3)
    assert training_verdict(both).word == "converged"
    assert training_verdict(history("adversarial", ramp=0.3)).word == "still moving"


def test_a_lost_regime_is_a_collapse() -> None:
    found = training_verdict(history() | looks(**REGIMES, covered_regimes=2.0))
    assert found.word == "collapsed" and found.numbers["coverage"]["lost"] == (2,)
    assert training_verdict(history() | looks(**REGIMES, covered_regimes=3.0)).word == "converged"


def test_a_validation_score_that_rose_is_over_fitting_and_what_was_kept_is_told() -> None:
    scores = {"adversarial, selection: validation CRPS": [(500, 0.33), (1000, 0.34)]}
    risen = looks(rise=0.01, low_rise=0.004)
    found = training_verdict(history() | scores | risen, 500)
    assert found.word == "over-fitted" and found.sentence.endswith(
        "validation chose step 500, which is kept"
    )
    assert (
        training_verdict(history() | scores | looks(rise=0.01, low_rise=-0.004), 500).word
        == "converged"
    )
    assert training_verdict(history() | scores | looks(rise=0.01), 500).word == "converged"


@pytest.mark.parametrize(
    "short",
    [
        {},
        {"warm start: crps": [(100, 0.6)]},
        {"adversarial, selection: critic loss": []},
        {name: points[:2] for name, points in history().items()},
        {name: points[:1] for name, points in history("adversarial").items()},
        made_bundle().training,
    ],
)
def test_what_is_too_short_is_said_to_be(short: History) -> None:
    assert training_verdict(short).word == "too short to tell"
    assert told(training_verdict(short)).startswith("Training: too short to tell: ")
