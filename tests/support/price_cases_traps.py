"""Files that look like daily prices and are not, and files with one thing wrong."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
from price_cases import (
    STOCK,
    Bar,
    Case,
    Kind,
    iso,
    made,
    newest_first,
    ohlcv,
    plain,
    table,
    utf8,
    written,
)

HEADER = "Date,Open,High,Low,Close,Volume"
ROWS = [[iso(b), *ohlcv(b)] for b in STOCK]
TEXT = table(HEADER, ROWS)
LINES = TEXT.splitlines()


def no_price_cases() -> list[Case]:
    cells = "".join(f"<td>{cell}</td>" for cell in ROWS[0])
    html = f"<!DOCTYPE html>\n<html><body><table><tr>{cells}</tr></table></body></html>\n"
    answer = json.dumps({"Error Message": "Invalid API call."}, indent=4)
    chart = json.dumps({"chart": {"result": [{"timestamp": [1538400600], "close": [150.12]}]}})
    consent = "<html><head><title>Before you continue</title></head><body>...</body></html>"
    kinds = {
        "page.csv": (html, "HTML"),
        "page.xls": (html, "HTML"),
        "consent.csv": (consent, "HTML"),
        "answer.csv": (answer, "JSON"),
        "chart.json": (chart, "JSON"),
        "empty.csv": ("", "empty|no "),
        "blank.csv": ("\n\n\n", "empty|no "),
        "header_only.csv": (HEADER + "\n", "no |empty"),
        "text_only.csv": ("You have reached your limit of downloads.\n", "."),
    }
    return [
        Case(file, utf8(text), kind=Kind.REFUSE, word=word) for file, (text, word) in kinds.items()
    ]


def frequency_cases() -> list[Case]:
    weekly = [b for b in made(150.12, days=300) if b.day.weekday() == 0]
    monthly = [
        replace(b, day=date(2010 + row // 12, row % 12 + 1, 1)) for row, b in enumerate(STOCK)
    ]
    hours = [[f"{iso(b)} {hour}:00:00", *ohlcv(b)] for b in STOCK for hour in ("10", "15")]
    minutes = [f"{b.day:%Y%m%d} {hour};" + ";".join(map(str, ohlcv(b)[:4])) + ";0"
               for b in STOCK[:20] for hour in ("170000", "170100", "170200")]  # fmt: skip
    return [
        Case("weekly.csv", utf8(table(HEADER, [[iso(b), *ohlcv(b)] for b in weekly])), weekly,
             Kind.TELL, word="week|day|step"),
        Case("monthly.csv", utf8(table(HEADER, [[iso(b), *ohlcv(b)] for b in monthly])), monthly,
             Kind.TELL, word="month|day|step"),
        Case("two_a_day.csv", utf8(table(HEADER, hours)), kind=Kind.REFUSE, word="day|time|hour"),
        Case("DAT_ASCII_EURUSD_M1.csv", utf8("\n".join([*minutes, ""])), kind=Kind.REFUSE,
             word="intraday|time"),
    ]  # fmt: skip


def column_cases() -> list[Case]:
    def beside(file: str, header: str, cells: list[list[object]], **more: str) -> Case:
        rows = [[iso(b), *row] for b, row in zip(STOCK, cells, strict=True)]
        return Case(file, utf8(table(header, rows)), STOCK, **more)  # type: ignore[arg-type]

    closes = [[b.close] for b in STOCK]
    return [
        beside("price_change.csv", "Date,Price change,Close", [[0.51, *c] for c in closes]),
        beside("change_after.csv", "Date,Price,Price Change %", [[*c, "0.34%"] for c in closes]),
        beside("last_beside.csv", "Date,Last,Close", [[c[0] + 0.25, *c] for c in closes]),
        beside("previous.csv", "Date,Previous Close,Close", [[c[0] - 0.75, *c] for c in closes]),
        beside("benchmark.csv", "Date,Close,Benchmark", [[*c, 2875.25] for c in closes]),
        beside("factor.csv", "Date,Close,AdjFactor", [[*c, 1.0] for c in closes]),
        beside("volume_only_adj.csv", "Date,Close,Adj Volume", [[*c, 12345] for c in closes]),
        beside("bid_ask.csv", "Date,Bid,Ask,Close", [[c[0] - 1, c[0] + 1, *c] for c in closes]),
        beside("numbered.csv", "Date,No,Close", [[i, *c] for i, c in enumerate(closes)]),
        beside("chosen.csv", "Date,NAV,Price", [[*c, c[0] + 1] for c in closes], column="NAV"),
        beside("ticker_column.csv", "Date,AAPL,SPX", [[*c, 2875.25] for c in closes], asset="AAPL"),
    ]


def damaged_cases() -> list[Case]:
    """Make files with one thing wrong. `EITHER`: to leave it out and to refuse are both right."""

    def lines(file: str, rows: list[str], kind: Kind, word: str = "",
              bars: list[Bar] | None = None) -> Case:  # fmt: skip
        return Case(file, utf8("\n".join(rows) + "\n"), STOCK if bars is None else bars, kind,
                    word=word)  # fmt: skip

    def with_close(row: int, close: str) -> list[str]:
        cells = LINES[row].split(",")
        return [*LINES[:row], ",".join([*cells[:4], close, cells[5]]), *LINES[row + 1 :]]

    mixed = [
        [row[0], str(row[4]).replace(".", "," if i % 2 else ".")] for i, row in enumerate(ROWS)
    ]
    dates = [
        [b.day.strftime("%d/%m/%Y" if i < 40 else "%m/%d/%Y"), b.close] for i, b in enumerate(STOCK)
    ]
    first_twelve = [
        [f"{day:02d}/{7 * day % 13:02d}/2018", 150 + day] for day in (5, 1, 9, 12, 3, 7, 2, 11)
    ]
    pence = [[iso(b), plain(b.close * (100 if i < 40 else 1))] for i, b in enumerate(STOCK)]
    doubled = [
        replace(b, close=round(b.close * 2, 2)) if i < 40 else b for i, b in enumerate(STOCK)
    ]
    return [
        lines("footer_total.csv", [*LINES, "Total,,,,,1234567890"], Kind.EITHER),
        lines("footer_mean.csv", [*LINES, "Average,150,151,149,150,1234567"], Kind.EITHER),
        lines("footer_count.csv", [*LINES, str(len(ROWS))], Kind.EITHER),
        lines("footer_source.csv", [*LINES, "", "Source: Example Exchange,,,,,"], Kind.EITHER),
        lines("cut_in_row.csv", [*LINES[:-1], LINES[-1][:18]], Kind.EITHER, bars=STOCK[:-1]),
        lines("header_again.csv", [*LINES[:40], LINES[0], *LINES[40:]], Kind.EITHER),
        lines("repeated_rows.csv", [*LINES[:40], *LINES[30:]], Kind.READ, "duplicate|repeat|twice"),
        lines("two_closes.csv", [*LINES, with_close(7, "151.99")[7]], Kind.REFUSE, "line (8|82)"),
        lines("zero.csv", with_close(9, "0.00"), Kind.REFUSE, "line 10"),
        lines("negative.csv", with_close(9, "-150.12"), Kind.REFUSE, "line 10"),
        lines("word.csv", with_close(9, "closed"), Kind.REFUSE, "line 10"),
        lines("hundredfold.csv", with_close(9, "15012.00"), Kind.REFUSE, "line 10"),
        lines("thousands_suffix.csv", with_close(9, "0.15K"), Kind.REFUSE, "line 10"),
        lines("infinite.csv", with_close(9, "inf"), Kind.REFUSE, "line 10|inf"),
        Case("mixed_decimals.csv", utf8(table("Date;Close", mixed, ";")), kind=Kind.REFUSE,
             word="decimal|number"),
        Case("mixed_dates.csv", utf8(table("Date,Close", dates)), kind=Kind.REFUSE,
             word="day|date"),
        Case("first_twelve.csv", utf8(table("Date,Close", first_twelve)), kind=Kind.REFUSE,
             word="ambiguous|order"),
        Case("pence.csv", utf8(table("Date,Close", pence)),
             [replace(b, close=float(p[1])) for b, p in zip(STOCK, pence, strict=True)], Kind.TELL,
             word="unit|100"),
        Case("split.csv", utf8(table("Date,Close", [[iso(b), b.close] for b in doubled])), doubled,
             Kind.TELL, word="split"),
        Case("future.csv", utf8(table("Date,Close", [[iso(_later(b)), b.close] for b in STOCK])),
             [_later(b) for b in STOCK], Kind.TELL, word="future|later|today"),
    ]  # fmt: skip


def _later(bar: Bar) -> Bar:
    return replace(bar, day=bar.day + timedelta(days=7 * 52 * 543))


def sheet(rows: list[list[object]]) -> str:
    """Write a worksheet with inline strings."""

    def cell(value: object) -> str:
        if isinstance(value, int | float):
            return f"<c><v>{value!r}</v></c>"
        if isinstance(value, date):
            return f'<c s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
        return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'

    body = "".join(f"<row>{''.join(cell(value) for value in row)}</row>" for row in rows)
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return (
        f'<?xml version="1.0"?><worksheet xmlns="{space}"><sheetData>{body}</sheetData></worksheet>'
    )


def workbook(**sheets: list[list[object]]) -> bytes:
    """Write an Excel workbook: style 1 is a day."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    numbers = range(1, len(sheets) + 1)
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    names = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>'
        for n, name in zip(numbers, sheets, strict=True)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        f'<Default Extension="rels" ContentType="{relations}"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
            for n in numbers
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">'
        f"<sheets>{names}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">{links}'
        f'<Relationship Id="rId99" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><fonts count="1"><font/></fonts>'
        '<fills count="1"><fill/></fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
    }
    parts |= {
        f"xl/worksheets/sheet{n}.xml": sheet(rows)
        for n, rows in zip(numbers, sheets.values(), strict=True)
    }
    return zipped(**{name: text.encode() for name, text in parts.items()})


