"""Uses of scenarios: the rows of a comparison in the words of a risk manager."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from simgan.report.aspects import Aspect, groups_of, of_paths
from simgan.report.verdict import Comparison, Row, Verdict

Fitness = Literal["good for", "with care for", "not for", "not judged for"]
Tone = Literal["good", "care", "poor"]

_FAR = 0.5  # half intervals or floors outside: three standard errors from the history, not two
_SPREAD, _ANY = "standard deviation", None
_ES, _SHAPE = "ES 99 %", "ES 97.5 % of losses"
_HITS, _TAUGHT = "real losses beyond VaR", "loss of a volatility forecast"
_CLUSTERS = "autocorrelation of the volatility of 21 days"
_MEMORISED, _REPEATED = "memorisation ratio", "repetition ratio"
_COPIED = 0.5  # ratio of distances below which most windows are copies, whole or nearly
Place = tuple[str, int | None]  # beginning of a row's name, and its horizon


@dataclass(frozen=True)
class Purpose:
    """A use of scenarios, and the rows that speak about it."""

    name: str
    places: tuple[Place, ...]
    least: int = 0  # days of a path, below which drawdowns and memory of months are missing

    def rows(self, rows: Iterable[Row]) -> list[Row]:
        """Return the judged rows that speak about this use."""
        return [
            row
            for row in rows
            if row.is_judged
            and any(
                row.name.startswith(name) and horizon in (_ANY, row.horizon)
                for name, horizon in self.places
            )
        ]


PURPOSES = (
    Purpose(
        "VaR and ES of one day",
        (
            (_SPREAD, _ANY),
            ("0.5 % q", _ANY),
            ("1 % q", _ANY),
            (_ES, 1),
            (_SHAPE, 1),
            ("Hill index of losses", _ANY),
            ("EMD", 1),
            (_HITS, 1),
        ),
    ),
    Purpose(
        "VaR and ES of ten days",
        (
            (_SPREAD, _ANY),
            (_ES, 10),
            (_SHAPE, 10),
            ("tail ratio", 5),
            ("EMD", 5),
            ("EMD", 20),
            (_HITS, 10),
        ),
    ),
    Purpose(
        "risk over months",
        (
            (_SPREAD, _ANY),
            ("EMD", 100),
            ("KL", 100),
            ("ACF of |r|", _ANY),
            ("ACF of r²", _ANY),
            ("maximum drawdown", _ANY),
            ("volatility of 21 days", _ANY),
            (_CLUSTERS, _ANY),
            ("tail ratio", 20),
            ("tail ratio", 60),
            ("variance ratio", 60),
        ),
        least=250,
    ),
    Purpose(
        "stress tests with extreme losses",
        (
            ("0.1 % q", _ANY),
            ("0.5 % q", _ANY),
            ("Hill index of losses", _ANY),
            (_ES, _ANY),
            (_SHAPE, _ANY),
        ),
    ),
    Purpose(
        "large gains (short positions, options)",
        (
            ("99 % q", _ANY),
            ("99.5 % q", _ANY),
            ("99.9 % q", _ANY),
            ("Hill index of gains", _ANY),
            ("ES 97.5 % of gains", _ANY),
            ("skewness", _ANY),
        ),
    ),
    Purpose(
        "rules that follow a path (stop-loss, volatility targets)",
        (
            ("ACF", _ANY),
            ("leverage", _ANY),
            ("longest", _ANY),
            ("run of wild", _ANY),
            ("variance ratio", 5),
            (_TAUGHT, 1),
        ),
    ),
    Purpose("training of volatility forecasts", ((_TAUGHT, _ANY),)),
    Purpose(
        "windows in the place of real ones (training of models, blind tests)",
        (("C2ST", _ANY), ("regimes", _ANY), ("energy distance", _ANY)),
    ),
    Purpose(
        "new events, not repeats of the history",
        ((_MEMORISED, _ANY), (_REPEATED, _ANY), ("coverage", _ANY)),
    ),
)
_FORECASTS = "forecasts of tomorrow and of the next ten days"

# Beginning of a row's name → words where the model's value is too low, and where it is too high.
_WORDS: dict[str, tuple[str, str]] = {
    "mean": ("prices rise too slowly", "prices rise too fast"),
    _SPREAD: (
        "moves are too small: risk may be too low at every horizon",
        "moves are too large: risk may be too high at every horizon",
    ),
    "skewness": (
        "falls weigh too much against gains",
        "falls weigh too little against gains",
    ),
    "days without a move": ("too few days without a move", "too many days without a move"),
    "Hill index of losses": (
        "the tail of losses is too fat: extreme losses may be too frequent",
        "the tail of losses is too thin: extreme losses may be too rare",
    ),
    "Hill index of gains": (
        "the tail of gains is too fat: extreme gains may be too frequent",
        "the tail of gains is too thin: extreme gains may be too rare",
    ),
    _ES: (
        "the worst losses are too mild: ES may be too low",
        "the worst losses are too severe: ES may be too high",
    ),
    _SHAPE: (
        "losses far out are too mild for its volatility: VaR and ES may be too low",
        "losses far out are too severe for its volatility: VaR and ES may be too high",
    ),
    "ES 97.5 % of gains": (
        "gains far out are too small for its volatility",
        "gains far out are too large for its volatility",
    ),
    "ACF of |r| at": (
        "it clusters less than the history: losses over weeks may be too mild",
        "it clusters more than the history: losses over weeks may be too severe",
    ),
    "leverage, sum": (
        "volatility rises more after falls than in the history",
        "volatility rises less after falls than in the history: risk after a fall may be too low",
    ),
    _HITS: (
        "real losses go beyond its VaR too rarely: VaR is too high",
        "real losses go beyond its VaR too often: VaR is too low",
    ),
    "regimes, quality": (
        "its windows are less clearly calm or turbulent than real ones",
        "its windows are more clearly calm or turbulent than real ones",
    ),
    "regimes, diversity": (
        "calm, normal and turbulent windows do not occur in the shares of the history",
        "calm, normal and turbulent windows occur too evenly",
    ),
    _MEMORISED: (
        "its windows are nearer to the history than real windows are to each other",
        "its windows have shapes that real windows do not have",
    ),
    _REPEATED: (
        "its paths resemble each other more than real windows do",
        "its paths resemble each other less than real windows do",
    ),
    "coverage": (
        "some kinds of real windows do not occur",
        "it covers more than can be",
    ),
    "maximum drawdown": (
        "drawdowns of a year are too shallow: they may be deeper in reality",
        "drawdowns of a year are too deep",
    ),
    "longest time under water": (
        "prices recover too fast from a fall",
        "prices recover too slowly from a fall",
    ),
    "longest run of losses": (
        "runs of losses are too short",
        "runs of losses are too long",
    ),
    "run of wild days": (
        "wild days follow each other too rarely",
        "wild days follow each other too often",
    ),
    "volatility of 21 days, median": (
        "ordinary months are too calm",
        "ordinary months are too wild",
    ),
    "volatility of 21 days, 95": (
        "the wildest months are too calm: risk in a crisis may be too low",
        "the wildest months are too wild: risk in a crisis may be too high",
    ),
    "volatility of volatility": (
        "volatility changes too little between months",
        "volatility changes too much between months",
    ),
    _CLUSTERS: (
        "wild months calm down too fast",
        "wild months last too long",
    ),
    "tail ratio": (
        "the tails of returns over {horizon} are too thin",
        "the tails of returns over {horizon} are too fat",
    ),
    "variance ratio": (
        "risk grows too slowly with the horizon, up to {horizon}",
        "risk grows too fast with the horizon, up to {horizon}",
    ),
}
_OF_COPIES = {
    _MEMORISED: "its windows are copies of the history: it holds no new events",
    _REPEATED: "its paths are copies of each other: more of them bring no new events",
}
_OF_DISTANCES = {
    "C2ST": "a classifier tells its windows of {horizon} from real ones",
    "energy distance": "the distribution of its paths over {horizon} differs from the history's",
    "EMD": "the distribution of returns over {horizon} differs from the history's",
    "KL": "the distribution of returns over {horizon} differs from the history's",
    "ACF of |r|": "the memory of volatility differs from the history's",
    "ACF of r²": "the memory of squared returns differs from the history's",
    "ACF of r,": "returns depend on earlier returns in another way than in the history",
    "leverage": "volatility answers falls in another way than in the history",
    _TAUGHT: "a forecast of volatility over {horizon} that learns from it is worse on real days",
}


def words_of(row: Row, model: str) -> str:
    """Say how a model differs in a row outside its limits, and why that matters."""
    horizon = row.label.rpartition(", ")[2]
    if row.real is not None and row.low is not None:
        side = int(row.models[model] > row.low)
        if row.name.endswith("quantile") and row.name[0].isdigit():
            return _of_quantile(row, side)
        if row.name in _OF_COPIES and row.models[model] < _COPIED:
            return _OF_COPIES[row.name]
        for name, words in _WORDS.items():
            if row.name.startswith(name):
                return words[side].format(horizon=horizon)
    for name, phrase in _OF_DISTANCES.items():
        if row.name.startswith(name):
            return phrase.format(horizon=horizon)
    return f"{row.label} differs from the history's"


def _of_quantile(row: Row, side: int) -> str:
    """Words for a quantile: below on the side of losses, and above on that of gains, is larger."""
    is_of_losses = (row.real or 0.0) < 0
    kind = "falls" if is_of_losses else "gains"
    if bool(side) != is_of_losses:
        return f"large {kind} are too large"
    tail = ": VaR may be too low" if is_of_losses else ""
    return f"large {kind} are too small{tail}"


@dataclass(frozen=True)
class Use:
    """A use of scenarios, judged.

    Attributes
    ----------
    name : str
    fitness : {"good for", "with care for", "not for", "not judged for"}
        Good: every row is within. Care: some are outside, all by less than half of a half interval
        or floor, and most are within. Not judged: no row speaks about it, or paths are too short.
    within, judged : int
        Rows within, and all that speak about it. Tests, for forecasts.
    reasons : tuple of str
        Differences from the history, the largest first.
    """

    name: str
    fitness: Fitness
    within: int
    judged: int
    reasons: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self) | {"reasons": list(self.reasons)}


def uses_of(comparison: Comparison, verdict: Verdict) -> tuple[Use, ...]:
    """Judge each use of a model's scenarios. Forecasts are a use where a fit has judged them."""
    rows, model = comparison.rows, verdict.model
    uses = [
        _too_short(purpose, comparison.horizon) or _judged(purpose.name, purpose.rows(rows), model)
        for purpose in PURPOSES
    ]
    return (*uses, *([_of_forecasts(verdict.forecasts)] if verdict.forecasts else []))


