"""Walks in order: what was forecast for one asset and horizon by every model, who is judged, and against whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simgan.errors import ConfigError
from simgan.risk.walks import Dates, Walk

GAN = "simgan"  # the model that is judged wherever it takes part


@dataclass(frozen=True)
class Group:
    """All models' forecasts of one asset over one horizon: the same days, the same outcomes."""

    asset: str
    horizon: int
    walks: Mapping[str, Walk]

    @property
    def any(self) -> Walk:
        """One of the walks, for what is common to all."""
        return next(iter(self.walks.values()))

    @property
    def dates(self) -> Dates:
        """First day of each forecast, shape (days,)."""
        return self.any.dates

    @property
    def levels(self) -> tuple[float, ...]:
        """Coverages."""
        return self.any.levels


@dataclass(frozen=True)
class Field:
    """Who takes part.

    Attributes
    ----------
    groups : tuple of Group
        By asset in the order given, then by horizon.
    models : tuple of str
        The judged one first, then in the order given.
    reference : str
        The model that the others are compared with; empty if there is one model only.
    notes : tuple of str
        Sentences on choices that were made here.
    """

    groups: tuple[Group, ...]
    models: tuple[str, ...]
    reference: str
    notes: tuple[str, ...]

    @property
    def judged(self) -> str:
        """Model that the verdict is about."""
        return self.models[0]

    @property
    def assets(self) -> tuple[str, ...]:
        """Names in the order given."""
        return tuple(dict.fromkeys(group.asset for group in self.groups))

    @property
    def horizons(self) -> tuple[int, ...]:
        """Ascending."""
        return tuple(sorted({group.horizon for group in self.groups}))


def arrange(walks: Sequence[Walk], reference: str) -> Field:
    """Group walks by asset and horizon.

    Judged is ``simgan``, or else the first model that is not the reference. A reference that does not take part is replaced by the
    first other model, which a note tells.

    Raises
    ------
    ConfigError
        There is no walk, or the models of an asset and horizon did not forecast the same days and levels.
    """
    if not walks:
        raise ConfigError("backtest", "walks", "none", "one or more")
    given = tuple(dict.fromkeys(walk.model for walk in walks))
    judged = (
        GAN if GAN in given else next((model for model in given if model != reference), given[0])
    )
    models = (judged, *(model for model in given if model != judged))
    notes = []
    if reference not in given or reference == judged:
        missing, reference = reference, next(iter(models[1:]), "")
        if reference:
            notes.append(
                f"{missing} does not take part: the scores are compared with those of {reference}."
            )
    return Field(_groups(walks, models), models, reference, tuple(notes))


def _groups(walks: Sequence[Walk], models: tuple[str, ...]) -> tuple[Group, ...]:
    assets = list(dict.fromkeys(walk.asset for walk in walks))
    places = sorted(
        {(walk.asset, walk.horizon) for walk in walks},
        key=lambda place: (assets.index(place[0]), place[1]),
    )
    groups = []
    for asset, horizon in places:
        mine = {
            walk.model: walk for walk in walks if (walk.asset, walk.horizon) == (asset, horizon)
        }
        group = Group(asset, horizon, {model: mine[model] for model in models if model in mine})
        _expect_alike(group, models)
        groups.append(group)
    return tuple(groups)


def _expect_alike(group: Group, models: tuple[str, ...]) -> None:
    where = f"{group.asset}, horizon {group.horizon}"
    if len(group.walks) < len(models):
        raise ConfigError(where, "models", list(group.walks), f"all of {', '.join(models)}")
    first = group.any
    for walk in group.walks.values():
        is_alike = np.array_equal(walk.dates, first.dates) and walk.levels == first.levels
        if not (is_alike and np.allclose(walk.realized, first.realized, rtol=0.0, atol=1e-12)):
            raise ConfigError(
                where, walk.model, "other days, levels or outcomes", f"those of {first.model}"
            )
