"""Risk over HTTP: the numbers of Python, and limits."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from made_bundle import made_bundle
from made_joint import made_joint
from starlette.testclient import TestClient

import simgan
from simgan.bundle.store import write_bundle
from simgan.errors import MissingExtraError
from simgan.sampling.model import Model
from simgan.service.app import application
from simgan.service.configuration import Configuration
from simgan.service.risk_queries import RiskQuestion
from simgan.service.state import Service
from simgan.workspace import Workspace


@pytest.fixture
def made(service: Service) -> str:
    write_bundle(made_bundle("made"), service.workspace.models / "made")
    return "/v1/models/made/risk"


@pytest.fixture
def book(service: Service) -> str:
    write_bundle(made_joint(), service.workspace.models / "BOOK")
    return "/v1/models/BOOK/risk"


def of_python(service: Service, name: str, **options: Any) -> dict[str, Any]:
    return simgan.risk(name, workspace=service.workspace.root, **options).results.to_json()


def test_the_numbers_are_those_of_python(made: str, service: Service, client: TestClient) -> None:
    asked = {"position": -5e4, "levels": [0.9, 0.95], "horizons": [1, 5], "n": 3000, "seed": 2}
    answer = client.post(made, json=asked).json()
    assert not service.workspace.reports.exists()  # no page was written
    options = {"position": -5e4, "level": (0.9, 0.95), "horizon": (1, 5), "n": 3000, "seed": 2}
    assert answer == of_python(service, "made", **options)
    assert {row["model"] for row in answer["risk"]} == {"simgan", "gjr-fhs"}
    assert all(row["value_at_risk_error"] > 0 for row in answer["risk"])


def test_the_numbers_of_a_book_are_those_of_python(
    book: str, service: Service, client: TestClient
) -> None:
    shares = {"ONE": 0.75, "TWO": -0.25, "CASH": 0.5}
    options = {"n": 2000, "rebalance": "daily", "weights": shares, "position": 4000.0}
    answer = client.post(book, json=options).json()
    assert answer == of_python(service, "BOOK", **options)
    assert [part["asset"] for part in answer["parts"]] == list(shares)


def test_the_same_question_is_answered_once(
    made: str, service: Service, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.post(made, json={"n": 2000})
    other = client.post(made, json={"n": 2000, "position": 5})
    assert first.headers["etag"] != other.headers["etag"]
    assert first.json()["position"] != other.json()["position"]
    monkeypatch.setattr(Model, "draw", None)
    again = client.post(made, json={"n": 2000, "seed": 0})
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    monkeypatch.undo()
    write_bundle(made_bundle("made", days=60), service.workspace.models / "made")
    of_another = client.post(made, json={"n": 2000})
    assert of_another.headers["etag"] != first.headers["etag"]
    assert of_another.json() != first.json()


@pytest.mark.parametrize(
    ("asked", "position", "weights"),
    [
        ({}, 1e6, "equal"),
        ({"weights": "ONE=.75,CASH=.25"}, 1e6, {"ONE": 0.75, "CASH": 0.25}),
        ({"positions": {"ONE": 3000, "CASH": 1000}}, 4000, {"ONE": 0.75, "CASH": 0.25}),
        ({"positions": {"ONE": -500, "TWO": -500}}, -1000, {"ONE": 0.5, "TWO": 0.5}),
        ({"positions": {"ONE": 100, "TWO": -300}}, -200, {"ONE": -0.5, "TWO": 1.5}),
    ],
)
def test_positions_are_the_whole_and_its_shares(
    asked: dict[str, Any], position: float, weights: object, service: Service
) -> None:
    """The last is a gain of 100 r₁ − 300 r₂, which is −200 (−0.5 r₁ + 1.5 r₂)."""
    request = RiskQuestion(**asked).risk_request(service.workspace, Model(made_joint()))
    assert (request.position, request.weights) == (position, weights)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"n": 10**7}, "n may be"),
        ({"n": 100}, "at least 2,000"),
        ({"levels": [1.5]}, "levels.0 = 1.5 is not possible; it must be below 1"),
        ({"levels": []}, "levels has too few entries"),
        ({"horizons": [0]}, "horizons"),
        ({"horizons": [10**9]}, "the horizon of 1,000,000,000 days is too long; at most"),
        ({"position": 0}, "the value of a position"),
        ({"position": 1, "positions": {"MADE": 1}}, "left out beside"),
        ({"positions": {"MADE": 1, "CASH": -1}}, "do not add up to 0"),
        ({"positions": {"OTHER": 1}}, "OTHER"),
        ({"positions": dict.fromkeys(map(str, range(1001)))}, "positions: it may have 1,000"),
        ({"weights": dict.fromkeys(map(str, range(1001)))}, "weights: it may have 1,000 entries"),
        ({"weights": "A" * 20_001}, "too many characters; the most are 20,000"),
        ({"weights": "/etc/passwd"}, "equal, or A=.6,B=.4"),
        ({"weights": {"OTHER": 1}}, "OTHER"),
        ({"prices": "/etc/passwd"}, "unknown field 'prices'"),
        ({"out": "/tmp/page.html"}, "unknown field 'out'"),
        ({"as_of": "1900-01-01"}, "1900-01-01"),
        ({"given": "max-drawdown>0.1", "frtb": True}, "left out with given"),
        ({"rebalance": "monthly"}, "rebalance = 'monthly' is not possible"),
    ],
)
def test_a_wrong_question_is_told(
    asked: dict[str, Any], told: str, made: str, client: TestClient
) -> None:
    answer = client.post(made, json=asked)
    assert answer.status_code == 422
    assert told in answer.json()["detail"]


def test_numbers_that_are_none_are_refused(made: str, client: TestClient) -> None:
    answer = client.post(
        made, content=b'{"position": NaN}', headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422


def test_risk_needs_no_package_for_the_history(
    made: str, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where only scenarios can be drawn, the history of the reference model cannot be read."""

    def lacking(_: object) -> None:
        raise MissingExtraError("the sample source of prices", package="arch")

    monkeypatch.setattr("simgan.workflows.risk.history_of_bundle", lacking)
    answer = client.post(made, json={"n": 2000}).json()
    assert {row["model"] for row in answer["risk"]} == {"simgan"}
    assert any("gjr-fhs is left out: the sample source" in note for note in answer["notes"])


