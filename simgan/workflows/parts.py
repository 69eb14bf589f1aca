"""The parts of the assets of a book in its VaR and ES."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat

from simgan.arrays import Float32Array, FloatArray
from simgan.report.risk.results import Part
from simgan.risk.book import Book
from simgan.risk.components import components
from simgan.risk.holdings import CASH, cash_beside
from simgan.risk.measures import RiskEstimate


def parts_of(
    book: Book,
    horizon: int,
    own: Sequence[RiskEstimate],
    beside: Iterable[RiskEstimate] = (),
) -> tuple[Part, ...]:
    """Return the part of each asset that is held, and of the cash.

    Parameters
    ----------
    book : Book
    horizon : int
        Days.
    own, beside : sequences of RiskEstimate
        Of the assets, under the model and under its rival. Of one asset there are none.
    """
    if not own:
        return ()
    nothing = RiskEstimate(own[0].level, 0.0, 0.0, 0.0, 0.0)
    others: Iterable[RiskEstimate | None] = beside or repeat(None)
    held = zip(book.assets, book.shares.tolist(), own, others, strict=False)
    cash = CASH, cash_beside(book.shares), nothing, nothing if beside else None
    return tuple(
        Part(asset, share, horizon, estimate, rival)
        for asset, share, estimate, rival in (*held, cash)
        if share
    )


def parts_at(
    level: float, losses: Float32Array, probabilities: FloatArray | None = None
) -> tuple[RiskEstimate, ...]:
    """Return the parts of losses (paths, assets) at a level, or nothing where there are none."""
    return components(losses, level, probabilities) if losses.shape[1] else ()
