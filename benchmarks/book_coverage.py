"""Measure how often the limits of a report on several assets hold the truth.

    python benchmarks/book_coverage.py run --folder /tmp/books --histories 40
    python benchmarks/book_coverage.py run --folder /tmp/books --histories 40 --model models/BOOK
    python benchmarks/book_coverage.py table --folder /tmp/books

`run` judges a law against one made history of it after another, and adds a line for each to a file
in the folder. It skips the lines that are there. With ``--model`` the law is that of a fitted model
of several assets. The made laws have the GJR recursion in each asset, and innovations of a
multivariate t law, whose correlations stand or move.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import click
import numpy as np

from simgan.arrays import FloatArray
from simgan.bundle.store import read_bundle
from simgan.provenance import library_versions
from simgan.report.book.portfolios import Portfolios
from simgan.report.book.samples import BookSamples
from simgan.report.book.sections import compare
from simgan.sampling.model import Model
from simgan.seeds import Seed
from simgan.workflows.judging_books import long_run_together

PATHS, DAYS, ASSETS, RUN_IN = 24, 2500, 6, 500
ALPHA, GAMMA, BETA, FREEDOM, DEVIATION = 0.03, 0.10, 0.90, 6.0, 0.01
HALF_LIFE, SWING = 60.0, 0.8  # of the strength of the common force, and deviation of its logit
STANDING, MOVING = "correlations stand", "correlations move"

Draw = Callable[[int, np.random.Generator], FloatArray]


def of_force(swing: float) -> Draw:
    """Return a law of six assets that one force moves, whose strength may wander."""
    base = np.linspace(-1.0, 1.5, ASSETS)  # logits of squared loadings

    def draw(n: int, rng: np.random.Generator) -> FloatArray:
        steps, decay = RUN_IN + DAYS, 0.5 ** (1 / HALF_LIFE)
        wander = rng.standard_normal((steps, n, 1)) * np.sqrt(1 - decay**2)
        for before, now in pairwise(wander):
            now += decay * before
        squares = 1 / (1 + np.exp(-(base + swing * wander)))
        force, own = rng.standard_normal((steps, n, 1)), rng.standard_normal((steps, n, ASSETS))
        mixing = rng.chisquare(FREEDOM, (steps, n, 1)) / (FREEDOM - 2)
        shocks = (np.sqrt(squares) * force + np.sqrt(1 - squares) * own) / np.sqrt(mixing)
        variance = np.ones((n, ASSETS))
        for shock in shocks:
            shock *= np.sqrt(variance)
            weight = ALPHA + GAMMA * (shock < 0)
            variance = 1 - ALPHA - GAMMA / 2 - BETA + weight * shock**2 + BETA * variance
        return np.asarray(DEVIATION * shocks[RUN_IN:].swapaxes(0, 1))

    return draw


def of_model(folder: Path) -> Draw:
    """Return the law of a fitted model of several assets."""
    model = Model(read_bundle(folder))

    def draw(n: int, rng: np.random.Generator) -> FloatArray:
        return long_run_together(model, DAYS, Seed(int(rng.integers(2**31))), n).astype(np.float64)

    return draw


def judged(draw: Draw, number: int) -> dict[str, object]:
    """Judge a law against history `number` of it."""
    rng = np.random.default_rng([number, 37])
    paths = draw(1 + PATHS, rng)
    assets = tuple(f"A{place}" for place in range(1, paths.shape[-1] + 1))
    whole = Portfolios(len(assets))
    samples = BookSamples(paths[0], {"law": paths[1:]}, Seed(), assets, whole)
    rows = compare(samples, in_sample=None).counted
    return {"number": number, "within": {row.label: row.mark("law") == "within" for row in rows}}


@click.group()
def main() -> None:
    """Coverage of the rows about several assets."""


@main.command()
@click.option("--folder", type=click.Path(path_type=Path), required=True)
@click.option("--histories", type=int, default=40, show_default=True)
@click.option("--model", type=click.Path(path_type=Path), help="Folder of a fitted model.")
def run(folder: Path, histories: int, model: Path | None) -> None:
    """Judge laws against their own histories."""
    folder.mkdir(parents=True, exist_ok=True)
    laws = {STANDING: of_force(0.0), MOVING: of_force(SWING)}
    for name, draw in ({model.name: of_model(model)} if model else laws).items():
        file = folder / f"{name.replace(' ', '-')}.jsonl"
        done = {json.loads(line)["number"] for line in _lines(file)}
        for number in set(range(histories)) - done:
            with file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(judged(draw, number)) + "\n")


@main.command()
@click.option("--folder", type=click.Path(path_type=Path), required=True)
def table(folder: Path) -> None:
    """Print the shares of rows within."""
    versions = ", ".join(f"{name} {version}" for name, version in library_versions().items())
    print(f"{datetime.now(UTC):%Y-%m-%d}; {versions}; {DAYS} days, {PATHS} paths")
    for file in sorted(folder.glob("*.jsonl")):
        found = [json.loads(line)["within"] for line in _lines(file)]
        shares = np.array([np.mean(list(one.values())) for one in found])
        print(f"\n{file.stem}, {len(found)} histories of {len(found[0])} rows")
        print(f"rows within: {shares.mean():.3f} in the mean, {np.quantile(shares, 0.1):.3f} or")
        print("fewer in the worst tenth of histories")
        for label in found[0]:
            print(f"  {np.mean([one[label] for one in found if label in one]):5.2f}  {label}")


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


if __name__ == "__main__":
    main()
