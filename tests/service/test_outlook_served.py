"""The coming days over HTTP, and the game of real and fake charts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from made_bundle import made_bundle
from made_joint import made_joint
from starlette.testclient import TestClient

from simgan.bundle.store import write_bundle
from simgan.sampling.model import Model
from simgan.service.routes.games import _seed
from simgan.service.secret import Secret
from simgan.service.state import Service
from simgan.workflows.coming_days import coming_days
from simgan.workflows.guessing import answer_of
from simgan.workflows.risk import RiskRequest


@pytest.fixture
def made(service: Service) -> str:
    write_bundle(made_bundle("made"), service.workspace.models / "made")
    return "/v1/models/made"


def test_an_outlook_has_the_numbers_of_the_workflow(
    made: str, service: Service, client: TestClient
) -> None:
    asked = {"horizon": 5, "n": 2500, "position": -200, "seed": 3, "as_of": "2016-06-01"}
    answer = client.get(f"{made}/outlook", params=asked).json()
    request = RiskRequest(
        workspace=service.workspace,
        name="made",
        horizons=(5,),
        levels=(0.95, 0.975, 0.99),
        n=2500,
        position=-200.0,
        seed=3,
        as_of="2016-06-01",
    )
    assert answer == coming_days(request, service.models.model("made")).to_json()
    assert len(answer["quantiles"]["values"][0]) == len(answer["after"]["values"]) == 6


def test_notes_of_an_outlook_name_fields(
    made: str, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = SimpleNamespace(to_json=lambda: {"notes": ["ask for more, such as --n 4000"]})
    monkeypatch.setattr("simgan.service.routes.outlooks.coming_days", lambda *_: noted)
    answer = client.get(f"{made}/outlook").json()
    assert answer["notes"] == ["ask for more, such as n=4000"]


def test_an_outlook_that_is_known_is_not_drawn_again(
    made: str, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"horizon": 2, "n": 2000}
    first = client.get(f"{made}/outlook", params=asked)
    tag = first.headers["etag"]
    monkeypatch.setattr(Model, "draw", None)
    assert client.get(f"{made}/outlook", params=asked).content == first.content
    known = client.get(f"{made}/outlook", params=asked, headers={"If-None-Match": tag})
    assert (known.status_code, known.content) == (304, b"")
    monkeypatch.undo()
    changes: list[dict[str, Any]] = [{"position": 5}, {"horizon": 3}, {"seed": 1}, {"n": 2001}]
    tags = {client.get(f"{made}/outlook", params=asked | one).headers["etag"] for one in changes}
    assert len(tags | {tag}) == 5


def test_the_last_day_is_another_question_than_the_latest(
    made: str, service: Service, client: TestClient
) -> None:
    """The scenarios are the same, and the days after the start are not."""
    last = service.models.facts("made").last
    asked = [{"n": 2000, "as_of": day} for day in ("latest", last)]
    latest, dated = (client.get(f"{made}/outlook", params=each) for each in asked)
    assert latest.headers["etag"] != dated.headers["etag"]
    days = [answer.json()["after"]["days"] for answer in (latest, dated)]
    assert days == [[], [last]]


def test_assets_are_held_in_equal_shares(service: Service, client: TestClient) -> None:
    write_bundle(made_joint(), service.workspace.models / "BOOK")
    asked = {"n": 2000, "horizon": 2}
    by_name = client.get("/v1/models/BOOK/outlook", params=asked | {"assets": "ONE,THREE"})
    by_weights = client.get(
        "/v1/models/BOOK/outlook", params=asked | {"weights": "ONE=.5,THREE=.5"}
    )
    assert by_name.status_code == 200
    assert by_name.json() == by_weights.json()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"n": 10**8}, "n may be"),
        ({"horizon": 20_000, "n": 2000}, "the horizon of 20,000 days is too long"),
        ({"n": 10}, "at least 2,000"),
        ({"weights": "/etc/passwd"}, "equal, or A=.6,B=.4"),
        ({"weights": "MADE=1", "assets": "MADE"}, "left out beside weights"),
        ({"assets": "OTHER"}, "OTHER"),
        ({"position": "nan"}, "position = 'nan' is not possible"),
        ({"prices": "/etc/passwd"}, "unknown parameter 'prices'"),
    ],
)
def test_a_wrong_outlook_is_told(
    asked: dict[str, Any], told: str, made: str, client: TestClient
) -> None:
    answer = client.get(f"{made}/outlook", params=asked)
    assert answer.status_code == 422
    assert told in answer.json()["detail"]


@pytest.mark.parametrize("position", ["-1.7e308", "1.1e15"])
def test_a_position_has_bounds(position: str, made: str, client: TestClient) -> None:
    answer = client.get(f"{made}/outlook", params={"position": position, "n": 2000})
    assert answer.status_code == 422
    assert "position" in answer.json()["detail"]


def test_a_round_of_the_game_is_played(made: str, service: Service, client: TestClient) -> None:
    found = client.get(f"{made}/real-or-fake", params={"round": 5, "days": 30}).json()
    assert sorted(found) == ["asset", "charts", "token"]
    assert [len(chart) for chart in found["charts"]] == [31] * 4
    answers = [
        client.post(f"{made}/real-or-fake", json={"token": found["token"], "guess": guess}).json()
        for guess in range(4)
    ]
    words = found["token"].rpartition(".")[0]
    answer = answer_of(_seed(service, words))
    assert answers == [{"right": guess == answer, "answer": answer} for guess in range(4)]


def test_rounds_are_others_in_another_workspace(
    made: str, service: Service, client: TestClient
) -> None:
    """Nobody foresees a round by the code alone, and every server of the workspace knows it."""
    asked = {"round": 5, "days": 30}
    first = client.get(f"{made}/real-or-fake", params=asked).json()
    assert first == client.get(f"{made}/real-or-fake", params=asked).json()
    assert first != client.get(f"{made}/real-or-fake", params=asked | {"seed": 1}).json()
    again = Secret.of(service.database)
    assert again.signed("a", "b") == service.secret.signed("a", "b")
    with service.database.writing() as connection:
        connection.execute("DELETE FROM secret")
    other = Secret.of(service.database)
    assert other.signed("a", "b") != service.secret.signed("a", "b")


def test_a_token_of_another_model_or_hand_is_refused(
    made: str, service: Service, client: TestClient
) -> None:
    bundle = made_bundle("other", identity="7" * 64)
    write_bundle(bundle, service.workspace.models / "other")
    token = client.get(f"{made}/real-or-fake").json()["token"]
    signature = token.rpartition(".")[2]
    forged = [token[:-1] + ("0" if token[-1] != "0" else "1"), f"[1].{signature}", "", ".", "ü.ü"]
    for path, text in [(made, each) for each in forged] + [("/v1/models/other", token)]:
        answer = client.post(f"{path}/real-or-fake", json={"token": text, "guess": 0})
        assert (answer.status_code, answer.json()["field"]) == (422, "token")


@pytest.mark.parametrize("guess", [-1, 4, "real", None])
def test_a_guess_is_one_of_four(guess: object, made: str, client: TestClient) -> None:
    answer = client.post(f"{made}/real-or-fake", json={"token": "x", "guess": guess})
    assert answer.status_code == 422


def test_the_reference_model_plays(client: TestClient) -> None:
    found = client.get("/v1/models/reference/real-or-fake").json()
    assert found["asset"] == "SP500"
    assert [len(chart) for chart in found["charts"]] == [126] * 4
