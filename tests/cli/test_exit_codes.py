"""Every way a command can end, the exit code it ends with, and what is said:
CLI.md of the contract, "Exit codes".
"""

from __future__ import annotations

import importlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import click
import pytest
from made_bundle import made_bundle

from simgan.bundle.store import write_bundle
from simgan.cli.main import COMMANDS, cli, run
from simgan.errors import ConfigError, SamplingError
from simgan.progress import STOPPING
from simgan.scenarios.formats import FORMATS


def leaf_commands(group: click.Group = cli, names: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """All commands that can run, those inside a group by all their names."""
    context, found = click.Context(group), []
    for name in group.list_commands(context):
        command, place = group.get_command(context, name), (*names, name)
        if isinstance(command, click.Group):
            found += leaf_commands(command, place)
        if not isinstance(command, click.Group) or command.invoke_without_command:
            found.append(place)
    return found


def raising(error: BaseException) -> Callable[..., None]:
    def order(*_: object) -> None:
        raise error

    return order


def in_shell(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = f'set -o pipefail; simgan() {{ {sys.executable} -m simgan "$@"; }}; {line}'
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SIMGAN")}
    return subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment,
        check=False,
    )


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    """Return when the condition holds; fail when it never does."""
    last = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < last, f"nothing happened within {seconds} seconds"
        time.sleep(0.02)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    write_bundle(made_bundle("made"), tmp_path / "models" / "made")
    return tmp_path


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (
            ConfigError("sample", "n", 0, "1 or more"),
            1,
            "Error: sample: n = 0 is not possible; it must be 1 or more\n",
        ),
        (
            ConfigError("sample", "n", "a\nb", "1\n or more"),
            1,
            "Error: sample: n = 'a\\nb' is not possible; it must be 1 or more\n",
        ),
        (
            MemoryError(),
            1,
            (
                "Error: out of memory; ask for fewer days, paths or workers, or use a machine with "
                "more of it\n"
            ),
        ),
        (KeyboardInterrupt("go on with --resume"), 130, "Interrupted: go on with --resume\n"),
        (KeyboardInterrupt(), 130, "Interrupted.\n"),
    ],
)
def test_what_ends_a_command_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    said: str,
) -> None:
    monkeypatch.setattr("simgan.workflows.sample.order", raising(error))
    assert run(["sample"]) == code
    assert capsys.readouterr() == ("", said)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("shapes differ"),
        OSError(5, "Input/output error"),
        RuntimeError(),
        AssertionError(),
    ],
)
def test_anything_else_is_a_bug_with_its_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    monkeypatch.setattr("simgan.workflows.sample.order", raising(error))
    assert run(["sample"]) == 70
    said = capsys.readouterr().err
    assert said.startswith("Traceback") and type(error).__name__ in said
    assert said.endswith("This is a bug in simgan; please report it with the lines above.\n")


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["--version"], ["models", "--help"]])
def test_help_and_version_are_exit_code_0(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 0
    assert capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["models"], ["models", "nosuch"], ["report", "--n", "1"], ["sample", "--layout", "tall"]],
)
def test_usage_is_told_on_stderr_with_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and "Usage: simgan" in captured.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["sample", "--resume", "--force"],
        ["sample", "--resume", "-o", "-"],
        ["fit", "A", "--refresh", "--offline"],
    ],
)
def test_options_that_contradict_each_other_are_wrong_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert "--re" in capsys.readouterr().err


EMPTY = [
    ["sample", ""],
    ["sample", " "],
    ["sample", "made", "-o", ""],
    ["sample", "made", "--regime", ""],
    ["sample", "made", "--prices", ""],
    ["report", ""],
    ["report", "made", "-o", ""],
    ["fit", ""],
    ["fit", "SP500", "--name", ""],
    ["backtest", "SP500", "", "--from", "2017-01-01"],
    ["backtest", "SP500", "--from", "2017-01-01", "--name", ""],
    ["models", "show", ""],
    ["models", "remove", "", "--yes"],
    ["models", "export", "", "made.zip"],
    ["models", "export", "made", ""],
    ["models", "import", ""],
    ["models", "import", "made.zip", "--name", ""],
    ["models", "list", "--workspace", ""],
]


