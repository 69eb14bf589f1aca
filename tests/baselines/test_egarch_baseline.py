"""EGARCH-FHS: the start of its filter, its long-run variance, and the bound on it."""

from __future__ import annotations

import numpy as np
import pytest
from arch.univariate import EGARCH

from simgan.baselines import BASELINES, COLLAPSED, egarch
from simgan.baselines.egarch import EgarchFhs, log_lift
from simgan.baselines.volatility import FittedVolatility
from simgan.baselines.volatility_parts import (
    MEAN_SIZE,
    Egarch,
    Gjr,
    HistoricalInnovations,
)
from simgan.errors import TrainingError
from simgan.seeds import Seed

Z = HistoricalInnovations.of_raw(Seed(17).stream("validation", 1).standard_t(4, 300)).residuals


def turbulent(days: int = 500) -> np.ndarray:
    """Returns whose volatility is three times as high in the first 100 days."""
    returns = 0.01 * Seed(17).stream("validation", 2).standard_t(5, (days, 1))
    returns[:100] *= 3.0
    return returns


@pytest.fixture(scope="module")
def free() -> FittedVolatility:
    """The fit of the turbulent series, whose level is free."""
    fitted = EgarchFhs().fit(turbulent())
    assert isinstance(fitted, FittedVolatility) and isinstance(fitted.recursion, Egarch)
    return fitted


@pytest.mark.parametrize("beta", [0.05, 0.5, 0.9, 0.99, 0.999])
def test_the_lift_is_the_sum_over_past_news(beta: float) -> None:
    recursion = Egarch(0.3, 0.2, -0.1, beta)
    news = recursion.alpha * (np.abs(Z) - MEAN_SIZE) + recursion.gamma * Z
    terms = beta ** np.arange(int(12.0 / -np.log(beta)) + 2)
    direct = sum(float(np.log(np.exp(u * news).mean())) for u in terms)
    assert log_lift(recursion, Z) == pytest.approx(direct, abs=1e-3 * (1.0 + abs(direct)))


def test_the_lift_of_news_that_would_overflow_is_finite() -> None:
    assert np.isfinite(log_lift(Egarch(0.0, 500.0, 0.0, 0.9), Z))


def test_the_filter_starts_with_the_backcast_of_arch_in_the_units_of_the_series(
    free: FittedVolatility,
) -> None:
    series, recursion = turbulent(), free.recursion
    assert isinstance(recursion, Egarch) and recursion.start is not None
    centred = series[:, 0] - series.mean()
    expected = EGARCH(p=1, o=1, q=1).backcast(centred)
    assert recursion.start == pytest.approx(expected)
    assert recursion.start > recursion.level + 1.0
    first = (1.0 - recursion.beta) * recursion.level + recursion.beta * expected
    assert np.log(recursion.filtered(centred)[0]) == pytest.approx(first, abs=recursion.alpha)


def test_a_start_without_trades_is_a_hundredth_of_the_variance() -> None:
    series = np.concatenate([np.zeros(100), 0.01 * (-1.0) ** np.arange(400)])
    assert egarch._backcast(series) == pytest.approx(np.log(0.01))


def test_a_long_run_beyond_the_bound_is_that_of_the_sample(
    monkeypatch: pytest.MonkeyPatch, free: FittedVolatility
) -> None:
    """With the bound at 4 % the free fit of this series is refused, and the second one passes."""
    series = turbulent()
    assert 1.04 < egarch._apart(free, series) < egarch.MOST_APART
    monkeypatch.setattr(egarch, "MOST_APART", 1.04)
    assert egarch._apart(EgarchFhs().fit(series), series) < 1.04


def test_a_long_run_that_cannot_be_bounded_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, free: FittedVolatility
) -> None:
    monkeypatch.setattr(EgarchFhs, "_in", lambda *rest: free)
    monkeypatch.setattr(egarch, "_apart", lambda *rest: 7.0)
    with pytest.raises(TrainingError, match=r"egarch-fhs: the long-run .* 7 times off"):
        EgarchFhs().fit(turbulent())


@pytest.mark.parametrize(("size", "is_usable"), [(0.09, False), (0.12, True), (9.0, True)])
def test_a_fit_that_has_collapsed_is_refused(
    monkeypatch: pytest.MonkeyPatch, size: float, is_usable: bool
) -> None:
    """Long-run paths of this many standard deviations of the history."""
    series = turbulent()
    series *= 0.01 / series.std()
    law = HistoricalInnovations(np.array([-1.0, 1.0]))
    made = FittedVolatility("egarch-fhs", 0.0, Gjr((0.01 * size) ** 2, 0.0, 0.0, 0.0), law)
    monkeypatch.setattr(EgarchFhs, "_fit", lambda *rest: made)
    assert 1.0 / COLLAPSED == 0.1
    if is_usable:
        assert BASELINES.build("egarch-fhs").fit(series) is made
        return
    with pytest.raises(TrainingError, match=r"unusable, .* is 0\.09 times the history's"):
        BASELINES.build("egarch-fhs").fit(series)


def test_a_moving_average_without_a_long_run_is_not_asked_for_one() -> None:
    """A jump after days without a move: its residual would make the free run explode."""
    series = 1e-5 * Seed(17).stream("validation", 3).standard_normal((400, 1))
    series[[200, 300], 0] = -0.3, 0.2
    assert not BASELINES.build("ewma-fhs").fit(series).has_long_run
