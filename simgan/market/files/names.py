"""Names of columns, in the spellings and languages of the vendors.

A name is looked up by its key: letters and digits alone, without accents, numbering and units, so
that ``5. adjusted close``, ``Adj Close**`` and ``AdjClose`` meet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum


class Meaning(StrEnum):
    """Meanings of a column."""

    DATE = "date"
    TIME = "time"
    OPEN = "open"
    HIGH = "high"
    LOW = "low"
    CLOSE = "close"
    PRICE = "price"  # a price whose time of day is not named
    ADJUSTED = "adjusted close"
    ADJUSTED_OPEN = "adjusted open"
    ADJUSTED_HIGH = "adjusted high"
    ADJUSTED_LOW = "adjusted low"
    VOLUME = "volume"
    SPLIT = "split"
    TICKER = "ticker"
    PERIOD = "period"
    CONTRACT = "contract"
    OTHER = "other"  # known, and no price


PRICES = (
    Meaning.ADJUSTED,
    Meaning.CLOSE,
    Meaning.PRICE,
    Meaning.OPEN,
    Meaning.HIGH,
    Meaning.LOW,
    Meaning.ADJUSTED_OPEN,
    Meaning.ADJUSTED_HIGH,
    Meaning.ADJUSTED_LOW,
)

_WORDS = {
    Meaning.DATE: """
        date datetime timestamp day tradedate tradingdate tradingday caldt dlycaldt exchangedate
        observationdate asofdate pricedate quotedate sessiondate businessdate valuedate timeperiod
        datestamp dateutc utcdate gmttime utctime localtime localdate opentime timeopen snappedat
        unix unixtimestamp unixtime epoch time datum data fecha dia dato paivamaara tarih kuupaev
        datums handelsdatum handelstag borsentag seance datasedute dataseduta datadiriferimento
        datacotacao дата ημερομηνια 날짜 일자 일시 기준일 기준일자 거래일 거래일자 日期 交易日期
        交易日 时间 時間 日付 日時 年月日 取引日 日付け データ日付 dtyyyymmdd วันที่ ngay tanggal
        dt datadate pricingdate effectivedate dateandtime datetimeutc datetimelocal timestamputc
        timeutc periodunit windowstart tsevent begin
    """,
    Meaning.TIME: "heure zeit uhrzeit hora ora czas klokkeslett 시간 시각 時刻 время",
    Meaning.OPEN: """
        open openprice openingprice opening pxopen dlyopen openings opn openbid eroffnung eroffn
        eroffnungskurs offnung erster apertura abertura aperturas ouverture ouv otwarcie acilis
        открытие откр 시가 오픈 开盘 开盘价 開盤價 開盤 始値 เปิด mocua pembukaan avoimena oppning
        ราคาเปิด oppningskurs oppning openingskoers
    """,
    Meaning.HIGH: """
        high highprice dayhigh pxhigh dlyhigh hoch hochst hochstkurs tageshoch maximo max maxima
        maximum alto plushaut haut massimo najwyzszy yuksek максимум макс 고가 最高 最高价 最高價
        高値 高 ราคาสูงสุด สูงสุด caonhat tertinggi hogst hogsta hogst hoog
    """,
    Meaning.LOW: """
        low lowprice daylow pxlow dlylow tief tiefst tiefstkurs tagestief minimo min minima minimum
        baixo plusbas bas najnizszy dusuk минимум мин 저가 最低 最低价 最低價 安値 低 ราคาต่ำสุด
        ต่ำสุด thapnhat terendah lagst lagsta laag
    """,
    Meaning.CLOSE: """
        close closeprice closingprice closelast closing pxclose dlyclose closingvalue eodprice
        endofday schluss schlusskurs schlusspreis cierre cloture clot chiusura fechamento
        zamkniecie kapanis закрытие 종가 收盘 收盘价 收盤價 收盤 終値 ราคาปิด dongcua penutupan
        slotkurs slutkurs stangningskurs stangning slot slotkoers
    """,
    Meaning.PRICE: """
        price last latest lastprice pxlast lasttrade ltp value rate level nav midprice mid settle
        settlement settlementprice settleprice prc dlyprc kurs preis zuletzt letzter letzterkurs
        ultimo ultimoprecio precio dernier derniercours cours prix prezzo preco ostatnio kurz simdi
        fiyat цена senast laatste koers 현재가 가격 기준가 最新价 收市价 现价 価格 基準価額 ล่าสุด
        lancuoi terakhir viimeisin seneste obsvalue indexvalue closelastprice
    """,
    Meaning.ADJUSTED: """
        adjclose adjustedclose closeadj closeadjusted adjusted adjcloseprice adjustedcloseprice
        adjclosingprice adjustedclosingprice adjprice adjustedprice adjustmentclose adjc pxadjclose
        adjprc adjclosed adjlast dividendadjustedclose splitadjustedclose 수정종가 수정주가
        調整後終値 終値調整値 調整値 調整后收盘价 调整后收盘价 复权收盘价 前复权收盘价 后复权收盘价
        前复权 后复权 後復權 cierreajustado clotureajustee 還原收盤價 還原价 还原收盘价 还原价
        bereinigterschlusskurs ajustado fechamentoajustado
    """,
    Meaning.ADJUSTED_OPEN: "adjopen adjustedopen openadj adjustmentopen adjo 수정시가 調整後始値",
    Meaning.ADJUSTED_HIGH: "adjhigh adjustedhigh highadj adjustmenthigh adjh 수정고가 調整後高値",
    Meaning.ADJUSTED_LOW: "adjlow adjustedlow lowadj adjustmentlow adjl 수정저가 調整後安値",
    Meaning.VOLUME: """
        volume vol tickvol tickvolume sharevolume totvol dlyvol numberofshares sharestraded shares
        totaltradedquantity tottrdqty noofshares volumen wolumen umsatz stuck hacim объем 거래량
        成交量 成交股數 成交股数 出来高 売買高 交易量 hac wol ปริมาณ klgd khoiluong volym
        omsattning volumi pxvolume totalvolume
    """,
    Meaning.SPLIT: """
        stocksplits stocksplit splitcoefficient splitratio splitfactor split splits
    """,
    Meaning.TICKER: """
        ticker symbol tsymbol tickersymbol tscode stockcode securitycode code isin ric permno
        permco cusip instrument security securityid asset assetid sid symbolid actsymbol pair coin
        secid issuecode localcode 종목코드 종목명 단축코드 股票代码 股票代號 证券代码 證券代號 代码
        代號 銘柄コード コード 証券コード 銘柄 wkn valor name
        fund fundname fundcode scheme schemename schemecode securityname stockname companyname
        assetname instrumentname seriesid company stock currencypair ccypair variable 基金代码
    """,
    Meaning.CONTRACT: """
        contract contractcode contractname contractmonth contractid expiry expiration expirydate
        expirationdate expdate deliverymonth deliverydate maturity maturitydate frontcontract
        activecontract lasttradingday 合约 合约代码 主力合约 交割月份 到期日 限月
        만기 만기일 vencimento vencimiento
    """,
    Meaning.PERIOD: "per period timeframe interval freq frequency",
    Meaning.OTHER: """
        change changepercent changepct pctchange pctchg chg chgpct changes percentchange netchange
        pricechange variation var variacion variazione zmiana veranderung anderung fark изм 등락률
        등락폭 전일비 대비 변동 涨跌 涨跌幅 涨跌额 漲跌價差 振幅 换手率 換手率 前日比 dividends
        dividend dividendamount divcash amount turnover turnovervalue 거래대금 시가총액 상장주식수
        成交额 成交金額 成交筆數 marketcap marketcapitalization count trades numberoftrades
        nooftrades quotevolume quoteassetvolume takerbuyvolume takerbuyquotevolume
        takerbuybaseassetvolume ignore takerbuyquoteassetvolume vwap average averageprice avgprice
        adjfactor adjustmentfactor openint openinterest oi spread prevclose preclose previousclose
        closetime timeclose timehigh timelow lastupdated ret return returns retx dlyret currency
        currencycode series exchange closeunadj closeunadjusted unadjustedclose unadjclose
        volumeusd volumebtc tradecount 52weekhigh 52weeklow 52wh 52wl capitalgains bid ask
        adjvolume adjustmentvolume adjustedvolume adjvo upperlimit lowerlimit 前收盘 昨收 売買代金
        備考 註記 rownames row nr id index weekday quarter month year
    """,
}
# Dates if their cells look like it.
WEAK_DATES = ("", "index", "unnamed0", "row", "rownames", "x", "seriesid")
WEAK = 2  # rank of these names
_LAST_DATES = ("time", "timestamp", "unix", "unixtimestamp", "unixtime", "epoch")
_DERIVED = {  # not prices themselves: log_close
    *("log", "ln", "norm", "normalized", "scaled", "diff", "pct", "sma", "ema", "ma"),
    *("avg", "mean", "std", "prev", "z", "lag"),
}
_NUMBERING = re.compile(r"^\d+[a-z]?\. ")  # 4. close, 4a. close (USD)
_UNIT = re.compile(r"[(\[{（][^)\]}）]{0,100}[)\]}）]")  # Close (EUR), Volume [BTC]
_LONGEST = 300  # characters of a name that has parts
AGAIN = re.compile(r"\.\d+$")  # pandas numbers equal names: Close.1


def key_of(name: str) -> str:
    """Return the letters and digits of a name, without accents, numbering and units.

    >>> key_of("5. adjusted close"), key_of("Adj Close**"), key_of("Eröffnung (EUR)")
    ('adjustedclose', 'adjclose', 'eroffnung')
    """
    plain = _NUMBERING.sub("", name.strip().casefold())
    plain = plain if says_adjusted(plain) else _UNIT.sub("", plain)
    decomposed = unicodedata.normalize("NFKD", plain.replace("ı", "i").replace("ł", "l"))
    bare = "".join(c for c in decomposed if unicodedata.category(c)[0] in "LN")
    return unicodedata.normalize("NFC", bare)


def says_adjusted(name: str) -> bool:
    """Tell whether a name speaks of an adjustment."""
    plain = name.casefold()
    if re.search(r"flag|factor|volume|type|date|prev|change|chg|return|unadj", plain):
        return False
    return bool(
        re.search(r"adj|ajust|bereinigt|qfq|hfq|수정|調整|调整|复权|復權|復権|還原|还原", plain)
    )


FIELDS: dict[str, Meaning] = {}
for _field, _words in _WORDS.items():
    for _word in _words.split():
        FIELDS.setdefault(key_of(_word), _field)


LETTERS = {
    "o": Meaning.OPEN,
    "h": Meaning.HIGH,
    "l": Meaning.LOW,
    "c": Meaning.CLOSE,
    "v": Meaning.VOLUME,
}


def field_of(name: str) -> Meaning | None:
    """Return the meaning of a column by its whole name, or nothing."""
    known = FIELDS.get(key_of(name)) or FIELDS.get(key_of(AGAIN.sub("", name)))
    return known or (Meaning.ADJUSTED if _is_adjusted_close(name) else None)


def _is_adjusted_close(name: str) -> bool:
    """Tell whether one word names a close and another its adjustment: ``close_hfq``."""
    words = [word for word in re.split(r"[\s_.()]+", name) if word]
    closes = [FIELDS.get(key_of(word)) is Meaning.CLOSE for word in words]
    return (
        says_adjusted(name)
        and any(closes)
        and all(close or says_adjusted(word) for word, close in zip(words, closes, strict=True))
    )


def fields_of(names: Sequence[str]) -> list[Meaning | None]:
    """Return the meanings of a header.

    Single letters count together only. C alone is the ticker of Citigroup.
    """
    letters = LETTERS if set("ohlc") <= {name.strip().casefold() for name in names} else {}
    return [field_of(name) or letters.get(name.strip().casefold()) for name in names]


def date_rank(name: str) -> int | None:
    """Order the columns that can hold the date: the smallest rank is the best."""
    key = key_of(name)
    if key in _LAST_DATES:
        return 1
    if FIELDS.get(key) is Meaning.DATE:
        return 0
    return WEAK if key in WEAK_DATES else None


def is_derived(name: str) -> bool:
    """Tell whether a name of several words speaks of a number made of prices: ``log_close``."""
    words = [key_of(word) for word in re.split(r"[\s_.]+", name) if word]
    return len(words) > 1 and any(word in _DERIVED for word in words)


def parts_of(name: str) -> tuple[str, Meaning] | None:
    """Split a name such as ``AAPL.Adjusted`` or ``Close_AAPL`` into ticker and field."""
    if len(name) > _LONGEST or is_derived(name):
        return None
    words = [w for w in re.split(r"[\s_.,|:/'\"()]+", name) if w]
    for cut in range(1, len(words)):
        for ticker, rest in ((words[:cut], words[cut:]), (words[-cut:], words[:-cut])):
            field = FIELDS.get(key_of("".join(rest)))
            if field in (*PRICES, Meaning.VOLUME, Meaning.SPLIT, Meaning.OTHER):
                return ".".join(ticker), field
    return None
