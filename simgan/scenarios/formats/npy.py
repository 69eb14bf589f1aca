"""NumPy's own file: a float32 array that ``numpy.load(..., mmap_mode="r")`` maps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, ClassVar

import numpy as np
from numpy.lib import format as npy_format

from simgan.arrays import Float32Array
from simgan.errors import ConfigError
from simgan.scenarios.block import Block
from simgan.scenarios.formats import Format
from simgan.scenarios.sheet import Sheet

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Npy(Format):
    """Shape (n, steps) for one asset and (n, steps, assets) for several.

    Bars have shape (n, steps, assets, 4) for any number of assets. Row i is scenario ``first + i``.
    """

    kind: ClassVar[str] = "npy"
    appendable: ClassVar[bool] = True
    seamless: ClassVar[bool] = True

    def check(self, sheet: Sheet) -> None:
        if sheet.layout != "wide" and sheet.values != "bars":
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
            npy_format.write_array_header_1_0(
                sink, {"descr": "<f4", "fortran_order": False, "shape": _shape(sheet)}
            )
        return NpyWriter(sink, sheet)

    def read(self, path: Path, sheet: Sheet) -> Iterator[pa.RecordBatch]:
        values = np.load(path, mmap_mode="r")
        if values.shape != _shape(sheet):
            raise ValueError("an array of another shape")
        for start in range(0, sheet.n, sheet.rows):
            yield _flat(values[start : start + sheet.rows])

    def rows(self, block: Block, sheet: Sheet) -> pa.RecordBatch:
        return _flat(block.cells(sheet.values))


@dataclass(frozen=True)
class NpyWriter:
    """Writes the bytes of each group in C order."""

    sink: BinaryIO
    sheet: Sheet

    def write(self, block: Block) -> None:
        self.sink.write(np.ascontiguousarray(block.cells(self.sheet.values), dtype="<f4").data)

    def close(self) -> None:
        """The format has no trailer."""


def _shape(sheet: Sheet) -> tuple[int, ...]:
    """Return the shape of the array: a single asset has no axis, except for bars."""
    if len(sheet.parts) > 1:
        return (sheet.n, len(sheet.steps), len(sheet.assets), len(sheet.parts))
    assets = (len(sheet.assets),) if len(sheet.assets) > 1 else ()
    return (sheet.n, len(sheet.steps), *assets)


def _flat(values: Float32Array) -> pa.RecordBatch:
    """Return the values in C order as one column."""
    import pyarrow as pa

    flat = np.ascontiguousarray(values, np.float32).reshape(-1)
    return pa.record_batch([pa.array(flat)], names=["value"])
