"""The probability of a condition over HTTP: the counts and the sentence of the command."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
from made_bundle import made_bundle
from starlette.testclient import TestClient

from simgan.bundle.store import write_bundle
from simgan.cli.main import run
from simgan.sampling.model import Model
from simgan.service.app import application
from simgan.service.configuration import Configuration
from simgan.service.spelling import over_http
from simgan.service.state import Service

PATH = "/v1/models/made/scenarios"
ASKED = {"n": "50", "horizon": "5", "seed": "3"}


@pytest.fixture(autouse=True)
def made(service: Service) -> None:
    write_bundle(made_bundle("made", days=60), service.workspace.models / "made")


@pytest.mark.parametrize("given", ["cumulative<-0.02", "cumulative<-0.12"])  # the second is tilted
def test_it_is_that_of_the_command(
    given: str,
    service: Service,
    client: TestClient,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("simgan.sampling.given._STRENGTHS", (0.3,))
    words = [word for name, value in ASKED.items() for word in (f"--{name}", value)]
    place = [
        "--workspace",
        str(service.workspace.root),
        "-o",
        str(service.workspace.root / "s.csv"),
    ]
    assert run(["sample", "made", *words, "--given", given, *place]) == 0
    found = client.get(f"{PATH}/probability", params=ASKED | {"given": given}).json()
    told = " ".join(capsys.readouterr().err.split())
    assert found["sentence"] in over_http(told)
    assert f"{found['met']:,} of {found['drawn']:,}" in found["sentence"]
    assert f"{100 * found['probability']:.3g} %" in found["sentence"]
    assert found["given"] == given
    assert found["scenarios"] == 50 >= found["effective_scenarios"]
    assert found["standard_error"] is None or 0 < found["standard_error"] < found["probability"]


def test_it_asks_for_no_more_scenarios_than_it_may_count(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simgan.sampling.given._STRENGTHS", (0.3,))
    asked = ASKED | {"given": "cumulative<-0.12"}
    remedies = set()
    for most in (10**9, 10**5):
        few = Service.over(service.workspace, Configuration(most_of_risk=most))
        with TestClient(application(few), base_url="http://localhost") as client:
            sentence = client.get(f"{PATH}/probability", params=asked).json()["sentence"]
            remedies.add(sentence.partition("rely on: ")[2].partition(" (")[0])
    assert "give a weaker condition or a longer horizon" in remedies
    assert any(remedy.startswith("ask for more, such as") for remedy in remedies)


def test_scenarios_lead_to_it_and_it_is_counted_once(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenarios = client.get(PATH, params=ASKED | {"given": "cumulative<0"})
    address = urljoin(PATH, scenarios.links["describedby"]["url"])
    first = client.get(address)
    assert first.json()["met"] >= 50
    monkeypatch.setattr(Model, "draw", None)
    assert client.get(address).content == first.content
    known = client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert known.status_code == 304


def test_without_a_condition_nothing_is_counted(client: TestClient) -> None:
    answer = client.get(f"{PATH}/probability", params=ASKED)
    assert (answer.status_code, answer.json()["field"]) == (422, "given")


def test_so_many_scenarios_are_counted_as_risk_has(client: TestClient) -> None:
    """5 · 10⁷ values are 10⁷ scenarios of five days."""
    asked = ASKED | {"given": "cumulative<0", "n": "10000001"}
    answer = client.get(f"{PATH}/probability", params=asked)
    assert (answer.status_code, answer.json()["limit"]) == (422, 5 * 10**7)
    assert "n may be 10,000,000" in answer.json()["detail"]
    link = client.head(PATH, params=asked).links["describedby"]["url"]
    assert "n=10000000&" in link


@pytest.fixture
def few(service: Service) -> Iterator[TestClient]:
    """A service of 25,000 values for a question: two groups of five days, and a part of a third."""
    limits = Configuration(most_of_risk=25_000, group_memory=2**32)
    bounded = Service.over(service.workspace, limits)
    with TestClient(application(bounded), base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "asked"),
    [
        ("GET", "scenarios/probability", {"n": 2000, "horizon": 5}),
        ("GET", "outlook", {"n": 2000, "horizon": 5}),
        ("POST", "risk", {"n": 2000, "horizons": [5], "levels": [0.9]}),
    ],
)
def test_a_search_ends_at_the_limit_and_counts_as_it_was(
    method: str, path: str, asked: dict[str, object], few: TestClient
) -> None:
    """A third of the scenarios falls. So 2,000 of them need three groups of 2,048."""
    words = {"json" if method == "POST" else "params": asked | {"given": "cumulative<-0.005"}}
    answer = few.request(method, f"/v1/models/made/{path}", **words)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["limit"]) == (422, 25_000)
    assert answer.json()["asked"] == 3 * 2048 * 5
    assert "give a weaker condition or a shorter horizon, or ask for" in answer.json()["detail"]
    searched = 4096 + 3 * 2048  # with the pilots
    assert f"simgan_values_drawn_total {searched * 5:.1f}" in few.get("/metrics").text


def test_pilots_have_ten_times_as_many_values(few: TestClient) -> None:
    """No scenario falls so far. So pilots are drawn on, 4,096 at a time."""
    asked = {"n": 1, "horizon": 5, "given": "realized-volatility<0.0001"}
    answer = few.get(f"{PATH}/probability", params=asked)
    assert (answer.status_code, answer.json()["limit"]) == (422, 250_000)
    assert 250_000 < answer.json()["asked"] <= 250_000 + 2048 * 5


def test_a_horizon_without_a_single_scenario_is_told_as_such(few: TestClient) -> None:
    asked = ASKED | {"given": "cumulative<0", "horizon": "30000"}
    detail = few.get(f"{PATH}/probability", params=asked).json()["detail"]
    assert detail == "the horizon of 30,000 days is too long; at most 25,000"
    assert "n=1&" in few.head(PATH, params=asked).links["describedby"]["url"]
