"""Options that commands share: verbosity, settings given or not, progress, and usage in words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rich import progress as rich_progress
from rich.console import Console

from simgan.cli import options
from simgan.cli.main import cli, run
from simgan.cli.options import (
    Common,
    common_options,
    iso,
    pairs,
    recipe_options,
    terminal_progress,
)
from simgan.cli.price_options import price_options
from simgan.progress import Step
from simgan.workflows.weights import weights_in
from simgan.workspace import Workspace


def call(decorators: list[Callable[[Any], Any]], *arguments: str, **environment: str) -> Any:
    """Run a command with these options, and return the values that it gets."""
    got: dict[str, Any] = {}

    def command(**values: Any) -> None:
        got.update(values)

    for decorate in decorators:
        command = decorate(command)
    result = CliRunner().invoke(
        click.command()(command), arguments, env=environment, catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return got


@pytest.mark.parametrize(
    ("arguments", "said"),
    [([], "sentence\n"), (["-v"], "sentence\ndetail\n"), (["--quiet"], "")],
)
def test_verbosity_chooses_sentences_and_details(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    common = call([common_options], *arguments)["common"]
    common.say("sentence")
    common.detail("detail")
    captured = capsys.readouterr()
    assert (captured.err, captured.out) == (said, "")


def test_the_workspace_comes_from_the_option_before_the_environment(tmp_path: Path) -> None:
    of_environment, of_option = tmp_path / "a", tmp_path / "b"
    environment = {"SIMGAN_WORKSPACE": str(of_environment)}
    assert call([common_options])["common"].workspace.root == Path(".")
    found = call([common_options], **environment)["common"]
    assert found.workspace.root == of_environment
    found = call([common_options], "--workspace", str(of_option), **environment)["common"]
    assert found.workspace.root == of_option


@pytest.mark.parametrize(
    ("arguments", "download"),
    [
        ([], "if-missing"),
        (["--refresh"], "always"),
        (["--refresh", "--force"], "force"),
        (["--offline"], "never"),
    ],
)
def test_two_flags_are_one_word_for_downloads(arguments: list[str], download: str) -> None:
    got = call([price_options], *arguments, "--start", "2015-02-01")
    defaults = {"source": "yahoo", "column": "", "on_bad_rows": "stop", "interval": "1d"}
    assert got == defaults | {"start": "2015-02-01", "download": download}


def test_a_recipe_gets_the_options_that_stand_there_and_no_defaults() -> None:
    """A default over a recipe file would undo the file."""
    assert call([recipe_options("quick")])["asked"] == {}
    got = call(
        [recipe_options("quick")], "--preset", "quick", "--set", "rate=1e-4", "--set", "a=b=c"
    )
    assert got["asked"] == {"preset": "quick", "settings": {"rate": "1e-4", "a": "b=c"}}


@given(
    settings=st.dictionaries(
        st.text("abc._", min_size=1, max_size=8), st.text("xyz=1. ", max_size=8), max_size=4
    )
)
def test_settings_are_read_back_from_their_text(settings: dict[str, str]) -> None:
    text = tuple(f" {key} = {value} " for key, value in settings.items())
    assert pairs(text) == {key: value.strip() for key, value in settings.items()}


@pytest.mark.parametrize("text", ["rate", "=1", ""])
def test_a_setting_without_a_name_or_a_value_is_wrong_usage(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not of the form KEY=VALUE"):
        pairs(("steps=5", text))


def test_a_date_that_is_left_out_stays_left_out() -> None:
    assert iso(None) is None


STEPS = [
    Step("adversarial", 10, 40, {"critic loss": 0.5}, is_check=False),
    Step("adversarial", 20, 40, {"critic loss": 0.25, "rise": 1.0}, is_check=True),
]


@pytest.mark.parametrize(
    ("verbosity", "said"),
    [
        (0, "note\n"),
        (-1, ""),
        (1, "note\nadversarial: step 20 of 40  critic loss 0.2500  rise 1.0000\n"),
    ],
)
def test_without_a_terminal_only_checks_are_printed_and_only_if_asked(
    verbosity: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with terminal_progress(Common(Workspace(Path()), verbosity)) as progress:
        progress.say("note")
        for step in STEPS:
            progress.step(step)
    assert capsys.readouterr().err == said


def test_a_file_of_messages_hears_how_far_long_work_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a terminal there were minutes of silence."""
    monkeypatch.setattr("simgan.cli.terminal.QUIET", 0.01)
    with terminal_progress(Common(Workspace(Path()), 0)) as progress:
        progress.step(STEPS[0])
        said, last = "", time.monotonic() + 10
        while "adversarial" not in said and time.monotonic() < last:
            time.sleep(0.005)
            said += capsys.readouterr().err
    assert "adversarial: 10 of 40 (0 s)\n" in said