@pytest.mark.parametrize("arguments", EMPTY, ids=" ".join)
def test_an_empty_name_is_wrong_usage(
    arguments: list[str],
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """``NAME=; simgan models remove "$NAME" --yes`` removed the newest model."""
    monkeypatch.chdir(workspace)
    before = sorted(workspace.rglob("*"))
    assert run(arguments) == 2
    assert "is empty." in capsys.readouterr().err
    assert sorted(workspace.rglob("*")) == before


def test_every_name_is_checked_for_emptiness() -> None:
    """A new command cannot forget it."""
    for path in leaf_commands():
        command: click.Command | None = cli
        for name in path:
            assert isinstance(command, click.Group)
            command = command.get_command(click.Context(cli), name)
        assert command is not None
        for parameter in command.params:
            if parameter.name in ("name", "tickers", "out", "file", "workspace", "prices"):
                is_plain = type(parameter.type) in (type(click.STRING), click.Path)
                assert not is_plain, f"{' '.join(path)}: {parameter.name}"


def test_a_closed_pipe_is_quiet_and_no_failure(workspace: Path) -> None:
    done = in_shell("simgan sample made --n 20000 | head -n 2 | wc -l", workspace)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "2", "")


@pytest.mark.skipif(
    not Path("/dev/full").exists(),
    reason="/dev/full stands for a full disk, and this system has none",
)
@pytest.mark.parametrize(
    "command",
    ["simgan sample made --n 20000", "simgan models list", "simgan models show made --json"],
)
def test_a_full_disk_behind_stdout_is_one_line(workspace: Path, command: str) -> None:
    done = in_shell(f"{command} > /dev/full", workspace)
    assert done.returncode == 1
    assert (
        done.stderr.startswith("Error: cannot write standard output: no space left on device")
        and done.stderr.count("\n") == 1
    )


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("simgan sample made --n 3 >&-", 1, "Error: cannot write standard output: "),
        ("simgan models list >&-", 1, "Error: cannot write standard output: "),
        ("simgan sample made --n 3 -o s.csv >&-", 0, "wrote 3 scenarios"),
        ("simgan sample made --n 3 -o s.csv 2>&-", 0, ""),
        ("simgan sample made --n 3 -o s.csv <&- >&- 2>&-", 0, ""),
        ("simgan sample nosuch -o s.csv <&- >&- 2>&-", 1, ""),
    ],
)
def test_closed_streams_end_in_a_sentence_and_harm_no_file(
    workspace: Path, line: str, code: int, said: str
) -> None:
    done = in_shell(line, workspace)
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith(said) and done.stderr.count("\n") == bool(said)
    if "s.csv" in line and not code:
        assert (workspace / "s.csv").read_text().startswith("scenario,1,2,")
        assert (workspace / "s.csv").read_text().count("\n") == 4


