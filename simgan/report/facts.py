"""Facts about the model and the comparison, for the head of a report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ReportFacts:
    """Where the numbers of a report come from.

    Attributes
    ----------
    model, assets, first, last, days, seed, seconds, versions
        The model, the history that it learned from, and how it was trained.
    judged_on : str
        The history that it is compared with, in words.
    paths, horizon : int
        Number and length of each model's paths.
    """

    model: str
    assets: tuple[str, ...]
    first: str
    last: str
    days: int
    seed: int
    seconds: float
    versions: dict[str, str]
    judged_on: str
    paths: int
    horizon: int
