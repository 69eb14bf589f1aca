"""Jobs: order one, watch it, cancel it, and read its files."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Body, Path, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from pydantic import Field, JsonValue

from simgan.service.access import Fitter, Reader
from simgan.service.jobs.identity import stands
from simgan.service.jobs.job import MEDIA_TYPES, Job, JobState
from simgan.service.jobs.orders import AnyOrder
from simgan.service.jobs.store import FullQueue, Search
from simgan.service.middleware.headers import OF_REPORTS
from simgan.service.problems import Problem
from simgan.service.state import Here, Service
from simgan.service.tags import is_known, tag_of
from simgan.service.words import RequestFields

router = APIRouter(prefix="/v1", tags=["jobs"])
_SOON, _LATER = "1", "60"  # seconds after which to ask again
_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-[0-9]{1,18})")

JobId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
_EXAMPLE = {"kind": "fit", "tickers": ["SP500"], "source": "sample", "preset": "quick"}
Ordered = Annotated[AnyOrder, Body(examples=[_EXAMPLE])]


@router.post(
    "/jobs",
    status_code=HTTPStatus.ACCEPTED,
    response_model=None,
    responses={200: {"description": "It is done already."}},
)
def ordered(service: Here, caller: Fitter, order: Ordered) -> JSONResponse:
    """Order a job. The same order is the same job, and its result is kept.

    202: it waits or runs. 200: it is done already, and its result still stands.
    """
    try:
        job = service.jobs.submit(order, caller.name)
    except FullQueue as full:
        detail = f"{full}; order this one later"
        headers = {"Retry-After": _LATER}
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, detail, headers=headers) from None
    is_done = job.state is JobState.DONE
    headers = {"Location": _address(service, job)} | ({} if is_done else {"Retry-After": _SOON})
    [facts] = _shown(service, caller.name, job)
    return JSONResponse(facts, 200 if is_done else 202, headers)


@router.post("/jobs/estimate")
def estimated(service: Here, caller: Reader, order: Ordered) -> dict[str, bool | float]:
    """Estimate the seconds and the bytes of memory of an order, and do nothing.

    `assets` and `days` are the data that the estimate assumes. `days_are_known` is false where
    nobody has read the prices yet, as those of a download. `pace` is 1 on the machine of the
    rates, and more where the jobs of this workspace took longer.
    """
    found = service.jobs.estimate(order, caller.name)
    return {
        **found._asdict(),
        "seconds": round(found.seconds, 1),
        "memory": round(found.memory),
        "pace": round(found.pace, 2),
    }


class Listing(RequestFields):
    """The jobs that a list is about."""

    state: JobState | None = None
    kind: Literal["fit", "backtest", "report", "inspect"] | None = None
    inspects: bool | None = Field(
        default=None, description="true: those of kind `inspect` only, false: all others"
    )
    before: int | None = Field(default=None, ge=1, lt=2**63)
    limit: int = Field(default=50, ge=1, le=200)


@router.get("/jobs")
def listed(
    service: Here, caller: Reader, asked: Annotated[Listing, Query()]
) -> dict[str, JsonValue]:
    """List jobs, newest first. Tables and lists in requests and results are left out.

    `next` is the address of the page after this one, or null.
    """
    limit = asked.limit
    search = Search(caller.name, **{**asked.model_dump(), "limit": limit + 1})
    found = service.jobs.listed(search)
    more, after = len(found) > limit, None
    if more:
        rest = asked.model_copy(update={"before": found[limit - 1].number})
        words = urlencode(rest.model_dump(mode="json", exclude_none=True))
        after = f"{service.configuration.root_path}/v1/jobs?{words}"
    return {"jobs": list(_shown(service, caller.name, *found[:limit])), "next": after}


@router.get("/jobs/{id}")
def shown(service: Here, caller: Reader, id: JobId, response: Response) -> dict[str, JsonValue]:
    """Tell the state, the progress and the result of a job."""
    job = known(service, caller.name, id)
    if not job.state.is_final:
        response.headers["Retry-After"] = _SOON
    [facts] = _shown(service, caller.name, job)
    return facts


@router.delete(
    "/jobs/{id}",
    status_code=HTTPStatus.ACCEPTED,
    response_model=None,
    responses={200: {"description": "It has ended."}},
)
def cancelled(service: Here, caller: Fitter, id: JobId) -> JSONResponse:
    """Cancel a job. 202: it is asked to end, and is cancelled when it has. 200: it has ended."""
    job = service.jobs.cancel(known(service, caller.name, id))
    [facts] = _shown(service, caller.name, job)
    return JSONResponse(facts, 200 if job.state.is_final else 202)


@router.get(
    "/jobs/{id}/files/{name}",
    response_class=FileResponse,
    responses={
        206: {"description": "A part of it, by Range."},
        304: {"description": "The reader has it already, by If-None-Match."},
    },
)
def file_of(
    service: Here,
    caller: Reader,
    request: Request,
    id: JobId,
    name: Literal["page", "numbers", "forecasts"],
) -> Response:
    """Give a file of the result: `page` (HTML), `numbers` (JSON) or `forecasts` (Parquet)."""
    job = known(service, caller.name, id)
    file = job.files.get(name)
    if file is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"the job has no file {name!r}", {"field": "name"})
    if not stands(service.workspace.root, file):
        detail = f"the file {name!r} was replaced or removed since; order the job again"
        raise Problem(HTTPStatus.GONE, detail)
    headers = {"ETag": tag_of(file.sha256)}
    if name == "page":
        headers["Content-Security-Policy"] = OF_REPORTS
    if is_known(headers["ETag"], request):
        return Response(None, HTTPStatus.NOT_MODIFIED, headers)
    path = service.workspace.root / file.path
    _read_range(request, headers["ETag"], path.stat().st_size)
    return FileResponse(path, headers=headers, media_type=MEDIA_TYPES[name])


def known(service: Service, caller: str, id: str) -> Job:
    """Return a job that a caller sees.

    Raises
    ------
    Problem
        There is none.
    """
    job = service.jobs.get(id, caller)
    if job is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"unknown job {id!r}; see /v1/jobs")
    return job


def _shown(service: Service, caller: str, *jobs: Job) -> list[dict[str, JsonValue]]:
    """Return jobs as callers see them, each with the name of the price file that it is about."""
    has_file = any("upload" in job.request for job in jobs)
    uploads = service.jobs.uploads.listed(caller) if has_file else []
    names = {upload.id: upload.name for upload in uploads}
    return [{**job.to_json(), "file": names.get(str(job.request.get("upload")))} for job in jobs]


def _read_range(request: Request, tag: str, size: int) -> None:
    """Leave out the range of a request that is not understood, or that is of another file.

    Raises
    ------
    Problem
        The range begins behind the end of the file.

    References
    ----------
    RFC 9110, sections 13.1.5 and 14.2.
    """
    asked = request.headers.get("range", "")
    if not _is_range(asked) or request.headers.get("if-range", tag) != tag:
        fields = request.scope["headers"]
        request.scope["headers"] = [field for field in fields if field[0] != b"range"]
        return
    first, _, last = asked.removeprefix("bytes=").partition("-")
    if (int(first) if first else max(size - int(last), 0)) >= size:
        detail = f"the file has {size:,} bytes, and the range begins behind them"
        headers = {"Content-Range": f"bytes */{size}"}
        raise Problem(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, detail, headers=headers)


def _is_range(text: str) -> bool:
    """Tell whether the field Range asks for one part of a file."""
    found = _RANGE.fullmatch(text)
    return found is not None and (not found[2] or int(found[2]) >= int(found[1]))


def _address(service: Service, job: Job) -> str:
    return f"{service.configuration.root_path}/v1/jobs/{job.id}"
