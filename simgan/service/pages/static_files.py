"""Files that a browser loads beside a page: styles, scripts, the chart library.

All of them are in memory, so no path of a request reaches the file system.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from simgan.report.themes import style_sheet

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "LICENSE": "text/plain; charset=utf-8",
}


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
        return cls(content, _TYPES[name.rpartition(".")[2]], f'"{digest[:32]}"')


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
