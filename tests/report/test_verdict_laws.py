"""Laws of the verdict: counts that add up, and changes that leave it as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgan.readable import in_words
from simgan.report.aspects import GROUPS, Aspect, of_paths, sentence
from simgan.report.book.sections import SECTIONS_OF_BOOKS
from simgan.report.sections import SECTIONS
from simgan.report.verdict import Comparison, Row, Section, Verdict, verdict

MODELS = ("ours", "theirs", "stationary-bootstrap")
VALUE = st.floats(-5.0, 5.0).map(lambda value: round(value, 3))


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """Give a level or a distance of three models, judged or not. The label is set later."""
    values = dict(zip(MODELS, draw(st.tuples(VALUE, VALUE, VALUE)), strict=True))
    is_judged = draw(st.integers(0, 4)) > 0
    if draw(st.booleans()):
        low = draw(VALUE)
        high = low + draw(st.floats(0.1, 3.0))
        middle = (low + high) / 2
        return Row(name="", models=values, real=middle, low=low, high=high, is_judged=is_judged)
    distances = {model: abs(value) for model, value in values.items()}
    return Row(name="", models=distances, floor=draw(st.floats(0.1, 2.0)), is_judged=is_judged)


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    kinds, sections, number = list(SECTIONS), [], 0
    for kind in kinds:
        own = []
        for row in draw(st.lists(rows(), max_size=4)):
            own.append(replace(row, name=f"row {number}"))
            number += 1
        sections.append(Section(kind, kind, tuple(own)))
    return Comparison(tuple(sections), MODELS, in_sample=True)


@settings(max_examples=30, deadline=None)
@given(comparison=comparisons())
def test_each_judged_row_is_won_tied_or_lost_once(comparison: Comparison) -> None:
    told = verdict(comparison)
    judged = [row for row in comparison.rows if row.is_judged]
    labels = [*told.wins, *told.ties, *told.losses]
    assert sorted(labels) == sorted(row.label for row in judged)
    assert told.judged == len(judged)
    assert told.within == sum(row.mark("ours") == "within" for row in judged)
    assert (told.against, told.copies) == ("theirs", ("stationary-bootstrap",))


@settings(max_examples=20, deadline=None)
@given(comparison=comparisons())
def test_the_other_side_of_a_verdict_has_wins_and_losses_exchanged(comparison: Comparison) -> None:
    ours = verdict(comparison)
    theirs = verdict(replace(comparison, models=("theirs", "ours", "stationary-bootstrap")))
    assert (set(ours.wins), set(ours.losses)) == (set(theirs.losses), set(theirs.wins))
    assert set(ours.ties) == set(theirs.ties)


@settings(max_examples=20, deadline=None)
@given(comparison=comparisons(), factor=st.floats(0.01, 100.0), shift=st.floats(-10.0, 10.0))
def test_another_unit_of_a_row_changes_no_excess(
    comparison: Comparison, factor: float, shift: float
) -> None:
    """A level may be moved and scaled, and a distance scaled."""
    for row in comparison.rows:
        if row.floor is not None:
            models = {model: factor * value for model, value in row.models.items()}
            other = replace(row, models=models, floor=factor * row.floor)
        else:
            assert row.low is not None and row.high is not None
            models = {model: factor * value + shift for model, value in row.models.items()}
            low, high = factor * row.low + shift, factor * row.high + shift
            other = replace(row, models=models, low=low, high=high)
        for model in MODELS:
            assert other.excess(model) == pytest.approx(row.excess(model), abs=1e-6, rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(comparison=comparisons())
def test_losses_begin_with_the_worst(comparison: Comparison) -> None:
    excess = {row.label: row.excess("ours") for row in comparison.rows}
    lost = [excess[label] for label in verdict(comparison).losses]
    assert lost == sorted(lost, reverse=True)


@settings(max_examples=30, deadline=None)
@given(
    losses=st.lists(st.text("ab ,%", min_size=1, max_size=60).map(str.strip).filter(bool)),
    wins=st.integers(0, 99),
)
def test_a_sentence_names_as_many_losses_as_fit_and_at_least_the_worst(
    losses: list[str], wins: int
) -> None:
    """One label alone may be longer than the room for all."""
    told = Verdict("ours", "theirs", ("w",) * wins, (), tuple(losses), 3, 20, True).sentence
    assert f"loses {len(losses)}" in told and told.endswith(".")
    if losses:
        named = told[told.index(f"loses {len(losses)} (") :].removesuffix(").")
        shown, cut, more = named.split("(", 1)[1].partition("; and ")
        assert "; ".join(losses).startswith(shown) and shown.startswith(losses[0])
        assert len(told) <= 160 + len(cut + more) + 4 or shown == losses[0]
        assert bool(cut) is (shown != "; ".join(losses))
    else:
        assert "(" not in told


@settings(max_examples=20, deadline=None)
@given(comparison=comparisons())
def test_aspects_weigh_the_rows_of_their_own_sections(comparison: Comparison) -> None:
    told = verdict(comparison)
    kinds = {
        "marginal law": {"distances", "moments", "quantiles"},
        "tails": {"tails"},
        "dependence": {"dependence"},
        "risk along paths": {"paths"},
        "utility": {"utility"},
        "two-sample and novelty": {"two-sample", "novelty"},
    }
    for aspect in of_paths(comparison, told):
        own = {
            row.label
            for section in comparison.sections
            if section.kind in kinds[aspect.name]
            for row in section.rows
        }
        balance = len(own & set(told.wins)) - len(own & set(told.losses))
        outcomes = {1: "ahead of", 0: "level with", -1: "behind"}
        assert aspect.outcome == outcomes[(balance > 0) - (balance < 0)]


def test_every_section_belongs_to_an_aspect() -> None:
    """A row that is won by one model in each section puts every aspect ahead."""
    sections = tuple(
        Section(kind, kind, (Row(name=kind, models={"a": 0.0, "b": 9.0}, floor=1.0),))
        for kind in (*SECTIONS, *SECTIONS_OF_BOOKS)
    )
    comparison = Comparison(sections, ("a", "b"), in_sample=False)
    aspects = of_paths(comparison, verdict(comparison))
    assert [aspect.outcome for aspect in aspects] == ["ahead of"] * len(GROUPS)
    assert sentence(aspects) == f"ahead of b in {in_words(list(GROUPS))}"
    alone = replace(comparison, models=("a",))
    assert of_paths(alone, verdict(alone)) == []


def test_aspects_with_one_outcome_stand_together_in_their_first_order() -> None:
    outcomes = [("tails", "behind"), ("one-day forecasts", "level with"), ("dependence", "behind")]
    found = [Aspect(*one, "gjr-fhs") for one in outcomes]  # type: ignore[arg-type]
    expected = "behind gjr-fhs in tails and dependence; level with gjr-fhs in one-day forecasts"
    assert sentence(found) == expected
