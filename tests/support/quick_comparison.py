"""A comparison of samples with few windows and resamples, for tests that look at something else."""

from __future__ import annotations

import pytest

from simgan.report import samples
from simgan.report.sections import novelty, two_sample


def with_few_windows(patch: pytest.MonkeyPatch) -> None:
    """Compare few windows: the sections about windows cost more than all others."""
    for name, few in {"FLOOR_SINGLES": 1, "MOST_WINDOWS": 60}.items():
        patch.setattr(two_sample, name, few)
    for name, few in {"QUERIES": 50, "SPLITS": 4, "COVERED": 80}.items():
        patch.setattr(novelty, name, few)


def with_few_resamples(patch: pytest.MonkeyPatch) -> None:
    """Compare few windows, with wide errors of all limits."""
    with_few_windows(patch)
    for module in (samples, two_sample):
        patch.setattr(module, "RESAMPLES", 20)
    patch.setattr(samples, "OF_LEVELS", 2)
