"""Investing.com in eleven languages."""

from __future__ import annotations

from collections.abc import Callable

from price_cases import (
    INDEX,
    Bar,
    Case,
    Kind,
    bom,
    change,
    english,
    german,
    in_millions,
    made,
    table,
    with_volume_in_millions,
    written,
)

Number = Callable[[float], str]


def investing(
    file: str,
    header: str,
    day: Callable[[Bar], str],
    number: Number,
    decimal: str = ".",
    volume: bool = True,
    **settings: object,
) -> Case:
    """Every cell quoted, newest first, close before open, a mark of the order of bytes."""
    bars = with_volume_in_millions(INDEX)
    rows = [
        [
            day(bar),
            *(number(price) for price in (bar.close, bar.open, bar.high, bar.low)),
            in_millions(bar.volume, decimal) if volume else "",
            f"{change(bars, row):.2f}%".replace(".", decimal),
        ]
        for row, bar in enumerate(bars)
    ]
    holds = "ohlv" if volume else "ohl"
    text = table(header, rows[::-1], quote='"')
    return Case(file, bom(text), bars, holds=holds, **settings)  # type: ignore[arg-type]


def oriental(bar: Bar) -> str:
    return f"{bar.day.year}-{bar.day.month}-{bar.day.day}"


def investing_cases() -> list[Case]:
    dots, slashes = written("%d.%m.%Y"), written("%d/%m/%Y")
    ibovespa = [
        Bar(b.day, b.open, b.high, b.low, b.close, b.volume, b.close)
        for b in with_volume_in_millions(made(105592, 0, seed=6))
    ]
    portuguese = table(
        '"Data","Último","Abertura","Máxima","Mínima","Vol.","Var%"',
        [
            [
                dots(b),
                *(german(p, 0) for p in (b.close, b.open, b.high, b.low)),
                in_millions(b.volume, ","),
                german(change(ibovespa, i)) + "%",
            ]
            for i, b in reversed(list(enumerate(ibovespa)))
        ],
        quote='"',
    )
    return [
        investing(
            "investing_en.csv",
            '"Date","Price","Open","High","Low","Vol.","Change %"',
            written("%m/%d/%Y"),
            english,
        ),
        investing(
            "investing_en_old.csv",
            '"Date","Price","Open","High","Low","Vol.","Change %"',
            written("%b %d, %Y"),
            english,
        ),
        investing(
            "investing_uk.csv",
            '"Date","Price","Open","High","Low","Vol.","Change %"',
            slashes,
            english,
            volume=False,
        ),
        investing(
            "investing_in.csv",
            '"Date","Price","Open","High","Low","Vol.","Change %"',
            written("%d-%m-%Y"),
            english,
        ),
        investing(
            "investing_fr.csv",
            '"Date","Dernier","Ouv."," Plus Haut","Plus Bas","Vol.","Variation %"',
            slashes,
            german,
            ",",
        ),
        investing(
            "investing_es.csv",
            '"Fecha","Último","Apertura","Máximo","Mínimo","Vol.","% var."',
            dots,
            german,
            ",",
            volume=False,
        ),
        investing(
            "investing_it.csv",
            '"Data","Ultimo","Apertura","Massimo","Minimo","Vol.","Var. %"',
            dots,
            german,
            ",",
        ),
        investing(
            "investing_pt.csv",
            '"Data","Último","Abertura","Máxima","Mínima","Vol.","Var%"',
            dots,
            german,
            ",",
        ),
        # Points without decimals: the comma of the change tells that the dot groups thousands.
        Case("investing_pt_ibovespa.csv", bom(portuguese), ibovespa, Kind.EITHER, "ohlv"),
        investing(
            "investing_ja.csv",
            '"日付け","終値","始値","高値","安値","出来高","変化率 %"',
            written("%Y年%m月%d日"),
            english,
        ),
        investing(
            "investing_tr.csv",
            '"Tarih","Şimdi","Açılış","Yüksek","Düşük","Hac.","Fark %"',
            dots,
            german,
            ",",
        ),
        investing(
            "investing_pl.csv",
            '"Data","Ostatnio","Otwarcie","Max.","Min.","Wol.","Zmiana%"',
            dots,
            german,
            ",",
        ),
        investing(
            "investing_ru.csv",
            '"Дата","Цена","Откр.","Макс.","Мин.","Объём","Изм. %"',
            dots,
            german,
            ",",
        ),
        investing(
            "investing_zh.csv",
            '"日期","收盘","开盘","高","低","交易量","涨跌幅"',
            oriental,
            english,
        ),
        investing(
            "investing_zh_old.csv",
            '"日期","收盘","开盘","高","低","交易量","涨跌幅"',
            lambda b: f"{b.day.year}年{b.day.month}月{b.day.day}日",
            english,
        ),
    ]
