"""The mixture of two baselines: whose path is whose, and its refusal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from simgan.baselines import BASELINES, BLOCK
from simgan.baselines.garch import GjrFhs
from simgan.baselines.garch_average import MEMBERS, FittedAverage, average_of
from simgan.baselines.volatility import FittedVolatility
from simgan.baselines.volatility_parts import Gjr, HistoricalInnovations
from simgan.errors import ConfigError, TrainingError
from simgan.seeds import Seed

HISTORY = np.zeros((300, 1))


def constant(value: float) -> FittedVolatility:
    """A member whose every return is this value."""
    return FittedVolatility(
        "made", 0.0, Gjr(value**2, 0.0, 0.0, 0.0), HistoricalInnovations(np.array([np.sign(value)]))
    )


MIXED = FittedAverage("garch-average", constant(1.0), constant(-2.0))
DRAWS: dict[str, Callable[[int, int], np.ndarray]] = {
    "long run": lambda horizon, n: MIXED.simulate_long_run(horizon, Seed(1), 0, n),
    "continuation": lambda horizon, n: MIXED.simulate(HISTORY, horizon, Seed(1), 0, n),
    "forecast": lambda horizon, n: next(
        MIXED.forecast(HISTORY, range(300, 301), horizon, n, Seed(1))
    ),
}


@pytest.mark.parametrize("kind", DRAWS)
def test_each_path_is_of_one_member_and_half_of_them_of_each(kind: str) -> None:
    """16 blocks: the share of the first has standard error 1/128, bound at five of them."""
    paths = DRAWS[kind](4, 16 * BLOCK)[:, :, 0]
    assert set(np.unique(paths.round(9))) == {1.0, -2.0}
    assert (np.ptp(paths, axis=1) < 1e-9).all()
    assert np.mean(paths[:, 0] > 0.0) == pytest.approx(0.5, abs=5 / 128)


def test_neighbours_are_tossed_for_independently() -> None:
    """A mixture in turns would be no sample: its draws would not be independent."""
    first = DRAWS["long run"](1, 16 * BLOCK)[:, 0, 0] > 0.0
    assert np.mean(first[1:] == first[:-1]) == pytest.approx(0.5, abs=5 / 128)


def test_both_members_are_fitted() -> None:
    series = 0.01 * Seed(17).stream("validation").standard_t(5, (500, 1))
    fitted = BASELINES.build("garch-average").fit(series)
    assert isinstance(fitted, FittedAverage)
    assert (fitted.first.kind, fitted.second.kind) == MEMBERS


def test_members_that_are_fitted_already_are_mixed_without_another_fit() -> None:
    fitted = dict(zip(MEMBERS, (constant(1.0), constant(-2.0)), strict=True))
    mixed = average_of(fitted | {"gjr-t": constant(5.0)})
    assert (mixed.kind, mixed.first, mixed.second) == ("garch-average", *fitted.values())
    with pytest.raises(
        TrainingError, match="mean of gjr-fhs and egarch-fhs, and egarch-fhs cannot"
    ):
        average_of({"gjr-fhs": constant(1.0)})


def test_a_member_that_cannot_be_used_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: GjrFhs, log_returns: np.ndarray) -> FittedVolatility:
        raise TrainingError("gjr-fhs: no maximum")

    monkeypatch.setattr(GjrFhs, "_fit", refuse)
    series = 0.01 * Seed(17).stream("validation").standard_normal((300, 1))
    with pytest.raises(TrainingError, match=r"garch-average: .* cannot be used \(gjr-fhs: no max"):
        BASELINES.build("garch-average").fit(series)
    with pytest.raises(ConfigError, match="garch-average"):
        BASELINES.build("garch-average").fit(series[:100])
