"""One run at a time writes a thing; the others wait and say so, or are refused."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from simgan.errors import Interrupted, WriteError
from simgan.locks import is_locked, locked, locked_or_refused
from simgan.progress import Silent, Stop

HOLD = """
import sys, time
from pathlib import Path
from simgan.locks import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""
ADD_ONE = """
import sys
from pathlib import Path
from simgan.locks import locked
counter = Path(sys.argv[1])
for _ in range(100):
    with locked(counter):
        counter.write_text(str(int(counter.read_text()) + 1))
"""


class Sentences(Silent):
    """A progress that keeps the sentences."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, sentence: str) -> None:
        self.said.append(sentence)


def holder(path: Path, seconds: float) -> subprocess.Popen[str]:
    """Return another process that holds the lock already."""
    running = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None and running.stdout.readline() == "held\n"
    return running


def test_a_free_lock_says_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    progress = Sentences()
    with locked(tmp_path / "models" / "SP500", progress):
        assert [p.name for p in (tmp_path / "models").iterdir()] == [".SP500.lock"]
    assert (progress.said, list(tmp_path.iterdir())) == ([], [])


def test_a_held_lock_is_waited_for_with_one_sentence(tmp_path: Path) -> None:
    path, progress = tmp_path / "SP500", Sentences()
    with holder(path, 0.5), locked(path, progress):
        pass
    assert progress.said == [f"waiting for another run that is writing {path}"]
    assert list(tmp_path.iterdir()) == []


def test_a_held_lock_is_refused_where_nobody_should_wait(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    with holder(path, 60) as other:
        refused = pytest.raises(WriteError, match=r"another run is writing .*s\.csv; wait for its")
        with refused, locked_or_refused(path):
            pass
        other.kill()
    with locked_or_refused(path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_is_released_during_the_try_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file of the lock is gone after the try. It was made anew, and stayed."""
    acquire = FileLock.acquire

    def late(lock: FileLock, **options: float) -> object:
        monkeypatch.setattr(FileLock, "acquire", acquire)
        raise Timeout(lock.lock_file)

    monkeypatch.setattr(FileLock, "acquire", late)
    with locked_or_refused(tmp_path / "s.csv"):
        assert is_locked(tmp_path / "s.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_killed_run_holds_nothing(tmp_path: Path) -> None:
    path, progress = tmp_path / "SP500", Sentences()
    with holder(path, 60) as other:
        other.kill()
        other.wait()
        with locked(path, progress):
            pass
    assert (progress.said, list(tmp_path.iterdir())) == ([], [])


def test_the_stop_token_ends_the_wait(tmp_path: Path) -> None:
    path, stop = tmp_path / "SP500", Stop()
    stop.ask()
    with holder(path, 60) as other:
        with pytest.raises(Interrupted, match="still writing"), locked(path, stop=stop):
            pass
        other.kill()


def test_threads_are_kept_apart_like_processes(tmp_path: Path) -> None:
    inside, most = 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(5):
            with locked(tmp_path / "SP500"):
                inside += 1
                most = max(most, inside)
                time.sleep(0.002)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_no_addition_of_two_processes_is_lost(tmp_path: Path) -> None:
    """The holder removes the lock file: a waiting run must not hold a file without a name."""
    counter = tmp_path / "counter"
    counter.write_text("0")
    runs = [subprocess.Popen([sys.executable, "-c", ADD_ONE, str(counter)]) for _ in range(2)]
    assert [run.wait() for run in runs] == [0, 0]
    assert counter.read_text() == "200"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(WriteError, match="permission denied"), locked(tmp_path / "SP500"):
            pass
    finally:
        tmp_path.chmod(0o700)


def test_a_folder_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "models").touch()
    with pytest.raises(WriteError, match="cannot write"), locked(tmp_path / "models" / "SP500"):
        pass