def judged_json(comparison: Comparison, verdict: Verdict) -> dict[str, Any]:
    """Return the verdict as plain data: counts, groups, aspects and uses."""
    return verdict.to_json() | {
        "groups": [group.to_json() for group in groups_of(comparison, verdict)],
        "aspects": [
            aspect.to_json() for aspect in (*of_paths(comparison, verdict), *verdict.forecasts)
        ],
        "uses": [use.to_json() for use in uses_of(comparison, verdict)],
    }


def _too_short(purpose: Purpose, horizon: int) -> Use | None:
    """Return a use that paths of this many days cannot judge. A horizon of 0 is unknown."""
    if not 0 < horizon < purpose.least:
        return None
    reason = f"history or paths of {horizon} days are too short: it needs {purpose.least}"
    return Use(purpose.name, "not judged for", 0, 0, (reason,))


def _judged(name: str, rows: Sequence[Row], model: str) -> Use:
    if not rows:
        reason = "no statistic of it can be computed from these paths and this history"
        return Use(name, "not judged for", 0, 0, (reason,))
    outside = sorted(
        (row for row in rows if row.mark(model) == "outside"), key=lambda row: -row.excess(model)
    )
    reasons = tuple(dict.fromkeys(words_of(row, model) for row in outside))
    within = len(rows) - len(outside)
    is_far = bool(outside) and (outside[0].excess(model) > _FAR or within <= len(outside))
    fitness: Fitness = "not for" if is_far else "with care for" if outside else "good for"
    return Use(name, fitness, within, len(rows), reasons)


