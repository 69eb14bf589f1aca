"""The models of a workspace over HTTP."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from anyio import to_thread
from made_bundle import made_bundle
from starlette.testclient import TestClient

from simgan.bundle.store import Bundle, write_bundle
from simgan.locks import locked
from simgan.service import models as of_service
from simgan.service.models import Models, public
from simgan.service.state import Service
from simgan.workspace import Workspace


def made(service: Service, name: str) -> Path:
    """Write a model whose prices came from a file of this machine."""
    bundle, folder = made_bundle(name, days=60), service.workspace.models / name
    data = replace(bundle.manifest.data, source={"kind": "price_file", "path": "/home/me/ko.csv"})
    write_bundle(replace(bundle, manifest=replace(bundle.manifest, data=data)), folder)
    return folder


def listed(client: TestClient) -> dict[str, dict[str, object]]:
    return {row["name"]: row for row in client.get("/v1/models").json()["models"]}


def test_tasks_that_wait_for_a_model_hold_one_thread(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(service, "KO")
    read, go, seen = of_service.load_bundle, threading.Event(), []

    def slow(workspace: Workspace, name: str) -> Bundle:
        seen.append(name)
        go.wait(100)
        return read(workspace, name)

    async def asked() -> int:
        tasks = [asyncio.create_task(service.models.at_hand("KO")) for _ in range(4)]
        while not seen:
            await asyncio.sleep(0.005)
        held = service.models._threads.borrowed_tokens
        go.set()
        assert len({id(model) for model in await asyncio.gather(*tasks)}) == 1
        return int(held)

    monkeypatch.setattr(of_service, "load_bundle", slow)
    assert asyncio.run(asked()) == 1
    assert seen == ["KO"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/models/KO", None),
        ("POST", "/v1/models/KO/real-or-fake", {"token": "of none", "guess": 0}),
    ],
)
def test_no_route_reads_a_model_in_a_shared_thread(
    method: str,
    path: str,
    body: object,
    service: Service,
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither at first, nor after another model has taken the place of one in memory."""
    read, held = of_service.load_bundle, list[tuple[int, int]]()

    def watched(workspace: Workspace, name: str) -> Bundle:
        assert client.portal is not None
        held.append(client.portal.call(threads_of, service))
        return read(workspace, name)

    monkeypatch.setattr(of_service, "load_bundle", watched)
    for _ in range(2):
        made(service, "KO")
        client.request(method, path, json=body)
    assert held == [(0, 0)] * 2


async def threads_of(service: Service) -> tuple[int, int]:
    """Return the numbers of shared threads and of those for small answers that are held."""
    shared = to_thread.current_default_thread_limiter()
    return int(shared.borrowed_tokens), int(service.streams.quick.borrowed_tokens)


def test_of_a_model_that_was_removed_nothing_stays(service: Service, client: TestClient) -> None:
    models = service.models
    for name in ("A", "B"):
        made(service, name)
        models.model(name)
    assert list(listed(client)) == ["A", "B", "reference"]
    models.remove("A")
    assert [[folder.name for folder in kept] for kept in (models._rows, models._loaded)] == [
        ["B", "reference"],
        ["B"],
    ]
    shutil.rmtree(service.workspace.models / "B")  # as a command does it
    assert list(listed(client)) == ["reference"]
    assert [folder.name for folder in models._rows] == ["reference"]


def test_an_empty_workspace_has_the_reference_model(client: TestClient) -> None:
    [row] = client.get("/v1/models").json()["models"]
    assert row["name"] == "reference"
    assert row["is_reference"] and row["is_latest"]
    assert (row["assets"], row["days"], row["first"]) == (["SP500"], 5030, "1999-01-05")
    assert row["kind"] == "state-space"
    assert row["size"] > 10**6
    assert row["verdict"].startswith("In sample, simgan is within")


def test_the_list_follows_the_workspace(service: Service, client: TestClient) -> None:
    folder = made(service, "KO")
    assert list(listed(client)) == ["KO", "reference"]
    assert [name for name, row in listed(client).items() if row["is_latest"]] == ["KO"]
    (folder / "training.json").write_bytes(b"{}")
    os.utime(folder)
    damage = str(listed(client)["KO"]["damage"])
    assert damage.startswith("the model KO is damaged: ")
    assert str(service.workspace.root) not in damage
    assert client.get("/v1/models/KO").json()["detail"] == damage
    assert client.get("/v1/models/KO").status_code == 409


def test_a_model_tells_its_facts_without_folders(service: Service, client: TestClient) -> None:
    made(service, "KO")
    facts = client.get("/v1/models/KO").json()
    assert facts["data"]["source"] == {"kind": "price_file", "path": "ko.csv"}
    assert facts["recipe"]["architecture"]["kind"] == "state-space"


