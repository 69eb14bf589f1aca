"""A bundle made by hand: right in every respect but that nobody trained it."""

from __future__ import annotations

import numpy as np

from simgan.bundle.blueprints import StateSpace
from simgan.bundle.manifest import DataFacts, Manifest
from simgan.bundle.store import Bundle
from simgan.market.history import History
from simgan.market.scalings.standard import Standard
from simgan.seeds import Seed


def made_history(days: int = 800, seed: int = 7) -> History:
    """Log returns with volatility clusters: GARCH(1,1) with Student-t innovations."""
    noise = Seed(seed).stream("baseline").standard_t(6, days) / np.sqrt(1.5)
    returns, variance = np.empty(days), 1e-4
    for day in range(days):
        returns[day] = np.sqrt(variance) * noise[day]
        variance = 2e-6 + 0.08 * returns[day] ** 2 + 0.9 * variance
    dates = np.datetime64("2015-01-01", "s") + np.arange(days) * np.timedelta64(86400, "s")
    return History(dates, returns[:, None], np.array([123.5]), ("MADE",))


def made_weights(blueprint: StateSpace) -> dict[str, np.ndarray]:
    """Weights that give a stable multi-scale GARCH with a neural part that does something; replicas differ a little."""
    rng, replicas = Seed(3).stream("weights"), blueprint.replicas
    weights = {name: (0.1 * rng.standard_normal(shape)).astype(np.float32) for name, shape in blueprint.shapes().items()}
    count = len(blueprint.half_lives)
    shares = np.concatenate([[0.1], np.full(count, 0.8 / count), np.full(count, 0.1 / count)])
    knots = np.linspace(-1.5, 1.5, blueprint.shapes()["knots"][0])
    each = np.arange(replicas)
    weights |= {
        "mix": np.log(shares) + 0.1 * rng.standard_normal((replicas, len(shares))),
        "drift": 0.02 + 0.001 * each,
        "log_scale": np.full(replicas, -0.03),
        "long_run": np.full(replicas, 1.0),
        "knots": knots,
        "body": 0.9 * np.sinh(knots) + 0.002 * each[:, None],
        "tails": np.array([[0.12, 0.6], [0.02, 0.5]]) + 0.01 * each[:, None, None],
    }
    return {name: weight.astype(np.float32) for name, weight in weights.items()}


def made_bundle(name: str = "made", days: int = 800) -> Bundle:
    """A complete bundle."""
    history, blueprint = made_history(days), StateSpace()
    scaling = Standard.fit(history.log_returns)
    memories = blueprint.memory.along(scaling.apply(history.log_returns)[:, 0].astype(np.float32))
    manifest = Manifest(
        name=name,
        assets=history.assets,
        created="2026-01-01T00:00:00+00:00",
        blueprint=blueprint,
        scaling=scaling,
        data=DataFacts(first="2015-01-01", last=str(history.dates[-1])[:10], days=days, sha256=history.sha256, source={"kind": "made"}),
        last_price=tuple(history.last_price.tolist()),
        seed=0,
        settings={},
        objective={"kind": "relativistic"},
        preset="quick",
        device="cpu",
        chosen_step=0,
        seconds=1.5,
        validation=0.005,
        libraries={"python": "3"},
    )
    training = {"warm start: crps": [(100, 0.6), (200, 0.55)], "adversarial: validation CRPS": [(100, 0.33)]}
    return Bundle(manifest, made_weights(blueprint), memories[-1], memories[-300:], training, history)
