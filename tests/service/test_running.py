"""Servers in processes of their own: they start, end gently, and refuse in a sentence."""

from __future__ import annotations

import errno
import json
import logging
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import pairwise
from pathlib import Path
from urllib.request import urlopen

import pytest
from served import served

from simgan.cli.main import run
from simgan.service.configuration import Configuration
from simgan.service.supervisor_process import restarting, supervisor_of
from simgan.service.workers import run_workers
from simgan.workspace import Workspace


@pytest.fixture(autouse=True)
def loggers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give the loggers back as they were: `simgan serve` in this process takes them over."""
    for name in ("simgan.service", "uvicorn.error", "py.warnings"):
        logger = logging.getLogger(name)
        for attribute in ("handlers", "propagate"):
            monkeypatch.setattr(logger, attribute, getattr(logger, attribute))
        monkeypatch.setattr(logger, "level", logger.level)
    yield
    logging.captureWarnings(False)


def told(url: str) -> object:
    with urlopen(f"{url}healthz", timeout=100) as answer:
        return json.load(answer)


def eventually(holds: Callable[[], bool], seconds: float = 100.0) -> bool:
    """Whether something becomes true within a time."""
    last = time.monotonic() + seconds
    while not holds() and time.monotonic() < last:
        time.sleep(0.02)
    return holds()


def refuses(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_answers_and_ends_without_a_failure(
    tmp_path: Path, number: signal.Signals
) -> None:
    with served(tmp_path) as server:
        assert told(server.url) == {"status": "alive"}
        assert server.end(number) == 0
    assert (tmp_path / "service" / "service.sqlite").exists()


def test_workers_answer_and_end_with_the_process_that_made_them(tmp_path: Path) -> None:
    """After kill −9 their port must be free for the next server."""
    with served(tmp_path, "--workers", "2") as server:
        assert told(server.url) == {"status": "alive"}
        server.process.kill()
        assert eventually(lambda: refuses(server.port))


def test_a_worker_that_ends_starts_again_and_all_end_gently(tmp_path: Path) -> None:
    file = tmp_path / "starts"
    runs = partial(note_start, file)

    def starts() -> list[int]:
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    thread = threading.Thread(target=end_after_a_kill, args=(starts,))
    thread.start()
    ended: list[int] = []
    lived: list[bool] = []  # at the signal
    run_workers(
        2, runs, 1.0, ended.append, lambda: lived.extend(is_alive(one) for one in starts()[1:])
    )
    thread.join()
    assert lived == [True, True]
    assert ended == starts()[:1]
    assert len(set(starts())) == 3
    assert not any(is_alive(process) for process in starts())


def note_start(file: Path) -> None:
    with file.open("a") as lines:
        lines.write(f"{os.getpid()}\n")
    time.sleep(100)


def end_after_a_kill(starts: Callable[[], list[int]]) -> None:
    """Kill a worker, wait for another, and end this process."""
    assert eventually(lambda: len(starts()) == 2)
    os.kill(starts()[0], signal.SIGKILL)
    assert eventually(lambda: len(starts()) == 3)
    os.kill(os.getpid(), signal.SIGTERM)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_no_process_imports_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them import `selectors` at their start."""
    (tmp_path / "selectors.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    begun = tmp_path / "begun"

    def end() -> None:
        eventually(begun.exists, 20.0)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=end)
    thread.start()
    run_workers(1, partial(note_start, begun), 0.0, lambda process: None, lambda: None)
    thread.join()
    assert begun.exists()
    supervisor = subprocess.run(
        supervisor_of(Workspace(tmp_path)), stdin=subprocess.DEVNULL, timeout=100
    )
    assert supervisor.returncode == 0


def test_a_bound_port_is_an_error_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert run(["serve", "--workspace", str(tmp_path), "--port", str(port)]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"Error: cannot listen at 127.0.0.1:{port}: ")
    assert "--port" in error and error.count("\n") == 1


