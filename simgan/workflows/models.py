"""Models of a workspace: find, list, load, remove, export and import them.

The name of a model is the name of its folder. A manifest that was written under another name, as in
an exported model of a friend, is read under this one.
"""

from __future__ import annotations

import io
import os
import shlex
import stat
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from simgan.bundle.manifest import Manifest
from simgan.bundle.recalled import recalled
from simgan.bundle.store import (
    LARGEST,
    Bundle,
    bundle_of,
    files_of,
    read_bundle,
    read_files,
    too_large,
    write_bundle,
)
from simgan.errors import BundleError, ConfigError, UnknownNameError, WriteError
from simgan.files import expect_writable, remove_folder, remove_leftovers, whole_file
from simgan.locks import locked
from simgan.market.history import History
from simgan.progress import SILENT, Progress, Stop
from simgan.workspace import MANIFEST, Workspace, earlier_safe_name, safe_name

REFERENCE = "reference"

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time of a zip entry
_MOST_FILES = 32  # in a zip
_PIECE = 1 << 16  # bytes that are unpacked at once
_MOST_READ = 1 << 20  # bytes of a zip that are read at once, such as its directory
_OF_ZIP = (  # errors of the zip library for files that are damaged or made to harm
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True)
class Found:
    """The folder of a model. The reference model is the one that ships with simgan."""

    name: str
    folder: Path
    is_reference: bool = False

    @property
    def as_default(self) -> str:
        """Sentence for a user who gave no name."""
        if self.is_reference:
            return (
                f"no model fitted here: using {self.name}, the reference model that ships with "
                "simgan"
            )
        return f"using {self.name}, the most recently fitted model"


@dataclass(frozen=True)
class Listed:
    """A model in a listing. A damaged one has no manifest but a reason."""

    name: str
    manifest: Manifest | None = None
    damage: str = ""


def find_model(workspace: Workspace, name: str | None) -> Found:
    """Find a model by name.

    Without a name this is the most recently fitted model, or else the reference model.

    Raises
    ------
    UnknownNameError
        There is no model of this name.
    ConfigError
        The name is empty, or there is no such workspace.
    BundleError
        The folder of the models cannot be read.
    """
    if name is not None and (not isinstance(name, str) or not name.strip()):
        raise ConfigError("model", "name", name, "the name of a model, not empty")
    needs_workspace = name != REFERENCE or workspace.root.exists()
    known = _names(workspace) if needs_workspace else []
    chosen = name or workspace.latest_model() or REFERENCE
    if folder := _folder_of(workspace, chosen, known):
        return Found(folder, workspace.models / folder)
    reference = Path(str(files("simgan"))) / "reference"
    if chosen == REFERENCE and reference.is_dir():
        return Found(REFERENCE, reference, is_reference=True)
    raise UnknownNameError(
        "model",
        chosen,
        [*known, REFERENCE],
        f"`simgan fit {shlex.quote(chosen)}` makes one",
        f"the workspace {workspace.root.absolute()}",
    )


def _folder_of(workspace: Workspace, name: str, known: list[str]) -> str:
    """Return the folder of a model in `known`, or nothing where none has this name.

    Up to version 0.1 several tickers shared a folder. The model then has to be of this ticker.
    """
    with suppress(ConfigError):  # a name without a letter or a digit
        for folder in (name, safe_name(name)):
            if folder in known:
                return folder
    earlier = earlier_safe_name(name)
    if earlier in known:
        with suppress(BundleError):
            if read_bundle(workspace.models / earlier).manifest.data.source.get("name") == name:
                return earlier
    return ""


def list_models(workspace: Workspace) -> list[Listed]:
    """Check every model of the workspace in full, in the order of names.

    Temporary folders that a killed run left beside the models are removed.
    """
    remove_leftovers(workspace.models)
    found = []
    for name in _names(workspace):
        try:
            found.append(Listed(name, _named(read_bundle(workspace.models / name), name).manifest))
        except BundleError as error:
            found.append(Listed(name, damage=str(error)))
    return found


def load_bundle(workspace: Workspace, name: str | None) -> Bundle:
    """Read and check a model that `find_model` finds."""
    found = find_model(workspace, name)
    return _named(read_bundle(found.folder), found.name)


def history_of_bundle(bundle: Bundle) -> History:
    """Return the history that a model learned from: its own copy, or that of the sample source.

    Raises
    ------
    BundleError
        The model holds no copy, and its source cannot give the same returns again.
    """
    history = recalled(bundle)
    if history is None:
        raise BundleError(
            f"the model {bundle.manifest.name} holds no history; "
            "give one with --against or --prices"
        )
    return history


def expect_removable(workspace: Workspace, name: str) -> Found:
    """Find a model that may be removed.

    Raises
    ------
    ConfigError
        It is the reference model.
    """
    found = find_model(workspace, name)
    if found.is_reference:
        allowed = "a model of the workspace: the reference model is part of simgan"
        raise ConfigError("models remove", "name", name, allowed)
    return found


def remove_model(
    workspace: Workspace, name: str, progress: Progress = SILENT, stop: Stop | None = None
) -> Path:
    """Remove a model in one step: no half of it is ever left under its name.

    Raises
    ------
    UnknownNameError, ConfigError
        There is no model of this name, or it is the reference model.
    WriteError
        The system refuses.
    """
    folder = expect_removable(workspace, name).folder
    with locked(folder, progress, stop):
        expect_removable(workspace, name)  # another run may have removed it during the wait
        remove_folder(folder)
    return folder


