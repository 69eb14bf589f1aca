"""Paths are judged beside every shipped baseline, and one model has one verdict."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from heard_steps import Heard, StopsAt
from made_bundle import PRIOR, made_bundle, made_history
from quick_comparison import with_few_resamples

from simgan.baselines import BASELINES, FittedBaseline
from simgan.baselines.garch_average import FittedAverage
from simgan.bundle.facts import PriorFacts
from simgan.errors import Interrupted, TrainingError
from simgan.progress import Stop
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.report import sections
from simgan.report.verdict import COPIES, Section
from simgan.workflows import judging
from simgan.workflows.judging import (
    BASELINES_BESIDE,
    PATHS,
    DrawnPaths,
    doubts_about,
    fitted_baselines,
    judge,
)
from simgan.workflows.report import ReportRequest

NOISE = 0.01 * np.random.default_rng(4).standard_t(5, (400, 1))
HISTORY = replace(made_history(400), log_returns=NOISE)


class _Copy:
    """A baseline that is fitted in no time."""

    def __init__(self, name: str) -> None:
        self.name = name

    def fit(self, log_returns: np.ndarray) -> FittedBaseline:
        if self.name == "gjr-skew-t":
            raise TrainingError("gjr-skew-t: no maximum")
        return BASELINES.build("stationary-bootstrap").fit(log_returns)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    class _Quick:
        build = staticmethod(_Copy)

    monkeypatch.setattr(judging, "BASELINES", _Quick)


@pytest.fixture
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    with_few_resamples(monkeypatch)


def test_the_rivals_of_the_backtest_stand_beside_the_model() -> None:
    assert {"gjr-fhs", "gjr-skew-t", "egarch-fhs", "garch-average"} < set(BASELINES_BESIDE)
    assert set(COPIES) < set(BASELINES_BESIDE)
    assert all(name in BASELINES for name in BASELINES_BESIDE)


def test_fit_and_report_take_the_same_number_of_paths() -> None:
    assert inspect.signature(judge).parameters["n_paths"].default == PATHS
    assert ReportRequest.__dataclass_fields__["n"].default == PATHS


@pytest.mark.usefixtures("quick")
def test_the_mean_of_two_is_made_of_the_fits_that_are_there() -> None:
    fitted, unusable = fitted_baselines(NOISE)
    mixed = fitted["garch-average"]
    assert isinstance(mixed, FittedAverage)
    assert (mixed.first, mixed.second) == (fitted["gjr-fhs"], fitted["egarch-fhs"])
    assert unusable == {"gjr-skew-t": "gjr-skew-t: no maximum"}


def test_a_history_too_short_for_a_baseline_names_it_and_keeps_the_others() -> None:
    """A GARCH needs 250 days, and a bootstrap a few."""
    fitted, unusable = fitted_baselines(NOISE[:120])
    assert set(fitted) == {"stationary-bootstrap"}
    assert set(unusable) == set(BASELINES_BESIDE[1:])
    assert all("250" in unusable[name] for name in BASELINES_BESIDE[1:-1])


def test_a_model_of_few_days_or_of_a_prior_needs_care() -> None:
    long, short = (made_bundle(days=days).manifest for days in (250, 249))
    assert doubts_about(long) == ""
    assert doubts_about(short) == "it has only 249 days of its own"
    leaning = replace(long, prior=PRIOR)
    assert doubts_about(leaning) == "it is mostly prior: 81 % of its days"
    assert doubts_about(replace(leaning, prior=PriorFacts(**{**PRIOR, "share": 0.5}))) == ""


@pytest.mark.usefixtures("quick")
def test_a_judgement_shows_its_steps_and_can_be_stopped_between_them() -> None:
    bundle = made_bundle(days=240)
    assert bundle.history is not None
    heard = Heard()
    judged = judge(bundle, bundle.history, 4, progress=heard)
    assert judged.comparison.doubts == {"simgan": doubts_about(bundle.manifest)} != {"simgan": ""}
    assert [step.done for step in heard.steps] == list(range(1, heard.steps[-1].total + 1))
    stop = Stop()
    with pytest.raises(Interrupted):
        judge(
            bundle,
            bundle.history,
            4,
            stop=stop,
            progress=StopsAt(stop, ("judging beside the baselines", 2)),
        )


@pytest.mark.usefixtures("quick")
def test_each_section_of_a_comparison_is_a_step_and_can_be_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = []

    class _Sections:
        """Sections that are made in no time."""

        def __iter__(self) -> Iterator[str]:
            return iter(("moments", "tails", "paths"))

        def __len__(self) -> int:
            return 3

        def build(self, name: str) -> _Sections:
            made.append(name)
            return self

        def make(self, samples: object) -> Section:
            return Section(made[-1], made[-1], ())

    for module in (sections, judging):
        monkeypatch.setattr(module, "SECTIONS", _Sections())
    before = len(BASELINES_BESIDE) + 1
    stop, task = Stop(), "judging beside the baselines"
    learned, heard = {"theirs": None}, Heard()
    paths = {"theirs": DrawnPaths(NOISE[:, 0].reshape(2, 200))}
    judging.judged_beside(HISTORY, paths, stop, heard, learned=learned)
    assert [step.done for step in heard.steps] == [*range(1, before + 4)]
    assert {step.total for step in heard.steps} == {before + 3}
    made.clear()
    with pytest.raises(Interrupted):
        judging.judged_beside(
            HISTORY, paths, stop, StopsAt(stop, (task, before + 1)), learned=learned
        )
    assert made == ["moments", "tails"]


@pytest.mark.usefixtures("quick", "few_resamples")
def test_ranges_are_judged_where_model_and_history_have_them() -> None:
    """They are a step more, and leave the verdict as it is."""
    bundle = made_bundle(days=400, blueprint=StateSpace(ranges=1))
    closes = bundle.history
    assert closes is not None
    gap = 0.2 * closes.log_returns[..., None]
    shapes = np.concatenate([gap, np.abs(gap), 2 * np.abs(gap)], axis=-1)
    heard, before = Heard(), Heard()
    found = judge(bundle, replace(closes, shapes=shapes), 4, progress=heard)
    plain = judge(bundle, closes, 4, progress=before)
    assert found.shapes is not None and set(found.shapes.fakes) == {"simgan"}
    assert [each.kind for each in found.comparison.sections][-1] == "ranges"
    assert plain.shapes is None and plain.comparison.sections == found.comparison.sections[:-1]
    assert plain.verdict == found.verdict
    assert [step.done for step in heard.steps] == [*range(1, heard.steps[-1].total + 1)]
    assert heard.steps[-1].total == before.steps[-1].total + 1
