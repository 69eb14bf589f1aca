"""All errors that a user can meet, as one tree.

    SimganError
    ├── ConfigError (ValueError)          a setting is out of range or unknown
    ├── RecipeError (ValueError)          a recipe file cannot be read
    ├── UnknownNameError (LookupError)    no member, model or column of that name
    ├── DataError
    │   ├── SourceError                   a source gave no prices
    │   ├── PriceError (ValueError)       prices cannot be used as they are
    │   └── ScenarioError (ValueError)    a file of scenarios cannot be used as it is
    ├── TrainingError
    │   └── TrainingDiverged              NaN, collapse or explosion
    ├── BundleError                       a model on disk is missing, damaged, foreign or newer
    ├── SamplingError                     scenarios cannot be drawn as asked
    ├── WriteError                        a file could not be written
    ├── ClusterError                      a Dask cluster does not answer, or lost the work
    └── MissingExtraError (ImportError)   a package is not installed

    Interrupted (KeyboardInterrupt)       the user stopped the work

A message is one line: the problem, its place, and the remedy. An error outside this tree is a bug.
Every error keeps its facts as attributes, and survives pickling and copying.
"""

from __future__ import annotations

import reprlib
import shlex
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

_LISTED = 40  # known names in a message: enough for every table of simgan
_SHORT = reprlib.Repr()
_SHORT.maxdict = _SHORT.maxset = _SHORT.maxfrozenset = 6  # items that a message shows
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxarray = 8
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 160  # and letters
IN_SHELL = r"""'[^']*'(?:"'"'[^']*')*"""  # pattern of the words of `in_shell`


class SimganError(Exception):
    """Base of all errors that the user sees as one line."""


class ConfigError(SimganError, ValueError):
    """A setting has a value that it cannot have."""

    def __init__(self, owner: str, field: str, value: object, allowed: str) -> None:
        super().__init__(owner, field, value, allowed)
        self.owner, self.field, self.value, self.allowed = owner, field, value, allowed

    def __str__(self) -> str:
        return (
            f"{self.owner}: {self.field} = {shown(self.value)} is not possible; it must be "
            f"{self.allowed}"
        )


class Words(str):
    """A description that stands in the place of a value, and is shown without quotes."""

    def __repr__(self) -> str:
        return str(self)


def shown(value: object) -> str:
    """Return a value as a message shows it: in one line.

    Of an array it is the shape, and of an object that is shown on several lines the type.
    """
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape:
        return f"{type(value).__name__} of shape {shape}"
    if shape == () and hasattr(value, "item"):
        value = value.item()  # 0.5 and not np.float64(0.5)
    text = _SHORT.repr(value)
    return type(value).__name__ if "\n" in text else text


def in_shell(name: str) -> str:
    """Write a name as one word for a shell, in quotes always, so that its end is seen.

    What cannot be printed becomes a blank.

    >>> print(in_shell("Close"), in_shell("Client's $HOME"))
    'Close' 'Client'"'"'s $HOME'
    """
    word = shlex.quote("".join(sign if sign.isprintable() else " " for sign in name))
    return word if word.startswith("'") else f"'{word}'"


class RecipeError(SimganError, ValueError):
    """A recipe file cannot be read; the message gives the file and the line."""


class UnknownNameError(SimganError, LookupError):
    """A name is in no table. The message has the nearest name, and the known ones in this order.

    Attributes
    ----------
    kind, name : str
        The kind of things that have names, and the unknown name.
    known : tuple of str
    hint : str
        How to make a thing of this name.
    place : str
        Where the names are known, for example a workspace. Empty for a table of simgan.
    """

    def __init__(
        self, kind: str, name: str, known: Iterable[str], hint: str = "", place: str = ""
    ) -> None:
        name = name if isinstance(name, str) else shown(name)
        self.kind, self.name, self.known, self.hint = kind, name, tuple(known), hint
        self.place = place
        super().__init__(kind, name, self.known, hint, place)

    def __str__(self) -> str:
        near = _nearest_first(self.name, self.known)
        ordered = near + [known for known in self.known if known not in near]
        more = f", … and {len(ordered) - _LISTED} more" if len(ordered) > _LISTED else ""
        listing = f"known: {', '.join(ordered[:_LISTED])}{more}" if ordered else "there is none yet"
        place = f" in {self.place}" if self.place else ""
        question = f" did you mean {near[0]}?" if self.place and near else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"unknown {self.kind} {shown(self.name)}{place};{question} {listing}{hint}"


def _nearest_first(name: str, known: tuple[str, ...]) -> list[str]:
    """Return the known names that resemble `name`, whatever the case of their letters."""
    folded: dict[str, list[str]] = {}
    for one in known:
        folded.setdefault(one.casefold(), []).append(one)
    near = get_close_matches(name.casefold(), folded, n=len(folded) or 1, cutoff=0.6)
    return [one for key in near for one in folded[key]]


class DataError(SimganError):
    """Prices or returns cannot be used."""


class SourceError(DataError):
    """The source of prices did not give them."""


class PriceError(DataError, ValueError):
    """Prices are there, but cannot be used as they are."""


class ScenarioError(DataError, ValueError):
    """A file of scenarios cannot be used as it is."""


class TrainingError(SimganError):
    """Training could not start or go on."""


class TrainingDiverged(TrainingError):
    """Training produced NaN, a collapse or an explosion. No model was saved."""


class BundleError(SimganError):
    """A trained model on disk cannot be used."""


class SamplingError(SimganError):
    """Scenarios cannot be drawn as asked."""


class WriteError(SimganError):
    """A file or folder could not be written. No half of it has its final name."""


class ClusterError(SimganError):
    """A Dask cluster does not answer, or cannot do the work."""


class MissingExtraError(SimganError, ImportError):
    """A package is not installed. The message has the line that installs it.

    Attributes
    ----------
    what : str
        The feature that needs the package.
    extra : str
        Extra that holds the package. Empty for a package that every full installation has.
    package : str
        Name of the package, where it is known.
    """

    def __init__(self, what: str, extra: str = "", package: str = "") -> None:
        super().__init__(what, extra, package)
        self.what, self.extra, self.package = what, extra, package

    def __str__(self) -> str:
        if self.extra:
            return f"{self.what} needs an optional package: pip install 'simgan[{self.extra}]'"
        return (
            f"{self.what} needs {self.package or 'a package'}, which is not installed here; "
            "install all that simgan needs: pip install simgan"
        )


class Interrupted(KeyboardInterrupt):
    """The user stopped the work. The message says how to go on.

    It is no `SimganError` and no `Exception`, so that no handler of errors takes it for one.

    Attributes
    ----------
    kept : int
        Units of finished work that ``--resume`` goes on with, such as scenarios. Zero where there
        are none, and for work that is not counted.
    """

    def __init__(self, message: str = "", kept: int = 0) -> None:
        super().__init__(message, kept)
        self.message, self.kept = message, kept

    def __str__(self) -> str:
        return self.message


@contextmanager
def packages_for(feature: str) -> Iterator[None]:
    """Turn the import of a package that is not installed into a `MissingExtraError`.

    It also serves as a decorator. An environment that can only sample (``make setup-sampling``)
    lacks TensorFlow, pandas, and all else that `feature` may need. A missing module of simgan or
    of Python itself is a bug and stays as it is.

    Raises
    ------
    MissingExtraError
        A package is missing.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in ("", "simgan") or package in sys.stdlib_module_names:
            raise
        raise MissingExtraError(feature, package=package) from error
