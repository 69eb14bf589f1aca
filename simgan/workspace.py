"""The workspace: `data/`, `models/` and `reports/` under one folder.

This module alone knows these names.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from simgan.errors import ConfigError

MANIFEST = "manifest.json"  # a folder in models/ is a model when it holds this file


@dataclass(frozen=True)
class Workspace:
    """Paths of everything simgan keeps. Nothing is created before it is written to."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    def model(self, name: str) -> Path:
        """Folder of the model `name`."""
        return self.models / safe_name(name)

    def checkpoint(self, name: str) -> Path:
        """Folder of an unfinished fit of `name`. Its leading dot hides it from listings."""
        return self.models / f".{safe_name(name)}.training"

    def refit(self, key: str) -> Path:
        """Folder of a model that was fitted within a backtest, named by a hash of its inputs."""
        return self.models / ".refits" / key

    def backtest_parts(self, name: str) -> Path:
        """Folder of the finished parts of a backtest. Its leading dot hides it."""
        return self.reports / f".{safe_name(name)}-backtest"

    def prices(self, ticker: str) -> Path:
        """Cached prices of a ticker."""
        return self.data / f"{safe_name(ticker)}.parquet"

    def report(self, name: str, ending: str) -> Path:
        """Report of the model `name`. `ending` is that of the file, for example "html"."""
        return self.reports / f"{safe_name(name)}.{ending}"

    def model_names(self) -> list[str]:
        """Names of all fitted models, in alphabetical order."""
        return sorted(
            p.parent.name
            for p in self.models.glob(f"*/{MANIFEST}")
            if not p.parent.name.startswith(".")
        )

    def latest_model(self) -> str | None:
        """Name of the most recently fitted model, or None."""
        ages: dict[str, int] = {}
        for name in self.model_names():
            with suppress(FileNotFoundError):  # removed since it was listed
                ages[name] = (self.models / name / MANIFEST).stat().st_mtime_ns
        return max(ages, key=lambda name: ages[name], default=None)


def safe_name(name: str) -> str:
    """Make a ticker or name safe for file systems: ``^GSPC`` → ``GSPC``, ``EURUSD=X`` →
    ``EURUSD-X``.

    Raises
    ------
    ConfigError
        Nothing usable is left of the name.
    """
    safe = re.sub(r"[^\w.\-]+", "-", name, flags=re.ASCII).strip("-.")[:100].rstrip("-.")
    if not safe:
        raise ConfigError("model", "name", name, "made of letters, digits, '-', '_' or '.'")
    return safe
