"""Uses of scenarios: which rows speak about them, in which words, and with which outcome."""

from __future__ import annotations

import json

import pytest

from simgan.report.aspects import Aspect
from simgan.report.renderers import render_text
from simgan.report.uses import PURPOSES, Use, judged_json, lines_of, tone, uses_of
from simgan.report.verdict import Comparison, Row, Section, Verdict, verdict
from simgan.report.words import words_of

MONTHS, ONE_DAY, GAINS = "risk over months", "VaR and ES of one day", PURPOSES[4].name


def level(name: str, value: float, horizon: int | None = None, real: float = 0.0) -> Row:
    """A row with the interval of ±1 around the real value."""
    low, high = real - 1.0, real + 1.0
    return Row(name=name, models={"simgan": value}, horizon=horizon, real=real, low=low, high=high)


def judged(*rows: Row, forecasts: tuple[Aspect, ...] = (), doubts: str = "") -> dict[str, Use]:
    section = Section("made", "Made", rows)
    comparison = Comparison((section,), ("simgan",), True, doubts={"simgan": doubts})
    told = verdict(comparison)
    held_out = Verdict(**{**vars(told), "forecasts": forecasts})
    return {use.name: use for use in uses_of(comparison, held_out)}


@pytest.mark.parametrize(
    ("value", "fitness"),
    [(0.9, "good for"), (1.4, "with care for"), (1.6, "not for")],
)
def test_the_worst_row_decides_how_far_a_use_goes(value: float, fitness: str) -> None:
    """By hand: 1.4 is .4 of a half interval outside ±1, and 1.6 is .6."""
    rows = [level("standard deviation", 0.0), level("ES 99 %", value, 1), level("1 % quantile", 0)]
    assert judged(*rows)[ONE_DAY].fitness == fitness


def test_half_of_the_rows_outside_rule_a_use_out() -> None:
    rows = [level("standard deviation", 0.0), level("ES 99 %", 1.1, 1)]
    assert judged(*rows)[ONE_DAY].fitness == "not for"


def test_weak_clusters_warn_of_long_horizons_and_leave_one_day_alone() -> None:
    rows = [
        level("standard deviation", 0.0),
        level("ES 99 %", 0.0, 1),
        level("ACF of |r| at lag 100", -1.5),
    ]
    found = judged(*rows)
    assert found[ONE_DAY].fitness == "good for"
    assert found[MONTHS].reasons == (
        "it clusters less than the history: losses over weeks may be too mild",
    )


@pytest.mark.parametrize(("horizon", "is_judged"), [(0, True), (60, False), (250, True)])
def test_short_paths_do_not_judge_risk_over_months(horizon: int, is_judged: bool) -> None:
    """Sixty days have 9 of its 16 rows, and were good for it."""
    rows = (level("standard deviation", 0.0), level("ACF of |r| at lag 1", 0.0))
    one = Comparison((Section("moments", "", rows),), ("simgan",), True, horizon=horizon)
    months = {use.name: use for use in uses_of(one, verdict(one))}[MONTHS]
    assert (months.fitness == "good for") == is_judged
    assert is_judged or months.reasons == (
        "history or paths of 60 days are too short: it needs 250",
    )


def test_a_use_without_a_row_is_marked_and_not_dropped() -> None:
    found = judged(level("mean", 0.0))
    assert {use.fitness for use in found.values()} == {"not judged for"}
    assert len(found) == len(PURPOSES)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (level("1 % quantile", -1.0, real=-4.0), "large falls are too small: VaR may be too low"),
        (level("1 % quantile", -9.0, real=-4.0), "large falls are too large"),
        (level("99 % quantile", 9.0, real=4.0), "large gains are too large"),
        (level("99 % quantile", 1.0, real=4.0), "large gains are too small"),
        (level("ES 99 %", -5.0, 1), "the worst losses are too mild: ES may be too low"),
        (
            level("Hill index of losses, 5 % tail", 5.0),
            "the tail of losses is too thin: extreme losses may be too rare",
        ),
        (
            Row(name="EMD/σ", models={"simgan": 2.0}, horizon=20, floor=1.0),
            "the distribution of returns over 20 days differs from the history's",
        ),
        (
            Row(name="a new one", models={"simgan": 2.0}, floor=1.0),
            "a new one differs from the history's",
        ),
    ],
)
def test_words_say_the_direction_and_why_it_matters(row: Row, words: str) -> None:
    assert words_of(row, "simgan") == words


