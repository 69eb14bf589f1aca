"""A reader of pages."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient


@pytest.fixture
def visitor(client: TestClient) -> TestClient:
    return client
