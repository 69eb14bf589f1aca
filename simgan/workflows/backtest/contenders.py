"""The models of a backtest: the GAN and the baselines, fitted again and again by one contract."""

from __future__ import annotations

import hashlib
import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from simgan.arrays import FloatArray
from simgan.baselines import baseline
from simgan.baselines.volatility import FEWEST_DAYS
from simgan.bundle.store import Bundle, read_bundle, write_bundle
from simgan.errors import BundleError, ConfigError
from simgan.locks import locked
from simgan.market.history import History
from simgan.progress import SILENT, Progress
from simgan.provenance import library_versions
from simgan.recipe.recipe import DEFAULT, NO_PRIOR, Recipe
from simgan.sampling.model import Model
from simgan.seeds import Seed
from simgan.settings import record
from simgan.workflows.leaning import named_prior, prior_of
from simgan.workflows.train import Assignment, train
from simgan.workspace import Workspace

GAN = "simgan"


class Forecaster(Protocol):
    """The part of a `simgan.scenarios.ScenarioModel` that a walk needs."""

    def forecast(
        self,
        log_returns: FloatArray,
        days: range,
        horizon: int,
        draws: int,
        seed: Seed,
        ranges: FloatArray | None = None,
    ) -> Iterator[FloatArray]:
        """Continue a history from each of its days, as a scenario model does."""
        ...


@dataclass(frozen=True)
class Refit:
    """A fitted model and the key under which it can be had again."""

    model: Forecaster
    key: str


class Contender(Protocol):
    """A model that can be fitted to a history, with an earlier fit as its start."""

    @property
    def name(self) -> str:
        """Name of the model in tables."""
        ...

    @property
    def least_days(self) -> int:
        """Days of history that a fit needs."""
        ...

    def record(self) -> dict[str, Any]:
        """Plain JSON data that decide a fit, apart from the history."""
        ...

    def refit(self, history: History, earlier: str | None, progress: Progress = SILENT) -> Refit:
        """Fit to a history; `earlier` is the key of the fit before. `progress` gets its steps."""
        ...

    def again(self, history: History, key: str) -> Refit:
        """Return an earlier fit, which was made on this history."""
        ...


@dataclass(frozen=True)
class Classical:
    """A baseline, fitted in a second and therefore never kept."""

    name: str

    @property
    def least_days(self) -> int:
        return FEWEST_DAYS

    def record(self) -> dict[str, Any]:
        return record(baseline(self.name))

    def refit(self, history: History, earlier: str | None, progress: Progress = SILENT) -> Refit:
        return Refit(baseline(self.name).fit(history.log_returns), identity(self, history, None))

    def again(self, history: History, key: str) -> Refit:
        return self.refit(history, None)


@dataclass(frozen=True)
class KeptGan(ABC):
    """A GAN whose fits are kept for the future under their keys."""

    workspace: Workspace
    recipe: Recipe
    device: str = "auto"
    name: str = GAN

    @property
    def least_days(self) -> int:
        return self.recipe.least_days

    @abstractmethod
    def record(self) -> dict[str, object]: ...

    @abstractmethod
    def _trained(
        self, history: History, key: str, earlier: str | None, progress: Progress
    ) -> Bundle:
        """Train and keep the model of a key."""

    def refit(self, history: History, earlier: str | None, progress: Progress = SILENT) -> Refit:
        key = identity(self, history, earlier)
        with locked(self.workspace.refit(key)):
            try:
                return Refit(Model(self._kept(key)), key)
            except BundleError:  # not fitted yet, or damaged
                return Refit(Model(self._trained(history, key, earlier, progress)), key)

    def again(self, history: History, key: str) -> Refit:
        return Refit(Model(self._kept(key)), key)

    def _kept(self, key: str) -> Bundle:
        return read_bundle(self.workspace.refit(key))


@dataclass(frozen=True)
class Gan(KeptGan):
    """The GAN of one asset. Each fit begins with the weights of the last one."""

    def record(self) -> dict[str, Any]:
        facts = {"kind": self.name, "recipe": self.recipe.to_json()}
        if self.recipe.prior not in (DEFAULT, NO_PRIOR):
            facts["prior"] = named_prior(self.recipe.prior, self.workspace).sha256
        return facts

    def _trained(
        self, history: History, key: str, earlier: str | None, progress: Progress
    ) -> Bundle:
        """Train and keep the model; a training that was interrupted goes on."""
        checkpoint = self.workspace.refit(f"{key}.training")
        prior, last = prior_of(self.recipe, history, self.workspace), history.day(-1)
        if prior and prior.until > last:
            allowed = f"one that knows no day after {last}: this model has learned until"
            raise ConfigError("backtest", "prior", prior.name, f"{allowed} {prior.until}")
        task = Assignment(
            name=key,
            history=history,
            source={"kind": "backtest", "name": history.assets[0]},
            checkpoint=checkpoint,
            start=self._kept(earlier).weights if earlier else {},
            device=self.device,
            prior=prior,
            holds_out=False,
        )
        bundle = train(self.recipe, task, progress, resume=checkpoint.exists()).bundle
        write_bundle(bundle, self.workspace.refit(key))
        shutil.rmtree(checkpoint, ignore_errors=True)
        return bundle


def identity(contender: Contender, history: History, earlier: str | None) -> str:
    """Return the key of a fit: a hash of contender, history, earlier fit and version."""
    facts = [contender.record(), history.identity, earlier, library_versions()["simgan"]]
    return content_key(facts)


def content_key(facts: Any) -> str:
    """Hash plain JSON data to a name for files."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]
