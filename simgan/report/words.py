"""Words for differences: how a model departs from the history, and why that matters."""

from __future__ import annotations

from simgan.report.book.words import DISTANCES_OF_BOOKS, WORDS_OF_BOOKS
from simgan.report.verdict import Row

# Beginnings of names of rows, by which uses find them, too.
SPREAD = "standard deviation"
ES, SHAPE = "ES 99 %", "ES 97.5 % of losses"
HITS, TAUGHT = "real losses beyond VaR", "loss of a volatility forecast"
CLUSTERS = "autocorrelation of the volatility of 21 days"
MEMORISED, REPEATED = "memorisation ratio", "repetition ratio"
_COPIED = 0.5  # ratio of distances below which most windows are copies, whole or nearly

# Beginning of a row's name → words where the model's value is too low, and where it is too high.
_WORDS: dict[str, tuple[str, str]] = {
    "mean": ("prices rise too slowly", "prices rise too fast"),
    SPREAD: (
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
    ES: (
        "the worst losses are too mild: ES may be too low",
        "the worst losses are too severe: ES may be too high",
    ),
    SHAPE: (
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
    HITS: (
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
    MEMORISED: (
        "its windows are nearer to the history than real windows are to each other",
        "its windows have shapes that real windows do not have",
    ),
    REPEATED: (
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
    CLUSTERS: (
        "wild months calm down too fast",
        "wild months last too long",
    ),
    "tail ratio": (
        "the tails of returns over {horizon} are too thin",
        "the tails of returns over {horizon} are too fat",
    ),
    "range, mean": (
        "days are too narrow: stops are touched too rarely",
        "days are too wide: stops are touched too often",
    ),
    "range, standard deviation": (
        "the ranges of wild days are too narrow",
        "the ranges of wild days are too wide",
    ),
    "range, ACF": (
        "ranges cluster less than in the history",
        "ranges cluster more than in the history",
    ),
    "range variance over r²": (
        "prices move too little within the day for their closes",
        "prices move too much within the day for their closes",
    ),
    "gap² over r²": (
        "too little of the risk lies in the gap: a stop closes nearer to its price than in reality",
        "too much of the risk lies in the gap: a stop closes farther from its price",
    ),
    "touches of": (
        "too few days touch a loss and end above it: stops lose too rarely",
        "too many days touch a loss and end above it: stops lose too often",
    ),
    "range and |r|": (
        "ranges say too little about the move of their day",
        "ranges say too much about the move of their day",
    ),
    "range and the next": (
        "ranges say too little about the move of the next day",
        "ranges say too much about the move of the next day",
    ),
    "range after falls": (
        "ranges rise less after falls than in the history",
        "ranges rise more after falls than in the history",
    ),
    "variance ratio": (
        "risk grows too slowly with the horizon, up to {horizon}",
        "risk grows too fast with the horizon, up to {horizon}",
    ),
} | WORDS_OF_BOOKS
_OF_COPIES = {
    MEMORISED: "its windows are copies of the history: it holds no new events",
    REPEATED: "its paths are copies of each other: more of them bring no new events",
}
_OF_DISTANCES = {
    "C2ST": "a classifier tells its windows of {horizon} from real ones",
    "energy distance": "the distribution of its paths over {horizon} differs from the history's",
    "range, C2ST": "a classifier tells its windows of returns and ranges from real ones",
    "range, EMD": "the distribution of ranges differs from the history's",
    "EMD": "the distribution of returns over {horizon} differs from the history's",
    "KL": "the distribution of returns over {horizon} differs from the history's",
    "ACF of |r|": "the memory of volatility differs from the history's",
    "ACF of r²": "the memory of squared returns differs from the history's",
    "ACF of r,": "returns depend on earlier returns in another way than in the history",
    "leverage": "volatility answers falls in another way than in the history",
    TAUGHT: "a forecast of volatility over {horizon} that learns from it is worse on real days",
} | DISTANCES_OF_BOOKS


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
