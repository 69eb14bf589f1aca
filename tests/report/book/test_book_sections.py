"""The law of a history passes, and a twin whose assets are independent fails all joint rows.

The margins of the twin are right. `benchmarks/book_coverage.py` measures how often a right law has
how many rows within.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from made_book_samples import (
    DAYS,
    PATHS,
    RIVAL,
    book_paths,
    factor_correlations,
    made_judgement,
    made_samples,
)

from simgan.report.book import words
from simgan.report.book.portfolios import Portfolios
from simgan.report.book.sections import SECTIONS_OF_BOOKS, compare
from simgan.report.uses import PURPOSES_OF_BOOKS, uses_of
from simgan.report.verdict import Comparison, Row, verdict
from simgan.report.words import words_of
from simgan.report.yardstick import Yardstick
from simgan.stats.co_dependence import regimes

# Differences of two kinds of dependence, and one that is weak in the history
BLIND = (words.RISE, words.ASYMMETRY, words.NEXT_DAY)


@cache
def made() -> Comparison:
    return compare(made_samples(), True)


def rows(kind: str) -> list[Row]:
    [section] = [section for section in made().sections if section.kind == kind]
    return list(section.rows)


def test_a_right_law_has_nine_of_ten_rows_within() -> None:
    share = made().within("simgan") / len(made().counted)
    assert share >= 0.9


@pytest.mark.parametrize("kind", ["correlations", "joint-tails", "joint-volatility"])
def test_independent_assets_fail_the_joint_rows(kind: str) -> None:
    seen = [row for row in rows(kind) if not row.name.startswith(BLIND)]
    missed = [row.label for row in seen if row.mark(RIVAL) == "within"]
    assert len(seen) >= 1 and missed == []


def test_the_yardstick_counts_the_rows_of_a_right_model() -> None:
    counted = len(made().counted)
    assert made().yardstick == Yardstick.together(DAYS, counted)
    assert f"Of the {counted} statistics, a right model has" in made().by_chance


def test_independent_assets_have_books_that_move_too_little() -> None:
    outside = {row.label for row in rows("portfolios") if row.mark(RIVAL) == "outside"}
    assert {
        "equal shares: standard deviation, 1 day",
        "equal shares: EMD/σ, 1 day",
        "long–short: standard deviation, 1 day",
        "long–short: EMD/σ, 1 day",
    } <= outside
    assert {row.mark(RIVAL) for row in rows("day-vectors")} == {"outside"}


def test_the_table_of_sections_is_complete_and_every_row_has_words_and_a_use() -> None:
    assert [section.kind for section in made().sections] == list(SECTIONS_OF_BOOKS)
    for row in made().counted:
        low = row.low if row.low is not None else 0.0
        high = (row.high if row.high is not None else row.floor) or 0.0
        for value in (low - 1.0, high + 1.0):
            if value > 0 and row.name.startswith("pairs") and value > high:
                continue  # no more than all pairs are within
            told = words_of(replace(row, models={"x": value}), "x")
            assert not told.startswith(row.label) and "{" not in told
        assert any(purpose.rows([row]) for purpose in PURPOSES_OF_BOOKS), row.label


def test_books_have_uses_of_their_own() -> None:
    uses = uses_of(made(), verdict(made()))
    assert [use.name for use in uses] == [purpose.name for purpose in PURPOSES_OF_BOOKS]
    assert all(use.judged for use in uses)


def test_the_shares_of_the_user_have_rows() -> None:
    samples = made_samples()
    own = np.array([0.7, 0.3, 0.0, 0.0])
    asked = replace(samples, portfolios=Portfolios(4, "70 % A1, 30 % A2", own, is_rebalanced=True))
    section = SECTIONS_OF_BOOKS.build("portfolios").make(asked)
    [row] = [row for row in section.rows if row.label == "your shares: standard deviation, 1 day"]
    daily = np.log(np.exp(samples.real) @ own)
    assert row.real == pytest.approx(100 * daily.std())
    assert row.blind_to == "70 % A1, 30 % A2; shares are restored every day; log returns"


def test_the_shares_of_the_user_turn_no_verdict() -> None:
    """They were counted, and "chance hardly puts 8 rows outside" hung on the weights."""
    own = Portfolios(4, "70 % A1, 30 % A2", np.array([0.7, 0.3, 0.0, 0.0]))
    asked = compare(replace(made_samples(), portfolios=own), True)
    assert asked.by_chance == made().by_chance
    assert verdict(asked) == verdict(made())
    assert uses_of(asked, verdict(asked)) == uses_of(made(), verdict(made()))
    [section] = [one for one in asked.sections if not one.has_rival]
    assert {row.name.partition(":")[0] for row in section.rows} == {words.OWN}


def test_a_row_whose_interval_is_wider_than_a_factor_of_three_is_not_judged() -> None:
    for row in rows("portfolios"):
        if row.low is None or row.high is None or "ACF" in row.name:
            continue
        least, most = sorted((abs(row.low), abs(row.high)))
        assert row.is_judged == (most <= 3 * least), row.label
        assert row.is_judged or row.blind_to.startswith("shown, not judged: ends that differ by")


def test_the_tail_of_a_portfolio_is_its_es_in_deviations() -> None:
    found = {row.label: row for row in rows("portfolios")}
    for steps in ("1 day", "10 days"):
        spread, shortfall, tail = (
            found[f"equal shares: {name}, {steps}"].real
            for name in (words.SPREAD, words.ES, words.SHAPE)
        )
        assert spread and shortfall and tail == pytest.approx(shortfall / spread)


def test_calm_and_turbulent_days_are_those_on_which_all_traded() -> None:
    judged = made_judgement()
    [row] = [one for one in judged.comparison.rows if one.name.startswith(words.TURBULENT)]
    real = judged.samples.real[300:]
    found = np.corrcoef(real[regimes(real).turbulent].T)[np.triu_indices(4, 1)].mean()
    assert row.real == pytest.approx(found)
    assert row.blind_to.endswith("from the 700 days on which all traded")


def test_portfolios_rest_on_the_days_on_which_all_traded() -> None:
    judged = made_judgement()
    [section] = [one for one in judged.comparison.sections if one.kind == "portfolios"]
    assert "from the 700 days on which all assets traded" in section.rows[0].blind_to
    real = judged.samples.real[300:]
    equal = np.log(np.exp(real).mean(axis=1))
    assert section.rows[0].real == pytest.approx(100 * equal.std())


def test_short_histories_skip_tails_and_portfolios_with_the_reason() -> None:
    rng = np.random.default_rng(3)
    law = factor_correlations(2)
    samples = replace(
        made_samples(),
        real=book_paths(1, 200, law, rng)[0],
        fakes={"simgan": book_paths(PATHS, 200, law, rng)},
        assets=("A1", "A2"),
        portfolios=Portfolios(2),
    )
    found = compare(samples, None)
    skipped = {section.kind: section.skipped for section in found.sections if section.skipped}
    assert set(skipped) == {"correlations", "joint-tails", "portfolios"}
    assert skipped["joint-tails"] == ("joint extremes: 400 days are needed, and there are 200",)
    assert not [row for row in found.rows if "eigenvalue" in row.label]
