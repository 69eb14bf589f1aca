"""A joint model, made of models of single assets and of the joint law of their scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from simgan.arrays import Float32Array
from simgan.bundle.facts import DataFacts, JointFacts, MemberFacts
from simgan.bundle.manifest import NOISE, Manifest
from simgan.bundle.store import Bundle
from simgan.errors import ConfigError
from simgan.market.asynchrony import follows
from simgan.market.history import History
from simgan.market.scalings.standard import Standard
from simgan.provenance import library_versions, sha256_of_facts
from simgan.recipe.blueprints.joint import Joint, name_of
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.recipe.recipe import Recipe
from simgan.sampling.runtimes.joint import Along, JointCpuRuntime, along_each
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime
from simgan.seeds import Seed
from simgan.stats.co_movement import HalfLives
from simgan.stats.joint_scores import SMOOTHING, block_size, learned
from simgan.stats.synchrony import leads, synchronised
from simgan.stats.training import TrainingHistory

MOST = 50  # assets
_DAYS, _AT_ONCE = 960, 120  # of the free run that makes a pool, two blocks of noise at once
_COPIES, _LARGEST_POOL = 4, 32 << 20  # of each state of a member; bytes


def expect_joint(recipe: Recipe, assets: int) -> None:
    """Refuse requests that no joint model can fulfil.

    Raises
    ------
    ConfigError
        There are too many assets, the architecture has no scores, or regimes are asked for.
    """
    if assets > MOST:
        raise ConfigError("fit", "assets", assets, f"at most {MOST} at once")
    if not isinstance(recipe.architecture, StateSpace):
        allowed = "state-space: no other architecture draws several assets together"
        raise ConfigError("fit", "architecture", recipe.architecture.kind, allowed)
    if recipe.regimes:
        allowed = "left out: several assets together have no regimes"
        raise ConfigError("fit", "regimes", recipe.regimes, allowed)


def joint_model(
    name: str,
    recipe: Recipe,
    panel: History,
    members: Sequence[Bundle],
    source: Mapping[str, object],
) -> Bundle:
    """Learn the joint law of the scores of several assets, and put their models together.

    Parameters
    ----------
    name : str
    recipe : Recipe
    panel : History
        Of all assets.
    members : sequence of Bundle
        The model of each asset, in the order of the panel. Each learned from its own days of it.
    source : mapping
        Record of where the prices came from.

    Returns
    -------
    Bundle
        With a start state after the panel, and a pool of states of the long run.
    """
    scaling = _scaling(members)
    each = _along([(_blueprint(one), one.weights) for one in members], scaling, panel)
    half_lives, law = _law(each, panel, recipe.training.overlap)
    facts = JointFacts(
        rows=len(law["rows"]),
        block=block_size(len(law["rows"])),
        smoothing=SMOOTHING,
        **half_lives._asdict(),
        members=tuple(map(_facts, members)),
    )
    weights = _named([one.weights for one in members])
    manifest = Manifest(
        name=name,
        assets=panel.assets,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        recipe=recipe,
        scaling=scaling,
        data=DataFacts(
            first=panel.day(0),
            last=panel.day(-1),
            days=len(panel),
            sha256=panel.sha256,
            source=dict(source),  # type: ignore[arg-type]
        ),
        last_price=tuple(panel.last_price.tolist()),
        joint=facts,
        device=members[0].manifest.device,
        chosen_step=0,
        seconds=sum(member.manifest.seconds for member in members),
        validation=None,
        noise=NOISE,
        identity=joint_identity(panel, recipe, [one.identity for one in facts.members]),
        libraries=library_versions(),
    )
    blueprint = manifest.blueprint
    assert isinstance(blueprint, Joint)
    runtime = JointCpuRuntime(blueprint, weights | law)
    training = TrainingHistory(
        {
            f"{member.manifest.assets[0]}: {stage}": curves
            for member in members
            for stage, curves in member.training.stages.items()
        }
    )
    latest = runtime.together(each)[-1]
    pool = _pool(runtime, members, Seed(recipe.seed))
    return Bundle(manifest, weights | law, latest, pool, training, panel)


def joint_before(
    bundle: Bundle, panel: History, weights: Sequence[Mapping[str, Float32Array]]
) -> Bundle:
    """Return a joint model with other weights of its members, and a joint law of earlier days.

    It is for forecasts and starts after these days, and not to be saved: the facts of its members,
    and its training history, stay those of all days. It has no long-run states.

    Parameters
    ----------
    bundle : Bundle
        A joint model.
    panel : History
        The days before those to be forecast, of the assets of the model or of some of them.
    weights : sequence of mapping
        Of the member of each of these assets, which has learned from these days only.
    """
    whole = bundle.manifest
    assert isinstance(whole.scaling, Standard) and whole.joint is not None
    assert isinstance(whole.blueprint, Joint)
    at = [whole.assets.index(asset) for asset in panel.assets]
    scaling = Standard(
        scale=tuple(whole.scaling.scale[column] for column in at),
        ranges=tuple(whole.scaling.ranges[column] for column in at if whole.scaling.ranges),
    )
    parts = [
        (whole.blueprint.members[column], own) for column, own in zip(at, weights, strict=True)
    ]
    each = _along(parts, scaling, panel)
    half_lives, law = _law(each, panel, whole.recipe.training.overlap, whole.joint.smoothing)
    facts = replace(
        whole.joint,
        rows=len(law["rows"]),
        block=block_size(len(law["rows"])),
        **half_lives._asdict(),
        members=tuple(whole.joint.members[column] for column in at),
    )
    days = replace(
        whole.data,
        first=panel.day(0),
        last=panel.day(-1),
        days=len(panel),
        sha256=panel.sha256,
    )
    manifest = replace(
        whole,
        assets=panel.assets,
        scaling=scaling,
        joint=facts,
        data=days,
        last_price=tuple(panel.last_price.tolist()),
    )
    blueprint = manifest.blueprint
    assert isinstance(blueprint, Joint)
    together = _named(weights) | law
    latest = JointCpuRuntime(blueprint, together).together(each)[-1]
    return Bundle(manifest, together, latest, latest[None][:0], bundle.training, panel)


def _along(
    members: Sequence[tuple[StateSpace, Mapping[str, Float32Array]]],
    scaling: Standard,
    panel: History,
) -> list[Along]:
    """Let the generator of each asset, by blueprint and weights, run along a panel."""
    return along_each(
        [NumpyRuntime(blueprint, dict(weights)) for blueprint, weights in members],
        scaling.apply(panel.log_returns).astype(np.float32),
        scaling.scaled_ranges(panel.log_returns, panel.ranges).astype(np.float32),
    )


def _law(
    each: Sequence[Along], panel: History, overlap: int, smoothing: float = SMOOTHING
) -> tuple[HalfLives, dict[str, Float32Array]]:
    """Learn the joint law of scores: of each day, or as if all markets closed together."""
    scores = np.stack([one.scores for one in each], axis=1)
    if overlap == 1:
        return learned(scores, smoothing)
    of_closes = leads(scores, follows(panel.log_returns))
    half_lives, law = learned(synchronised(scores, *of_closes), smoothing)
    names = zip(("leads", "sizes"), of_closes, strict=True)
    return half_lives, law | {name: values.astype(np.float32) for name, values in names}


def joint_identity(panel: History, recipe: Recipe, members: Sequence[str]) -> str:
    """Return the hash of all that decides a joint model, by the identities of its members."""
    overlap = recipe.training.overlap
    return sha256_of_facts(
        {"data": panel.identity, "members": list(members)}
        | ({"overlap": overlap} if overlap > 1 else {})
    )


def _named(weights: Sequence[Mapping[str, Float32Array]]) -> dict[str, Float32Array]:
    """Return the weights of all members by their names in a joint model."""
    return {
        name_of(key, column): values
        for column, each in enumerate(weights)
        for key, values in each.items()
    }


def _blueprint(member: Bundle) -> StateSpace:
    blueprint = member.manifest.blueprint
    assert isinstance(blueprint, StateSpace)
    return blueprint


def _facts(member: Bundle) -> MemberFacts:
    manifest = member.manifest
    return MemberFacts(
        data=manifest.data,
        ranges=manifest.blueprint.has_ranges,
        prior=manifest.prior,
        tails=manifest.tails,
        identity=manifest.identity,
    )


def _scaling(members: Sequence[Bundle]) -> Standard:
    """Return the scalings of all assets as one.

    An asset without ranges has the mean range 1. Its member reads none.
    """
    each = [member.manifest.scaling for member in members]
    scales = [scaling for scaling in each if isinstance(scaling, Standard)]
    ranges = [scaling.ranges[0] if scaling.ranges else 1.0 for scaling in scales]
    are_known = any(scaling.ranges for scaling in scales)
    return Standard(
        scale=tuple(scaling.scale[0] for scaling in scales),
        ranges=tuple(ranges) if are_known else (),
    )


def _pool(runtime: JointCpuRuntime, members: Sequence[Bundle], seed: Seed) -> Float32Array:
    """Return memories (states, assets, W) of the long run.

    The states of each asset run freely together for 960 days.
    """
    blueprint = runtime.blueprint
    bytes_of_state = 4 * blueprint.assets * blueprint.width
    states = min(len(member.pool) for member in members)
    states = min(states, _LARGEST_POOL // bytes_of_state) // blueprint.replicas * blueprint.replicas
    copies = max(min(_COPIES, _LARGEST_POOL // (states * bytes_of_state)), 1)
    return np.concatenate([_run(runtime, members, states, seed, copy) for copy in range(copies)])


def _run(
    runtime: JointCpuRuntime, members: Sequence[Bundle], states: int, seed: Seed, copy: int
) -> Float32Array:
    blueprint = runtime.blueprint
    memory = np.zeros((states, blueprint.assets, blueprint.width), np.float32)
    for column, member in enumerate(members):
        memory[:, column, : member.pool.shape[-1]] = member.pool[:states, 0]
    co_memory = blueprint.co_memory(runtime.weights["target"])
    memory[..., blueprint.own_width :] = co_memory.packed(co_memory.first())
    rng = seed.stream("long-run", copy)
    for _ in range(0, _DAYS, _AT_ONCE):
        shape = (_AT_ONCE, states, blueprint.latent)
        _, memory = runtime.roll(memory, rng.standard_normal(shape, dtype=np.float32))
    return memory
