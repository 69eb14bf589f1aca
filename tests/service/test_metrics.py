"""Numbers for Prometheus: of one process, of several, and of jobs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from simgan.service.metrics import forget_process, shared_metrics
from simgan.service.state import Service
from simgan.service.tokens import add_token

Number = tuple[str, tuple[tuple[str, str], ...]]


def numbers(text: str) -> dict[Number, float]:
    """Read the numbers with the parser of prometheus_client, by name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_answers_are_counted_by_method_route_and_status(client: TestClient) -> None:
    for path in ("/healthz", "/healthz", "/v1/models/a", "/v1/models/b", "/no", "/such"):
        client.get(path)
    answer = client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    found = numbers(answer.text)

    def count(route: str, status: str) -> float:
        labels = (("method", "GET"), ("route", route), ("status", status))
        return found["simgan_http_requests_total", labels]

    assert count("/healthz", "200") == 2
    assert count("/v1/models/{name}", "404") == 2
    assert count("none", "404") == 2
    assert found["simgan_http_request_seconds_count", (("route", "/healthz"),)] == 2
    assert found["simgan_http_answering", (("route", "/healthz"),)] == 0
    assert found["simgan_http_sent_bytes_total", (("route", "/healthz"),)] == 2 * len(
        client.get("/healthz").content
    )


def test_head_counts_at_the_route_of_get(client: TestClient) -> None:
    client.head("/v1/models/a")
    labels = (("method", "HEAD"), ("route", "/v1/models/{name}"), ("status", "404"))
    assert numbers(client.get("/metrics").text)["simgan_http_requests_total", labels] == 1


def test_the_numbers_need_the_scope_read(client: TestClient, service: Service) -> None:
    secret = add_token(service.database, "prometheus", ["read"])
    assert client.get("/metrics").status_code == 401
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/metrics", headers=headers).status_code == 200


PROCESS = """
import os, sys
from pathlib import Path
from simgan.service.database import Database
from simgan.service.metrics import Metrics
metrics = Metrics(Database(Path(sys.argv[1])))
metrics.values.inc(5)
metrics.answering.labels("/streams").inc()
print(os.getpid())
print(metrics.text().decode())
"""


def test_several_processes_tell_the_numbers_of_all(service: Service) -> None:
    with shared_metrics():
        file = str(service.database.file)
        command = [sys.executable, "-c", PROCESS, file]
        told = [
            subprocess.run(command, capture_output=True, text=True, check=True).stdout
            for _ in range(2)
        ]
        label = (("route", "/streams"),)
        values, streams = ("simgan_values_drawn_total", ()), ("simgan_http_answering", label)
        processes, texts = zip(*(text.split("\n", 1) for text in told), strict=True)
        assert [numbers(text)[values] for text in texts] == [5, 10]
        assert numbers(texts[1])[streams] == 2
        forget_process(int(processes[0]))
        last = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found = numbers(last.split("\n", 1)[1])
        assert (found[values], found[streams]) == (15, 2)


def test_the_folder_of_the_numbers_goes_with_the_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import os

    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    with shared_metrics():
        folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
        assert folder.is_dir()
    assert not folder.exists() and "PROMETHEUS_MULTIPROC_DIR" not in os.environ


def test_values_are_counted_when_they_are_drawn(client: TestClient) -> None:
    address = "/v1/models/reference/scenarios?n=10&horizon=5"
    tag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    for _ in range(2):  # the second has its answer from memory
        client.get(f"{address.partition('?')[0]}/probability?n=20&horizon=5&given=cumulative<0")
        client.get("/v1/models/reference/outlook?n=2000&horizon=30")
    searched = (4096 + 2048) * 5  # the pilots, and a group in which twenty are found
    drawn = 50 + searched + 2000 * 30
    assert numbers(client.get("/metrics").text)["simgan_values_drawn_total", ()] == drawn
