"""Everything that can go wrong for a user, as one tree.

    SimganError
    ├── ConfigError (ValueError)          a setting is out of range or unknown
    ├── UnknownNameError (LookupError)    no member, model or column of that name
    ├── DataError
    │   ├── SourceError                   prices could not be had
    │   └── PriceError (ValueError)       prices were had, but cannot be used as they are
    ├── TrainingError
    │   └── TrainingDiverged              NaN, collapse or explosion
    ├── BundleError                       a model on disk is missing, damaged, foreign or newer
    ├── SamplingError
    ├── WriteError                        a file could not be written; nothing was left behind
    └── MissingExtraError (ImportError)   an optional package is not installed

A message says what is wrong, where, and what to do, in one line. Anything that is not a SimganError is a bug.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class SimganError(Exception):
    """Base of all errors that are told to the user in one line."""


class ConfigError(SimganError, ValueError):
    """A setting has a value that it cannot have."""

    def __init__(self, owner: str, field: str, value: object, allowed: str) -> None:
        super().__init__(owner, field, value, allowed)
        self.owner, self.field, self.value, self.allowed = owner, field, value, allowed

    def __str__(self) -> str:
        return f"{self.owner}: {self.field} = {self.value!r} is not possible; it must be {self.allowed}"


class UnknownNameError(SimganError, LookupError):
    """A name stands in no table; the message lists the known names, nearest first."""

    def __init__(self, kind: str, name: str, known: Iterable[str], hint: str = "") -> None:
        self.kind, self.name, self.known, self.hint = kind, name, tuple(known), hint
        super().__init__(kind, name, self.known, hint)

    def __str__(self) -> str:
        near = get_close_matches(self.name, self.known, n=len(self.known) or 1, cutoff=0.6)
        ordered = near + [known for known in self.known if known not in near]
        listing = f"known: {', '.join(ordered)}" if ordered else "there is none yet"
        hint = f"; {self.hint}" if self.hint else ""
        return f"unknown {self.kind} {self.name!r}; {listing}{hint}"


class DataError(SimganError):
    """Prices or returns cannot be used."""


class SourceError(DataError):
    """Prices could not be had from where they were looked for."""


class PriceError(DataError, ValueError):
    """Prices are there, but something in them is wrong."""


class TrainingError(SimganError):
    """Training could not start or go on."""


class TrainingDiverged(TrainingError):
    """Training produced NaN, a collapse or an explosion; no model was saved."""


class BundleError(SimganError):
    """A trained model on disk cannot be used."""


class SamplingError(SimganError):
    """Scenarios cannot be drawn as asked."""


class WriteError(SimganError):
    """A file or folder could not be written; nothing was left half done."""


class MissingExtraError(SimganError, ImportError):
    """An optional package is needed; the message is the line that installs it."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(what, extra)
        self.what, self.extra = what, extra

    def __str__(self) -> str:
        return f"{self.what} needs an optional package: pip install 'simgan[{self.extra}]'"


class Interrupted(KeyboardInterrupt):
    """Work was stopped by the user; the message says how to go on.

    It is no `SimganError` and no `Exception`, so that no handler of errors takes it for one.
    """
