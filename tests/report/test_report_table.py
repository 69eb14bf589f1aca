"""The table in a terminal: readable numbers, no wider than asked, no mark by colour alone."""

from __future__ import annotations

import pytest

from simgan.report.renderers import LEGEND, number, real_with_interval, render_text
from simgan.report.verdict import Comparison, Row, Section, verdict

MODELS = ("simgan", "stationary-bootstrap", "gjr-t")
ROWS = (
    Row(
        name="leverage, sum over lags 1–20",
        models=dict.fromkeys(MODELS, -1.1),
        real=-1.25,
        low=-1.5612,
        high=-0.845,
    ),
    Row(name="ACF of |r|, RMS over lags 1–250", models=dict.fromkeys(MODELS, 0.08), floor=0.0549),
    Row(
        name="excess kurtosis",
        models=dict.fromkeys(MODELS, 18.1),
        real=8.17,
        low=2.25,
        high=12.9,
        is_judged=False,
    ),
)
BOTH = Comparison(
    (Section("made", "Made of both", ROWS, ("lags beyond 250: too short",)),), MODELS, True
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, ""), (0.0, "0"), (1.2, "1.20"), (-4.0, "−4.00"), (0.00056789, "0.000568"), (3e-5, "<0.0001"), (-3e-5, ">−0.0001"),  # noqa: E501
     (100.0, "100"), (1234.5, "1234"), (5e7, "50000000")],
)  # fmt: skip
def test_numbers_have_three_digits_and_no_exponent(value: float | None, shown: str) -> None:
    assert number(value) == shown


def test_the_interval_stands_with_the_real_value() -> None:
    assert real_with_interval(ROWS[0]) == "−1.25 [−1.56, −0.845]"


@pytest.mark.parametrize("width", [80, 100, 200])
def test_no_line_is_wider_than_asked_and_no_number_is_cut(width: int) -> None:
    page = render_text(BOTH, verdict(BOTH), width)
    assert max(map(len, page.splitlines())) <= width
    for shown in ("−1.25 [−1.56, −0.845]", "−1.10 ✓", "0.0800 ✗", "0.0549", "8.17 [2.25, 12.9]"):
        assert shown in page
    assert "…" not in page
    assert "\x1b" not in page  # no control sequences: the text may go into a file


def test_columns_that_no_row_fills_are_left_out() -> None:
    only_levels = Comparison((Section("levels", "Levels", ROWS[:1]),), MODELS, True)
    only_distances = Comparison((Section("distances", "Distances", ROWS[1:2]),), MODELS, True)
    tables = render_text(only_levels, verdict(only_levels)).split("simgan is within")[0]
    assert "floor" not in tables.partition(LEGEND)[2]
    assert "real [95 %]" not in render_text(only_distances, verdict(only_distances))


def test_what_was_left_out_and_who_copies_is_said() -> None:
    page = render_text(BOTH, verdict(BOTH))
    assert "not computed: lags beyond 250: too short" in page
    assert "stationary-bootstrap repeats stretches of the history" in page
    assert verdict(BOTH).sentence in " ".join(page.split())


def test_baselines_that_are_not_the_best_are_counted_and_have_no_column() -> None:
    models = ("simgan", "stationary-bootstrap", "gjr-t", "gjr-fhs")
    rows = (
        Row(name="a", models=dict(zip(models, (0.5, 0.5, 0.7, 0.1), strict=True)), floor=0.6),
        Row(name="b", models=dict(zip(models, (0.9, 0.5, 0.8, 0.2), strict=True)), floor=0.6),
    )
    comparison = Comparison((Section("tails", "Tails", rows),), models, True)
    page = render_text(comparison, verdict(comparison))
    head, _, below = page.partition("simgan against gjr-fhs")
    assert "gjr-t" not in head and "gjr-fhs" in head
    table = below.partition("stationary-bootstrap repeats")[0].replace("-\n", "-")
    counts = {line.split()[0]: line.split()[1:] for line in table.splitlines() if line.strip()}
    assert counts["tails"] == ["1", "of", "2", "0", "1", "1"]
    assert [counts[model] for model in models] == [["1", "1"], ["2", "2"], ["0", "0"], ["2", "2"]]


def test_a_section_without_rows_shows_its_reason_only() -> None:
    empty = Comparison(
        (Section("tails", "Tails", (), ("10 days are too few",)),), ("simgan",), True
    )
    page = render_text(empty, verdict(empty)).splitlines()
    place = page.index("Tails")
    assert page[place + 1] == "not computed: 10 days are too few"
    assert " ".join(page[:place]).strip() == LEGEND


@pytest.mark.parametrize("width", [80, 120])
def test_a_long_name_and_a_group_are_broken_between_words_only(width: int) -> None:
    """It stood as stationary-bootst and rap."""
    kinds = ("moments", "tails", "dependence", "paths", "utility", "two-sample")
    sections = tuple(Section(kind, kind, ROWS) for kind in kinds)
    comparison = Comparison(sections, MODELS, True)
    page = render_text(comparison, verdict(comparison), width)
    table = page.partition("Statistics within the noise of the data")[2]
    table = table.partition("stationary-bootstrap repeats")[0]
    counts = {line.split()[0]: line.split()[1:] for line in table.splitlines() if line.strip()}
    assert counts["gjr-t"] == ["1"] * 6 + ["6"] == counts["simgan"] == counts["bootstrap"]
    words = table.split()
    assert {"stationary-", "bootstrap", "dependence,", "two-sample", "utility,"} <= set(words)
    assert max(map(len, page.splitlines())) <= width


def test_the_head_explains_the_marks_once() -> None:
    page = " ".join(render_text(BOTH, verdict(BOTH), 80).split())
    assert page.startswith(LEGEND) and page.count(LEGEND) == 1
