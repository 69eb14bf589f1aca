"""Uploads: price files of a caller. No byte of them is parsed here."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path as File
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import JsonValue
from starlette.requests import ClientDisconnect

from simgan.service.access import Fitter
from simgan.service.jobs.job import iso
from simgan.service.problems import Problem
from simgan.service.state import Here, Service
from simgan.service.uploads import TooMany, Upload

router = APIRouter(prefix="/v1", tags=["uploads"])
Id = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
FileName = Annotated[
    str, Query(min_length=1, max_length=200, description="name of the file, such as prices.csv")
]
_EXAMPLE = "prices.csv"
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post(
    "/uploads",
    status_code=HTTPStatus.CREATED,
    openapi_extra=_BODY,
    response_model=None,
    responses={200: {"description": "The caller keeps this content already."}},
)
async def uploaded(
    request: Request, service: Here, caller: Fitter, name: FileName = _EXAMPLE
) -> JSONResponse:
    """Keep a price file. The body is the file itself. `id` is the SHA-256 of its content.

    201: it is new. 200: the caller keeps this content already.
    """
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        line = f"curl --data-binary @{_EXAMPLE} '{request.url.replace(query=f'name={_EXAMPLE}')}'"
        detail = f"the body is the file itself, and no form: {line}"
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
    with (
        service.sending.taken(caller.name),
        service.jobs.uploads.receiving() as (handle, place),
    ):
        id, size = await _received(request.stream(), handle)
        if not size:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the body is empty; send the file in it")
        found, is_new = await to_thread.run_sync(_kept, service, caller.name, name, place, id)
    return JSONResponse(_shown(found), HTTPStatus.CREATED if is_new else HTTPStatus.OK)


@router.get("/uploads")
def listed(service: Here, caller: Fitter) -> dict[str, list[dict[str, JsonValue]]]:
    """List the uploads of the caller, newest first."""
    return {"uploads": [_shown(one) for one in service.jobs.uploads.listed(caller.name)]}


@router.delete("/uploads/{id}", status_code=HTTPStatus.NO_CONTENT)
def removed(service: Here, caller: Fitter, id: Id) -> None:
    """Remove an upload. Models that have learned from it stay."""
    found = service.jobs.uploads.find(caller.name, id)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"unknown upload {id!r}; see /v1/uploads")
    if not service.jobs.remove(found):
        detail = "a job that has not ended needs this upload; cancel the job first"
        raise Problem(HTTPStatus.CONFLICT, detail)


async def _received(chunks: AsyncIterator[bytes], handle: int) -> tuple[str, int]:
    """Write a body to a file, and return its hash and its size."""
    digest, size = hashlib.sha256(), 0
    try:
        async for chunk in chunks:
            size += len(chunk)
            digest.update(chunk)
            await to_thread.run_sync(_write, handle, chunk)
    except ClientDisconnect:
        raise Problem(HTTPStatus.BAD_REQUEST, "the body ended too early; send it again") from None
    return digest.hexdigest(), size


def _write(handle: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(handle, view) :]


def _kept(service: Service, caller: str, name: str, place: File, id: str) -> tuple[Upload, bool]:
    uploads, most = service.jobs.uploads, service.configuration.uploads
    if known := uploads.own(caller, id):
        return known, False
    try:
        return uploads.add(caller, name, place, id, most), True
    except TooMany:
        detail = f"{most} uploads are kept already; remove one with DELETE /v1/uploads/ID"
        raise Problem(HTTPStatus.CONFLICT, detail) from None


def _shown(upload: Upload) -> dict[str, JsonValue]:
    return {
        "id": upload.id,
        "name": upload.name,
        "bytes": upload.size,
        "created": iso(upload.created),
    }