def zipped(**files: bytes) -> bytes:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return box.getvalue()


def packed_cases() -> list[Case]:
    names = HEADER.split(",")
    days = [[b.day, b.open, b.high, b.low, b.close, b.volume] for b in STOCK]
    indexed = [[b.day, b.close] for b in STOCK]
    texts = [[written("%d.%m.%Y")(b), b.close] for b in newest_first(STOCK)]
    frame = pa.table(
        {
            "Date": pa.array([b.day for b in STOCK], pa.date32()).cast(pa.timestamp("ns")),
            **{n: [getattr(b, n.lower()) for b in STOCK] for n in names[1:]},
        }
    )
    text_days = pa.table({"date": [iso(b) for b in STOCK], "close": [b.close for b in STOCK]})

    def parquet(of: pa.Table) -> bytes:
        sink = io.BytesIO()
        pq.write_table(of, sink)
        return sink.getvalue()

    def arrow(of: pa.Table, compression: str) -> bytes:
        sink = io.BytesIO()
        feather.write_feather(of, sink, compression=compression)
        return sink.getvalue()

    csv = utf8(TEXT)
    other = utf8(table("Date,Close", [[iso(b), b.close] for b in made(30.0, seed=41)]))
    mac = {"__MACOSX/._AAPL.csv": b"\x00\x05\x16\x07" * 20, "AAPL.csv": csv}
    return [
        Case("days.xlsx", workbook(Sheet1=[list(names), *days]), STOCK, holds="ohlv"),
        Case("index.xlsx", workbook(Sheet1=[["", "Close"], *indexed]), STOCK),
        Case("texts.xlsx", workbook(Kurse=[["Datum", "Schlusskurs"], *texts]), STOCK),
        Case("titled.xlsx", workbook(Sheet1=[["AAPL prices"], [], list(names), *days]), STOCK,
             holds="ohlv"),
        Case("noted.xlsx", workbook(Prices=[list(names), *days], Notes=[["made for a test"]]),
             STOCK, Kind.EITHER),
        Case("frame.parquet", parquet(frame), STOCK, holds="ohlv"),
        Case("texts.parquet", parquet(text_days), STOCK),
        Case("frame.feather", arrow(frame, "lz4"), STOCK, holds="ohlv"),
        Case("frame.arrow", arrow(frame, "uncompressed"), STOCK, holds="ohlv"),
        Case("prices.csv.gz", gzip.compress(csv), STOCK, holds="ohlv"),
        Case("AAPL.zip", zipped(**{"AAPL.csv": csv}), STOCK, holds="ohlv"),
        Case("AAPL_mac.zip", zipped(**mac), STOCK, holds="ohlv"),
        Case("two_tables.zip", zipped(**{"AAPL.csv": csv, "MSFT.csv": other}), kind=Kind.REFUSE,
             word=r"AAPL\.csv.*MSFT\.csv"),
        Case("cut.xlsx", workbook(Sheet1=[list(names), *days])[:-200], kind=Kind.REFUSE, word="."),
        Case("cut.csv.gz", gzip.compress(csv)[:-40], kind=Kind.REFUSE, word="."),
        Case("cut.parquet", parquet(frame)[:-40], kind=Kind.REFUSE, word="."),
    ]  # fmt: skip


def trap_cases() -> list[Case]:
    groups = (no_price_cases, frequency_cases, column_cases, damaged_cases, packed_cases)
    return [case for group in groups for case in group()]
