"""The rows of a comparison, and the verdict on them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from simgan.errors import packages_for
from simgan.readable import ByValue, Readable
from simgan.report.yardstick import Yardstick, left_open, noisy, shortened

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from simgan.report.aspects import Aspect

Mark = Literal["within", "outside", "not judged"]
_ERRORS = 3.0  # from four parts of the paths: Student's t of them is 3.2 at 95 %
# of the table of statistics, beside one for each model
MARKED = ": mark"  # after the name of a model: the column of its marks
COLUMNS = ("statistic", "section", "unit", "real", "low", "high", "floor")


def over(horizon: int) -> str:
    """Return a horizon in words."""
    return f"{horizon} day{'s' if horizon > 1 else ''}"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One statistic of the real history and of each model's paths.

    Attributes
    ----------
    name : str
        The statistic, for example ``EMD/σ``.
    horizon : int or None
        Days that returns are summed over, where that is asked.
    unit : str
        "%", "σ", "nats" or nothing.
    real, low, high : float or None
        Value of the history with its 95 % interval. A distance has none, or the value of a history
        against others, without an interval.
    models : dict
        Value of each model, by name.
    floor : float or None
        For a distance: its 95 % quantile for a right model and a history of this length.
    perfect : float or None
        For a distance with a floor: its value between two samples of one law, for endless samples.
    errors : dict
        Monte Carlo standard error of each model's value, where it is known.
    blind_to : str
        The limits of this statistic, or the reason why it is not judged.
    is_judged : bool
        False for rows that are shown but have no usable error.
    """

    name: str
    models: dict[str, float]
    horizon: int | None = None
    unit: str = ""
    real: float | None = None
    low: float | None = None
    high: float | None = None
    floor: float | None = None
    perfect: float | None = None
    errors: dict[str, float] = field(default_factory=dict)
    blind_to: str = ""
    is_judged: bool = True

    @property
    def label(self) -> str:
        """Name with the horizon."""
        if self.horizon is None:
            return self.name
        return f"{self.name}, {over(self.horizon)}"

    def mark(self, model: str) -> Mark:
        """Tell whether a model's value lies where the real one may lie by chance."""
        if not self.is_judged:
            return "not judged"
        return "within" if self.excess(model) <= 0 else "outside"

    def excess(self, model: str) -> float:
        """Distance outside, in units of the half interval or of the floor above a perfect value.

        Zero or less means within.
        """
        value = self.models[model]
        if self.floor is not None:
            return (value - self.floor) / self._room if self._room else float(value > self.floor)
        if self.low is None or self.high is None:
            return 0.0
        return max(self.low - value, value - self.high) / max(self._room, 1e-300)

    def noise(self, *models: str) -> float:
        """Return three Monte Carlo errors of the difference of models, in units of `excess`.

        An error that is unknown counts as 0.
        """
        error = math.hypot(*(self.errors.get(model, 0.0) for model in models))
        return _ERRORS * error / self._room if self._room else 0.0

    def is_close(self, model: str) -> bool:
        """Tell whether a value is so near its limit that other paths could turn its mark."""
        return self.is_judged and abs(self.excess(model)) <= self.noise(model) > 0.0

    @property
    def _room(self) -> float:
        """Half of the interval, or the floor above a perfect value."""
        if self.floor is not None:
            return max(self.floor - (self.perfect or 0.0), 0.0)
        return 0.0 if self.low is None or self.high is None else (self.high - self.low) / 2

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        return asdict(self) | {"marks": {model: self.mark(model) for model in self.models}}


