"""Histories of several assets on common days."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.errors import ConfigError, PriceError
from simgan.market.history import History
from simgan.market.panel import joined, on_common_days

WEEKDAYS = np.arange("2020-01-01", "2020-12-31", dtype="datetime64[D]")
WEEKDAYS = WEEKDAYS[np.is_busday(WEEKDAYS)]
EVERY_DAY = np.arange("2020-01-01", "2020-12-31", dtype="datetime64[D]")


def made(asset: str, dates: np.ndarray = WEEKDAYS, shapes: bool = False) -> History:
    rng = np.random.default_rng([ord(letter) for letter in asset])
    returns = 0.01 * rng.standard_normal((len(dates), 1))
    known = np.abs(rng.standard_normal((len(dates), 1, 3))) if shapes else None
    return History(dates, returns, np.array([100.0]), (asset,), shapes=known)


def test_assets_of_one_calendar_stay_as_they_are() -> None:
    histories = [made("A", shapes=True), made("B")]
    panel, notes = joined(histories)
    assert not notes and panel.assets == ("A", "B")
    for history in histories:
        alone = panel.only(history.assets[0])
        assert (alone.dates == history.dates).all()
        assert (alone.log_returns == history.log_returns).all()
        assert alone.last_price == history.last_price
    assert (panel.only("A").shapes == histories[0].shapes).all()
    assert np.isnan(panel.only("B").shapes).all()


def test_an_asset_that_lists_later_has_its_own_days() -> None:
    later = made("LATE", WEEKDAYS[200:])
    panel, notes = joined([made("A"), later])
    assert len(panel) == len(WEEKDAYS) and np.isnan(panel.log_returns[:200, 1]).all()
    assert (panel.only("LATE").log_returns == later.log_returns).all()
    assert [str(note) for note in notes] == [
        f"LATE begins on {WEEKDAYS[200]}, and has {len(WEEKDAYS) - 200} days"
    ]
    assert np.isnan(panel.prices[:200, 1]).all()
    assert panel.prices[200:, 1] == pytest.approx(later.prices[:, 0])


def test_a_halt_leaves_a_gap_and_the_next_return_holds_its_move() -> None:
    halted = np.delete(WEEKDAYS, np.arange(50, 80))
    panel, notes = joined([made("A"), made("B"), made("HALT", halted)])
    assert np.isnan(panel.log_returns[50:80, 2]).all()
    assert panel.only("HALT").identity == made("HALT", halted).identity  # as it is alone
    assert "HALT does not trade on 30 days of the panel" in [str(note) for note in notes]


def test_a_change_over_a_hole_is_no_return_of_a_day() -> None:
    """A stock without prices from 11 March to 4 November fell by 60 % in one day of the panel."""
    whole = made("HOLE")
    rows = np.delete(np.arange(len(WEEKDAYS)), np.arange(50, 220))
    returns = whole.log_returns[rows].copy()
    returns[50] = np.log(0.4)
    holed = History(WEEKDAYS[rows], returns, np.array([100.0]), ("HOLE",))
    panel, notes = joined([made("A"), made("B"), holed])
    assert len(panel) == len(WEEKDAYS)
    assert np.isnan(panel.log_returns[50:221, 2]).all() and np.isfinite(panel.log_returns[221, 2])
    own = panel.only("HOLE")
    np.testing.assert_array_equal(own.log_returns, np.delete(returns, 50, axis=0))
    assert own.prices[50:] == pytest.approx(holed.prices[51:])
    told = [str(note) for note in notes if "left out" in str(note)]
    assert len(told) == 1 and told[0].endswith("left out: 2020-03-10 to 2020-11-04 (−60.0 %)")


def test_a_hole_of_all_assets_is_the_calendar_of_the_panel() -> None:
    """The exchange was closed for five months: the move over them is a step of the panel."""
    days = np.delete(WEEKDAYS, np.arange(100, 210))
    panel, notes = joined([made("A", days), made("B", days)])
    assert np.isfinite(panel.log_returns).all() and not notes


@pytest.mark.parametrize("stocks", ["A", "AB"])
def test_returns_of_weekends_join_the_next_day(stocks: str) -> None:
    """Bitcoin beside one stock or two: its prices on the days of the stocks are its own."""
    coin = made("COIN", EVERY_DAY)
    panel, notes = joined([*map(made, stocks), coin])
    assert (panel.dates == WEEKDAYS).all()
    own = np.isin(EVERY_DAY, WEEKDAYS)
    assert panel.prices[:, -1] == pytest.approx(coin.prices[own, 0])
    assert panel.log_returns[:, -1].sum() == pytest.approx(
        coin.log_returns[: np.flatnonzero(own)[-1] + 1].sum()
    )
    assert any("COIN trades on" in str(note) for note in notes)


def test_a_holiday_of_one_of_two_is_no_day_and_its_move_joins_the_next() -> None:
    """Seoul is closed on day 50, New York on day 60: both trade on all days of the panel."""
    seoul, york = (made(asset, np.delete(WEEKDAYS, day)) for asset, day in (("KS", 50), ("US", 60)))
    panel, _ = joined([seoul, york])
    assert (panel.dates == np.delete(WEEKDAYS, [50, 60])).all()
    assert panel.log_returns[50] == pytest.approx(
        [seoul.log_returns[50, 0], york.log_returns[50:52, 0].sum()]
    )
    assert panel.log_returns[59, 0] == pytest.approx(seoul.log_returns[59:61, 0].sum())


def test_a_halt_of_weeks_takes_no_day_from_the_only_other() -> None:
    halted = np.delete(WEEKDAYS, np.arange(50, 80))
    panel, _ = joined([made("A"), made("HALT", halted)])
    assert (panel.log_returns[:, 0] == made("A").log_returns[:, 0]).all()
    assert np.isnan(panel.log_returns[50:80, 1]).all()


def test_an_asset_of_other_days_is_refused() -> None:
    sundays = EVERY_DAY[4::7]
    with pytest.raises(PriceError, match="SUN trades on no day on which most of the others do"):
        joined([made("A"), made("B"), made("SUN", sundays)])


def test_common_days_hold_the_moves_of_days_between_them() -> None:
    """LATE begins on day 2 and is halted on day 4: the returns of A by hand."""
    nan = np.nan
    returns = np.array(
        [[0.01, nan], [0.02, nan], [0.03, 0.1], [0.04, 0.2], [0.05, nan], [0.06, 0.3], [0.07, nan]]
    )
    shapes = np.ones((7, 2, 3))
    panel = History(WEEKDAYS[:7], returns, np.array([np.e, 1.0]), ("A", "LATE"), shapes=shapes)
    common = on_common_days(panel)
    assert common.shapes is not None
    assert np.isfinite(common.shapes).all(axis=(1, 2)).tolist() == [True, True, False]
    assert (common.dates == WEEKDAYS[[2, 3, 5]]).all()
    assert common.log_returns == pytest.approx(np.array([[0.03, 0.1], [0.04, 0.2], [0.11, 0.3]]))
    assert common.last_price == pytest.approx([np.exp(0.93), 1.0])


def test_a_panel_without_a_common_day_is_refused() -> None:
    returns = np.array([[0.1, np.nan], [np.nan, 0.2]])
    panel = History(WEEKDAYS[:2], returns, np.ones(2), ("A", "B"))
    with pytest.raises(PriceError, match="A, B: there is no day on which all of them trade"):
        on_common_days(panel)


def test_ranges_of_joined_days_are_not_known() -> None:
    panel, _ = joined([made("A"), made("B"), made("COIN", EVERY_DAY, shapes=True)])
    assert panel.shapes is not None
    mondays = (panel.dates.astype(int) + 3) % 7 == 0
    assert np.isnan(panel.shapes[mondays][1:, 2]).all()
    assert np.isfinite(panel.shapes[~mondays][:, 2]).all()


def test_the_first_end_is_the_end_of_all() -> None:
    panel, notes = joined([made("A"), made("OLD", WEEKDAYS[:100])])
    assert len(panel) == 100
    assert [str(note) for note in notes] == [
        f"the panel ends on {WEEKDAYS[99]}, with OLD; A goes on until {WEEKDAYS[-1]}"
    ]
    before = made("A").rows(slice(100))
    assert panel.only("A").last_price == pytest.approx(before.last_price)


def test_assets_without_a_common_day_are_refused() -> None:
    with pytest.raises(PriceError, match=r"OLD ends on .*, before NEW begins on .*: they have no"):
        joined([made("OLD", WEEKDAYS[:50]), made("NEW", WEEKDAYS[60:])])


@pytest.mark.parametrize("assets", [("A", "A"), ("A",)])
def test_two_names_are_wanted(assets: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="two or more, each named once"):
        joined([made(asset) for asset in assets])


def test_two_names_of_one_asset_are_told() -> None:
    one = made("A")
    twin = History(one.dates, one.log_returns * 1.0001, one.last_price, ("TWIN",))
    _, notes = joined([one, twin, made("B")])
    assert [str(note) for note in notes] == [
        "warning: A and TWIN move alike on all days: are they the same asset?"
    ]


def test_a_history_of_several_assets_may_have_gaps_but_no_empty_day() -> None:
    returns = np.array([[0.1, np.nan], [0.2, 0.1]])
    dates = np.array(["2020-01-01", "2020-01-02"], "datetime64[D]")
    panel = History(dates, returns, np.array([1.0, 2.0]), ("A", "B"))
    assert panel.rows(slice(1)).last_price == pytest.approx([np.exp(-0.2), 2 * np.exp(-0.1)])
    assert panel.prices == pytest.approx(np.array([[np.exp(-0.2), np.nan], [1, 2]]), nan_ok=True)
    for bad in (
        [[np.nan, np.nan], [0.2, 0.1]],
        [[0.1, np.inf], [1, 1]],
    ):
        with pytest.raises(ConfigError):
            History(dates, np.array(bad), np.array([1.0, 2.0]), ("A", "B"))
