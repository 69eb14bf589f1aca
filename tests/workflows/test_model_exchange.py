"""A model as one zip:
the same bytes for the same model, and nothing is taken in that is not one in full.
"""

from __future__ import annotations

import hashlib
import json
import stat
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_bundle import made_bundle

from simgan.bundle.store import read_bundle, write_bundle
from simgan.errors import BundleError, ConfigError, Interrupted, UnknownNameError, WriteError
from simgan.locks import locked
from simgan.progress import Silent, Stop
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


def test_too_many_files_are_refused(there: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "bomb.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(33):
            archive.writestr(f"{number}.json", b"{}")
    with pytest.raises(BundleError, match="holds 33 files, which is too many"):
        import_model(there, file)


def zip_of(file: Path, name: str, content: bytes, flags: int = 0, **of_entry: int) -> Path:
    """A zip of one entry with attributes of its own."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(name)
        entry.compress_type = of_entry.pop("compress_type", zipfile.ZIP_DEFLATED)
        for key, value in of_entry.items():
            setattr(entry, key, value)
        archive.writestr(entry, content)
        entry.flag_bits |= flags
    return file


def patched(file: Path, old: bytes, new: bytes) -> Path:
    """The same file with other bytes at every place of some."""
    content = file.read_bytes()
    assert old in content
    file.write_bytes(content.replace(old, new))
    return file


def test_a_bomb_is_refused_by_its_declared_size(there: Workspace, tmp_path: Path) -> None:
    file = zip_of(tmp_path / "bomb.zip", "manifest.json", b"\0" * ((1 << 20) + 1))
    with pytest.raises(
        BundleError, match=r"too large for a model: manifest\.json is larger than 1"
    ):
        import_model(there, file)


def test_a_declared_size_is_not_trusted(there: Workspace, tmp_path: Path) -> None:
    size = 1 << 26
    file = zip_of(tmp_path / "liar.zip", "training.json", b"\0" * size)
    patched(file, struct.pack("<I", size), struct.pack("<I", 100))
    with pytest.raises(BundleError, match="it is damaged"):
        import_model(there, file)


BOMB = """
import resource, sys
from pathlib import Path
from simgan.workflows.models import import_model
from simgan.workspace import Workspace
from simgan.errors import BundleError
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    import_model(Workspace(Path("there")), Path(sys.argv[1]))
except BundleError:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is counted as on Linux")
def test_a_bomb_takes_bounded_memory(tmp_path: Path) -> None:
    """A zip of 1.27 MB took 7.4 GB before it was refused."""
    file = tmp_path / "bomb.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("generator", "states", "history"):
            archive.writestr(f"{name}.safetensors", b"\0" * (60 << 20))
        archive.writestr("training.json", b"[" + b"[]," * (5 << 20) + b"[]]")
        archive.writestr("manifest.json", b"{}" + b" " * 1000)
    command = [sys.executable, "-c", BOMB, str(file)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 700 * 1024  # KiB


@pytest.mark.parametrize(
    ("of_entry", "words"),
    [
        ({"compress_type": zipfile.ZIP_BZIP2}, "in a compression that models do not have"),
        ({"compress_type": zipfile.ZIP_LZMA}, "in a compression that models do not have"),
        ({"external_attr": (stat.S_IFLNK | 0o777) << 16}, "as a link or a device"),
        ({"external_attr": (stat.S_IFIFO | 0o777) << 16}, "as a link or a device"),
        ({"flags": 1}, "under a password"),
    ],
)
def test_an_entry_of_another_kind_is_refused(
    there: Workspace, tmp_path: Path, of_entry: dict[str, int], words: str
) -> None:
    file = zip_of(tmp_path / "odd.zip", "training.json", b"{}", **of_entry)
    with pytest.raises(BundleError, match=words):
        import_model(there, file)
    assert not there.root.exists()


def test_an_entry_twice_is_refused(there: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "twice.zip"
    with pytest.warns(UserWarning), zipfile.ZipFile(file, "w") as archive:
        for _ in range(2):
            archive.writestr("manifest.json", "{}")
    with pytest.raises(BundleError, match="holds a file twice"):
        import_model(there, file)


def test_a_directory_of_a_gigabyte_is_not_read(there: Workspace, tmp_path: Path) -> None:
    """The end of the zip says that its directory is 900 MB long, and the file is as long."""
    file = tmp_path / "long.zip"
    size = 900 << 20
    with file.open("wb") as stream:
        stream.truncate(size)
        stream.seek(size)
        stream.write(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 9, 9, size, 0, 0))
    with pytest.raises(BundleError, match="its directory is too large"):
        import_model(there, file)


@settings(max_examples=60, deadline=None)
@given(cut=st.none() | st.integers(0, 3000), at=st.integers(-400, 400), byte=st.integers(0, 255))
def test_a_damaged_zip_is_a_sentence(cut: int | None, at: int, byte: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        file, there = Path(place) / "made.zip", Workspace(Path(place) / "there")
        content = bytearray(EXPORTED[:cut] if cut is not None else EXPORTED)
        if -len(content) <= at < len(content):
            content[at] = byte
        file.write_bytes(content)
        try:
            import_model(there, file)
        except BundleError as error:
            assert str(file) in str(error) and not there.root.exists()


def exported() -> bytes:
    with tempfile.TemporaryDirectory() as place:
        workspace = Workspace(Path(place))
        write_bundle(made_bundle("made", days=60), workspace.model("made"))
        export_model(workspace, "made", Path(place) / "made.zip")
        return (Path(place) / "made.zip").read_bytes()


EXPORTED = exported()


def test_a_truncated_zip_and_one_of_another_sum_are_told(there: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "made.zip"
    file.write_bytes(EXPORTED[:-30])
    with pytest.raises(BundleError, match="not an exported model, or it is damaged"):
        import_model(there, file)
    content = bytearray(EXPORTED)
    content[60:70] = bytes(10)
    file.write_bytes(content)
    with pytest.raises(BundleError, match="not an exported model, or it is damaged"):
        import_model(there, file)


def test_a_folder_is_no_exported_model(there: Workspace, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="is no file"):
        import_model(there, tmp_path)
    with pytest.raises(BundleError, match="there is no file"):
        import_model(there, tmp_path / "nosuch.zip")


def test_an_imported_model_takes_its_new_name(
    here: Workspace, there: Workspace, tmp_path: Path
) -> None:
    """It was listed under its old name, and its report overwrote that of the other."""
    export_model(here, "made", tmp_path / "made.zip")
    folder = import_model(there, tmp_path / "made.zip", "of a friend")
    assert folder == there.model("of a friend")
    assert read_bundle(folder).manifest.name == "of a friend"
    assert import_model(there, tmp_path / "made.zip").name == "made"


def test_an_exported_model_has_the_name_of_its_folder(
    here: Workspace, there: Workspace, tmp_path: Path
) -> None:
    here.model("made").rename(here.models / "moved")
    export_model(here, "moved", tmp_path / "moved.zip")
    assert import_model(there, tmp_path / "moved.zip") == there.model("moved")


def test_a_folder_that_is_no_model_is_never_replaced(here: Workspace, tmp_path: Path) -> None:
    export_model(here, "made", tmp_path / "made.zip")
    (here.models / "notes").mkdir()
    (here.models / "notes" / "mine.txt").write_text("mine")
    with pytest.raises(WriteError, match="exists and is no model; give another --name"):
        import_model(here, tmp_path / "made.zip", "notes", force=True)
    assert (here.models / "notes" / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["", "..", "^"])
def test_a_name_that_names_nothing_is_refused(
    here: Workspace, there: Workspace, tmp_path: Path, name: str
) -> None:
    export_model(here, "made", tmp_path / "made.zip")
    with pytest.raises(ConfigError, match="model: name"):
        import_model(there, tmp_path / "made.zip", name)


def test_an_import_waits_for_another_run_and_can_be_stopped(
    here: Workspace, there: Workspace, tmp_path: Path
) -> None:
    class Heard(Silent):
        said: ClassVar[list[str]] = []

        def say(self, sentence: str) -> None:
            self.said.append(sentence)
            stop.ask()

    export_model(here, "made", tmp_path / "made.zip")
    stop = Stop()
    with locked(there.model("made")), pytest.raises(Interrupted):
        import_model(there, tmp_path / "made.zip", progress=Heard(), stop=stop)
    assert Heard.said and "waiting for another run" in Heard.said[0]
    assert there.model_names() == []


def test_a_file_that_is_no_zip_is_refused(there: Workspace, tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("not a zip")
    with pytest.raises(BundleError, match="not an exported model"):
        import_model(there, tmp_path / "text.zip")
