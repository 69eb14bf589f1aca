"""Price files: speed beside Arrow alone, random files, mutations of real files, and fuzzing.

``python benchmarks/price_files.py rows [ROWS]`` reads one ticker of a file of ten million rows, and
prints time and memory as ratios to ``pyarrow.csv.read_csv`` of the same file, each in a process of
its own, in turns. ``random [FILES]`` reads random files (tests/support/random_files.py).
``mutations [COUNT]`` damages the files of ../shared/data. ``fuzz [SECONDS]`` lets atheris look for
inputs that end in anything but prices or a `SimganError` (``pip install atheris``).
"""

from __future__ import annotations

import json
import multiprocessing
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "../shared/data"
DAYS, TURNS = 5000, 3


def main(what: str = "rows", amount: str = "") -> None:
    """Run one of the four parts."""
    parts: dict[str, tuple[Callable[[int], None], int]] = {
        "rows": (rows, 10_000_000),
        "random": (random, 10_000),
        "mutations": (mutations, 50_000),
        "fuzz": (fuzz, 600),
    }
    part, usual = parts[what]
    part(int(amount or usual))


def rows(count: int) -> None:
    """Print time and memory of reading one ticker, in units of Arrow's."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "panel.csv"
        _write_panel(path, count)
        print(f"{count:,} rows, {path.stat().st_size / 2**20:.0f} MB, {count // DAYS} tickers")
        figures = {"arrow": [], "simgan": []}
        for _ in range(TURNS):
            for reader, found in figures.items():
                run = [sys.executable, __file__, "one", f"{reader}:{path}"]
                found.append(json.loads(subprocess.check_output(run)))
        medians = {name: np.median(found, axis=0) for name, found in figures.items()}
        for name, (seconds, gigabytes) in medians.items():
            print(f"{name:7s} {seconds:6.2f} s  {gigabytes:5.2f} GB")
        ratio = medians["simgan"] / medians["arrow"]
        print(f"ratios: time {ratio[0]:.1f}, memory {ratio[1]:.1f} (at most 6 each)")


def _write_panel(path: Path, count: int) -> None:
    days = np.busday_offset("1999-01-04", np.arange(DAYS), roll="forward").astype(str)
    draw = np.random.Generator(np.random.Philox(0))
    with path.open("w") as file:
        file.write("date,open,high,low,close,volume,Name\n")
        for ticker in range(count // DAYS):
            closes = 100 * np.exp(np.cumsum(draw.normal(0, 0.01, DAYS)))
            file.writelines(
                f"{day},{c:.2f},{c * 1.01:.2f},{c * 0.99:.2f},{c:.2f},{c * 1e3:.0f},T{ticker:04d}\n"
                for day, c in zip(days, closes, strict=True)
            )


def _one(reader: str, path: str) -> None:
    """Read once, and print seconds and gigabytes."""
    import pyarrow.compute  # noqa: F401  (not part of what is measured)
    from pyarrow import csv

    from simgan.market.sources.price_file import PriceFile

    start = time.perf_counter()
    if reader == "arrow":
        csv.read_csv(path)
    else:
        assert len(PriceFile(path=path).fetch("T0001").dates) == DAYS
    seconds = time.perf_counter() - start
    print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20]))


def random(count: int) -> None:
    """Read random files. Each is right, or refused as ambiguous, or told to be read by custom."""
    sys.path.insert(0, str(ROOT / "tests/support"))
    from random_files import outcome_of, random_file

    _count(partial(_random, outcome_of, random_file), count)


def _random(outcome_of, random_file, seed: int) -> str:
    return outcome_of(random_file(seed))


def _count(outcome_of: Callable[[int], str], number: int) -> None:
    """Print how often each outcome comes, on all cores, and every failure with its number."""
    counts: Counter[str] = Counter()
    with multiprocessing.get_context("fork").Pool() as pool:
        for case, outcome in enumerate(pool.imap(outcome_of, range(number), chunksize=50)):
            counts[outcome.split(":")[0]] += 1
            if outcome.startswith(("WRONG", "CRASH", "REFUSED", "read in another")):
                print(f"{case}: {outcome}", flush=True)
            if (case + 1) % 5000 == 0:
                print(f"{case + 1:,} of {number:,}", file=sys.stderr)
    for outcome, found in counts.most_common():
        print(f"{found:7,d} {outcome}")


def mutations(count: int) -> None:
    """Damage real files. The answer differs in the damaged lines only, or something is told."""
    files = [path for folder in ("messy", "messy_new") for path in (DATA / folder).iterdir()]
    texts = [path for path in files if path.suffix in (".csv", ".txt", ".tsv")]
    wholes = {path: _lines(path) for path in sorted(texts)}
    wholes = {path: lines for path, lines in wholes.items() if len(lines) > 3}
    known = {path: _read(b"".join(lines), path) for path, lines in wholes.items()}
    _count(partial(_mutated, wholes, known), count)


def _lines(path: Path) -> list[bytes]:
    """Return at most 90 lines of a file, the header among them."""
    data = path.read_bytes()
    return data.splitlines(keepends=True)[:90] if b"\n" in data else [data]


def _read(data: bytes, path: Path):
    """Return prices by date, the notes without their figures, and the column, or the error."""
    from simgan.errors import SimganError
    from simgan.market.files.content import unpacked
    from simgan.market.files.reading import quotes_of, table_of
    from simgan.market.judgement import judged
    from simgan.market.prices import NoteKind

    columns = {"ecb_eurofxref_hist.csv": "USD", "crsp_negative_prc.csv": "PRC"}
    try:
        table = table_of(unpacked(data), path.name)
        prices = judged(quotes_of(table, "AAPL", columns.get(path.name, "")))
    except SimganError as error:
        return str(error)
    told = [str(note) for note in prices.notes if note.kind is not NoteKind.READ]
    days = dict(zip(prices.dates.tolist(), prices.values[:, 0].tolist(), strict=True))
    return days, {re.sub(r"\d", "", text) for text in told}, prices.facts["column"]


def _mutated(wholes, known, case: int) -> str:
    """Damage one to three lines of a file, all drawn by the case, and name the outcome."""
    draw = np.random.Generator(np.random.Philox(key=[case, 1]))
    path = list(wholes)[draw.integers(len(wholes))]
    lines = list(wholes[path])
    damaged = draw.choice(len(lines), min(len(lines), int(draw.integers(1, 4))), replace=False)
    for line in sorted(damaged, reverse=True):
        _damage(lines, int(line), draw)
    try:
        found = _read(b"".join(lines), path)
    except Exception as error:
        return f"CRASH: {path.name} lines {sorted(damaged + 1)}: {error!r}"
    named = _difference(found, known[path], 4 * len(damaged))
    where = f"{path.name} lines {sorted(damaged + 1)}"
    return f"{named} {where}" if named == "WRONG:" else f"{named}: {where}"


def _difference(found, before, allowed: int) -> str:
    """Name the difference between two readings."""
    if isinstance(found, str):
        return "refused"
    if isinstance(before, str):
        return "read, where the whole was refused"
    changed = set(found[0].items()) ^ set(before[0].items())
    new = found[1] - before[1]
    if not changed:
        return "read as before"
    if len(changed) <= allowed:
        return "read with the change of the damaged lines" + (", and told" if new else "")
    if found[2] != before[2]:
        return "read in another column, which is told"
    return "read in another way, and told" if new else "WRONG:"


def _damage(lines: list[bytes], at: int, draw: np.random.Generator) -> None:
    line = bytearray(lines[at])
    spot = int(draw.integers(max(len(line), 1)))
    byte = int(draw.choice(np.frombuffer(b"0123456789.,;:-/ \t\"'NaxEe$%\xff\xea\n\r", np.uint8)))
    ways: list[Callable[[], object]] = [
        lambda: line.__setitem__(spot, byte) if line else None,
        lambda: line.insert(spot, byte),
        lambda: line.__delitem__(spot) if line else None,
        line.clear,
        lambda: line.extend(line),
        lambda: line.__delitem__(slice(spot, None)),
        lambda: line.reverse(),
        lambda: lines.insert(at, lines[int(draw.integers(len(lines)))]),
        lambda: line.__setitem__(slice(None), bytes(line).swapcase()),
        lambda: line.__setitem__(slice(None), bytes(line).replace(b".", b",")),
    ]
    original = lines[at]
    ways[int(draw.integers(len(ways)))]()
    if lines[at] is original:
        lines[at] = bytes(line)


def fuzz(seconds: int) -> None:
    """Let atheris change the real files for some time, guided by the coverage of the reader."""
    import atheris

    with atheris.instrument_imports(include=["simgan.market.files", "simgan.market.judgement"]):
        from simgan.errors import SimganError
        from simgan.market.files.content import unpacked
        from simgan.market.files.reading import quotes_of, table_of
        from simgan.market.judgement import judged

    def one(data: bytes) -> None:
        try:
            table = table_of(unpacked(data), "input")
            for name in (table.tickers or ("X",))[:2]:
                prices = judged(quotes_of(table, name))
                assert (prices.values > 0).all() and np.isfinite(prices.values).all()
                assert (np.diff(prices.dates) > np.timedelta64(0)).all()
        except SimganError as error:
            assert "\n" not in str(error), str(error)

    corpus = Path(tempfile.mkdtemp())
    for folder in ("messy", "messy_new"):
        for path in (DATA / folder).iterdir():
            data = path.read_bytes()
            (corpus / path.name).write_bytes(data if len(data) < 6000 else data[:3000])
    print(f"{len(list(corpus.iterdir()))} files in the corpus, {seconds} s")
    options = [f"-max_total_time={seconds}", "-max_len=6000", "-timeout=20", "-verbosity=1"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        _one(*sys.argv[2].split(":", 1))
    else:
        main(*sys.argv[1:])
