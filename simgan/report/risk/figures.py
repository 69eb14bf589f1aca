"""Figures of a risk page: the fan of the price, the tails of the loss, and the volatility."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter

from simgan.arrays import FloatArray
from simgan.report.figures.canvas import (
    ALONE,
    INK,
    JUDGED,
    REAL,
    Illustration,
    LegendEntry,
    Stroke,
    axes,
    date_axis,
    drawing,
    strokes,
    to_svg,
)
from simgan.report.risk.results import RiskResults, Volatility
from simgan.report.risk.text import held, percent
from simgan.report.verdict import over
from simgan.risk.outlook import Fan

_BANDS = ((0, "#cfe3f1"), (1, "#9fc7e3"), (2, "#62a5d0"))  # 1 to 99, 5 to 95, 25 to 75 %
_MEDIAN = Stroke(INK, 1.2, (3.0, 1.5))  # stands out from the innermost band, light or dark
_EDGES = (0, 1, -2, -1)  # lines of a rival: 1, 5, 95 and 99 %


def illustrate(results: RiskResults) -> tuple[Illustration, ...]:
    """Draw all figures of the page."""
    with drawing():
        drawn = [_fan(results), _tails(results)]
        if results.volatility is not None:
            drawn.append(_volatility(results.volatility, results.kind))
        return tuple(drawn)


def fan_of(results: RiskResults) -> Illustration:
    """Draw the fan alone."""
    with drawing():
        return _fan(results)


def _fan(results: RiskResults) -> Illustration:
    """Draw the price of the last quarter, and the quantiles of the coming days."""
    fan, length = results.own.fan, results.own.fan.changes.shape[1]
    named = strokes(results.outlooks)
    others = [kind for kind in results.outlooks if kind != results.kind]
    name = held(results)
    figure, ax = axes(
        f"the next {over(length)}", "days from the start", f"change of the {name}, %", width=ALONE
    )
    past = 100 * results.past
    ax.plot(np.arange(-len(past) + 1, 1), past, **REAL.line)
    at, own = np.arange(length + 1), _from_start(fan)
    for edge, colour in _BANDS:
        ax.fill_between(at, own[edge], own[-1 - edge], color=colour, linewidth=0)
    ax.plot(at, own[len(own) // 2], **_MEDIAN.line)
    for kind in others:
        for line in _from_start(results.outlooks[kind].fan)[list(_EDGES)]:
            ax.plot(at, line, **named[kind].line)
    ax.set(xlim=(-len(past) + 1 if len(past) > 1 else 0, length))
    beside = (
        f" The coloured dashed lines are 1, 5, 95 and 99 % of {', '.join(others)}."
        if others
        else ""
    )
    return Illustration(
        name="fan",
        title="The coming days",
        caption=(
            "Bands hold 98, 90 and 50 % of the scenarios of each day, and the line in the middle "
            f"is the median. {_drift(results)}{beside} A single path wanders: in a band of 90 % "
            "it stays through all days less often than 90 %."
        ),
        alternative=(
            f"{name.capitalize()} of {results.asset} before the start, and the quantiles of its "
            f"scenarios over {over(length)}. On the last day 98 % of them change by "
            f"{percent(fan.changes[0, -1])} to {percent(fan.changes[-1, -1])}."
        ),
        panels=(to_svg(figure, "fan"),),
        legend=(
            *([LegendEntry(f"{name} so far", REAL)] if len(past) > 1 else []),
            LegendEntry("98 %", Stroke(_BANDS[0][1], 8.0)),
            LegendEntry("90 %", Stroke(_BANDS[1][1], 8.0)),
            LegendEntry("50 %", Stroke(_BANDS[2][1], 8.0)),
            LegendEntry(f"median of {results.kind}", _MEDIAN),
            *(LegendEntry(kind, named[kind]) for kind in others),
        ),
    )


def _drift(results: RiskResults) -> str:
    """Explain where the median goes. A condition on the scenarios moves it, too."""
    if results.given:
        return "It follows the condition on the scenarios; it is no forecast."
    return (
        "The median follows the drift of the scenarios, and lies above their mean where large "
        "losses are larger than large gains. It is no forecast."
    )


def _from_start(fan: Fan) -> FloatArray:
    """Return the lines (probabilities, days + 1) in percent, which begin at 0."""
    return np.asarray(np.pad(100 * fan.changes, ((0, 0), (1, 0))), np.float64)


def _tails(results: RiskResults) -> Illustration:
    """Draw the probability of larger losses, a panel for each horizon."""
    named = strokes(results.outlooks)
    horizons = list(results.own.tails)
    return Illustration(
        name="tails",
        title="How likely larger losses are",
        caption=(
            "The probability of a loss larger than the one below it, on a logarithmic scale. Dots "
            "are the VaR at the levels asked for. The curves end where five scenarios are left."
        ),
        alternative=(
            f"Probability of losses over {', '.join(over(each) for each in horizons)} for "
            f"{', '.join(results.outlooks)}."
        ),
        panels=tuple(_tail_panel(results, horizon, named) for horizon in horizons),
        legend=tuple(LegendEntry(kind, stroke) for kind, stroke in named.items()),
    )


def _tail_panel(results: RiskResults, horizon: int, named: dict[str, Stroke]) -> str:
    figure, ax = axes(f"over {over(horizon)}", "loss, % of the position", "probability")
    for kind, each in results.outlooks.items():
        tail = each.tails[horizon]
        ax.plot(100 * tail.losses, tail.probabilities, **named[kind].line)
        for level in dict.fromkeys(level for _, level in results.cells):
            at = 100 * each.of(horizon, level).value_at_risk
            ax.plot([at], [1 - level], "o", color=named[kind].colour, markersize=3.5)
    ax.set(yscale="log", xlim=(0, None))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.6g} %"))
    ax.yaxis.set_minor_formatter(NullFormatter())
    return to_svg(figure, f"tail-{horizon}")


def _volatility(found: Volatility, kind: str) -> Illustration:
    """Draw the volatility of each day as the model saw it the day before."""
    scale = 100 * (1.0 if found.steps_a_year is None else found.steps_a_year**0.5)
    unit = "a day" if found.steps_a_year is None else "a year"
    figure, ax = axes("volatility of the next day", "", f"% {unit}", width=ALONE)
    ax.plot(found.days, scale * found.past, color=JUDGED.colour, linewidth=0.7)
    ax.axhline(scale * found.tomorrow, **Stroke("#d55e00", 1.1, (4.0, 2.0)).line)
    ax.set(ylim=(0, None), xlim=(found.days[0], found.days[-1]))
    date_axis(ax)
    return Illustration(
        name="volatility",
        title="Tomorrow's volatility among the days of the history",
        caption=(
            f"Standard deviation of each day's return {unit}, as the model of today sees it from "
            f"the days before. Tomorrow's is {scale * found.tomorrow:.0f} %, above that of "
            f"{100 * found.share_below:.0f} % of the days."
        ),
        alternative=f"Volatility of each day of the history under {kind}, and that of tomorrow.",
        panels=(to_svg(figure, "volatility"),),
        legend=(
            LegendEntry("the days of the history", Stroke(JUDGED.colour, 1.0)),
            LegendEntry("tomorrow", Stroke("#d55e00", 1.1, (4.0, 2.0))),
        ),
    )
