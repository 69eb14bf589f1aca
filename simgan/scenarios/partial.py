"""What an interrupted file leaves behind: its complete groups, and a record of what they are."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from simgan.errors import WriteError
from simgan.files import whole_file


@dataclass(frozen=True)
class Progress:
    """How far a file is complete: `done` scenarios in its first `size` bytes."""

    done: int = 0
    size: int = 0


START = Progress()


@dataclass(frozen=True)
class Partial:
    """The unfinished part of the file `path`, beside it under a hidden name, with its record.

    Attributes
    ----------
    path : Path
        The file that is to be.
    request : mapping of plain JSON data
        Everything that decides its bytes.
    """

    path: Path
    request: Mapping[str, Any]

    @classmethod
    def of(cls, path: Path, request: Mapping[str, Any]) -> Partial:
        """Make one whose request is what would come back from its JSON file (tuples as lists)."""
        return cls(path, json.loads(json.dumps(request)))

    @property
    def data(self) -> Path:
        """The groups that are complete."""
        return self.path.with_name(f".{self.path.name}.partial")

    @property
    def record(self) -> Path:
        """The request and the progress, as JSON."""
        return self.path.with_name(f".{self.path.name}.partial.json")

    def found(self) -> Progress:
        """Return how far an interrupted run came, or `START` if there was none or nothing of it can be used.

        Raises
        ------
        WriteError
            It was a run with another request; the message names what differs.
        """
        try:
            saved = json.loads(self.record.read_text())
            request, progress = saved["request"], Progress(**saved["progress"])
            size = self.data.stat().st_size
        except (OSError, ValueError, KeyError, TypeError):
            return START
        differing = sorted(key for key in request.keys() | self.request.keys() if request.get(key) != self.request.get(key))
        if differing:
            raise WriteError(
                f"{self.path} was interrupted with another {', '.join(differing)}; "
                "give the options of that run, or leave out --resume to start over"
            )
        return progress if size >= progress.size else START

    def hand_over(self, temporary: Path, progress: Progress) -> None:
        """Move the complete groups to `temporary`; without progress, leave it empty."""
        if progress == START:
            return
        os.replace(self.data, temporary)
        os.truncate(temporary, progress.size)

    def keep(self, temporary: Path, progress: Progress) -> None:
        """Keep the complete groups of `temporary` for another run, if there are any."""
        if progress == START:
            return
        os.truncate(temporary, progress.size)
        os.replace(temporary, self.data)
        with whole_file(self.record) as record:
            record.write_text(json.dumps({"request": self.request, "progress": asdict(progress)}, indent=2))

    def forget(self) -> None:
        """Remove both files."""
        self.record.unlink(missing_ok=True)
        self.data.unlink(missing_ok=True)
