"""Words for rows about several assets: their names, and how a model departs from the history."""

from __future__ import annotations

# Names of rows, or their beginnings, by which uses and words find them.
CORRELATION = "correlation, mean of all pairs"
CALM, TURBULENT = "correlation on calm days", "correlation on turbulent days"
RISE, BY_RANKS = "turbulent minus calm", "rank correlation"
FARTHEST = "correlation, largest difference of a pair"
PAIRS, PAIRS_IN_FALLS = "pairs whose correlation is within", "pairs whose λL is within"
FIRST, FIRST_THREE = "first eigenvalue", "first 3 eigenvalues"
FALLS, GAINS, ASYMMETRY = "joint falls, λL at 5 %", "joint gains, λU at 5 %", "λL minus λU"
OTHERS = "the others on an asset's worst 1 % of days"
SAME_DAY, NEXT_DAY = "|r| across assets, same day", "|r| across assets, next day"
EQUAL, OWN, RANDOM = "equal shares", "your shares", "long–short"
SPREAD, QUANTILE, ES = "standard deviation", "1 % quantile", "ES 99 %"
SHAPE = "tail of losses, ES 99 % over σ"
EMD, CLUSTERS = "EMD/σ", "ACF of |r| at lag"
ENERGY, VARIOGRAM = "energy distance of days", "variogram distance of days"

_BOOKS = {EQUAL: "a book of all assets", OWN: "your book", RANDOM: "long–short books"}

# Beginning of a row's name → words where the model's value is too low, and where it is too high.
WORDS_OF_BOOKS: dict[str, tuple[str, str]] = {
    CORRELATION: (
        "the assets move together too little: diversification looks better than it is",
        "the assets move together too much: diversification looks poorer than it is",
    ),
    CALM: (
        "in calm times the assets move together too little",
        "in calm times the assets move together too much",
    ),
    TURBULENT: (
        "in turbulent times the assets move together too little: losses of a book may be too mild",
        "in turbulent times the assets move together too much",
    ),
    RISE: (
        "correlations rise too little, or fall too much, from calm to turbulent times",
        "correlations rise too much from calm to turbulent times",
    ),
    BY_RANKS: (
        "on ordinary days the assets move together too little",
        "on ordinary days the assets move together too much",
    ),
    PAIRS: ("too many pairs have another correlation than in the history", ""),
    PAIRS_IN_FALLS: ("too many pairs fall together in another share of days", ""),
    FIRST: (
        "one force moves all assets too little",
        "one force moves all assets too much",
    ),
    FIRST_THREE: (
        "the assets have too much movement of their own",
        "the assets have too little movement of their own",
    ),
    FALLS: (
        "assets fall far together too rarely: losses of a book may be too mild",
        "assets fall far together too often: losses of a book may be too severe",
    ),
    GAINS: (
        "assets rise far together too rarely",
        "assets rise far together too often",
    ),
    ASYMMETRY: (
        "joint falls are too rare beside joint gains",
        "joint falls are too frequent beside joint gains",
    ),
    OTHERS: (
        "on the worst days of an asset the others fall too much",
        "on the worst days of an asset the others fall too little: a book looks too safe",
    ),
    SAME_DAY: (
        "assets are wild on the same days too rarely",
        "assets are wild on the same days too often",
    ),
    NEXT_DAY: (
        "unrest spreads too little from an asset to the others of the next day",
        "unrest spreads too much from an asset to the others of the next day",
    ),
} | {
    f"{which}: {name}": words
    for which, book in _BOOKS.items()
    for name, words in {
        SPREAD: (
            f"{book} moves too little over {{horizon}}: its risk may be too low",
            f"{book} moves too much over {{horizon}}: its risk may be too high",
        ),
        QUANTILE: (
            f"large losses of {book} over {{horizon}} are too severe: VaR may be too high",
            f"large losses of {book} over {{horizon}} are too mild: VaR may be too low",
        ),
        ES: (
            f"the worst losses of {book} over {{horizon}} are too mild: ES may be too low",
            f"the worst losses of {book} over {{horizon}} are too severe: ES may be too high",
        ),
        SHAPE: (
            f"losses of {book} over {{horizon}} far out are too mild for its volatility",
            f"losses of {book} over {{horizon}} far out are too severe for its volatility",
        ),
        CLUSTERS: (
            f"{book} has too weak clusters of volatility: losses over weeks may be too mild",
            f"{book} has too strong clusters of volatility",
        ),
    }.items()
}
DISTANCES_OF_BOOKS = {
    FARTHEST: "the correlation of a pair is far from the history's",
    ENERGY: "days of all assets have another distribution than in the history",
    VARIOGRAM: "the distances between the returns of pairs differ from the history's",
} | {
    f"{which}: {EMD}": f"returns of {book} over {{horizon}} have another distribution"
    for which, book in _BOOKS.items()
}
