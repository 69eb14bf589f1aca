"""Exchanges of coins, platforms of dealers, and vendors of Europe and India."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

from price_cases import (
    COIN,
    EURUSD,
    INDEX,
    NARROW,
    STOCK,
    Bar,
    Case,
    Kind,
    bom,
    english,
    german,
    grouped,
    iso,
    made,
    newest_first,
    ohlcv,
    plain,
    short_month,
    table,
    utc,
    utf8,
    written,
)


def crypto_cases() -> list[Case]:
    def klines(unit: int) -> bytes:
        rows = [
            [int(u), *ohlcv(b)[:4], f"{b.volume}.12300000", int(u) + 86_400 * unit - 1,
             "1234567.12", 4242, "12.1", "4321.0", 0]
            for b in COIN
            for u in [_seconds(b) * unit]
        ]  # fmt: skip
        return utf8(table("", rows))

    coins = [Bar(b.day, b.open, b.high, b.low, b.close, b.volume, b.close) for b in COIN]
    gecko = table(
        "snapped_at,price,market_cap,total_volume",
        [[f"{iso(b)} 00:00:00 UTC", b.close, f"{b.close * 1e6:.1f}", b.volume] for b in coins],
    )
    market_cap = table(
        "timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volume;marketCap;"
        "circulatingSupply;timestamp",
        [
            [f'"{iso(b)}T00:00:00.000Z"', f'"{iso(b)}T23:59:59.999Z"', f'"{iso(b)}T15:53:00.000Z"',
             f'"{iso(b)}T00:34:00.000Z"', '"2781"', *ohlcv(b), "114042042042.01", "17320000",
             f'"{iso(b)}T23:59:59.999Z"']
            for b in newest_first(coins)
        ],
        sep=";",
    )  # fmt: skip
    old_cap = table(
        '"Date","Open*","High","Low","Close**","Volume","Market Cap"',
        [
            [
                b.day.strftime("%b %d, %Y"),
                *(english(p) for p in (b.open, b.high, b.low, b.close)),
                f"{b.volume:,}",
                f"{int(b.close * 1e6):,}",
            ]
            for b in newest_first(coins)
        ],
        quote='"',
    )
    download = "https://www.CryptoDataDownload.com\n" + table(
        "Unix,Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USDT,tradecount",
        [
            [
                _seconds(b) * 1000,
                f"{iso(b)} 00:00:00",
                "BTC/USDT",
                *ohlcv(b)[:4],
                "12.5",
                "82000.1",
                77,
            ]
            for b in newest_first(coins)
        ],
    )
    kraken = table("", [[_seconds(b), *ohlcv(b), 4242] for b in coins])
    return [
        Case("BTCUSDT-1d-2018-10.csv", klines(1000), COIN, holds="ohl"),
        Case("BTCUSDT-1d-2025-01.csv", klines(1_000_000), COIN, holds="ohl"),
        Case("btc-usd-max.csv", utf8(gecko), COIN),
        Case("Bitcoin_historical_data_coinmarketcap.csv", bom(market_cap), COIN, holds="ohlv"),
        Case("coinmarketcap_old.csv", utf8(old_cap), COIN, holds="ohlv"),
        Case("Binance_BTCUSDT_d.csv", utf8(download), COIN, holds="ohl"),
        Case("XBTUSD_1440.csv", utf8(kraken), COIN, Kind.EITHER),
    ]


def _seconds(bar: Bar) -> int:
    return (bar.day - date(1970, 1, 1)).days * 86_400


def platform_cases() -> list[Case]:
    """TradingView, MetaTrader and dealers in currencies."""
    opening = time(9, 30)
    tv_iso = table(
        "time,open,high,low,close,Volume",
        [[utc(b, opening, "America/New_York"), *ohlcv(b)] for b in STOCK],
    )
    tv_plots = table(
        "time,open,high,low,close,Plot,Volume,Volume MA",
        [[iso(b), *ohlcv(b)[:4], "NaN", b.volume, "123456.7"] for b in STOCK],
    )
    meta4 = table(
        "",
        [[written("%Y.%m.%d")(b), "00:00", *ohlcv(b, 5)] for b in EURUSD],
        end="\r\n",
    )
    meta5 = table(
        "<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>",
        [[written("%Y.%m.%d")(b), *ohlcv(b, 5), 0, 2] for b in EURUSD],
        sep="\t",
        end="\r\n",
    )
    dukascopy = table(
        "Gmt time,Open,High,Low,Close,Volume",
        [[f"{b.day:%d.%m.%Y} 00:00:00.000", *ohlcv(b, 5)[:4], f"{b.volume}.35"] for b in EURUSD],
    )
    oanda = table(
        "time,volume,o,h,l,c",
        [[f"{iso(b)}T00:00:00.000000000Z", b.volume, *ohlcv(b, 5)[:4]] for b in EURUSD],
    )
    amibroker = table(
        "<Ticker>,<DTYYYYMMDD>,<Open>,<High>,<Low>,<Close>,<Volume>",
        [["VNINDEX", written("%Y%m%d")(b), *ohlcv(b)] for b in newest_first(INDEX)],
        end="\r\n",
    )
    finam = table(
        "<TICKER>;<PER>;<DATE>;<TIME>;<OPEN>;<HIGH>;<LOW>;<CLOSE>;<VOL>",
        [["SBER", "D", written("%Y%m%d")(b), "000000", *ohlcv(b)] for b in STOCK],
        sep=";",
        end="\r\n",
    )
    return [
        Case("NASDAQ_DLY_AAPL.csv", utf8(tv_iso), STOCK, holds="ohlv"),
        Case("NASDAQ_AAPL, 1D.csv", utf8(tv_plots), STOCK, holds="ohlv"),
        Case("EURUSD1440.csv", utf8(meta4), EURUSD, holds="ohl"),
        Case("EURUSD_Daily.csv", meta5.encode("utf-16"), EURUSD, holds="ohl"),
        Case("EURUSD_Candlestick_1_D_BID.csv", utf8(dukascopy), EURUSD, holds="ohl"),
        Case("oanda_utc_midnight.csv", utf8(oanda), EURUSD),
        Case("vnindex_amibroker.csv", utf8(amibroker), INDEX, holds="ohlv"),
        Case("SBER_finam.txt", utf8(finam), STOCK, holds="ohlv"),
    ]


def european_cases() -> list[Case]:
    dots, slashes = written("%d.%m.%Y"), written("%d/%m/%Y")
    euronext = (
        '"Historical Data"\n"From 2018-10-01 to 2019-01-31"\nFR0000121014\n'
        + table(
            "Date;Open;High;Low;Last;Close;Number of Shares;Number of Trades;Turnover;vwap",
            [
                [slashes(b), *ohlcv(b)[:3], plain(b.close + 0.11), plain(b.close), b.volume,
                 36414, 322427655, "150.9744"]
                for b in newest_first(STOCK)
            ],
            sep=";",
        )
    )  # fmt: skip
    boursorama = table(
        "date\touv\thaut\tbas\tclot\tvol\tdevise\t",
        [[f"{slashes(b)} 00:00", *ohlcv(b), "EUR", ""] for b in STOCK],
        sep="\t",
        end="\r\n",
    )
    ariva_bars = made(99.3642, 4, seed=9)
    ariva = table(
        "Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen",
        [
            [
                iso(b),
                *(f"{p:g}".replace(".", ",") for p in (b.open, b.high, b.low, b.close)),
                "",
                "",
            ]
            for b in [_four_digits(b) for b in newest_first(ariva_bars)]
        ],
        sep=";",
    )
    onvista = table(
        "Datum;Eröffnung;Hoch;Tief;Schluß;Volumen",
        [
            [dots(b), *(german(p) for p in (b.open, b.high, b.low, b.close)), german(b.volume, 0)]
            for b in newest_first(INDEX)
        ],
        sep=";",
        end="\r\n",
    )
    comdirect = '"DAX (WKN: 846900 Börse: Xetra)"\n\n' + table(
        '"Datum";"Eröffnung";"Hoch";"Tief";"Schluss";"Volumen"',
        [
            [dots(b), *(german(p) for p in (b.open, b.high, b.low, b.close)), german(b.volume, 0)]
            for b in newest_first(INDEX)
        ],
        sep=";",
        quote='"',
    )

    def grouped_by(file: str, thousands: str, decimal: str, encode: Callable[[str], bytes]) -> Case:
        rows = [
            [
                dots(b),
                *(grouped(p, 2, thousands, decimal) for p in (b.open, b.high, b.low, b.close)),
            ]
            for b in INDEX
        ]
        text = table("Datum;Open;High;Low;Close", rows, sep=";", end="\r\n")
        return Case(file, encode(text), INDEX, holds="ohl")

    return [
        Case("euronext_LVMH.csv", bom(euronext), STOCK, holds="ohlv"),
        Case("LVMH_2018-10-01.txt", utf8(boursorama), STOCK, holds="ohlv"),
        Case(
            "wkn_846900_historic.csv",
            utf8(ariva),
            [_four_digits(b) for b in ariva_bars],
            holds="ohl",
        ),
        Case("onvista.csv", onvista.encode("cp1252"), INDEX, holds="ohlv"),
        Case("historic_comdirect.csv", comdirect.encode("cp1252"), INDEX, holds="ohlv"),
        grouped_by("six_apostrophe.csv", "'", ".", utf8),
        grouped_by("excel_de_CH.csv", "\u2019", ".", lambda text: text.encode("cp1252")),
        grouped_by("excel_sv_SE.csv", "\u00a0", ",", lambda text: text.encode("cp1252")),
        grouped_by("libreoffice_fr.csv", NARROW, ",", utf8),
        grouped_by("blank_thousands.csv", " ", ",", utf8),
        grouped_by("unicode_text.csv", ".", ",", lambda text: text.encode("utf-16")),
    ]


def _four_digits(bar: Bar) -> Bar:
    """Keep the digits that %g writes."""
    values = (float(f"{p:g}") for p in (bar.open, bar.high, bar.low, bar.close))
    return Bar(bar.day, *values, bar.volume, bar.adjusted)


def indian_cases() -> list[Case]:
    bars = made(2234.5, seed=10)
    nse = table(
        '"Date ","series ","OPEN ","HIGH ","LOW ","PREV. CLOSE ","ltp ","close ","vwap ",'
        '"52W H ","52W L ","VOLUME ","VALUE ","No of trades "',
        [
            [f'"{short_month(b)}"', '"EQ"',
             *(f'"{english(p)}"' for p in (b.open, b.high, b.low, b.close + 3, b.close + 0.4,
                                           b.close, b.close - 0.2, 2568.2, 1370.05)),
             f'"{b.volume:,}"', '"795,434,488.60"', '"34,547"']
            for b in newest_first(bars)
        ],
    )  # fmt: skip
    archive = table(
        '"Symbol  ","Series  ","Date  ","Prev Close  ","Open Price  ","High Price  ","Low Price  ",'
        '"Last Price  ","Close Price  ","Average Price ","Total Traded Quantity  ","Turnover ₹  ",'
        '"No. of Trades  ","Deliverable Qty  ","% Dly Qt to Traded Qty  "',
        [
            ["RELIANCE", "EQ", short_month(b),
             *(english(p) for p in (b.close + 3, b.open, b.high, b.low, b.close + 0.4, b.close,
                                    b.close - 0.2)),
             f"{b.volume:,}", "7,95,43,448.60", "34,547", "-", "-"]
            for b in bars
        ],
        quote='"',
    )  # fmt: skip
    bse = table(
        "Date,Open Price,High Price,Low Price,Close Price,WAP,No.of Shares,No. of Trades,"
        "Total Turnover (Rs.),Deliverable Quantity,% Deli. Qty to Traded Qty,Spread High-Low,"
        "Spread Close-Open",
        [
            [f"{b.day.day}-{b.day:%B}-{b.day.year}", *ohlcv(b)[:4], b.close - 0.2, b.volume, 34547,
             "79543448.00", 123, "12.30", "3.30", "-1.10"]
            for b in newest_first(bars)
        ],
    )  # fmt: skip
    index = table(
        "Date ,Open ,High ,Low ,Close ,Shares Traded ,Turnover (₹ Cr)",
        [[short_month(b).upper(), *ohlcv(b), "12345.67"] for b in INDEX],
    )
    return [
        Case("Quote-Equity-RELIANCE-EQ.csv", bom(nse), bars, holds="ohlv", asset="RELIANCE"),
        Case(
            "RELIANCE-01-10-2018-to-31-01-2019.csv",
            bom(archive),
            bars,
            holds="ohlv",
            asset="RELIANCE",
        ),
        Case("500325_bse.csv", utf8(bse), bars, holds="ohlv"),
        Case("NIFTY 50-01-10-2018.csv", bom(index), INDEX, holds="ohlv"),
    ]


def market_cases() -> list[Case]:
    groups = (crypto_cases, platform_cases, european_cases, indian_cases)
    return [case for group in groups for case in group()]
