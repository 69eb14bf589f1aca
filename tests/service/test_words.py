"""Words of requests: an unknown one is refused, and the nearest known one is named."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        (
            "/v1/models/reference/scenarios?horizons=3",
            "did you mean horizon? known: horizon",
        ),
        ("/v1/models/reference/outlook?level=.9", "unknown parameter 'level' in this request"),
        ("/v1/models/reference/real-or-fake?rund=1", "did you mean round?"),
        ("/v1/jobs?stat=done", "did you mean state? known: state, kind, inspects, before, limit"),
        (f"/v1/jobs/{'0' * 32}/events?afte=1", "did you mean after?"),
        (
            "/v1/models/reference/scenarios?n=2&n=3",
            "the parameter n is given 2 times; give it once",
        ),
        ("/v1/models/reference/report?format=json", "takes no parameters; leave 'format' out"),
    ],
)
def test_a_parameter_that_a_route_does_not_have_is_refused(
    client: TestClient, address: str, sentence: str
) -> None:
    answer, is_endless = client.get(address), "/events?" in address
    assert (answer.status_code, sentence in answer.json()["detail"]) == (422, True)
    assert client.head(address).status_code == (405 if is_endless else 422)


@pytest.mark.parametrize(
    ("address", "body", "near"),
    [
        ("/v1/models/reference/risk", {"level": [0.99]}, "levels"),
        ("/v1/models/reference/risk", {"horizon": 1}, "horizons"),
        ("/v1/jobs", {"kind": "backtest", "tickers": ["A"], "horizon": [1]}, "horizons"),
        ("/v1/jobs/estimate", {"kind": "fit", "ticker": "A"}, "tickers"),
        ("/v1/models/reference/real-or-fake", {"guss": 1}, "guess"),
        ("/v1/jobs", {"kind": "fit", "prices": "x.csv"}, "upload"),
        ("/v1/jobs", {"kind": "fit", "set": {}}, "settings"),
        ("/v1/jobs", {"kind": "fit", "from": "2010-01-01"}, "start"),
        ("/v1/jobs", {"kind": "backtest", "from": "2010-01-01"}, "first"),
        ("/v1/jobs", {"kind": "backtest", "to": "2010-01-01"}, "end"),
    ],
)
def test_a_field_of_another_name_is_refused_with_the_nearest(
    client: TestClient, address: str, body: dict[str, object], near: str
) -> None:
    answer = client.post(address, json=body)
    assert answer.status_code == 422
    assert f"did you mean {near}?" in answer.json()["detail"]


def test_the_address_of_a_page_may_hold_its_settings(client: TestClient) -> None:
    assert client.get("/models/reference?condition=lower&bound=5").status_code == 200


def test_a_list_or_a_nest_without_end_is_told_in_short(client: TestClient) -> None:
    nest: object = 1
    for _ in range(300):
        nest = {"a": nest}
    for changes in ({"tickers": [1] * 9000}, {"tickers": "A", "settings": nest}):
        answer = client.post("/v1/jobs", json={"kind": "fit", **changes})
        assert (answer.status_code, len(answer.json()["errors"])) == (422, 1)
        assert len(answer.content) < 1500


def test_a_long_unknown_word_is_told_in_short(client: TestClient) -> None:
    long = "x" * 5000
    for answer in (
        client.post("/v1/models/reference/risk", json={long: 1}),
        client.get(f"/v1/models/reference/outlook?{long}=1"),
        client.get(f"/v1/models/reference/report?{long}=1"),
        client.get(f"/static/{long}"),
        client.post("/v1/jobs", json={"kind": long}),
    ):
        assert answer.status_code in (404, 422)
        assert "xxx" in answer.json()["detail"] and len(answer.json()["detail"]) < 1000


@pytest.mark.parametrize(
    ("body", "kind", "status", "sentence"),
    [
        (b"[" * 60_000, "application/json", 400, "too deeply"),
        (b"1" * 5000, "application/json", 400, "too many digits"),
        (b'{"kind": "\xff"}', "application/json", 400, "no text in UTF-8"),
        (
            b"{}",
            "text/plain",
            415,
            "the type 'text/plain'; send it with the header Content-Type",
        ),
        (b"{}", "", 415, "the body has no type; send it with the header Content-Type: application"),
        (b'{"kind": "fit", "tickers": "A\\nB"}', "application/json", 422, ": it must be printable"),
    ],
)
def test_a_body_that_cannot_be_understood_is_told(
    client: TestClient, body: bytes, kind: str, status: int, sentence: str
) -> None:
    answer = client.post("/v1/jobs", content=body, headers={"Content-Type": kind})
    assert (answer.status_code, sentence in answer.json()["detail"]) == (status, True), answer.text
