"""A terminal of 80 columns: bars that survive, sentences that wrap at words, and Ctrl-C."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pseudo_terminal import on_terminal

from simgan.cli.terminal import OF_A_PIPE, _fitting, conclude, tell, wrapped
from simgan.progress import STOPPING

BARS = """
import time
from pathlib import Path
from simgan.cli.terminal import Common, terminal_progress
from simgan.progress import Step
from simgan.workspace import Workspace

game = {"critic loss": 0.6931, "gradient penalty": 0.9, "generator loss": 0.7012}
with terminal_progress(Common(Workspace(Path()), 0)) as progress:
    progress.say("SP500: 5030 daily log returns, 1999-01-05 to 2018-12-31; loading TensorFlow")
    progress.step(Step("warm start, selection", 300, 300, {"likelihood": 0.5}, stage=1, stages=4))
    progress.step(Step("adversarial, selection", 0, 12_000, stage=2, stages=4))
    time.sleep(0.2)
    for done in (1200, 2400):
        time.sleep(0.05)
        progress.step(Step("adversarial, selection", done, 12_000, game, False, 2, 4))
"""

ASSETS = """
import time
from pathlib import Path
from simgan.cli.terminal import Common, terminal_progress
from simgan.progress import OfPart, Step
from simgan.workspace import Workspace

with terminal_progress(Common(Workspace(Path()), 0)) as progress:
    for place in (1, 2):
        part = OfPart(f"asset {place} of 2", progress)
        for done in (1, 300):
            part.step(Step("warm start", done, 300, stage=1, stages=2))
            time.sleep(0.2)
"""

LONG_WORK = """
import time
from pathlib import Path
from simgan import progress
from simgan.cli import main
from simgan.cli.terminal import Common, terminal_progress
from simgan.workspace import Workspace

progress.GRACE = 0.2

def invoke(arguments):
    stop = progress.Stop()
    with terminal_progress(Common(Workspace(Path()), 0)) as told, stop.at_ctrl_c(told):
        told.say("compiling now")
        progress.interruptible(lambda: time.sleep(50), stop, lambda: "nothing is lost here")

main._invoke = invoke
main.main()
"""


def test_bar_count_and_remaining_time_survive_beside_the_metrics() -> None:
    """In the adversarial stage the losses filled all of the 80 columns."""
    seen = on_terminal("-c", BARS)
    assert seen.code == 0, seen.text
    rows = [line for line in seen.lines if "stage 2 of 4" in line]
    assert re.search(r"stage 2 of 4 .*━.* 0/12,000 +--:--", "\n".join(rows))  # before the first
    assert re.search(r"━{4} +2,400/12,000 \d\d:\d\d critic loss .* generator loss 0.701", rows[-1])
    assert all(len(re.sub(r".*(?=stage)", "", line)) <= 80 for line in rows)


def test_a_bar_goes_on_with_the_next_asset() -> None:
    seen = on_terminal("-c", ASSETS)
    assert seen.code == 0, seen.text
    rows = re.findall(r"(asset \d) of 2, stage 1 of 2 ━+ +(\d+)/300", " ".join(seen.lines))
    assert list(dict.fromkeys(rows))[:2] == [("asset 1", "1"), ("asset 1", "300")]
    assert rows[-1] == ("asset 2", "300")


def test_a_sentence_on_a_terminal_wraps_between_words() -> None:
    code = "from simgan.cli.terminal import tell; tell('the model ' * 30 + '/a/long-path/' * 4)"
    seen = on_terminal("-c", code, columns=60)
    assert all(len(line) <= 60 for line in seen.lines)
    assert " ".join(seen.lines) == ("the model " * 30 + "/a/long-path/" * 4)


def test_an_error_on_a_terminal_wraps_between_words() -> None:
    seen = on_terminal("-m", "simgan", "models", "show", "nosuch", "--workspace", "/nosuch-at-all")
    assert seen.code == 1 and len(seen.lines) > 1
    assert all(len(line) <= 80 for line in seen.lines)
    assert " ".join(seen.lines).startswith("Error: --workspace: folder = '/nosuch-at-all' is not")


def test_ctrl_c_is_heard_at_once_where_a_library_does_not_return() -> None:
    """The compilation of TensorFlow is one instruction of a minute for Python."""
    seen = on_terminal("-c", LONG_WORK, ctrl_c_after="compiling now")
    assert seen.code == 130
    assert seen.lines[-2].endswith(STOPPING)
    assert seen.lines[-1] == "Interrupted: nothing is lost here"
    assert seen.seconds < 20


@given(
    words=st.lists(st.text("abc/-~.", min_size=1, max_size=30), min_size=1),
    columns=st.integers(20, 200),
)
def test_wrapping_keeps_each_word(words: list[str], columns: int) -> None:
    lines = wrapped(" ".join(words), columns).split("\n")
    assert " ".join(lines).split() == words
    assert all(len(line) <= columns or " " not in line for line in lines)


def test_without_a_terminal_a_sentence_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    tell("word " * 50)
    assert capsys.readouterr().out == "word " * 50 + "\n"


def test_a_sentence_that_ends_a_command_wraps_without_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    conclude("word " * 50)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 1 and max(map(len, lines)) <= OF_A_PIPE
    assert " ".join(lines).split() == ["word"] * 50


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (80, "validation CRPS 0.00561  critic loss 0.693"),
        (41, "validation CRPS 0.00561"),
        (10, ""),
    ],
)
def test_at_most_two_metrics_are_shown_and_only_where_they_fit(room: int, shown: str) -> None:
    metrics = {"gradient penalty": 1.0, "critic loss": 0.6931, "validation CRPS": 0.005612}
    assert _fitting(metrics, room) == shown
