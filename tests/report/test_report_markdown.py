"""The Markdown of a report: the numbers of the page, and names as text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_report import COMPARISON, facts

from simgan.report.markdown import render_markdown
from simgan.report.verdict import Comparison, Row, Section, verdict


def lines() -> list[str]:
    return render_markdown(facts(), COMPARISON, verdict(COMPARISON)).splitlines()


def test_a_row_has_its_interval_marks_and_floor() -> None:
    assert "| mean (%) | 0.0100 [−0.0200, 0.0400] | 0.0200 ✓ | 0.0900 ✗ |  |" in lines()
    assert "| EMD/σ, 20 days¹ |  | 0.300 ✗ | 0.100 ✓ | 0.200 |" in lines()
    assert "| excess kurtosis² | 8.00 | 9.00 – | 7.00 – |  |" in lines()


def test_small_numbers_lead_to_the_limits_below_the_table() -> None:
    assert [line for line in lines() if line[:3] in ("1. ", "2. ")] == [
        "1. blind to the far tail",
        "2. no usable error",
    ]


def test_won_tied_and_lost_rows_are_counted_and_named() -> None:
    """By hand: the mean .09 of gjr-t is outside [−.02, .04], .3 of simgan above the floor .2."""
    page = lines()
    assert "| statistics of simgan | within | won | tied | lost against gjr-t |" in page
    assert "| mixed | 1 of 2 | 1 | 0 | 1 |" in page
    assert "**Lost:** EMD/σ, 20 days." in page and "**Won:** mean." in page
    assert page.index("## Won, tied and lost") < page.index("**Lost:** EMD/σ, 20 days.")


def test_the_marks_are_explained_before_the_tables_that_use_them() -> None:
    page = "\n".join(lines())
    places = [page.index(words) for words in ("✓ within", "✗ outside", "– not judged", "0.0200 ✓")]
    assert places == sorted(places)


def test_a_model_that_leans_on_a_prior_says_so_before_its_origin() -> None:
    leaning = replace(facts(), leaning="Mostly prior: 81 % of <all> days.")
    page = render_markdown(leaning, COMPARISON, verdict(COMPARISON))
    assert page.index(r"Mostly prior: 81 % of \<all\> days.") < page.index("- Learned from")


def test_every_table_has_as_many_cells_in_each_line() -> None:
    cells = [line.count("|") for line in lines() if line.startswith("|")]
    assert len(cells) >= 7 and set(cells) == {3, 6}


def test_rows_that_cannot_be_computed_are_marked() -> None:
    assert "- not computed: 100 days: too short a history" in lines()


def test_names_are_text_and_never_markup() -> None:
    hostile = "<b>[x](y)|`z&lt;~~s~~$m$"
    row = Row(name="mean", models={hostile: 1.0}, floor=2.0)
    comparison = Comparison((Section("a", "A", (row,)),), (hostile,), True)
    text = render_markdown(replace(facts(), model=hostile), comparison, verdict(comparison))
    assert hostile not in text
    assert "\\<b\\>\\[x\\](y)\\|\\`z\\&lt;\\~\\~s\\~\\~\\$m\\$" in text


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("http://x.y/z.csv", "http\\://x.y/z.csv"),
        ("WWW.x.y", "WWW\\.x.y"),
        ("1. x.csv", "1\\. x.csv"),
        ("- x.csv", "\\- x.csv"),
        ("1.5 x-y.csv", "1.5 x-y.csv"),
    ],
)
def test_no_name_of_a_file_is_a_link_or_begins_a_list(name: str, written: str) -> None:
    """CommonMark 0.31, sections 2.4 and 5.2, and autolinks of GitHub Flavored Markdown, 6.9."""
    given = replace(facts(), sources={name: "a file"})
    assert f"- {written}: a file" in render_markdown(given, COMPARISON, verdict(COMPARISON))
