"""Scenarios over HTTP: the bytes of the command, and limits."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from made_bundle import made_bundle
from made_joint import made_joint
from starlette.testclient import TestClient

from simgan.bundle.store import write_bundle
from simgan.cli.main import run
from simgan.errors import Interrupted, SamplingError
from simgan.progress import Stop
from simgan.sampling.latent import SIZE, Drawing
from simgan.sampling.model import Model
from simgan.scenarios.product import Scenarios
from simgan.service.media import MEDIA_TYPES
from simgan.service.queries import ScenarioQuery
from simgan.service.routes.scenarios import ready_of
from simgan.service.state import Service

PATH = "/v1/models/{}/scenarios"


@pytest.fixture
def made(service: Service) -> str:
    """A model of one asset."""
    write_bundle(made_bundle("made", days=60), service.workspace.models / "made")
    return PATH.format("made")


@pytest.fixture
def book(service: Service) -> str:
    """A model of three assets."""
    write_bundle(made_joint(), service.workspace.models / "BOOK")
    return PATH.format("BOOK")


def of_command(service: Service, kind: str, *options: str) -> bytes:
    """Return the bytes that `simgan sample` writes."""
    file = service.workspace.root / f"s.{kind}"
    place = ["--workspace", str(service.workspace.root), "-o", str(file), "--force", "--quiet"]
    assert run(["sample", *options, *place]) == 0
    return file.read_bytes()


@pytest.mark.parametrize("kind", MEDIA_TYPES)
@pytest.mark.parametrize("n", [10, 30_000])  # at once, and in chunks
def test_the_bytes_are_those_of_the_command(
    n: int, kind: str, made: str, service: Service, client: TestClient
) -> None:
    accept = {"Accept": MEDIA_TYPES[kind][0]}  # type: ignore[index]
    answer = client.get(made, params={"n": n, "horizon": 5, "seed": 3}, headers=accept)
    assert answer.headers["content-type"].partition(";")[0] == accept["Accept"]
    options = ["made", "--n", str(n), "--horizon", "5", "--seed", "3"]
    assert answer.content == of_command(service, kind, *options)


@pytest.mark.parametrize(
    "asked",
    [
        {"as_of": "2010-12-31", "values": "prices", "initial_price": "ONE=5,TWO=7"},
        {"as_of": "stationary", "layout": "long", "assets": "THREE,ONE"},
        {"given": "ONE:cumulative<0", "first": 100, "values": "returns"},
        {"level_uncertainty": True},
    ],
)
def test_every_option_means_what_it_means_to_the_command(
    asked: dict[str, Any], book: str, service: Service, client: TestClient
) -> None:
    answer = client.get(book, params={"n": 50, "horizon": 5, **asked})
    assert answer.status_code == 200
    options = ["BOOK", "--n", "50", "--horizon", "5"]
    for name, value in asked.items():
        if name != "format":
            options.append(f"--{name.replace('_', '-')}")
            options += [] if value is True else [str(value)]
    assert answer.content == of_command(service, asked.get("format", "csv"), *options)


def test_scenarios_of_tilted_noise_have_their_weights(
    made: str, service: Service, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simgan.sampling.given._STRENGTHS", (0.3,))
    asked = {"n": "50", "horizon": "5", "given": "cumulative<-0.12"}
    options = [word for name, value in asked.items() for word in (f"--{name}", value)]
    answer = client.get(made, params=asked)
    assert answer.text.startswith("scenario,weight,1,")
    assert answer.content == of_command(service, "csv", "made", *options)


def test_the_reference_model_answers_in_an_empty_workspace(
    service: Service, client: TestClient
) -> None:
    answer = client.get(PATH.format("reference"), params={"n": 3, "as_of": "2008-09-12"})
    assert answer.content == of_command(
        service, "csv", "reference", "--n", "3", "--as-of", "2008-09-12"
    )
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"reference-scenarios.csv\"; filename*=UTF-8''reference-scenarios.csv"
    )


def test_pages_follow_each_other_to_the_whole(made: str, client: TestClient) -> None:
    whole = client.get(made, params={"n": 30, "seed": 1}).text.splitlines()
    page = client.get(made, params={"n": 10, "seed": 1})
    lines = page.text.splitlines()
    for _ in range(2):
        page = client.get(made + page.links["next"]["url"])
        lines += page.text.splitlines()[1:]
    assert lines == whole
    assert "next" not in client.get(made, params={"n": 10, "given": "cumulative<0"}).links


def test_the_last_page_that_a_request_can_ask_for_has_no_next(
    made: str, client: TestClient
) -> None:
    last = 2**63 - 1
    page = client.get(made, params={"n": 1, "first": last - 2})
    following = client.get(made + page.links["next"]["url"])
    assert following.status_code == 200
    assert "next" not in following.links


def test_a_reader_that_has_the_bytes_is_told_without_a_draw(
    made: str, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"n": 10, "given": "cumulative<0"}
    first = client.get(made, params=asked)
    tag = first.headers["etag"]
    monkeypatch.setattr(Model, "draw", None)
    for known in (tag, f'"other", W/{tag}', "*"):
        answer = client.get(made, params=asked, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    head = client.head(made, params=asked)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    assert head.headers["content-type"] == first.headers["content-type"]
    assert "content-length" not in head.headers
    other = client.head(made, params=asked | {"format": "npy"}, headers={"If-None-Match": tag})
    assert (other.status_code, other.headers["etag"] == tag) == (200, False)


def test_a_small_answer_is_computed_once_for_many(
    made: str, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get(made, params={"n": 10})
    monkeypatch.setattr(Model, "draw", None)
    assert client.get(made, params={"n": 10, "format": "csv"}).content == first.content


def test_pages_asked_for_at_once_share_their_group(
    made: str, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, drawn = Model.draw, list[int]()

    def counted(self: Model, drawing: Drawing, *others: Any) -> Iterator[Scenarios]:
        drawn.append(drawing.n)
        time.sleep(0.1)  # the next page would begin meanwhile
        yield from draw(self, drawing, *others)

    monkeypatch.setattr(Model, "draw", counted)
    with ThreadPoolExecutor(4) as threads:
        asked = [{"n": 10, "first": first} for first in range(10, 50, 10)]
        answers = list(threads.map(lambda each: client.get(made, params=each), asked))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert drawn == [SIZE]


@pytest.mark.parametrize(
    "others",
    [
        [{"n": n} for n in (11, 12)],
        [{"first": 10, "as_of": day} for day in ("latest", "stationary")],
    ],
)
def test_answers_that_share_no_group_are_computed_at_the_same_time(
    others: list[dict[str, Any]],
    made: str,
    service: Service,
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw, together = Model.draw, threading.Barrier(2)
    service.streams.quick.total_tokens = 2

    def met(self: Model, *others: Any) -> Iterator[Scenarios]:
        together.wait(20)
        yield from draw(self, *others)

    monkeypatch.setattr(Model, "draw", met)
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda each: client.get(made, params=each), others))
    assert [answer.status_code for answer in answers] == [200, 200]


def test_another_model_of_the_name_has_another_tag(
    made: str, service: Service, client: TestClient
) -> None:
    tag = client.head(made).headers["etag"]
    assert client.head(made).headers["etag"] == tag
    write_bundle(made_bundle("made", days=70), service.workspace.models / "made")
    assert client.head(made).headers["etag"] != tag


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        (
            {"n": 10**9, "horizon": 21},
            422,
            "1,000,000,000 scenarios of 21 days of 1 asset would",
        ),
        ({"n": 1, "horizon": 10**11}, 422, "1 scenario of 100,000,000,000 days of 1 asset would"),
        ({"weights": "../../x=1"}, 422, "../../x"),
        ({"n": 1, "horizon": 10**6}, 422, "the horizon of 1,000,000 days is too long; at most"),
        ({"n": -1}, 422, "n = "),
        ({"n": 10**30}, 422, "n = "),
        ({"first": 2**63 - 2}, 422, "numbers stay below"),
        ({"horizn": 5}, 422, "unknown parameter 'horizn'"),
        ({"values": "bars"}, 422, "learned from closes only"),
        ({"as_of": "yesterday"}, 422, "yesterday"),
        ({"given": "profit>1"}, 422, "profit"),
        ({"given": "max-drawdown>2"}, 422, "one that a path can meet"),
        ({"regime": "calm"}, 422, "calm"),
        ({"format": "xlsx"}, 422, "format = "),
        ({"format": "npy", "layout": "long"}, 422, "an array has no columns"),
        ({"initial_price": "much"}, 422, "a number, or A=100,B=50"),
        ({"prices": "/etc/passwd"}, 422, "unknown parameter 'prices'"),
    ],
)
def test_what_cannot_be_drawn_is_told(
    asked: dict[str, Any], status: int, told: str, made: str, client: TestClient
) -> None:
    answer = client.get(made, params=asked)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert told in answer.json()["detail"]


def test_a_limit_has_the_numbers(made: str, client: TestClient) -> None:
    answer = client.get(made, params={"n": 10**9, "horizon": 21}).json()
    assert (answer["asked"], answer["limit"]) == (21 * 10**9, 10**10)


@pytest.mark.parametrize("n", [10, 30_000])
def test_an_error_before_the_first_chunk_is_told(
    n: int, made: str, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise SamplingError("the volatility of made grows without bound")

    monkeypatch.setattr(Model, "draw", failing)
    answer = client.get(made, params={"n": n})
    assert (answer.status_code, "without bound" in answer.json()["detail"]) == (422, True)


@pytest.mark.parametrize("weights", ["/etc/passwd", "shares.csv", "", "EQUAL"])
def test_no_weights_are_read_from_a_file(
    weights: str, book: str, client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shares.csv").write_text("ONE,1\n")
    answer = client.get(book, params={"weights": weights, "given": "cumulative<0"})
    assert answer.status_code == 422
    assert answer.json()["field"] == "weights"
    assert "A=.6,B=.4" in answer.json()["detail"]


def test_a_condition_is_about_the_weights(book: str, client: TestClient) -> None:
    asked = {"n": 20, "horizon": 5, "given": "cumulative<-0.02"}
    about_one = client.get(book, params=asked | {"weights": "ONE=1"})
    named = client.get(book, params=asked | {"given": "ONE:cumulative<-0.02"})
    assert about_one.content == named.content
    assert about_one.content != client.get(book, params=asked).content
    assert about_one.headers["etag"] != named.headers["etag"]


def test_long_streams_have_places_and_small_answers_need_none(
    made: str, service: Service, client: TestClient
) -> None:
    long = {"n": 30_000, "horizon": 5}
    limit = service.configuration.streams_of_caller
    with ExitStack() as stack:
        for _ in range(limit):
            stack.enter_context(service.streams.places.taken("local"))
        refused = client.get(made, params=long)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
        assert "you have 12 streams open" in refused.json()["detail"]
        assert client.get(made, params={"n": 10}).status_code == 200
    assert client.get(made, params=long).status_code == 200
    assert service.streams.places.taken_count == 0


def test_one_scenario_of_a_long_horizon_takes_a_place(
    made: str, service: Service, client: TestClient
) -> None:
    """All 2,048 of its group are computed."""
    with ExitStack() as stack:
        for _ in range(service.configuration.streams_of_caller):
            stack.enter_context(service.streams.places.taken("local"))
        assert client.get(made, params={"n": 1, "horizon": 600}).status_code == 429
        assert client.get(made, params={"n": 1, "horizon": 60}).status_code == 200


def test_nothing_is_drawn_for_a_reader_that_has_left(
    made: str, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready, stop = ready_of(service, service.models.model("made"), ScenarioQuery(n=10)), Stop()
    monkeypatch.setattr(Model, "draw", None)
    stop.ask()
    with pytest.raises(Interrupted):
        next(ready.order(stop).chunks("csv", stop))
