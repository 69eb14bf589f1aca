"""Parts of the manifest of a model: its data, its prior, its regimes, and its assets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict, cast

from simgan.bundle.fields import (
    Fields,
    Json,
    date,
    facts,
    matching,
    number,
    several,
    table_of,
    text,
    truth,
    whole,
)
from simgan.settings import record

HASH = matching("[0-9a-f]{64}", "a SHA-256 hash of 64 hexadecimal digits")
Tails = Mapping[str, list[dict[str, float]]]


@dataclass(frozen=True, kw_only=True)
class DataFacts:
    """The history that a model learned from.

    Attributes
    ----------
    first, last : str
        ISO dates of the first and the last return.
    days : int
        Number of returns.
    sha256 : str
        Hash of the float64 log returns.
    source : dict
        Record of the price source, so that the sample source can be read again.
    """

    first: str
    last: str
    days: int
    sha256: str
    source: Mapping[str, Json]

    def told(self) -> dict[str, Json]:
        """Return the days and their hash, as results in JSON give them."""
        return {"first": self.first, "last": self.last, "days": self.days, "sha256": self.sha256}


class RegimeFacts(TypedDict, total=False):
    """The regimes of a model. A model without regimes has an empty table."""

    names: list[str]
    days: int  # length of the stretch of the history that has one regime
    bounds: list[float]  # realized volatilities between regimes; none for labels of the user
    shares: list[float]  # of the history


class PriorFacts(TypedDict, total=False):
    """The prior of a model. A model whose history stood alone has an empty table."""

    name: str
    until: str  # last day that it has seen
    series: list[str]  # that it has learned from
    share: float  # of the days behind the innovations


@dataclass(frozen=True, kw_only=True)
class MemberFacts:
    """One asset of a joint model, with the data of its own generator.

    Attributes
    ----------
    data : DataFacts
        Of the days on which it traded.
    ranges : bool
        Whether it learned from open, high and low.
    prior : PriorFacts
    tails : mapping
        As in a manifest.
    identity : str
        SHA-256 of all that decided its training.
    """

    data: DataFacts
    ranges: bool
    prior: PriorFacts = field(default_factory=PriorFacts)
    tails: Tails = field(default_factory=dict)
    identity: str

    def to_json(self) -> dict[str, Json]:
        """Return plain JSON data from which `joint` reads this member again."""
        plain: dict[str, object] = {
            "data": record(self.data),
            "ranges": self.ranges,
            "prior": dict(self.prior),
            "tails": dict(self.tails),
            "identity": self.identity,
        }
        return cast("dict[str, Json]", plain)


@dataclass(frozen=True, kw_only=True)
class JointFacts:
    """The joint law of the assets of a model.

    Attributes
    ----------
    rows : int
        Number of days whose joint scores are kept.
    block : int
        Number of steps whose days come from as many consecutive ones.
    smoothing : float
        Size of the noise in the scores of a day.
    pairs, spreads : tuple of float
        Half lives of the averages behind the correlations, as in
        `simgan.recipe.blueprints.joint.Joint`.
    members : tuple of MemberFacts
        One per asset.
    """

    rows: int
    block: int
    smoothing: float
    pairs: tuple[float, ...]
    spreads: tuple[float, ...]
    members: tuple[MemberFacts, ...]

    def to_json(self) -> dict[str, Json]:
        """Return plain JSON data from which `joint` reads these facts again."""
        plain: dict[str, object] = {
            "rows": self.rows,
            "block": self.block,
            "smoothing": self.smoothing,
            "pairs": list(self.pairs),
            "spreads": list(self.spreads),
            "members": [member.to_json() for member in self.members],
        }
        return cast("dict[str, Json]", plain)


def data_facts(value: object, place: str) -> DataFacts:
    """Read the facts about a history."""
    table = Fields(value, place)
    return DataFacts(
        first=table.read("first", date),
        last=table.read("last", date),
        days=table.read("days", whole(1)),
        sha256=table.read("sha256", HASH),
        source=table.read("source", facts),
    )


def tails(value: object, place: str) -> dict[str, list[dict[str, float]]]:
    """Read the tails of innovations."""
    sides = table_of(several(table_of(number())))(value, place)
    return {side: list(fits) for side, fits in sides.items()}


def regimes(value: object, place: str) -> RegimeFacts:
    """Read the regimes of a model."""
    table = Fields(value, place)
    if not table.values:
        return RegimeFacts()
    return RegimeFacts(
        names=list(table.read("names", several(text(), least=1))),
        days=table.read("days", whole(1)),
        bounds=list(table.read("bounds", several(number()))),
        shares=list(table.read("shares", several(number(low=0)))),
    )


def prior(value: object, place: str) -> PriorFacts:
    """Read the prior of a model."""
    table = Fields(value, place)
    if not table.values:
        return PriorFacts()
    return PriorFacts(
        name=table.read("name", text(most=100)),
        until=table.read("until", date),
        series=list(table.read("series", several(text(most=200)))),
        share=table.read("share", number(low=0)),
    )


def joint(value: object, place: str) -> JointFacts | None:
    """Read the joint law of the assets of a model, or null."""
    if value is None:
        return None
    table = Fields(value, place)
    days = several(number(above=0), most=100)
    rows = table.read("rows", whole(1))
    return JointFacts(
        rows=rows,
        block=table.read("block", whole(1, rows)),
        smoothing=table.read("smoothing", number(low=0)),
        pairs=table.read("pairs", days),
        spreads=table.read("spreads", days),
        members=table.read("members", several(_member, least=2, most=1000)),
    )


def _member(value: object, place: str) -> MemberFacts:
    table = Fields(value, place)
    return MemberFacts(
        data=table.read("data", data_facts),
        ranges=table.read("ranges", truth),
        prior=table.read("prior", prior),
        tails=table.read("tails", tails),
        identity=table.read("identity", HASH),
    )
