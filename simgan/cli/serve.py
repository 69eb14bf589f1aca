"""simgan serve."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgan.cli.options import (
    FILE,
    NAME,
    Common,
    common_options,
    given_options,
    json_option,
    show_json,
)

if TYPE_CHECKING:
    from simgan.service.database import Database
    from simgan.service.tokens import Token

_OF_THE_COMMAND = ("config", "print_config", "workspace", "verbose", "quiet")


@click.group(invoke_without_command=True, context_settings={"max_content_width": 100})
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8000, show_default=True, help="Port to listen at; 0: a free one.")
@click.option("--workers", default=1, show_default=True, help="Processes that answer requests.")
@click.option(
    "--config",
    type=FILE,
    envvar="SIMGAN_SERVE_CONFIG",
    show_envvar=True,
    help="TOML file with these and other settings, as --print-config prints them. Variables such "
    "as SIMGAN_SERVE_PORT override it, and options override both.",
)
@click.option("--print-config", is_flag=True, help="Print all settings as TOML, and do not serve.")
@common_options
def serve(
    common: Common,
    config: Path | None,
    print_config: bool,
    **_: object,
) -> None:
    """Serve the models of the workspace over HTTP: scenarios, risk, reports, jobs and pages.

    Without a token, the service listens at an address of this machine only, and answers everybody
    here.

    \b
    Example:
      simgan serve
      simgan serve --port 0 --workers 2
      simgan serve token add risk-desk --scopes read,sample
    """
    if click.get_current_context().invoked_subcommand:
        if given_options():
            raise click.UsageError("give options after the last word: `simgan serve token list …`.")
        return
    from simgan.service.configuration import configuration

    given = {name: v for name, v in given_options().items() if name not in _OF_THE_COMMAND}
    settings = configuration(config, given)
    if print_config:
        click.echo(settings.to_toml(), nl=False)
        return
    from simgan.service.first_process import work_beside_the_first

    work_beside_the_first()  # before other modules start threads
    from simgan.service.running import serve as run

    run(common.workspace, settings, click.echo)


@serve.group()
def token() -> None:
    """Add, list and revoke tokens. With any token, the service answers nobody without one.

    \b
    Example:
      simgan serve token add risk-desk --scopes read,sample
      simgan serve token list
    """


@token.command()
@click.argument("name", type=NAME)
@click.option(
    "--scopes",
    default="read,sample,fit",
    show_default=True,
    metavar="SCOPE,…",
    help="Rights of the token. read: see models, reports and jobs. sample: draw scenarios and ask "
    "for risk. fit: upload prices, start jobs and remove models.",
)
@common_options
def add(common: Common, name: str, scopes: str) -> None:
    """Make a token and print it. It is shown this once, because only its hash is kept.

    \b
    Example:
      simgan serve token add risk-desk --scopes read,sample
    """
    from simgan.service.tokens import add_token

    wanted = [part.strip() for part in scopes.split(",") if part.strip()]
    secret = add_token(_database(common), name, wanted)
    common.say("keep this token: it is shown once. Send it as `Authorization: Bearer TOKEN`.")
    click.echo(secret)


@token.command("list")
@json_option
@common_options
def list_tokens(common: Common, as_json: bool) -> None:
    """List the tokens, their scopes, and the day of their last use.

    \b
    Example:
      simgan serve token list --json
    """
    from simgan.service.tokens import tokens_of

    found = tokens_of(_database(common))
    if as_json:
        show_json([_row(token) for token in found])
        return
    if not found:
        common.say("no token here yet; `simgan serve token add NAME` makes one")
    width = max((len(token.name) for token in found), default=0)
    for token in found:
        used = token.used or "never used"
        click.echo(f"{token.name:<{width}}  {','.join(token.scopes):<15}  {token.created}  {used}")


@token.command()
@click.argument("name", type=NAME)
@common_options
def revoke(common: Common, name: str) -> None:
    """Refuse a token from now on. Sessions of pages that began with it end.

    \b
    Example:
      simgan serve token revoke risk-desk
    """
    from simgan.service.tokens import revoke_token, tokens_of

    database = _database(common)
    revoke_token(database, name)
    common.say(f"revoked {name}")
    if not tokens_of(database):
        common.say("no token is left: the service refuses every request until you add one")


def _database(common: Common) -> Database:
    from simgan.service.database import database_of

    return database_of(common.workspace)


def _row(token: Token) -> dict[str, object]:
    names = ("name", "scopes", "created", "used")
    return {name: getattr(token, name) for name in names}
