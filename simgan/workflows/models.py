"""Finding models: those of the workspace, and the reference model that ships with simgan."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from simgan.bundle.store import Bundle, read_bundle
from simgan.errors import BundleError, UnknownNameError
from simgan.market.history import History, history_of
from simgan.workspace import Workspace

REFERENCE = "reference"


@dataclass(frozen=True)
class Found:
    """A model's folder, and whether it is the one that ships with simgan."""

    name: str
    folder: Path
    is_reference: bool = False


def find_model(workspace: Workspace, name: str | None) -> Found:
    """Find a model by name; without one, the most recently fitted, or else the reference model.

    Raises
    ------
    UnknownNameError
        There is no model of this name.
    """
    known = workspace.model_names()
    chosen = name or workspace.latest_model() or REFERENCE
    if chosen in known:
        return Found(chosen, workspace.model(chosen))
    reference = Path(str(files("simgan"))) / "reference"
    if chosen == REFERENCE and reference.is_dir():
        return Found(REFERENCE, reference, is_reference=True)
    raise UnknownNameError("model", chosen, [*known, REFERENCE], f"`simgan fit {chosen}` makes one")


def load_bundle(workspace: Workspace, name: str | None) -> Bundle:
    """Read and check a model found by `find_model`."""
    return read_bundle(find_model(workspace, name).folder)


def history_of_bundle(bundle: Bundle) -> History:
    """Return the history that a model learned from: its own copy, or read again from the sample source.

    Raises
    ------
    BundleError
        The model holds no copy, and its source cannot give the same returns again.
    """
    if bundle.history is not None:
        return bundle.history
    facts = bundle.manifest.data
    series = facts.source.get("name")
    if facts.source.get("kind") != "sample" or not isinstance(series, str):
        raise BundleError(
            f"the model {bundle.manifest.name} holds no history; give one with --against or --prices"
        )
    from simgan.market.sources.sample import Sample

    whole = history_of(Sample().fetch(series))
    rows = (whole.dates >= np.datetime64(facts.first)) & (whole.dates <= np.datetime64(facts.last))
    history = History(
        whole.dates[rows],
        whole.log_returns[rows],
        np.asarray(bundle.manifest.last_price),
        bundle.manifest.assets,
    )
    if history.sha256 != facts.sha256:
        raise BundleError(
            f"the sample source no longer gives the returns that {bundle.manifest.name} learned from; fit it again"
        )
    return history
