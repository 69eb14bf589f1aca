"""Answers that are computed at once: each by one thread, while others who ask for it wait."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar, cast

from anyio import CapacityLimiter, to_thread
from fastapi import Request
from pydantic import JsonValue
from starlette.responses import Response

from simgan.progress import Stop
from simgan.sampling.model import Model
from simgan.service.cache import Cache
from simgan.service.counted import CountedModel
from simgan.service.metrics import Metrics
from simgan.service.models import Models
from simgan.service.spelling import all_over_http
from simgan.service.streams import Streams, computed, leaving
from simgan.service.tags import is_known, tag_of
from simgan.service.turns import Turns

Result = TypeVar("Result")
_SENTENCES = {"notes", "sentence"}
_ROOM = 2**25  # bytes of answers that are kept
_PILOTS = 10  # values of pilots, in limits of values of a question


@dataclass(frozen=True)
class Question:
    """A question about risk, within the limits of the service.

    Attributes
    ----------
    address : str
        A hash of all that decides the answer.
    answer : callable (stop) → mapping
        Plain JSON data.
    """

    address: str
    answer: Callable[[Stop], Mapping[str, object]]


class Answers:
    """The answers of a process. The thread of the event loop alone asks for them.

    Those who wait for an answer, or for a model, hold no thread, and wait no longer than their
    reader.

    Parameters
    ----------
    streams : Streams
    models : Models
    metrics : Metrics
    most : int
        Values that a question about risk may draw, also where it searches for a condition.
    """

    def __init__(self, streams: Streams, models: Models, metrics: Metrics, most: int) -> None:
        self._streams, self._models, self._metrics, self._most = streams, models, metrics, most
        self._kept = Cache[bytes](_ROOM, len)
        self._turns = Turns()

    async def ready(
        self, name: str, work: Callable[[Model], Result], most: int | None = None
    ) -> Result:
        """Return the result of small work on a model, which is read first.

        Metrics count the values that are drawn from it, and a drawing has `most` of them.
        """
        model = await self._models.at_hand(name)
        counted = CountedModel.of(model, self._metrics.values.inc, most, _PILOTS * self._most)
        return await to_thread.run_sync(work, counted, limiter=self._streams.quick)

    async def about_risk(
        self, name: str, prepare: Callable[[Model], Question], request: Request, caller: str
    ) -> Response:
        """Answer a question about the risk of a model. It takes a place, and a thread for risk.

        Raises
        ------
        Problem
            All places are taken.
        """
        question = await self.ready(name, prepare, self._most)
        headers = {"ETag": tag_of(question.address)}
        if is_known(headers["ETag"], request):
            return Response(None, HTTPStatus.NOT_MODIFIED, headers)
        content = self._kept.found(question.address)
        if content is None:
            with self._streams.of_risk.taken(caller):
                async with leaving(request.receive) as stop, self._streams.turns.of(caller):
                    content = await self.once(
                        question.address, lambda: self._of(question, stop), self._streams.risk
                    )
        return Response(content, headers=headers, media_type="application/json")

    async def once(
        self,
        address: str,
        make: Callable[[], bytes],
        limiter: CapacityLimiter,
        turn: Hashable | None = None,
    ) -> bytes | None:
        """Return the answer of an address, or None where its making was stopped.

        It is made where nobody has made it yet. If it cannot be made, the next of those who wait
        tries.

        Parameters
        ----------
        address : str
            A hash of all that decides the answer.
        make : callable
            Is called in a thread.
        limiter : CapacityLimiter
            Of these threads.
        turn : hashable, optional
            Answers with the same turn are made one after the other, because they share work. By
            default only those of the same address are.
        """
        if (content := self._kept.found(address)) is not None:
            return content
        async with self._turns.of(turn or address):
            content = self._kept.found(address)
            if content is None:
                content = await computed(make, limiter)
                if content is not None:
                    self._kept.keep(address, content)
            return content

    def _of(self, question: Question, stop: Stop) -> bytes:
        answer = dict(question.answer(stop))
        for name in _SENTENCES & answer.keys():
            answer[name] = all_over_http(cast(JsonValue, answer[name]))
        return json.dumps(answer, allow_nan=False).encode()
