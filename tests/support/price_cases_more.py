"""Rarer notations: dates of statistics programs, other code pages, units, typed Parquet columns."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
from price_cases import (
    COIN,
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
    table,
    utc,
    utf8,
    written,
)
from price_cases_traps import HEADER, workbook


def pair(file: str, days: Sequence[str], kind: Kind = Kind.READ) -> Case:
    """Days in one notation and closes."""
    rows = [[day, plain(bar.close)] for day, bar in zip(days, STOCK, strict=True)]
    return Case(file, utf8(table("Date,Close", rows)), STOCK, kind)


def day_cases() -> list[Case]:
    days = [bar.day for bar in STOCK]
    return [
        pair("sas_date9.csv", [d.strftime("%d%b%Y").upper() for d in days]),
        pair("compact_float.csv", [f"{d:%Y%m%d}.0" for d in days]),
        pair("month_word_first.csv", [d.strftime("%b %d %Y") for d in days]),
        pair("year_word.csv", [d.strftime("%Y %b %d") for d in days]),
        pair("minutes.csv", [f"{d.month}/{d.day}/{d.year} 0:00" for d in days]),
        pair("german_no_zeros.csv", [f"{d.day}.{d.month}.{d.year}" for d in days]),
        pair("closing_offset.csv", [f"{d}T16:00:00-0{4 + (d > date(2018, 11, 3))}:00"
                                     for d in days]),
        pair("javascript.csv", [d.strftime("%a %b %d %Y") for d in days], Kind.EITHER),
        pair("day_of_year.csv", [d.strftime("%Y-%j") for d in days], Kind.EITHER),
        pair("iso_week.csv", [f"{d.isocalendar()[0]}-W{d.isocalendar()[1]:02d}-{d.weekday() + 1}"
                              for d in days], Kind.EITHER),
        pair("european_offset.csv", [utc(b, zone="Europe/Berlin") for b in STOCK], Kind.EITHER),
    ]  # fmt: skip


def apart_cases() -> list[Case]:
    """The day and its parts stand in several columns, or not in the first one."""
    days = [[iso(b), "16:00:00", *ohlcv(b)] for b in STOCK]
    parts = [[b.day.year, b.day.month, b.day.day, b.close] for b in STOCK]
    last = [[*ohlcv(b), written("%m/%d/%Y")(b)] for b in newest_first(STOCK)]
    twice = [[iso(b), hour, *ohlcv(b)] for b in STOCK for hour in ("10:00", "16:00")]
    settle = [[iso(b), *ohlcv(b)[:3], b.close + 0.25, 0.5, b.close, b.volume, 1234] for b in STOCK]
    return [
        Case("date_and_time.csv", utf8(table("Date,Time," + HEADER[5:], days)), STOCK,
             holds="ohlv"),
        Case("date_last.csv", utf8(table(HEADER[5:] + ",Date", last)), STOCK, holds="ohlv"),
        Case("year_month_day.csv", utf8(table("Year,Month,Day,Close", parts)), STOCK, Kind.EITHER),
        Case("time_twice.csv", utf8(table("Date,Time," + HEADER[5:], twice)), kind=Kind.REFUSE,
             word="day|time"),
        Case("futures.csv",
             utf8(table("Date,Open,High,Low,Last,Change,Settle,Volume,Open Interest", settle)),
             STOCK, Kind.EITHER),
        Case("no_header.csv", utf8(table("", [[iso(b), *ohlcv(b)] for b in STOCK])), STOCK,
             Kind.EITHER),
    ]  # fmt: skip


def name_cases() -> list[Case]:
    def named(file: str, header: str, kind: Kind = Kind.READ, holds: str = "ohlv") -> Case:
        rows = [[iso(b), *ohlcv(b)] for b in STOCK]
        return Case(file, utf8(table(header, rows)), STOCK, kind, holds)

    wide = [[iso(b), b.close, b.close + 9, b.close + 5] for b in STOCK]
    pairs = [[iso(b), b.open, b.close, b.open + 7, b.close + 7] for b in STOCK]
    return [
        named("unit_names.csv", "Date,Open (USD),High (USD),Low (USD),Close (USD),Volume"),
        named("price_names.csv", "TRADE DATE,OPEN PRICE,HIGH PRICE,LOW PRICE,CLOSE PRICE,VOLUME"),
        named("px_names.csv", "date,PX_OPEN,PX_HIGH,PX_LOW,PX_LAST,PX_VOLUME"),
        named("short_names.csv", "d,o,h,l,c,v", Kind.EITHER),
        named("snake_names.csv", "trade_date,open_price,high_price,low_price,close_price,volume"),
        named("camel_names.csv", "tradeDate,openPrice,highPrice,lowPrice,closePrice,tradeVolume",
              holds="ohl"),
        named("dutch_names.csv", "Datum,Open,Hoog,Laag,Slot,Volume"),
        named("swedish_names.csv", "Datum,Öppning,Högst,Lägst,Stängning,Volym"),
        named("spanish_names.csv", "Fecha,Apertura,Máximo,Mínimo,Cierre,Volumen"),
        named("portuguese_names.csv", "Data,Abertura,Máximo,Mínimo,Fechamento,Volume"),
        named("french_names.csv", "Date,Ouverture,Plus haut,Plus bas,Clôture,Volume"),
        named("italian_names.csv", "Data,Apertura,Massimo,Minimo,Chiusura,Volume"),
        Case("class_b.csv", utf8(table("Date,BRK.A,BRK.B,BF-B", wide)), STOCK, asset="BRK.A"),
        Case("ticker_and_field.csv",
             utf8(table("Date,AAPL Open,AAPL Close,MSFT Open,MSFT Close", pairs)), STOCK,
             asset="AAPL"),
    ]  # fmt: skip


def number_cases() -> list[Case]:
    around = made(1003.5, seed=51)
    mixed = [[f"{b.day:%d.%m.%Y}", f"{german(b.close, 1)}"] for b in around]
    tenths = [Bar(b.day, b.open, b.high, b.low, round(b.close, 1), b.volume, 0) for b in around]
    usual = [[iso(b), f'"{english(b.close)}"'] for b in around]
    nifty = made(156789.12, seed=52)
    lakhs = [[iso(b), f'"1,{(b.close - 1e5):,.2f}"'] for b in nifty]
    split = [[f"{b.day:%d.%m.%Y}", german(b.close)] for b in INDEX]
    paren = [[iso(b), f"({b.close})" if i == 9 else b.close] for i, b in enumerate(STOCK)]
    pence = [[iso(b), f"{b.close}p"] for b in STOCK]
    flat = [[iso(b), 150.12] for b in STOCK]
    absent = [[iso(b), b.open, ""] for b in STOCK]
    return [
        Case("around_thousand_de.csv", utf8(table("Datum;Schlusskurs", mixed, ";")), tenths),
        Case("around_thousand_en.csv", utf8(table("Date,Close", usual)), around),
        Case("lakhs.csv", utf8(table("Date,Close", lakhs)), nifty),
        Case("unquoted_comma.csv", utf8(table("Datum,Schlusskurs", split)), INDEX, Kind.EITHER),
        Case("parentheses.csv", utf8(table("Date,Close", paren)), kind=Kind.REFUSE, word="line 11"),
        Case("pence_sign.csv", utf8(table("Date,Close", pence)), STOCK, Kind.EITHER),
        Case("flat.csv", utf8(table("Date,Close", flat)), kind=Kind.REFUSE, word="150"),
        Case("no_closes.csv", utf8(table("Date,Open,Close", absent)), kind=Kind.REFUSE, word="."),
    ]


def page_cases() -> list[Case]:
    """Other code pages, and a web table with dividends between the prices."""
    russian = table("Дата;Открытие;Максимум;Минимум;Закрытие;Объём",
                    [[f"{b.day:%d.%m.%Y}", *ohlcv(b)] for b in STOCK], sep=";")  # fmt: skip
    polish = table("Data;Otwarcie;Najwyższy;Najniższy;Zamknięcie;Wolumen",
                   [[iso(b), *ohlcv(b)] for b in STOCK], sep=";")  # fmt: skip
    japanese = table("日付,始値,高値,安値,終値,出来高", [[iso(b), *ohlcv(b)] for b in STOCK])
    rows = [["\t".join([b.day.strftime("%b %d, %Y"), *map(str, ohlcv(b)[:4]), str(b.close),
                        f"{b.volume:,}"])] for b in newest_first(STOCK)]  # fmt: skip
    rows.insert(20, ["Nov 08, 2018\t0.73 Dividend"])
    web = table("Date\tOpen\tHigh\tLow\tClose*\tAdj Close**\tVolume", rows)
    saturdays = table(HEADER, [[iso(b), *ohlcv(b)] for b in COIN])
    limit = "Exceeded the daily hits limit\n"
    return [
        Case("cp1251.csv", russian.encode("cp1251"), STOCK, Kind.EITHER),
        Case("cp1250.csv", polish.encode("cp1250"), STOCK, Kind.EITHER),
        Case("euc_jp.csv", japanese.encode("euc_jp"), STOCK, Kind.EITHER),
        Case("utf16_tabs.txt", japanese.replace(",", "\t").encode("utf-16"), STOCK, holds="ohlv"),
        Case("yahoo_dividend_row.tsv", utf8(web), STOCK, Kind.EITHER),
        Case("every_day.csv", utf8(saturdays), COIN, holds="ohlv"),
        Case("limit.csv", utf8(limit), kind=Kind.REFUSE, word="."),
        Case("bom_and_sep.csv", bom("sep=,\r\n" + japanese), STOCK, holds="ohlv"),
    ]


def typed_cases() -> list[Case]:
    days = pa.array([b.day for b in STOCK], pa.date32())
    closes = [b.close for b in STOCK]
    zoned = days.cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
    tables = {
        "pandas_index.parquet": {
            "Close": closes,
            "__index_level_0__": days.cast(pa.timestamp("ns")),
        },
        "zoned.parquet": {"Date": zoned, "Close": closes},
        "decimals.parquet": {"date": days, "close": [Decimal(str(c)) for c in closes]},
        "dictionary.parquet": {
            "symbol": pa.array(["AAPL"] * len(closes)).dictionary_encode(),
            "date": days,
            "close": closes,
        },
        "tuples.parquet": {"Date": days, "('Close', 'AAPL')": closes},
        "float32_like.parquet": {
            "Date": days,
            "Adj Close": closes,
            "Close": [c + 1 for c in closes],
        },
    }
    cases = []
    for file, columns in tables.items():
        sink = io.BytesIO()
        pq.write_table(pa.table(columns), sink)
        cases.append(Case(file, sink.getvalue(), STOCK, asset="AAPL"))
    german_cells = [[f"{b.day:%d.%m.%Y}", german(b.close)] for b in INDEX]
    timed = [[iso(b) + " 16:00:00", b.close] for b in STOCK]
    return [
        *cases,
        Case("german_cells.xlsx", workbook(Tabelle1=[["Datum", "Schluss"], *german_cells]), INDEX),
        Case("timed.xlsx", workbook(Sheet1=[["Date", "Close"], *timed]), STOCK),
    ]


def more_cases() -> list[Case]:
    groups = (day_cases, apart_cases, name_cases, number_cases, page_cases, typed_cases)
    return [case for group in groups for case in group()]
