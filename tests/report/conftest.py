"""Fixtures that leave out the expensive part of a report where a test looks at the rest."""

from __future__ import annotations

import pytest
from quick_comparison import with_few_windows

from simgan.report.backtest import calibration, scores
from simgan.risk.backtests import TestResult, untestable
from simgan.risk.backtests.forecasts import TailForecasts


@pytest.fixture
def few_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare with few windows, where a test looks at other rows."""
    with_few_windows(monkeypatch)


@pytest.fixture
def hit_rates_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make Kupiec's test alone and no confidence set: the others simulate or resample."""
    plain = calibration._test

    def kupiec(kind: str, given: TailForecasts, has_law: bool, number: int) -> TestResult:
        if kind == "kupiec":
            return plain(kind, given, has_law, number)
        return untestable(kind, given.days, "not made here")

    def everyone(losses: scores.Losses, horizon: int) -> dict[str, float]:
        return dict.fromkeys(losses, 1.0)

    monkeypatch.setattr(calibration, "_test", kupiec)
    monkeypatch.setattr(scores, "confidence_set", everyone)
