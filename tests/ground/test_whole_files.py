"""Files and folders appear whole or not at all, and a failure leaves the place as it was."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from simgan.errors import WriteError
from simgan.files import (
    expect_writable,
    remove_folder,
    remove_leftovers,
    removed_afterwards,
    take_place,
    told_as_write_error,
    whole_file,
    whole_folder,
    write_arrays,
)

LIMIT = 64 * 1024


def listing(folder: Path) -> dict[str, str]:
    """Everything below a folder, hidden things too."""
    return {
        str(p.relative_to(folder)): p.read_text() if p.is_file() else ""
        for p in sorted(folder.rglob("*"))
    }


def write_whole_file(path: Path, text: str) -> None:
    with whole_file(path) as temporary:
        temporary.write_text(text)


def write_whole_folder(path: Path, text: str) -> None:
    with whole_folder(path) as temporary:
        (temporary / "first").write_text("small")
        (temporary / "second").write_text(text)


WRITERS = pytest.mark.parametrize("write", [write_whole_file, write_whole_folder])
MAKERS = pytest.mark.parametrize("make", [whole_file, whole_folder])


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """Let the system refuse longer files, as a full disk would (EFBIG for ENOSPC)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB, where one can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={LIMIT}", "tmpfs", folder],
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if mounted.returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_file_appears_with_its_folders_and_nothing_beside_it(tmp_path: Path) -> None:
    write_whole_file(tmp_path / "deep" / "down" / "file", "new")
    assert listing(tmp_path) == {"deep": "", "deep/down": "", "deep/down/file": "new"}


def test_a_folder_appears_with_its_folders_and_nothing_beside_it(tmp_path: Path) -> None:
    write_whole_folder(tmp_path / "deep" / "model", "new")
    assert listing(tmp_path) == {
        "deep": "",
        "deep/model": "",
        "deep/model/first": "small",
        "deep/model/second": "new",
    }


@WRITERS
def test_what_was_there_before_is_replaced_altogether(write, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    write(tmp_path / "thing", "old")
    write(tmp_path / "thing", "new")
    fresh = tmp_path / "fresh"
    write(fresh / "thing", "new")
    assert listing(tmp_path / "thing") == listing(fresh / "thing")
    assert [p.name for p in tmp_path.iterdir() if p != fresh] == ["thing"]


@MAKERS
def test_until_the_end_the_old_one_stays(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    old = tmp_path / "thing"
    old.mkdir() if make is whole_folder else old.touch()
    number = old.stat().st_ino
    with make(old) as temporary:
        assert temporary.parent == tmp_path and temporary.name.startswith(".")
        assert old.stat().st_ino == number
    assert old.stat().st_ino != number


def test_who_reads_the_old_file_reads_it_to_its_end(tmp_path: Path) -> None:
    write_whole_file(tmp_path / "file", "old")
    with (tmp_path / "file").open() as reader:
        write_whole_file(tmp_path / "file", "newer")
        assert reader.read() == "old"


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="folders are exchanged in one step on Linux only"
)
def test_a_folder_is_never_missing_while_it_is_replaced(tmp_path: Path) -> None:
    path, missing, done = tmp_path / "model", [], threading.Event()
    write_whole_folder(path, "old")

    def look() -> None:
        while not done.is_set():
            missing.extend([] if path.exists() else [1])

    watcher = threading.Thread(target=look)
    watcher.start()
    for _ in range(30):
        write_whole_folder(path, "new")
    done.set()
    watcher.join()
    assert missing == []


def test_without_exchange_a_folder_is_replaced_by_two_renames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no such library")

    monkeypatch.setattr("simgan.files.ctypes.CDLL", refuse)
    write_whole_folder(tmp_path / "model", "old")
    write_whole_folder(tmp_path / "model", "new")
    assert listing(tmp_path) == {"model": "", "model/first": "small", "model/second": "new"}


def test_without_exchange_the_old_folder_comes_back_when_the_new_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_whole_folder(tmp_path / "model", "old")
    before = listing(tmp_path)
    rename = os.rename

    def rename_unless_new(source: Path, target: Path) -> None:
        if ".tmp-" in source.name:
            raise OSError(5, "Input/output error")
        rename(source, target)

    monkeypatch.setattr("simgan.files.ctypes.CDLL", lambda *_, **__: object())
    monkeypatch.setattr("simgan.files.os.rename", rename_unless_new)
    with pytest.raises(WriteError, match="input/output error"):
        write_whole_folder(tmp_path / "model", "new")
    assert listing(tmp_path) == before


def test_a_file_has_the_permissions_of_any_other(tmp_path: Path) -> None:
    """Not 0600, which temporary files of the standard library have."""
    (tmp_path / "other").touch()
    write_whole_file(tmp_path / "file", "")
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "other").stat().st_mode


