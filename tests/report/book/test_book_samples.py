"""Samples of a book keep days whole, and know the days of each pair and asset."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_book_samples import ASSETS, DAYS, book_samples, made_judgement, made_samples

from simgan.errors import ConfigError
from simgan.report.book.samples import AssetSamples
from simgan.report.book.sections import compare
from simgan.stats.co_dependence import correlations


def test_resamples_hold_whole_days_of_the_history() -> None:
    samples = made_judgement().samples
    days = {tuple(day) for day in np.nan_to_num(samples.real, nan=9.0)}
    assert {tuple(day) for day in np.nan_to_num(samples.resamples[0], nan=9.0)} <= days
    assert samples.resamples.shape[1:] == (DAYS, ASSETS)


def test_an_asset_has_its_own_days_and_its_part_of_the_histories() -> None:
    samples = made_judgement().samples
    late = AssetSamples.of(samples, 1, ("simgan",))
    assert len(late.real) == DAYS - 300 and late.horizon == DAYS - 300
    assert late.histories.shape == (*samples.histories.shape[:2], DAYS - 300)
    assert (late.histories == samples.histories[:, :, 300:, 1]).all()
    assert (late.fakes["simgan"] == samples.fakes["simgan"][..., 1]).all()


def test_pairs_with_few_common_days_are_left_out_and_told() -> None:
    samples = made_samples()
    real = samples.real.copy()
    real[150:, 3] = np.nan
    found = replace(samples, real=real)
    assert len(found.pairs()[0]) == 3
    assert found.rests_on() == ""
    section = compare(replace(found, fakes={"simgan": samples.fakes["simgan"]}), None).sections[0]
    assert section.skipped == (
        "3 pairs: fewer than 100 days, or a fifth of all, in common",
        "calm and turbulent days: 330 days on which all assets trade are needed, and the history "
        "has 150",
    )


def test_few_common_days_are_told() -> None:
    assert made_judgement().samples.rests_on() == "; a pair rests on 700 days or more of 1,000"


def test_numbers_are_those_of_each_history() -> None:
    samples = made_samples()
    measured = samples.correlations
    at = samples.pairs()
    assert measured.real == pytest.approx(np.corrcoef(samples.real.T)[at])
    assert measured.of_models["simgan"][3] == pytest.approx(
        correlations(samples.fakes["simgan"][3])[at]
    )
    assert measured.of_laws.shape[1] == 8


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda paths: paths[:, :500], "as the history has"),
        (lambda paths: np.where(np.arange(ASSETS) == 1, 0.0, paths), "collapsed"),
        (lambda paths: paths * np.nan, "not finite"),
    ],
)
def test_paths_that_do_not_fit_are_refused(change: object, message: str) -> None:
    samples = made_samples()
    wrong = {"simgan": change(samples.fakes["simgan"])}  # type: ignore[operator]
    with pytest.raises(ConfigError, match=message):
        compare(replace(samples, fakes=wrong), None)


def test_a_history_that_is_too_short_is_refused() -> None:
    with pytest.raises(ConfigError, match="100 days or more"):
        compare(book_samples(np.ones((50, 2)), {"simgan": np.ones((5, 50, 2))}), None)
