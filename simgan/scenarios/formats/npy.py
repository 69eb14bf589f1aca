"""NumPy's own file: a plain float32 array that ``numpy.load(..., mmap_mode="r")`` maps into memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, ClassVar

import numpy as np
from numpy.lib import format as npy_format

from simgan.errors import ConfigError
from simgan.scenarios.formats.base import Format
from simgan.scenarios.product import Scenarios
from simgan.scenarios.sheet import Sheet


@dataclass(frozen=True)
class Npy(Format):
    """Shape (n, steps) for one asset and (n, steps, assets) for several; row i is scenario ``first + i``."""

    kind: ClassVar[str] = "npy"
    appendable: ClassVar[bool] = True

    def check(self, sheet: Sheet) -> None:
        if sheet.layout != "wide":
            raise ConfigError(
                ".npy file",
                "layout",
                sheet.layout,
                "wide: an array has no columns; use .csv or .parquet for long",
            )
        if sheet.weighted:
            raise ConfigError(
                ".npy file",
                "weights",
                "given",
                "left out: an array has no column for them; use .csv or .parquet",
            )

    def open(self, sink: BinaryIO, sheet: Sheet, done: int = 0) -> NpyWriter:
        if not done:
            shape = (sheet.n, len(sheet.steps), *_asset_axis(sheet))
            npy_format.write_array_header_1_0(
                sink, {"descr": "<f4", "fortran_order": False, "shape": shape}
            )
        return NpyWriter(sink, sheet)


@dataclass(frozen=True)
class NpyWriter:
    """Writes the bytes of each group in C order."""

    sink: BinaryIO
    sheet: Sheet

    def write(self, block: Scenarios) -> None:
        self.sink.write(np.ascontiguousarray(block.cells(self.sheet.values), dtype="<f4").data)

    def close(self) -> None:
        """The header says all; there is no trailer."""


def _asset_axis(sheet: Sheet) -> tuple[int, ...]:
    return (len(sheet.assets),) if len(sheet.assets) > 1 else ()
