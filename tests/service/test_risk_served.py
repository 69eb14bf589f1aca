"""Risk over HTTP: the numbers of Python, and limits."""

from __future__ import annotations

from typing import Any

import pytest
from made_bundle import made_bundle
from made_joint import calm_joint
from starlette.testclient import TestClient

import simgan
from simgan.bundle.store import write_bundle
from simgan.service.state import Service


@pytest.fixture
def made(service: Service) -> str:
    write_bundle(made_bundle("made"), service.workspace.models / "made")
    return "/v1/models/made/risk"


@pytest.fixture
def book(service: Service) -> str:
    write_bundle(calm_joint(400), service.workspace.models / "BOOK")
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


def test_a_book_is_told_by_shares_or_by_positions(
    book: str, service: Service, client: TestClient
) -> None:
    shares = {"ONE": 0.75, "TWO": -0.25, "CASH": 0.5}
    options = {"n": 2000, "rebalance": "daily"}
    by_shares = client.post(book, json=options | {"weights": shares, "position": 4000}).json()
    text = "ONE=.75,TWO=-.25,CASH=.5"
    assert by_shares == client.post(book, json=options | {"weights": text, "position": 4000}).json()
    positions = {asset: 4000 * share for asset, share in shares.items()}
    assert by_shares == client.post(book, json=options | {"positions": positions}).json()
    assert by_shares == of_python(service, "BOOK", weights=shares, position=4000.0, **options)
    assert [part["asset"] for part in by_shares["parts"]] == ["ONE", "TWO"]


def test_a_book_of_short_positions_gains_by_falls(book: str, client: TestClient) -> None:
    """A whole of −1,000 with shares ½ and ½ is the same as two positions of −500."""
    by_positions = client.post(book, json={"n": 2000, "positions": {"ONE": -500, "TWO": -500}})
    shares = {"position": -1000, "weights": {"ONE": 0.5, "TWO": 0.5}}
    assert by_positions.json() == client.post(book, json={"n": 2000} | shares).json()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"n": 10**7}, "n may be"),
        ({"n": 100}, "at least 2,000"),
        ({"levels": [1.5]}, "inside (0, 1)"),
        ({"levels": []}, "levels: "),
        ({"horizons": [0]}, "horizons"),
        ({"horizons": [10**9]}, "n may be 0"),
        ({"position": 0}, "the value of a position"),
        ({"position": 1, "positions": {"MADE": 1}}, "left out beside"),
        ({"positions": {"MADE": 1, "CASH": -1}}, "do not add up to 0"),
        ({"positions": {"OTHER": 1}}, "OTHER"),
        ({"weights": "/etc/passwd"}, "equal, or A=.6,B=.4"),
        ({"weights": {"OTHER": 1}}, "OTHER"),
        ({"prices": "/etc/passwd"}, "prices: "),
        ({"out": "/tmp/page.html"}, "out: "),
        ({"as_of": "1900-01-01"}, "1900-01-01"),
        ({"given": "max-drawdown>0.1", "frtb": True}, "left out with --given"),
        ({"rebalance": "monthly"}, "rebalance: "),
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


def test_risk_takes_a_place(made: str, service: Service, client: TestClient) -> None:
    service.streams.open = service.configuration.streams
    assert client.post(made, json={}).status_code == 429
    service.streams.open = 0
