"""Two-sample tests on twins: each catches its own, and is blind where it says so."""

from __future__ import annotations

from functools import cache
from itertools import permutations

import numpy as np
import pytest
from twins import DAYS, gjr_paths, made_history, twin

from simgan.report.samples import Samples
from simgan.report.sections import SECTIONS
from simgan.report.sections.two_sample import COMPARED, _Energy
from simgan.report.verdict import Comparison, Row, Section, verdict
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


def test_other_paths_of_one_law_win_and_lose_nothing() -> None:
    """Of 5 sets of paths, 20 pairs. They have too few clusters, so that marks differ by chance.

    Without the rule 55 to 65 of 200 outcomes are wins or losses.
    """
    every = gjr_paths(80, DAYS, np.random.default_rng(9), clusters=0.8)
    draws = {str(i): every[i::5] for i in range(5)}
    section = section_of(made_history(), **draws)
    decided, judged_rows = 0, sum(one.is_judged for one in section.rows)
    for first, second in permutations(draws, 2):
        told = verdict(Comparison((section,), (first, second), True))
        assert told.against == second
        decided += len(told.wins) + len(told.losses)
    assert decided <= 0.03 * 20 * judged_rows


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


@pytest.mark.parametrize("days", COMPARED)
def test_the_energy_distance_sees_normal_days_and_halved_clusters(days: int) -> None:
    found = caught(f"energy distance, {days} days")
    assert {"i.i.d. normal", "clusters halved"} <= found
    assert not found & {TRUE, "block bootstrap", *BLIND}
    assert row(f"energy distance, {days} days").excess("i.i.d. normal") > 0.5
    p_value = row(f"energy distance, p-value, {days} days")
    assert not p_value.is_judged
    assert p_value.models["i.i.d. normal"] < 0.01 < 0.05 < p_value.models[TRUE]


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
    assert (
        "energy distance, 20 days: 250 days are needed, and history or paths have 40"
        in found.skipped
    )
    assert len(found.skipped) == 4 + 1 + 2


def test_few_short_paths_of_a_right_model_are_as_near_as_a_history() -> None:
    """By a part of them, with less than a history, the right model was outside in 1 of 2 histories.

    Of 40 histories, 2 are expected outside, and 6 or more have a chance of 1.4 %.
    """
    outside = 0
    for seed in range(40):
        rng = np.random.default_rng([11, seed])
        real, paths = rng.standard_normal(1250), rng.standard_normal((10, 250))
        part = _Energy(Samples(real, {"right": paths}, Seed(0)), 20)
        part.samples.__dict__["histories"] = rng.standard_normal((24, 20, 1250))
        outside += part.rows()[0].mark("right") == "outside"
    assert outside < 6
