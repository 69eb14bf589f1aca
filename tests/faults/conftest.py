"""One server for all tests of faults: it takes four seconds to import what commands need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from faults import Server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()