def export_model(
    workspace: Workspace,
    name: str,
    file: Path,
    *,
    force: bool = False,
    progress: Progress = SILENT,
    stop: Stop | None = None,
) -> None:
    """Write a model to a zip file, whole or not at all. The same model gives the same bytes.

    Raises
    ------
    BundleError
        The model is damaged.
    WriteError
        The file exists, or it cannot be written.
    """
    found = find_model(workspace, name)
    expect_writable(file.parent)
    with locked(file, progress, stop):
        if file.is_dir() or (file.exists() and not force):
            raise WriteError(f"{file} exists; choose another name, or overwrite it with --force")
        bundle, content = read_files(found.folder)  # refuses a damaged model
        if bundle.manifest.name != found.name:
            content = files_of(_named(bundle, found.name))
        with whole_file(file) as path, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry in sorted(content):
                archive.writestr(
                    zipfile.ZipInfo(entry, _LONG_AGO), content[entry], zipfile.ZIP_DEFLATED
                )


def import_model(
    workspace: Workspace,
    file: Path,
    name: str | None = None,
    *,
    force: bool = False,
    progress: Progress = SILENT,
    stop: Stop | None = None,
) -> Path:
    """Take the model of a zip file into the workspace after checking all of it.

    Its manifest gets the name of the model in this workspace.

    Raises
    ------
    BundleError
        The file is not a zip of a model, or the model in it is damaged, foreign or newer.
    WriteError
        A model of this name exists, or it cannot be written.
    """
    wanted = None if name is None else workspace.model(name)  # refuses a bad name at once
    bundle = bundle_of(_unpacked(file), str(file))
    target = wanted or workspace.model(bundle.manifest.name)
    with locked(target, progress, stop):
        if target.exists() and not (target / MANIFEST).is_file():
            raise WriteError(f"{target} exists and is no model; give another --name")
        if target.exists() and not force:
            raise WriteError(
                f"there is a model {target.name} already; give another --name, "
                "or replace it with --force"
            )
        write_bundle(_named(bundle, target.name), target)
    return target


def _named(bundle: Bundle, name: str) -> Bundle:
    return replace(bundle, manifest=replace(bundle.manifest, name=name))


def _names(workspace: Workspace) -> list[str]:
    """Return the names of the models, or refuse a workspace that cannot be read."""
    try:
        with os.scandir(workspace.models):
            pass
    except FileNotFoundError:
        if not workspace.root.is_dir():
            raise ConfigError(
                "--workspace", "folder", str(workspace.root), "one that exists"
            ) from None
    except OSError as error:
        raise BundleError(
            f"cannot read {workspace.models}: {(error.strerror or str(error)).lower()}; "
            "give yourself access to it, or choose another --workspace"
        ) from error
    return workspace.model_names()


class _BoundedReads(io.BufferedReader):
    """A zip file of which no more than 1 MiB is read at once, however large its directory is."""

    def read(self, size: int | None = -1, /) -> bytes:
        bounded = _MOST_READ + 1 if size is None or size < 0 else min(size, _MOST_READ + 1)
        found = super().read(bounded)
        if len(found) > _MOST_READ:
            raise zipfile.BadZipFile("its directory is too large")
        return found


def _unpacked(file: Path) -> dict[str, bytes]:
    """Unpack a model into memory, within the bounds of a model's files."""
    if file.exists() and not file.is_file():
        raise BundleError(f"{file} is no file; `simgan models export NAME FILE` makes one")
    try:
        with _BoundedReads(io.FileIO(file)) as bounded, zipfile.ZipFile(bounded) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_FILES:
                raise _refused(file, f"holds {len(entries)} files, which is too many for a model")
            for entry in entries:
                _check_entry(file, entry)
            if len({entry.filename for entry in entries}) < len(entries):
                raise _refused(file, "holds a file twice")
            return {entry.filename: _content(file, archive, entry) for entry in entries}
    except FileNotFoundError as error:
        raise BundleError(
            f"there is no file {file}; `simgan models export NAME FILE` makes one"
        ) from error
    except OSError as error:
        raise BundleError(
            f"cannot read {file}: {(error.strerror or str(error)).lower()}; "
            "give yourself access to it, or copy it again"
        ) from error
    except _OF_ZIP as error:
        raise BundleError(
            f"{file} is not an exported model, or it is damaged ({str(error)[:100]}); "
            "copy it again, or make one by `simgan models export NAME FILE`"
        ) from error


def _check_entry(file: Path, entry: zipfile.ZipInfo) -> None:
    """Refuse an entry of a zip that `export_model` does not write."""
    name = entry.orig_filename
    if name not in LARGEST:
        raise _refused(file, f"holds {name[:100]!r}, which is no file of a model")
    if entry.flag_bits & 1:
        raise _refused(file, f"holds {name} under a password")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _refused(file, f"holds {name} in a compression that models do not have")
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        raise _refused(file, f"holds {name} as a link or a device")
    if entry.file_size > LARGEST[name]:
        raise _refused(file, f"is too large for a model: {too_large(name)}")


def _content(file: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Unpack an entry piece by piece, without trust in its declared size."""
    content = bytearray()
    with archive.open(entry) as stream:
        while piece := stream.read(_PIECE):
            content += piece
            if len(content) > LARGEST[entry.filename]:
                raise _refused(file, f"is too large for a model: {too_large(entry.filename)}")
    return bytes(content)


def _refused(file: Path, reason: str) -> BundleError:
    return BundleError(f"{file} {reason}; nothing was taken from it")
