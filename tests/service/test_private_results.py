"""Reports and backtests on an upload are for their owner alone."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest
from fake_works import Works
from made_bundle import made_bundle
from starlette.testclient import TestClient

from simgan.bundle.store import write_bundle
from simgan.service.app import application
from simgan.service.jobs.orders import ORDERS
from simgan.service.jobs.orders.order import Place
from simgan.service.state import Service
from simgan.service.tokens import add_token
from simgan.workspace import Workspace

# Writes as the real commands do: where its options say, and with the place of the upload in it.
FAKE = """
import json, os, sys
given = dict(word[2:].split("=", 1) for word in sys.argv if word.startswith("--") and "=" in word)
page = given.get("out") or f"{given['workspace']}/reports/{given['name']}-backtest.html"
beside = page.removesuffix("html")
os.makedirs(os.path.dirname(page), exist_ok=True)
for file in (page, beside + "json", beside + "forecasts.parquet"):
    with open(file, "w") as opened:
        opened.write(f"simgan --against '{given.get('against') or given['prices']}'")
print(json.dumps({"verdict": {}}))
"""


def as_caller(service: Service, name: str) -> TestClient:
    secret = add_token(service.database, name, ["read", "sample", "fit"])
    headers = {"Authorization": f"Bearer {secret}"}
    return TestClient(application(service), base_url="http://127.0.0.1:8000", headers=headers)


def is_over(client: TestClient, address: str) -> bool:
    return client.get(address).json()["state"] in ("done", "failed")


def test_the_pages_on_an_upload_are_for_its_owner_alone(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = (sys.executable, "-I", "-c", FAKE)
    monkeypatch.setattr("simgan.service.jobs.attempt.SIMGAN", fake)
    service = Service.over(Workspace(works.root), works.configuration)
    write_bundle(made_bundle("made"), service.workspace.models / "made")
    public = {service.workspace.report(name, "html") for name in ("made", "made-backtest")}
    for page in public:
        page.parent.mkdir(exist_ok=True)
        page.write_text("for all")
    with as_caller(service, "ann") as ann, as_caller(service, "bob") as bob, works.supervised():
        sent = ann.post("/v1/uploads", params={"name": "mine.csv"}, content=b"date,close")
        id = sent.json()["id"]
        report = {"kind": "report", "name": "made", "against": id}
        backtest = {"kind": "backtest", "tickers": "made", "upload": id}
        for order in (report, backtest):
            job = ann.post("/v1/jobs", json=order).json()
            address = f"/v1/jobs/{job['id']}"
            works.wait(partial(is_over, ann, address))
            shown = ann.get(address).json()
            assert shown["state"] == "done", shown["problem"]
            assert "report" not in shown["result"]["links"]
            for name in ("page", "numbers"):
                file = ann.get(shown["result"]["links"][name])
                assert file.status_code == 200
                assert file.text == "simgan --against 'mine.csv'"
                assert bob.get(shown["result"]["links"][name]).status_code == 404
        assert bob.get("/v1/models/made/report", headers={"Accept": "text/html"}).text == "for all"
    assert {page.read_text() for page in public} == {"for all"}
    assert set(service.workspace.reports.iterdir()) == public


def test_a_private_backtest_finds_the_prior_of_the_workspace(works: Works) -> None:
    workspace = Workspace(works.root)
    write_bundle(made_bundle("made"), workspace.models / "made")
    asked = {"kind": "backtest", "tickers": "KO", "prior": "made"}
    place = Place(workspace, Path("service/jobs/x"), None, 1, False)
    private = ORDERS.validate_python({**asked, "upload": "f" * 64})
    assert private.borrowed(place) == [Path("models/made")]
    assert ORDERS.validate_python(asked).borrowed(place) == []