def test_paths_are_hidden_at_any_depth() -> None:
    assert public({"a": [{"path": "/x/y.csv", "n": 1}], "path": 3}) == {
        "a": [{"path": "y.csv", "n": 1}],
        "path": 3,
    }


@pytest.mark.parametrize(
    "name", ["nothing", "..", "%2e%2e", "..%2fmodels", "모델", "a" * 300, "%00"]
)
def test_an_unknown_name_is_not_found(name: str, service: Service, client: TestClient) -> None:
    made(service, "KO")
    for answer in (client.get(f"/v1/models/{name}"), client.delete(f"/v1/models/{name}")):
        assert answer.status_code == 404
        assert str(service.workspace.root) not in answer.text


def test_a_model_is_removed_and_the_reference_stays(service: Service, client: TestClient) -> None:
    folder = made(service, "KO")
    assert client.get("/v1/models/KO").status_code == 200
    assert client.delete("/v1/models/KO").status_code == 204
    assert not folder.exists()
    assert client.get("/v1/models/KO").status_code == 404
    answer = client.delete("/v1/models/reference")
    assert (answer.status_code, client.get("/v1/models/reference").status_code) == (403, 200)


def test_a_model_that_is_being_written_is_not_removed(service: Service, client: TestClient) -> None:
    folder = made(service, "KO")
    with locked(folder):
        answer = client.delete("/v1/models/KO")
    assert (answer.status_code, answer.headers["retry-after"]) == (409, "30")
    assert folder.exists()


def test_models_stay_in_memory_until_they_are_replaced(service: Service) -> None:
    for name in ("A", "B", "C"):
        made(service, name)
    models, load = Models(service.workspace, kept=2), of_service.load_bundle
    with patch.object(of_service, "load_bundle", side_effect=load) as loads:
        first = models.model("A")
        assert models.model("A") is first
        assert loads.call_count == 1
        write_bundle(made_bundle("A", days=80), service.workspace.models / "A")
        assert models.model("A").bundle.manifest.data.days == 80
        models.model("B"), models.model("A"), models.model("C")  # B is the oldest in use
        assert loads.call_count == 4
        models.model("A")
        assert loads.call_count == 4
        models.model("B")
        assert loads.call_count == 5


def test_the_list_counts_the_statistics_of_a_verdict_and_names_its_uses(
    client: TestClient,
) -> None:
    [reference] = client.get("/v1/models").json()["models"]
    assert reference["counts"] == {"within": 71, "judged": 73, "wins": 3, "ties": 70, "losses": 0}
    assert f"within the noise of the data in {71} of {73}" in reference["verdict"]
    uses = {use["name"]: use for use in reference["uses"]}
    assert uses["VaR and ES of one day"]["fitness"] == "good for"
    rules = uses["rules that follow a path (stop-loss, volatility targets)"]
    assert (rules["fitness"], rules["reasons"]) == ("not for", ["runs of losses are too long"])


def test_a_verdict_of_another_version_has_the_uses_that_can_be_read(
    client: TestClient, service: Service
) -> None:
    bundle = made_bundle("OTHER")
    uses = [{"name": "options", "fitness": "splendid for"}, "text", {"fitness": "good for"}]
    manifest = replace(bundle.manifest, verdict={"sentence": "fine", "uses": uses, "wins": 3})
    write_bundle(replace(bundle, manifest=manifest), service.workspace.models / "OTHER")
    found = service.models.facts("OTHER")
    assert (found.verdict, found.counts) == ("fine", {})
    assert [(use.fitness, use.reasons) for use in found.uses] == [("good for", ())]


@pytest.mark.parametrize("place", ["/home/me/a.csv", "~/a.csv", "C:\\me\\a.csv", "\\\\host\\a.csv"])
def test_no_fact_names_a_folder_whatever_it_is_called(place: str) -> None:
    assert public({"source": {"calendar": place}}) == {"source": {"calendar": "a.csv"}}
    assert public({"read": [place, "KO"], "file": ["me/a.csv"]}) == {
        "read": ["a.csv", "KO"],
        "file": ["a.csv"],
    }


@pytest.mark.parametrize("is_read", [False, True])
@pytest.mark.parametrize("path", ["/v1/models", "/", "/models/KO", "/v1/models/KO"])
def test_a_model_that_goes_meanwhile_is_no_error(
    path: str, is_read: bool, service: Service, client: TestClient
) -> None:
    folder, load = made(service, "KO"), of_service.load_bundle

    def going(workspace: Workspace, name: str) -> Bundle:
        found = load(workspace, name) if is_read else None
        if name == "KO":
            shutil.rmtree(folder)
        return found or load(workspace, name)

    with patch.object(of_service, "load_bundle", going):
        answer = client.get(path)
    assert answer.status_code == (404 if path.endswith("KO") and not is_read else 200)
