"""Cores of a process: those that it is bound to, and the quota of its control groups."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from simgan.sampling import parallel
from simgan.sampling.parallel import available_cores


@pytest.fixture(autouse=True)
def eight(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Bind this process to eight cores, in a group of a group."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)
    monkeypatch.setattr(parallel, "_OWN", tmp_path / "own")
    monkeypatch.setattr(parallel, "_GROUPS", tmp_path / "groups")
    (tmp_path / "groups" / "system" / "simgan").mkdir(parents=True)
    (tmp_path / "own").write_text("4:cpu:/other\n0::/system/simgan\n")


@pytest.mark.parametrize(
    ("group", "quota", "expected"),
    [
        ("system/simgan", "max 100000", 8),
        ("system/simgan", "200000 100000", 2),
        ("system/simgan", "150000 100000", 2),
        ("system/simgan", "50000 100000", 1),
        ("system/simgan", "1600000 100000", 8),
        ("system", "300000 100000", 3),
        (".", "300000 100000", 3),
        ("other", "300000 100000", 8),
    ],
)
def test_a_quota_of_a_group_limits_the_cores(
    group: str, quota: str, expected: int, tmp_path: Path
) -> None:
    folder = tmp_path / "groups" / group
    folder.mkdir(exist_ok=True)
    (folder / "cpu.max").write_text(f"{quota}\n")
    assert available_cores() == expected


def test_a_system_without_groups_has_its_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own").unlink()
    assert available_cores() == 8
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert available_cores() == 3
