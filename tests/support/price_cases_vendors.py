"""Stooq, American vendors, public statistics and vendors of adjusted closes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from price_cases import (
    ENGLISH,
    EURUSD,
    INDEX,
    STOCK,
    Bar,
    Case,
    Kind,
    adjusted_ohl,
    english,
    iso,
    made,
    newest_first,
    ohlcv,
    plain,
    table,
    utf8,
    written,
)


def stooq_cases() -> list[Case]:
    polish = table(
        "Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen",
        [[iso(b), *ohlcv(b)] for b in STOCK],
        end="\r\n",
    )
    bulk = table(
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>",
        [["AAPL.US", "D", written("%Y%m%d")(b), "000000", *ohlcv(b), 0] for b in STOCK],
        end="\r\n",
    )
    return [
        Case("aapl_us_d.csv", utf8(polish), STOCK, holds="ohlv"),
        Case("aapl.us.txt", utf8(bulk), STOCK, holds="ohlv", asset="AAPL"),
    ]


def american_cases() -> list[Case]:
    us = written("%m/%d/%Y")
    blanks = table(
        "Date, Close/Last, Volume, Open, High, Low",
        [
            [
                us(b),
                f" ${b.close:.2f}",
                f" {b.volume}",
                *(f" ${p:.2f}" for p in (b.open, b.high, b.low)),
            ]
            for b in newest_first(STOCK)
        ],
    )
    index = table(
        "Date,Close/Last,Volume,Open,High,Low",
        [[us(b), plain(b.close), "--", *ohlcv(b)[:3]] for b in newest_first(INDEX)],
    )
    old = table(
        '"date","close","volume","open","high","low"',
        [
            [
                written("%Y/%m/%d")(b),
                plain(b.close, 4),
                f"{b.volume}.0000",
                *(plain(p, 4) for p in (b.open, b.high, b.low)),
            ]
            for b in newest_first(STOCK)
        ],
        quote='"',
    )
    cboe_old = (
        '"The information contained herein is provided for information only, see cboe.com",,,,\n'
        + table(
            "Date,VIX Open,VIX High,VIX Low,VIX Close",
            [[f"{b.day.month}/{b.day.day}/{b.day.year}", *ohlcv(b)[:4]] for b in made(16.2)],
            end="\r\n",
        )
    )
    cboe_one = table("DATE,GVZ", [[us(b), plain(b.close, 6)] for b in made(14.2)])
    wsj = table(
        "Date, Open, High, Low, Close",
        [
            [us(b)[:6] + us(b)[8:], *(f" {cell}" for cell in ohlcv(b)[:4])]
            for b in newest_first(INDEX)
        ],
    )
    marketwatch = table(
        "Date,Open,High,Low,Close",
        [
            [us(b), *(f'"{english(p)}"' for p in (b.open, b.high, b.low, b.close))]
            for b in newest_first(INDEX)
        ],
    )
    barchart = (
        table(
            "Time,Open,High,Low,Last,Change,%Chg,Volume",
            [[us(b), *ohlcv(b)[:4], "0.51", "+0.34%", b.volume] for b in newest_first(STOCK)],
        )
        + '"Downloaded from Barchart.com as of 02-01-2019 09:11am CST"\n'
    )
    return [
        Case("HistoricalQuotes.csv", utf8(blanks), STOCK, holds="ohlv"),
        Case("HistoricalData_COMP.csv", utf8(index), INDEX, holds="ohl"),
        Case("nasdaq_old.csv", utf8(old), STOCK, holds="ohlv"),
        Case("vixcurrent.csv", utf8(cboe_old), made(16.2), holds="ohl"),
        Case("GVZ_History.csv", utf8(cboe_one), made(14.2)),
        Case("wsj_HistoricalPrices.csv", utf8(wsj), INDEX, holds="ohl"),
        Case("marketwatch.csv", utf8(marketwatch), INDEX, holds="ohl"),
        Case("aapl_price-history_barchart.csv", utf8(barchart), STOCK, holds="ohlv"),
    ]


def public_cases() -> list[Case]:
    """The Federal Reserve Bank of St. Louis and the European Central Bank."""
    holidays = {date(2018, 11, 22), date(2018, 12, 25), date(2019, 1, 1)}

    def with_holidays(bars: Sequence[Bar], mark: str, digits: int) -> list[list[str]]:
        rows = [[iso(b), plain(b.close, digits)] for b in bars]
        rows += [[day.isoformat(), mark] for day in holidays if day < bars[-1].day]
        return sorted(rows)

    dollar = made(3.1, seed=7)
    portal = [
        [day, f"{day[8:]} {ENGLISH[int(day[5:7]) - 1]} {day[:4]}", rate]
        for day, rate in with_holidays(EURUSD, "", 5)
    ]
    name = '"DATE","TIME PERIOD","US dollar/Euro (EXR.D.USD.EUR.SP00.A)"'
    warehouse = (
        "Data Source in SDW: null\n"
        ",EXR.D.USD.EUR.SP00.A\n"
        ',"ECB reference exchange rate, US dollar/Euro, 2:15 pm (C.E.T.)"\n'
        "Collection:,Average of observations through period (A)\n"
        "Period\\Unit:,[US dollar ]\n"
        + table("", [[iso(b), plain(b.close, 5)] for b in newest_first(EURUSD)])
    )
    sdmx = table(
        "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE,OBS_STATUS",
        [
            ["EXR.D.USD.EUR.SP00.A", "D", "USD", "EUR", "SP00", "A", iso(b), plain(b.close, 5), "A"]
            for b in EURUSD
        ],
        end="\r\n",
    )
    return [
        Case(
            "SP500.csv", utf8(table("observation_date,SP500", with_holidays(INDEX, "", 2))), INDEX
        ),
        Case("DGS10.csv", utf8(table("DATE,DGS10", with_holidays(dollar, ".", 2))), dollar),
        Case("ecb_data_portal.csv", utf8(table(name, portal, quote='"')), EURUSD),
        Case("ecb_warehouse.csv", utf8(warehouse), EURUSD, Kind.EITHER),
        Case("ecb_sdmx.csv", utf8(sdmx), EURUSD, column="OBS_VALUE"),
    ]


def adjusted_cases() -> list[Case]:
    """Vendors whose files have a close and an adjusted close."""
    alpha = table(
        "timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient",
        [
            [
                iso(b),
                *(plain(p, 4) for p in (b.open, b.high, b.low, b.close, b.adjusted)),
                b.volume,
                "0.0000",
                "1.0",
            ]
            for b in newest_first(STOCK)
        ],
        end="\r\n",
    )
    tiingo = table(
        "date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor",
        [
            [
                f"{iso(b)}T00:00:00.000Z",
                b.close,
                b.high,
                b.low,
                b.open,
                b.volume,
                b.adjusted,
                *(adjusted_ohl(b)[i] for i in (1, 2, 0)),
                b.volume,
                "0.0",
                "1.0",
            ]
            for b in STOCK
        ],
    )
    quandl = table(
        "Date,Open,High,Low,Close,Volume,Ex-Dividend,Split Ratio,"
        "Adj. Open,Adj. High,Adj. Low,Adj. Close,Adj. Volume",
        [
            [iso(b), *ohlcv(b), "0.0", "1.0", *adjusted_ohl(b), b.adjusted, b.volume]
            for b in newest_first(STOCK)
        ],
    )
    eod = table(
        "Date,Open,High,Low,Close,Adjusted_close,Volume",
        [[iso(b), *ohlcv(b)[:4], plain(b.adjusted, 4), b.volume] for b in STOCK],
    )
    sharadar = table(
        "ticker,date,open,high,low,close,volume,closeadj,closeunadj,lastupdated",
        [
            [ticker, iso(b), *ohlcv(b), plain(b.adjusted, 3), b.close, "2021-01-04"]
            for ticker, bars in (("AAPL", STOCK), ("LOW", made(110.4, seed=8)))
            for b in newest_first(bars)
        ],
    )
    spaced = table(
        "Date\tOpen\tHigh\tLow\tClose\tAdj Close**\tVolume",
        [
            [b.day.strftime("%b %d, %Y"), *ohlcv(b)[:4], b.adjusted, f"{b.volume:,}"]
            for b in newest_first(STOCK)
        ],
        sep="\t",
    )
    files = {
        "daily_adjusted_AAPL.csv": (alpha, "ohlv"),
        "tiingo.csv": (tiingo, ""),
        "WIKI-AAPL.csv": (quandl, ""),
        "eodhd.csv": (eod, "ohlv"),
        "yahoo_pasted.tsv": (spaced, "ohlv"),
    }
    cases = [
        Case(file, utf8(text), STOCK, holds=holds, price="adjusted")
        for file, (text, holds) in files.items()
    ]
    cases.append(
        Case(
            "SHARADAR_SEP.csv",
            utf8(sharadar),
            made(110.4, seed=8),
            Kind.READ,
            "ohlv",
            "adjusted",
            asset="LOW",
        )
    )
    return cases


def spelling_cases() -> list[Case]:
    """The adjusted close under many names, beside the plain close."""
    names = (
        "AdjustedClose", "adj_close", "Adj. Close", "adjClose", "Adjusted Price", "closeAdjusted",
        "5. adjusted close", "AAPL.Adjusted", "Adj_Close", "ADJ CLOSE", "close_adj",
    )  # fmt: skip
    rows = [[iso(b), plain(b.close), plain(b.adjusted)] for b in STOCK]
    return [
        Case(
            f"adjusted_{i:02d}.csv",
            utf8(table(f"Date,{'AAPL.' * name.startswith('AAPL')}Close,{name}", rows)),
            STOCK,
            price="adjusted",
            asset="AAPL",
        )
        for i, name in enumerate(names)
    ]


def vendor_cases() -> list[Case]:
    groups = (
        stooq_cases, american_cases, public_cases, adjusted_cases, spelling_cases,
    )  # fmt: skip
    return [case for group in groups for case in group()]
