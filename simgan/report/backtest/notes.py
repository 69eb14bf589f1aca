"""The questions that scores and tests ask, in words for the page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TestNote:
    """A test in the words of a reader.

    Attributes
    ----------
    title : str
        Name in tables.
    asks : str
        Its question, and its limits.
    is_of_level : bool
        False for tests of the whole law, which do not depend on a level.
    """

    title: str
    asks: str
    is_of_level: bool = True


TESTS = {
    "kupiec": TestNote(
        "Kupiec",
        "Are there as many exceedances as the level promises? Clusters do not count here.",
    ),
    "christoffersen-independence": TestNote(
        "Christoffersen, independence",
        "Is an exceedance more, or less, likely on the day after one?",
    ),
    "christoffersen": TestNote(
        "Christoffersen",
        "Both at once: as many exceedances as promised, and independent of the day before.",
    ),
    "dq": TestNote(
        "Dynamic quantile",
        "Do the four days before, or the VaR, predict an exceedance (Engle and Manganelli)?",
    ),
    "acerbi-szekely-1": TestNote(
        "Acerbi–Székely 1",
        "Given an exceedance, is the loss as large as the ES says? One-sided.",
    ),
    "acerbi-szekely-2": TestNote(
        "Acerbi–Székely 2",
        "Number and size of the losses beyond VaR, against the ES. One-sided.",
    ),
    "acerbi-szekely-3": TestNote(
        "Acerbi–Székely 3",
        "The ES of the lowest ranks of the PITs. VaR and ES themselves are not used.",
    ),
    "multinomial": TestNote(
        "Multinomial",
        "Exceedances of four VaR levels, from this one up, at once (Kratz, Lok and McNeil).",
    ),
    "traffic-light": TestNote(
        "Traffic light",
        "Basel's count of exceedances in the latest 250 forecasts, with its exact one-sided "
        "p-value. Green up to 95 % of its law, red from 99.99 % on.",
    ),
    "pit-uniformity": TestNote(
        "PIT uniform",
        (
            "Do outcomes fall into every part of the law as often as they should (Anderson and "
            "Darling)?"
        ),
        False,
    ),
    "pit-independence": TestNote(
        "PIT independent",
        "Do the PITs, or their distance from ½, depend on those of ten days before?",
        False,
    ),
    "berkowitz": TestNote(
        "Berkowitz", "Have the PITs, as normal numbers, mean 0, variance 1 and no memory?", False
    ),
}

MEASURES = {
    "CRPS": "Distance of the whole forecast law from the outcome. Rewards sharp and right laws.",
    "tail CRPS": "The same for returns below the reference's VaR at the lowest level.",
    "FZ0": "VaR and ES scored together (Patton, Ziegel and Chen 2019), returns in percent.",
    "pinball": "The VaR scored alone, as a quantile.",
}
