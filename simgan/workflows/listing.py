"""The models of a workspace in plain values, for tables."""

from __future__ import annotations

from dataclasses import dataclass

from simgan.workflows.models import Listed, list_models
from simgan.workspace import Workspace


@dataclass(frozen=True)
class ModelFacts:
    """A model of a workspace, in plain values.

    Attributes
    ----------
    name : str
    assets : tuple of str
    first, last : str
        ISO dates of the first and the last return that it learned from.
    days : int
        Number of returns.
    seed : int
        Seed of the training.
    created : str
        UTC time of writing.
    verdict : str
        Sentence on its paths against the baselines.
    is_latest : bool
        Whether `load` takes it where no name is given.
    damage : str
        The reason why it cannot be read. Then the other facts are empty.
    """

    name: str
    assets: tuple[str, ...] = ()
    first: str = ""
    last: str = ""
    days: int = 0
    seed: int = 0
    created: str = ""
    verdict: str = ""
    is_latest: bool = False
    damage: str = ""


def facts_of_models(workspace: Workspace) -> list[ModelFacts]:
    """Return the facts of every model of a workspace, in the order of names."""
    latest = workspace.latest_model()
    return [_facts_of(listed, listed.name == latest) for listed in list_models(workspace)]


def _facts_of(listed: Listed, is_latest: bool) -> ModelFacts:
    manifest = listed.manifest
    if manifest is None:
        return ModelFacts(listed.name, is_latest=is_latest, damage=listed.damage)
    return ModelFacts(
        listed.name,
        manifest.assets,
        manifest.data.first,
        manifest.data.last,
        manifest.data.days,
        manifest.recipe.seed,
        manifest.created,
        str(manifest.verdict.get("sentence", "")),
        is_latest,
    )
