"""The command of a job, as a process in a session of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from html import escape
from pathlib import Path

from pydantic import JsonValue

from simgan.files import whole_file
from simgan.service.configuration import PREFIX
from simgan.service.jobs.job import Job, Json, Lease
from simgan.service.jobs.processes import (
    MARK,
    group_of,
    hold,
    kill,
    lease_of,
    lower_priority,
    mark_of,
    marked,
)
from simgan.workspace import Workspace

PROGRESS_VARIABLE = "SIMGAN_PROGRESS"  # variable with the file of the progress
SIMGAN = (sys.executable, "-P", "-m", "simgan")  # -P: no module comes from the workspace
_MUCH = 2**16  # bytes of the progress or the errors that are read at once
_ERROR, _TEXTS = "Error: ", (".html", ".json")


class Command:
    """A command that works on an attempt of a job.

    Its output and its progress go to files in the folder of the job, where they stay.

    Parameters
    ----------
    workspace : Workspace
    job : Job
    upload : Path, optional
        The upload that it reads, from the workspace on.
    """

    def __init__(self, workspace: Workspace, job: Job, upload: Path | None = None) -> None:
        self.job, self.upload = job, upload
        self._workspace = workspace
        self._mark = mark_of(workspace, job.id)
        self._process: subprocess.Popen[bytes] | None = None
        self._worker = job.worker
        self._read = 0  # bytes of the progress

    def start(self, words: Sequence[str]) -> Lease:
        """Start the command in the folder of the workspace."""
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(PREFIX)},
            PROGRESS_VARIABLE: str(self.file("progress").resolve()),
            MARK: self._mark,
        }
        with self.file("out").open("wb") as out, self.file("err").open("wb") as err:
            hold(err)
            self._process = subprocess.Popen(
                words,
                cwd=self._workspace.root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        lower_priority(self._process.pid)
        self._worker = lease_of(self._process.pid)
        return self._worker

    @property
    def folder(self) -> Path:
        """The folder of the job."""
        return folder_of(self._workspace, self.job.id)

    def file(self, ending: str) -> Path:
        """Return a file of this attempt."""
        return self.folder / f"attempt-{self.job.attempt}.{ending}"

    def borrow(self, folder: Path) -> None:
        """Let a command whose workspace is the folder of the job find a folder of this one."""
        place, target = self.folder / folder, (self._workspace.root / folder).resolve()
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.symlink_to(target)

    @property
    def code(self) -> int | None:
        """The exit code, or None while the command runs."""
        return None if self._process is None else self._process.poll()

    def processes(self) -> list[int]:
        """Return the processes of the job that have not ended."""
        return marked(self._mark) or group_of(self._worker, self.file("err"))

    def ask_to_end(self) -> None:
        """Ask the command to end where nothing is lost. It ends the processes that it started."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End all processes of the job at once."""
        if self._process is not None and self._process.poll() is None:
            kill([-self._process.pid])
        kill(self.processes())

    def news(self) -> list[Mapping[str, object]]:
        """Return the lines of the progress since the last time."""
        try:
            with self.file("progress").open("rb") as file:
                file.seek(self._read)
                lines = file.readlines(_MUCH)
        except OSError:
            return []
        whole = [line for line in lines if line.endswith(b"\n")]
        self._read += sum(map(len, whole))
        return [line for each in whole if (line := _object(each)) is not None]

    def printed(self) -> Json | None:
        """Return the JSON that the command printed, or None where it is not whole."""
        try:
            text = self.file("out").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None
        found = _object(text)
        return found and {name: self._cleared(value) for name, value in found.items()}

    def error(self) -> str:
        """Return the last error that the command wrote, in a sentence."""
        try:
            with self.file("err").open("rb") as file:
                file.seek(max(file.seek(0, os.SEEK_END) - _MUCH, 0))
                lines = file.read().decode(errors="replace").splitlines()
        except OSError:
            return ""
        errors = [line.removeprefix(_ERROR) for line in lines if line.startswith(_ERROR)]
        return self.without_places(errors[-1]) if errors else ""

    def clear_of_places(self, files: Iterable[Path]) -> None:
        """Take the same places out of pages and numbers in the folder of the job."""
        for file in (self._workspace.root / one for one in files):
            if file.is_relative_to(self.folder) and file.suffix in _TEXTS:
                text = file.read_text(encoding="utf-8")
                with whole_file(file) as new:
                    new.write_text(self.without_places(text), encoding="utf-8")

    def without_places(self, text: str) -> str:
        """Return text without the places of uploads and of the files of this job.

        Pages write some signs of a place in another way, and so does JSON.
        """
        root, folder = self._workspace.root.resolve(), Path("service", "jobs", self.job.id)
        upload = [] if self.upload is None else [root / self.upload.parent, self.upload.parent]
        for place in (*upload, root / folder, folder, root):
            plain = f"{place}/"
            for written in (plain, escape(plain), json.dumps(plain)[1:-1]):
                text = text.replace(written, "")
        return text

    def _cleared(self, value: JsonValue) -> JsonValue:
        """Return plain JSON data whose strings are without places."""
        if isinstance(value, str):
            return self.without_places(value)
        if isinstance(value, list):
            return [self._cleared(each) for each in value]
        if isinstance(value, dict):
            return {self.without_places(name): self._cleared(each) for name, each in value.items()}
        return value


def folder_of(workspace: Workspace, id: str) -> Path:
    """Return the folder of a job."""
    return workspace.service / "jobs" / id


def _object(text: str | bytes) -> dict[str, JsonValue] | None:
    with suppress(ValueError, RecursionError):
        found = json.loads(text)
        return found if isinstance(found, dict) else None
    return None
