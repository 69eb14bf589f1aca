"""Rows, marks and the verdict: what counts as within, won, tied and lost."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from simgan.report.aspects import verdicts_of
from simgan.report.renderers import to_json
from simgan.report.verdict import COPIES, Comparison, Row, Section, verdict

COPY = COPIES[0]


def level(name: str, **models: float) -> Row:
    """A row with the interval [−1, 1], so that excess is |value| − 1 in half intervals."""
    return Row(name=name, models=models, real=0.0, low=-1.0, high=1.0)


def judged(
    *rows: Row, models: tuple[str, ...] = ("simgan", "gjr-t"), in_sample: bool | None = True
) -> Comparison:
    return Comparison((Section("made", "Made", rows),), models, in_sample)


def test_a_value_on_the_bound_is_within_and_just_beyond_it_outside() -> None:
    row = level("mean", on=1.0, beyond=1.0001, below=-1.5)
    assert [row.mark(model) for model in row.models] == ["within", "outside", "outside"]


def test_excess_counts_half_intervals_for_levels_and_floors_for_distances() -> None:
    """By hand:
    3 lies 2 half intervals beyond 1; a distance of .5 lies 1.5 floors beyond the floor .2.
    """
    assert level("mean", m=3.0).excess("m") == pytest.approx(2.0)
    assert Row(name="EMD/σ", models={"m": 0.5}, floor=0.2).excess("m") == pytest.approx(1.5)


def test_a_row_that_is_not_judged_is_neither_within_nor_outside_and_no_part_of_the_verdict() -> (
    None
):
    row = Row(
        name="excess kurtosis",
        models={"simgan": 99.0, "gjr-t": 8.0},
        real=8.0,
        low=7.0,
        high=9.0,
        is_judged=False,
    )
    told = verdict(judged(row, level("mean", **{"simgan": 0.0, "gjr-t": 0.0})))
    assert row.mark("simgan") == "not judged"
    assert (told.judged, told.wins, told.ties, told.losses) == (1, (), ("mean",), ())


def test_both_within_is_a_tie_however_much_nearer_one_is() -> None:
    assert verdict(judged(level("mean", **{"simgan": 0.99, "gjr-t": 0.0}))).ties == ("mean",)


@pytest.mark.parametrize(
    ("simgan", "rival", "outcome"),
    [
        (0.5, 1.1, "wins"),
        (1.1, 0.5, "losses"),
        (2.0, 2.2, "ties"),
        (2.2, 2.0, "ties"),
        (2.0, 2.3, "wins"),
        (2.3, 2.0, "losses"),
    ],
)
def test_outside_both_a_quarter_of_a_half_interval_decides(
    simgan: float, rival: float, outcome: str
) -> None:
    told = verdict(judged(level("mean", **{"simgan": simgan, "gjr-t": rival})))
    assert getattr(told, outcome) == ("mean",)
    assert sum(map(len, (told.wins, told.ties, told.losses))) == 1


@pytest.mark.parametrize(("error", "outcome"), [(0.1, "wins"), (0.3, "ties")])
def test_a_difference_that_other_paths_could_turn_is_a_tie(error: float, outcome: str) -> None:
    """By hand: .8 and 1.4 are .6 apart, with three errors of .42 or of 1.27."""
    values = {"simgan": 0.8, "gjr-t": 1.4}
    row = Row(name="mean", models=values, low=-1.0, high=1.0, errors=dict.fromkeys(values, error))
    assert row.noise("simgan", "gjr-t") == pytest.approx(3 * error * 2**0.5)
    assert getattr(verdict(judged(row)), outcome) == ("mean",)


def test_the_noise_of_a_distance_is_in_units_of_its_excess() -> None:
    """By hand: an AUC with a floor of .6 has room of .1, so an error of .02 is .2 of it, thrice."""
    row = Row(name="C2ST", models={"m": 0.7}, floor=0.6, perfect=0.5, errors={"m": 0.02})
    assert row.excess("m") == pytest.approx(1.0) and row.noise("m") == pytest.approx(0.6)


def test_swapping_the_models_swaps_wins_and_losses() -> None:
    rows = [
        level("a", x=0.0, y=3.0),
        level("b", x=3.0, y=0.0),
        level("c", x=5.0, y=1.5),
        level("d", x=0.1, y=0.2),
    ]
    one, other = (verdict(judged(*rows, models=models)) for models in (("x", "y"), ("y", "x")))
    assert (set(one.wins), set(one.losses), one.ties) == (
        set(other.losses),
        set(other.wins),
        other.ties,
    )
    assert (set(one.wins), set(one.losses)) == ({"a"}, {"b", "c"})


def test_a_baseline_that_copies_history_is_never_the_opponent_though_it_fits_best() -> None:
    rows = [level(name, **{"simgan": 2.0, COPY: 0.0, "gjr-t": 5.0}) for name in ("a", "b")]
    told = verdict(judged(*rows, models=("simgan", COPY, "gjr-t")))
    assert (told.against, told.copies, told.wins) == ("gjr-t", (COPY,), ("a", "b"))


def test_the_opponent_is_the_baseline_that_passes_most() -> None:
    rows = [level("a", simgan=0.0, poor=3.0, good=0.0), level("b", simgan=0.0, poor=0.0, good=0.0)]
    assert verdict(judged(*rows, models=("simgan", "poor", "good"))).against == "good"


def test_among_baselines_that_pass_as_many_the_one_least_outside_is_the_opponent() -> None:
    rows = [level("a", simgan=0.0, far=3.0, near=1.5), level("b", simgan=0.0, far=0.0, near=0.0)]
    told = verdict(judged(*rows, models=("simgan", "far", "near")))
    assert (told.against, told.rivals) == ("near", ("far", "near"))
    assert "against near, the best of 2 baselines, it wins 1, ties 1, loses 0." in told.sentence


def test_a_model_alone_or_beside_a_copy_only_is_told_without_an_opponent() -> None:
    rows = [level("a", **{"simgan": 0.0, COPY: 0.0}), level("b", **{"simgan": 2.0, COPY: 0.0})]
    assert (
        verdict(judged(*rows, models=("simgan",))).sentence
        == "In sample, simgan is within the noise of the data in 1 of 2 statistics."
    )
    assert verdict(judged(*rows, models=("simgan", COPY))).against == ""


def test_the_sentence_says_whether_the_models_have_seen_the_history() -> None:
    row = level("mean", **{"simgan": 0.0, "gjr-t": 0.0})
    assert verdict(judged(row)).sentence.startswith("In sample, ")
    assert verdict(judged(row, in_sample=False)).sentence.startswith("On another history, ")
    stranger = verdict(judged(row, in_sample=None))
    assert stranger.sentence.startswith("Learned from unknown days, simgan is within")
    assert stranger.to_json()["in_sample"] is None


def test_each_of_several_judged_models_has_words_of_its_own() -> None:
    row = Row(name="a", models={"simgan": 0.0, "theirs.csv": 0.0}, floor=1.0)
    both = judged(row, models=("simgan", "theirs.csv"))
    both = replace(both, beside=("theirs.csv",), learned={"theirs.csv": None})
    first = verdict(both)
    assert [one.in_sample for one in verdicts_of(both, first)] == [True, None]


def test_the_sentence_stays_short_and_names_the_worst_loss_first() -> None:
    rows = [
        level(f"a statistic with a long name, number {i}", **{"simgan": 2.0 + i, "gjr-t": 0.0})
        for i in range(9)
    ]
    told = verdict(judged(*rows))
    assert told.losses[0] == "a statistic with a long name, number 8"
    cut = " (a statistic with a long name, number 8; and 8 more, all in the report)."
    assert f"loses 9{cut}" in told.sentence
    assert len(told.sentence) <= 170 + len("and 8 more, all in the report")
    short = verdict(
        judged(
            level("EMD/σ", **{"simgan": 2.0, "gjr-t": 0.0}),
            level("mean", **{"simgan": 3.0, "gjr-t": 0.0}),
        )
    )
    assert short.sentence.endswith("loses 2 (mean; EMD/σ).")


def test_the_json_holds_the_same_numbers_marks_and_sentence() -> None:
    from simgan.report.renderers import ReportFacts
    from simgan.stats.training import TrainingHistory
    from simgan.stats.training.verdict import training_verdict

    facts = ReportFacts(
        model="SP500", assets=("SP500",), first="1999-01-05", last="2018-12-31", days=5030, seed=0, seconds=1.0,  # noqa: E501
        versions={"numpy": "2"}, judged_on="the data it was fitted on", paths=200, horizon=5030,
    )  # fmt: skip
    comparison = judged(
        level("mean", **{"simgan": 0.5, "gjr-t": 2.0}),
        Row(name="EMD/σ", models={"simgan": 0.1, "gjr-t": 0.1}, floor=0.2),
    )
    told = verdict(comparison)
    plain = json.loads(
        json.dumps(
            to_json(facts, comparison, told, training_verdict(TrainingHistory())), allow_nan=False
        )
    )
    first, second = plain["comparison"]["sections"][0]["rows"]
    assert (first["real"], first["models"], first["marks"]) == (
        0.0,
        {"simgan": 0.5, "gjr-t": 2.0},
        {"simgan": "within", "gjr-t": "outside"},
    )
    assert (second["floor"], second["low"]) == (0.2, None)
    assert plain["verdict"]["sentence"] == told.sentence
    assert plain["verdict"]["wins"] == ["mean"]
    assert plain["training"]["word"] == "too short to tell"
    assert plain["facts"]["days"] == 5030


@pytest.mark.parametrize(
    ("horizon", "label"), [(None, "ES 99 %"), (1, "ES 99 %, 1 day"), (10, "ES 99 %, 10 days")]
)
def test_a_label_tells_the_horizon(horizon: int | None, label: str) -> None:
    assert Row(name="ES 99 %", models={}, horizon=horizon).label == label
