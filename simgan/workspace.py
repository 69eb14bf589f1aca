"""The workspace: `data/`, `models/` and `reports/` under one folder.

This module alone knows these names.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from simgan.errors import ConfigError

MANIFEST = "manifest.json"  # a folder in models/ is a model when it holds this file
_SAFE_SIGNS = frozenset("-._^=&+@#,() ")
_LONGEST, _LONGEST_BYTES = 100, 150  # of 255 bytes; the names of temporary files are longer
_DIGITS = 5  # of the end of a changed name: "~" and four digits of a hash
_MADE_SAFE = re.compile(r".+~[0-9a-f]{4}", re.DOTALL)
# Windows keeps these names for devices, with any ending and in any case.
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\.|$)", re.IGNORECASE)


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

    @property
    def service(self) -> Path:
        """Jobs, tokens and uploads of `simgan serve`."""
        return self.root / "service"

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

    def earlier_prices(self, ticker: str) -> Path:
        """Cached prices of a ticker under the name that versions up to 0.1 gave them."""
        return self.data / f"{earlier_safe_name(ticker)}.parquet"

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
    """Make a ticker or name safe for file systems.

    Letters and digits of all alphabets stay, and so do the signs of ``^GSPC`` and ``EURUSD=X``. A
    name that must change gets four digits of its hash, so that no two names share a folder:
    ``BRK/B`` becomes ``BRK-B~`` and the digits. A safe name stays as it is.

    Raises
    ------
    ConfigError
        The name has no letter and no digit.
    """
    if not isinstance(name, str):
        raise ConfigError("model", "name", name, "text")
    name = unicodedata.normalize("NFC", name.strip())
    if not any(letter.isalnum() for letter in name):
        raise ConfigError("model", "name", name, "a name with a letter or a digit")
    if _MADE_SAFE.fullmatch(name) and _made_safe(name[:-_DIGITS]) == name[:-_DIGITS]:
        return name
    safe = _made_safe(name)
    if safe == name and not _RESERVED.match(name):
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{safe[: _LONGEST - _DIGITS].rstrip('-. ')}~{digest[: _DIGITS - 1]}"


def earlier_safe_name(name: str) -> str:
    """Return the safe name of versions up to 0.1, or nothing where they refused the name.

    It kept ASCII letters only, so that several names shared one.
    """
    return re.sub(r"[^\w.\-]+", "-", name, flags=re.ASCII).strip("-.")[:100].rstrip("-.")


def _made_safe(name: str) -> str:
    """Replace everything in a name that a file system or a shell might refuse or misread."""
    safe = "".join(sign if _is_kept(sign) else "-" for sign in name)
    safe = re.sub("-{2,}", "-", safe) if safe != name else safe
    safe = safe.strip("-. ")[:_LONGEST].encode()[:_LONGEST_BYTES].decode(errors="ignore")
    safe = safe.rstrip("-. ")
    return safe.replace(".", "-") if _RESERVED.match(safe) else safe


def _is_kept(sign: str) -> bool:
    """Tell whether a sign is a letter, a mark on one, a digit, or one that is safe everywhere."""
    return sign in _SAFE_SIGNS or unicodedata.category(sign)[0] in "LMN"
