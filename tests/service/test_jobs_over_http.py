"""Jobs over HTTP: ordered, shown, listed, cancelled, and seen by those who may see them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from fake_works import Works
from made_bundle import made_bundle
from pydantic import JsonValue
from starlette.testclient import TestClient

from simgan.bundle.store import write_bundle
from simgan.service.access import EVERYONE
from simgan.service.app import application
from simgan.service.configuration import Configuration
from simgan.service.jobs.job import KeptFile, Lease
from simgan.service.jobs.orders.order import JobOrder
from simgan.service.jobs.requests import Jobs
from simgan.service.jobs.store import Search, Wanted
from simgan.service.state import Service
from simgan.service.tokens import add_token
from simgan.workspace import Workspace

FIT = {"kind": "fit", "tickers": "SP500", "source": "sample"}


def as_caller(service: Service, name: str) -> dict[str, str]:
    """Return the headers of a caller, who gets a token."""
    secret = add_token(service.database, name, ["read", "sample", "fit"])
    return {"Authorization": f"Bearer {secret}"}


@contextmanager
def asked(service: Service) -> Iterator[TestClient]:
    """Ask as ann."""
    ann = as_caller(service, "ann")
    app = application(service)
    with TestClient(app, base_url="http://127.0.0.1:8000", headers=ann) as client:
        yield client


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service.over(Workspace(tmp_path), Configuration(queue=2, uploads=2, largest_upload=99))


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    with asked(service) as client:
        yield client


@pytest.fixture
def bob(service: Service, client: TestClient) -> dict[str, str]:
    return as_caller(service, "bob")


def done(service: Service, id: str, files: dict[str, KeptFile]) -> None:
    job = service.jobs.store.claim(Lease(1, ""))
    assert job is not None and job.id == id
    service.jobs.store.finish(job, {"model": "SP500"}, files)


def test_an_order_is_accepted_and_the_same_order_is_the_same_job(
    client: TestClient, service: Service, bob: dict[str, str]
) -> None:
    answer = client.post("/v1/jobs", json=FIT)
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["location"] == f"/v1/jobs/{job['id']}"
    assert int(answer.headers["retry-after"]) >= 1
    assert (job["state"], job["kind"], job["attempt"]) == ("queued", "fit", 0)
    assert client.post("/v1/jobs", json=FIT, headers=bob).json() == job
    shown = client.get(answer.headers["location"])
    assert shown.json() == job and "retry-after" in shown.headers
    done(service, job["id"], {})
    again = client.post("/v1/jobs", json=FIT)
    assert (again.status_code, again.json()["state"]) == (200, "done")
    assert "retry-after" not in again.headers


def test_a_full_queue_is_told_with_a_time(client: TestClient) -> None:
    for seed in range(2):
        assert client.post("/v1/jobs", json={**FIT, "seed": seed}).status_code == 202
    answer = client.post("/v1/jobs", json={**FIT, "seed": 2})
    assert answer.status_code == 429 and int(answer.headers["retry-after"]) > 0
    assert client.post("/v1/jobs", json={**FIT, "seed": 1}).status_code == 202


def test_impossible_orders_have_the_sentence_of_the_command(client: TestClient) -> None:
    answer = client.post("/v1/jobs", json={**FIT, "settings": {"rate": -1}})
    assert answer.status_code == 422
    assert answer.json()["field"] == "rate" and "1e-07" in answer.json()["detail"]
    for body in ({"kind": "steal"}, {**FIT, "prices": "/etc/passwd"}, [], {"kind": "fit"}):
        assert client.post("/v1/jobs", json=body).status_code == 422
    assert client.post("/v1/jobs", json={"kind": "report", "name": "no"}).status_code == 404


def test_jobs_are_listed_by_pages(client: TestClient) -> None:
    ids = [client.post("/v1/jobs", json={**FIT, "seed": s}).json()["id"] for s in range(2)]
    page = client.get("/v1/jobs?limit=1").json()
    assert [job["id"] for job in page["jobs"]] == [ids[1]]
    page = client.get(page["next"]).json()
    assert [job["id"] for job in page["jobs"]] == [ids[0]] and page["next"] is None
    assert client.get("/v1/jobs?state=done").json()["jobs"] == []
    assert len(client.get("/v1/jobs?kind=fit&state=queued").json()["jobs"]) == 2
    assert client.get("/v1/jobs?state=lost").status_code == 422


def test_a_job_is_cancelled(client: TestClient, service: Service) -> None:
    waits, runs = (client.post("/v1/jobs", json={**FIT, "seed": s}).json()["id"] for s in (0, 1))
    assert client.delete(f"/v1/jobs/{waits}").json()["state"] == "cancelled"
    assert service.jobs.store.claim(Lease(1, "")) is not None
    answer = client.delete(f"/v1/jobs/{runs}")
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["cancelling"]) == ("running", True)
    assert client.delete(f"/v1/jobs/{'0' * 32}").status_code == 404
    assert client.get("/v1/jobs/..%2F..%2Fetc").status_code in (404, 422)


def page_of_a_job(client: TestClient, service: Service) -> tuple[Path, str]:
    """Let a job make a page of 11 bytes. Return its file and its address."""
    from simgan.service.jobs.identity import sha256_of_file

    id = client.post("/v1/jobs", json=FIT).json()["id"]
    page = service.workspace.root / "reports" / "SP500.html"
    page.parent.mkdir()
    page.write_text("<p>page</p>")
    done(service, id, {"page": KeptFile("reports/SP500.html", sha256_of_file(page))})
    return page, client.get(f"/v1/jobs/{id}").json()["result"]["links"]["page"]


def test_files_of_a_result_are_given_as_long_as_they_stand(
    client: TestClient, service: Service
) -> None:
    page, address = page_of_a_job(client, service)
    answer = client.get(address)
    assert answer.text == "<p>page</p>" and "sandbox" in answer.headers["content-security-policy"]
    known = client.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert client.get(address.replace("/page", "/numbers")).status_code == 404
    page.write_text("another one")
    assert client.get(address).status_code == 410
    assert client.post("/v1/jobs", json=FIT).status_code == 202  # made again


@pytest.mark.parametrize(
    ("field", "part"),
    [
        *(("bytes=0-2", "<p>"), ("bytes=7-", "</p>"), ("bytes=-4", "</p>"), ("bytes=-99", None)),
        *(("", None), ("bytes", None), ("bytes=-", None), ("bytes=5-2", None), ("bytes=a-b", None)),
        *(("lines=0-2", None), ("bytes=0-1,3-4", None), (f"bytes={'9' * 5000}-", None)),
    ],
)
def test_a_part_of_a_file_is_given_where_its_range_is_understood(
    client: TestClient, service: Service, field: str, part: str | None
) -> None:
    _, address = page_of_a_job(client, service)
    assert client.get(address, headers={"Range": field}).text == (part or "<p>page</p>")
    of_another = {"Range": field, "If-Range": '"another"'}
    assert client.get(address, headers=of_another).text == "<p>page</p>"


@pytest.mark.parametrize("field", ["bytes=11-", "bytes=11-12", "bytes=-0"])
def test_a_range_behind_the_end_is_a_problem(
    client: TestClient, service: Service, field: str
) -> None:
    _, address = page_of_a_job(client, service)
    answer = client.get(address, headers={"Range": field})
    assert answer.status_code == answer.json()["status"] == 416
    assert answer.headers["content-range"] == "bytes */11"


def upload(client: TestClient, content: bytes, name: str = "prices.csv", **headers: str) -> str:
    answer = client.post("/v1/uploads", params={"name": name}, content=content, headers=headers)
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["id"])


def test_a_caller_sees_its_own_uploads_and_their_jobs_alone(
    client: TestClient, bob: dict[str, str]
) -> None:
    id = upload(client, b"date,close\n")
    order = {"kind": "inspect", "upload": id}
    assert client.post("/v1/jobs", json=order, headers=bob).status_code == 422
    job = client.post("/v1/jobs", json=order).json()["id"]
    assert client.get("/v1/uploads", headers=bob).json() == {"uploads": []}
    assert client.delete(f"/v1/uploads/{id}", headers=bob).status_code == 404
    for method in (client.get, client.delete):
        assert method(f"/v1/jobs/{job}", headers=bob).status_code == 404
    assert client.get("/v1/jobs", headers=bob).json()["jobs"] == []
    assert upload(client, b"date,close\n", **bob) == id
    other = client.post("/v1/jobs", json=order, headers=bob).json()["id"]
    assert other != job
    assert client.get(f"/v1/jobs/{job}").json()["id"] == job


def test_an_order_for_an_upload_that_is_removed_meanwhile_is_refused(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = upload(client, b"date,close\n")
    checked = Jobs.wanted

    def removed(jobs: Jobs, order: JobOrder, caller: str) -> Wanted:
        wanted = checked(jobs, order, caller)
        assert jobs.remove(jobs.uploads.known(caller, id))
        return wanted

    with monkeypatch.context() as patch:
        patch.setattr(Jobs, "wanted", removed)
        answer = client.post("/v1/jobs", json={"kind": "inspect", "upload": id})
    assert answer.status_code == 422 and "unknown upload" in answer.json()["detail"]
    assert client.get("/v1/jobs").json()["jobs"] == []


def test_uploads_from_before_the_first_token_are_seen_by_tokens(
    client: TestClient, service: Service, bob: dict[str, str]
) -> None:
    sent = service.workspace.root / "sent"
    sent.write_bytes(b"date,close\n")
    early = service.jobs.uploads.add(EVERYONE.name, "a.csv", sent, "a" * 64, 1)
    order = {"kind": "inspect", "upload": early.id}
    job = client.post("/v1/jobs", json=order)
    assert job.status_code == 202
    assert [one["id"] for one in client.get("/v1/uploads").json()["uploads"]] == [early.id]
    assert client.get(f"/v1/jobs/{job.json()['id']}", headers=bob).status_code == 404
    gone = f"/v1/uploads/{early.id}"
    assert client.delete(gone, headers=bob).status_code == 409  # the job of ann needs it
    client.delete(f"/v1/jobs/{job.json()['id']}")
    assert client.delete(gone, headers=bob).status_code == 204


def test_uploads_are_whole_and_limited(client: TestClient, service: Service) -> None:
    id = upload(client, b"x" * 99, "../../가격.csv")
    assert upload(client, b"x" * 99, "other.csv") == id
    [shown] = client.get("/v1/uploads").json()["uploads"]
    assert shown["bytes"] == 99 and "/" not in shown["name"] and shown["name"].endswith(".csv")
    too_large = client.post("/v1/uploads", content=b"x" * 100)
    assert too_large.status_code == 413
    parts: Iterator[bytes] = iter([b"x" * 60, b"x" * 60])  # without a length
    assert client.post("/v1/uploads", content=parts).status_code == 413
    assert client.post("/v1/uploads", content=b"").status_code == 422
    upload(client, b"second")
    assert client.post("/v1/uploads", content=b"third").status_code == 409
    kept = [file for file in service.jobs.uploads.folder.rglob("*") if file.is_file()]
    assert len(kept) == 2


def test_a_form_is_refused_with_the_line_that_sends_a_file(client: TestClient) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = client.post("/v1/uploads?name=a.csv", content=b"--x", headers=headers)
    assert answer.status_code == 415
    line = "curl --data-binary @prices.csv 'http://127.0.0.1:8000/v1/uploads?name=prices.csv'"
    assert answer.json()["detail"].endswith(line)
    assert client.get("/v1/uploads").json() == {"uploads": []}


def test_an_upload_stays_as_long_as_a_job_needs_it(client: TestClient) -> None:
    id = upload(client, b"date,close\n")
    job = client.post("/v1/jobs", json={"kind": "inspect", "upload": id}).json()["id"]
    assert client.delete(f"/v1/uploads/{id}").status_code == 409
    client.delete(f"/v1/jobs/{job}")
    assert client.delete(f"/v1/uploads/{id}").status_code == 204
    assert client.get("/v1/uploads").json() == {"uploads": []}
    assert client.post("/v1/jobs", json={"kind": "inspect", "upload": id}).status_code == 422


def test_an_upload_is_read_by_the_command_and_its_place_is_not_told(
    tmp_path: Path, works: Works
) -> None:
    """The command is the real one: the file is refused, and this is an answer."""
    from simgan.service.jobs.command import SIMGAN

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simgan.service.jobs.attempt.SIMGAN", SIMGAN)
        works.limits(largest_upload=10**6)
        service = Service.over(Workspace(works.root), replace(works.configuration))
        with asked(service) as client, works.supervised():
            id = upload(client, b"date,close\n2020-01-01,a\n2020-01-02,b\n")
            job = client.post("/v1/jobs", json={"kind": "inspect", "upload": id}).json()
            works.wait(
                lambda: client.get(f"/v1/jobs/{job['id']}").json()["state"] in ("done", "failed"),
                60,
            )
            told = client.get(f"/v1/jobs/{job['id']}")
    assert told.json()["state"] == "done", told.text
    assert told.json()["result"]["origin"] == "prices.csv"
    assert str(tmp_path) not in told.text and "service/" not in told.text.replace("/v1/", "")


def test_an_estimate_orders_nothing(client: TestClient) -> None:
    answer = client.post("/v1/jobs/estimate", json=FIT)
    assert answer.status_code == 200
    found = answer.json()
    assert found["seconds"] > 1 and found["memory"] > 2**28
    assert (found["assets"], found["pace"]) == (1, 1.0)
    assert client.get("/v1/jobs").json()["jobs"] == []
    assert client.post("/v1/jobs/estimate", json={**FIT, "tickers": "SP600"}).status_code == 422


def test_a_fit_of_too_few_days_is_refused_where_a_look_has_counted_them(
    client: TestClient, service: Service
) -> None:
    file = {"upload": upload(client, b"date,close\n"), "start": "2020-01-01"}
    order = {**file, "kind": "fit", "tickers": ["KO"]}
    assert client.post("/v1/jobs/estimate", json=order).is_success
    client.post("/v1/jobs", json={**file, "kind": "inspect"})
    job = service.jobs.store.claim(Lease(1, ""))
    assert job is not None
    days = {"AA": 61, "KO": 60}
    assets = [{"name": name, "days": days[name], "refused": None} for name in days]
    service.jobs.store.finish(job, {"assets": assets}, {})
    for path in ("/v1/jobs/estimate", "/v1/jobs"):
        answer = client.post(path, json=order)
        assert answer.status_code == 422
        assert answer.json()["detail"] == (
            "KO: 60 prices give 59 log returns, but at least 60 are needed; use a longer history"
        )
    assert client.post("/v1/jobs/estimate", json={**order, "tickers": ["AA"]}).is_success


def test_a_list_leaves_looks_at_prices_out(client: TestClient) -> None:
    file = upload(client, b"date,close\n")
    order = {"kind": "inspect", "upload": file}
    look = client.post("/v1/jobs", json=order).json()["id"]
    fit = client.post("/v1/jobs", json={"kind": "fit", "tickers": ["KO"]}).json()["id"]
    found = client.get("/v1/jobs?inspects=false&limit=1").json()
    assert ([job["id"] for job in found["jobs"]], found["next"]) == ([fit], None)
    first = client.get("/v1/jobs?limit=1").json()
    assert [job["id"] for job in client.get(first["next"]).json()["jobs"]] == [look]


def test_a_report_on_a_model_that_is_not_there_names_its_way(client: TestClient) -> None:
    report = {"kind": "report", "name": "BRK.B"}
    answer = client.post("/v1/jobs", json=report)
    assert (answer.status_code, '"fit" makes one' in answer.json()["detail"]) == (404, True)
    id = client.post("/v1/jobs", json={**FIT, "name": "BRK.B"}).json()["id"]
    answer = client.post("/v1/jobs", json=report)
    assert answer.status_code == 404
    assert answer.json()["detail"].startswith(f"unknown model 'BRK.B'; the job {id} makes it;")


@pytest.mark.parametrize("manifest", ['{"half": ', "{}"])
def test_a_report_on_a_damaged_model_is_refused_with_the_reason(
    manifest: str, client: TestClient, service: Service
) -> None:
    folder = service.workspace.models / "KO"
    write_bundle(made_bundle("made", days=60), folder)
    report = {"kind": "report", "name": "KO"}
    job = client.post("/v1/jobs", json=report).json()
    done(service, job["id"], {})
    assert client.post("/v1/jobs/estimate", json=report).json()["pace"] < 1.0
    (folder / "manifest.json").write_text(manifest)
    damage = client.get("/v1/models/KO").json()["detail"]
    for address in ("/v1/jobs", "/v1/jobs/estimate"):
        answer = client.post(address, json=report)
        assert (answer.status_code, answer.json()["detail"]) == (409, damage)
    other = client.post("/v1/jobs/estimate", json={**report, "name": "reference"})
    assert (other.status_code, other.json()["pace"]) == (200, 1.0)


def test_a_job_of_another_version_holds_up_no_other_request(
    client: TestClient, service: Service
) -> None:
    """Its order has a field that this version lacks."""
    id = upload(client, b"date,close\n")
    fit = client.post("/v1/jobs", json=FIT).json()["id"]
    client.post("/v1/jobs", json={"kind": "inspect", "upload": id})
    with service.database.writing() as connection:
        connection.execute("UPDATE jobs SET request = json_set(request, '$.old', 1)")
    unknown = client.post("/v1/jobs", json={"kind": "report", "name": "SP500"})
    assert (unknown.status_code, '"fit" makes one' in unknown.json()["detail"]) == (404, True)
    done(service, fit, {})
    assert client.post("/v1/jobs/estimate", json=FIT).json()["pace"] == 1.0
    assert client.delete(f"/v1/uploads/{id}").status_code == 204


def test_a_job_tells_the_name_of_its_price_file(client: TestClient) -> None:
    upload = client.post("/v1/uploads?name=our%20prices.csv", content=b"date,close").json()
    job = client.post("/v1/jobs", json={"kind": "inspect", "upload": upload["id"]}).json()
    client.post("/v1/jobs", json=FIT)
    listed = client.get("/v1/jobs").json()["jobs"]
    assert [one["file"] for one in (job, *listed)] == [upload["name"], None, upload["name"]]
    assert client.get(f"/v1/jobs/{job['id']}").json()["file"] == upload["name"]


def test_a_list_has_short_results(client: TestClient, service: Service) -> None:
    id = client.post("/v1/jobs", json=FIT).json()["id"]
    job = service.jobs.store.claim(Lease(1, ""))
    assert job is not None
    result: dict[str, JsonValue] = {
        **{"model": "KO", "is_new": True, "score": None, "seconds": 1.5},
        **{"verdict": {"long": [1]}, "lines": [1, 2], "links": {"model": "/"}},
    }
    service.jobs.store.finish(job, result, {})
    [row] = client.get("/v1/jobs").json()["jobs"]
    large = {"verdict", "lines"}
    assert row["result"] == {name: value for name, value in result.items() if name not in large}
    assert row["request"] == {**FIT, "tickers": ["SP500"]}
    assert client.get(f"/v1/jobs/{id}").json()["result"] == result


def test_what_a_list_does_not_show_is_not_read(client: TestClient, service: Service) -> None:
    client.post("/v1/jobs", json={**FIT, "settings": {"training.overlap": 1}})
    job = service.jobs.store.claim(Lease(1, ""))
    assert job is not None and job.request["settings"]
    service.jobs.store.finish(job, {"verdict": {"long": "x" * 10**6}}, {})
    [found] = service.jobs.listed(Search("ann"))
    assert found.result == {} and "settings" not in found.request


def test_an_order_has_a_largest_size(client: TestClient) -> None:
    order = {**FIT, "kind": "backtest", "weights": {f"asset {i}": 1.0 for i in range(5000)}}
    answer = client.post("/v1/jobs", json=order)
    assert answer.status_code == 413 and "65,536 bytes" in answer.json()["detail"]
    assert client.get("/v1/jobs").json()["jobs"] == []


def test_an_empty_number_of_the_last_event_is_none(client: TestClient) -> None:
    address = f"/v1/jobs/{client.post('/v1/jobs', json=FIT).json()['id']}/events?format=json"
    answer = client.get(address, headers={"Last-Event-ID": ""})
    assert [event["event"] for event in answer.json()["events"]] == ["queued"]
    assert client.get(address, headers={"Last-Event-ID": "x"}).status_code == 422
