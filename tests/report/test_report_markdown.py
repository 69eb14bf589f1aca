"""The Markdown of a report: the numbers of the page, and names as text."""

from __future__ import annotations

from dataclasses import replace

from made_report import COMPARISON, facts

from simgan.report.markdown import render_markdown
from simgan.report.verdict import Comparison, Row, Section, verdict


def lines() -> list[str]:
    return render_markdown(facts(), COMPARISON, verdict(COMPARISON)).splitlines()


def test_a_row_has_its_interval_marks_and_floor() -> None:
    assert "| mean (%) | 0.0100 [−0.0200, 0.0400] | 0.0200 ✓ | 0.0900 ✗ |  |" in lines()
    assert "| EMD/σ, 20 days |  | 0.300 ✗ | 0.100 ✓ | 0.200 |" in lines()
    assert "| excess kurtosis | 8.00 | 9.00 | 7.00 |  |" in lines()


def test_every_table_has_as_many_cells_in_each_line() -> None:
    cells = [line.count("|") for line in lines() if line.startswith("|")]
    assert len(cells) >= 7 and set(cells) == {3, 6}


def test_rows_that_cannot_be_computed_are_marked() -> None:
    assert "- not computed: 100 days: too short a history" in lines()


def test_names_are_text_and_never_markup() -> None:
    hostile = "<b>[x](y)|`z"
    row = Row(name="mean", models={hostile: 1.0}, floor=2.0)
    comparison = Comparison((Section("a", "A", (row,)),), (hostile,), True)
    text = render_markdown(replace(facts(), model=hostile), comparison, verdict(comparison))
    assert hostile not in text
    assert "\\<b\\>\\[x\\](y)\\|\\`z" in text
