"""Novelty on twins: copies of the history and of other paths, and windows that are missing."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from twins import DAYS, gjr_paths, made_history, twin

from simgan.report.samples import Samples
from simgan.report.sections import SECTIONS
from simgan.report.sections.novelty import NEAREST
from simgan.report.verdict import Row, Section
from simgan.report.words import words_of
from simgan.seeds import Seed

TRUE = "true law"
TWINS = (TRUE, "block bootstrap", "one path repeated")


def section_of(real: np.ndarray, **fakes: np.ndarray) -> Section:
    return SECTIONS.build("novelty").make(Samples(real, fakes, Seed(0)))


@cache
def judged() -> Section:
    """Compare a made history with twins of its law."""
    real = made_history()
    return section_of(real, **{name: twin(name, real, np.random.default_rng(7)) for name in TWINS})


def row(label: str) -> Row:
    return next(row for row in judged().rows if row.label == label)


def test_the_true_law_passes() -> None:
    assert [one.label for one in judged().rows if one.mark(TRUE) == "outside"] == []


def test_more_days_of_history_are_needed_than_for_a_classifier() -> None:
    found = section_of(made_history()[:400], short=gjr_paths(30, 40, np.random.default_rng(1)))
    assert not found.rows and len(found.skipped) == 2 * 3
    assert "coverage, 20 days: 2,000 days of history are needed, and there are 400" in found.skipped


@pytest.mark.parametrize("days", NEAREST)
def test_copies_of_the_history_are_caught_and_told_in_words(days: int) -> None:
    one = row(f"memorisation ratio, {days} days")
    assert one.models["block bootstrap"] < 0.5 and one.mark("block bootstrap") == "outside"
    assert one.models[TRUE] == pytest.approx(1.0, abs=0.02)
    assert one.models["one path repeated"] == pytest.approx(1.0, abs=0.03)
    assert words_of(one, "block bootstrap") == (
        "its windows are copies of the history: it holds no new events"
    )


@pytest.mark.parametrize("days", NEAREST)
def test_a_generator_that_repeats_itself_is_caught_and_told_in_words(days: int) -> None:
    one = row(f"repetition ratio, {days} days")
    assert one.models["one path repeated"] == 0.0
    assert one.models[TRUE] == pytest.approx(1.0, abs=0.02)
    assert "copies of each other" in words_of(one, "one path repeated")
    covered = row(f"coverage, {days} days")
    assert covered.mark(TRUE) == "within" and covered.models[TRUE] > 0.93


def test_a_window_that_few_generated_ones_resemble_is_not_covered() -> None:
    """Paths without the wild half of a history: every second year has a trend that they lack."""
    real = made_history().copy()
    trend = np.where(np.arange(DAYS) // 250 % 2, 0.0, np.tile(np.r_[-1.0, 1.0], DAYS // 2))
    found = section_of(
        real + 0.05 * trend,
        calm=gjr_paths(16, DAYS, np.random.default_rng(3)),
    )
    covered = next(one for one in found.rows if one.label == "coverage, 20 days")
    assert covered.models["calm"] < 0.6 and covered.mark("calm") == "outside"
    assert words_of(covered, "calm") == "some kinds of real windows do not occur"


def test_a_history_whose_windows_are_the_same_has_no_distances_to_divide_by() -> None:
    """A stock that is suspended for most of its history."""
    real = made_history()[:2000].copy()
    real[400:1600] = 0.0
    found = section_of(real, one=gjr_paths(4, 2000, np.random.default_rng(1)))
    reason = "half of the windows of the history repeat another one exactly"
    assert f"memorisation ratio, 20 days: {reason}" in found.skipped
    assert f"repetition ratio, 60 days: {reason}" in found.skipped
    covered = next(one for one in found.rows if one.label == "coverage, 20 days")
    assert covered.high == 1.0


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_copy_is_found_in_either_of_two_paths(order: tuple[int, int]) -> None:
    """Half of the windows are copies, so the median is half of that of new ones, or nearly 0."""
    real = made_history()[:1500]
    paths = np.stack([real, gjr_paths(1, 1500, np.random.default_rng(1))[0]])[list(order)]
    one = next(r for r in section_of(real, both=paths).rows if r.name == "memorisation ratio")
    assert one.models["both"] < 0.97 and one.mark("both") == "outside"


def test_paths_that_hold_fewer_windows_than_the_history_are_not_compared() -> None:
    """Of 80 paths of 60 days, 60 are beside those compared: 60 windows of 60 days, 2,460 of 20."""
    found = section_of(made_history()[:1200], short=gjr_paths(80, 60, np.random.default_rng(1)))
    reason = "paths hold 60 windows beside those compared, the history 1,141"
    assert f"repetition ratio, 60 days: {reason}" in found.skipped
    assert any(one.label == "repetition ratio, 20 days" for one in found.rows)


def test_one_path_of_a_model_has_no_repetition() -> None:
    real = made_history()[:1000]
    found = section_of(real, one=gjr_paths(1, 1000, np.random.default_rng(1)))
    assert "repetition ratio, 20 days: 2 paths of each model are needed" in found.skipped
    assert any(one.label == "memorisation ratio, 20 days" for one in found.rows)
