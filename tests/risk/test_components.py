"""Parts of VaR and ES: they add up, agree with the contributions, and their errors are true."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.risk.components import components
from simgan.risk.measures import RiskEstimate, risk_of
from simgan.risk.portfolio import risk_contributions

LEVEL, PATHS = 0.95, 2000
ROOT = np.linalg.cholesky(np.array([[1.0, 0.7, -0.3], [0.7, 1.0, 0.0], [-0.3, 0.0, 1.0]])).T


def made(rng: np.random.Generator, paths: int = PATHS) -> np.ndarray:
    """Losses (paths, assets) of correlated normals. The last asset hedges."""
    return rng.standard_normal((paths, 3)) @ ROOT * [1.0, 2.0, 0.8]


def table(parts: tuple[RiskEstimate, ...]) -> np.ndarray:
    """The numbers (4, assets): both parts, and both errors."""
    return np.array(
        [
            [part.value_at_risk, part.expected_shortfall, part.value_at_risk_error,
             part.expected_shortfall_error]
            for part in parts
        ]
    ).T  # fmt: skip


def test_parts_add_up_and_are_the_contributions() -> None:
    losses = made(np.random.default_rng(1))
    whole = risk_of(-losses.sum(axis=1), LEVEL)
    found = table(components(losses, LEVEL))
    assert found[0].sum() == pytest.approx(whole.value_at_risk, rel=1e-12)
    assert found[1].sum() == pytest.approx(whole.expected_shortfall, rel=1e-12)
    paths = np.log1p(-0.01 * losses[:, None])  # a book of three, each a third of the money
    beside = risk_contributions(paths, [1 / 3, 1 / 3, 1 / 3], LEVEL)
    assert found[0] == pytest.approx(300 * beside.component_value_at_risk)
    assert found[1] == pytest.approx(300 * beside.component_expected_shortfall)


def test_the_part_of_the_only_asset_is_the_whole_with_its_errors() -> None:
    losses = made(np.random.default_rng(2))[:, :1]
    (part,) = components(losses, LEVEL)
    whole = risk_of(-losses[:, 0], LEVEL)
    assert part == RiskEstimate(LEVEL, *(
        pytest.approx(number, rel=1e-6)
        for number in (whole.value_at_risk, whole.expected_shortfall,
                       whole.value_at_risk_error, whole.expected_shortfall_error)
    ))  # fmt: skip


@pytest.mark.parametrize("is_tilted", [False, True])
def test_errors_are_the_spreads_over_repetitions(is_tilted: bool) -> None:
    """300 repetitions: a spread is known to 4 %, and the bounds of 15 % hold but for 1 in 5,000.

    Twin: the error of a mean in a fixed tail is too small by a fifth for the second asset.
    """
    rng, found, fixed = np.random.default_rng(3), [], []
    for _ in range(300):
        losses, p = made(rng), None
        if is_tilted:  # drawn with a mean of 0.5 for the second asset, and weighted back
            own = losses[:, 1] / 2
            losses = losses + 0.5 * np.array([0.7, 2.0, 0.0])
            p = np.exp(-0.5 * own - 0.125)
            p /= p.sum()
        found.append(table(components(losses, LEVEL, p)))
        total = losses.sum(axis=1)
        tail = losses[total > np.quantile(total, LEVEL), 1]
        fixed.append(tail.std() / np.sqrt(len(tail)))
    values = np.array(found)
    spreads, told = values[:, :2].std(axis=0), np.sqrt((values[:, 2:] ** 2).mean(axis=0))
    assert spreads == pytest.approx(told, rel=0.15)
    if not is_tilted:
        assert spreads[1, 1] > 1.2 * np.mean(fixed)