@dataclass(frozen=True)
class Section:
    """Rows that belong together, and the reasons for rows that were left out."""

    kind: str
    title: str
    rows: tuple[Row, ...]
    skipped: tuple[str, ...] = ()
    has_rival: bool = True  # else its rows are judged, and in no count

    def columns(self, models: Sequence[str]) -> tuple[str, ...]:
        """Return those of some models that have all rows."""
        return tuple(name for name in models if all(name in row.models for row in self.rows))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        rows = [row.to_json() for row in self.rows]
        return asdict(self) | {"rows": rows, "skipped": list(self.skipped)}


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Readable, ByValue):
    """All sections. The first of the models is the judged one.

    `unusable` holds baselines that could not be compared, with reasons. `beside` names those judged
    side by side with the first, and `rival` the baseline against all, by default the best.
    `yardstick` counts a right model's rows. `in_sample` says whether the models have learned from
    the history, None that nobody knows, and `learned` says it of models that differ. `doubts` say
    why all uses of a model need care, and `forecasts` hold the verdict of its fit on forecasts.
    `days` is the length of the history, `horizon` that of its stretches, and `spans` the least days
    of a model over those of the history.
    """

    sections: tuple[Section, ...]
    models: tuple[str, ...]
    in_sample: bool | None
    unusable: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    rival: str = ""
    yardstick: Yardstick | None = None
    learned: Mapping[str, bool | None] = field(default_factory=dict)
    doubts: Mapping[str, str] = field(default_factory=dict)
    forecasts: Mapping[str, tuple[Aspect, ...]] = field(default_factory=dict)
    days: int = 0
    horizon: int = 0
    spans: float = 0.0

    @property
    def by_chance(self) -> str:
        """Judged models against the rows of a right one, in words. Empty where that is unknown."""
        within = {model: self.within(model) for model in self.judged}
        return "" if self.yardstick is None else self.yardstick.sentence(within, self.days)

    @property
    def open_es(self) -> str:
        """How far this history leaves ES open, in words. Empty where it has no ES."""
        return left_open(
            f"from {row.low:.3g} to {row.high:.3g} % over {over(row.horizon)}"
            for row in self.rows
            if row.name == "ES 99 %" and row.horizon
        )

    @property
    def cut(self) -> str:
        """A caution about short or few paths. Empty where they are long and many."""
        return " ".join(filter(None, (shortened(self.days, self.horizon), noisy(self.spans))))

    @property
    def judged(self) -> tuple[str, ...]:
        """All models that are judged."""
        return (self.models[0], *self.beside)

    def _title(self) -> str:
        return f"Comparison of {', '.join(self.models)} with real returns"

    def _facts(self) -> Iterator[tuple[str, str]]:
        for model in self.models:
            count = f"{self.within(model)} of {len(self.counted)}"
            yield model, f"within the noise of the data in {count} statistics"
        for model, reason in self.unusable.items():
            yield model, f"not compared: {reason}"

    @packages_for("Comparison.summary")
    def summary(self) -> pd.DataFrame:
        """Return the statistics as a frame, a row each.

        Columns are section, unit, real value, interval, floor, value and mark of each model.
        """
        import pandas as pd

        rows = [
            {
                "statistic": row.label,
                "section": section.title,
                "unit": row.unit,
                "real": row.real,
                "low": row.low,
                "high": row.high,
                "floor": row.floor,
                **row.models,
                **{f"{model}{MARKED}": row.mark(model) for model in row.models},
            }
            for section in self.sections
            for row in section.rows
        ]
        return pd.DataFrame(rows).set_index("statistic")

    @packages_for("Comparison.plot")
    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw with matplotlib how far outside its interval or floor each statistic is."""
        from simgan.report.plots import excesses

        return excesses(self, ax)

    @property
    def rows(self) -> list[Row]:
        """All rows in order."""
        return [row for section in self.sections for row in section.rows]

    @property
    def counted(self) -> list[Row]:
        """Judged rows that models are compared by: all but those of sections without a rival."""
        of_all = (section.rows for section in self.sections if section.has_rival)
        return [row for rows in of_all for row in rows if row.is_judged]

    def within(self, model: str) -> int:
        """Return how many counted rows of a model are within."""
        return sum(row.mark(model) == "within" for row in self.counted)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {
            "models": list(self.models),
            "in_sample": self.in_sample,
            "unusable": dict(self.unusable),
            "beside": list(self.beside),
            "yardstick": self.yardstick and self.yardstick.to_json() | {"sentence": self.by_chance},
            "days": self.days,
            "horizon": self.horizon,
            "spans": self.spans,
            "open_es": self.open_es,
            "cut": self.cut,
            "sections": [section.to_json() for section in self.sections],
        }


# Baselines that repeat the history: close by copying, so flagged and not the opponent
COPIES = ("stationary-bootstrap",)
_MARGIN = 0.25  # both outside: nearer by this much, in half intervals or floors, is a win
_LONGEST = 160  # characters of the sentence, or nearly
_WHERE = {True: "In sample", False: "On another history", None: "Learned from unknown days"}


@dataclass(frozen=True)
class Verdict:
    """The judged model against a baseline: statistics that it wins, ties, loses and passes.

    Attributes
    ----------
    model, against : str
        The judged model, and the best baseline that does not copy. Empty if there is none.
    wins, ties, losses : tuple of str
        Labels of rows. The losses begin with the worst.
    within, judged : int
        Rows in which the model is within interval or floor, of those that are judged.
    in_sample : bool or None
        Whether the model has learned from the history. None for a file: nobody knows.
    copies, unusable : tuple of str
        Baselines that repeat the history, or cannot be fitted to it. Both are left out.
    rivals : tuple of str
        All baselines that do not copy, from which the best is chosen.
    forecasts : tuple of Aspect
        What a fit found about forecasts of held-out days. Empty where nothing did.
    """

    model: str
    against: str
    wins: tuple[str, ...]
    ties: tuple[str, ...]
    losses: tuple[str, ...]
    within: int
    judged: int
    in_sample: bool | None
    copies: tuple[str, ...] = ()
    unusable: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()
    forecasts: tuple[Aspect, ...] = ()

    @property
    def sentence(self) -> str:
        """The verdict on one line. It names as many losses as fit, the worst first."""
        passed = (
            f"{_WHERE[self.in_sample]}, {self.model} is within the noise of the data in "
            f"{self.within} of {self.judged} statistics"
        )
        left_out = "".join(f"; {name} is unusable here and not compared" for name in self.unusable)
        if not self.against:
            return f"{passed}{left_out}."
        best = f", the best of {len(self.rivals)} baselines," if len(self.rivals) > 1 else ""
        scored = (
            f"{passed}; against {self.against}{best} it wins {len(self.wins)}, "
            f"ties {len(self.ties)}, loses {len(self.losses)}"
        )
        room = _LONGEST + len(best) - len(scored)
        return f"{scored}{_named(self.losses, room)}{left_out}."

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        plain = asdict(self).items()
        lists = {key: list(one) if isinstance(one, tuple) else one for key, one in plain}
        return {"sentence": self.sentence} | lists


def verdict(comparison: Comparison, judged: str = "") -> Verdict:
    """Compare a model, by default the first, with a baseline that does not copy the history.

    It is the rival of the comparison, or else the best one. The best one passes most rows of all
    sections, and among equals is least far outside in sum. It is the same in every section.

    A row is won if the model is within and the baseline is not. It is also won if both are outside
    and the model is nearer by a quarter of the half interval or of the floor. Both within is a tie,
    and so is a difference below three of its Monte Carlo errors: other paths could turn it.
    """
    model = judged or comparison.models[0]
    others = [name for name in comparison.models if name not in (model, *comparison.judged)]
    rows = comparison.counted
    copies = tuple(name for name in others if name in COPIES)
    rivals = tuple(n for n in others if n not in copies and comparison.rival in ("", n))
    against = max(rivals, key=lambda name: _strength(rows, name), default="")
    compared = sorted(rows, key=lambda row: -row.excess(model)) if against else []
    outcomes = {row.label: _outcome(row, model, against) for row in compared}
    won, tied, lost = (
        tuple(label for label, outcome in outcomes.items() if outcome == wanted)
        for wanted in (1, 0, -1)
    )
    return Verdict(
        model=model,
        against=against,
        wins=won,
        ties=tied,
        losses=lost,
        within=comparison.within(model),
        judged=len(rows),
        in_sample=comparison.learned.get(model, comparison.in_sample),
        copies=copies,
        unusable=tuple(comparison.unusable),
        rivals=rivals,
        forecasts=comparison.forecasts.get(model, ()),
    )


def _strength(rows: list[Row], model: str) -> tuple[int, float]:
    """Rows within, and how little the others are outside."""
    excesses = [max(row.excess(model), 0.0) for row in rows]
    return sum(excess == 0.0 for excess in excesses), -sum(excesses)


def _named(labels: tuple[str, ...], room: int) -> str:
    """Return as many labels in brackets as fit, at least one, and the number of the others."""
    shown = next(
        (n for n in range(len(labels), 1, -1) if len("; ".join(labels[:n])) <= room),
        min(1, len(labels)),
    )
    more = [f"and {len(labels) - shown} more, all in the report"] if shown < len(labels) else []
    return f" ({'; '.join([*labels[:shown], *more])})" if shown else ""


def _outcome(row: Row, model: str, against: str) -> int:
    """1 for a win, 0 for a tie, −1 for a loss."""
    ours, theirs = row.excess(model), row.excess(against)
    if abs(ours - theirs) <= row.noise(model, against):
        return 0
    ours, theirs = max(ours, 0.0), max(theirs, 0.0)
    if (ours > 0) != (theirs > 0):
        return 1 if ours == 0 else -1
    if abs(ours - theirs) <= _MARGIN:
        return 0
    return 1 if ours < theirs else -1
