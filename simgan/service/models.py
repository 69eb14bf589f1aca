"""Models of the workspace as the service holds them: the last used ones stay in memory."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import cast, get_args

from anyio import CapacityLimiter, to_thread

from simgan.bundle.fields import Json
from simgan.bundle.manifest import DamagedBundle
from simgan.bundle.store import Bundle
from simgan.errors import BundleError, Interrupted, UnknownNameError
from simgan.progress import Stop
from simgan.report.uses import Fitness, Use
from simgan.sampling.model import Model
from simgan.service.paged import PagedModel
from simgan.service.problems import Problem
from simgan.service.turns import Turns
from simgan.workflows.models import REFERENCE, Found, find_model, load_bundle, remove_model
from simgan.workspace import MANIFEST, Workspace

_KEPT = 8  # models in memory
_AT_ONCE = 2  # models that are read for tasks that wait
_LOOKS = 4  # looks at the folders of models, at the same time
_PATHS = ("path", "file")  # facts about prices that may name a folder of this machine
_PLACE = re.compile(r"[/~\\]|[A-Za-z]:[/\\]")  # the beginning of a path, whatever its fact is
Age = tuple[int, ...]


@dataclass(frozen=True)
class ListedModel:
    """A model in the list.

    Attributes
    ----------
    name : str
    assets : list of str
    kind : str
        Kind of its generator, such as "state-space".
    first, last : str
        ISO dates of the first and the last return that it learned from.
    days : int
    fitted : str
        UTC time of the fit.
    size : int
        Bytes on disk.
    verdict : str
        Sentence on its paths against the baselines.
    counts : dict
        Numbers of its judged statistics: ``within`` the noise, ``judged`` at all, and ``wins``,
        ``ties`` and ``losses`` against the best baseline. Empty where it was not judged.
    uses : list of Use
    is_reference, is_latest : bool
        Whether it ships with simgan, and whether it is the most recently fitted one.
    damage : str
        The reason why it cannot be read. Then facts are missing.
    """

    name: str
    assets: tuple[str, ...] = ()
    kind: str = ""
    first: str = ""
    last: str = ""
    days: int = 0
    fitted: str = ""
    size: int = 0
    verdict: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    uses: tuple[Use, ...] = ()
    is_reference: bool = False
    is_latest: bool = False
    damage: str = ""


class Models:
    """The models of a workspace. Any thread may ask."""

    def __init__(self, workspace: Workspace, kept: int = _KEPT) -> None:
        self.workspace, self._kept = workspace, kept
        self._loaded: OrderedDict[Path, tuple[Age, Model]] = OrderedDict()
        self._rows: dict[Path, tuple[Age, ListedModel]] = {}
        self._lock = threading.Lock()
        self._turns = Turns()
        self._threads, self._looks = CapacityLimiter(_AT_ONCE), CapacityLimiter(_LOOKS)

    async def at_hand(self, name: str) -> Model:
        """Return a model, as `model` does. Many tasks that ask wait for one reading.

        Together they hold one thread. A model in memory waits for no reading of another one.

        Raises
        ------
        UnknownNameError, Problem
            As for `model`.
        """
        if (model := await self._in_memory(name)) is None:
            async with self._turns.of(name):
                if (model := await self._in_memory(name)) is None:
                    model = await to_thread.run_sync(self.model, name, limiter=self._threads)
        return model

    def model(self, name: str) -> Model:
        """Return a model. It is read again after another one has taken its place.

        Raises
        ------
        UnknownNameError
            There is no such model.
        Problem
            It is damaged, and the answer says why.
        """
        found = find_model(self.workspace, name)
        return self._known(found) or self._read(found)

    async def _in_memory(self, name: str) -> Model | None:
        """Return a model if it is in memory. A thread looks, because the disk may be slow."""
        return await to_thread.run_sync(
            lambda: self._known(find_model(self.workspace, name)), limiter=self._looks
        )

    def _known(self, found: Found) -> Model | None:
        """Return a model that is in memory as it is on disk, or None."""
        age = _age(found.folder)
        with self._lock:
            kept = self._loaded.get(found.folder)
            if kept is None or kept[0] != age:
                return None
            self._loaded.move_to_end(found.folder)
            return kept[1]

    def _read(self, found: Found) -> Model:
        age = _age(found.folder)
        model = PagedModel(read_model(self.workspace, found))
        with self._lock:
            self._loaded[found.folder] = age, model
            while len(self._loaded) > self._kept:
                self._loaded.popitem(last=False)
        return model

    def listed(self) -> list[ListedModel]:
        """Return all models in the order of names, and the reference model at the end."""
        names, latest = self.workspace.model_names(), self.workspace.latest_model()
        rows: dict[Path, ListedModel] = {}
        for name in dict.fromkeys((*names, REFERENCE)):
            with suppress(UnknownNameError):  # it was removed meanwhile
                found = find_model(self.workspace, name)
                rows[found.folder] = self._row(found, name == (latest or REFERENCE))
        for folder in list(self._rows):
            if folder not in rows:
                self._forget(folder)
        return list(rows.values())

    def facts(self, name: str) -> ListedModel:
        """Return the facts of a model, as in the list.

        Raises
        ------
        UnknownNameError
            There is no such model.
        """
        found = find_model(self.workspace, name)
        return self._row(found, found.name == self.workspace.latest_model())

    def remove(self, name: str) -> None:
        """Remove a model.

        Raises
        ------
        UnknownNameError
            There is no such model.
        Problem
            It is the reference model, or a fit writes it.
        """
        found = find_model(self.workspace, name)
        if found.is_reference:
            detail = "the reference model is a part of simgan and stays"
            raise Problem(HTTPStatus.FORBIDDEN, detail)
        at_once = Stop()
        at_once.ask()
        try:
            remove_model(self.workspace, found.name, stop=at_once)
        except Interrupted:
            detail = f"{found.name} is being written; try again after that job"
            raise Problem(HTTPStatus.CONFLICT, detail, headers={"Retry-After": "30"}) from None
        self._forget(found.folder)

    def _forget(self, folder: Path) -> None:
        """Keep nothing of a folder whose model was removed."""
        self._rows.pop(folder, None)
        with self._lock:
            self._loaded.pop(folder, None)

    def _row(self, found: Found, is_latest: bool) -> ListedModel:
        age = (*_age(found.folder), int(is_latest))
        kept = self._rows.get(found.folder)
        if kept is None or kept[0] != age:
            kept = self._rows[found.folder] = age, self._read_row(found, is_latest)
        return kept[1]

    def _read_row(self, found: Found, is_latest: bool) -> ListedModel:
        try:
            manifest = load_bundle(self.workspace, found.name).manifest
        except BundleError as error:
            reason = _reason(error, find_model(self.workspace, found.name))
            return ListedModel(found.name, is_latest=is_latest, damage=reason)
        return ListedModel(
            found.name,
            manifest.assets,
            manifest.blueprint.kind,
            manifest.data.first,
            manifest.data.last,
            manifest.data.days,
            manifest.created,
            _size(found.folder),
            str(manifest.verdict.get("sentence", "")),
            _counts(manifest.verdict),
            tuple(_uses(manifest.verdict)),
            found.is_reference,
            is_latest,
        )


def read_model(workspace: Workspace, found: Found) -> Bundle:
    """Read a model.

    Raises
    ------
    UnknownNameError
        It was removed meanwhile.
    Problem
        It is damaged, and the answer says why.
    """
    try:
        return load_bundle(workspace, found.name)
    except BundleError as error:
        found = find_model(workspace, found.name)
        raise Problem(HTTPStatus.CONFLICT, _reason(error, found)) from None


def public(facts: Json, is_path: bool = False) -> Json:
    """Return plain JSON data with the names of files in the place of their paths."""
    if isinstance(facts, list):
        return [public(each, is_path) for each in facts]
    if isinstance(facts, dict):
        return {name: public(value, name in _PATHS) for name, value in facts.items()}
    if isinstance(facts, str) and (is_path or _PLACE.match(facts)):
        return re.split(r"[/\\]", facts)[-1]
    return facts


def _counts(verdict: Mapping[str, Json]) -> dict[str, int]:
    """Return the numbers of statistics in a verdict, if it judges any."""
    within, judged = verdict.get("within"), verdict.get("judged")
    if not isinstance(within, int) or not isinstance(judged, int):
        return {}
    compared = {name: len(_listed(verdict, name)) for name in ("wins", "ties", "losses")}
    return {"within": within, "judged": judged, **compared}


def _uses(verdict: Mapping[str, Json]) -> Iterator[Use]:
    """Read the uses of a verdict. One of an unknown fitness, from another version, is left out."""
    for use in _listed(verdict, "uses"):
        if isinstance(use, dict) and use.get("fitness") in get_args(Fitness):
            yield Use(
                str(use.get("name")),
                cast(Fitness, use["fitness"]),
                _whole(use.get("within")),
                _whole(use.get("judged")),
                tuple(map(str, _listed(use, "reasons"))),
            )


def _whole(value: Json) -> int:
    return value if isinstance(value, int) else 0


def _listed(verdict: Mapping[str, Json], name: str) -> list[Json]:
    value = verdict.get(name)
    return value if isinstance(value, list) else []


def _age(folder: Path) -> Age:
    """Return numbers that differ between all models that ever were in a folder."""
    try:
        here, manifest = folder.stat(), (folder / MANIFEST).stat()
    except OSError:
        return ()
    return here.st_ino, here.st_mtime_ns, manifest.st_ino, manifest.st_mtime_ns, manifest.st_size


def _size(folder: Path) -> int:
    """Return the bytes of a folder, or 0 where it was removed meanwhile."""
    try:
        return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
    except OSError:
        return 0


def _reason(error: BundleError, found: Found) -> str:
    """Say why a model cannot be read, without the path of its folder."""
    if isinstance(error, DamagedBundle):
        return f"the model {found.name} is damaged: {error.reason}; fit it again or import it again"
    return " ".join(str(error).split()).replace(str(found.folder), f"the model {found.name}")
