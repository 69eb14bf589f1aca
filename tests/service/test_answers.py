"""Answers about risk: who waits for whom, with which threads, and for how long."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest
from fastapi import Request
from made_bundle import made_bundle
from starlette.responses import Response
from starlette.types import Message

from simgan.progress import Stop
from simgan.sampling.model import Model
from simgan.service.answers import Question
from simgan.service.configuration import Configuration
from simgan.service.models import Models
from simgan.service.state import Service
from simgan.workspace import Workspace


class Asked:
    """Questions to a service of two cores. Their threads work until `go` is set."""

    def __init__(self, service: Service) -> None:
        self.service, self.go = service, threading.Event()
        self.running: list[str] = []
        self.faults: list[Exception] = []
        self.has_left = asyncio.Event()  # the reader of a question that `may_leave`

    def ask(self, caller: str, address: str, may_leave: bool = False) -> asyncio.Task[Response]:
        def answer(stop: Stop) -> dict[str, object]:
            self.running.append(address)
            self.go.wait(100)
            if self.faults:
                raise self.faults.pop()
            return {"answer": address}

        async def receive() -> Message:
            await (self.has_left if may_leave else asyncio.Event()).wait()
            return {"type": "http.disconnect"}

        request = Request({"type": "http", "method": "GET", "headers": []}, receive)
        work = self.service.answers.about_risk(
            "reference", lambda model: Question(address, answer), request, caller
        )
        return asyncio.create_task(work)

    async def until_running(self, *addresses: str) -> None:
        async with asyncio.timeout(100):
            while sorted(self.running) != sorted(addresses):
                await asyncio.sleep(0.005)

    async def until_open(self, count: int) -> None:
        """Wait until so many questions have a place. Then they wait for no other thing but it."""
        async with asyncio.timeout(100):
            while self.service.streams.of_risk.taken_count != count:
                await asyncio.sleep(0.005)


Played = Callable[[Asked], Coroutine[None, None, None]]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Played], None]:
    model = Model(made_bundle("made", days=60))

    async def at_hand(models: Models, name: str) -> Model:
        return model

    monkeypatch.setattr("simgan.service.streams.available_cores", lambda: 2)
    monkeypatch.setattr(Models, "at_hand", at_hand)
    service = Service.over(Workspace(tmp_path), Configuration())

    def played(scene: Played) -> None:
        async def whole() -> None:
            asked = Asked(service)
            try:
                await scene(asked)
            finally:
                asked.go.set()

        asyncio.run(whole())

    return played


def test_a_caller_leaves_half_of_the_threads_to_others(play: Callable[[Played], None]) -> None:
    async def scene(asked: Asked) -> None:
        tasks = [asked.ask("ann", "a")]
        await asked.until_running("a")  # and the next two wait for their turn
        tasks += [asked.ask("ann", address) for address in ("b", "c")]
        tasks.append(asked.ask("bob", "d"))
        await asked.until_running("a", "d")
        asked.go.set()
        answers = await asyncio.gather(*tasks)
        assert [answer.body for answer in answers] == [b'{"answer": "%c"}' % c for c in b"abcd"]

    play(scene)


def test_equal_questions_hold_one_thread(play: Callable[[Played], None]) -> None:
    async def scene(asked: Asked) -> None:
        tasks = [asked.ask(caller, "a") for caller in ("ann", "bob", "cem")]
        await asked.until_running("a")
        tasks.append(asked.ask("dan", "b"))
        await asked.until_running("a", "b")
        asked.go.set()
        answers = await asyncio.gather(*tasks)
        assert asked.running == ["a", "b"]
        assert len({answer.body for answer in answers[:3]}) == 1

    play(scene)


def test_who_has_left_waits_for_nobody(play: Callable[[Played], None]) -> None:
    async def scene(asked: Asked) -> None:
        first = asked.ask("ann", "a")
        await asked.until_running("a")
        tasks = [asked.ask("bob", "a", may_leave=True), asked.ask("ann", "b", may_leave=True)]
        await asked.until_open(3)  # both wait: for the answer, and for a turn
        asked.has_left.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 100)
        assert not first.done()
        assert asked.service.streams.of_risk.taken_count == 1
        asked.go.set()
        assert (await first).body == b'{"answer": "a"}'

    play(scene)


def test_the_next_tries_where_one_fails(play: Callable[[Played], None]) -> None:
    async def scene(asked: Asked) -> None:
        asked.faults.append(ZeroDivisionError())
        tasks = [asked.ask(caller, "a") for caller in ("ann", "bob", "cem")]
        await asked.until_running("a")
        asked.go.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert asked.running == ["a", "a"]
        assert sorted(isinstance(answer, Response) for answer in answers) == [False, True, True]

    play(scene)
