"""Models as one file: a zip of the bundle, with the same bytes for the same model."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from simgan.bundle.store import Bundle, read_bundle, read_manifest
from simgan.errors import BundleError, WriteError
from simgan.files import whole_file, whole_folder
from simgan.workflows.models import find_model
from simgan.workspace import MANIFEST, Workspace

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time of a zip entry
_LARGEST, _MOST_FILES = 1 << 30, 32


def export_model(workspace: Workspace, name: str, file: Path, *, force: bool = False) -> None:
    """Write a model to a zip file, whole or not at all.

    Raises
    ------
    BundleError
        The model is damaged.
    WriteError
        The file exists, or it cannot be written.
    """
    folder = find_model(workspace, name).folder
    read_bundle(folder)  # refuses to hand on what is damaged
    if file.exists() and not force:
        raise WriteError(f"{file} exists; choose another name, or overwrite it with --force")
    names = [MANIFEST, *read_manifest(folder).files]
    with whole_file(file) as path, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in sorted(names):
            archive.writestr(
                zipfile.ZipInfo(entry, _LONG_AGO),
                (folder / entry).read_bytes(),
                zipfile.ZIP_DEFLATED,
            )


def import_model(
    workspace: Workspace, file: Path, name: str | None = None, *, force: bool = False
) -> Path:
    """Take a zip file's model into the workspace after checking all of it.

    Raises
    ------
    BundleError
        The file is not a zip of a model, or the model in it is damaged, foreign or newer.
    WriteError
        A model of this name exists, or it cannot be written.
    """
    with tempfile.TemporaryDirectory() as folder:
        unpacked = Path(folder)
        _unpack(file, unpacked)
        bundle = _checked(unpacked, file)
        chosen = name or bundle.manifest.name
        target = workspace.model(chosen)
        if target.exists() and not force:
            raise WriteError(
                f"there is a model {chosen} already; give another --name, or replace it with --force"
            )
        with whole_folder(target) as new:
            for entry in unpacked.iterdir():
                (new / entry.name).write_bytes(entry.read_bytes())
    return target


def _checked(folder: Path, file: Path) -> Bundle:
    """Read what was unpacked; what is wrong with it is told of the file, which the user knows."""
    try:
        return read_bundle(folder)
    except BundleError as error:
        raise BundleError(str(error).replace(str(folder), str(file))) from error


def _unpack(file: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_FILES or sum(entry.file_size for entry in entries) > _LARGEST:
                raise BundleError(f"{file} is too large for a model; nothing was taken from it")
            for entry in entries:
                if Path(entry.filename).name != entry.filename:
                    raise BundleError(
                        f"{file} holds {entry.filename!r}, which is no file of a model; nothing was taken from it"
                    )
                (folder / entry.filename).write_bytes(archive.read(entry))
    except FileNotFoundError as error:
        raise BundleError(
            f"there is no file {file}; `simgan models export NAME FILE` makes one"
        ) from error
    except (OSError, zipfile.BadZipFile) as error:
        raise BundleError(
            f"{file} is not an exported model ({error}); `simgan models export NAME FILE` makes one"
        ) from error
