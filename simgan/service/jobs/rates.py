"""Rates of the commands behind jobs, and the cost of an order by them.

Processor seconds and memory were measured by ``benchmarks/job_rates.py``, whose rows are in
``benchmarks/job_rates.txt``. The pace of this machine is that of its own jobs.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import NamedTuple

_MIB = 2**20
_THOUSAND = 1000.0


class Cost(NamedTuple):
    """Seconds of one processor, and bytes of memory at the peak."""

    seconds: float
    memory: float

    def at(self, pace: float) -> Cost:
        """Return the cost where a second of work takes `pace` seconds."""
        return Cost(self.seconds * pace, self.memory)


class Rate(NamedTuple):
    """The cost of a command: of its start, of each asset, and of a thousand days of an asset.

    `size` is its memory, and `size_each` the memory of each asset.
    """

    start: float
    each: float
    days: float
    size: float
    size_each: float

    def cost(self, assets: int, days: int) -> Cost:
        """Return the cost for assets of so many days."""
        seconds = self.start + assets * (self.each + self.days * days / _THOUSAND)
        return Cost(seconds, (self.size + assets * self.size_each) * _MIB)


FITS = {
    "quick": Rate(8.0, 17.5, 2.9, 920.0, 160.0),
    "standard": Rate(8.0, 17.5, 2.9, 920.0, 160.0),
    "thorough": Rate(8.0, 200.0, 60.0, 1000.0, 80.0),
}
REPORT = Rate(4.0, 3.0, 3.0, 300.0, 60.0)
INSPECT = Rate(2.5, 0.1, 0.1, 150.0, 10.0)
REFIT = Rate(4.0, 8.0, 1.0, 900.0, 60.0)  # of the GAN in a backtest
WALK = Rate(5.0, 1.0, 6.0, 350.0, 30.0)  # of a baseline, by the days of its test


def pace_of(pairs: Iterable[tuple[float, float]]) -> float:
    """Return the pace of a machine from seconds that jobs took, and those that were expected."""
    ratios = [taken / expected for taken, expected in pairs if expected > 0]
    return median(ratios) if ratios else 1.0
