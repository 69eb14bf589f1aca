"""Sentences on a model name each pair of assets once, and hide none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_joint import made_joint

from simgan.bundle.summary import correlations_of_long_run, facts_of
from simgan.sampling.model import Model

TIED = "go from 0.20 (ONE and TWO and 1 more) to 0.53 (ONE and THREE)"


@pytest.mark.parametrize(
    ("correlations", "said"),
    [
        ((0.1, 0.3, -0.2), "go from −0.20 (TWO and THREE) to 0.30 (ONE and THREE)"),
        ((0.196, 0.53, 0.204), TIED),
        ((0.2, 0.53, 0.531), "go from 0.20 (ONE and TWO) to 0.53 (ONE and THREE and 1 more)"),
        ((0.53, 0.53, 0.53), "is 0.53 for each pair"),
        ((-0.001, 0.3, 0.3), "go from 0.00 (ONE and TWO) to 0.30 (ONE and THREE and 1 more)"),
    ],
)
def test_pairs_of_the_same_correlation_are_counted(
    correlations: tuple[float, float, float], said: str
) -> None:
    target = np.eye(3)
    target[np.triu_indices(3, 1)] = correlations
    bundle = made_joint()
    given = replace(bundle, weights={**bundle.weights, "target": target + target.T - np.eye(3)})
    assert (
        correlations_of_long_run(given).removeprefix("The correlation").removeprefix("Correlations")
        == f" of scores in the long run {said}"
    )


def test_members_that_lean_on_a_prior_are_told() -> None:
    bundle = made_joint()
    assert bundle.manifest.joint is not None and "prior" not in dict(facts_of(bundle))
    one, *others = bundle.manifest.joint.members
    leaning = replace(one, prior={"name": "default", "share": 0.104})
    joint = replace(bundle.manifest.joint, members=(leaning, *others))
    given = replace(bundle, manifest=replace(bundle.manifest, joint=joint))
    assert dict(facts_of(given))["prior"] == "default: ONE 10 % of the days"
    assert "default: ONE 10 % of the days" in repr(Model(given))
