"""A bundle on disk: a folder of JSON and safetensors, never a pickle.

A bundle is written whole or not at all. Reading takes every file into memory once, then hashes and
parses these bytes, so that no file can change between the check and the use.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from simgan.arrays import Float32Array, FloatArray
from simgan.bundle.fields import Unfit, parse
from simgan.bundle.manifest import DamagedBundle, Manifest
from simgan.bundle.summary import facts_of
from simgan.errors import BundleError, ConfigError
from simgan.files import whole_folder
from simgan.market.history import History
from simgan.readable import ByValue, Readable
from simgan.stats.training import TrainingHistory
from simgan.workspace import MANIFEST

_GENERATOR, _STATES, _HISTORY, _TRAINING = (
    "generator.safetensors",
    "states.safetensors",
    "history.safetensors",
    "training.json",
)
_REQUIRED = (_GENERATOR, _STATES, _TRAINING)
_OF_A_LAW = frozenset(("body", "tails"))  # weights with an axis of laws since format 4
_MIB = 1 << 20
LARGEST = {  # bytes of each file of a bundle, far above those of any model
    MANIFEST: _MIB,
    _GENERATOR: 64 * _MIB,
    _STATES: 64 * _MIB,
    _HISTORY: 64 * _MIB,
    _TRAINING: 16 * _MIB,
}
_LONGEST_HEADER = _MIB  # bytes of JSON at the head of a safetensors file
_MOST_TRIES = 50  # to read a folder that other processes replace

Read = TypeVar("Read")
Files: TypeAlias = Mapping[str, bytes]  # content by name
Arrays: TypeAlias = "dict[str, NDArray[np.generic]]"


@dataclass(frozen=True, eq=False, repr=False)
class Bundle(Readable, ByValue):
    """A trained model.

    Attributes
    ----------
    manifest : Manifest
    weights : dict of float32 arrays
        By the names of the blueprint.
    latest : array of shape (assets, W)
        Memory at the end of the history.
    pool : array of shape (states, assets, W)
        Memories of free-running paths: the long run. It is empty where the memory is made of noise.
    training : TrainingHistory
        Losses and validation scores.
    history : History, optional
        The returns themselves. A model whose source can be read again may leave them out.
    """

    manifest: Manifest
    weights: dict[str, Float32Array]
    latest: Float32Array
    pool: Float32Array
    training: TrainingHistory
    history: History | None = None

    def _title(self) -> str:
        return f"Bundle of the model {self.manifest.name}"

    def _facts(self) -> Iterator[tuple[str, str]]:
        return facts_of(self)


def write_bundle(bundle: Bundle, folder: Path) -> None:
    """Write a bundle whole or not at all.

    An older model in `folder` stays until the new one is complete, and has passed all checks of
    `read_bundle`.

    Raises
    ------
    BundleError
        The new one does not pass them.
    WriteError
        The folder cannot be written.
    """
    files = files_of(bundle)
    try:
        bundle_of(files, str(folder))
    except DamagedBundle as error:
        raise BundleError(
            f"the new model {bundle.manifest.name} was not kept: {error.reason}; fit it with "
            "another --seed, or with other prices or settings"
        ) from error
    with whole_folder(folder) as new:
        for name, content in files.items():
            (new / name).write_bytes(content)


def files_of(bundle: Bundle) -> dict[str, bytes]:
    """Return the files of a bundle by name, with their hashes in the manifest."""
    states = {"latest": bundle.latest, "pool": bundle.pool}
    files = {
        _GENERATOR: _arrays(bundle.weights),
        _STATES: _arrays(states),
        _TRAINING: json.dumps(bundle.training.to_json()).encode(),
    }
    if bundle.history is not None:
        files[_HISTORY] = _arrays(_of_history(bundle.history))
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    manifest = replace(bundle.manifest, files=hashes)
    return files | {MANIFEST: json.dumps(manifest.to_json(), indent=1).encode()}


def read_files(folder: Path) -> tuple[Bundle, dict[str, bytes]]:
    """Read a model as `read_bundle` does, and return the bytes of its files with it."""

    def read() -> tuple[Bundle, dict[str, bytes]]:
        files = _contents(folder)
        return bundle_of(files, str(folder)), files

    return _of_one_generation(folder, read)


def read_bundle(folder: Path) -> Bundle:
    """Read a model after checking every file's hash, and every value by type, shape and range.

    A model that is replaced meanwhile is read as the old or as the new one.

    Raises
    ------
    BundleError
        Something is missing, damaged, foreign or newer than this simgan.
    """
    return read_files(folder)[0]


def bundle_of(files: Files, where: str) -> Bundle:
    """Check the files of a model and return it.

    Parameters
    ----------
    files : mapping of str to bytes
        By name, with the manifest.
    where : str
        Folder or file by which error messages name the model.

    Raises
    ------
    BundleError
        Something is missing, damaged, foreign or newer than this simgan.
    """
    if MANIFEST not in files:
        raise BundleError(
            f"there is no model in {where}; `simgan models list` shows those there are"
        )
    manifest = _manifest(files[MANIFEST], where)
    try:
        _check_hashes(manifest, files)
        weights = _weights(manifest, files[_GENERATOR])
        latest, pool = _states(manifest, files[_STATES])
        training = _training(files[_TRAINING])
        history = _history(manifest, files[_HISTORY]) if _HISTORY in files else None
    except (Unfit, ConfigError) as error:
        raise DamagedBundle(where, str(error)) from error
    return Bundle(manifest, weights, latest, pool, training, history)


def _of_one_generation(folder: Path, read: Callable[[], Read]) -> Read:
    """Read a folder, and read it again if it was replaced while that failed.

    The hashes in the manifest keep files of two generations apart. A failure counts only if the
    folder is still the one in which it was found.
    """
    for _ in range(_MOST_TRIES):
        before = _identity(folder)
        try:
            return read()
        except BundleError:
            if _identity(folder) == before:
                raise
    raise BundleError(f"{folder} is replaced again and again; try again when that is over")


def _identity(folder: Path) -> tuple[int, ...] | None:
    """Return numbers that differ between all folders that ever had this name."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns


