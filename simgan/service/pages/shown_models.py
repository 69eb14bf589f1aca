"""Models as the pages show them: facts, and the uses that the verdict judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from simgan.bundle.manifest import Manifest
from simgan.errors import BundleError
from simgan.report.uses import Fitness
from simgan.service.pages.languages import Language
from simgan.workflows.models import REFERENCE, list_models, load_bundle
from simgan.workspace import Workspace

_ORDER: tuple[Fitness, ...] = ("good for", "with care for", "not for", "not judged for")
_Verdict = Mapping[str, object]


@dataclass(frozen=True)
class ShownUse:
    """A use, its fitness in the words of a language, and the reasons, which are English."""

    name: str
    fitness: str
    css_class: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownModel:
    """A model in a list or on its own page. A damaged one has no manifest."""

    name: str
    manifest: Manifest | None

    @property
    def is_reference(self) -> bool:
        """Whether it ships with simgan."""
        return self.name == REFERENCE

    @property
    def tone(self) -> str:
        """The colour of its verdict: that of the worst use."""
        found = {str(use["fitness"]) for use in self._uses()}
        if "not for" in found or "with care for" in found:
            return "care"
        return "good" if "good for" in found else "plain"

    def sentence(self, language: Language) -> str:
        """Return the verdict against the baselines in a sentence."""
        verdict: _Verdict = {} if self.manifest is None else self.manifest.verdict
        sentence = str(verdict.get("sentence", ""))
        if language.code == "en" or "judged" not in verdict:
            return sentence
        wins, ties, losses = (len(_listed(verdict.get(key))) for key in ("wins", "ties", "losses"))
        facts = {key: verdict.get(key, "") for key in ("within", "judged", "against")}
        return language("verdict.sentence", **facts, wins=wins, ties=ties, losses=losses)

    def uses(self, language: Language) -> list[ShownUse]:
        """Return the uses, the best first."""
        return [
            ShownUse(
                language.of_product("uses", str(use["name"])),
                language.of_product("fitness", fitness),
                fitness.replace(" ", "-"),
                tuple(map(str, _listed(use.get("reasons")))),
            )
            for fitness in _ORDER
            for use in self._uses()
            if use["fitness"] == fitness
        ]

    def _uses(self) -> Iterator[Mapping[str, object]]:
        for use in _listed({} if self.manifest is None else self.manifest.verdict.get("uses")):
            if isinstance(use, Mapping) and {"name", "fitness"} <= use.keys():
                yield use


def shown_models(workspace: Workspace) -> list[ShownModel]:
    """Return the models of a workspace, the newest first, and the reference model as the last."""
    found = [ShownModel(one.name, one.manifest) for one in list_models(workspace)]
    found.sort(key=lambda one: one.manifest.created if one.manifest else "", reverse=True)
    if REFERENCE not in [one.name for one in found]:
        found.append(ShownModel(REFERENCE, load_bundle(workspace, REFERENCE).manifest))
    return found


def shown_model(workspace: Workspace, name: str) -> ShownModel:
    """Return a model by name.

    Raises
    ------
    UnknownNameError
        There is none.
    """
    try:
        manifest = load_bundle(workspace, name).manifest
    except BundleError:
        return ShownModel(name, None)
    return ShownModel(manifest.name, manifest)


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, (list, tuple)) else []
