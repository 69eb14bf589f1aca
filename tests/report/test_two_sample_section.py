"""Two-sample tests and novelty on twins: each catches its own, and is blind where it says so."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from twins import DAYS, gjr_paths, made_history, twin

from simgan.report.sections import SECTIONS, Samples
from simgan.report.sections.two_sample import NEAREST
from simgan.report.uses import words_of
from simgan.report.verdict import Row, Section
from simgan.seeds import Seed

WRONG = ("i.i.d. normal", "shuffled", "clusters halved", "block bootstrap", "one path repeated")
BLIND = ("sign-flipped", "time-reversed", "tails clipped")
TRUE = "true law"


def section_of(real: np.ndarray, **fakes: np.ndarray) -> Section:
    return SECTIONS.build("two-sample").make(Samples(real, fakes, Seed(0)))


@cache
def judged() -> Section:
    """Compare a made history with twins of its law."""
    real, names = made_history(), (TRUE, *WRONG, *BLIND)
    return section_of(real, **{name: twin(name, real, np.random.default_rng(7)) for name in names})


def row(label: str) -> Row:
    return next(row for row in judged().rows if row.label == label)


def caught(label: str) -> set[str]:
    """Twins that a row finds outside."""
    one = row(label)
    return {name for name in one.models if one.mark(name) == "outside"}


def test_the_true_law_passes() -> None:
    """A row of a right model is outside by chance, and the rows of one length go together."""
    outside = [one.label for one in judged().rows if one.mark(TRUE) == "outside"]
    assert len(outside) <= 3, outside


@pytest.mark.parametrize("kind", ["features", "kernels"])
@pytest.mark.parametrize("days", [20, 60, 250])
def test_classifiers_see_the_law_of_days_and_clusters(kind: str, days: int) -> None:
    found = caught(f"C2ST, {kind}, {days} days")
    assert {"i.i.d. normal", "shuffled", "clusters halved", "one path repeated"} <= found
    assert TRUE not in found and "block bootstrap" not in found and "tails clipped" not in found


@pytest.mark.parametrize("days", [20, 60])
def test_classifiers_are_blind_to_signs_and_time_over_short_windows(days: int) -> None:
    assert not caught(f"C2ST, kernels, {days} days") & {"sign-flipped", "time-reversed"}


def test_classifiers_rank_copies_far_below_a_half() -> None:
    for days in (60, 250):
        assert row(f"C2ST, kernels, {days} days").models["block bootstrap"] < 0.3


def test_regimes_see_how_volatility_is_spread() -> None:
    missing = caught("regimes, diversity, 60 days")
    assert {"i.i.d. normal", "clusters halved"} <= missing
    assert not missing & {TRUE, *BLIND}
    assert "i.i.d. normal" in caught("regimes, quality, 60 days")
    score = row("regimes, inception score, 60 days")
    assert not score.is_judged and score.models["i.i.d. normal"] < score.low < score.models[TRUE]


@pytest.mark.parametrize("days", NEAREST)
def test_the_energy_distance_sees_normal_days_and_halved_clusters(days: int) -> None:
    found = caught(f"energy distance, p-value, {days} days")
    assert {"i.i.d. normal", "clusters halved"} <= found
    assert not found & {TRUE, "block bootstrap", *BLIND}
    distance = row(f"energy distance, {days} days")
    assert not distance.is_judged and distance.models["i.i.d. normal"] > 2 * distance.models[TRUE]


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


def test_rows_that_cannot_be_computed_are_named_with_their_reason() -> None:
    real = made_history()[:400]
    found = section_of(real, short=gjr_paths(30, 40, np.random.default_rng(1)))
    assert [one.label for one in found.rows] == [
        "C2ST, features, 20 days",
        "C2ST, kernels, 20 days",
    ]
    assert (
        "C2ST, kernels, 60 days: 60 days are needed, and history or paths have 40" in found.skipped
    )
    assert "coverage, 20 days: 1,000 days of history are needed, and there are 400" in found.skipped
    assert (
        "energy distance, p-value, 20 days: 250 days are needed, and history or paths have 40"
        in (found.skipped)
    )
    assert len(found.skipped) == 4 + 1 + 2 + 2 * 3


def test_a_history_whose_windows_are_the_same_has_no_distances_to_divide_by() -> None:
    """A stock that is suspended for most of its history."""
    real = made_history()[:1000].copy()
    real[200:800] = 0.0
    found = section_of(real, one=gjr_paths(4, 1000, np.random.default_rng(1)))
    reason = "half of the windows of the history repeat another one exactly"
    assert f"memorisation ratio, 20 days: {reason}" in found.skipped
    assert f"repetition ratio, 60 days: {reason}" in found.skipped
    covered = next(one for one in found.rows if one.label == "coverage, 20 days")
    assert covered.high is not None and covered.high <= 1.0


def test_one_path_of_a_model_has_no_repetition() -> None:
    real = made_history()[:1000]
    found = section_of(real, one=gjr_paths(1, 1000, np.random.default_rng(1)))
    assert "repetition ratio, 20 days: 2 paths of each model are needed" in found.skipped
    assert any(one.label == "memorisation ratio, 20 days" for one in found.rows)
