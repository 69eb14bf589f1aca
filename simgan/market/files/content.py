"""Content of a price file: its bytes, unpacked, and its text in the right encoding."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import re
import select
import stat
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from simgan.errors import PriceError, SourceError
from simgan.market.files.names import Meaning, field_of
from simgan.market.prices import Note, read_as

CONVERT = "save it as CSV (UTF-8) with the columns date (YYYY-MM-DD) and close"
LARGEST = 2 * 2**30  # bytes, unpacked: thirty million lines
PATIENCE = 5.0  # seconds that a pipe waits for a writer
_HEAD = 2**16  # bytes that tell the encoding of a file with names of columns

GZIP, BZIP2, XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00"
ZIP, EMPTY_ZIP, OLD_EXCEL = b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0"
_KINDS = {OLD_EXCEL: "workbook", b"PAR1": "parquet", b"ARROW1": "arrow"}
_REFUSED = {
    b"%PDF-": "is a PDF; save its table of prices as CSV",
    b"7z\xbc\xaf\x27\x1c": "is packed by 7-Zip; unpack it first",
    b"Rar!\x1a\x07": "is packed by RAR; unpack it first",
    b"\x28\xb5\x2f\xfd": "is packed by Zstandard; unpack it first",
}
# Raised for a damaged or encrypted zip, or an unknown compression.
DAMAGED_ZIP = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, NotImplementedError),
    *(OSError, EOFError, KeyError, ValueError),
)
_MARKS = {  # byte order marks
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
# The names of columns decide between these. The first one with most known names is taken.
_CODECS = ("cp949", "cp932", "gb18030", "big5", "cp1252", "cp1250", "cp1251", "cp1254", "cp874")
_NAMES = {"cp949": "CP949", "cp932": "Shift_JIS", "gb18030": "GBK", "big5": "Big5"}
_ABOUT = re.compile(r"(?:^|[/\\])(?:read[_ -]?me|licen[cs]e)(?:\.\w+)?$", re.IGNORECASE)
_ENDINGS = re.compile(r"\.\w{2,7}(?:\.(?:gz|bz2|xz))?$")  # KO.csv.gz
_NOT_PRICES = (
    (re.compile(r"\s*[{\[]\s*[\"{\[\]}]"), "JSON"),
    (re.compile(r"\s*(?:<!doctype|<html|<\?xml|<table|<head|<meta)", re.IGNORECASE), "a web page"),
)


@dataclass(frozen=True)
class Content:
    """Bytes of one table.

    Attributes
    ----------
    data : bytes
        Unpacked.
    kind : {"text", "workbook", "parquet", "arrow"}
    packing : str
        Description of the packing, or nothing.
    asked : str
        Ticker that chooses among the sheets of a workbook.
    notes : tuple of Note
        Choice among the files of a zip.
    """

    data: bytes
    kind: str
    packing: str = ""
    asked: str = ""
    notes: tuple[Note, ...] = ()


class SeveralTables(PriceError):
    """A workbook or an archive holds several tables, and no ticker chooses one.

    Attributes
    ----------
    names : tuple of str
        Names by which a ticker chooses a table.
    """

    def __init__(self, reason: str, names: tuple[str, ...]) -> None:
        self.reason, self.names = reason, names
        super().__init__(reason, names)

    def __str__(self) -> str:
        return self.reason


def named_like(names: Sequence[str], asked: str) -> list[int]:
    """Return the places of the names that are a ticker, else of those that are it in any case."""
    same = [i for i, name in enumerate(names) if name == asked]
    return same or [i for i, name in enumerate(names) if name.casefold() == asked.casefold()]


def content_of(path: Path, asked: str = "") -> Content:
    """Read a file, unpacked where it is gzip, bzip2, xz or zip.

    The ticker `asked` chooses among the tables of an archive or workbook.

    Raises
    ------
    SourceError
        The file is missing or cannot be opened.
    PriceError
        It is damaged, empty, too large, or an archive of several tables.
    """
    return content_in(bytes_of(path), path, asked)


def content_in(data: bytes, path: Path, asked: str = "") -> Content:
    """Unpack the bytes of a file. The ending of its name may say that they are packed.

    Raises
    ------
    PriceError
        As for `content_of`.
    """
    return unpacked(data, path.suffix.lower() == ".gz", asked)


def bytes_of(path: Path) -> bytes:
    """Read the bytes of a file as they stand.

    Raises
    ------
    SourceError
        The file is missing or cannot be opened.
    PriceError
        It is too large.
    """
    try:
        data = _read(path)
    except FileNotFoundError:
        raise SourceError(f"there is no file {path}; check its name and its folder") from None
    except (OSError, ValueError) as error:  # a null byte in the name is a ValueError
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(
            f"{path} cannot be read: {reason.lower()}; give the name of a readable file"
        ) from None
    if len(data) > LARGEST:
        raise too_large()
    return data


def _read(path: Path) -> bytes:
    """Read a regular file, or a pipe such as ``/dev/stdin`` to which somebody writes."""
    mode = path.stat().st_mode
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        raise SourceError(f"{path} is a device, not a file; give the name of a price file")
    if stat.S_ISFIFO(mode):
        return _piped(path)
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _piped(path: Path) -> bytes:
    """Read a pipe to its end, however slow its writer is. A pipe without a writer is refused."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        select.select([descriptor], [], [], PATIENCE)
        try:
            first = os.read(descriptor, _HEAD)
        except BlockingIOError:  # its writer has not written yet
            first = b""
        else:
            if not first:
                raise SourceError(
                    f"{path} is a pipe, and nothing writes to it; start its writer first, or give "
                    "a regular file"
                )
        os.set_blocking(descriptor, True)
        return first + file.read(LARGEST + 1 - len(first))


