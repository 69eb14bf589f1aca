"""Every condition of the table keeps the contract."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simgan.errors import ConfigError
from simgan.seeds import Seed
from simgan.settings import record

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from simgan.gan.game import Classifier  # noqa: E402
from simgan.recipe.conditions import (  # noqa: E402
    CONDITIONS,
    accuracy,
    cross_entropy,
)
from simgan.recipe.objectives import OBJECTIVES  # noqa: E402
from simgan.recipe.training import GameRules  # noqa: E402

LABELS = [[0.0, 1.0], [0.0, 0.0], [1.0, 0.0]]  # the second is unknown
CLASSES = [[1.0, 3.0], [2.0, 0.0], [0.0, 1.0]]
LOG_SUM = [
    3 + np.log1p(np.exp(-2)),
    2 + np.log1p(np.exp(-2)),
    1 + np.log1p(np.exp(-1)),
]  # log Σ exp of each row, by hand
ENTROPY = ((LOG_SUM[0] - 3) + (LOG_SUM[2] - 0)) / 2  # of the two that are labelled
SCORES = {
    "cgan": [5 + 3, 6 + 0, 7 + 0],
    "acgan": [5, 6, 7],
    "semi-supervised": [5 + LOG_SUM[0], 6 + LOG_SUM[1], 7 + LOG_SUM[2]],
}
OF_FAKES = [[2.0, 2.0], [9.0, 9.0], [2.0, 2.0]]  # undecided: the entropy of each is log 2
LOSSES = {
    "cgan": (0.0, 0.0),
    "acgan": (0.5 * (ENTROPY + np.log(2)), 0.5 * np.log(2)),
    "semi-supervised": (ENTROPY, 0.0),
}


def made(values: object) -> Any:
    return tf.constant(values, tf.float32)


def test_expected_numbers_are_given_for_every_member() -> None:
    assert list(CONDITIONS) == list(SCORES) == list(LOSSES)


@pytest.mark.parametrize("kind", CONDITIONS)
def test_the_score_under_labels(kind: str) -> None:
    found = CONDITIONS.build(kind).score(made([[5], [6], [7]]), made(CLASSES), made(LABELS))
    assert found.numpy()[:, 0] == pytest.approx(SCORES[kind])


@pytest.mark.parametrize("kind", CONDITIONS)
def test_what_both_players_lose_by_labels(kind: str) -> None:
    condition, (critic, generator) = CONDITIONS.build(kind), LOSSES[kind]
    assert float(
        condition.critic_loss(made(CLASSES), made(OF_FAKES), made(LABELS))
    ) == pytest.approx(critic, abs=1e-6)
    assert float(condition.generator_loss(made(OF_FAKES), made(LABELS))) == pytest.approx(
        generator, abs=1e-6
    )


@pytest.mark.parametrize("kind", CONDITIONS)
def test_without_labels_nothing_is_lost(kind: str) -> None:
    condition, nothing = CONDITIONS.build(kind), tf.zeros((3, 2))
    assert float(condition.critic_loss(made(CLASSES), made(CLASSES), nothing)) == 0
    assert float(condition.generator_loss(made(CLASSES), nothing)) == 0


@pytest.mark.parametrize("kind", CONDITIONS)
def test_settings_survive_a_round_trip_and_impossible_ones_are_refused(kind: str) -> None:
    condition = CONDITIONS.build(kind, {"labelled": "0.25"})
    settings = record(condition)
    assert (settings["kind"], settings["labelled"]) == (kind, 0.25)
    assert CONDITIONS.build(settings.pop("kind"), settings) == condition
    for wrong in (0.0, 1.5, float("nan")):
        with pytest.raises(ConfigError, match="must be"):
            CONDITIONS.build(kind, {"labelled": wrong})


def test_the_weight_of_an_auxiliary_classifier_is_above_zero() -> None:
    with pytest.raises(ConfigError, match="must be"):
        CONDITIONS.build("acgan", {"weight": 0.0})


def test_cross_entropy_and_accuracy_by_hand() -> None:
    """Of the two labelled rows the first is right, the last is wrong."""
    assert float(cross_entropy(made(CLASSES), made(LABELS))) == pytest.approx(ENTROPY)
    assert float(accuracy(made(CLASSES), made(LABELS))) == 0.5


@pytest.mark.parametrize("kind", CONDITIONS)
@pytest.mark.parametrize("objective", ["ebgan", "began"])
def test_an_auto_encoder_has_no_place_for_labels(kind: str, objective: str) -> None:
    with pytest.raises(ConfigError, match="auto-encoder"):
        GameRules(OBJECTIVES.build(objective), condition=CONDITIONS.build(kind), regimes=2)


def test_labels_of_one_batch_serve_real_and_fake_ones() -> None:
    """Features twice as many as labels: scores of both halves are those under the same labels."""
    classifier = Classifier(CONDITIONS.build("cgan"), 2, 2)
    classifier.kernel.assign([[1.0, 0.0], [0.0, 2.0]])
    features = made(np.concatenate([CLASSES, CLASSES]))
    found = classifier.score(tf.zeros((6, 1)), features, made(LABELS)).numpy()[:, 0]
    assert found == pytest.approx([6, 0, 0, 6, 0, 0])


def test_a_classifier_begins_knowing_nothing() -> None:
    classifier = Classifier(CONDITIONS.build("acgan"), 4, 3)
    classifier.kernel.assign_add(tf.ones((4, 3)))
    classifier.restart()
    features = made(Seed(0).stream("baseline").standard_normal((5, 4)))
    assert not classifier.classes(features).numpy().any()
