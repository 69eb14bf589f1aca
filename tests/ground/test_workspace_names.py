"""The workspace alone knows where things lie, and no name leads out of it."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgan.errors import ConfigError
from simgan.workspace import MANIFEST, Workspace, safe_name


def add_model(workspace: Workspace, name: str, second: int) -> None:
    folder = workspace.model(name)
    folder.mkdir(parents=True)
    (folder / MANIFEST).touch()
    os.utime(folder / MANIFEST, (second, second))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("SP500", "SP500"),
        ("^GSPC", "^GSPC"),
        ("EURUSD=X", "EURUSD=X"),
        ("BRK-B", "BRK-B"),
        ("005930.KS", "005930.KS"),
        ("my model", "my model"),
        ("../../etc/passwd", "etc-passwd~#"),
        ("..", None),
        ("a/b\\c:d", "a-b-c-d~#"),
        (".hidden", "hidden~#"),
        ("--help", "help~#"),
        ("삼성전자", "삼성전자"),
        ("Nestl\N{LATIN SMALL LETTER E}\N{COMBINING ACUTE ACCENT}", "Nestlé"),
        ("हिन्दुस्तान", "हिन्दुस्तान"),
        ("CON", "CON~#"),
        ("aux.KS", "aux-KS~#"),
        ("console", "console"),
        ("", None),
        ("^", None),
    ],
)
def test_a_ticker_becomes_a_name_for_file_systems(name: str, safe: str | None) -> None:
    if safe is None:
        with pytest.raises(ConfigError, match="model: name"):
            safe_name(name)
    else:
        digest = hashlib.sha256(name.encode()).hexdigest()
        assert safe_name(name) == safe.replace("#", digest[:4])


@pytest.mark.parametrize("name", ["a" * 120, "a" * 94 + " .b" * 20, "/" + "a" * 100])
def test_a_manifest_takes_every_safe_name(name: str) -> None:
    """A manifest holds names of up to 100 characters: a longer one was lost after its training."""
    assert 90 < len(safe_name(name)) <= 100


@given(name=st.text(max_size=300))
def test_whatever_the_name_its_model_lies_in_the_models(name: str) -> None:
    try:
        safe = safe_name(name)
    except ConfigError:
        return
    assert not re.search(r'[\x00-\x1f\x7f<>:"/\\\\|?*$%`\u2028\ud800-\udfff]', safe)
    assert safe[0] not in "-. ~" and safe[-1] not in ". "
    assert len(f".{safe}-backtest".encode()) < 200 and len(safe) <= 100
    assert Workspace(Path("w")).model(name).resolve().parent == Path("w/models").resolve()


@given(name=st.text(alphabet="aZ0_.-^=/ ~éé한", min_size=1, max_size=210) | st.text(max_size=300))
def test_a_safe_name_stays_as_it_is(name: str) -> None:
    """What `models list` shows can be given to any other command."""
    try:
        safe = safe_name(name)
    except ConfigError:
        return
    assert safe_name(safe) == safe


@given(names=st.lists(st.text(alphabet="aA0.-/: ~^", min_size=1, max_size=5), unique=True))
def test_two_names_never_share_a_folder(names: list[str]) -> None:
    """Four digits tell apart the few names that are alike otherwise."""
    safe = dict[str, str]()
    for name in names:
        with suppress(ConfigError):
            assert safe.setdefault(safe_name(name), name.strip()) == name.strip()


@pytest.mark.parametrize(
    "names", [("^VIX", "VIX"), ("BRK/B", "BRK-B"), ("a" * 120, "a" * 121), ("한" * 60, "한" * 61)]
)
def test_names_that_are_alike_are_told_apart(names: tuple[str, str]) -> None:
    """Scenarios of one ticker came from the model of another (../shared/cases, case10)."""
    assert safe_name(names[0]) != safe_name(names[1])


@pytest.mark.parametrize("name", ["CON", "aux", "PRN", "nul.txt", "Com1", "lpt9.a.b"])
def test_names_that_windows_keeps_for_devices_are_set_apart(name: str) -> None:
    stem = safe_name(name).partition(".")[0]
    assert stem.lower() not in {"con", "aux", "prn", "nul", "com1", "lpt9"}
    assert stem.lower().startswith(name[:3].lower())


def test_every_kind_of_thing_has_its_folder() -> None:
    workspace = Workspace(Path("w"))
    assert workspace.prices("^GSPC") == Path("w/data/^GSPC.parquet")
    assert workspace.model("^GSPC") == Path("w/models/^GSPC")
    assert workspace.checkpoint("^GSPC") == Path("w/models/.^GSPC.training")
    assert workspace.report("^GSPC", "html") == Path("w/reports/^GSPC.html")


def test_a_workspace_is_no_folder_before_something_is_written(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "new")
    assert workspace.model_names() == []
    assert workspace.latest_model() is None
    assert not (tmp_path / "new").exists()


def test_models_are_listed_by_name_and_the_latest_is_the_one_fitted_last(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    add_model(workspace, "B", second=300)
    add_model(workspace, "A", second=100)
    add_model(workspace, "C", second=200)
    assert workspace.model_names() == ["A", "B", "C"]
    assert workspace.latest_model() == "B"


def test_unfinished_fits_and_other_folders_are_no_models(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.checkpoint("A").mkdir(parents=True)
    (workspace.checkpoint("A") / MANIFEST).touch()
    (workspace.models / "notes").mkdir()
    (workspace.models / "README.md").touch()
    assert workspace.model_names() == []


def test_a_model_that_vanishes_while_the_latest_is_looked_for_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path)
    (workspace.models / "kept").mkdir(parents=True)
    (workspace.models / "kept" / MANIFEST).write_text("{}")
    monkeypatch.setattr(Workspace, "model_names", lambda _: ["kept", "removed"])
    assert workspace.latest_model() == "kept"