def unpacked(data: bytes, by_name: bool = False, asked: str = "") -> Content:
    """Unpack gzip, bzip2, xz and zip, and recognise the kind of table by its first bytes."""
    if reason := next((why for begin, why in _REFUSED.items() if data.startswith(begin)), ""):
        raise PriceError(f"it {reason}")
    for beginning, (packing, opened) in _STREAMS.items():
        if data.startswith(beginning) or (by_name and beginning == GZIP):
            return replace(unpacked(_inflated(data, packing, opened), asked=asked), packing=packing)
    if data.startswith((ZIP, EMPTY_ZIP)):
        return _from_archive(data, asked)
    kind = next((kind for begin, kind in _KINDS.items() if data.startswith(begin)), "text")
    return Content(data, kind, asked=asked)


Opener = Callable[[io.BytesIO], io.BufferedIOBase]
_STREAMS: dict[bytes, tuple[str, Opener]] = {
    GZIP: ("gzip", gzip.open),
    BZIP2: ("bzip2", bz2.open),
    XZ: ("xz", lzma.open),
}


def _inflated(data: bytes, packing: str, opened: Opener) -> bytes:
    try:
        with opened(io.BytesIO(data)) as packed:
            text = packed.read(LARGEST + 1)
    except (zlib.error, lzma.LZMAError, EOFError, OSError, ValueError) as error:
        raise PriceError(
            f"it is no complete {packing} file ({error}); download or compress it again"
        ) from None
    if len(text) > LARGEST:
        raise too_large()
    if text.startswith(tuple(_STREAMS)):
        raise PriceError("it is packed more than once; unpack it first")
    return text


def too_large(most: int | None = None) -> PriceError:
    """Return the refusal of more bytes than `most`, or `LARGEST`."""
    size = f"more than {(most or LARGEST) / 2**20:,.0f} MB, too much for a table of prices"
    return PriceError(
        f"it holds {size}; check the file, or keep only its columns of date and price"
    )


