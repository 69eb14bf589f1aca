"""A served workspace without a network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_works import FAKE, Works
from starlette.testclient import TestClient

from simgan.service.app import application
from simgan.service.configuration import Configuration
from simgan.service.state import Service
from simgan.workspace import Workspace


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service.over(Workspace(tmp_path), Configuration())


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(application(service), base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture
def works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Works:
    monkeypatch.setattr("simgan.service.jobs.attempt.SIMGAN", FAKE)
    monkeypatch.setattr("simgan.service.jobs.attempt.TELL_EVERY", 0.05)
    monkeypatch.setattr("simgan.service.jobs.attempt.MEASURE_EVERY", 0.05)
    monkeypatch.setattr("simgan.service.jobs.supervisor.TICK", 0.02)
    monkeypatch.setattr("simgan.service.jobs.supervisor.REFUSAL_PAUSE", 0.1)
    return Works(tmp_path)
