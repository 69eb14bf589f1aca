"""The contract of a file format."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import BinaryIO, ClassVar, Protocol

from simgan.scenarios.product import Scenarios
from simgan.scenarios.sheet import Sheet


class Writer(Protocol):
    """Takes blocks of scenarios in their order, holding no more than one of them in memory."""

    def write(self, block: Scenarios) -> None:
        """Append a block."""
        ...

    def close(self) -> None:
        """Write what the format wants at its end; the sink stays the caller's to close."""
        ...


class Format(ABC):
    """A way to put scenarios into bytes: the same sheet and the same groups always give the same bytes.

    Attributes
    ----------
    kind : str
        File ending without the leading dot.
    appendable : bool
        A file is its header followed by its groups, each independent of the others, so that it can be cut after any group and
        continued later to the very same bytes.
    """

    kind: ClassVar[str]
    appendable: ClassVar[bool]

    @abstractmethod
    def check(self, sheet: Sheet) -> None:
        """Refuse, with a `ConfigError`, a sheet that this format cannot hold."""

    @abstractmethod
    def open(self, sink: BinaryIO, sheet: Sheet, done: int = 0) -> Writer:
        """Start a file, or go on with an appendable one whose first `done` scenarios `sink` holds already."""
