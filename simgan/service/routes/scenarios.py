"""Scenarios of a model, in the bytes of ``simgan sample``."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from http import HTTPStatus
from itertools import chain
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from simgan.progress import Stop
from simgan.sampling.model import Model
from simgan.service.access import Sampler
from simgan.service.limits import expect_scenarios, is_small, most_counted
from simgan.service.media import MEDIA_TYPES, FormatName, Responses, format_asked
from simgan.service.queries import ScenarioQuery
from simgan.service.state import Here, Service
from simgan.service.streams import PulledResponse, leaving
from simgan.service.tags import is_known, tag_of
from simgan.service.words import LARGEST
from simgan.workflows.sample import PreparedRequest, prepared

router = APIRouter(prefix="/v1", tags=["scenarios"])
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_ANSWERS: Responses = {
    200: {
        "description": "The scenarios. The link `next` has the ones after them.",
        "content": {types[0]: _BINARY for types in MEDIA_TYPES.values()},
    },
    304: {"description": "The reader has them already, by If-None-Match."},
}


@router.head("/models/{name}/scenarios", include_in_schema=False)
@router.get("/models/{name}/scenarios", responses=_ANSWERS, response_class=Response)
async def scenarios(
    service: Here,
    caller: Sampler,
    request: Request,
    name: str,
    query: Annotated[ScenarioQuery, Query()],
) -> Response:
    """Draw scenarios. The same request has the same bytes, which are those of `simgan sample`.

    Scenario i depends on the model, the start, the seed and i only. So a part that is asked for
    by `first` and `n` has the rows of the whole.
    """
    kind = format_asked(query.format, request.headers.get("accept", ""))
    ready = await service.answers.ready(name, lambda model: ready_of(service, model, query, kind))
    address = ready.address(kind)
    tag = tag_of(address)
    most = most_counted(service.configuration, query.horizon, ready.model)
    headers = _headers(ready, kind) | _links(query, most) | {"ETag": tag}
    if is_known(tag, request):
        return Response(None, HTTPStatus.NOT_MODIFIED, headers)
    if request.method == "HEAD":
        return _without_length(Response(None, headers=headers, media_type=_type_of(kind)))

    def chunks(stop: Stop) -> Generator[list[bytes]]:
        yield from ready.order(stop).chunks(kind, stop)

    if not is_small(ready):
        return PulledResponse(chunks, service.streams, caller.name, headers, _type_of(kind))
    content, drawing, shared = None, ready.drawing, None
    if drawing.first:  # pages of a group share it
        shared = name, query.as_of, drawing.seed, drawing.horizon, drawing.groups
    async with leaving(request.receive) as stop:
        content = await service.answers.once(
            address,
            lambda: b"".join(chain.from_iterable(chunks(stop))),
            service.streams.quick,
            shared,
        )
    return Response(content, headers=headers, media_type=_type_of(kind))


def ready_of(
    service: Service, model: Model, query: ScenarioQuery, kind: FormatName = "csv"
) -> PreparedRequest:
    """Return a request that is within the limits of the service. Nothing is drawn.

    Raises
    ------
    SimganError, Problem
        It cannot be answered.
    """
    asked = query.sample_request(service.workspace, model)
    expect_scenarios(service.configuration, asked, model)
    ready = prepared(asked, model)
    ready.expect_format(kind)
    return ready


def _headers(ready: PreparedRequest, kind: FormatName) -> dict[str, str]:
    """Return the fields of an answer but its link and its tag."""
    file = f"{ready.model.name}-scenarios.{kind}"
    ascii_name = "".join(c if c.isascii() and (c.isalnum() or c in "-._") else "-" for c in file)
    return {
        "Content-Disposition": f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''"
        + quote(file, safe=""),
        "Cache-Control": "private, no-cache",  # another model may take the name: ask by the tag
        "Vary": "Accept, Authorization, Cookie",
    }


def _links(query: ScenarioQuery, most: int) -> dict[str, str]:
    """Return the field with a link: to the scenarios after these, or to their probability.

    It is relative to the address of these. The probability is that of `most` scenarios at most.
    """
    asked: Mapping[str, object] = query.model_dump(exclude_unset=True, exclude_none=True)
    words = {name: str(value).lower() if value is True else value for name, value in asked.items()}
    if query.given is not None:
        words |= {"n": min(query.n, most) or 1}  # which is refused with the reason
        return {"Link": f'<scenarios/probability?{urlencode(words)}>; rel="describedby"'}
    if query.first + 2 * query.n > LARGEST:
        return {}
    following = words | {"first": query.first + query.n}
    return {"Link": f'<?{urlencode(following)}>; rel="next"'}


def _type_of(kind: FormatName) -> str:
    name = MEDIA_TYPES[kind][0]
    return f"{name}; charset=utf-8" if name == "text/csv" else name


def _without_length(response: Response) -> Response:
    """Return an answer to HEAD, which does not know the length of the whole."""
    del response.headers["content-length"]
    return response
