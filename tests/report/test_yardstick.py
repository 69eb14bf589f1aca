"""The yardstick stands wherever rows within are counted, and speaks of the right number of rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from quick_comparison import with_few_resamples

from simgan.report.markdown import render_markdown
from simgan.report.renderers import render_text
from simgan.report.sections import compare
from simgan.report.verdict import Comparison, Row, Section, verdict
from simgan.report.yardstick import HISTORIES, MEASURED, Yardstick, noisy, shortened

YARDSTICK = Yardstick(judged=30, days=2500, histories=200, share=0.96, worst_tenth=0.89)


def test_the_numbers_are_shares_of_the_judged_rows() -> None:
    """By hand: .96 · 30 = 28.8 and .89 · 30 = 26.7."""
    assert (YARDSTICK.within, YARDSTICK.fewest) == (29, 26)
    assert YARDSTICK.sentence({"simgan": 29}, 2500) == (
        "Of the 30 statistics, a right model has 29 within in the mean, and 26 or fewer in one "
        "history of ten. simgan has 29, as many as a right model in the mean: chance can put 1 row "
        "outside. Limits of 95 % held 96 % in 200 made histories of 2,500 days."
    )


@pytest.mark.parametrize(
    ("within", "words"),
    [
        (29, "a has 29, as many as a right model in the mean: chance can put 1 row outside."),
        (30, "a has all 30, as a right model may."),
        (27, "a has 27, fewer than a right model in the mean, but more than in its worst tenth: "
         "chance may put 3 rows outside."),
        (26, "a has 26, no more than a right model in its worst tenth: chance hardly puts 4 rows "
         "outside."),
        (2, "a has 2, fewer than the 26 that a right model has in its worst tenth: chance hardly "
         "puts 28 rows outside."),
    ],
)  # fmt: skip
def test_chance_is_named_only_where_the_count_supports_it(within: int, words: str) -> None:
    assert words in YARDSTICK.sentence({"a": within}, 2500)


def test_more_rows_than_a_right_model_has_are_not_called_as_many() -> None:
    """By hand: .9 · 30 = 27."""
    told = replace(YARDSTICK, share=0.9).sentence({"a": 28}, 2500)
    assert "a has 28, more than a right model in the mean: chance can put 2 rows outside." in told


@pytest.mark.parametrize(
    ("days", "is_far"), [(1667, False), (1600, True), (3750, False), (5030, True)]
)
def test_a_length_that_was_not_measured_is_told(days: int, is_far: bool) -> None:
    """By hand: 2,500 / 1.5 = 1,666.7 and 2,500 · 1.5 = 3,750."""
    told = f"At the {days:,} days of this history that share was not measured."
    assert (told in YARDSTICK.sentence({"a": 30}, days)) == is_far


@pytest.mark.parametrize(
    ("days", "horizon", "words"),
    [
        (400, 400, ""),
        (5030, 60, "The shortest paths have 60 days, and the history has 5,030. Both are cut into "
         "stretches of 60 days, so the history's own values differ from those beside longer "
         "paths. Shares of a right model were measured with paths as long as the history."),
    ],
)  # fmt: skip
def test_paths_shorter_than_the_history_are_told(days: int, horizon: int, words: str) -> None:
    assert shortened(days, horizon) == words


@pytest.mark.parametrize(
    ("spans", "is_told"), [(0.0, False), (1.0, True), (15.9, True), (16, False)]
)
def test_few_paths_that_widen_the_limits_of_all_are_told(spans: float, is_told: bool) -> None:
    found = Comparison((), ("a",), True, days=100, horizon=100, spans=spans).cut
    assert found == (noisy(spans) if is_told else "") and (f"{spans:.1f} times" in found) == is_told


@pytest.mark.parametrize("days", [100, 1500, 2600, 9000])
def test_the_nearest_measured_length_is_taken_by_ratio(days: int) -> None:
    found = Yardstick.of(days, 20)
    assert (found.share, found.worst_tenth) == MEASURED[found.days]
    assert found.histories == HISTORIES[found.days]
    ratios = {other: max(other / days, days / other) for other in MEASURED}
    assert ratios[found.days] == min(ratios.values())


def test_it_counts_the_judged_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    with_few_resamples(monkeypatch)
    real = 0.01 * np.random.default_rng(1).standard_t(5, 400)
    compared = compare(real, {"fake": np.tile(real, (3, 1))})
    assert compared.yardstick is not None
    assert compared.yardstick.judged == verdict(compared).judged


def test_text_markdown_and_json_have_it() -> None:
    from made_report import facts

    rows = (Row(name="a", models={"fake": 0.0}, floor=1.0),)
    sections = (Section("moments", "Moments", rows),)
    comparison = Comparison(sections, ("fake",), True, yardstick=YARDSTICK, days=5030, horizon=60)
    told = verdict(comparison)
    sentence = YARDSTICK.sentence({"fake": 1}, 5030)
    for one in (sentence, shortened(5030, 60)):
        assert one in " ".join(render_text(comparison, told, 400).split())
        assert one in render_markdown(facts(), comparison, told)
    numbers = comparison.to_json()
    assert numbers["yardstick"]["within"] == 29 and numbers["yardstick"]["sentence"] == sentence
    assert (numbers["days"], numbers["horizon"]) == (5030, 60)
    assert numbers["cut"] == shortened(5030, 60)
    without = Comparison(comparison.sections, ("fake",), True)
    assert without.by_chance == "" and without.to_json()["yardstick"] is None
    assert "right model" not in render_text(without, told, 400)


def test_a_history_says_how_far_it_leaves_expected_shortfall_open() -> None:
    """By hand: the intervals of the rows, in the mean of no model."""
    rows = tuple(
        Row(name="ES 99 %", horizon=days, models={"a": 0.0}, unit="%", real=4.8, low=low, high=high)
        for days, low, high in ((1, 2.5201, 9.78), (10, 7.4, 31.24))
    )
    one = Comparison((Section("tails", "Tails", rows),), ("a",), True)
    assert "open from 2.52 to 9.78 % over 1 day and from 7.4 to 31.2 % over 10 days" in one.open_es
    assert one.open_es in " ".join(render_text(one, verdict(one), 400).split())
    assert Comparison((), ("a",), True).open_es == ""
