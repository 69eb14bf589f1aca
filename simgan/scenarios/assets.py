"""Assets of scenarios by their names, as the command line and Python give them."""

from __future__ import annotations

from collections.abc import Sequence

from simgan.errors import ConfigError, UnknownNameError, Words


def chosen_assets(asked: str | Sequence[str] | None, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of some assets, in the order in which they are asked for.

    Parameters
    ----------
    asked : str or sequence of str, optional
        A list, or text such as ``"KO,XOM"``. None stands for all.
    known : tuple of str

    Raises
    ------
    UnknownNameError, ConfigError
        As for `columns_of`.
    """
    if asked is None:
        return known
    if not isinstance(asked, str | list | tuple):
        allowed = "names of assets: a list, or text such as 'KO,XOM'"
        raise ConfigError("sample", "assets", Words(repr(asked)), allowed)
    names = asked.split(",") if isinstance(asked, str) else asked
    chosen = tuple(name.strip() if isinstance(asked, str) else name for name in names)
    if "" in chosen:
        example = ",".join(known[:2])
        allowed = f"names of assets with one comma between them, such as {example!r}"
        raise ConfigError("sample", "assets", asked, allowed)
    columns_of(chosen, known)
    return chosen


def columns_of(assets: Sequence[str], known: Sequence[str]) -> list[int]:
    """Return the columns of some assets among those that are known.

    Raises
    ------
    UnknownNameError
        There is no such asset.
    ConfigError
        There is none, or one is named twice.
    """
    if not len(assets):
        raise ConfigError("Scenarios", "assets", Words("none"), "the name of one or more")
    has_comma = any("," in asset for asset in known)
    hint = (
        "a name with a comma cannot stand in a text: in Python use of_assets" if has_comma else ""
    )
    for asset in assets:
        if asset not in known:
            raise UnknownNameError("asset", asset, known, hint)
    if len(set(assets)) < len(assets):
        raise ConfigError("Scenarios", "assets", ", ".join(assets), "each asset once")
    return [list(known).index(asset) for asset in assets]
