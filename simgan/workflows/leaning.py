"""The prior of a fit: that of the package, a model of the workspace, or none."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import cast

import numpy as np
from scipy.special import ndtri

from simgan.arrays import Float32Array
from simgan.bundle.facts import PriorFacts
from simgan.bundle.fields import Json
from simgan.bundle.manifest import Manifest
from simgan.bundle.priors import DAYS_OF_MEAN, Prior, doubt_of_level, first_vintage, packaged
from simgan.bundle.store import Bundle, read_bundle
from simgan.errors import ConfigError, PriceError, UnknownNameError
from simgan.market.history import History
from simgan.market.memory import FIRST_DAYS
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.recipe.recipe import DEFAULT, NO_PRIOR, Recipe
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime
from simgan.workflows.train import suited
from simgan.workspace import Workspace

ENOUGH = 2_500  # days of a history that needs no prior; chosen without a table
_TWO_SIDED = 1.645  # 90 %
MOSTLY = 0.5  # share of the prior
_FREEDOM = 4.0  # of the likelihood, where a model does not keep it
_PROBABILITIES = (np.arange(500) + 0.5) / 500


def prior_of(
    recipe: Recipe, history: History, workspace: Workspace, judged: int = 0
) -> Prior | None:
    """Return the prior that a fit leans on, or None if the history stands alone.

    The prior of the package is for histories of up to 2,500 days, and for generators of the usual
    size. It is the newest vintage that knows no day on which forecasts are judged. A model that is
    named is a prior for every history.

    Parameters
    ----------
    recipe : Recipe
    history : History
    workspace : Workspace
        Holds a model that is named.
    judged : int
        Last days of the history that a fit holds out, to judge forecasts.

    Raises
    ------
    PriceError
        The history is too short to stand alone.
    UnknownNameError
        There is no model of this name.
    ConfigError
        The model is of another architecture or size.
    """
    found = _asked_for(recipe, history, workspace, last=history.day(-1 - judged))
    least = recipe.training.least_days
    if found is None and len(history) < least:
        raise PriceError(
            f"{', '.join(history.assets)}: without a prior {len(history)} log returns are too few, "
            f"at least {least} are needed; {_remedy(recipe, history)}"
        )
    return found


def _remedy(recipe: Recipe, history: History) -> str:
    """Say how a short history gets a prior."""
    blueprint = suited(recipe, history).architecture
    if recipe.prior == NO_PRIOR:
        if not isinstance(blueprint, StateSpace) or packaged(blueprint, history.day(-1)) is None:
            return "use a longer history"
        return f"leave out --prior none: {FIRST_DAYS} are enough with a prior"
    first = first_vintage(blueprint)
    if first is None:
        return "leave out sizes of the architecture, or use a longer history"
    closes = blueprint.has_ranges and first_vintage(blueprint.with_ranges(False))
    instead = f"; --set ranges=0 leans on closes until {closes}" if closes else ""
    return f"the first prior knows days until {first}, later than this history{instead}"


def _asked_for(recipe: Recipe, history: History, workspace: Workspace, last: str) -> Prior | None:
    blueprint = suited(recipe, history).architecture
    if recipe.prior == NO_PRIOR or not isinstance(blueprint, StateSpace):
        return None
    if recipe.prior == DEFAULT:
        return packaged(blueprint, last) if len(history) <= ENOUGH else None
    found = named_prior(recipe.prior, workspace)
    if not found.fits(blueprint):
        bars = "that learned from open, high and low" if blueprint.ranges else "of closes alone"
        allowed = f"a model of the same architecture and sizes, and one {bars}, as this fit does"
        raise ConfigError("fit", "prior", recipe.prior, allowed)
    return found


def named_prior(name: str, workspace: Workspace) -> Prior:
    """Return a model of the workspace as a prior.

    Raises
    ------
    UnknownNameError
        There is no model of this name.
    ConfigError
        The architecture of the model has no likelihood.
    """
    if name not in (known := workspace.model_names()):
        raise UnknownNameError("prior", name, [DEFAULT, NO_PRIOR, *known])
    bundle = read_bundle(workspace.model(name))
    found = of_bundle(bundle)
    if found is None:
        allowed = f"a state-space model; this one is {bundle.manifest.blueprint.kind}"
        raise ConfigError("fit", "prior", name, allowed)
    return found


def prior_facts(manifest: Manifest) -> dict[str, Json]:
    """Return the facts about the prior of a model as JSON data, or nothing without a prior.

    Of several assets they are the mean share of the prior, and that of each asset that has one.
    """
    if manifest.joint is None:
        return cast("dict[str, Json]", dict(manifest.prior))
    shares = _shares(manifest)
    if not shares:
        return {}
    each: dict[str, Json] = {asset: share for asset, share in shares.items()}
    return {"share": sum(shares.values()) / len(manifest.assets), "assets": each}


def _shares(manifest: Manifest) -> dict[str, float]:
    """Return the share of the prior by asset of a joint model, the largest first."""
    if manifest.joint is None:
        return {}
    members = zip(manifest.assets, manifest.joint.members, strict=True)
    found = {asset: member.prior["share"] for asset, member in members if member.prior}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def leaning(manifest: Manifest) -> str:
    """Say how much of a model is prior, or return no text."""
    if shares := _shares(manifest):
        count, (most, share) = len(manifest.assets), next(iter(shares.items()))
        return (
            f"{len(shares)} of {count} assets lean on a prior. Of the days behind the innovations "
            f"of an asset it is {100 * sum(shares.values()) / count:.0f} % on average, and "
            f"{100 * share:.0f} % of {most}."
        )
    facts = manifest.prior
    if not facts:
        return ""
    share, own = facts["share"], manifest.data.days
    factor = math.exp(_TWO_SIDED * doubt_of_level(own))
    opening = "Mostly prior" if share > MOSTLY else "It leans on a prior"
    of_mean = DAYS_OF_MEAN / (DAYS_OF_MEAN + own)
    settled = round(manifest.recipe.training.prior_days * (1 / share - 1)) if share else own
    return (
        f"{opening}: {100 * share:.0f} % of the days behind its innovations are those of "
        f"{facts['name']} ({len(facts['series'])} series until {facts['until']}), beside "
        f"{settled:,} of its own, and {100 * of_mean:.0f} % of its mean return. In one of ten "
        f"years of the packaged series the volatility was more than {factor:.1f} times that "
        f"of the {own:,} days before, or less than that divided by {factor:.1f}."
    )


def leaning_of_each(manifests: Iterable[Manifest]) -> str:
    """Say how much of each of several models is prior, by their names. Others are left out."""
    each = ((manifest.name, leaning(manifest)) for manifest in manifests)
    return " ".join(f"{name}: {text}" for name, text in each if text)


def of_bundle(bundle: Bundle, freedom: float = _FREEDOM) -> Prior | None:
    """Return a model as a prior, or None if its architecture cannot be one."""
    manifest, weights = bundle.manifest, bundle.weights
    blueprint = manifest.blueprint
    if not isinstance(blueprint, StateSpace):
        return None
    of_likelihood = {"freedom": np.full_like(weights["drift"], freedom)}
    earlier = manifest.prior or PriorFacts(until="", series=[])  # what it leans on itself
    seen = (
        manifest.name,
        max(manifest.data.last, earlier["until"]),
        (*manifest.assets, *earlier["series"]),
    )
    return prior_from(seen, blueprint, {**weights, **of_likelihood})


def prior_from(
    seen: tuple[str, str, tuple[str, ...]],
    blueprint: StateSpace,
    weights: Mapping[str, Float32Array],
) -> Prior:
    """Return the prior that a fit is for others.

    Parameters
    ----------
    seen : tuple
        Its name, the ISO date of the last day that it has seen, and its series.
    blueprint : StateSpace
    weights : mapping of arrays
        Those of the blueprint, and ``freedom`` of the likelihood.
    """
    return Prior(
        *seen,
        {name: weights[name] for name in (*blueprint.trained, "drift", "freedom")},
        innovations_of(blueprint, weights),
        weights["tails"].mean(axis=0),
        blueprint.memory,
        weights.get("shape_mix"),
    )


def innovations_of(blueprint: StateSpace, weights: Mapping[str, Float32Array]) -> Float32Array:
    """Return the innovations (laws, 500) of a generator, the mean over its replicas."""
    scores = np.tile(ndtri(_PROBABILITIES).astype(np.float32), (blueprint.replicas, 1))
    found = NumpyRuntime(blueprint, dict(weights)).innovation(scores)  # (laws, R, 500)
    return np.asarray(found.mean(axis=1), np.float32)