@MAKERS
@pytest.mark.parametrize("exists", [True, False], ids=["over an old one", "new"])
@pytest.mark.parametrize(
    "problem",
    [ValueError("a bug"), KeyboardInterrupt(), BrokenPipeError("closed")],
    ids=lambda p: type(p).__name__,
)
def test_a_failure_leaves_the_place_as_it_was_and_keeps_its_name(  # type: ignore[no-untyped-def]
    make, exists: bool, problem: BaseException, tmp_path: Path
) -> None:
    if exists:
        (write_whole_file if make is whole_file else write_whole_folder)(tmp_path / "thing", "old")
    before = listing(tmp_path)
    with pytest.raises(type(problem)), make(tmp_path / "thing") as temporary:
        (temporary / "half" if temporary.is_dir() else temporary).write_text("half")
        raise problem
    assert listing(tmp_path) == before


@WRITERS
def test_what_the_system_refuses_is_told_in_one_line_and_leaves_nothing(
    write, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    write(tmp_path / "thing", "old")
    before = listing(tmp_path)
    with files_limited_to(LIMIT), pytest.raises(WriteError) as told:
        write(tmp_path / "thing", "x" * (LIMIT + 1))
    assert str(told.value).startswith(f"cannot write {tmp_path / 'thing'}: file too large;")
    assert listing(tmp_path) == before


@WRITERS
def test_folders_that_were_made_for_nothing_are_gone(write, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with files_limited_to(LIMIT), pytest.raises(WriteError):
        write(tmp_path / "deep" / "down" / "thing", "x" * (LIMIT + 1))
    assert listing(tmp_path) == {}


def test_a_folder_that_was_empty_before_stays(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with files_limited_to(LIMIT), pytest.raises(WriteError):
        write_whole_file(tmp_path / "mine" / "thing", "x" * (LIMIT + 1))
    assert listing(tmp_path) == {"mine": ""}


def test_arrays_are_read_back_with_the_text_beside_them(tmp_path: Path) -> None:
    arrays = {"a": np.arange(6.0).reshape(2, 3).T, "b": np.array(3, np.int64)}
    write_arrays(tmp_path / "arrays", arrays, {"what": "a test"})
    with safe_open(tmp_path / "arrays", "np") as file:
        assert file.metadata() == {"what": "a test"}
        for name, values in arrays.items():
            np.testing.assert_array_equal(file.get_tensor(name), values)


def test_arrays_on_a_full_disk_are_an_error_of_the_system(tmp_path: Path) -> None:
    with files_limited_to(LIMIT), pytest.raises(OSError, match="File too large"):
        write_arrays(tmp_path / "arrays", {"a": np.zeros(LIMIT)})


@WRITERS
def test_a_full_disk_is_told_in_one_line_and_keeps_what_it_had(write, small_disk: Path) -> None:  # type: ignore[no-untyped-def]
    write(small_disk / "thing", "old")
    before = listing(small_disk)
    with pytest.raises(
        WriteError, match=r"cannot write .*/disk/thing: no space left on device; free some space"
    ):
        write(small_disk / "thing", "x" * 2 * LIMIT)
    assert listing(small_disk) == before
    write(small_disk / "thing", "x" * (LIMIT // 4))  # the space is there again


@MAKERS
def test_a_file_where_a_folder_is_needed_is_told(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "file").touch()
    with pytest.raises(WriteError, match="cannot write"), make(tmp_path / "file" / "thing"):
        pass
    assert listing(tmp_path) == {"file": ""}


@pytest.mark.parametrize("maker", ["whole_file", "whole_folder"])
def test_a_process_that_dies_leaves_the_old_one(maker: str, tmp_path: Path) -> None:
    path = tmp_path / "thing"
    (write_whole_file if maker == "whole_file" else write_whole_folder)(path, "old")
    before = listing(path)
    code = (
        f"import os, pathlib, simgan.files as f\nwith f.{maker}(pathlib.Path({str(path)!r})): "
        "os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert listing(path) == before and path.exists()


def leave_behind(folder: Path, *, kill: bool = True) -> Path:
    """Return what a process leaves that dies while it writes ``folder/model``."""
    code = f"""
import os, sys, time, pathlib, simgan.files as f
with f.whole_folder(pathlib.Path({str(folder / "model")!r})) as new:
    (new / "half").touch()
    print(new, flush=True)
    {"os._exit(9)" if kill else "sys.stdin.read()"}
"""
    running = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    left = Path(running.stdout.readline().strip())
    if kill:
        running.wait()
    assert left.is_dir()
    return left


def test_the_next_write_removes_the_leftovers_of_dead_runs(tmp_path: Path) -> None:
    left = leave_behind(tmp_path)
    write_whole_file(tmp_path / "another", "new")
    assert not left.exists()
    assert listing(tmp_path) == {"another": "new"}


def test_the_temporary_files_of_a_running_process_stay(tmp_path: Path) -> None:
    left = leave_behind(tmp_path, kill=False)
    write_whole_file(tmp_path / "another", "new")
    assert left.is_dir()


def test_temporary_files_of_another_machine_stay_for_a_day(tmp_path: Path) -> None:
    young, old = (tmp_path / f".m.tmp-{'0' * 8}-{number}-{'0' * 8}" for number in (1, 2))
    for file in (young, old):
        file.touch()
    os.utime(old, (0, 0))
    write_whole_file(tmp_path / "another", "new")
    assert [file.exists() for file in (young, old)] == [True, False]


def test_files_that_only_look_alike_stay(tmp_path: Path) -> None:
    names = [".model.tmp-mine", "model.tmp-00000000-1-00000000", ".notes.tmp"]
    for name in names:
        (tmp_path / name).touch()
    write_whole_file(tmp_path / "another", "new")
    assert all((tmp_path / name).exists() for name in names)


def test_threads_write_one_path_without_an_error(tmp_path: Path) -> None:
    """A name of the process alone gave one of the threads a false `WriteError`."""
    failures: list[BaseException] = []

    def work(text: str) -> None:
        try:
            for _ in range(20):
                write_whole_file(tmp_path / "file", text)
                write_whole_folder(tmp_path / "folder", text)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(letter * 1000,)) for letter in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert (tmp_path / "file").read_text() in {letter * 1000 for letter in "abc"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]


def test_a_name_as_long_as_the_system_allows(tmp_path: Path) -> None:
    write_whole_file(tmp_path / ("é" * 127), "new")
    assert listing(tmp_path) == {"é" * 127: "new"}
    with pytest.raises(WriteError, match="file name too long"):
        write_whole_file(tmp_path / ("é" * 128), "new")


def test_a_folder_is_removed_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole_folder(tmp_path / "model", "old")
    with monkeypatch.context() as patch:
        patch.setattr("simgan.files.discard", lambda _: None)  # a kill after the first step
        remove_folder(tmp_path / "model")
    assert not (tmp_path / "model").exists()
    write_whole_folder(tmp_path / "model", "old")
    remove_folder(tmp_path / "model")
    assert not (tmp_path / "model").exists()
    with pytest.raises(WriteError, match="no such file"):
        remove_folder(tmp_path / "model")


def refusing(call: str, first: int, patch: pytest.MonkeyPatch) -> None:
    """Let a call of the system fail from its nth time on."""
    real, times = getattr(os, call), iter(range(1, 100))

    def called(*given: object) -> object:
        if next(times) >= first:
            raise OSError(errno.EIO, "Input/output error")
        return real(*given)

    patch.setattr(f"simgan.files.os.{call}", called)


def test_a_folder_is_back_if_the_block_fails_or_its_removal_does_not_reach_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_whole_folder(tmp_path / "model", "old")
    before = listing(tmp_path)
    with pytest.raises(KeyError), removed_afterwards(tmp_path / "model"):
        raise KeyError
    assert listing(tmp_path) == before
    refusing("fsync", 1, monkeypatch)
    with pytest.raises(WriteError, match="input/output error"):
        remove_folder(tmp_path / "model")
    assert listing(tmp_path) == before


def test_a_folder_that_cannot_be_renamed_back_keeps_its_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_whole_folder(tmp_path / "model", "old")
    before = listing(tmp_path / "model")
    with monkeypatch.context() as patch:
        refusing("rename", 2, patch)
        with pytest.raises(WriteError) as failed, removed_afterwards(tmp_path / "model"):
            raise KeyError
    (left,) = tmp_path.iterdir()
    assert f"cannot rename {left} back to {tmp_path / 'model'}: input" in str(failed.value)
    monkeypatch.setattr("simgan.files._swept", {})
    remove_leftovers(tmp_path)
    assert listing(left) == before


def test_notes_of_an_error_are_kept(tmp_path: Path) -> None:
    error = OSError(28, "No space left on device")
    error.add_note("the rest can go on")
    with pytest.raises(WriteError) as failed, told_as_write_error(tmp_path):
        raise error
    assert failed.value.__notes__ == ["the rest can go on"]


def test_asking_whether_a_place_is_writable_leaves_nothing(tmp_path: Path) -> None:
    expect_writable(tmp_path / "models" / "new")
    assert listing(tmp_path) == {}


def test_a_place_below_a_file_is_not_writable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WriteError, match=r"cannot write .*file/models"):
        expect_writable(tmp_path / "file" / "models")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (errno.ENOENT, "it cannot be created (no such file or directory); choose another place"),
        (errno.EACCES, "permission denied; choose another place"),
        (errno.ENOSPC, "no space left on device; free some space or choose another place"),
    ],
)
def test_space_is_the_remedy_of_a_full_disk_only(error: int, sentence: str) -> None:
    with pytest.raises(WriteError) as failed, told_as_write_error(Path("x")):
        raise OSError(error, os.strerror(error))
    assert str(failed.value) == f"cannot write x: {sentence}"


def test_a_closed_pipe_is_no_write_error(tmp_path: Path) -> None:
    """``simgan sample | head`` ends in silence, and the door has to know."""
    with pytest.raises(BrokenPipeError), told_as_write_error(tmp_path):
        raise BrokenPipeError


def test_a_folder_that_another_run_makes_at_the_last_moment_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between a look at the target and the rename, another thread may put a folder there."""
    new, target = tmp_path / "new", tmp_path / "target"
    new.mkdir()
    (new / "mine").write_text("mine")
    real = os.rename

    def rename(source: Path, place: Path) -> None:
        if place == target and not target.exists():
            target.mkdir()
            (target / "theirs").write_text("theirs")
        real(source, place)

    monkeypatch.setattr(os, "rename", rename)
    take_place(new, target)
    assert [file.name for file in target.iterdir()] == ["mine"]


def test_a_rename_that_the_system_refuses_is_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        take_place(tmp_path / "nothing", tmp_path / "target")
