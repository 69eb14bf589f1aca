"""The identity of a job, and whether its files still stand."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from simgan.service.jobs.identity import identity_of, sha256_of_file, stands
from simgan.service.jobs.job import KeptFile


def test_an_identity_hangs_on_each_part_and_on_no_order() -> None:
    first = identity_of("fit", {"a": 1, "b": 2}, {"day": "1"})
    assert first == identity_of("fit", {"b": 2, "a": 1}, {"day": "1"})
    others = {
        identity_of("report", {"a": 1, "b": 2}, {"day": "1"}),
        identity_of("fit", {"a": 1, "b": 3}, {"day": "1"}),
        identity_of("fit", {"a": 1, "b": 2}, {"day": "2"}),
    }
    assert len(others | {first}) == 4
    assert len(first) == 32 and set(first) <= set("0123456789abcdef")


def test_another_version_is_another_job(monkeypatch: pytest.MonkeyPatch) -> None:
    before = identity_of("fit", {}, {})
    monkeypatch.setattr("simgan.service.jobs.identity.library_versions", lambda: {"simgan": "99.0"})
    assert identity_of("fit", {}, {}) != before


def test_the_hash_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    content = b"x" * (2**20 + 1)
    (tmp_path / "file").write_bytes(content)
    assert sha256_of_file(tmp_path / "file") == hashlib.sha256(content).hexdigest()
    assert sha256_of_file(tmp_path / "missing") == ""
    assert sha256_of_file(tmp_path) == ""


def test_a_file_stands_until_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("page")
    kept = KeptFile("page.html", sha256_of_file(file))
    assert stands(tmp_path, kept)
    file.write_text("another")
    assert not stands(tmp_path, kept)
    file.unlink()
    assert not stands(tmp_path, kept)