def _from_archive(data: bytes, asked: str) -> Content:
    """Read the one table of a zip, or the one with the name of a ticker.

    A workbook of Excel is a zip, too.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [i.filename for i in archive.infolist() if not i.is_dir()]
            if "xl/workbook.xml" in names or "content.xml" in names or "xl/workbook.bin" in names:
                return Content(data, "workbook", asked=asked)
            name, notes = _entry(names, asked)
            if archive.getinfo(name).file_size > LARGEST:
                raise too_large()
            with archive.open(name) as member:
                inner = member.read(LARGEST)
    except DAMAGED_ZIP as error:
        if isinstance(error, PriceError):
            raise
        raise PriceError(f"it is no complete zip file ({error}); download it again") from None
    if inner.startswith(ZIP):
        nested = zipfile.is_zipfile(io.BytesIO(inner)) and b"xl/" in inner[:_HEAD]
        if not nested:
            raise PriceError("it is a zip within a zip; unpack the table of prices")
        return Content(inner, "workbook", f"zip with {name}", asked, notes)
    return replace(unpacked(inner, asked=asked), packing=f"zip with {name}", notes=notes)


def _entry(names: Sequence[str], asked: str) -> tuple[str, tuple[Note, ...]]:
    """Choose the one table of a zip, or the one with the name of a ticker, and tell the choice.

    Raises
    ------
    SeveralTables
        None or several can be meant.
    """
    visible = [name for name in names if not _is_hidden(name)] or names
    tables = [name for name in visible if not _ABOUT.search(name)] or visible
    if len(tables) == 1:
        about = ", ".join(name for name in visible if name not in tables)
        return tables[0], (read_as(f"of the zip, {about} is not read"),) if about else ()
    stems = [_ENDINGS.sub("", re.split(r"[/\\]", name)[-1]) for name in tables]
    if asked and len(same := named_like(stems, asked)) == 1:
        told = f"of {len(tables)} files in the zip, {tables[same[0]]!r} has the name of the ticker"
        return tables[same[0]], (read_as(told),)
    listing = ", ".join(tables[:5]) or "nothing"
    raise SeveralTables(
        f"it is a zip with {len(tables)} files ({listing}); unpack the one with prices, or give "
        "the name of a file as the ticker",
        tuple(stems),
    )


def _is_hidden(name: str) -> bool:
    """Tell a file of a system, such as ``__MACOSX/._a.csv``. ``../a.csv`` is a table."""
    parts = name.replace("\\", "/").split("/")
    return parts[0] == "__MACOSX" or any(p.startswith(".") and p.strip(".") for p in parts)


def text_of(data: bytes) -> tuple[str, str]:
    """Decode text, with line ends as newlines.

    Returns
    -------
    text : str
    encoding : str

    Raises
    ------
    PriceError
        It is no text, or in an encoding that is not known.
    """
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PriceError(
            f"line {line} is no {encoding.upper()} text (byte 0x{data[error.start]:02x}); {CONVERT}"
        ) from None
    text = _without_end_sign(text)
    if "\0" in text:
        raise PriceError(f"it is binary, not a table of prices; {CONVERT}")
    for pattern, kind in _NOT_PRICES:
        if pattern.match(text[:_HEAD]):
            beginning = " ".join(text[:300].split())[:120]
            raise PriceError(
                f"it is {kind}, not a table of prices ({beginning}); download the prices as CSV"
            )
    text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    return text, _NAMES.get(encoding, encoding.removesuffix("-sig").upper())


def _without_end_sign(text: str) -> str:
    """Leave out a Ctrl-Z at the end, by which DOS marks the end of a text."""
    whole = text.rstrip("\x1a\r\n ")
    return f"{whole}\n" if "\x1a" in text[len(whole) :] else text


def _encoding(data: bytes) -> str:
    for mark, codec in _MARKS.items():
        if data.startswith(mark):
            return codec
    if wide := _wide(data[:_HEAD]):
        return wide
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError as error:
        if b"\0" in data[:_HEAD] or not _is_legacy(data, error.start):
            return "utf-8"  # its error names the line
    return _legacy(data)


def _wide(head: bytes) -> str:
    """Recognise UTF-16 without a mark: every second byte of plain letters is zero."""
    half = len(head) // 2  # shares below: names and dates may hold other letters
    if half < 4:
        return ""
    if head[1::2].count(0) > 0.7 * half and head[0::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if head[0::2].count(0) > 0.7 * half and head[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return ""


def _is_legacy(data: bytes, start: int) -> bool:
    """Tell a file in another encoding from one in UTF-8 with a damaged byte."""
    try:
        seen = data[:start].decode("utf-8")
    except UnicodeDecodeError:
        return True
    return seen.isascii()


def _legacy(data: bytes) -> str:
    """Take the encoding in which most names of columns are known, else the likeliest."""
    best, most = "", 0
    for codec in _CODECS:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if (known := _known_names(text[:_HEAD])) > most:
            best, most = codec, known
    return best or _likeliest(data)


def _known_names(text: str) -> int:
    """Count cells of the first lines with letters beyond ASCII that name a price or a date."""
    cells = {c.strip(' "') for line in text.splitlines()[:40] for c in re.split(r"[,;\t|]", line)}
    return sum(
        not cell.isascii() and field_of(cell) not in (None, Meaning.OTHER, Meaning.TICKER)
        for cell in cells
    )


def _likeliest(data: bytes) -> str:
    """Guess the encoding of a text whose names of columns do not tell it."""
    if not re.search(rb"[\x80-\xff]{2}", data):
        candidates = ["cp1252"]  # single letters and signs among plain ones: Western
    else:
        from charset_normalizer import from_bytes

        found = from_bytes(data[:_HEAD]).best()
        candidates = [found.encoding if found else "cp1252", "cp1252"]
    for codec in candidates:
        try:
            data.decode(codec)
            return codec
        except (UnicodeDecodeError, LookupError):
            continue
    return "latin-1"
