"""Forecasts of the held-out part:
a model that is right is not behind, one whose volatility is three times too large is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from heard_steps import Heard
from made_bundle import made_bundle

from simgan.baselines.garch import Garch, GjrFhs, GjrT
from simgan.bundle.store import Bundle
from simgan.errors import TrainingError
from simgan.report.aspects import Aspect
from simgan.report.renderers import render_text
from simgan.report.verdict import Comparison
from simgan.workflows import checks, judging
from simgan.workflows.checks import forecast_aspects
from simgan.workflows.judging import judge

REFUSAL = "gjr-t: unusable, because its long-run standard deviation is 0.02 times the history's"


def refuse(self: Garch, log_returns: np.ndarray) -> None:
    raise TrainingError(REFUSAL)


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


def test_a_reference_that_cannot_be_fitted_is_neither_beaten_nor_ahead(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GjrFhs, "_fit", refuse)
    assert aspects(bundle) == []


def test_a_price_that_never_falls_is_judged_by_its_crps(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FZ0 needs a loss."""
    of_day = checks.DrawnLaw.tail_measures
    monkeypatch.setattr(
        checks.DrawnLaw, "tail_measures", lambda law, levels: -np.abs(of_day(law, levels))
    )
    assert [aspect.name for aspect in aspects(bundle)] == ["one-day forecasts", "ten-day forecasts"]


def test_a_horizon_with_too_few_held_out_days_is_left_out(bundle: Bundle) -> None:
    assert bundle.history is not None
    short = bundle.history.rows(slice(0, 300))
    found = forecast_aspects(bundle, short, 262)
    assert [aspect.name for aspect in found] == ["one-day forecasts"]


def test_a_new_listing_has_too_few_days_for_the_reference(bundle: Bundle) -> None:
    assert bundle.history is not None
    assert forecast_aspects(bundle, bundle.history.rows(slice(0, 250)), 212) == []


def test_a_baseline_that_cannot_be_fitted_is_told_and_not_compared(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bundle.history is not None
    monkeypatch.setattr(GjrT, "_fit", refuse)
    monkeypatch.setattr(
        judging,
        "compare",
        lambda real, fakes, in_sample, **_: Comparison((), tuple(fakes), in_sample),
    )
    monkeypatch.setattr(judging, "BASELINES_BESIDE", ("stationary-bootstrap", "gjr-t"))
    found = judge(bundle, bundle.history, 4)
    assert found.comparison.models == ("simgan", "stationary-bootstrap") == tuple(found.fakes)
    assert found.comparison.unusable == {"gjr-t": REFUSAL}
    assert (found.verdict.against, found.verdict.unusable) == ("", ("gjr-t",))
    assert found.verdict.sentence.endswith("; gjr-t is unusable here and not compared.")
    text = render_text(found.comparison, found.verdict)
    assert f"not compared: {REFUSAL}" in " ".join(text.split())


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


def test_each_day_forecast_is_told(bundle: Bundle) -> None:
    """The comparison at the end of a fit was silent for a minute."""
    assert bundle.history is not None
    heard = Heard()
    forecast_aspects(bundle, bundle.history, 650, heard)
    days = len(bundle.history) - 650 - 9
    for task in ("forecasts", "forecasts of gjr-fhs"):
        assert [step.done for step in heard.steps if step.task == task] == list(range(1, days + 1))
        assert {step.total for step in heard.steps} == {days}
