"""Refusal of conditions that are too rare for a level of risk, with a remedy that works."""

from __future__ import annotations

import math

from simgan.arrays import FloatArray
from simgan.errors import SamplingError
from simgan.risk.outlook import fewest, highest_level, worth_of
from simgan.sampling.given import RELIABLE

_LEAST = 0.5  # a lower level is no remedy
_ROUNDED = 1e-6  # thousands of scenarios by which a sum of probabilities may be off


def expect_worth(
    probabilities: FloatArray, levels: tuple[float, ...], condition: str, most: int
) -> None:
    """Refuse weighted scenarios that are worth too few for the levels.

    Parameters
    ----------
    probabilities : array of shape (paths,)
        Of the scenarios.
    levels : tuple of float
        Coverages.
    condition : str
        The condition that the scenarios meet.
    most : int
        Number of scenarios that may be asked for.

    Raises
    ------
    SamplingError
    """
    n, needed = len(probabilities), fewest(levels)
    worth = worth_of(n, probabilities)
    if worth < needed:
        raise SamplingError(
            f"the {n:,} scenarios that meet {condition} are worth {worth:,.0f} of equal "
            f"probability, and the level {max(levels):g} needs {needed:,}; "
            + _remedy(worth, n * needed / worth, most * worth / n, most)
        )


def _remedy(worth: float, needed: float, worth_of_most: float, most: int) -> str:
    level, weaker = highest_level(worth_of_most), "a weaker condition or a longer horizon"
    if level < _LEAST:
        return f"{most:,} scenarios are the most, so the condition is too rare: give {weaker}"
    if worth < RELIABLE:
        return f"give {weaker}, because so few do not show how many more are enough"
    more = math.ceil(needed / 1000 - _ROUNDED) * 1000
    if more <= most:
        return f"ask for more, such as --n {more}, or lower the --level"
    return (
        f"{most:,} scenarios are the most: ask for --level {level:g} with --n {most}, or {weaker}"
    )
