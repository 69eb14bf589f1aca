"""Compare laws of the joint scores of several assets: a table of docs/generator.md.

    python benchmarks/joint_critic.py BOOK --workspace FOLDER

BOOK is a model of several assets. The first half of its scores teaches every law, the second half
judges them, by forecasts of one day and of sums of ten days. The laws are in `joint_laws.py`:

- rows: those of simgan, days of the history in blocks.
- network: trained by the energy score of a day (Gneiting & Raftery 2007; Pacchiardi, Adewoyin,
  Dueben & Dutta 2024). That is moment matching by the kernel of distances (Li, Swersky & Zemel
  2015; for copulas Hofert, Prasad & Zhu 2021). It sees the recent squares of all scores.
- critic: rows, whose blocks have the weights of a critic. It is linear in functionals of portfolios
  over windows of 1, 5 and 20 days. Where they differ beyond the noise, exponential tilting makes
  them agree (Imbens, Spady & Johnson 1998). No block weighs more than three times the typical one.
- normal, and Student t: the t copula.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import click
import numpy as np
from joint import SCORES, scored
from joint_laws import STRETCH, Book, Law, Network, OnceEach, Rows, StudentT, book_of, freedom_of
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp, ndtri, softmax

import simgan
from simgan.arrays import AnyFloatArray, FloatArray
from simgan.provenance import library_versions
from simgan.risk.comparison import diebold_mariano
from simgan.risk.portfolio_scores import fixed_portfolios, minimum_variance
from simgan.seeds import Seed
from simgan.stats.co_movement import FIRST_DAYS
from simgan.stats.joint_scores import normal

DRAWS, SEEDS = 1000, (0, 1, 2)
HORIZONS = {1: 2, 10: 5}  # days of a forecast: days from one to the next
UNIT = 0.01  # a score of 1 is a return of one percent
TAIL = 0.05  # of each of two assets that fall together
WINDOWS = (1, 5, 20)  # days
PORTFOLIOS = 6  # of each random kind
APART, PER_DAY, PER_ROW = 5, 8, 3  # days from one stretch to the next; paths of each
FAR, BOUND = 1.96, np.log(3.0)  # of functionals, in standard errors; of logarithms of weights


@dataclass(frozen=True, eq=False)
class Functionals:
    """Functionals of stretches of scores, by portfolios (portfolios, N) of each kind."""

    portfolios: dict[str, FloatArray]

    @classmethod
    def of(cls, target: FloatArray, rng: np.random.Generator) -> Functionals:
        assets = len(target)
        axes = np.linalg.eigh(target)[1].T[::-1]
        axes[0] *= np.sign(axes[0].sum())  # it falls with most assets
        kinds = {
            "equal weights": np.ones((1, assets)),
            "long-only": rng.dirichlet(np.ones(assets), PORTFOLIOS),
            "long-short": rng.standard_normal((PORTFOLIOS, assets)),
            "first eigen-portfolio": axes[:1],
            "other eigen-portfolios": axes[1:],
        }
        scale = {name: np.sqrt(((w @ target) * w).sum(axis=1)) for name, w in kinds.items()}
        return cls({name: w / scale[name][:, None] for name, w in kinds.items()})

    @cached_property
    def names(self) -> list[str]:
        """Names of the functionals."""
        assets = self.portfolios["equal weights"].shape[1]
        return [name for name, _ in self._each(np.zeros((STRETCH, 1, assets)))]

    def table(self, stretches: AnyFloatArray) -> FloatArray:
        """Return functionals (paths, count) of stretches (days, paths, N)."""
        return np.stack([values for _, values in self._each(stretches)], axis=1)

    def _each(self, stretches: AnyFloatArray) -> Iterator[tuple[str, FloatArray]]:
        for days in WINDOWS:
            ends = np.concatenate([np.zeros_like(stretches[:1]), stretches.cumsum(axis=0)])
            sums = (ends[days:] - ends[:-days]) / np.sqrt(days)
            falls = (sums < ndtri(TAIL)).sum(axis=-1)
            yield f"joint falls {days}", (falls * (falls - 1)).mean(axis=0)
            for kind, weights in self.portfolios.items():
                of_kind = sums @ weights.T
                sizes = np.abs(of_kind)
                parts = {
                    "squares": np.square(of_kind),
                    "sizes": sizes,
                    "lagged products": of_kind[days:] * of_kind[:-days],
                    "lagged sizes": sizes[days:] * sizes[:-days],
                    "falls": of_kind < ndtri(TAIL),
                }
                for name, values in parts.items():
                    yield f"{name} {days}, {kind}", values.mean(axis=(0, 2))


@dataclass(frozen=True, eq=False)
class Critic:
    """A linear critic of laws on some days: functionals of the history, and of drawn paths.

    Attributes
    ----------
    functionals : Functionals
    book : Book
    days : array of shape (stretches,)
        With which the stretches of the history and the paths begin.
    """

    functionals: Functionals
    book: Book
    days: NDArray[np.intp]

    @classmethod
    def of(cls, book: Book, days: range, seed: int) -> Critic:
        functionals = Functionals.of(book.memory.target, Seed(seed).stream("portfolios"))
        return cls(functionals, book, np.arange(days.start, days.stop - STRETCH + 1, APART))

    @cached_property
    def real(self) -> FloatArray:
        """Functionals (stretches, count) of the history."""
        return self.functionals.table(self.book.scores[self.days + np.arange(STRETCH)[:, None]])

    @cached_property
    def errors(self) -> FloatArray:
        """Standard errors (count,) of the means of the history, by stretches side by side."""
        alone = self.real[:: STRETCH // APART]
        return np.asarray(alone.std(axis=0, ddof=1) / np.sqrt(len(alone)))

    def distances(self, law: Law, margins: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Return how far a law is from the history, in standard errors (count,)."""
        days = np.repeat(self.days, PER_DAY)
        drawn = normal(self.book.drawn(law, days, STRETCH, rng), margins)
        means = self.functionals.table(drawn).mean(axis=0)
        return np.asarray((means - self.real.mean(axis=0)) / self.errors)

    def weighed(
        self, rows: Rows, margins: FloatArray, rng: np.random.Generator
    ) -> tuple[Rows, list[str]]:
        """Return rows with new shares, and the functionals that were far.

        The shares have the least entropy beside equal ones that makes the far functionals agree,
        but for the noise in the means of the history.
        """
        distances = self.distances(rows, margins, rng)
        far = np.flatnonzero(np.abs(distances) > FAR)
        found = []
        for _ in range(PER_ROW):
            days = rng.choice(self.days, len(rows.shares))
            drawn = normal(self.book.drawn(OnceEach(rows), days, STRETCH, rng), margins)
            found.append(self.functionals.table(drawn)[:, far])
        f = (np.mean(found, axis=0) - self.real[:, far].mean(axis=0)) / self.errors[far]

        def dual(theta: FloatArray) -> tuple[float, FloatArray]:
            tilted = -f @ theta
            cost = logsumexp(tilted) + 0.5 * theta @ theta
            return float(cost), theta - softmax(tilted) @ f

        theta = minimize(dual, np.zeros(len(far)), jac=True, method="L-BFGS-B").x
        logs = -f @ theta
        shares = np.exp(np.clip(logs - np.median(logs), -BOUND, BOUND))
        names = [self.functionals.names[place] for place in far]
        labels = [f"{name} {distances[place]:+.1f}" for name, place in zip(names, far, strict=True)]
        return replace(rows, shares=shares / shares.sum()), labels


