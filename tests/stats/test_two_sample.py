"""The classifier and the nearest neighbours on windows whose relation is known."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.errors import ConfigError
from simgan.stats.two_sample import classifier_test, memorisation_ratio

RNG = np.random.default_rng


def test_the_same_law_cannot_be_told_apart() -> None:
    """600 windows a side: the standard error of the AUC is about .017."""
    found = classifier_test(RNG(1).standard_normal((600, 60)), RNG(2).standard_normal((600, 60)))
    assert found.auc == pytest.approx(0.5, abs=0.06)


def test_fatter_tails_are_told_apart() -> None:
    fat = RNG(2).standard_t(3, (600, 60)) / np.sqrt(3)
    assert classifier_test(RNG(1).standard_normal((600, 60)), fat).auc > 0.85


def test_clusters_of_volatility_are_told_apart() -> None:
    clustered = RNG(1).standard_normal((600, 60)) * np.where(np.arange(60) // 15 % 2, 0.6, 1.3)
    assert classifier_test(clustered, RNG(2).standard_normal((600, 60))).auc > 0.75


def test_fresh_windows_are_as_far_from_the_training_as_real_ones() -> None:
    training, held_out, fake = (RNG(seed).standard_normal((500, 20)) for seed in (1, 2, 3))
    assert memorisation_ratio(training, held_out, fake) == pytest.approx(1, abs=0.05)


def test_copies_are_found() -> None:
    training, held_out = (RNG(seed).standard_normal((500, 20)) for seed in (1, 2))
    assert memorisation_ratio(training, held_out, training[:100] + 0.01) < 1e-6


def test_windows_of_two_lengths_are_refused() -> None:
    with pytest.raises(ConfigError, match="one length"):
        classifier_test(np.zeros((100, 60)), np.zeros((100, 20)))
