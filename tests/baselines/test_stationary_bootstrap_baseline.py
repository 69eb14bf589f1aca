"""The stationary bootstrap resamples blocks, whole days, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.baselines.stationary_bootstrap import FittedBootstrap, StationaryBootstrap
from simgan.errors import ConfigError
from simgan.seeds import Seed
from simgan.stats.intervals import block_length

COUNT = np.arange(1000.0)[:, None]  # days that tell their number


def test_blocks_have_the_mean_length_asked_for() -> None:
    """A joint every 20 days:
    99,000 steps give .05 with a binomial deviation of .0007; seven of them.
    """
    paths = FittedBootstrap(COUNT, 20.0).simulate_long_run(100, Seed(1), 0, 1000)[..., 0]
    joints = np.mean(np.diff(paths) % 1000 != 1)
    assert joints == pytest.approx(1 / 20 * 0.999, abs=0.005)


def test_every_day_is_as_likely() -> None:
    """256,000 draws of 1,000 days, blocks of one: counts of 256 ± 16; six deviations."""
    days = FittedBootstrap(COUNT, 1.0).simulate_long_run(1000, Seed(2), 0, 256).astype(int)
    counts = np.bincount(days.ravel(), minlength=1000)
    assert np.abs(counts - 256).max() < 6 * 16


def test_it_resamples_the_history_it_is_given_and_else_its_sample() -> None:
    model = FittedBootstrap(COUNT, 5.0)
    assert model.simulate(-COUNT[1:], 50, Seed(1), 0, 20).max() < 0
    assert model.simulate_long_run(50, Seed(1), 0, 20).min() >= 0


def test_days_are_drawn_whole_for_all_assets() -> None:
    paths = FittedBootstrap(np.hstack([COUNT, 2 * COUNT]), 5.0).simulate_long_run(
        50, Seed(1), 0, 20
    )
    np.testing.assert_array_equal(paths[..., 1], 2 * paths[..., 0])


def test_one_step_ahead_draws_from_the_past_only() -> None:
    forecast = np.stack(
        [
            paths[:, 0, 0]
            for paths in FittedBootstrap(COUNT, 5.0).forecast(
                COUNT, range(900, 1000), 1, 500, Seed(1)
            )
        ]
    )
    assert (forecast.max(axis=1) < np.arange(900, 1000)).all()
    assert forecast.min() < 50


def test_the_block_is_estimated_unless_given() -> None:
    series = 0.01 * Seed(3).stream("validation").standard_normal((600, 1))
    assert StationaryBootstrap().fit(series).mean_block == block_length(series[:, 0])
    assert StationaryBootstrap(mean_block=20.0).fit(series).mean_block == 20.0


@pytest.mark.parametrize("mean_block", [-1.0, 0.5, np.nan, np.inf])
def test_blocks_shorter_than_a_day_are_refused(mean_block: float) -> None:
    with pytest.raises(ConfigError):
        StationaryBootstrap(mean_block=mean_block)
