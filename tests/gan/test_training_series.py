"""The scaled history of a training: its split, its windows, and its memories."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_bundle import made_history

from simgan.recipe.blueprints import BLUEPRINTS
from simgan.recipe.training import TrainingSettings
from simgan.seeds import Seed

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from simgan.gan.series import TrainingSeries  # noqa: E402

LENGTHS = {"past": st.integers(32, 90), "ahead": st.integers(16, 90)}
BLUEPRINT = BLUEPRINTS.build("state-space")
LOG_RETURNS = made_history(300).log_returns


def series_of(days: int, training: TrainingSettings) -> TrainingSeries:
    """Give a series whose days tell their number."""
    plain = TrainingSeries.of(LOG_RETURNS, BLUEPRINT, training)
    scaled = np.arange(days, dtype=np.float32)[:, None]
    return TrainingSeries(scaled, plain.scaling, BLUEPRINT, training, np.zeros((days + 1, 0)))


@settings(max_examples=50, deadline=None)
@given(days=st.integers(250, 6000), share=st.floats(0.05, 0.5), **LENGTHS)
def test_training_and_validation_part_the_history_without_a_gap(
    days: int, share: float, past: int, ahead: int
) -> None:
    series = series_of(days, TrainingSettings(past=past, ahead=ahead, validation_share=share))
    assert series.validation == slice(series.training_days, days)
    assert series.training_days / days == pytest.approx(1 - share, abs=0.5 / days + 1e-12)


@settings(max_examples=50, deadline=None)
@given(share=st.floats(0.05, 0.5), **LENGTHS)
def test_the_least_history_has_a_window_for_the_selection_and_a_day_to_validate(
    share: float, past: int, ahead: int
) -> None:
    training = TrainingSettings(past=past, ahead=ahead, validation_share=share)
    series = series_of(training.least_days, training)
    assert series.starts_within(series.training_days) >= 1
    assert series.validation.stop - series.validation.start >= 12  # 5 % of 250 days


@settings(max_examples=20, deadline=None)
@given(days=st.integers(250, 400), learned=st.integers(150, 250), **LENGTHS)
def test_windows_of_the_first_days_hold_no_later_day(
    days: int, learned: int, past: int, ahead: int
) -> None:
    """The selection learns from the first days only. One more start would see the next day."""
    if past + ahead > learned:
        return
    series = series_of(days, TrainingSettings(past=past, ahead=ahead))
    starts, length = series.starts_within(learned), past + ahead
    assert series.windows.shape == (days - length + 1, length, 1)
    np.testing.assert_array_equal(series.windows[starts - 1, :, 0], np.arange(length) + starts - 1)
    assert series.windows[:starts].max() == learned - 1
    assert starts == len(series.windows) or series.windows[starts].max() == learned


def test_a_series_is_the_scaled_history_with_its_memories() -> None:
    series = TrainingSeries.of(LOG_RETURNS, BLUEPRINT, TrainingSettings())
    deviation = LOG_RETURNS.std()
    np.testing.assert_allclose(series.scaled, LOG_RETURNS / deviation, rtol=1e-6)
    np.testing.assert_allclose(series.scaling.invert(series.scaled), LOG_RETURNS, rtol=1e-6)
    np.testing.assert_array_equal(series.memories, BLUEPRINT.along(series.scaled))
    assert series.regimes.shape == (301, 0)


def test_a_memory_before_a_day_does_not_know_that_day() -> None:
    """The failing twin: the memory after the day does."""
    changed = LOG_RETURNS.copy()
    changed[200] *= -3.0
    series = TrainingSeries.of(LOG_RETURNS, BLUEPRINT, TrainingSettings())
    scaled = (changed / LOG_RETURNS.std()).astype(np.float32)
    other = BLUEPRINT.along(scaled)
    np.testing.assert_array_equal(series.memories[:201], other[:201])
    assert (series.memories[201] != other[201]).any()


def test_labels_are_kept_as_they_are_given() -> None:
    labels = np.eye(3)[Seed(1).stream("labels").integers(3, size=301)]
    labels[5] = 0.0  # a day without a label
    series = TrainingSeries.of(LOG_RETURNS, BLUEPRINT, TrainingSettings(), labels)
    assert series.regimes.dtype == np.float32
    np.testing.assert_array_equal(series.regimes, labels)