def _contents(folder: Path) -> dict[str, bytes]:
    """Read all files of a model's folder, except hidden ones, such as those of file managers."""
    try:
        names = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except FileNotFoundError:
        names = []
    except OSError as error:
        raise _unreadable(folder, error) from error
    foreign = [name for name in names if name not in LARGEST]
    if MANIFEST in names and foreign:
        raise DamagedBundle(str(folder), f"{foreign[0]!r} is no file of a model, move it elsewhere")
    return {name: _content(folder, name) for name in names if name in LARGEST}


def _content(folder: Path, name: str) -> bytes:
    """Read one file of a model, no more than its bound."""
    path = folder / name
    try:
        # A pipe in the place of a file must not block.
        descriptor = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise DamagedBundle(str(folder), f"{name} is no file")
            content = file.read(LARGEST[name] + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _missing(folder, name) from error
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(content) > LARGEST[name]:
        raise DamagedBundle(str(folder), too_large(name))
    return content


def too_large(name: str) -> str:
    """Say that a file is larger than that of any model."""
    return f"{name} is larger than {LARGEST[name] // _MIB} MiB, which no file of a model is"


def _missing(folder: Path, name: str) -> BundleError:
    if name == MANIFEST:
        return BundleError(
            f"there is no model in {folder}; `simgan models list` shows those there are"
        )
    return DamagedBundle(str(folder), f"{name} is missing")


def _unreadable(path: Path, error: OSError) -> BundleError:
    reason = (error.strerror or str(error)).lower()
    return BundleError(f"cannot read {path}: {reason}; give yourself access to it")


def _manifest(content: bytes, where: str) -> Manifest:
    try:
        facts = parse(content, f"its {MANIFEST}")
    except Unfit as error:
        raise DamagedBundle(where, str(error)) from error
    return Manifest.from_json(facts, where)


def _check_hashes(manifest: Manifest, files: Files) -> None:
    """Refuse files that are missing, not listed, or not those that were written."""
    listed, found = set(manifest.files), set(files) - {MANIFEST}
    if unlisted := ({*_REQUIRED} | found) - listed:
        raise Unfit(f"its manifest does not list {min(unlisted)}")
    if foreign := listed - (set(LARGEST) - {MANIFEST}):
        raise Unfit(f"its manifest lists {min(foreign)!r}, which is no file of a model")
    if missing := listed - found:
        raise Unfit(f"{min(missing)} is missing")
    for name, expected in manifest.files.items():
        if hashlib.sha256(files[name]).hexdigest() != expected:
            raise Unfit(f"{name} is not the file that was written")


def _weights(manifest: Manifest, content: bytes) -> dict[str, Float32Array]:
    arrays, shapes = _parsed(_GENERATOR, content), manifest.blueprint.shapes()
    for name in _OF_A_LAW & set(arrays) & set(shapes):
        if arrays[name].ndim == len(shapes[name]) - 1:
            arrays[name] = arrays[name][:, None]
    if {name: array.shape for name, array in arrays.items()} != shapes:
        raise Unfit("its weights do not fit its blueprint")
    weights = {name: _float32(f"the weight {name}", array) for name, array in arrays.items()}
    if fault := manifest.blueprint.fault_of(weights):
        raise Unfit(fault)
    return weights


def _states(manifest: Manifest, content: bytes) -> tuple[Float32Array, Float32Array]:
    """Read both kinds of start states. Format 2 has no axis of assets, format 3 has one."""
    arrays = _parsed(_STATES, content)
    if set(arrays) != {"latest", "pool"}:
        raise Unfit(f"{_STATES} must hold the arrays 'latest' and 'pool'")
    latest = _float32("the latest state", arrays["latest"])
    pool = _float32("a state of the pool", arrays["pool"])
    latest = latest[None] if latest.ndim == 1 else latest
    pool = pool[:, None] if pool.ndim == 2 else pool
    expected = (len(manifest.assets), manifest.blueprint.width)
    if latest.shape != expected or pool.shape[1:] != expected:
        raise Unfit("its states do not fit its blueprint")
    return latest, pool


def _float32(meaning: str, array: NDArray[np.generic]) -> Float32Array:
    if array.dtype != np.float32:
        raise Unfit(f"{meaning} is of type {array.dtype}, not float32")
    values = np.asarray(array, np.float32)
    if not np.isfinite(values).all():
        raise Unfit(f"{meaning} is not finite")
    return values


def _training(content: bytes) -> TrainingHistory:
    try:
        return TrainingHistory.from_json(parse(content, _TRAINING))
    except ConfigError as error:
        raise Unfit(f"{_TRAINING}: {error}") from error


def _of_history(history: History) -> dict[str, NDArray[np.generic]]:
    dates = history.dates.astype("datetime64[s]").astype(np.int64)
    shapes = {} if history.shapes is None else {"shapes": history.shapes}
    return {"log_returns": history.log_returns, "dates": dates, **shapes}


def _history(manifest: Manifest, content: bytes) -> History:
    """Read the history and compare it with the manifest's facts about it."""
    arrays, facts = _parsed(_HISTORY, content), manifest.data
    if set(arrays) - {"shapes"} != {"dates", "log_returns"}:
        raise Unfit(f"{_HISTORY} must hold the arrays 'dates' and 'log_returns'")
    seconds, returns = arrays["dates"], arrays["log_returns"]
    if seconds.dtype != np.int64 or returns.dtype != np.float64:
        raise Unfit("its history must have dates of type int64 and log returns of type float64")
    if seconds.shape != (facts.days,) or returns.shape != (facts.days, len(manifest.assets)):
        raise Unfit("its history has another size than its manifest says")
    log_returns = np.asarray(returns, np.float64)
    dates = seconds.astype("datetime64[s]")
    if not (np.diff(np.asarray(seconds, np.int64)) > 0).all():
        raise Unfit("the dates of its history are not in order")
    price, shapes = np.asarray(manifest.last_price), _shapes(arrays.get("shapes"))
    history = History(dates, log_returns, price, manifest.assets, shapes=shapes)
    if (history.day(0), history.day(-1)) != (facts.first, facts.last):
        raise Unfit("its history begins or ends on another day than its manifest says")
    if history.sha256 != facts.sha256:
        raise Unfit("its history is not the one that the manifest names")
    return history


def _shapes(values: NDArray[np.generic] | None) -> FloatArray | None:
    """Read the shapes of days, which came with format 5."""
    if values is None:
        return None
    if values.dtype != np.float64:
        raise Unfit("its history must have shapes of type float64")
    return np.asarray(values, np.float64)


def _arrays(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    """Return named arrays in the safetensors format."""
    return bytes(save({name: np.asarray(each, order="C") for name, each in arrays.items()}))


def _parsed(name: str, content: bytes) -> Arrays:
    """Read named arrays, each with memory of its own."""
    if int.from_bytes(content[:8], "little") > _LONGEST_HEADER:
        raise Unfit(f"{name} is not in the safetensors format")
    try:
        return {key: np.array(array) for key, array in load(content).items()}
    except (SafetensorError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unfit(f"{name} is not in the safetensors format ({str(error)[:100]})") from error