def test_risk_has_places_of_its_own(made: str, service: Service, client: TestClient) -> None:
    with ExitStack() as stack:
        for number in range(service.configuration.streams):
            stack.enter_context(service.streams.places.taken(f"reader {number}"))
        assert client.post(made, json={"n": 2000}).status_code == 200
        for _ in range(service.configuration.streams_of_caller):
            stack.enter_context(service.streams.of_risk.taken("local"))
        assert client.post(made, json={}).status_code == 429


def test_the_first_faults_of_many_are_told_in_short(made: str, client: TestClient) -> None:
    asked = {str(number) * 5000: "much" for number in range(1, 10)}
    answer = client.post(made, json={"positions": asked})
    assert (answer.status_code, len(answer.json()["errors"])) == (422, 5)
    assert answer.json()["detail"].endswith("; and 4 more")
    assert len(answer.content) < 4000


def test_a_question_of_a_megabyte_is_not_read(made: str, client: TestClient) -> None:
    assert client.post(made, content=b" " * 10**6).status_code == 413


def test_a_condition_that_is_too_rare_has_a_remedy_within_the_limit(tmp_path: Path) -> None:
    """The limit of 100,000 is one of scenarios drawn, and 16,384 were drawn for the 3,000."""
    service = Service.over(Workspace(tmp_path), Configuration(most_of_risk=1_000_000))
    write_bundle(made_bundle("made"), service.workspace.models / "made")
    asked = {"given": "cumulative<-0.25", "n": 3000, "horizons": [10]}
    with TestClient(application(service), base_url="http://127.0.0.1:8000") as client:
        refusal = client.post("/v1/models/made/risk", json=asked).json()
        told = "16,479 scenarios are the most: ask for levels=0.98 with n=16479, or a weaker"
        assert told in refusal["detail"]
        again = asked | {"n": 16479, "levels": [0.98]}
        assert client.post("/v1/models/made/risk", json=again).is_success


def test_more_scenarios_are_a_remedy_in_the_names_of_fields(made: str, client: TestClient) -> None:
    asked = {"given": "cumulative<-0.25", "n": 3000, "horizons": [10]}
    refusal = client.post(made, json=asked).json()
    remedy = r"ask for more, such as n=\d+, or lower the levels$"
    assert re.search(remedy, refusal["detail"])
