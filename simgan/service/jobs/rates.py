"""Rates of the commands behind jobs, and the cost of an order by them.

Processor seconds and memory of some cases were measured by ``benchmarks/job_rates.py``, whose rows
are in ``benchmarks/job_rates.txt``. The rates of all other cases are estimates. The
pace of this machine is that of its own jobs.
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


FIT = Rate(start=8.0, each=9.0, days=3.1, size=920.0, size_each=160.0)  # of one asset
BOOK = Rate(start=8.0, each=4.6, days=1.0, size=900.0, size_each=60.0)  # of several together
STEP = 0.075  # seconds of a step of the adversarial stage, which has a selection and a training
SIZE_OF_STEPS = 540 * _MIB  # bytes of this stage
STEPS_OF = {"tcn": 33.0}  # steps that one step of a slow architecture takes
REPORT = Rate(start=5.0, each=1.0, days=2.7, size=320.0, size_each=70.0)
INSPECT = Rate(start=2.6, each=0.0, days=0.02, size=230.0, size_each=10.0)
REFIT = Rate(start=0.0, each=16.0, days=1.0, size=900.0, size_each=60.0)  # in a backtest
WALK = Rate(start=4.0, each=1.0, days=5.0, size=270.0, size_each=0.0)  # of a model, by tested days


def pace_of(pairs: Iterable[tuple[float, float]]) -> float:
    """Return the pace of a machine from seconds that jobs took, and those that were expected."""
    ratios = [taken / expected for taken, expected in pairs if expected > 0]
    return median(ratios) if ratios else 1.0
