"""The table of jobs: one job of each identity, and transitions that nobody else undoes."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path

import pytest

from simgan.service.database import Database, database_of
from simgan.service.jobs.job import Job, JobState, KeptFile, Lease
from simgan.service.jobs.store import FullQueue, JobStore, Search, Wanted
from simgan.workspace import Workspace

ME = Lease(1, "100")


def wanted(id: str, owner: str = "ann", is_private: bool = False) -> Wanted:
    return Wanted(id, "fit", {"kind": "fit"}, owner, is_private)


@pytest.fixture
def store(tmp_path: Path) -> JobStore:
    return JobStore(database_of(Workspace(tmp_path)))


def claimed(store: JobStore) -> Job:
    job = store.claim(ME)
    assert job is not None
    return job


def state(store: JobStore, id: str) -> str:
    job = store.get(id)
    assert job is not None
    return job.state


def kinds(store: JobStore, id: str) -> list[str]:
    return [event.kind for event in store.events(id)]


def test_the_same_is_the_same_job(store: JobStore) -> None:
    first = store.submit(wanted("a"), 10)
    assert store.submit(wanted("a", owner="bob"), 10) == first
    assert store.claim(ME) is not None
    assert store.submit(wanted("a"), 10).state is JobState.RUNNING
    assert store.claim(ME) is None


def test_jobs_are_claimed_in_their_order(store: JobStore) -> None:
    for id in "cab":
        store.submit(wanted(id), 10)
    assert [claimed(store).id for _ in range(3)] == list("cab")


def test_a_full_queue_refuses_new_jobs_alone(store: JobStore) -> None:
    store.submit(wanted("a"), 1)
    with pytest.raises(FullQueue):
        store.submit(wanted("b"), 1)
    assert store.submit(wanted("a"), 1).id == "a"


def test_a_caller_cannot_fill_the_queue(store: JobStore) -> None:
    store.submit(wanted("a"), 9, of_caller=1)
    with pytest.raises(FullQueue, match="1 jobs of yours"):
        store.submit(wanted("b"), 9, of_caller=1)
    assert store.submit(wanted("b")._replace(owner="other"), 9, of_caller=1).id == "b"


def test_a_job_that_is_queued_again_counts_for_who_did_it(store: JobStore) -> None:
    for id in "ab":
        store.submit(wanted(id), 9)
        store.cancel(id)
        store.submit(wanted(id, owner="bob"), 9, of_caller=2)
    assert store.submit(wanted("c"), 9, of_caller=1).owner == "ann"
    with pytest.raises(FullQueue, match="2 jobs of yours"):
        store.submit(wanted("d", owner="bob"), 9, of_caller=2)
    again = store.get("a")
    assert again is not None and (again.owner, again.queued_by) == ("ann", "bob")


def test_jobs_of_an_older_database_count_for_their_owners(store: JobStore) -> None:
    store.submit(wanted("a"), 9)
    with store.database.writing() as connection:
        connection.execute("DROP INDEX sessions_by_end")
        connection.execute("ALTER TABLE jobs DROP COLUMN queued_by")
        connection.execute("PRAGMA user_version = 9")
    store.database.prepare()
    with pytest.raises(FullQueue, match="1 jobs of yours"):
        store.submit(wanted("b"), 9, of_caller=1)


def test_a_done_job_is_kept_unless_its_result_has_to_be_renewed(store: JobStore) -> None:
    store.submit(wanted("a"), 10)
    store.finish(claimed(store), {"model": "a"}, {"page": KeptFile("reports/a.html", "00")})
    done = store.submit(wanted("a"), 10)
    assert (done.state, done.result, done.attempt) == (JobState.DONE, {"model": "a"}, 1)
    assert done.files["page"].path == "reports/a.html"
    renewed = store.submit(wanted("a"), 10, renews=True)
    assert (renewed.state, renewed.result, renewed.files) == (JobState.QUEUED, None, {})
    assert not renewed.resumes


def test_a_failed_job_is_queued_again_behind_the_others(store: JobStore) -> None:
    store.submit(wanted("a"), 10)
    store.submit(wanted("b"), 10)
    store.fail(claimed(store), {"title": "Failed", "detail": "no"})
    again = store.submit(wanted("a"), 10)
    assert (again.state, again.problem, again.resumes) == (JobState.QUEUED, None, True)
    assert [claimed(store).id, claimed(store).id] == ["b", "a"]
    job = store.get("a")
    assert job is not None and job.attempt == 2


def test_an_attempt_that_is_over_changes_nothing(store: JobStore) -> None:
    store.submit(wanted("a"), 10)
    first = claimed(store)
    store.put_back(first)
    second = claimed(store)
    store.finish(first, {}, {})
    store.fail(first, {})
    store.cancelled(first)
    store.keep_progress(first, {"task": "x"})
    store.begun(first, ME)
    store.put_back(first)
    assert store.running() == [second]
    store.finish(second, {}, {})
    store.fail(second, {})
    assert state(store, "a") == "done"


def test_an_interrupted_job_is_the_next_one(store: JobStore) -> None:
    for id in "ab":
        store.submit(wanted(id), 10)
    store.put_back(claimed(store), killed=True)
    job = claimed(store)
    assert (job.id, job.resumes, job.kills, job.attempt) == ("a", True, 1, 2)


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_by_its_supervisor(
    store: JobStore,
) -> None:
    for id in "ab":
        store.submit(wanted(id), 10)
    running = claimed(store)
    for id in "ab":
        store.cancel(id)
    assert (state(store, "a"), state(store, "b")) == ("running", "cancelled")
    assert store.unwanted() == {"a"}
    store.cancelled(running)
    assert state(store, "a") == "cancelled" and store.unwanted() == set()
    assert store.cancel("a") == store.get("a")
    assert store.cancel("unknown") is None


def test_an_unwanted_job_does_not_wait_again(store: JobStore) -> None:
    store.submit(wanted("a"), 10)
    job = claimed(store)
    store.cancel("a")
    store.put_back(job)
    assert state(store, "a") == "cancelled" and store.claim(ME) is None


def test_events_are_counted_on_and_end_with_the_state(store: JobStore) -> None:
    store.submit(wanted("a"), 10)
    job = claimed(store)
    store.keep_progress(job, {"task": "t", "done": 1}, ["read"])
    for done in (2, 3, 4):
        store.keep_progress(job, {"task": "t", "done": done})
    events = store.events("a")
    assert kinds(store, "a") == ["queued", "running", "progress", "progress"]  # 2 and 3 are gone
    assert [event.number for event in events] == [1, 2, 3, 6]
    assert store.events("a", after=3) == events[3:]
    store.cancelled(job)
    assert [event.is_last for event in store.events("a")][-2:] == [False, True]
    store.submit(wanted("a"), 10)
    assert [event.number for event in store.events("a")] == [8]  # goes on, and has one end at most


def test_earlier_events_are_not_read_for_the_progress(store: JobStore) -> None:
    store.submit(wanted("a"), 10)
    job = claimed(store)
    for sentence in ("read", "begun"):
        store.keep_progress(job, {"task": "t"}, [sentence])
    with store.database.writing() as connection:
        connection.execute("UPDATE events SET data = 'no JSON' WHERE number = 3")
    store.keep_progress(job, {"task": "t", "done": 1})
    assert [event.data["sentences"] for event in store.events("a", after=3)] == [["begun"], []]


def test_jobs_are_forgotten_in_parts_and_nobody_waits(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simgan.service.jobs.store._AT_ONCE", 2)
    for id in "abcde":
        store.submit(wanted(id), 10)
        store.cancel(id)
    cleared = []

    def clear(id: str) -> None:
        cleared.append(id)
        if id == "b":
            store.submit(wanted("b"), 10)  # somebody wants it again

    store.forget(time.time() + 1, clear)
    assert cleared == list("abcde")
    assert [job.id for job in store.listed(Search("ann"))] == ["b"]


def test_a_list_of_a_state_reads_no_other_jobs(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, statements = Database.opened, list[str]()

    def traced(database: Database) -> sqlite3.Connection:
        connection = opened(database)
        connection.set_trace_callback(statements.append)
        return connection

    monkeypatch.setattr(Database, "opened", traced)
    store.listed(Search("ann", state=JobState.DONE))
    [asked] = [statement for statement in statements if statement.startswith("SELECT id")]
    with store.database.reading() as connection:
        plan = [row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {asked}")]
    assert "SEARCH jobs USING INDEX jobs_by_state (state=?)" in plan


def test_a_list_shows_what_its_caller_sees_newest_first(store: JobStore) -> None:
    for id, owner, is_private in (("a", "ann", True), ("b", "bob", False), ("c", "bob", True)):
        store.submit(wanted(id, owner, is_private), 10)
    assert [job.id for job in store.listed(Search("ann"))] == ["b", "a"]
    assert [job.id for job in store.listed(Search("bob"))] == ["c", "b"]
    store.cancel("b")
    assert [job.id for job in store.listed(Search("bob", state=JobState.CANCELLED))] == ["b"]
    assert store.listed(Search("bob", kind="report")) == []
    last = store.listed(Search("bob", limit=1))[0]
    assert [job.id for job in store.listed(Search("bob", before=last.number))] == ["b"]


@pytest.mark.parametrize(
    "kept", ['{"window": 1%s}' % ("0" * 400), '{"window": Infinity}', "{", "[]"]
)
def test_a_row_that_is_no_json_of_this_version_breaks_no_list(store: JobStore, kept: str) -> None:
    """SQLite reads a number of 400 digits as infinite, and older rows may hold anything."""
    for id in "ab":
        store.submit(wanted(id), 10)
    with store.database.writing() as connection:
        connection.execute("UPDATE jobs SET request = ? WHERE id = 'a'", (kept,))
    newest, bad = store.listed(Search("ann"))
    assert newest.request == {"kind": "fit"}
    assert bad.request in ({"window": None}, {})
    json.dumps(bad.to_json(), allow_nan=False)
