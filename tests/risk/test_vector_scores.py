"""Energy and variogram scores against their definitions, and by what they see."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from simgan.errors import ConfigError
from simgan.risk.scores import crps
from simgan.risk.vector_scores import energy_score, variogram_score

RNG = np.random.default_rng(0)
DRAWS, REALIZED = RNG.standard_normal((30, 4)), RNG.standard_normal(4)


def test_the_energy_score_is_its_definition() -> None:
    near = np.mean([np.linalg.norm(draw - REALIZED) for draw in DRAWS])
    apart = np.mean([np.linalg.norm(a - b) for a, b in combinations(DRAWS, 2)])
    assert energy_score(DRAWS, REALIZED) == pytest.approx(near - apart / 2)


def test_of_one_asset_it_is_the_crps() -> None:
    expected = crps(DRAWS[None, :, 0], REALIZED[:1])[0]
    assert energy_score(DRAWS[:, :1], REALIZED[:1]) == pytest.approx(expected)


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_the_variogram_score_is_its_definition(power: float) -> None:
    expected = 0.0
    for i, j in combinations(range(4), 2):
        mean = np.mean([abs(draw[i] - draw[j]) ** power for draw in DRAWS])
        expected += (abs(REALIZED[i] - REALIZED[j]) ** power - mean) ** 2
    assert variogram_score(DRAWS, REALIZED, power) == pytest.approx(expected)


def test_the_true_law_has_the_lowest_mean_score() -> None:
    """Wrong correlation costs the variogram score more than the energy score, in its noise."""
    root = np.linalg.cholesky(np.array([[1.0, 0.8], [0.8, 1.0]]))
    outcomes = RNG.standard_normal((400, 2)) @ root.T
    means = {}
    for name, forecast in {"true": root, "independent": np.eye(2), "wide": 1.5 * root}.items():
        draws = RNG.standard_normal((400, 200, 2)) @ forecast.T
        pairs = list(zip(draws, outcomes, strict=True))
        means[name] = [
            np.mean([score(*pair) for pair in pairs]) for score in (energy_score, variogram_score)
        ]
    assert means["true"][0] < min(means["independent"][0], means["wide"][0])
    assert means["true"][1] < min(means["independent"][1], means["wide"][1])
    assert means["independent"][1] / means["true"][1] > means["independent"][0] / means["true"][0]


@pytest.mark.parametrize("score", [energy_score, variogram_score])
def test_bad_forecasts_are_refused(score: object) -> None:
    assert callable(score)
    for draws, realized in (
        (DRAWS[:1], REALIZED),
        (DRAWS, REALIZED[:2]),
        (DRAWS[:, 0], REALIZED),
        (np.where(DRAWS > 2, np.nan, DRAWS), REALIZED * np.inf),
    ):
        with pytest.raises(ConfigError):
            score(draws, realized)
    with pytest.raises(ConfigError, match="above 0"):
        variogram_score(DRAWS, REALIZED, 0.0)
