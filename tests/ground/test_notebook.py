"""Progress in a notebook, in the log, and the choice between them."""

from __future__ import annotations

import io
import logging
import sys
from types import ModuleType, SimpleNamespace

import pytest
from heard_steps import Heard

from simgan.api.asking import heard_by
from simgan.notebook import NotebookProgress, is_notebook
from simgan.progress import LOGGER, SILENT, Logged, Step


class Outputs:
    """Stands for the outputs of a notebook."""

    def __init__(self) -> None:
        self.shown: list[dict[str, str]] = []

    def display(self, picture: dict[str, str], raw: bool, display_id: bool) -> Outputs:
        assert raw and display_id and not self.shown
        self.shown.append(picture)
        return self

    def update(self, picture: dict[str, str], raw: bool) -> None:
        assert raw and self.shown
        self.shown.append(picture)


@pytest.fixture
def outputs(monkeypatch: pytest.MonkeyPatch) -> Outputs:
    """A session of IPython in a notebook, with one output below the cell."""
    outputs, ipython, of_display = Outputs(), ModuleType("IPython"), ModuleType("IPython.display")
    shell = SimpleNamespace(has_trait=lambda name: name == "kernel")
    ipython.get_ipython = lambda: shell  # type: ignore[attr-defined]
    of_display.display = outputs.display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", of_display)
    return outputs


def test_a_notebook_is_told_from_a_terminal_and_from_a_script(
    outputs: Outputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_notebook()
    on_a_terminal = SimpleNamespace(has_trait=lambda name: False)
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda: on_a_terminal)
    assert not is_notebook()
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda: None)
    assert not is_notebook()
    monkeypatch.delitem(sys.modules, "IPython")
    assert not is_notebook()


def test_one_output_grows_by_sentences_and_shows_the_running_bar(outputs: Outputs) -> None:
    progress = NotebookProgress()
    progress.say("a < b")
    progress.step(Step("warm start", 5, 20, {"CRPS": 0.5}))
    progress.step(Step("warm start", 20, 20))
    assert outputs.shown[0] == {"text/plain": "a < b", "text/html": "<div>a &lt; b</div>"}
    assert "[#####" in progress.text().replace("#" * 15, "") and "20 of 20" in progress.text()
    assert '<progress value="20" max="20">' in outputs.shown[-1]["text/html"]
    progress.close()
    assert outputs.shown[-1]["text/plain"] == "a < b"


def test_a_bar_is_not_drawn_more_often_than_an_eye_can_follow(outputs: Outputs) -> None:
    progress = NotebookProgress()
    for done in range(1000):
        progress.step(Step("warm start", done, 2000))
    assert 1 <= len(outputs.shown) <= 5


def test_by_default_a_notebook_hears_everything(outputs: Outputs) -> None:
    with heard_by(None) as heard:
        heard.say("a note")
        heard.step(Step("fit", 1, 2))
    assert [each["text/plain"] for each in outputs.shown][-1] == "a note"


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_by_default_a_terminal_hears_the_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with heard_by(None) as heard:
        heard.say("a note")
    assert "a note" in terminal.getvalue()


@pytest.mark.parametrize("progress", [None, SILENT])
def test_a_script_shows_nothing(progress: None, capsys: pytest.CaptureFixture[str]) -> None:
    with heard_by(progress) as heard:
        heard.say("a note")
        heard.step(Step("fit", 1, 2))
    assert capsys.readouterr() == ("", "")


def test_the_log_has_every_sentence_and_warnings_as_such(
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard = Heard()
    with caplog.at_level(logging.INFO, "simgan"):
        progress = Logged(heard, is_shown=True)
        for sentence in ("KO: column 'Close'", "KO: warning: a jump", "Warning: a fit failed"):
            progress.say(sentence)
        progress.step(Step("fit", 1, 2))
    levels = [record.levelname for record in caplog.records]
    assert levels == ["INFO", "WARNING", "WARNING"]
    assert heard.sentences == caplog.messages and len(heard.steps) == 1


def test_a_sentence_that_was_shown_is_logged_only_for_a_handler(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a handler Python writes warnings to stderr, which would show them twice."""
    logged: list[str] = []
    monkeypatch.setattr(LOGGER, "hasHandlers", lambda: False)
    monkeypatch.setattr(LOGGER, "log", lambda level, form, sentence: logged.append(sentence))
    Logged(Heard(), is_shown=True).say("KO: warning: shown")
    Logged(Heard(), is_shown=False).say("KO: warning: not shown")
    assert logged == ["KO: warning: not shown"]
