"""Forecasts of the held-out part:
a model that is right is not behind, one whose volatility is three times too large is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_bundle import made_bundle

from simgan.bundle.store import Bundle
from simgan.report.verdict import Aspect
from simgan.workflows.checks import forecast_aspects


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return made_bundle()


def aspects(bundle: Bundle) -> list[Aspect]:
    assert bundle.history is not None
    return forecast_aspects(bundle, bundle.history, 650)


def test_both_horizons_are_judged_against_filtered_historical_simulation(bundle: Bundle) -> None:
    found = aspects(bundle)
    assert [aspect.name for aspect in found] == ["one-day forecasts", "ten-day forecasts"]
    assert {aspect.against for aspect in found} == {"gjr-fhs"}


def test_a_wild_model_is_behind(bundle: Bundle) -> None:
    wild = bundle.weights | {
        "log_scale": bundle.weights["log_scale"] + np.float32(np.log(3.0)),
        "mix": _constant(bundle.weights["mix"]),
    }
    assert {aspect.outcome for aspect in aspects(replace(bundle, weights=wild))} == {"behind"}


def _constant(mix: np.ndarray) -> np.ndarray:
    """All weight on the long-run variance: the volatility does not feed on itself."""
    return np.where(
        np.arange(mix.shape[1]) == 0, np.float32(10.0), np.float32(-10.0)
    ) * np.ones_like(mix)
