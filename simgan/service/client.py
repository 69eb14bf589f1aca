"""A client of the service in one file, which needs nothing but Python: copy it where you like.

::

    client = Client("http://127.0.0.1:8000", token="simgan_…")
    job = client.order(kind="fit", tickers=["SP500"], source="sample")
    client.wait(job["id"])
    client.draw("SP500", "scenarios.csv", n=100_000, horizon=21)
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, IncompleteRead
from pathlib import Path
from typing import NamedTuple, TypedDict, cast
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen
from uuid import uuid4

Json = dict[str, object]
_CHUNK = 2**18  # bytes of a stream that are read at a time
_REFUSED = (429, 503)  # the service has done nothing, and says when to ask again
_LOST = (502, 504)  # a proxy has no answer of the service, which may have done what was asked
_PACKED = (".gz", ".zst")  # endings that follow the one of a format
_UNREACHABLE = (OSError, HTTPException)  # the network, or the service, went away
_ENDS = ("done", "failed", "cancelled")  # kinds of the last event of a job


class Refused(Exception):
    """The service refused a request. The message is its sentence.

    Attributes
    ----------
    status : int
    problem : dict
        The whole answer: field, hint, request_id and more.
    """

    def __init__(self, status: int, problem: Json) -> None:
        super().__init__(status, problem)
        self.status, self.problem = status, problem

    def __str__(self) -> str:
        return str(self.problem.get("detail") or f"status {self.status}")


class JobFailed(Exception):
    """A job failed, or was cancelled. The message is its sentence, and `job` has its facts."""

    def __init__(self, job: JobFacts) -> None:
        super().__init__(job)
        self.job = job

    def __str__(self) -> str:
        detail = (self.job["problem"] or {}).get("detail")
        return str(detail or f"the job is {self.job['state']}")


class JobFacts(TypedDict):
    """A job, as the service tells it. There are more facts than these."""

    id: str
    kind: str
    state: str
    progress: Json | None
    result: Json | None
    problem: Json | None


class JobEvent(NamedTuple):
    """Something that happened to a job."""

    number: int
    kind: str
    data: Json


class Client:
    """Requests to a service.

    Parameters
    ----------
    url : str
        Address that ``simgan serve`` prints.
    token : str, optional
        As ``simgan serve token add`` prints it.
    timeout : float
        Seconds of silence after which a request fails.
    patience : float
        Seconds in which a service that is full, busy or restarted behind a proxy is asked again.
        A stream of events goes on for as long without any answer.
    """

    def __init__(
        self, url: str, token: str = "", *, timeout: float = 60.0, patience: float = 60.0
    ) -> None:
        self.url, self._timeout, self._patience = url.rstrip("/"), timeout, patience
        self._token = token

    def models(self) -> list[Json]:
        """Return the models of the workspace."""
        return cast(list[Json], self.get("/v1/models")["models"])

    def model(self, name: str) -> Json:
        """Return the facts of a model."""
        return self.get(_of_model(name))

    def risk(self, name: str, **question: object) -> Json:
        """Return VaR and ES with the options of ``simgan risk``, such as ``position=250_000``."""
        return self.post(f"{_of_model(name)}/risk", question)

    def stream(self, name: str, **query: object) -> Iterator[bytes]:
        """Yield the bytes of scenarios, with the options of ``simgan sample`` and ``format``."""
        address = f"{_of_model(name)}/scenarios?{urlencode(query)}"
        with self._answer("GET", address) as answer:
            while chunk := answer.read(_CHUNK):
                yield chunk
            if answer.length:  # `read` of a part does not tell that the rest is missing
                raise IncompleteRead(b"", answer.length)

    def draw(self, name: str, file: str | Path, **query: object) -> Path:
        """Write scenarios to a file. Its ending is the format, such as ``.csv`` or ``.parquet``.

        Another run gets the same bytes. The file appears when it is whole.
        """
        file = Path(file)
        query = {"format": _format_of(file)} | query
        part = file.with_name(f".{file.name}.{uuid4().hex}.part")
        try:
            with part.open("xb") as target:
                for chunk in self.stream(name, **query):
                    target.write(chunk)
            return part.replace(file)
        finally:
            part.unlink(missing_ok=True)

    def upload(self, file: str | Path) -> str:
        """Give the service a price file, and return its id for orders."""
        content = Path(file).read_bytes()
        address = f"/v1/uploads?{urlencode({'name': Path(file).name})}"
        with self._answer("POST", address, content, "application/octet-stream") as answer:
            return str(json.load(answer)["id"])

    def order(self, **order: object) -> JobFacts:
        """Order a job: ``kind="fit"``, and the options of the command. The same is the same job."""
        return cast(JobFacts, self.post("/v1/jobs", order))

    def job(self, id: str) -> JobFacts:
        """Return a job: its state, progress, result or problem."""
        return cast(JobFacts, self.get(f"/v1/jobs/{id}"))

    def cancel(self, id: str) -> JobFacts:
        """Ask a job to end."""
        with self._answer("DELETE", f"/v1/jobs/{id}") as answer:
            return cast(JobFacts, json.load(answer))

    def events(self, id: str, after: int = 0) -> Iterator[JobEvent]:
        """Yield the events of a job as they happen, until its last one.

        A stream that breaks goes on with the event after the last one.
        """
        broken = time.monotonic()
        while True:
            kind = ""
            try:
                with self._answer("GET", f"/v1/jobs/{id}/events?after={after}") as answer:
                    if answer.status == HTTPStatus.NO_CONTENT:
                        return
                    for event in _events_in(answer):
                        yield event
                        after, kind, broken = event.number, event.kind, time.monotonic()
            except _UNREACHABLE as error:
                if time.monotonic() - broken > self._patience:
                    raise error
            if kind not in _ENDS:  # after an end, the job may have been ordered again
                time.sleep(1.0)

    def wait(self, id: str) -> JobFacts:
        """Wait for the end of a job, and return it.

        Raises
        ------
        JobFailed
            The job failed, with its sentence, or was cancelled.
        """
        for _ in self.events(id):
            pass
        job = self.job(id)
        if job["state"] != "done":
            raise JobFailed(job)
        return job

    def get(self, address: str) -> Json:
        """Return the JSON of an address, such as ``/v1/models``."""
        with self._answer("GET", address) as answer:
            return dict(json.load(answer))

    def post(self, address: str, content: Json) -> Json:
        """Send JSON to an address, and return the JSON of the answer."""
        body = json.dumps(content).encode()
        with self._answer("POST", address, body, "application/json") as answer:
            return dict(json.load(answer))

    @contextmanager
    def _answer(
        self, method: str, address: str, body: bytes | None = None, kind: str = ""
    ) -> Iterator[HTTPResponse]:
        request = Request(self.url + address, body, method=method)
        if kind:
            request.add_header("Content-Type", kind)
        if self._token:  # for this service alone, and not for where it may lead
            request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        with self._opened(request) as answer:
            yield answer

    def _opened(self, request: Request) -> HTTPResponse:
        """Return an answer. A service that cannot answer now is asked again."""
        again = (*_REFUSED, *_LOST) if request.get_method() == "GET" else _REFUSED
        last = time.monotonic() + self._patience
        while True:
            try:
                return cast(HTTPResponse, urlopen(request, timeout=self._timeout))
            except HTTPError as error:
                pause = _pause(error.headers.get("Retry-After", ""))
                if error.code not in again or time.monotonic() + pause > last:
                    raise Refused(error.code, _problem(error)) from None
            time.sleep(pause)


def _pause(text: str) -> float:
    """Return the seconds to wait by a field `Retry-After`: a number, or a date."""
    if text.isdecimal():
        return float(text)
    with suppress(ValueError):
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    return 1.0


def _of_model(name: str) -> str:
    return f"/v1/models/{quote(name, safe='')}"


def _format_of(file: Path) -> str:
    """Return the ending of a file. A name such as ``BRK.B.csv.gz`` may hold more dots."""
    endings = [ending.lower() for ending in file.suffixes]
    return "".join(endings[-2:] if file.suffix.lower() in _PACKED else endings[-1:])[1:]


def _problem(error: HTTPError) -> Json:
    with suppress(ValueError):
        if isinstance(problem := json.load(error), dict):
            return problem
    return {"status": error.code, "detail": f"status {error.code}: {error.reason}"}  # of a proxy


def _events_in(answer: HTTPResponse) -> Iterator[JobEvent]:
    """Yield the events of a stream of server-sent events."""
    fields: dict[str, str] = {}
    for line in answer:
        name, _, value = line.decode().rstrip("\r\n").partition(": ")
        if name:
            fields[name] = value
        elif "data" in fields:
            number, kind = int(fields.get("id", 0)), fields.get("event", "message")
            yield JobEvent(number, kind, json.loads(fields["data"]))
            fields = {}
