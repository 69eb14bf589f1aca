"""The contract of an order: a request for a job, and the command that does it."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, ClassVar, NamedTuple, cast

from pydantic import AfterValidator, ConfigDict, Field, JsonValue
from pydantic.config import JsonDict

from simgan.service.jobs.job import Json
from simgan.service.jobs.rates import Cost
from simgan.service.problems import Problem
from simgan.service.uploads import UploadStore
from simgan.service.words import RequestFields
from simgan.workspace import Workspace

_LONGEST = 200  # characters of a word
_DAYS_A_YEAR = 252


def _plain(text: str) -> str:
    text = text.strip()
    if not text or not text.isprintable():
        raise ValueError("it must be printable text, not empty")
    return text


Word = Annotated[str, Field(max_length=_LONGEST), AfterValidator(_plain)]
"""A name or a ticker: printable text, in one line."""

Sha = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="`id` of an upload")]
"""The identity of an upload."""


class OrderContext(NamedTuple):
    """The surroundings of an order when it is given."""

    workspace: Workspace
    uploads: UploadStore
    owner: str
    today: date


class Checked(NamedTuple):
    """A request that was checked.

    Attributes
    ----------
    request : mapping
        Equal for two requests that ask for the same.
    data : mapping
        The data that it is about.
    """

    request: Mapping[str, object]
    data: Mapping[str, object]


class Place(NamedTuple):
    """The surroundings of the command of a job.

    Attributes
    ----------
    workspace : Workspace
        The command runs in this folder.
    folder : Path
        Of the job, from the workspace on.
    upload : Path or None
        The upload of the order, from the workspace on.
    processes : int
        Processes that the job may have.
    resumes : bool
        Whether an earlier attempt was interrupted.
    """

    workspace: Workspace
    folder: Path
    upload: Path | None
    processes: int
    resumes: bool


class Span(NamedTuple):
    """The size of data: assets, and days of each."""

    assets: int
    days: int


class Outcome(NamedTuple):
    """The result of a job, and its files by name, from the workspace on."""

    result: Json
    files: Mapping[str, Path]


def _with_kind(schema: JsonDict) -> None:
    """Tell in the description of an order that it names its kind."""
    required = schema.get("required", [])
    schema["required"] = ["kind", *cast("list[JsonDict]", required)]


class JobOrder(RequestFields):
    """A request for a job. A member of the family is a model of pydantic with these methods."""

    model_config = ConfigDict(json_schema_extra=_with_kind)
    longest: ClassVar[float] = math.inf  # seconds, where the service allows more
    kind: str

    @property
    def uses(self) -> str | None:
        """The upload that the order is about, or None."""
        return None

    @property
    def look(self) -> JobOrder | None:
        """The order that looks at the same rows of an upload, or None."""
        return None

    def expect_seen(self, seen: Json) -> None:
        """Refuse data of a size that the result of `look` tells.

        Raises
        ------
        SimganError
            With the sentence of the command.
        """

    @abstractmethod
    def checked(self, context: OrderContext) -> Checked:
        """Check the request.

        Raises
        ------
        SimganError
            With the sentence of the command.
        """

    @abstractmethod
    def span(self, context: OrderContext) -> Span:
        """Return the size of the data, as far as it is known before anybody reads them."""

    @property
    def knows_its_days(self) -> bool:
        """Whether the days of the data are known, and not assumed."""
        return False

    @abstractmethod
    def cost(self, span: Span, processes: int) -> Cost:
        """Return the cost for data of a size, by rates that were measured."""

    def files(self) -> Mapping[str, str]:
        """Return files for the folder of the job, by name."""
        return {}

    def borrowed(self, place: Place) -> Sequence[Path]:
        """Return folders that the command finds in the folder of the job, from the workspace on."""
        return ()

    @abstractmethod
    def words(self, place: Place) -> list[str]:
        """Return the words of the command after `simgan`.

        A value of the request is never an option by itself, and never a path.
        """

    @abstractmethod
    def outcome(self, place: Place, printed: Json) -> Outcome:
        """Return the result from the JSON that the command printed."""

    def answers(self, code: int) -> bool:
        """Whether a command that ended with an exit code has a result."""
        return code == 0

    def given(self) -> dict[str, JsonValue]:
        """Return the request as the caller wrote it, without defaults."""
        return {"kind": self.kind, **self.model_dump(mode="json", exclude_defaults=True)}


def missing(field: str, remedy: str) -> Problem:
    """Return the problem of an order that lacks a field."""
    detail = f"{field} is missing; {remedy}"
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, {"field": field})


def picked(printed: Json, *names: str) -> dict[str, JsonValue]:
    """Return the facts of these names, of all that a command printed."""
    return {name: printed[name] for name in names if name in printed}


def trading_days(first: date, last: date) -> int:
    """Return about how many trading days lie between two dates."""
    return max(round((last - first).days * _DAYS_A_YEAR / 365.25), 1)


def options(**values: object) -> list[str]:
    """Return options of a command. Those without a value are left out.

    Each is one word, ``--name=value``, so that no value is read as an option.
    """
    return [
        f"--{name.replace('_', '-')}={value}"
        for name, value in values.items()
        if value is not None and value != ""
    ]


def command(*names: str, workspace: Path = Path()) -> list[str]:
    """Return the first words of a command, which prints JSON about a workspace."""
    return [*names, "--json", f"--workspace={workspace}"]


def arguments(*values: str) -> list[str]:
    """Return the arguments of a command, the last words. None of them is an option."""
    return ["--", *values]