def _of_forecasts(aspects: Sequence[Aspect]) -> Use:
    behind = [aspect for aspect in aspects if aspect.outcome == "behind"]
    fitness: Fitness = "good for"
    if behind:
        fitness = "not for" if len(behind) == len(aspects) else "with care for"
    reasons = tuple(f"{aspect.against} is better in {aspect.name}" for aspect in behind)
    return Use(_FORECASTS, fitness, len(aspects) - len(behind), len(aspects), reasons)


def tone(uses: Sequence[Use]) -> Tone:
    """Return the outcome over all uses: good, with care, or poor.

    Poor means that half of the judged uses or more are ruled out, or that none could be judged.
    """
    judged = [use for use in uses if use.fitness != "not judged for"]
    ruled_out = sum(use.fitness == "not for" for use in judged)
    if 2 * ruled_out >= len(judged):
        return "poor"
    return "good" if all(use.fitness == "good for" for use in judged) else "care"


TITLES: dict[Tone, str] = {
    "good": "Usable for every purpose that was judged",
    "care": "Usable within limits",
    "poor": "Not usable for most purposes",
}


def lines_of(uses: Sequence[Use]) -> list[str]:
    """Return the uses as lines of plain text, those with one fitness together."""
    order: tuple[Fitness, ...] = ("good for", "with care for", "not for", "not judged for")
    found = []
    for fitness in order:
        named = [use for use in uses if use.fitness == fitness]
        if not named:
            continue
        texts = [
            use.name if not use.reasons else f"{use.name}, because {' and '.join(use.reasons[:2])}"
            for use in named
        ]
        found.append(f"{fitness.capitalize()}: {'; '.join(texts)}.")
    return found
