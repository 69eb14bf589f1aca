"""A bundle on disk: a folder of JSON and safetensors, written whole, checked in full before use, and never a pickle."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from simgan.arrays import Float32Array
from simgan.bundle.manifest import Manifest
from simgan.errors import BundleError
from simgan.files import whole_folder, write_arrays
from simgan.market.history import History
from simgan.provenance import sha256_of_file
from simgan.workspace import MANIFEST

_GENERATOR, _STATES, _HISTORY, _TRAINING = (
    "generator.safetensors",
    "states.safetensors",
    "history.safetensors",
    "training.json",
)
_REQUIRED = (_GENERATOR, _STATES, _TRAINING)
_LARGEST_FILE = 1 << 30

TrainingHistory = dict[str, list[tuple[int, float]]]


@dataclass(frozen=True)
class Bundle:
    """A trained model.

    Attributes
    ----------
    manifest : Manifest
    weights : dict of float32 arrays
        By the names of the blueprint.
    latest : array of shape (W,)
        Memory at the end of the history.
    pool : array of shape (states, W)
        Memories of free-running paths: the long run; empty where the memory is made of noise.
    training : dict of lists of (step, value)
        Losses and validation scores.
    history : History, optional
        The returns themselves; a model whose source can be read again may leave them out.
    """

    manifest: Manifest
    weights: dict[str, Float32Array]
    latest: Float32Array
    pool: Float32Array
    training: TrainingHistory
    history: History | None = None


def write_bundle(bundle: Bundle, folder: Path) -> None:
    """Write a bundle whole or not at all; an older model in `folder` stays until the new one is complete.

    Raises
    ------
    WriteError
        The folder cannot be written.
    """
    with whole_folder(folder) as new:
        write_arrays(new / _GENERATOR, bundle.weights)
        write_arrays(new / _STATES, {"latest": bundle.latest, "pool": bundle.pool})
        (new / _TRAINING).write_text(json.dumps(bundle.training))
        if bundle.history is not None:
            returns, dates = (
                bundle.history.log_returns,
                bundle.history.dates.astype("datetime64[s]").astype(np.int64),
            )
            write_arrays(new / _HISTORY, {"log_returns": returns, "dates": dates})
        hashes = {file.name: sha256_of_file(file) for file in sorted(new.iterdir())}
        manifest = replace(bundle.manifest, files=hashes)
        (new / MANIFEST).write_text(json.dumps(manifest.to_json(), indent=1))


def read_manifest(folder: Path) -> Manifest:
    """Read the facts of a model without its arrays.

    Raises
    ------
    BundleError
        There is no model in the folder, or its manifest is damaged, foreign or newer.
    """
    try:
        data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BundleError(
            f"there is no model in {folder}; `simgan models list` shows those there are"
        ) from error
    except (OSError, ValueError) as error:
        raise BundleError(
            f"{folder} is damaged: its {MANIFEST} is not JSON; fit the model again"
        ) from error
    return Manifest.from_json(data, str(folder))


def read_bundle(folder: Path) -> Bundle:
    """Read a model after checking every file's hash and every array's shape.

    Raises
    ------
    BundleError
        Something is missing, damaged, foreign or newer than this simgan.
    """
    manifest = read_manifest(folder)
    _check_files(manifest, folder)
    try:
        weights, states = load_file(folder / _GENERATOR), load_file(folder / _STATES)
        training = json.loads((folder / _TRAINING).read_text(encoding="utf-8"))
        history = _read_history(manifest, folder)
        latest, pool = states["latest"], states["pool"]
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise _damaged(folder, str(error)) from error
    found = {name: array.shape for name, array in weights.items()}
    if (
        found != manifest.blueprint.shapes()
        or pool.ndim != 2
        or {latest.size, pool.shape[1]} != {manifest.blueprint.width}
    ):
        raise _damaged(folder, "its weights do not fit its blueprint")
    if not all(np.isfinite(array).all() for array in (*weights.values(), latest, pool)):
        raise _damaged(folder, "a weight is not finite")
    return Bundle(manifest, weights, latest, pool, training, history)


def _check_files(manifest: Manifest, folder: Path) -> None:
    missing = [name for name in _REQUIRED if name not in manifest.files]
    if missing:
        raise _damaged(folder, f"its manifest does not list {missing[0]}")
    for name, expected in manifest.files.items():
        file = folder / name
        if Path(name).name != name or not file.is_file():
            raise _damaged(folder, f"{name} is missing")
        if file.stat().st_size > _LARGEST_FILE or sha256_of_file(file) != expected:
            raise _damaged(folder, f"{name} is not the file that was written")


def _read_history(manifest: Manifest, folder: Path) -> History | None:
    if _HISTORY not in manifest.files:
        return None
    arrays = load_file(folder / _HISTORY)
    dates = arrays["dates"].astype("datetime64[s]")
    return History(dates, arrays["log_returns"], np.asarray(manifest.last_price), manifest.assets)


def _damaged(folder: Path, what: str) -> BundleError:
    return BundleError(f"the model in {folder} is damaged: {what}; fit it again or import it again")
