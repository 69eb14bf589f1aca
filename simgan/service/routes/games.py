"""Which one is real? Rounds of a game, and answers to guesses.

The service keeps nothing of a round. The secret of the workspace decides the windows and their
order, so that only the service can tell the answer. A signed token says which round it was.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from simgan.sampling.model import Model
from simgan.seeds import Seed
from simgan.service.access import Sampler
from simgan.service.problems import Problem
from simgan.service.state import Here, Service
from simgan.service.words import LARGEST, RequestFields
from simgan.workflows.guessing import CHARTS, answer_of, guessing_round

router = APIRouter(prefix="/v1", tags=["game"])
_PURPOSE = "real or fake"


class RoundQuery(RequestFields):
    """Options of a round of a game."""

    round: int = Field(0, ge=0, le=LARGEST)
    seed: int = Field(0, ge=0, le=LARGEST, description="another game of the same rounds")
    days: int = Field(125, ge=20, le=1000, description="days of a chart")


class Guess(RequestFields):
    """The answer of a player to a round."""

    token: str = Field(max_length=1000, description="of the round")
    guess: int = Field(ge=0, lt=CHARTS, description="place of the chart that looks real, from 0")


class Round(BaseModel):
    """Four charts. Prices begin at 100."""

    asset: str
    charts: list[list[float]]
    token: str


class GuessOutcome(BaseModel):
    """Whether a guess was right, and the place of the real chart."""

    right: bool
    answer: int


@router.get("/models/{name}/real-or-fake")
async def asked(
    service: Here, caller: Sampler, name: str, query: Annotated[RoundQuery, Query()]
) -> Round:
    """Give four charts, of which one is a window of the history and three are of the model."""
    return await service.answers.ready(name, lambda model: _round(service, model, query))


@router.post("/models/{name}/real-or-fake")
async def answered(service: Here, caller: Sampler, name: str, guess: Guess) -> GuessOutcome:
    """Tell whether a guess was right."""
    return await service.answers.ready(name, lambda model: _outcome(service, model, guess))


def _outcome(service: Service, model: Model, guess: Guess) -> GuessOutcome:
    words = service.secret.read(_PURPOSE, guess.token)
    if words is None or not _is_of(model, words):
        detail = "this token is of no round of this model; ask for a round"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, {"field": "token"})
    answer = answer_of(_seed(service, words))
    return GuessOutcome(right=guess.guess == answer, answer=answer)


def _round(service: Service, model: Model, query: RoundQuery) -> Round:
    words = json.dumps([model.identity, query.round, query.seed, query.days])
    found = guessing_round(model, _seed(service, words), query.days)
    token = service.secret.signed(_PURPOSE, words)
    return Round(asset=found.asset, charts=found.charts.tolist(), token=token)


def _is_of(model: Model, words: str) -> bool:
    return bool(json.loads(words)[0] == model.identity)


def _seed(service: Service, words: str) -> Seed:
    """Return the seed of a round, which nobody can foresee without the secret."""
    return Seed(int.from_bytes(service.secret.digest(f"seed of {_PURPOSE}", words)[:8]) >> 1)