@pytest.mark.parametrize("kind", FORMATS)
def test_stdout_has_the_bytes_of_a_file_in_every_format(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(workspace)
    assert run(["sample", "made", "--n", "3000", "-o", f"s.{kind}"]) == 0
    in_shell(f"simgan sample made --n 3000 -o - --format {kind} | cat > piped", workspace)
    assert (workspace / "piped").read_bytes() == (workspace / f"s.{kind}").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sample", "made", "-o", "s.csv", "--format", "npy"], "--format is for -o -"),
        (["sample", "made", "-o", "-", "--format", "xls"], "is not one of"),
    ],
)
def test_a_format_that_cannot_be_is_wrong_usage(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--first 9223372036854775807 --n 1", r"2\^63 - 1"),
        ("--n 9223372036854775808", r"2\^63 - 1"),
        ("--n 9223372036854775807", r"below 2\^63 - 1"),
        ("--n 9223372036854775806", "GB are free"),
        ("--n 9223372036854775806 --workers 2", "GB are free"),
        ("--n 100001 --shard-rows 1 -o s.parquet", "2 or more"),
        (f"-o {'x' * 300}.npy", "file name too long"),
        (f"-o {'/'.join(['x' * 200] * 30)}.npy", "file name too long"),
        ("-o models/made/manifest.json/s.npy", "cannot write"),
        ("-o /proc/s.npy", "cannot write"),
    ],
)
def test_impossible_files_are_refused_at_once(
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: str,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(workspace)
    before = sorted(workspace.rglob("*"))
    assert run(["sample", "made", "-o", "s.npy", *options.split()]) == 1
    assert re.search(said, capsys.readouterr().err)
    assert sorted(workspace.rglob("*")) == before


def test_the_notes_of_an_error_stand_in_its_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for error in (SamplingError("a worker process was killed"), MemoryError()):
        error.add_note("192 finished scenarios are kept")
        monkeypatch.setattr("simgan.workflows.sample.order", raising(error))
        assert run(["sample"]) == 1
        assert capsys.readouterr().err.endswith("; 192 finished scenarios are kept\n")


@pytest.mark.slow
def test_a_killed_worker_is_a_sentence_and_keeps_the_scenarios(workspace: Path) -> None:
    command = [sys.executable, "-m", "simgan", "sample", "made", "--n", "2000000000"]
    with subprocess.Popen(
        [*command, "--workers", "2", "-o", "s.npy"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=workspace,
    ) as running:
        try:
            wait_for((workspace / ".s.npy.partial.json").exists, seconds=60)
            wait_for(lambda: len(workers_of(running.pid)) == 2, seconds=60)
            time.sleep(0.3)
            os.kill(workers_of(running.pid)[0], signal.SIGKILL)
            _, said = running.communicate(timeout=60)
        finally:
            running.kill()
    assert running.returncode == 1
    announced, error = said.splitlines()
    assert announced == "s.npy will be about 168.1 GB: 2,000,000,000 scenarios of 21 days"
    assert error.startswith("Error: a worker process was killed, perhaps because memory ran out;")
    assert said.endswith(
        " finished scenarios are kept: the same command with --resume goes on with it\n"
    )
    assert (workspace / ".s.npy.partial").exists()


def workers_of(pid: int) -> list[int]:
    """Return the worker processes of a run, without the tracker of their resources."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = (folder / "cmdline").read_text()
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == pid and "spawn_main" in line:
                found.append(int(folder.name))
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_is_exit_code_130(workspace: Path, number: signal.Signals) -> None:
    """SIGTERM, which other programs send, is Ctrl-C.

    Not before there are scenarios to keep, which the record tells; a shell may have had SIGINT
    ignored, which children inherit.
    """
    command = [sys.executable, "-m", "simgan", "sample", "made", "--n", "2000000000", "-o", "s.npy"]
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, cwd=workspace, preexec_fn=heed
    ) as running:
        try:
            wait_for((workspace / ".s.npy.partial.json").exists, seconds=60)
            running.send_signal(number)
            _, said = running.communicate(timeout=60)
        finally:
            running.kill()
    assert running.returncode == 130
    assert said.splitlines() == [
        "s.npy will be about 168.1 GB: 2,000,000,000 scenarios of 21 days",
        STOPPING,
        "Interrupted: s.npy is not complete; the same command with --resume goes on with it",
    ]
    assert sorted(file.name for file in workspace.iterdir()) == [
        ".s.npy.partial",
        ".s.npy.partial.json",
        "models",
    ]


def test_sigterm_ends_work_that_ignores_ctrl_c(tmp_path: Path) -> None:
    """A shell lets commands in the background ignore SIGINT."""
    (tmp_path / "work.py").write_text(
        "import signal, time\n"
        "from simgan.cli import main\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "def invoke(arguments):\n"
        "    print('begun', flush=True)\n"
        "    time.sleep(60)\n"
        "main._invoke = invoke\n"
        "main.main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "work.py"], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as running:
        assert running.stdout is not None and running.stdout.readline() == "begun\n"
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 130


def test_nothing_is_removed_when_nobody_can_be_asked(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = in_shell("simgan models remove made < /dev/null", workspace)
    assert done.returncode == 2
    assert "standard input is not a terminal; give --yes to confirm." in done.stderr
    assert (workspace / "models" / "made").is_dir()


def test_the_workspace_can_come_from_the_environment(
    workspace: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = in_shell(f"SIMGAN_WORKSPACE={workspace} simgan models list", elsewhere)
    assert done.stdout.startswith("* made ")
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("command", leaf_commands(), ids=" ".join)
def test_every_command_has_an_example_and_the_common_options(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command, "--help"]) == 0
    page = capsys.readouterr().out
    assert f"Example:\n    simgan {' '.join(command)}" in page
    assert all(option in page for option in ("--workspace", "--verbose", "--quiet"))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_of_commands_leads_to_commands_of_that_name(name: str) -> None:
    module, attribute = COMMANDS[name][0].split(":")
    command = getattr(importlib.import_module(module), attribute)
    assert isinstance(command, click.Command) and command.name == name


def test_names_can_be_completed_in_a_shell(tmp_path: Path) -> None:
    done = in_shell(
        "_SIMGAN_COMPLETE=bash_complete COMP_WORDS='simgan mo' COMP_CWORD=1 simgan", tmp_path
    )
    assert done.stdout == "plain,models\n"
