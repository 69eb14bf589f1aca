"""The verdict by aspect, from rows and tests that are made up."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from simgan.report.aspects import (
    Aspect,
    basis_of_forecasts,
    forecasts_in,
    groups_of,
    of_paths,
    of_tests,
    scores_of_forecasts,
    sentence,
)
from simgan.report.verdict import Comparison, Row, Section, verdict
from simgan.risk.comparison import LossComparison, diebold_mariano

GOOD, BAD = 1.0, 9.0  # inside and outside of 0 … 2


def row(name: str, own: float, other: float) -> Row:
    return Row(name=name, models={"simgan": own, "gjr-t": other}, real=1.0, low=0.0, high=2.0)


def test_each_aspect_counts_its_own_rows() -> None:
    sections = (
        Section("moments", "", (row("mean", GOOD, BAD), row("deviation", GOOD, GOOD))),
        Section("tails", "", (row("Hill", BAD, GOOD),)),
        Section("dependence", "", (row("ACF", GOOD, BAD), row("leverage", BAD, GOOD))),
    )
    comparison = Comparison(sections, ("simgan", "gjr-t"), True)
    found = {aspect.name: aspect.outcome for aspect in of_paths(comparison, verdict(comparison))}
    assert found == {"marginal law": "ahead of", "tails": "behind", "dependence": "level with"}


def test_forecasts_are_ahead_when_one_score_is_and_none_is_behind() -> None:
    noise = np.random.default_rng(0).standard_normal((2, 500))
    better, worse = (
        diebold_mariano(noise[0], noise[0] + 0.3 + 0.1 * noise[1]),
        diebold_mariano(noise[0] + 0.3 + 0.1 * noise[1], noise[0]),
    )
    level = diebold_mariano(noise[0], noise[1])
    assert level.p_value > 0.05
    assert of_tests("one-day forecasts", [better, level], "gjr-fhs").outcome == "ahead of"
    assert of_tests("one-day forecasts", [worse, level], "gjr-fhs").outcome == "behind"
    assert of_tests("one-day forecasts", [better, worse], "gjr-fhs").outcome == "level with"
    assert of_tests("one-day forecasts", [level], "gjr-fhs").outcome == "level with"
    told = of_tests("one-day forecasts", [better, worse], "gjr-fhs", ["CRPS", "FZ0 99 %"])
    assert re.fullmatch(r"CRPS lower \(p [\d.e-]+\), FZ0 99 % higher \(p [\d.e-]+\)", told.basis)
    assert scores_of_forecasts([told]) == (
        f"Losses of the one-day forecasts: {told.basis}, beside gjr-fhs."
    )
    assert scores_of_forecasts([replace(told, basis="")]) == ""


def test_a_model_behind_says_so() -> None:
    aspects = [
        Aspect("tails", "level with", "gjr-t"),
        Aspect("one-day forecasts", "behind", "gjr-fhs"),
        Aspect("ten-day forecasts", "behind", "gjr-fhs"),
    ]
    assert (
        sentence(aspects)
        == "level with gjr-t in tails; behind gjr-fhs in one-day forecasts and ten-day forecasts"
    )


def test_forecasts_that_are_not_judged_are_told() -> None:
    of_paths_alone = [Aspect("tails", "level with", "gjr-t")]
    assert "not judged" in basis_of_forecasts(of_paths_alone)
    judged = [*of_paths_alone, Aspect("one-day forecasts", "behind", "gjr-fhs")]
    assert "held-out last part" in basis_of_forecasts(judged)
    assert sentence([]) == "compared with no baseline"


def test_rows_are_counted_by_group_and_an_unknown_section_is_a_group_of_its_own() -> None:
    """By hand: one won row among two of moments, and one lost row of a section without a group."""
    sections = (
        Section("moments", "", (row("mean", GOOD, BAD), row("deviation", GOOD, GOOD))),
        Section("liquidity", "", (row("ratio", BAD, GOOD),)),
    )
    comparison = Comparison(sections, ("simgan", "gjr-t"), True)
    marginal, other = groups_of(comparison, verdict(comparison))
    assert (marginal.name, marginal.judged) == ("marginal law", 2)
    assert marginal.within == {"simgan": 2, "gjr-t": 1}
    assert (marginal.wins, marginal.ties, marginal.losses) == (1, 1, 0)
    assert (other.name, other.wins, other.ties, other.losses) == ("liquidity", 0, 0, 1)


def test_forecasts_of_a_manifest_are_read_and_foreign_entries_left_out() -> None:
    kept = Aspect("one-day forecasts", "behind", "gjr-fhs", left_out=("A has 25 days",))
    entries: list[object] = [
        Aspect("tails", "behind", "gjr-t").to_json(),
        kept.to_json(),
        {"name": "ten-day forecasts", "outcome": "brilliant", "against": "gjr-fhs"},
        {"name": 5, "outcome": "behind", "against": "gjr-fhs"},
        "ten-day forecasts",
    ]
    assert forecasts_in({"aspects": entries}) == (kept,)
    assert forecasts_in({}) == forecasts_in({"aspects": "behind"}) == ()


@pytest.mark.parametrize(
    ("horizon", "ahead", "behind"), [(1, 0.025, 0.05), (10, 0.04, 0.08)], ids=["day", "ten days"]
)
def test_equal_forecasts_are_seldom_ahead_or_behind(
    horizon: int, ahead: float, behind: float
) -> None:
    """Two scores of 1,000 pairs of equal models, of 200 days, which share a half of their noise.

    Bounds are nominal over one day, and stated for ten. Each is met within three standard errors:
    chance of a false alarm .3 %. Uncorrected claims, the twin that must fail, exceed that of ahead.
    """
    rng, pairs = np.random.default_rng(5), 1000
    common, own = (rng.standard_normal((pairs, n, 199 + horizon)) for n in (1, 2))
    found, uncorrected = Counter[str](), 0
    for steps in common + own:
        sums = np.lib.stride_tricks.sliding_window_view(steps, horizon, axis=1).sum(axis=2)
        tests = [diebold_mariano(each, np.zeros(200), horizon) for each in sums]
        found[of_tests("forecasts", tests, "gjr-dcc-fhs").outcome] += 1
        alone = {of_tests("forecasts", [test], "x").outcome for test in tests}
        uncorrected += "ahead of" in alone and "behind" not in alone
    limit, worst = (share + 3 * np.sqrt(share / pairs) for share in (ahead, behind))
    assert found["ahead of"] / pairs < limit < uncorrected / pairs
    assert found["ahead of"] < found["behind"] < worst * pairs


def test_only_a_claim_to_be_ahead_is_corrected() -> None:
    """By hand: Holm doubles .03 of two tests. So .03 is a doubt, and no claim."""
    better, worse, level = (
        LossComparison(difference, 1.0, 2.2, p_value, 500, 5)
        for difference, p_value in ((-1.0, 0.03), (1.0, 0.03), (-0.1, 0.9))
    )
    outcomes = [
        of_tests("forecasts", tests, "gjr-dcc-fhs", ["energy", "variogram"])
        for tests in ([better, level], [worse, level], [better, worse], [better, better])
    ]
    assert [one.outcome for one in outcomes] == ["level with", "behind", "behind", "level with"]
    assert outcomes[2].basis == "energy lower (p 0.06), variogram higher (p 0.03)"


def test_a_basis_has_p_values_after_the_correction() -> None:
    """By hand: of two, the smaller p-value is doubled."""
    losses = np.random.default_rng(7).standard_normal((3, 100)) + np.array([[0.0], [0.5], [0.1]])
    tests = [diebold_mariano(losses[0], other) for other in losses[1:]]
    assert tests[0].p_value < 0.5 * tests[1].p_value
    told = of_tests("one-day forecasts", tests, "gjr-fhs", ["energy", "variogram"]).basis
    assert f"energy lower (p {2 * tests[0].p_value:.2g})" in told
    assert f"(p {tests[1].p_value:.2g})" in told
