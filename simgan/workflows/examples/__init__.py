"""Family of examples of a GAN tutorial, each with the numbers of the tutorial or the theory."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from simgan.registry import Entry, Registry
from simgan.seeds import Seed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Shown = TypeVar("Shown")


@dataclass(frozen=True)
class Played(Generic[Shown]):
    """The outcome of an example with one seed.

    Attributes
    ----------
    numbers : dict of float
    shown : object
        Data of the figure.
    notes : tuple of str
        Further findings, in sentences.
    """

    numbers: dict[str, float]
    shown: Shown = field(repr=False)
    notes: tuple[str, ...] = ()


class Example(ABC, Generic[Shown]):
    """A small game with a known outcome.

    Attributes
    ----------
    kind : str
        Name on the command line.
    expected : dict of str
        For each number, the value of the GAN tutorial or of the theory.
    """

    kind: ClassVar[str]
    expected: ClassVar[dict[str, str]]

    @abstractmethod
    def play(self, seed: Seed) -> Played[Shown]:
        """Play the example once."""

    @abstractmethod
    def draw(self, played: Played[Shown]) -> Figure:
        """Return the figure of an outcome."""


EXAMPLES: Registry[Example[object]] = Registry(
    "example",
    {
        "normal": Entry("simgan.workflows.examples.normal:NormalExample"),
        "mixture": Entry("simgan.workflows.examples.mixture:Mixture"),
        "monitors": Entry("simgan.workflows.examples.monitors:Monitors"),
        "optimal-critic": Entry("simgan.workflows.examples.optimal_critic:OptimalCritic"),
    },
)
