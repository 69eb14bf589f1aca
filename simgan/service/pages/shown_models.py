"""Models as the pages show them, in the words of a language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from simgan.report.uses import Fitness
from simgan.service.models import ListedModel
from simgan.service.pages.languages import Language

_ORDER: tuple[Fitness, ...] = get_args(Fitness)  # the best first


@dataclass(frozen=True)
class ShownUse:
    """A use of a model.

    Attributes
    ----------
    name, fitness : str
        In the words of a language.
    css_class : str
    reasons : tuple of str
        English sentences.
    """

    name: str
    fitness: str
    css_class: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class ShownModel:
    """A model in the list or on its own page."""

    facts: ListedModel

    @property
    def tone(self) -> str:
        """The colour of its verdict: that of the worst use."""
        found = {use.fitness for use in self.facts.uses}
        if found & {"not for", "with care for"}:
            return "care"
        return "good" if "good for" in found else "plain"

    def sentence(self, language: Language) -> str:
        """Return the verdict against the baselines in a sentence."""
        if language.code == "en" or not self.facts.counts:
            return self.facts.verdict
        return language("verdict.sentence", **self.facts.counts)

    def is_translated(self, language: Language) -> bool:
        """Tell whether the verdict is in the words of a language, or there is none."""
        return language.code == "en" or bool(self.facts.counts) or not self.facts.verdict

    def uses(self, language: Language) -> list[ShownUse]:
        """Return the uses, the best first."""
        return [
            ShownUse(
                language.of_product("uses", use.name),
                language.of_product("fitness", fitness),
                fitness.replace(" ", "-"),
                use.reasons,
            )
            for fitness in _ORDER
            for use in self.facts.uses
            if use.fitness == fitness
        ]
