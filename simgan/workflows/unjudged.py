"""Models that are saved before their verdict is made, so that its interruption loses no model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from simgan.bundle.store import Bundle, read_bundle
from simgan.errors import BundleError, Interrupted

_WAY = "the same command with --resume"
_VERDICT: dict[str, str] = {"sentence": f"The verdict was not made: {_WAY} makes it."}


def unjudged(bundle: Bundle) -> Bundle:
    """Return a model whose manifest says that its verdict is still to be made."""
    return replace(bundle, manifest=replace(bundle.manifest, verdict=_VERDICT))


def unjudged_in(folder: Path, identity: str) -> Bundle | None:
    """Return the model that an interrupted verdict left in a folder, if it is the one wanted.

    Parameters
    ----------
    folder : Path
        Of the model.
    identity : str
        Hash of all that decides the model, as its manifest has it.
    """
    try:
        found = read_bundle(folder)
    except BundleError:
        return None
    manifest = found.manifest
    is_wanted = manifest.identity == identity and manifest.verdict == _VERDICT
    return found if is_wanted else None


@contextmanager
def kept_unjudged(name: str) -> Iterator[None]:
    """Say that the model is saved where its verdict is interrupted.

    Raises
    ------
    Interrupted
        The sentence says how to make the verdict.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(
            f"the model {name} is saved without its verdict; {_WAY} makes it"
        ) from None


@contextmanager
def kept_members(checkpoint: Path) -> Iterator[None]:
    """Say that finished assets are kept where the training of several is interrupted.

    Parameters
    ----------
    checkpoint : Path
        Folder of the finished assets. Where it is missing, nothing was finished.

    Raises
    ------
    Interrupted
        The sentence says how to go on.
    """
    try:
        yield
    except KeyboardInterrupt:
        if not checkpoint.exists():
            raise
        raise Interrupted(f"the work so far is kept; {_WAY} goes on from there") from None