def test_a_terminal_has_a_bar_for_each_task_with_its_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = StringIO()
    console = Console(file=drawn, force_terminal=True, width=100, color_system=None)
    monkeypatch.setattr(Common, "shows_progress", True)
    make = rich_progress.Progress
    monkeypatch.setattr(
        rich_progress,
        "Progress",
        lambda *columns, **kept: make(*columns, **kept | {"console": console}),
    )
    with terminal_progress(Common(Workspace(Path()), 0)) as progress:
        for step in [*STEPS, Step("scenarios", 3, 8, {}, is_check=False)]:
            progress.step(step)
    lines = [re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", "", line) for line in drawn.getvalue().split("\n")]
    last = {line.split()[1]: line for line in lines if "/" in line}  # after the sign that moves
    assert "20/40" in last["adversarial"]
    assert "critic loss 0.25  rise 1" in last["adversarial"]
    assert "3/8" in last["scenarios"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("fit A --refresh --offline", "--refresh and --offline exclude each other."),
        ("fit A --force", "--force needs --refresh."),
        ("sample --resume -o -", "--resume needs a file to go on with; -o - is a stream."),
        ("sample --resume --force", "--resume alone goes on with an interrupted --force."),
        ("sample --shard-rows 5", "--shard-rows needs the name of a folder: -o FOLDER.parquet."),
        (
            "sample --scheduler tcp://x:1",
            "--scheduler needs --shard-rows: each worker writes whole files.",
        ),
        ("backtest A --jobs 2 --scheduler tcp://x:1", "--jobs and --scheduler exclude each other."),
        ("sample -o s.csv --format npy", "--format is for -o -; the ending of a file chooses"),
        ("fit A --set rate", "'rate' is not of the form KEY=VALUE."),
        ("backtest A --from 2015-01-01 --window 0", "'0' is neither 'expanding' nor a number of"),
        ("backtest A --from 2015-01-01 --window x", "'x' is neither 'expanding' nor a number of"),
        ("example normal -o plot.pdf", "'plot.pdf' ends neither in .svg nor in .png."),
        ("fit A --start 2015-13-01", "'2015-13-01' does not match the format '%Y-%m-%d'."),
        ("sample --as-of hello", "'hello' is none of latest, stationary, a date such as"),
        ("sample --as-of 2016-13-01..2017-01-01", "is none of latest, stationary, a date"),
        ("sample --as-of 2016-02-01..2016-01-01", "has the later date first."),
        ("fit A --start 2015-01-02 --end 2015-01-01", "--start 2015-01-02 is later than --end"),
        ("backtest A --from 2015-02-01 --to 2015-01-01", "--from 2015-02-01 is later than --to"),
        ("backtest A --start 2015-02-01 --from 2015-01-01", "is later than --from 2015-01-01."),
        ("fit A --source bloomberg", "'bloomberg' is not one of 'yahoo', 'sample'."),
    ],
)
def test_wrong_usage_names_the_option_and_the_allowed_values(
    arguments: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert run(arguments.split()) == 2
    captured = capsys.readouterr()
    assert said in " ".join(captured.err.split()) and captured.out == ""
    assert list(tmp_path.iterdir()) == []


def test_options_of_a_command_keep_its_name_and_its_help() -> None:
    def play(common: Common) -> None:
        """Play a game."""

    for decorate in (common_options, price_options, recipe_options("quick")):
        play = decorate(play)
    command = click.command()(play)
    assert (command.name, command.help) == ("play", "Play a game.")
    names = [parameter.name for parameter in command.params]
    assert len(names) == len(set(names)) and options.json_option
    assert {"workspace", "quiet", "source", "offline", "preset", "settings"} <= set(names)


@pytest.mark.parametrize("name", ["risk", "report", "backtest"])
def test_weights_that_a_help_shows_are_read(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    (option,) = [each for each in command.params if each.name == "weights"]
    assert isinstance(option, click.Option) and option.help is not None and option.metavar
    shown = re.findall(r"A=\S+B=[.\d%]*[\d%]", f"{option.help} {option.metavar}")
    assert [weights_in(text, ("A", "B")) for text in shown] == [{"A": 0.6, "B": 0.4}] * 2