def scores_of(book: Book, law: Law, margins: FloatArray, horizon: int, seed: int) -> FloatArray:
    """Return the scores (dates, 10) of forecasts of the second half.

    They are four scores and four hits as in `joint.py`, the score of Brier of the joint falls of
    all pairs, and their probability.
    """
    fixed, returns, found = fixed_portfolios(book.scores.shape[1]), UNIT * book.scores, []
    for day in days_of(book, horizon):
        rng = Seed(seed).stream("forecast", day)
        drawn = normal(book.drawn(law, np.full(DRAWS, day), horizon, rng), margins).sum(axis=0)
        realized = returns[day : day + horizon].sum(axis=0)
        weights = np.vstack([fixed, minimum_variance(returns[:day])])
        own = scored(UNIT * drawn, realized, weights)
        limit = limit_of(horizon)
        expected, real = joint_falls(drawn, limit), joint_falls(realized[None] / UNIT, limit)
        found.append([*own, np.square(expected - real).mean(), expected.mean()])
    return np.array(found)


def limit_of(horizon: int) -> float:
    """Return the sum of scores that counts as a fall."""
    return float(np.sqrt(horizon) * ndtri(TAIL))


def days_of(book: Book, horizon: int) -> range:
    """Return the days of the second half on which forecasts over a horizon begin."""
    return range(book.half, len(book.scores) - horizon + 1, HORIZONS[horizon])


def joint_falls(drawn: FloatArray, limit: float) -> FloatArray:
    """Return how often two assets are below a limit together, for each pair (pairs,)."""
    below = (drawn < limit).astype(np.float64)
    rows, columns = np.triu_indices(drawn.shape[1], 1)
    return np.asarray((below.T @ below / len(below))[rows, columns])


