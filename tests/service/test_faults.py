"""Faults of requests in sentences: the field, its value, the possible ones and the nearest."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

REFERENCE = "/v1/models/reference"


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (
            {"kind": "fitt"},
            "kind = 'fitt' is not possible; it must be one of fit, backtest, report",
        ),
        ({"kind": "fitt"}, "did you mean fit?"),
        ({}, "kind is missing"),
        ([1], "the body = [1] is not possible; it must be an object"),
        ({"kind": "report"}, "name is missing"),
        (
            {"kind": "fit", "source": "yaho"},
            "source = 'yaho' is not possible; it must be yahoo or sample; did you mean yahoo?",
        ),
        ({"kind": "fit", "upload": "zz"}, "the id that the service gave, of 64 digits from 0 to f"),
        ({"kind": "fit", "start": "x"}, "start = 'x' is not possible; it must be a date, such as"),
        ({"kind": "fit", "seed": 1.5}, "seed = 1.5 is not possible; it must be a whole number"),
        ({"kind": "fit", "regimes": 99}, "regimes = 99 is not possible; it must be at most 20"),
        ({"kind": "fit", "name": "a" * 201}, "name has too many characters; the most are 200"),
        ({"kind": "fit", "name": "\n"}, "name: it must be printable text, not empty"),
        ({"kind": "backtest", "levels": []}, "levels has too few entries; the fewest are 1"),
        ({"kind": "backtest", "levels": [0.1]}, "levels.0 = 0.1 is not possible; it must be above"),
        ({"kind": "backtest", "weights": {"A": "x"}}, "weights.A = 'x' is not possible; it must"),
    ],
)
def test_a_fault_of_an_order_is_a_sentence(
    client: TestClient, order: object, sentence: str
) -> None:
    answer = client.post("/v1/jobs/estimate", json=order)
    assert answer.status_code == 422
    assert sentence in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("n=x", "n", "n = 'x' is not possible; it must be a whole number"),
        ("n=0", "n", "n = '0' is not possible; it must be at least 1"),
        ("format=cvs", "format", "did you mean csv?"),
        ("layout=tall", "layout", "layout = 'tall' is not possible; it must be wide or long"),
    ],
)
def test_a_fault_of_a_query_names_its_parameter(
    client: TestClient, query: str, field: str, sentence: str
) -> None:
    answer = client.get(f"{REFERENCE}/scenarios?{query}").json()
    assert [each["field"] for each in answer["errors"]] == [field]
    assert sentence in answer["detail"]


def test_a_probability_needs_a_condition(client: TestClient) -> None:
    answer = client.get(f"{REFERENCE}/scenarios/probability").json()
    assert answer["detail"].startswith("given is missing; it must be a condition")
    assert answer["field"] == "given"


@pytest.mark.parametrize(
    ("path", "order", "field", "sentence"),
    [
        (
            f"{REFERENCE}/risk",
            {"weights": 5},
            "weights",
            "weights = 5 is not possible; it must be text or an object",
        ),
        (
            f"{REFERENCE}/risk",
            {"weights": {"A.B": "x"}},
            "weights.A.B",
            "weights.A.B = 'x' is not possible; it must be a number",
        ),
        (
            f"{REFERENCE}/risk",
            {"weights": "A" * 20_001},
            "weights",
            "weights has too many characters; the most are 20,000",
        ),
        (
            "/v1/jobs/estimate",
            {"kind": "backtest", "tickers": ["KO"], "weights": "equall"},
            "weights",
            "weights = 'equall' is not possible; it must be equal or an object; "
            "did you mean equal?",
        ),
    ],
)
def test_the_types_of_a_union_are_one_fault(
    path: str, order: object, field: str, sentence: str, client: TestClient
) -> None:
    answer = client.post(path, json=order).json()
    assert [each["field"] for each in answer["errors"]] == [field]
    assert answer["detail"] == sentence


def test_the_level_of_the_command_line_is_called_levels(client: TestClient) -> None:
    answer = client.post(f"{REFERENCE}/risk", json={"level": 0.9}).json()
    assert "did you mean levels?" in answer["detail"]
