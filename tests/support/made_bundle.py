"""A bundle made by hand: right in every respect but that nobody trained it."""

from __future__ import annotations

import numpy as np

from simgan.bundle.facts import DataFacts, PriorFacts
from simgan.bundle.manifest import Manifest
from simgan.bundle.store import Bundle
from simgan.market.history import History
from simgan.market.scalings import SCALINGS
from simgan.recipe.blueprints import Blueprint
from simgan.recipe.blueprints.state_space import DAYS, StateSpace
from simgan.recipe.conditions.cgan import ConditionalGan
from simgan.recipe.recipe import Recipe
from simgan.recipe.training import TrainingSettings
from simgan.sampling.runtimes import runtime_of
from simgan.seeds import Seed
from simgan.stats.training import TrainingHistory

PRIOR = PriorFacts(name="many", until="2014-12-31", series=["A", "B"], share=0.806)
JUMP = StateSpace().jump  # a smaller one stands for a model that has jumps and still days


def made_history(days: int = 800, seed: int = 7) -> History:
    """Log returns with volatility clusters: GARCH(1,1) with Student-t innovations."""
    noise = Seed(seed).stream("baseline").standard_t(6, days) / np.sqrt(1.5)
    returns, variance = np.empty(days), 1e-4
    for day in range(days):
        returns[day] = np.sqrt(variance) * noise[day]
        variance = 2e-6 + 0.08 * returns[day] ** 2 + 0.9 * variance
    dates = np.datetime64("2015-01-01", "s") + np.arange(days) * np.timedelta64(86400, "s")
    return History(dates, returns[:, None], np.array([123.5]), ("MADE",))


def made_weights(blueprint: Blueprint) -> dict[str, np.ndarray]:
    """Weights that give returns of about the sample's size.

    Those of a state-space generator are a volatility model. Others have no meaning.
    """
    rng = Seed(3).stream("weights")
    if isinstance(blueprint, StateSpace):
        return made_recursion(blueprint, rng)
    fans = {
        name: max(shape[-2] if len(shape) > 1 else shape[0], 1) if shape else 1
        for name, shape in blueprint.shapes().items()
    }
    weights = {
        name: np.asarray(rng.standard_normal(shape) / np.sqrt(fans[name]), np.float32)
        for name, shape in blueprint.shapes().items()
    }
    return weights | {
        "shift": np.array(0.03, np.float32),
        "gain": np.array(0.8 / 6 ** (blueprint.run_in > 0), np.float32),
    }


def made_recursion(blueprint: StateSpace, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Weights of a stable multi-scale GARCH with a neural part. Replicas differ a little."""
    replicas = blueprint.replicas
    weights = {
        name: (0.1 * rng.standard_normal(shape)).astype(np.float32)
        for name, shape in blueprint.shapes().items()
    }
    count, kinds = len(blueprint.half_lives), 1 + blueprint.ranges  # squares, and ranges
    every = np.concatenate([np.full(count, 0.8 / count), np.full(count, 0.1 / count)])
    shares = np.concatenate([[0.1], *[every / kinds] * kinds])
    knots = np.linspace(-1.5, 1.5, blueprint.shapes()["knots"][0])
    each, law = np.arange(replicas), np.arange(blueprint.laws)
    weights |= {
        "mix": np.log(shares) + 0.1 * rng.standard_normal((replicas, len(shares))),
        "drift": 0.02 + 0.001 * each,
        "log_scale": np.full(replicas, -0.03),
        "long_run": np.full(replicas, 1.0),
        "knots": knots,
        "body": (0.9 + 0.05 * law[:, None]) * np.sinh(knots) + 0.002 * each[:, None, None],
        "tails": np.array([[0.12, 0.6], [0.02, 0.5]])
        + 0.01 * (each[:, None, None, None] + law[:, None, None]),
    }
    if blueprint.laws > 1:
        weights["between"] = np.array([0.8, 1.3]) + 0.01 * each[:, None]
    if blueprint.factors:
        weights |= {"factor": np.full(replicas, 0.1), "high": 1.0 + 0.1 * each}
    if blueprint.ranges:
        weights |= {"days": made_days(blueprint), "range_mean": np.array([0.8])}
        weights["shape_mix"] = np.append(0.1, np.full(4 * count, 0.9 / (4 * count)))
    known = blueprint.shapes()
    weights |= {name: np.zeros(known[name]) for name in ("jumps", "rest") if name in known}
    if 0 < blueprint.jump < JUMP:
        sizes = np.array([0.0, 0.2, 0.3, 0.7, 1.0])
        weights["jumps"] = np.array([[0.02, *(3 + sizes)], [0.01, *(2 + 5 * sizes)]])
        width = 0.2 + 0.02 * each[:, None] + 0.05 * law
        weights["rest"] = np.stack([-width, width + 0.05], axis=-1)
    return {name: weight.astype(np.float32) for name, weight in weights.items()}


def made_days(blueprint: StateSpace) -> np.ndarray:
    """Days of random walks in three steps, in the order of their return over their spread."""
    rng, shape = Seed(4).stream("weights"), (blueprint.replicas, blueprint.laws, DAYS)
    gap, up, down = 0.5 * rng.standard_normal((3, *shape))
    moved = gap + up + down
    upper, lower = (np.maximum(part, 0) + 0.1 for part in (up - np.maximum(up + down, 0), -up))
    order = np.argsort(moved, axis=-1)[..., None]
    return np.take_along_axis(np.stack([moved, gap, upper, lower], axis=-1), order, axis=-2)


def made_bundle(
    name: str = "made", days: int = 800, blueprint: Blueprint | None = None, identity: str = ""
) -> Bundle:
    """A complete bundle. With an identity it has noise of version 2."""
    history, blueprint = made_history(days), blueprint or StateSpace()
    scaling, weights = (
        SCALINGS.load(blueprint.scaling).fit(history.log_returns),
        made_weights(blueprint),
    )
    memories = runtime_of("numpy", blueprint, weights).along(
        scaling.apply(history.log_returns).astype(np.float32)
    )
    manifest = Manifest(
        name=name,
        assets=history.assets,
        created="2026-01-01T00:00:00+00:00",
        recipe=Recipe(
            architecture=blueprint,
            training=TrainingSettings(steps=1000),
            condition=ConditionalGan() if blueprint.regimes else None,
            preset="quick",
        ),
        scaling=scaling,
        data=DataFacts(
            first="2015-01-01",
            last=str(history.dates[-1])[:10],
            days=days,
            sha256=history.sha256,
            source={"kind": "made"},
        ),
        last_price=tuple(history.last_price.tolist()),
        device="cpu",
        chosen_step=0,
        seconds=1.5,
        validation=0.005,
        libraries={"python": "3"},
        noise=2 if identity else 1,
        identity=identity,
    )
    training = TrainingHistory(
        {
            "warm start": {"CRPS": [(100, 0.6), (200, 0.55)]},
            "adversarial": {"validation CRPS": [(100, 0.33)]},
        }
    )
    return Bundle(
        manifest,
        weights,
        memories[-1],
        memories[len(memories) if blueprint.run_in else -300 :],
        training,
        history,
    )
