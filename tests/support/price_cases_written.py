"""Files that pandas, R and spreadsheets write, and every notation of days and numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

from price_cases import (
    EURUSD,
    INDEX,
    STOCK,
    Bar,
    Case,
    Kind,
    bom,
    english,
    german,
    iso,
    made,
    newest_first,
    ohlcv,
    plain,
    short_month,
    table,
    unix,
    utf8,
    written,
)

MSFT = made(101.57, seed=21)

PAIR = list(zip(STOCK, MSFT, strict=True))
FIELDS = ("Adj Close", "Close", "High", "Low", "Open", "Volume")


def in_fields(bar: Bar) -> list[object]:
    return [bar.adjusted, bar.close, bar.high, bar.low, bar.open, bar.volume]


def yfinance_cases() -> list[Case]:
    one = [[iso(b), *in_fields(b)] for b in STOCK]
    both = [[iso(a), *in_fields(a), *in_fields(m)] for a, m in PAIR]
    fields = ",".join(FIELDS)
    heads = {
        "yf_single.csv": f"Price,{fields}\nTicker{',AAPL' * 6}\nDate{',' * 6}",
        "yf_single_unnamed.csv": f",{fields}\n{',AAPL' * 6}\nDate{',' * 6}",
        "yf_flat.csv": f"Date,{fields}",
        "yf_tuples.csv": "Date," + ",".join(f"\"('{f}', 'AAPL')\"" for f in FIELDS),
        "yf_ticker_last.csv": "Date," + ",".join(f"{f}_AAPL" for f in FIELDS),
        "yf_ticker_first.csv": "Date," + ",".join(f"AAPL_{f}" for f in FIELDS),
        "yf_ticker_blank.csv": "Date," + ",".join(f"{f} AAPL" for f in FIELDS),
    }
    cases = [
        Case(file, utf8(table(head, one)), STOCK, holds="ohlv", price="adjusted", asset="AAPL")
        for file, head in heads.items()
    ]
    grouped = (
        f"Ticker{',AAPL' * 6}{',MSFT' * 6}\nPrice,{fields},{fields}\nDate{',' * 12}",
        f"{',AAPL' * 6}{',MSFT' * 6}\n,{fields},{fields}\nDate{',' * 12}",
    )
    cases += [
        Case(
            f"yf_group_by_ticker_{i}.csv",
            utf8(table(head, both)),
            MSFT,
            holds="ohlv",
            price="adjusted",
            asset="MSFT",
        )
        for i, head in enumerate(grouped)
    ]
    no_dates = table(fields, [row[1:] for row in one])
    return [*cases, Case("yf_index_false.csv", utf8(no_dates), kind=Kind.REFUSE, word="dates?")]


def pandas_cases() -> list[Case]:
    closes = [[iso(b), b.close] for b in STOCK]
    numbered = [[row, *cells] for row, cells in enumerate(closes)]
    comma = [[iso(b), *(f"{p:g}".replace(".", ",") for p in (b.open, b.close))] for b in STOCK]
    zones = [[f"{iso(b)} 00:00:00-0{5 if b.day >= date(2018, 11, 4) else 4}:00", *ohlcv(b), 0.0,
              0.0] for b in STOCK]  # fmt: skip
    bars = [[iso(b), *ohlcv(b)] for b in STOCK]
    texts = {
        "series_unnamed.csv": table(",0", closes),
        "series_no_header.csv": table("", closes),
        "reset_index.csv": table(",Date,Close", numbered),
        "reset_index_twice.csv": table(
            "Unnamed: 0,index,Date,Close", [[row[0], *row] for row in numbered]
        ),
        "semicolon_decimal_comma.csv": table("Date;Open;Close", comma, ";"),
        "datetimes.csv": table("Date,Close", [[f"{day} 00:00:00", c] for day, c in closes]),
        "history.csv": table("Date,Open,High,Low,Close,Volume,Dividends,Stock Splits", zones),
        "pipes.txt": table("Date|Open|High|Low|Close|Volume", bars, "|"),
        "sixteen_oclock.csv": table("Date,Close", [[f"{day} 16:00:00", c] for day, c in closes]),
    }  # fmt: skip
    return [Case(file, utf8(text), STOCK, asset="AAPL") for file, text in texts.items()]


def r_cases() -> list[Case]:
    names = [f"AAPL.{n}" for n in ("Open", "High", "Low", "Close", "Volume", "Adjusted")]
    cells = [[iso(b), *ohlcv(b), b.adjusted] for b in STOCK]
    quoted = ",".join(f'"{name}"' for name in names)
    with_rows = table(f'"","Date",{quoted}', [[f'"{i + 1}"', *row] for i, row in enumerate(cells)])
    row_names = table(f'"",{quoted}', [[f'"{row[0]}"', *row[1:]] for row in cells])
    blank = table('"Index" ' + quoted.replace(",", " "), cells, sep=" ")
    csv2 = table(
        '"";"Date";"Close";"Adjusted"',
        [[f'"{i + 1}"', iso(b), german(b.close), german(b.adjusted)] for i, b in enumerate(STOCK)],
        sep=";",
    )
    tidy = table(
        '"","symbol","date","open","high","low","close","volume","adjusted"',
        [[f'"{i + 1}"', '"AAPL"', *row] for i, row in enumerate(cells)],
    )
    short = table(quoted.replace(",", " "), [[f'"{row[0]}"', *row[1:]] for row in cells], sep=" ")
    files = {
        "write_csv_data_frame.csv": (with_rows, Kind.READ, "ohlv"),
        "write_csv_row_names.csv": (row_names, Kind.READ, "ohlv"),
        "write_zoo.txt": (blank, Kind.READ, "ohlv"),
        "write_csv2.csv": (csv2, Kind.READ, ""),
        "tidyquant.csv": (tidy, Kind.READ, "ohlv"),
        "write_table.txt": (short, Kind.READ, "ohlv"),  # a header cell less than the rows have
    }
    return [
        Case(file, utf8(text), STOCK, kind, holds, "adjusted", asset="AAPL")
        for file, (text, kind, holds) in files.items()
    ]


def day_cases() -> list[Case]:
    """One notation of days a file."""
    months = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
    french = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
    epoch = date(1899, 12, 30)

    def named(names: str, dot: str) -> Callable[[Bar], str]:
        return lambda b: f"{b.day.day}{dot} {names.split()[b.day.month - 1]} {b.day.year}"

    notations: dict[str, tuple[Callable[[Bar], str], Kind]] = {
        "month_first_name": (lambda b: f'"{b.day:%b} {b.day.day}, {b.day.year}"', Kind.READ),
        "whole_name": (lambda b: f"{b.day.day} {b.day:%B} {b.day.year}", Kind.READ),
        "short_year_name": (written("%d-%b-%y"), Kind.READ),
        "weekday": (lambda b: f'"{b.day:%a}, {b.day:%d %b %Y}"', Kind.READ),
        "bloomberg_month": (short_month, Kind.READ),
        "compact": (written("%Y%m%d"), Kind.READ),
        "points": (written("%Y.%m.%d"), Kind.READ),
        "year_slashes": (written("%Y/%m/%d"), Kind.READ),
        "no_zeros": (lambda b: f"{b.day.month}/{b.day.day}/{b.day.year}", Kind.READ),
        "us_short_year": (lambda b: f"{b.day.month}/{b.day.day}/{b.day:%y}", Kind.READ),
        "german_short_year": (written("%d.%m.%y"), Kind.READ),
        "dutch": (lambda b: f"{b.day.day}-{b.day.month}-{b.day.year}", Kind.READ),
        "year_first_short": (written("%y-%m-%d"), Kind.EITHER),
        "korean": (lambda b: f"{b.day.year}년 {b.day.month}월 {b.day.day}일", Kind.READ),
        "t": (lambda b: f"{iso(b)}T00:00:00", Kind.READ),
        "t_z": (lambda b: f"{iso(b)}T00:00:00Z", Kind.READ),
        "micro": (lambda b: f"{iso(b)} 00:00:00.000000", Kind.READ),
        "nine_digits": (lambda b: f"{iso(b)}T00:00:00.000000000", Kind.READ),
        "epoch_seconds": (lambda b: str(unix(b)), Kind.READ),
        "epoch_ms": (lambda b: str(unix(b) * 1000), Kind.READ),
        "epoch_us": (lambda b: str(unix(b) * 1_000_000), Kind.READ),
        "epoch_float": (lambda b: f"{unix(b)}.0", Kind.READ),
        "epoch_bell": (lambda b: str(unix(b, time(9, 30), "America/New_York")), Kind.READ),
        "excel": (lambda b: str((b.day - epoch).days), Kind.READ),
        "excel_fraction": (lambda b: f"{(b.day - epoch).days + 2 / 3:.9f}", Kind.READ),
        "german_names": (named(months, "."), Kind.EITHER),
        "french_names": (named(french, ""), Kind.EITHER),
        "twelve_hours": (lambda b: f"{b.day:%m/%d/%Y} 12:00:00 AM", Kind.READ),
        "google": (lambda b: f"{b.day.month}/{b.day.day}/{b.day.year} 16:00:00", Kind.READ),
        "us_short_close": (lambda b: f"{b.day:%m/%d/%y}", Kind.READ),
    }  # fmt: skip
    return [
        Case(f"day_{name}.csv",
             utf8(table("Date,Open,High,Low,Close,Volume", [[day(b), *ohlcv(b)] for b in bars])),
             STOCK, kind, "ohlv")
        for name, (day, kind) in notations.items()
        for bars in [newest_first(STOCK) if len(name) % 2 else STOCK]
    ]  # fmt: skip


def number_cases() -> list[Case]:
    euros = [[written("%d.%m.%Y")(b), f"{german(b.close)} €"] for b in INDEX]
    dollars = [[written("%m/%d/%Y")(b), f'"${english(b.close)}"'] for b in INDEX]
    code = [[iso(b), f'"USD {english(b.close)}"'] for b in INDEX]
    ended = [[f"{b.day:%d.%m.%Y}", f"{b.close:g}".replace(".", ",")] for b in EURUSD]
    exponent = [[iso(b), f"{b.close:.10e}"] for b in STOCK]
    padded = [[f" {iso(b)} ", f"   {b.close} "] for b in STOCK]
    integer = [[iso(b), f'"{b.close:,.0f}"'] for b in made(1_250_000, 0, seed=23)]
    return [
        Case("euros.csv", bom(table("Datum;Schlusskurs", euros, ";")), INDEX),
        Case("dollars.csv", utf8(table("Date,Close", dollars)), INDEX),
        Case("currency_code.csv", utf8(table("Date,Close", code)), INDEX, Kind.EITHER),
        Case("no_end_zeros.csv", utf8(table("Datum;Kurs", ended, ";")), EURUSD),
        Case("exponents.csv", utf8(table("Date,Close", exponent)), STOCK),
        Case("padded.csv", utf8(table(" Date , Close ", padded)), STOCK),
        Case("two_groups.csv", utf8(table("Date,Close", integer)), made(1_250_000, 0, seed=23)),
    ]


def missing_cases() -> list[Case]:
    """A day of a holiday stands in the file with a sign for no price."""
    holidays = [date(2018, 11, 22), date(2018, 12, 25), date(2019, 1, 1)]
    signs = (
        "NA",
        "N/A",
        "-",
        ".",
        "null",
        "NaN",
        "",
        "#N/A",
        "#N/A N/A",
        "n/a",
        "--",
        "NULL",
        "nan",
    )
    cases = []
    for row, sign in enumerate(signs):
        rows = [[iso(b), plain(b.close)] for b in STOCK]
        rows += [[day.isoformat(), sign] for day in holidays]
        text = table("Date,Close", sorted(rows))
        cases.append(Case(f"missing_{row:02d}.csv", utf8(text), STOCK))
    return cases


def panel_cases() -> list[Case]:
    names = ("AAPL", "LOW", "TRUE", "NAN", "005930")
    series = [made(50.0 * (i + 2), seed=30 + i) for i in range(len(names))]
    wide = [[iso(rows[0]), *(b.close for b in rows)] for rows in zip(*series, strict=True)]
    long = [
        [iso(b), name, b.open, b.high, b.low, b.close, b.volume]
        for name, bars in zip(names, series, strict=True)
        for b in bars
    ]
    header = "Date," + ",".join(names)
    titled = "Closing prices of five stocks,,,,,\n" + table(header, wide)
    cases = []
    for name, bars in zip(names, series, strict=True):
        long_text = table("date,symbol,open,high,low,close,volume", sorted(map(tuple, long)))
        cases += [
            Case(f"wide_{name}.csv", utf8(table(header, wide)), bars, asset=name),
            Case(f"long_{name}.csv", utf8(long_text), bars, holds="ohlv", asset=name),
            Case(f"titled_{name}.csv", utf8(titled), bars, asset=name),
        ]
    late = [row if i >= 30 else [row[0], "", *row[2:]] for i, row in enumerate(wide)]
    return [
        *cases,
        Case("wide_unnamed.csv", utf8(table(header, wide)), kind=Kind.REFUSE, word="AAPL"),
        Case("wide_late.csv", utf8(table(header, late)), series[0][30:], asset="AAPL"),
        Case(
            "long_unnamed.csv",
            utf8(table("date,symbol,open,high,low,close,volume", long)),
            kind=Kind.REFUSE,
            word="AAPL",
        ),
    ]


def terminal_cases() -> list[Case]:
    us = written("%m/%d/%Y")
    preamble = "Security;DAX Index;;\r\nStart Date;01.10.2018;;\r\nPeriod;D;;\r\n;;;\r\n"
    bdh = preamble + table(
        "Date;PX_OPEN;PX_LAST;PX_VOLUME",
        [[f"{b.day:%d.%m.%Y}", german(b.open), german(b.close), b.volume] for b in INDEX],
        sep=";",
        end="\r\n",
    )
    refinitiv = table(
        "Exchange Date,Close,Net,%Chg,Open,Low,High,Volume,Turnover - USD,Flow",
        [
            [short_month(b), b.close, -0.51, "-0.34%", b.open, b.low, b.high, f'"{b.volume:,}"',
             '"5,412,345,678"', '"-1,234,567"']
            for b in newest_first(STOCK)
        ],
    )  # fmt: skip
    eikon = table(
        "Date,TRDPRC_1,HIGH_1,LOW_1,OPEN_PRC,ACVOL_UNS",
        [[iso(b), b.close, b.high, b.low, b.open, b.volume] for b in STOCK],
    )
    factset = "FactSet Research Systems\nAAPL-US\nPrice History\n\n" + table(
        "Date,Price,CVol,Change,% Change",
        [[us(b), b.close, b.volume, 0.51, 0.34] for b in newest_first(STOCK)],
    )
    side_by_side = "AAPL US Equity,,,MSFT US Equity,\n" + table(
        "Dates,PX_LAST,,Dates,PX_LAST",
        [[us(a), a.close, "", us(m), m.close] for a, m in PAIR],
    )
    return [
        Case("bdh_german.csv", utf8(bdh), INDEX),
        Case("refinitiv.csv", utf8(refinitiv), STOCK, holds="ohlv"),
        Case("eikon.csv", utf8(eikon), STOCK, column="TRDPRC_1"),
        Case("factset.csv", utf8(factset), STOCK),
        Case("bdh_two.csv", utf8(side_by_side), MSFT, Kind.EITHER, asset="MSFT US Equity"),
    ]


def encoding_cases() -> list[Case]:
    text = table("Date,Close", [[iso(b), b.close] for b in STOCK])
    german_text = table(
        "Datum;Eröffnung;Schlusskurs",
        [[f"{b.day:%d.%m.%Y}", german(b.open), german(b.close)] for b in INDEX],
        sep=";",
    )
    return [
        Case("utf16_le_bom.csv", "\ufeff".encode("utf-16-le") + text.encode("utf-16-le"), STOCK),
        Case("utf16_be_bom.csv", "\ufeff".encode("utf-16-be") + text.encode("utf-16-be"), STOCK),
        Case("utf16_le_bare.csv", text.encode("utf-16-le"), STOCK, Kind.EITHER),
        Case("utf8_bom.csv", bom(german_text), INDEX),
        Case("cp1252.csv", german_text.encode("cp1252"), INDEX),
        Case("carriage_returns.csv", utf8(text.replace("\n", "\r")), STOCK),
        Case("no_last_line_end.csv", utf8(text.rstrip()), STOCK),
        Case("blank_lines.csv", utf8(text.replace("\n", "\n\n")), STOCK),
        Case("sep_line.csv", utf8("sep=;\r\n" + german_text), INDEX),
    ]


def written_cases() -> list[Case]:
    groups = (
        yfinance_cases, pandas_cases, r_cases, day_cases, number_cases, missing_cases,
        panel_cases, terminal_cases, encoding_cases,
    )  # fmt: skip
    return [case for group in groups for case in group()]
