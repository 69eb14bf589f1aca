"""A text that is cut within its last number is told, and a whole one without a line end is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from simgan.market.sources.price_file import PriceFile

DAYS = np.busday_offset("2018-01-01", np.arange(160), roll="forward")
STEPS = np.random.Generator(np.random.Philox(7)).normal(0, 0.01, len(DAYS))
WALK = [*(97 * np.exp(np.cumsum(STEPS))).tolist(), 93.98]


def warnings(cells: Sequence[str], folder: Path, line: str = "{},{}", name: str = "p.csv") -> str:
    """Read a table whose last cell has no line end, and return the warnings."""
    header = line.format("Date", "Close")
    rows = [line.format(day, cell) for day, cell in zip(DAYS[-len(cells) :], cells, strict=True)]
    (folder / name).write_text("\n".join([header, *rows]), encoding="utf-8")
    notes = map(str, PriceFile(path=str(folder / name)).fetch("X").notes)
    return " ".join(note for note in notes if note.startswith("warning"))


def shortest(value: float) -> str:
    """Write a number without zeros at its end, as JavaScript and R do."""
    return f"{value:.2f}".rstrip("0").removesuffix(".")


@pytest.mark.parametrize("end", ["93.9", "93.", "93"])
def test_a_number_with_fewer_decimals_than_all_others_is_told(end: str, tmp_path: Path) -> None:
    told = warnings([*(f"{p:.2f}" for p in WALK[1:-1]), end], tmp_path)
    assert f"line 161 ({DAYS[-1]}) ends with '{end}', which has fewer decimals" in told
    assert "the file may be cut" in told


@pytest.mark.parametrize(
    ("write", "end"),
    [
        (lambda p: str(round(p, 2)), "93"),  # pandas writes 93.0
        (lambda p: str(round(p, 2)), "93."),
        (shortest, "93."),
        (lambda p: repr(p + 1e-5), "93.98000"),
        (lambda p: f"{p:.2f}".replace(".", ","), "93,9"),
        (lambda p: f"{1000 * p:,.2f}", "93,980"),
    ],
)
def test_a_cut_number_is_told_in_any_notation(
    write: Callable[[float], str], end: str, tmp_path: Path
) -> None:
    cells = [*map(write, WALK[1:-1]), end]
    assert "the file may be cut" in warnings(cells, tmp_path, "{}\t{}", "p.tsv")


@pytest.mark.parametrize(
    "cells",
    [
        [str(round(p, 2)) for p in WALK[1:-1]] + ["93.5"],
        [str(round(p, 3)) for p in WALK[1:-1]] + ["93.0"],
        [shortest(p) for p in WALK[1:-1]] + ["93"],
        [f"{p:.2f}" for p in WALK[1:]],
        [f"{p:.2f}" for p in WALK[1:9]] + ["93"],  # too few to tell
        [f"{p:.4g}" for p in WALK[1:]],
        [f"{p:.2f}" for p in WALK[1:-1] if p < 99.9] + ["100.2"],  # four digits in all
        [str(round(1000 * p)) for p in WALK[1:-1]] + ["9398"],
        [repr(p) for p in WALK[1:-1]] + ["93.980003356933"],
    ],
    ids=["pandas", "whole", "stripped", "fixed", "few", "digits", "hundred", "won", "long"],
)
def test_a_whole_file_without_a_last_line_end_is_not_doubted(
    cells: list[str], tmp_path: Path
) -> None:
    assert "cut" not in warnings(cells, tmp_path)


def test_a_line_end_and_a_cell_behind_the_number_end_all_doubt(tmp_path: Path) -> None:
    cells = [*(f"{p:.2f}" for p in WALK[1:-1]), "93"]
    assert "cut" in warnings(cells, tmp_path)
    assert "cut" not in warnings(cells, tmp_path, "{},{},5")
    assert "cut" not in warnings([*cells[:-1], "93\n"], tmp_path)
