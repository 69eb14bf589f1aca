"""The history of a training as data: records, plain data and back, and files of format 2."""

from __future__ import annotations

import json
import math

import pytest

from simgan.errors import ConfigError
from simgan.stats.training import TrainingHistory, is_recorded


def test_records_become_curves_in_the_order_of_their_first_appearance() -> None:
    history = TrainingHistory()
    history.record("warm start", 1, {"loss": 2.0})
    history.record("adversarial", 1, {"critic loss": 0.7, "generator loss": 0.6})
    history.record("adversarial", 2, {"generator loss": 0.5, "critic loss": 0.8})
    assert list(history.stages) == ["warm start", "adversarial"]
    assert history.of_stage("adversarial") == {
        "critic loss": [(1, 0.7), (2, 0.8)],
        "generator loss": [(1, 0.6), (2, 0.5)],
    }


def test_a_stage_that_did_not_run_has_no_curves() -> None:
    assert TrainingHistory().of_stage("adversarial") == {}


def test_no_two_histories_share_their_curves() -> None:
    TrainingHistory().record("adversarial", 1, {"loss": 1.0})
    assert TrainingHistory() == TrainingHistory({})


def test_plain_data_give_the_same_history_again() -> None:
    """Names may hold the colon that separated stage and metric in format 2."""
    history = TrainingHistory({"a: b, selection": {"c: d": [(1, 0.5), (3, -1e-300)]}, "e": {}})
    assert TrainingHistory.from_json(json.loads(json.dumps(history.to_json()))) == history


def test_files_of_format_2_are_read() -> None:
    old = {
        "adversarial, selection: critic loss": [[1, 0.5], [2, 1]],
        "warm start: crps": [[100, 0.6]],
        "adversarial, selection: validation CRPS": [[2, 0.3]],
    }
    assert TrainingHistory.from_json(old) == TrainingHistory(
        {
            "adversarial, selection": {
                "critic loss": [(1, 0.5), (2, 1.0)],
                "validation CRPS": [(2, 0.3)],
            },
            "warm start": {"CRPS": [(100, 0.6)]},
        }
    )


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_records_that_are_not_finite_do_not_reach_a_file(value: float) -> None:
    history = TrainingHistory({"a": {"rise": [(1, value), (2, 0.5)]}})
    assert history.to_json() == {"a": {"rise": [[2, 0.5]]}}


@pytest.mark.parametrize(
    "damaged",
    [
        [],
        None,
        "adversarial",
        {"adversarial": 1},
        {"adversarial": {"loss": {}}},
        {"adversarial": {"loss": [1, 2]}},
        {"adversarial": {"loss": [[1, 2, 3]]}},
        {"adversarial": {"loss": [["1", 2.0]]}},
        {"adversarial": {"loss": [[1.5, 2.0]]}},
        {"adversarial": {"loss": [[True, 2.0]]}},
        {"adversarial": {"loss": [[-1, 2.0]]}},
        {"adversarial": {"loss": [[2**63, 2.0]]}},
        {"adversarial": {"loss": [[1, True]]}},
        {"adversarial": {"loss": [[1, math.nan]]}},
        {"adversarial: loss": [[1, None]]},
        {1: {"loss": []}},
    ],
)
def test_damaged_data_are_refused_in_a_sentence(damaged: object) -> None:
    with pytest.raises(ConfigError, match=r"training history: .* is not possible; it must be a"):
        TrainingHistory.from_json(damaged)


@pytest.mark.parametrize(("total", "between"), [(1003, 10), (99, 1), (100, 1), (250, 2), (1, 1)])
def test_every_hundredth_part_of_a_stage_is_recorded(total: int, between: int) -> None:
    recorded = [step for step in range(1, total + 1) if is_recorded(step, total)]
    assert recorded == list(range(between, total + 1, between))
    assert len(recorded) >= min(total, 100)
