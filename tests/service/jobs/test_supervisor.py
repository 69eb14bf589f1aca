"""The supervisor: every end of a command gives its job the right state, and nothing is left."""

from __future__ import annotations

import errno
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from fake_works import FAKE, Works, states

from simgan.errors import UnknownNameError
from simgan.service.jobs import attempt
from simgan.service.jobs.command import Command
from simgan.service.jobs.job import JobState, Lease
from simgan.service.jobs.orders import ORDERS
from simgan.service.jobs.processes import mark_of, marked
from simgan.service.jobs.store import JobStore
from simgan.service.jobs.supervisor import _Supervisor

SCRIPT = """
import sys
from simgan.service.jobs import attempt
from simgan.service.jobs.__main__ import main
attempt.SIMGAN = {fake}
sys.exit(main(["--workspace", {root}]))
"""


@contextmanager
def supervisor(works: Works) -> Iterator[subprocess.Popen[bytes]]:
    """Supervise in a process of its own."""
    script = SCRIPT.format(fake=FAKE, root=repr(str(works.root)))
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **works.configuration.environment()},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def looked(works: Works, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function that waits until the supervisor has looked at everything ten times."""
    work, looks = _Supervisor._work, list[None]()

    def wait() -> None:
        enough = len(looks) + 10
        works.wait(lambda: len(looks) >= enough)

    monkeypatch.setattr(_Supervisor, "_work", lambda each: (work(each), looks.append(None)))
    return wait


def left(works: Works) -> list[int]:
    return marked(mark_of(works.jobs.workspace))


def test_a_job_is_done_and_kept(works: Works) -> None:
    with works.supervised():
        job = works.ended(works.order("OK"))
        assert job.state is JobState.DONE
        told = job.to_json()
        assert isinstance(told["result"], dict)
        assert told["result"]["links"]["model"] == "/v1/models/made"
        assert "path" not in told["result"]
        assert told["progress"] == {
            **{"task": "warm start", "place": "", "done": 1, "total": 2, "metrics": {}},
            "sentence": "learning",
        }
        assert states(works, job) == ["queued", "running", "done"]
        assert works.order("OK").attempt == 1
        (works.root / "models/made/manifest.json").write_text("another fit")
        assert works.ended(works.order("OK")).attempt == 2


def test_ends_of_a_command_are_told_without_its_insides(works: Works) -> None:
    with works.supervised():
        wrong, bug = works.order("WRONG"), works.order("BUG")
        assert works.ended(wrong).problem == {
            "title": "Failed",
            "detail": "models/x is not possible; choose another",
        }
        assert "secret" not in json.dumps(works.ended(bug).to_json())
        assert works.job(bug).state is JobState.FAILED
        assert "bug" in str(works.job(bug).problem)


def test_a_job_that_somebody_kills_is_tried_three_times(works: Works) -> None:
    with works.supervised():
        job = works.ended(works.order("FATAL"))
    assert (job.state, job.attempt) == (JobState.FAILED, 3)
    assert "killed 3 times" in str(job.problem)


def test_a_killed_worker_goes_on(works: Works) -> None:
    with works.supervised():
        job = works.order("SLOW")
        works.wait(lambda: works.has("SLOW.begun"))
        os.kill(int((works.root / "SLOW.begun").read_text()), signal.SIGKILL)
        works.wait(lambda: works.job(job).attempt == 2)
        (works.root / "SLOW.go").touch()
        assert works.ended(job).state is JobState.DONE


def test_cancelled_means_that_it_has_ended(works: Works) -> None:
    works.limits(grace=0.5)
    with works.supervised():
        for behaviour in ("SLOW", "DEAF"):
            job = works.order(behaviour)
            works.wait(lambda b=behaviour: works.has(f"{b}.begun"))  # type: ignore[misc]
            begun = time.monotonic()
            works.jobs.cancel(job)
            assert works.job(job).to_json()["cancelling"]
            assert works.ended(job).state is JobState.CANCELLED
            assert left(works) == []
            assert (time.monotonic() - begun > 0.5) == (behaviour == "DEAF")


def test_what_a_command_leaves_behind_ends_before_the_job(works: Works) -> None:
    with works.supervised():
        assert works.ended(works.order("PARENT")).state is JobState.DONE
        assert left(works) == []


def test_a_look_at_a_file_does_not_wait_for_a_fit(works: Works) -> None:
    sent = works.root / "sent"
    sent.write_text("date,close")
    upload = works.jobs.uploads.add("ann", "prices.csv", sent, "a" * 64, 5)
    look = ORDERS.validate_python({"kind": "inspect", "upload": upload.id})
    with works.supervised():
        fit, other = works.order("SLOW"), works.order("OK")
        works.wait(lambda: works.has("SLOW.begun"))
        assert works.ended(works.jobs.submit(look, "ann")).state is JobState.DONE
        assert works.job(fit).state is JobState.RUNNING
        assert works.job(other).state is JobState.QUEUED


def test_limits_end_a_job_with_a_sentence(works: Works) -> None:
    works.limits(grace=0.1, job_seconds=0.5)
    with works.supervised():
        job = works.ended(works.order("SLOW"))
        assert job.state is JobState.FAILED and "the job needed more than" in str(job.problem)
    works.limits(job_seconds=60.0)
    object.__setattr__(works.configuration, "job_memory", 50 * 2**20)
    with works.supervised():
        job = works.ended(works.order("HUNGRY"))
        assert job.state is JobState.FAILED and "0.0488 GiB of memory" in str(job.problem)


def test_a_kind_may_have_less_time_than_others(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simgan.service.jobs.orders.fit.FitOrder.longest", 0.5)
    with works.supervised():
        job = works.ended(works.order("SLOW"))
    assert job.state is JobState.FAILED and "0.00833 minutes" in str(job.problem)


def test_work_of_another_request_is_not_gone_on_with(works: Works) -> None:
    """Somebody has begun another fit of the same name since the job was interrupted."""
    job = works.order("REFUSED")
    works.jobs.workspace.checkpoint("REFUSED").mkdir(parents=True)
    interrupted = works.jobs.store.claim(Lease(1, ""))
    assert interrupted is not None
    works.jobs.store.put_back(interrupted)
    with works.supervised():
        ended = works.ended(job)
    assert (ended.state, ended.attempt) == (JobState.DONE, 3)


def test_a_job_that_is_cancelled_without_a_supervisor_ends_with_the_next(works: Works) -> None:
    job = works.order("SLOW")
    with supervisor(works) as process:
        works.wait(lambda: works.has("SLOW.begun"))
        process.kill()
        process.wait()
    works.jobs.cancel(job)
    with works.supervised():
        assert works.ended(job).state is JobState.CANCELLED
    assert left(works) == []


def test_jobs_wait_for_the_next_supervisor(works: Works) -> None:
    with works.supervised():
        job = works.order("SLOW")
        works.wait(lambda: works.has("SLOW.begun"))
    assert works.job(job).state is JobState.QUEUED and left(works) == []
    (works.root / "SLOW.go").touch()
    with works.supervised():
        assert works.ended(job).attempt == 2


def test_after_kill_9_the_next_supervisor_goes_on(works: Works) -> None:
    job = works.order("SLOW")
    with supervisor(works) as first:
        works.wait(lambda: works.has("SLOW.begun"))
        with supervisor(works):  # waits
            first.kill()
            first.wait()
            works.wait(lambda: works.job(job).attempt == 2)
            (works.root / "SLOW.go").touch()
            assert works.ended(job).state is JobState.DONE
            assert len(set((works.root / "SLOW.begun").read_text().split())) == 2
            assert left(works) == []


def test_without_proc_nothing_runs_twice_and_nothing_is_left(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = works.order("SLOW")
    with supervisor(works) as first:
        works.wait(lambda: works.has("SLOW.begun"))
        first.kill()
        first.wait()
    with monkeypatch.context() as patch:
        patch.setattr("simgan.service.jobs.processes._PROC", works.root / "proc")
        with works.supervised():
            works.wait(lambda: works.job(job).attempt == 2)
            works.wait(lambda: len((works.root / "SLOW.begun").read_text().split()) == 2)
            assert len(alive(works, "SLOW.begun")) == 1
            parent = works.order("PARENT")
            (works.root / "SLOW.go").touch()
            assert works.ended(job).state is JobState.DONE
            assert works.ended(parent).state is JobState.DONE
    assert left(works) == []


def alive(works: Works, name: str) -> list[int]:
    """Return the processes that have noted themselves in a file and run."""
    noted = (works.root / name).read_text().split()
    stats = [Path("/proc", pid, "stat") for pid in noted]
    return [int(s.parent.name) for s in stats if s.exists() and ") Z" not in s.read_text()]


def test_work_that_was_finished_meanwhile_is_not_done_again(works: Works) -> None:
    job = works.order("SLOW")
    with supervisor(works) as first:
        works.wait(lambda: works.has("SLOW.begun"))
        first.kill()
        first.wait()
    (works.root / "SLOW.go").touch()
    works.wait(lambda: not left(works))
    assert works.job(job).state is JobState.RUNNING  # nobody has seen it
    with works.supervised():
        assert works.ended(job).attempt == 1


def test_a_supervisor_ends_with_its_stdin(works: Works) -> None:
    job = works.order("SLOW")
    with supervisor(works) as process:
        works.wait(lambda: works.has("SLOW.begun"))
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0
    assert works.job(job).state is JobState.QUEUED and left(works) == []


def test_a_job_whose_upload_is_gone_fails_with_a_sentence_in_the_log(
    works: Works, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(*given: object) -> None:
        raise UnknownNameError("upload", "0f", [])

    monkeypatch.setattr(attempt, "_upload", gone)
    with works.supervised():
        job = works.ended(works.order("OK"))
    assert job.state is JobState.FAILED and "unknown upload '0f'" in str(job.problem)
    [line] = [one for one in caplog.records if "cannot be run" in one.getMessage()]
    assert "unknown upload '0f'" in line.getMessage() and not line.exc_info


def test_an_order_that_cannot_be_read_fails_alone(
    works: Works, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = works.order("SLOW"), works.order("OK")
    with works.jobs.store.database.writing() as connection:
        connection.execute("UPDATE jobs SET request = '{}' WHERE id = ?", (bad.id,))
    with works.supervised():
        assert works.ended(good).state is JobState.DONE
        assert works.ended(bad).state is JobState.FAILED
    [line] = [one for one in caplog.records if "cannot be run" in one.getMessage()]
    assert line.exc_info  # a bug, with its traceback


def test_a_supervisor_without_work_opens_no_connections(
    works: Works, looked: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with works.supervised():
        assert works.ended(works.order("OK")).state is JobState.DONE
        looked()
        asked: list[None] = []
        monkeypatch.setattr(JobStore, "waiting", lambda store, inspects: asked.append(None) or 0)
        looked()
        assert asked == []
        assert (works.jobs.workspace.service / "service.sqlite-wal").exists()


def test_jobs_that_ended_long_ago_are_forgotten(works: Works) -> None:
    with works.supervised():
        old, new = works.ended(works.order("OK")), works.ended(works.order("WRONG"))
    folder = works.jobs.workspace.service / "jobs"
    with works.jobs.store.database.writing() as connection:
        connection.execute("UPDATE jobs SET ended = ended - 864000 WHERE id = ?", (old.id,))
    works.limits(keep_jobs=9.0)
    with works.supervised():
        works.wait(lambda: works.jobs.store.get(old.id) is None)
    assert not (folder / old.id).exists() and works.jobs.store.events(old.id) == []
    assert (folder / new.id).exists() and works.job(new) == new


def test_parts_of_uploads_are_swept_every_day(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simgan.service.jobs.supervisor._DAY", 0.1)
    with works.supervised():
        works.ended(works.order("OK"))
        with works.jobs.uploads.receiving() as (_, place):
            os.utime(place, (1e9, 1e9))
            works.wait(lambda: not place.exists())


def refusing(times: int, method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method of the store that the database refuses for some times."""
    left = iter(range(times))

    def refused(*args: Any, **options: Any) -> Any:
        if next(left, None) is not None:
            raise sqlite3.OperationalError("database is locked")
        return method(*args, **options)

    return refused


@pytest.mark.parametrize(
    "name", ["unwanted", "claim", "waiting", "begun", "keep_progress", "finish"]
)
def test_a_job_outlives_a_database_that_refuses(
    name: str, works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(JobStore, name, refusing(2, getattr(JobStore, name)))
    with works.supervised():
        job = works.ended(works.order("OK"))
        assert job.state is JobState.DONE and job.attempt == 1
        assert job.progress is not None and job.progress["sentence"] == "learning"


def test_a_refusal_is_logged_once_until_the_database_answers(
    works: Works, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk may refuse for hours."""
    method, moments = JobStore.claim, list[float]()

    def refuse(times: int) -> None:
        claim = refusing(times, method)
        monkeypatch.setattr(
            JobStore, "claim", lambda *given: (moments.append(time.monotonic()), claim(*given))[1]
        )

    def logged() -> int:
        return caplog.messages.count("jobs wait: database is locked; tried again")

    refuse(3)
    with works.supervised():
        works.ended(works.order("OK"))
        assert logged() == 1
        assert all(later - earlier > 0.1 for earlier, later in pairwise(moments[:4]))
        refuse(2)
        works.ended(works.order("WRONG"))
    assert logged() == 2


def test_jobs_run_while_the_database_refuses_to_forget_others(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(JobStore, "forget", refusing(10**6, JobStore.forget))
    with works.supervised():
        assert works.ended(works.order("OK")).state is JobState.DONE


def test_limits_hold_while_the_database_refuses(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It refuses the progress of a job as long as its command runs."""
    keep = JobStore.keep_progress

    def kept(store: JobStore, *given: Any) -> None:
        if left(works):
            raise sqlite3.OperationalError("database or disk is full")
        keep(store, *given)

    monkeypatch.setattr(JobStore, "keep_progress", kept)
    works.limits(job_seconds=0.5)
    with works.supervised():
        assert "the job needed more than" in str(works.ended(works.order("SLOW")).problem)


@pytest.mark.parametrize(
    ("lack", "times", "state", "attempts"),
    [
        (errno.EAGAIN, 2, JobState.DONE, 3),
        (errno.ENOMEM, 99, JobState.FAILED, 6),
        (errno.EACCES, 1, JobState.FAILED, 1),
    ],
)
def test_a_job_waits_where_the_system_lacks_something(
    lack: int, times: int, state: JobState, attempts: int, works: Works
) -> None:
    left, start, moments = iter(range(times)), Command.start, list[float]()

    def started(command: Command, words: Sequence[str]) -> Lease:
        moments.append(time.monotonic())
        if next(left, None) is not None:
            raise OSError(lack, os.strerror(lack))
        return start(command, words)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Command, "start", started)
        patch.setattr("simgan.service.jobs.supervisor.SHORTAGE_PAUSE", 0.05)
        with works.supervised():
            job = works.ended(works.order("OK"))
    assert (job.state, job.attempt) == (state, attempts)
    assert all(later - earlier > 0.05 for earlier, later in pairwise(moments))
    if state is JobState.FAILED:
        assert "cannot be started: " in str(job.problem)


def test_a_job_that_ran_or_failed_may_lack_something_as_often_again(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [*([False] * 5), True]
    plan, start = iter(runs * 2), Command.start

    def started(command: Command, words: Sequence[str]) -> Lease:
        if next(plan, False):
            return start(command, words)
        raise OSError(errno.EAGAIN, "not now")

    monkeypatch.setattr(Command, "start", started)
    monkeypatch.setattr("simgan.service.jobs.supervisor.SHORTAGE_PAUSE", 0.02)
    with works.supervised():
        for attempt, state in ((6, "done"), (12, "done"), (18, "failed"), (24, "failed")):
            job = works.ended(works.order("OK"))
            assert (job.attempt, job.state) == (attempt, state)
            (works.root / "models/made/manifest.json").write_text("another fit")


def test_a_job_whose_order_cannot_be_read_now_waits(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "_upload", refusing(1, attempt._upload))
    with works.supervised():
        assert works.ended(works.order("OK")).state is JobState.DONE


def test_a_job_runs_as_long_as_a_process_of_it_lives(
    works: Works, looked: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = works.order("OK")
    assert works.jobs.store.claim(Lease(1, "")) is not None
    lives = threading.Event()
    lives.set()
    monkeypatch.setattr(
        "simgan.service.jobs.command.marked", lambda mark: [2**22 + 1] if lives.is_set() else []
    )
    with works.supervised():
        looked()
        assert works.job(job).state is JobState.RUNNING and works.job(job).attempt == 1
        lives.clear()
        assert works.ended(job).attempt == 2


def test_a_mark_tells_workspaces_apart(tmp_path: Path) -> None:
    from simgan.workspace import Workspace

    one, other = (mark_of(Workspace(tmp_path / name), "job") for name in ("a", "b"))
    assert one != other and one.startswith(mark_of(Workspace(tmp_path / "a")))
