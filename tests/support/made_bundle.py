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
    """Weights that give a stable multi-scale GARCH with a neural part that does something."""
    rng = Seed(3).stream("weights")
    weights = {name: (0.2 * rng.standard_normal(shape)).astype(np.float32) for name, shape in blueprint.shapes().items()}
    shares = np.concatenate([[0.1], np.full(6, 0.8 / 6), np.full(6, 0.1 / 6)])
    weights["mix"] = np.log(shares).astype(np.float32)
    weights |= {"drift": np.array(0.02, np.float32), "log_scale": np.array(-0.02, np.float32), "long_run": np.array(1.0, np.float32)}
    weights["tukey"] = np.log(np.expm1([0.08, 0.06])).astype(np.float32)
    weights["tails"] = np.array([[1.5, 0.05, 0.55, 0.12, 0.6], [1.5, 0.05, 0.55, 0.02, 0.5]], np.float32)
    return weights


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
