"""The inception-like score: by hand, and on windows that lack a regime or mix them."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.errors import ConfigError
from simgan.stats.regime_score import RegimeClassifier, RegimeScore

RNG = np.random.default_rng


def windows(seed: int, deviations: np.ndarray) -> np.ndarray:
    return deviations[:, None] * RNG(seed).standard_normal((len(deviations), 60))


THREE = np.tile([0.5, 1.0, 2.0], 50)


def test_the_score_of_sure_and_even_predictions_is_the_number_of_regimes() -> None:
    """Salimans et al.: exp E KL(p(y|x) ‖ p(y)). By hand for two predictions."""
    sure = RegimeScore.of(np.eye(3))
    assert (sure.score, sure.quality, sure.diversity) == pytest.approx((3.0, 1.0, np.log(3)))
    one = RegimeScore.of(np.tile([1.0, 0.0, 0.0], (4, 1)))
    assert (one.score, one.quality, one.diversity) == pytest.approx((1.0, 1.0, 0.0))
    unsure = RegimeScore.of(np.array([[0.5, 0.5, 0.0], [0.5, 0.0, 0.5]]))
    diversity = -0.5 * np.log(0.5) - 2 * 0.25 * np.log(0.25)
    assert unsure.diversity == pytest.approx(diversity)
    assert unsure.score == pytest.approx(np.exp(diversity - np.log(2)))
    assert unsure.quality == 0.5


def test_windows_that_were_not_learned_are_recognised() -> None:
    classifier = RegimeClassifier.learn(windows(1, THREE))
    found = classifier.held_out.argmax(axis=1)
    assert np.mean(found == np.tile([0, 1, 2], 50)) > 0.9
    real, fake = RegimeScore.of(classifier.held_out), classifier.predict(windows(2, THREE))
    assert RegimeScore.of(fake).score == pytest.approx(real.score, abs=0.15)


def test_a_missing_regime_lowers_diversity_and_mixed_windows_lower_quality() -> None:
    classifier = RegimeClassifier.learn(windows(1, THREE))
    true = RegimeScore.of(classifier.predict(windows(2, THREE)))
    calm = RegimeScore.of(classifier.predict(windows(3, np.tile([0.5, 1.0], 75))))
    assert calm.diversity < true.diversity - 0.1 and calm.quality > true.quality - 0.05
    between = RegimeScore.of(classifier.predict(windows(4, np.tile([0.7, 1.42], 75))))
    assert between.quality < true.quality - 0.1


def test_too_few_windows_are_refused() -> None:
    with pytest.raises(ConfigError, match="at least 50"):
        RegimeClassifier.learn(windows(1, THREE[:49]))
