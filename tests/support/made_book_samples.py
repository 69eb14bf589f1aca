"""Books made by hand: a law of several assets whose dependence is known, and twins of it.

Each asset has the GJR recursion of `twins.gjr_paths`. The innovations of a day are a vector with
Student's t law, so that the assets have joint extremes.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from simgan.arrays import FloatArray
from simgan.report.book.judged import BookJudgement
from simgan.report.book.portfolios import Portfolios
from simgan.report.book.samples import BookSamples
from simgan.report.book.sections import compare, compare_asset
from simgan.report.verdict import verdict
from simgan.seeds import Seed

ALPHA, GAMMA, BETA, FREEDOM = 0.03, 0.10, 0.90, 6
DEVIATION, RUN_IN = 0.01, 500


def factor_correlations(assets: int, least: float = 0.3, most: float = 0.8) -> FloatArray:
    """Return correlations of assets that one force moves, each with another strength."""
    loadings = np.sqrt(np.linspace(least, most, assets))
    found = np.outer(loadings, loadings)
    np.fill_diagonal(found, 1.0)
    return found


def book_paths(n: int, days: int, correlations: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Draw paths (n, days, assets) of log returns."""
    steps, assets = RUN_IN + days, len(correlations)
    normal = rng.standard_normal((steps, n, assets)) @ np.linalg.cholesky(correlations).T
    mixing = rng.chisquare(FREEDOM, (steps, n, 1)) / (FREEDOM - 2)
    shocks = normal / np.sqrt(mixing)
    variance = np.ones((n, assets))
    for shock in shocks:
        shock *= np.sqrt(variance)
        weight = ALPHA + GAMMA * (shock < 0)
        variance = (1 - ALPHA - GAMMA / 2 - BETA) + weight * shock**2 + BETA * variance
    return np.asarray(DEVIATION * shocks[RUN_IN:].swapaxes(0, 1))


def book_samples(
    real: FloatArray, fakes: dict[str, FloatArray], portfolios: Portfolios | None = None
) -> BookSamples:
    """Return the samples of a comparison of books."""
    assets = real.shape[1]
    names = tuple(f"A{number}" for number in range(1, assets + 1))
    return BookSamples(real, fakes, Seed(0), names, portfolios or Portfolios(assets))


DAYS, ASSETS, PATHS = 1000, 4, 20
RIVAL = "gjr-dcc-fhs"


@cache
def made_samples() -> BookSamples:
    """Return samples of a history, of its own law, and of a twin with independent assets."""
    law, rng = factor_correlations(ASSETS), np.random.default_rng(12)
    real = book_paths(1, DAYS, law, rng)[0]
    fakes = {
        "simgan": book_paths(PATHS, DAYS, law, rng),
        RIVAL: book_paths(PATHS, DAYS, np.eye(ASSETS), rng),
    }
    return book_samples(real, fakes)


@cache
def made_judgement() -> BookJudgement:
    """Return the judgement of `made_samples`, of which the second asset was listed late."""
    samples = made_samples()
    real = samples.real.copy()
    real[:300, 1] = np.nan
    listed = replace(samples, real=real)
    compared = compare(listed, True)
    assets = {
        asset: compare_asset(listed, column, tuple(listed.fakes), True)
        for column, asset in enumerate(listed.assets)
    }
    return BookJudgement(listed, compared, verdict(compared), assets)
