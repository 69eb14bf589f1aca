"""Vendors of Korea, China, Taiwan, Japan and Thailand, in their encodings."""

from __future__ import annotations

from price_cases import (
    INDEX,
    KOREAN,
    STOCK,
    Bar,
    Case,
    Kind,
    adjusted_ohl,
    bom,
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

CHINESE = made(604.5, seed=11)


def korean_cases() -> list[Case]:
    slashes = written("%Y/%m/%d")
    krx = table(
        "일자,종가,대비,등락률,시가,고가,저가,거래량,거래대금,시가총액,상장주식수",
        [
            [slashes(b), *(f"{p:.0f}" for p in (b.close, 450)), "1.18",
             *(f"{p:.0f}" for p in (b.open, b.high, b.low)), b.volume, 381245912300,
             231028476900000, 5969782550]
            for b in newest_first(KOREAN)
        ],
        quote='"',
    )  # fmt: skip
    adjusted = table(
        "일자,시가,고가,저가,종가,수정종가,거래량",
        [
            [b.day.strftime("%Y년 %m월 %d일"),
             *(f'"{p:,.0f}"' for p in (b.open, b.high, b.low, b.close, b.adjusted)),
             f'"{b.volume:,}"']
            for b in KOREAN
        ],
    )  # fmt: skip
    won = table("날짜,종가", [[iso(b), f'"₩{b.close:,.0f}"'] for b in KOREAN])
    counted = table("날짜,종가", [[iso(b), f'"{b.close:,.0f}원"'] for b in KOREAN])
    reader = table(
        "Date,Open,High,Low,Close,Volume,Change",
        [[iso(b), *(f"{p:.0f}" for p in (b.open, b.high, b.low, b.close)), b.volume, "0.0118"]
         for b in KOREAN],
    )  # fmt: skip
    naver = table(
        "날짜\t종가\t전일비\t시가\t고가\t저가\t거래량",
        [
            [written("%Y.%m.%d")(b), f"{b.close:,.0f}", "상승 450",
             *(f"{p:,.0f}" for p in (b.open, b.high, b.low)), f"{b.volume:,}"]
            for b in newest_first(KOREAN)
        ],
        sep="\t",
    )  # fmt: skip
    return [
        Case("data_4512_20190131.csv", krx.encode("cp949"), KOREAN, holds="ohlv"),
        Case("수정종가.csv", adjusted.encode("cp949"), KOREAN, holds="ohlv", price="adjusted"),
        Case("won_sign.csv", bom(won), KOREAN),
        Case("won_word.csv", bom(counted), KOREAN),
        Case("fdr_005930.csv", utf8(reader), KOREAN, holds="ohlv"),
        Case("naver_pasted.txt", utf8(naver), KOREAN, holds="ohlv"),
    ]


def chinese_cases() -> list[Case]:
    frame = table(
        ",日期,股票代码,开盘,收盘,最高,最低,成交量,成交额,振幅,涨跌幅,涨跌额,换手率",
        [
            [row, iso(b), "600519", b.open, b.close, b.high, b.low, b.volume, "1.23e9", "2.1",
             "0.42", "2.5", "0.31"]
            for row, b in enumerate(CHINESE)
        ],
    )  # fmt: skip
    netease = table(
        "日期,股票代码,名称,收盘价,最高价,最低价,开盘价,前收盘,涨跌额,涨跌幅,换手率,成交量,成交金额",
        [
            [iso(b), "'600519", "贵州茅台", b.close, b.high, b.low, b.open, plain(b.close - 2),
             "2.0", "0.33", "0.31", b.volume, "1234567890.0"]
            for b in newest_first(CHINESE)
        ],
        end="\r\n",
    )  # fmt: skip
    tdx = (
        "600519 贵州茅台 日线 前复权\r\n"
        + table(
            "      日期\t    开盘\t    最高\t    最低\t    收盘\t    成交量\t    成交额",
            [
                [written("%Y/%m/%d")(b), *(plain(p) for p in (b.open, b.high, b.low, b.close)),
                 b.volume, "1234567890.00"]
                for b in CHINESE
            ],
            sep="\t",
            end="\r\n",
        )
        + "#数据来源:通达信\r\n"
    )  # fmt: skip
    backward = table(
        "日期,开盘价,最高价,最低价,收盘价,后复权收盘价,成交量",
        [[iso(b), *ohlcv(b)[:4], b.adjusted, b.volume] for b in CHINESE],
    )
    tushare = table(
        ",ts_code,trade_date,open,high,low,close,pre_close,change,pct_chg,vol,amount",
        [
            [row, "600519.SH", written("%Y%m%d")(b), *ohlcv(b)[:4], plain(b.close - 2), "2.0",
             "0.33", f"{b.volume}.0", "1234567.891"]
            for row, b in enumerate(newest_first(CHINESE))
        ],
    )  # fmt: skip
    baostock = table(
        "date,code,open,high,low,close,preclose,volume,amount,adjustflag,turn,tradestatus,pctChg,isST",
        [
            [iso(b), "sh.600519", *(plain(p, 4) for p in (b.open, b.high, b.low, b.close)),
             plain(b.close - 2, 4), b.volume, "1234567890.0000", 3, "0.310000", 1, "0.330000", 0]
            for b in CHINESE
        ],
    )  # fmt: skip
    return [
        Case("akshare_600519.csv", frame.encode("gbk"), CHINESE, holds="ohlv"),
        Case("600519_netease.csv", netease.encode("gbk"), CHINESE, holds="ohlv"),
        Case("SH#600519.txt", tdx.encode("gbk"), CHINESE, holds="ohlv"),
        Case("houfuquan.csv", bom(backward), CHINESE, holds="ohlv", price="adjusted"),
        Case("600519.SH.csv", utf8(tushare), CHINESE, holds="ohlv"),
        Case("baostock.csv", utf8(baostock), CHINESE, holds="ohlv"),
    ]


def taiwanese_cases() -> list[Case]:
    october = [b for b in made(262.5, seed=12) if b.day.month == 10]

    def stock_day(title: str, notes: bool) -> bytes:
        rows = [
            [f"{b.day.year - 1911}/{b.day:%m/%d}", f"{b.volume:,}", "5,868,123,456",
             *(english(p) for p in (b.open, b.high, b.low, b.close)), "+1.00", "8,634"]
            for b in october
        ]  # fmt: skip
        names = [
            "日期",
            "成交股數",
            "成交金額",
            "開盤價",
            "最高價",
            "最低價",
            "收盤價",
            "漲跌價差",
            "成交筆數",
        ]
        header = "".join(f'"{name}",' for name in names)
        lines = [f'"{title}"', header, *(",".join(f'"{c}"' for c in row) + "," for row in rows)]
        if notes:
            lines += [
                '"說明:"',
                '"符號說明:+/-/X表示漲/跌/不比價"',
                '"當日統計資訊含一般、零股、盤後定價、鉅額交易，不含拍賣、標購。"',
                '"ETF證券代號第六碼為K、M、S、C者，表示該ETF以外幣交易。"',
            ]
        return "\r\n".join([*lines, ""]).encode("cp950")

    title = "107年10月 2330 台積電           各日成交資訊"
    return [
        Case("STOCK_DAY_2330_201810.csv", stock_day(title, True), october, holds="ohlv"),
        Case("STOCK_DAY_2330_no_notes.csv", stock_day(title, False), october, holds="ohlv"),
    ]


def japanese_cases() -> list[Case]:
    toyota = [
        Bar(b.day, b.open, b.high, b.low, b.close, b.volume, b.adjusted)
        for b in made(7070, 0, seed=13)
    ]
    whole = [[f"{p:.0f}" for p in (b.open, b.high, b.low, b.close)] for b in toyota]
    yahoo = table(
        "日付,始値,高値,安値,終値,出来高,調整後終値",
        [
            [f"{b.day.year}/{b.day.month}/{b.day.day}", *cells, b.volume, f"{b.adjusted:.0f}"]
            for b, cells in zip(newest_first(toyota), reversed(whole), strict=True)
        ],
        end="\r\n",
    )
    kabuoji = "7203 東証1部 トヨタ自動車(株)\r\n" + table(
        '"日付","始値","高値","安値","終値","出来高","終値調整値"',
        [
            [iso(b), *cells, b.volume, f"{b.adjusted:.0f}"]
            for b, cells in zip(toyota, whole, strict=True)
        ],
        end="\r\n",
        quote='"',
    )
    nikkei = (
        table(
            '"データ日付","終値","始値","高値","安値"',
            [
                [written("%Y/%m/%d")(b), *(plain(p) for p in (b.close, b.open, b.high, b.low))]
                for b in INDEX
            ],
            quote='"',
        )
        + '"本資料は日経の著作物であり、本資料の全部又は一部を、いかなる形式によっても日経に無断で'
        '複写、複製、引用、転載、翻訳、送信、翻案、アップロードすることは認められません。"\n'
    )
    j_quants = table(
        "Date,Code,Open,High,Low,Close,Volume,TurnoverValue,AdjustmentFactor,AdjustmentOpen,"
        "AdjustmentHigh,AdjustmentLow,AdjustmentClose,AdjustmentVolume",
        [
            [iso(b), "72030", *cells, b.volume, "1234567890.0", "1.0", *adjusted_ohl(b),
             f"{b.adjusted:.0f}", b.volume]
            for b, cells in zip(toyota, whole, strict=True)
        ],
    )  # fmt: skip
    kabutan = table(
        "日付,始値,高値,安値,終値,前日比,前日比％,売買高(株)",
        [
            [b.day.strftime("%y/%m/%d"), *(f'"{int(c):,}"' for c in cells), "+35", "+0.5",
             f'"{b.volume:,}"']
            for b, cells in zip(toyota, whole, strict=True)
        ],
    )  # fmt: skip
    return [
        Case("7203.T.csv", yahoo.encode("cp932"), toyota, holds="ohlv", price="adjusted"),
        Case("7203_2018.csv", kabuoji.encode("cp932"), toyota, holds="ohlv", price="adjusted"),
        Case("nikkei_stock_average_daily_jp.csv", nikkei.encode("cp932"), INDEX, holds="ohl"),
        Case("jquants_72030.csv", utf8(j_quants), toyota, price="adjusted"),
        Case("kabutan_7203.csv", kabutan.encode("cp932"), toyota, Kind.EITHER, "ohlv"),
    ]


def thai_cases() -> list[Case]:
    buddhist = [f"{b.day:%d/%m/}{b.day.year + 543}" for b in STOCK]
    thai = table(
        "วันที่,ราคาเปิด,ราคาสูงสุด,ราคาต่ำสุด,ราคาปิด,ปริมาณ(หุ้น)",
        [[day, *ohlcv(b)[:4], f'"{b.volume:,}"'] for day, b in zip(buddhist, STOCK, strict=True)],
    )
    return [Case("SET_PTT.csv", bom(thai), STOCK, holds="ohl")]


def eastern_cases() -> list[Case]:
    groups = (korean_cases, chinese_cases, taiwanese_cases, japanese_cases, thai_cases)
    return [case for group in groups for case in group()]
