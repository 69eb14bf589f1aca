"""Judging: a model's long-run paths and those of the baselines against a real history."""

from __future__ import annotations

from dataclasses import dataclass

from simgan.arrays import FloatArray
from simgan.baselines import BASELINES
from simgan.bundle.store import Bundle
from simgan.market.history import History
from simgan.report.compare import compare
from simgan.report.rows import Comparison
from simgan.report.verdict import Verdict, verdict
from simgan.sampling.model import Model
from simgan.seeds import Seed

BESIDE = ("stationary-bootstrap", "gjr-t")


@dataclass(frozen=True)
class Judgement:
    """The paths that were compared, by model with the GAN first, what came of it, and the verdict."""

    real: FloatArray  # (days,)
    fakes: dict[str, FloatArray]  # (paths, days)
    comparison: Comparison
    verdict: Verdict


def judge(
    bundle: Bundle, learned_from: History, n_paths: int, against: History | None = None
) -> Judgement:
    """Compare long-run paths of the real length with the history learned from, or with another one.

    The baselines are fitted to what the model learned from, too.
    """
    model, seed = Model(bundle), Seed(bundle.manifest.recipe.seed)
    real = (against or learned_from).log_returns
    fakes = {model.kind: model.simulate_long_run(len(real), seed, 0, n_paths)}
    for name in BESIDE:
        fitted = BASELINES.build(name).fit(learned_from.log_returns)
        fakes[name] = fitted.simulate_long_run(len(real), seed, 0, n_paths)
    flat = {name: paths[:, :, 0] for name, paths in fakes.items()}
    comparison = compare(real[:, 0], flat, in_sample=against is None)
    return Judgement(real[:, 0], flat, comparison, verdict(comparison))
