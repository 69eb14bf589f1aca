"""A model as one zip: the same bytes for the same model, and nothing is taken in that is not one in full."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from made_bundle import made_bundle

from simgan.bundle.store import read_bundle, write_bundle
from simgan.errors import BundleError, UnknownNameError, WriteError
from simgan.workflows.models import export_model, import_model
from simgan.workspace import Workspace


@pytest.fixture
def here(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path / "here")
    write_bundle(made_bundle("made"), workspace.model("made"))
    return workspace


@pytest.fixture
def there(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "there")


def rezipped(file: Path, changes: dict[str, bytes | None]) -> Path:
    """The same zip with some entries changed, added or (None) left out."""
    with zipfile.ZipFile(file) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()} | changes
    changed = file.with_name("changed.zip")
    with zipfile.ZipFile(changed, "w") as archive:
        for name, content in entries.items():
            if content is not None:
                archive.writestr(name, content)
    return changed


def test_what_was_exported_is_what_is_imported(
    here: Workspace, there: Workspace, tmp_path: Path
) -> None:
    export_model(here, "made", tmp_path / "made.zip")
    folder = import_model(there, tmp_path / "made.zip")
    assert folder == there.model("made")
    original, copy = read_bundle(here.model("made")), read_bundle(folder)
    assert copy.manifest == original.manifest
    assert {name: array.tobytes() for name, array in copy.weights.items()} == {
        n: a.tobytes() for n, a in original.weights.items()
    }


def test_an_export_has_the_same_bytes_each_time(here: Workspace, tmp_path: Path) -> None:
    hashes = set()
    for name in ("first.zip", "second.zip"):
        export_model(here, "made", tmp_path / name)
        hashes.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(hashes) == 1


def test_neither_overwrites_without_force(here: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "made.zip"
    file.write_text("mine")
    with pytest.raises(WriteError, match="--force"):
        export_model(here, "made", file)
    assert file.read_text() == "mine"
    export_model(here, "made", file, force=True)
    with pytest.raises(WriteError, match="--force"):
        import_model(here, file)
    assert import_model(here, file, force=True) == here.model("made")


def test_an_unknown_model_cannot_be_exported(here: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="made"):
        export_model(here, "maid", tmp_path / "maid.zip")
    assert not (tmp_path / "maid.zip").exists()


@pytest.mark.parametrize(
    "name", ["../evil.txt", "/tmp/evil.txt", "folder/file.json", "..\\evil\\..\\../x"]
)
def test_an_entry_that_leads_out_of_the_folder_is_refused(
    here: Workspace, there: Workspace, tmp_path: Path, name: str
) -> None:
    export_model(here, "made", tmp_path / "made.zip")
    with pytest.raises(BundleError, match="no file of a model"):
        import_model(there, rezipped(tmp_path / "made.zip", {name: b"evil"}))
    assert not there.root.exists()
    assert not (tmp_path / "evil.txt").exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"generator.safetensors": b"rubbish"}, "damaged"),
        ({"generator.safetensors": None}, "missing"),
        ({"manifest.json": None}, "no model"),
        ({"manifest.json": b"{"}, "damaged"),
        ({"manifest.json": json.dumps({"simgan bundle": 99}).encode()}, "newer"),
        ({"manifest.json": b"{}"}, "not a model of simgan"),
    ],
)
def test_what_is_not_a_whole_model_is_refused(
    here: Workspace, there: Workspace, tmp_path: Path, changes: dict[str, bytes | None], words: str
) -> None:
    export_model(here, "made", tmp_path / "made.zip")
    with pytest.raises(BundleError, match=rf"changed\.zip.*{words}|{words}.*changed\.zip"):
        import_model(there, rezipped(tmp_path / "made.zip", changes))
    assert not there.root.exists()


def test_a_bomb_is_refused_before_it_is_unpacked(there: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "bomb.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(33):
            archive.writestr(f"{number}.json", b"{}")
    with pytest.raises(BundleError, match="holds 33 files, which is too many"):
        import_model(there, file)


def test_a_file_that_is_no_zip_is_refused(there: Workspace, tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("not a zip")
    with pytest.raises(BundleError, match="not an exported model"):
        import_model(there, tmp_path / "text.zip")
