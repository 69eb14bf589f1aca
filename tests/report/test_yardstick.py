"""The yardstick stands wherever rows within are counted, and speaks of the right number of rows."""

from __future__ import annotations

import numpy as np
import pytest
from quick_comparison import with_few_resamples

from simgan.report.markdown import render_markdown
from simgan.report.renderers import render_text
from simgan.report.sections import compare
from simgan.report.verdict import Comparison, Row, Section, verdict
from simgan.report.yardstick import HISTORIES, MEASURED, MEASURED_SECTIONS, Yardstick

YARDSTICK = Yardstick(judged=30, days=2500, histories=200, share=0.96, worst_tenth=0.89)


def test_the_numbers_are_shares_of_the_judged_rows() -> None:
    """By hand: .96 · 30 = 28.8 and .89 · 30 = 26.7."""
    assert (YARDSTICK.within, YARDSTICK.fewest) == (29, 26)
    assert YARDSTICK.sentence == (
        "Of the 30 statistics from moments to dependence, a right model has 29 within in the mean, "
        "and 26 or fewer in one history of ten: 1 row outside is chance. Limits of 95 % held 96 % "
        "in 200 made histories of 2,500 days."
    )


@pytest.mark.parametrize("days", [100, 1500, 2600, 9000])
def test_the_nearest_measured_length_is_taken_by_ratio(days: int) -> None:
    found = Yardstick.of(days, 20)
    assert (found.share, found.worst_tenth) == MEASURED[found.days]
    assert found.histories == HISTORIES[found.days]
    ratios = {other: max(other / days, days / other) for other in MEASURED}
    assert ratios[found.days] == min(ratios.values())


def test_it_counts_the_rows_of_the_sections_that_were_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_few_resamples(monkeypatch)
    real = 0.01 * np.random.default_rng(1).standard_t(5, 400)
    compared = compare(real, {"fake": np.tile(real, (3, 1))})
    assert compared.yardstick is not None
    kinds = [section.kind for section in compared.sections]
    assert set(MEASURED_SECTIONS) < set(kinds)
    measured = [one for one in compared.sections if one.kind in MEASURED_SECTIONS]
    assert compared.yardstick.judged == sum(r.is_judged for one in measured for r in one.rows)


def test_text_markdown_and_json_have_it() -> None:
    from made_report import facts

    rows = (Row(name="a", models={"fake": 0.0}, floor=1.0),)
    comparison = Comparison((Section("made", "Made", rows),), ("fake",), True, yardstick=YARDSTICK)
    told = verdict(comparison)
    assert YARDSTICK.sentence in " ".join(render_text(comparison, told, 400).split())
    assert YARDSTICK.sentence in render_markdown(facts(), comparison, told)
    assert comparison.to_json()["yardstick"]["within"] == 29
    without = Comparison(comparison.sections, ("fake",), True)
    assert without.by_chance == "" and without.to_json()["yardstick"] is None
    assert "right model" not in render_text(without, told, 400)
