"""Places of one process, of which a caller has a part."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from starlette.testclient import TestClient

from simgan.service.jobs.store import Wanted
from simgan.service.places import Places
from simgan.service.problems import Problem
from simgan.service.state import Service

ID = "0a" * 16


def test_a_caller_leaves_places_to_others() -> None:
    places = Places("streams", 3, 2)
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(places.taken("one"))
        with pytest.raises(Problem, match="you have 2 streams open"), places.taken("one"):
            pass
        stack.enter_context(places.taken("two"))
        with pytest.raises(Problem, match="3 streams are open"), places.taken("three"):
            pass
    assert places.taken_count == 0


def test_a_caller_may_watch_some_jobs_at_once(service: Service, client: TestClient) -> None:
    service.jobs.store.submit(Wanted(ID, "fit", {}, "local", False), 9)
    with ExitStack() as stack:
        for _ in range(service.configuration.event_streams):
            stack.enter_context(service.watching.taken("local"))
        refused = client.get(f"/v1/jobs/{ID}/events")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")


def test_a_caller_may_send_some_files_at_once(service: Service, client: TestClient) -> None:
    with ExitStack() as stack:
        for _ in range(service.configuration.sending):
            stack.enter_context(service.sending.taken("local"))
        assert client.post("/v1/uploads", content=b"Date,Close\n").status_code == 429
    assert client.post("/v1/uploads", content=b"Date,Close\n").status_code == 201