def laws(book: Book) -> Iterator[tuple[str, int, Law]]:
    """Yield name, seed and law. Those without training have one seed."""
    rows = Rows(book.law, np.full(len(book.weights["rows"]), 1 / len(book.weights["rows"])))
    yield "rows", 0, rows
    margins = book.margins(rows)
    for seed in SEEDS:
        critic = Critic.of(book, range(FIRST_DAYS, book.half), seed)
        law, far = critic.weighed(rows, margins, Seed(seed).stream("validation"))
        effective = 1 / np.square(law.shares).sum() / len(law.shares)
        click.echo(f"critic, seed {seed}, effective rows {effective:.2f}: {', '.join(far)}")
        yield "critic", seed, law
    for seed in SEEDS:
        network = Network.trained(book, seed)
        gain = f"{100 * network.gain:+.3f} %"
        click.echo(f"network, seed {seed}: energy score of the days that chose the step {gain}")
        yield "network", seed, network
    yield "normal", 0, StudentT(book.memory.assets, np.inf)
    freedom = freedom_of(book)
    click.echo(f"Student t: {freedom:g} degrees of freedom")
    yield "Student t", 0, StudentT(book.memory.assets, freedom)


def judged(book: Book, law: Law, seed: int) -> tuple[str, list[FloatArray]]:
    """Return how far functionals are in each half, and the scores (dates, 10) by horizon."""
    margins, cells = book.margins(law), []
    for days in (range(FIRST_DAYS, book.half), range(book.half, len(book.scores))):
        critic = Critic.of(book, days, len(SEEDS))  # other portfolios than those it learned from
        distances = critic.distances(law, margins, Seed(seed).stream("noise-floor"))
        share, size = np.mean(np.abs(distances) > FAR), np.sqrt(np.square(distances).mean())
        cells.append(f"{100 * share:.0f} % ({size:.2f})")
    return ", ".join(cells), [scores_of(book, law, margins, each, seed) for each in HORIZONS]


def row_of(own: FloatArray, other: FloatArray, lags: int) -> str:
    """Return the differences to the rows, and joint falls and hits of a law."""
    cells = []
    for number, name in [*enumerate(SCORES), (8, "joint falls")]:
        one, reference = own[:, number], other[:, number]
        in_units = name == "FZ0"
        difference = (one.mean() - reference.mean()) / (1 if in_units else reference.mean())
        text = f"{difference:+.4f}" if in_units else f"{100 * difference:+.2f} %"
        if own is not other:
            text += f" ({diebold_mariano(one, reference, lags).statistic:+.1f})"
        cells.append(f"{text:>17}")
    hits = " ".join(f"{100 * share:.1f}" for share in own[:, 4:8].mean(axis=0))
    return f"{''.join(cells)}   {own[:, 9].mean() / TAIL:.3f}   {hits}"


def with_means(found: Mapping[tuple[str, int], FloatArray]) -> Iterator[tuple[str, FloatArray]]:
    """Yield label and scores of each law, and of the mean of seeds."""
    for name in dict.fromkeys(name for name, _ in found):
        of_law = {seed: scores for (each, seed), scores in found.items() if each == name}
        for seed, scores in of_law.items():
            yield f"{name}, seed {seed}" if len(of_law) > 1 else name, scores
        if len(of_law) > 1:
            yield f"{name}, mean of seeds", np.mean([*of_law.values()], axis=0)


def table(book: Book, horizon: int, found: Mapping[tuple[str, int], FloatArray]) -> Iterator[str]:
    """Yield the lines of a horizon, by the scores of each law and seed."""
    days, limit, every = days_of(book, horizon), limit_of(horizon), HORIZONS[horizon]
    sums = [book.scores[day : day + horizon].sum(axis=0)[None] for day in days]
    real = np.mean([joint_falls(each, limit) for each in sums])
    yield f"horizon {horizon}, {len(days)} dates, less rows: {', '.join(SCORES)}, joint falls"
    yield f"(statistic); λL at {100 * TAIL:g} %, real {real / TAIL:.3f}; hits at 2.5 % of equal"
    yield "weights, minimum variance, long-only, long-short"
    for label, scores in with_means(found):
        yield f"{label:<24}{row_of(scores, found['rows', 0], -(-horizon // every))}"


@click.command()
@click.argument("book")
@click.option("--workspace", type=click.Path(path_type=Path), default=Path())
def main(book: str, workspace: Path) -> None:
    """Print the functionals that a critic finds, and the scores of each law less those of rows."""
    scores = book_of(simgan.load(book, workspace=workspace).bundle)
    days, assets = scores.scores.shape
    version = library_versions()["simgan"]
    click.echo(
        f"{book}, {assets} assets, {scores.half} of {days} days known, seeds 0 to {SEEDS[-1]}, "
        f"{datetime.now(UTC):%Y-%m-%d}, simgan {version}"
    )
    found: dict[int, dict[tuple[str, int], FloatArray]] = {horizon: {} for horizon in HORIZONS}
    for name, seed, law in laws(scores):
        far, by_horizon = judged(scores, law, seed)
        click.echo(f"{name}, seed {seed}: functionals that are far (size) by half: {far}")
        for horizon, values in zip(HORIZONS, by_horizon, strict=True):
            found[horizon][name, seed] = values
    for horizon in HORIZONS:
        click.echo("\n".join(["", *table(scores, horizon, found[horizon])]))


if __name__ == "__main__":
    main()
