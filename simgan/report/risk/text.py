"""The risks of a position as plain text: a table, a fan chart, and sentences."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simgan.report.risk.results import Part, RiskResults, Volatility
from simgan.report.verdict import over
from simgan.risk.measures import RiskEstimate
from simgan.risk.outlook import Fan, Outlook

_NARROWEST = 60
_TENTH = 0.1
_FAN_DAYS = (1, 2, 3, 5, 8, 10, 15, 21)
_LABEL = 5  # columns of the day beside a line of the fan
_WIDEST_FAN = 72
_MARKS = "·─━┃"  # 1 to 99 %, 5 to 95 %, 25 to 75 %, the median


def render_text(results: RiskResults, width: int = 100) -> str:
    """Return the table of VaR and ES, the volatility, and the fan.

    Lines have at most `width` characters, and at least 60.
    """
    width = max(width, _NARROWEST)
    parts = [
        "\n".join(wrapped(headline(results), width)),
        "\n".join(_table(results)),
        "\n".join(line for each in sentences(results) for line in wrapped(each, width)),
        "\n".join(_fan_chart(results.own.fan, held(results), min(width, _WIDEST_FAN))),
    ]
    if results.liquidity:
        parts.insert(2, "\n".join(_liquidity(results)))
    if results.parts:
        parts.insert(2, "\n".join(_parts_of_assets(results)))
    return "\n\n".join(part for part in parts if part)


def wrapped(sentence: str, width: int) -> list[str]:
    """Break a sentence at words."""
    return textwrap.wrap(sentence, width, break_long_words=False, break_on_hyphens=False)


def headline(results: RiskResults) -> str:
    """Say whose risk it is, from when on, and from how many scenarios."""
    given = f" that meet {results.given}" if results.given else ""
    return (
        f"{results.model}: losses of a {results.side} position of {money(results.value)}"
        f"{held_in(results)} {results.start}, from {results.scenarios:,} scenarios{given} "
        f"(seed {results.seed})"
    )


def held_in(results: RiskResults) -> str:
    """Say what a position consists of: one asset, or the shares of a book."""
    return f": {results.asset};" if results.weights else f" in {results.asset}"


def sentences(results: RiskResults) -> Iterator[str]:
    """Explain the numbers: the root of time, the rival, the volatility, and the notes."""
    if results.weights:
        yield rebalancing(results)
    yield from _rooted(results)
    yield from _rival(results)
    if results.volatility is not None:
        yield volatility(results.volatility)
    if results.level_uncertainty:
        yield level_uncertainty(results)
    yield from (note if note.endswith(".") else f"{note}." for note in results.notes)


def level_uncertainty(results: RiskResults) -> str:
    """Say that levels are drawn, and by which model."""
    rival = f" That of {results.rival} is not." if results.rival in results.outlooks else ""
    return (
        f"The long-run volatility of each scenario of {results.kind} is drawn "
        f"(--level-uncertainty).{rival}"
    )


def rebalancing(results: RiskResults) -> str:
    """Say whether the shares of a book are restored."""
    if results.rebalance == "daily":
        return "The shares of the assets are restored every day."
    return "The assets are bought by their shares and held."


def volatility(found: Volatility) -> str:
    """Say how high the volatility of tomorrow is, among the days of the history."""
    annual = "" if found.annual is None else f"{percent(found.annual, 0)} a year, "
    below, first = 100 * found.share_below, str(found.days[0].astype("datetime64[Y]"))
    place = f"above that of {below:.0f} % of the days since {first}"
    if below < 50:
        place = f"below that of {100 - below:.0f} % of the days since {first}"
    return f"The volatility of tomorrow is {annual}{percent(found.tomorrow)} a day, {place}."


def _rooted(results: RiskResults) -> Iterator[str]:
    """Compare the longest horizon at the first level with the one-day VaR times a root."""
    horizon, level = results.cells[-1][0], results.cells[0][1]
    by_root = results.rooted(horizon, level)
    if by_root is None:
        return
    own = results.own.of(horizon, level).value_at_risk
    yield (
        f"VaR at {coverage(level)} over {over(horizon)} is {percent(own)}, from paths of "
        f"{over(horizon)}. The one-day number times √{horizon} would be {percent(by_root)}."
    )


def _rival(results: RiskResults) -> Iterator[str]:
    """Say where VaR and ES of the model and of its rival differ most, and what to do about it."""
    rival = results.outlooks.get(results.rival)
    if rival is None:
        return
    pairs = [
        _Pair(f"{name} at {coverage(level)} over {over(horizon)}", *own, *other)
        for horizon, level in results.cells
        for (name, *own), (_, *other) in zip(
            _measures(results.own.of(horizon, level)),
            _measures(rival.of(horizon, level)),
            strict=True,
        )
    ]
    far = [pair for pair in pairs if pair.is_far]
    if not far:
        yield f"{results.rival} is within a tenth of each VaR and ES, or within Monte Carlo errors."
        return
    worst = max(far, key=lambda pair: pair.apart)
    among = f"In {len(far)} of {len(pairs)} numbers the models disagree, most"
    higher = results.kind if worst.own > worst.other else results.rival
    yield (
        f"{among if len(far) > 1 else 'The models disagree'} about {worst.name}: it is "
        f"{percent(worst.own)}, and {percent(worst.other)} under {results.rival}. {higher} is "
        f"higher by {percent(worst.apart, 0)}. Treat the larger as the cautious number."
    )


def _measures(found: RiskEstimate) -> tuple[tuple[str, float, float], ...]:
    """Return VaR and ES, each with its name and its Monte Carlo error."""
    return (
        ("VaR", found.value_at_risk, found.value_at_risk_error),
        ("ES", found.expected_shortfall, found.expected_shortfall_error),
    )


@dataclass(frozen=True)
class _Pair:
    """One risk under the model and under its rival, each with its Monte Carlo error."""

    name: str
    own: float
    own_error: float
    other: float
    other_error: float

    @property
    def apart(self) -> float:
        """Their difference as a share of the smaller one."""
        small = min(abs(self.own), abs(self.other))
        return abs(self.own - self.other) / small if small else float(np.inf)

    @property
    def is_far(self) -> bool:
        """Whether they differ by more than a tenth, and by more than twice their joint error."""
        chance = 2 * float(np.hypot(self.own_error, self.other_error))
        return self.apart > _TENTH and abs(self.own - self.other) > chance


def _table(results: RiskResults) -> Iterator[str]:
    names = max(len(kind) for kind in results.outlooks)
    top = f"{'days':>5} {'level':>7}  {'':<{names}}"
    measures = f"{'VaR':>10} {'± MC':>8} {'%':>6}   {'ES':>10} {'± MC':>8} {'%':>6}"
    yield f"{top}  {measures}"
    for horizon, level in results.cells:
        for number, (kind, each) in enumerate(results.outlooks.items()):
            place = f"{horizon:>5} {coverage(level):>7}" if number == 0 else " " * 13
            estimate = each.of(horizon, level)
            yield f"{place}  {kind:<{names}}  {_cells(results, estimate)}"


def title_of_parts(results: RiskResults) -> str:
    """Say of which VaR and ES the parts are."""
    first = results.parts[0]
    level, days = coverage(first.estimate.level), over(first.horizon)
    return f"Parts of the assets in VaR and ES at {level} over {days}"


def _parts_of_assets(results: RiskResults) -> Iterator[str]:
    rows = [*results.largest_parts, results.whole]
    names, has_rival = max(len(part.asset) for part in rows), rows[0].rival is not None
    measures = f"{'VaR':>10} {'± MC':>8} {'%':>6}   {'ES':>10} {'± MC':>8} {'%':>6}"
    yield title_of_parts(results)
    if has_rival:
        yield f"{'':<{names + len(measures) + 13}}   {results.rival:>15}"
    yield f"{'':<{names}} {'weight':>10}  {measures}" + f"   {'VaR %':>7} {'ES %':>7}" * has_rival
    for part in rows:
        cells = f"{percent(part.weight):>10}  {_cells(results, part.estimate)}"
        yield f"{part.asset:<{names}} {cells}{_of_rival(part)}"


def _of_rival(part: Part) -> str:
    """Show VaR and ES of a part under the rival, in percent of the position."""
    if part.rival is None:
        return ""
    var, shortfall = part.rival.value_at_risk, part.rival.expected_shortfall
    return f"   {_hundredths(var):>7} {_hundredths(shortfall):>7}"


def _cells(results: RiskResults, found: RiskEstimate) -> str:
    value = results.value
    return "   ".join(
        f"{money(value * number):>10} {money(value * error):>8} {_hundredths(number):>6}"
        for number, error in (
            (found.value_at_risk, found.value_at_risk_error),
            (found.expected_shortfall, found.expected_shortfall_error),
        )
    )


def _hundredths(share: float) -> str:
    return f"{100 * share:.2f}".replace("-", "−")


def _liquidity(results: RiskResults) -> Iterator[str]:
    yield "ES at 97.5 % over liquidity horizons (MAR33)"
    yield f"{'days':>5}  {'from paths':>12} {'± MC':>9} {'%':>7}   {'by root':>12} {'%':>7}"
    for one in results.liquidity:
        own, value = one.estimate, results.value
        yield (
            f"{one.horizon:>5}  {money(value * own.expected_shortfall):>12} "
            f"{money(value * own.expected_shortfall_error):>9} "
            f"{100 * own.expected_shortfall:>7.2f}   {money(value * one.by_root):>12} "
            f"{100 * one.by_root:>7.2f}"
        )


@dataclass(frozen=True)
class _Scale:
    """Columns of a line that show changes from `low` to `high`."""

    low: float
    high: float
    columns: int

    def column(self, change: float) -> int:
        return round((change - self.low) / (self.high - self.low) * (self.columns - 1))


def held(results: RiskResults) -> str:
    """Name the quantity whose fan is drawn."""
    return "price" if results.price is not None else "value of the book"


def _fan_chart(fan: Fan, name: str, width: int) -> Iterator[str]:
    """Draw the quantiles of a price or book: a line per day, its change from left to right."""
    last = fan.changes.shape[1]
    shown = [day for day in _FAN_DAYS if day <= last] or [last]
    low, high = float(fan.changes.min()), float(fan.changes.max())
    scale = _Scale(min(low, 0.0), max(high, 1e-9), width - _LABEL - 1)
    left, right = signed(scale.low), signed(scale.high)
    zero = scale.column(0.0)
    axis = list(left.ljust(scale.columns - len(right)) + right)
    if len(left) < zero < scale.columns - len(right) - 1:
        axis[zero] = "0"
    yield f"{'days':>{_LABEL - 1}}  {''.join(axis)}"
    for day in shown:
        line = [" "] * scale.columns
        line[zero] = "┊"
        cuts = [scale.column(change) for change in fan.changes[:, day - 1]]
        half = len(cuts) // 2
        for depth in range(half):
            for column in range(cuts[depth], cuts[-1 - depth] + 1):
                line[column] = _MARKS[depth]
        line[cuts[half]] = _MARKS[half]
        yield f"{day:>{_LABEL - 1}}  {''.join(line).rstrip()}"
    yield f"{'':>{_LABEL}} change of the {name}:"
    yield (
        f"{'':>{_LABEL}} {_MARKS[0]} 1 to 99 %   {_MARKS[1]} 5 to 95 %   {_MARKS[2]} 25 to 75 %   "
        f"{_MARKS[3]} median"
    )


def today(found: Outlook, name: str, position: str = "") -> str:
    """Say VaR and ES of a long position at the first level, by horizon, on one line.

    The position is told where it is another than the only asset, such as " of equal shares".
    """
    level = found.risks[0].estimate.level
    shown = ", ".join(
        f"{percent(one.estimate.value_at_risk)} ({percent(one.estimate.expected_shortfall)}) over "
        f"{over(one.horizon)}"
        for one in found.risks
        if one.estimate.level == level
    )
    numbers = f"Today's VaR (ES){position} at {coverage(level)}: {shown}"
    return f"{numbers}. `simgan risk {name}` tells more."


def money(value: float) -> str:
    """Show an amount with as many decimals as its size needs."""
    digits = 0 if abs(value) >= 100 else 2
    return f"{value:,.{digits}f}".replace("-", "−")


def percent(share: float, digits: int = 2) -> str:
    """Show a share in percent."""
    return f"{100 * share:.{digits}f} %".replace("-", "−")


def signed(share: float) -> str:
    """Show a change in percent, with its sign."""
    return f"{100 * share:+.1f} %".replace("-", "−")


def coverage(level: float) -> str:
    """Show a level, such as 97.5 %."""
    return f"{100 * level:.6g} %"