@pytest.mark.parametrize(
    ("outcomes", "fitness"),
    [
        (("ahead of", "level with"), "good for"),
        (("behind", "level with"), "with care for"),
        (("behind", "behind"), "not for"),
    ],
)
def test_forecasts_are_a_use_of_their_own(outcomes: tuple[str, str], fitness: str) -> None:
    aspects = tuple(
        Aspect(name, outcome, "gjr-fhs")  # type: ignore[arg-type]
        for name, outcome in zip(("one-day forecasts", "ten-day forecasts"), outcomes, strict=True)
    )
    *_, last = judged(level("mean", 0.0), forecasts=aspects).values()
    assert (last.fitness, last.judged) == (fitness, 2)


def test_forecasts_that_leave_assets_out_are_with_care() -> None:
    """Three of five reasons are named, once for both horizons."""
    reasons = tuple(f"{name} has 25 days" for name in "ABCDE")
    aspects = tuple(
        Aspect(f"{days}-day forecasts", "ahead of", "x", left_out=reasons)
        for days in ("one", "ten")
    )
    *_, last = judged(level("mean", 0.0), forecasts=aspects).values()
    assert last.fitness == "with care for"
    told = "left out: A has 25 days; B has 25 days; C has 25 days; and 2 more assets"
    assert last.reasons == (told,)


def test_the_use_of_forecasts_names_the_horizons_that_were_judged() -> None:
    day, ten = (Aspect(f"{days}-day forecasts", "level with", "x") for days in ("one", "ten"))
    found = [list(judged(level("mean", 0.0), forecasts=each))[-1] for each in ((day, ten), (ten,))]
    tomorrow = "forecasts of tomorrow and of the next ten days"
    assert found == [tomorrow, "forecasts of the next ten days"]


@pytest.mark.parametrize(
    ("horizon", "outcome", "is_good"),
    [("one", "behind", False), ("one", "level with", True), ("ten", "behind", True)],
)
def test_var_of_a_day_is_not_good_where_forecasts_of_a_day_are_behind(
    horizon: str, outcome: str, is_good: bool
) -> None:
    aspect = Aspect(f"{horizon}-day forecasts", outcome, "gjr-fhs")  # type: ignore[arg-type]
    rows = [level("standard deviation", 0.0), level("ES 99 %", 0.0, 1), level("1 % quantile", 0.0)]
    found = judged(*rows, forecasts=(aspect,))[ONE_DAY]
    assert (found.fitness == "good for") == is_good
    assert found.reasons == (() if is_good else ("gjr-fhs is better in one-day forecasts",))
    out = judged(*rows[:2], level("1 % quantile", 2.0), forecasts=(aspect,))[ONE_DAY]
    assert out.fitness == "not for" and len(out.reasons) == 1


def test_no_use_of_a_doubted_model_is_good() -> None:
    rows = [level("standard deviation", 0.0), level("ACF of |r| at lag 1", 0.0)]
    forecasts = (Aspect("one-day forecasts", "ahead of", "gjr-fhs"),)
    assert "good for" in {use.fitness for use in judged(*rows, forecasts=forecasts).values()}
    found = judged(*rows, forecasts=forecasts, doubts="it is young").values()
    assert {use.fitness for use in found} == {"with care for", "not judged for"}
    [care, _] = lines_of(list(found))
    assert care.count("because it is young") == 1 and care.startswith(f"With care for: {ONE_DAY};")


def use(fitness: str) -> Use:
    return Use("x", fitness, 1, 2, ())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fitnesses", "outcome"),
    [
        (["good for", "good for", "not judged for"], "good"),
        (["good for", "with care for"], "care"),
        (["good for", "good for", "not for"], "care"),
        (["good for", "not for"], "poor"),
        (["not judged for"], "poor"),
    ],
)
def test_the_tone_is_that_of_all_judged_uses(fitnesses: list[str], outcome: str) -> None:
    assert tone([use(fitness) for fitness in fitnesses]) == outcome


def test_lines_hold_uses_of_one_fitness_together_with_their_reasons() -> None:
    uses = [use("not for"), Use("y", "good for", 2, 2, ()), Use("z", "not for", 0, 1, ("thin",))]
    assert lines_of(uses) == ["Good for: y.", "Not for: x; z, because thin."]


def test_table_and_json_tell_the_same_uses() -> None:
    rows = (level("standard deviation", 0.0), level("skewness", 1.5), level("99 % quantile", 0.0))
    comparison = Comparison((Section("moments", "Moments", rows),), ("simgan",), True)
    told = verdict(comparison)
    plain = json.loads(json.dumps(judged_json(comparison, told)))
    [gains] = [one for one in plain["uses"] if one["name"] == GAINS]
    assert (gains["fitness"], gains["within"], gains["judged"]) == ("not for", 1, 2)
    assert "falls weigh too little against gains" in " ".join(render_text(comparison, told).split())
    assert plain["groups"][0]["within"] == {"simgan": 2}