def test_a_workspace_that_is_a_file_is_an_error_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "service").write_text("")
    assert run(["serve", "--workspace", str(tmp_path), "--port", "0"]) == 1
    assert capsys.readouterr().err.startswith("Error: cannot use ")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_an_address_that_others_reach_needs_a_token(
    host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve", "--workspace", str(tmp_path), "--port", "0", "--host", host]) == 1
    assert "simgan serve token add" in capsys.readouterr().err


def test_a_command_that_ends_starts_again_until_the_end(tmp_path: Path) -> None:
    """Its stdin ends first, and it may end by itself."""
    file = tmp_path / "starts"
    script = f"echo $$ $SIMGAN_SERVE_QUEUE >> {file}; read line; echo end >> {file}"

    def starts() -> list[list[str]]:
        return [line.split() for line in file.read_text().splitlines()] if file.exists() else []

    with restarting(["sh", "-c", script], Configuration(queue=7)):
        assert eventually(lambda: len(starts()) == 1)
        process, queue = starts()[0]
        assert queue == "7"
        os.kill(int(process), signal.SIGKILL)
        begun = time.monotonic()
        assert eventually(lambda: len(starts()) == 2)
        assert time.monotonic() - begun < 2
    assert starts()[-1] == ["end"]


def test_a_command_that_ends_again_and_again_starts_less_and_less_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simgan.service.supervisor_process.PAUSE", 0.1)
    monkeypatch.setattr("simgan.service.supervisor_process.LONGEST_PAUSE", 0.4)
    file = tmp_path / "starts"

    def moments() -> list[float]:
        return [float(line) for line in file.read_text().split()] if file.exists() else []

    with restarting(["sh", "-c", f"date +%s.%N >> {file}; exit 1"], Configuration()):
        assert eventually(lambda: len(moments()) >= 4)
    gaps = [later - earlier for earlier, later in pairwise(moments())]
    assert all(gap > least - 0.05 for gap, least in zip(gaps, [0.2, 0.4, 0.4], strict=False))


def test_a_start_that_the_system_refuses_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("simgan.service.supervisor_process.PAUSE", 0.01)
    monkeypatch.setattr("simgan.service.supervisor_process.LONGEST_PAUSE", 0.02)
    start, refused = subprocess.Popen, [errno.EMFILE, errno.ENOMEM, errno.EAGAIN]

    def starting(*words: object, **options: object) -> object:
        if refused:
            raise OSError(refused.pop(), "not now")
        return start(*words, **options)  # type: ignore[call-overload]

    monkeypatch.setattr("simgan.service.supervisor_process.subprocess.Popen", starting)
    with restarting(["sh", "-c", f"touch {tmp_path}/started; read line"], Configuration()):
        assert eventually((tmp_path / "started").exists)
    assert caplog.text.count("cannot start") == 3


def test_a_supervisor_that_cannot_work_ends_with_a_sentence(tmp_path: Path) -> None:
    """Its thread waits for the end of stdin meanwhile."""
    (tmp_path / "service").write_text("")
    words = supervisor_of(Workspace(tmp_path))
    with subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.wait(60) == 1
        assert process.stderr is not None
        assert process.stderr.read().startswith(b"Error: cannot use ")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_supervisor_hears_of_the_end_before_streams_have_ended(
    workers: str, tmp_path: Path
) -> None:
    """A reader holds the server, and the supervisor is gone meanwhile."""
    with served(tmp_path, "--workers", workers, SIMGAN_SERVE_GRACE="8") as server:
        assert told(server.url) == {"status": "alive"}
        found = supervisors(tmp_path)
        assert len(found) == 1
        with socket.create_connection(("127.0.0.1", server.port)) as reader:
            head = b"POST /v1/uploads HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\n"
            reader.sendall(head + b"Content-Length: 9\r\n\r\n")
            assert reader.recv(100).startswith(b"HTTP/1.1 100")  # the route reads the body
            server.process.send_signal(signal.SIGTERM)
            assert eventually(lambda: not supervisors(tmp_path), 6)
            assert not eventually(lambda: server.process.poll() is not None, 0.5)


def supervisors(workspace: Path) -> list[int]:
    """Return the processes of the supervisor of a workspace."""
    words = f"simgan.service.jobs\0--workspace\0{workspace}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if words in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def test_a_command_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simgan.service.supervisor_process._MORE", 0.0)
    before = threading.active_count()
    with restarting(["sleep", "60"], Configuration(grace=0.05)):
        pass
    assert eventually(lambda: threading.active_count() == before)
