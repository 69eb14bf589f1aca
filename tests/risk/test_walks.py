"""What stands in a walk, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.errors import ConfigError
from simgan.risk.portfolio import Portfolio
from simgan.risk.walks import Walk


def a_walk(**changes: object) -> Walk:
    facts: dict[str, object] = {
        "portfolio": Portfolio.single("A"),
        "model": "m",
        "horizon": 1,
        "dates": np.array(["2020-01-01", "2020-01-02"], "datetime64[D]"),
        "realized": np.array([-0.03, 0.01]),
        "levels": (0.95, 0.99),
        "value_at_risk": np.array([[0.02, 0.04], [0.02, 0.04]]),
        "expected_shortfall": np.array([[0.03, 0.05], [0.03, 0.05]]),
        "crps": np.array([0.01, 0.02]),
        "pit": np.array([0.02, 0.7]),
    }
    return Walk(**facts | changes)  # type: ignore[arg-type]


def test_a_loss_above_the_var_is_an_exceedance() -> None:
    assert a_walk().exceedances(0.95).tolist() == [True, False]
    assert a_walk().exceedances(0.99).tolist() == [False, False]


def test_fz0_is_that_of_returns_in_percent() -> None:
    """By hand at 5 %:
    excess 1 over (.05 · 3), plus 2/3, plus ln 3, minus 1; the second day without the excess.
    """
    calm = 2 / 3 + np.log(3) - 1
    np.testing.assert_allclose(a_walk().fz0(0.95), [1 / (0.05 * 3) + calm, calm])


def test_pinball_is_the_score_of_the_quantile() -> None:
    np.testing.assert_allclose(
        a_walk().pinball(0.95), [(-0.03 + 0.02) * (0.05 - 1), (0.01 + 0.02) * 0.05]
    )


def test_a_level_that_was_not_forecast_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"0\.95, 0\.99"):
        a_walk().fz0(0.975)


@pytest.mark.parametrize("name", ["realized", "crps", "pit", "value_at_risk", "expected_shortfall"])
def test_arrays_of_another_length_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="shapes"):
        a_walk(**{name: np.zeros(3)})
