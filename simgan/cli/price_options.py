"""Options for prices: their source, their days, and downloads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, cast

import click

from simgan.cli.options import DATE, PRICE_FILE, Function, expect_in_order, iso, with_options_of

if TYPE_CHECKING:
    from simgan.market.prices import OnBadRows


def column_option(file: str) -> Callable[[Function], Function]:
    """Add ``--column`` for the price file that the option `file` names."""
    return click.option(
        "--column",
        default="",
        metavar="NAME",
        help=f"Price column of {file}, or a ticker of it; default: adjusted close, else close.",
    )


on_bad_rows_option = click.option(
    "--on-bad-rows",
    type=click.Choice(["stop", "drop"]),
    default="stop",
    show_default=True,
    help="Wrong rows of prices: stop with their places, or leave them out and tell how many.",
)

source_option = click.option(
    "--source",
    type=click.Choice(["yahoo", "sample"]),
    default="yahoo",
    show_default=True,
    help="sample: SP500, NASDAQ, VIX, WTI; works offline.",
)


def start_options(function: Function) -> Function:
    """Add ``--as-of``, ``--level-uncertainty`` and ``--prices`` with its own options."""
    as_of = click.option(
        "--as-of",
        default="latest",
        show_default=True,
        metavar="latest|stationary|DATE|DATE..DATE",
        help="Start state: end of the history, long run, the history up to DATE, "
        "or up to a random day between two dates.",
    )
    prices = click.option(
        "--prices",
        type=PRICE_FILE,
        metavar="FILE",
        help="History that gives the start state instead of the model's own.",
    )
    level = click.option(
        "--level-uncertainty",
        is_flag=True,
        help="Draw the long-run volatility of each scenario. It matters in the long run, with "
        "--as-of stationary, and hardly after a history.",
    )
    return as_of(level(prices(column_option("--prices")(on_bad_rows_option(function)))))


def scope_options(use: str) -> Callable[[Function], Function]:
    """Add ``--start``, ``--end`` and ``--on-bad-rows``. `use` is the purpose of the days.

    The command gets one `Scope` as its argument `scope`.
    """

    def decorate(function: Function) -> Function:
        @click.option("--start", type=DATE, metavar="DATE", help=f"First day {use}.")
        @click.option("--end", type=DATE, metavar="DATE", help=f"Last day {use}.")
        @on_bad_rows_option
        def command(
            *args: object,
            start: datetime | None,
            end: datetime | None,
            on_bad_rows: OnBadRows,
            **options: object,
        ) -> object:
            from simgan.market.prices import Scope

            expect_in_order(start=start, end=end)
            return function(*args, scope=Scope(iso(start), iso(end), on_bad_rows), **options)

        return with_options_of(function, command)

    return decorate


def download_options(function: Function) -> Function:
    """Add ``--refresh``, ``--force`` and ``--offline``.

    The command gets the name of a kind of download as its argument `download`.
    """

    @click.option("--refresh", is_flag=True, help="Download again even if data/ has the prices.")
    @click.option(
        "--force",
        is_flag=True,
        help="With --refresh: replace kept prices that the new ones contradict.",
    )
    @click.option("--offline", is_flag=True, help="Forbid downloads.")
    def command(
        *args: object, refresh: bool, force: bool, offline: bool, **options: object
    ) -> object:
        return function(*args, download=download_of(refresh, force, offline), **options)

    return with_options_of(function, command)


def price_options(function: Function) -> Function:
    """Add the options for the source of prices.

    The command gets `source`, `column`, `start`, `on_bad_rows`, `interval` and `download`.
    """

    @source_option
    @column_option("--prices")
    @click.option("--start", type=DATE, metavar="DATE", help="First day of the history to use.")
    @on_bad_rows_option
    @click.option(
        "--interval",
        default="1d",
        show_default=True,
        metavar="1d",
        help="Time between two prices. Only daily prices are learned.",
    )
    @download_options
    def command(*args: object, start: datetime | None, **options: object) -> object:
        names = {"from": "first", "to": "last"} if "first" in options else {"end": "end"}
        ends = {word: cast("datetime | None", options.get(name)) for word, name in names.items()}
        expect_in_order(start=start, **ends)
        return function(*args, start=iso(start), **options)

    return with_options_of(function, command)


def download_of(refresh: bool, force: bool, offline: bool = False) -> str:
    """Return the name of the kind of download that three flags ask for.

    Raises
    ------
    UsageError
        The flags contradict each other.
    """
    if refresh and offline:
        raise click.UsageError("--refresh and --offline exclude each other.")
    if force and not refresh:
        raise click.UsageError("--force needs --refresh.")
    return "force" if force else "always" if refresh else "never" if offline else "if-missing"
