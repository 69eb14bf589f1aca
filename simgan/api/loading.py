"""Models of a workspace: `simgan.load` and `simgan.models`.

Only a part of simgan is loaded here, and no TensorFlow.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from simgan.api.asking import workspace_at

if TYPE_CHECKING:
    from simgan.sampling.model import Model
    from simgan.workflows.listing import ModelFacts


def load(name: str | None = None, *, workspace: str | Path = ".") -> Model:
    """Load a model without TensorFlow.

    Parameters
    ----------
    name : str, optional
        By default the most recently fitted model, or else the reference model of simgan.
    workspace : path

    Raises
    ------
    UnknownNameError
        There is no model of this name.
    BundleError
        The model is damaged, foreign or newer than this simgan.
    """
    from simgan.sampling.model import Model
    from simgan.workflows.models import load_bundle

    return Model(load_bundle(workspace_at(workspace, "load"), name))


def models(*, workspace: str | Path = ".") -> list[ModelFacts]:
    """List the models of a workspace in the order of names.

    ``pandas.DataFrame(simgan.models())`` makes a table of them.

    Parameters
    ----------
    workspace : path

    Returns
    -------
    list of ModelFacts
        Name, assets, days, seed and verdict of each. A damaged model has a `damage`.

    Raises
    ------
    ConfigError, BundleError
        There is no such workspace, or it cannot be read.
    """
    from simgan.workflows.listing import facts_of_models

    return facts_of_models(workspace_at(workspace, "models"))
