"""Files that a browser loads beside a page: styles, scripts, the chart library.

All of them are in memory, so no path of a request reaches the file system.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from simgan.report.themes import style_sheet
from simgan.service.tags import is_known, tag_of

_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_TEXT = "text/plain; charset=utf-8"  # such as a licence


@dataclass(frozen=True)
class StaticFile:
    """A file with its media type and its ETag."""

    content: bytes
    media_type: str
    etag: str

    @classmethod
    def of(cls, name: str, content: bytes) -> StaticFile:
        """Return a file, whose media type hangs on its ending."""
        digest = hashlib.sha256(content).hexdigest()
        return cls(content, _TYPES.get(name.rpartition(".")[2], _TEXT), tag_of(digest[:32]))

    def answer(self, request: Request) -> Response:
        """Return the file, or nothing to a reader who has it."""
        headers = {"ETag": self.etag, "Cache-Control": "no-cache"}
        if is_known(self.etag, request):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(self.content, media_type=self.media_type, headers=headers)


@cache
def static_files() -> dict[str, StaticFile]:
    """Return the files by name. The colours are those of the reports."""
    found = {
        file.name: file.read_bytes()
        for file in (files("simgan.service.pages") / "static").iterdir()
    }
    palette = (files("simgan.report") / "templates" / "palette.css").read_bytes()
    found["palette.css"] = palette + style_sheet().encode()
    return {name: StaticFile.of(name, content) for name, content in found.items()}
