"""Exceptions that no route expects: a traceback in the log, and a problem for the client."""

from __future__ import annotations

import logging
import time
from http import HTTPStatus

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simgan.service.logs import FACTS, SHOWN, Sparse
from simgan.service.problems import Problem, problem_of_system, refuse
from simgan.service.state import Service

LOGGER = logging.getLogger("simgan.service")


class Bugs:
    """Answer a bug, or a system that refuses, with a problem.

    If the answer has begun, cut it off, so that it looks broken.
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app, self._refusals = app, Sparse()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and catch its exceptions."""
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            return
        except Exception as error:
            if scope["type"] != "http" or has_begun:
                raise
            problem = problem_of_system(error)
            if problem is None:
                LOGGER.error("bug in the answer to %s", scope["path"][:SHOWN], exc_info=error)
                sentence = "this is a bug in simgan; its log has the traceback"
                problem = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, sentence)
            elif (facts := self._refusals.facts(str(error), time.monotonic())) is not None:
                text = "no answer to %s: %s"
                LOGGER.error(text, scope["path"][:SHOWN], error, extra={FACTS: facts})
            await refuse(problem, scope, receive, send)
