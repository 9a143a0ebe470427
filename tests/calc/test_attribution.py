"""Suggested causes say their evidence; what is coded never moves the raw rate."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.attribution import (
    ALL_EXCUSED,
    AttributedRates,
    DateChange,
    MissCause,
    MissCounts,
    MissFacts,
    attributed_rates,
    suggest_causes,
)
from app.calc.measure import MeasureState

DUE = date(2026, 3, 5)


def causes(miss: MissFacts) -> list[MissCause]:
    return [suggestion.cause for suggestion in suggest_causes(miss)]


def test_goods_that_waited_at_the_dock_point_to_receiving() -> None:
    inside = MissFacts(DUE, arrived_on=DUE, posted_on=date(2026, 3, 6))
    assert suggest_causes(inside)[0].evidence == (
        "Arrived on 5 March 2026, inside the window, but posted on 6 March 2026, 1 day later."
    )
    assert causes(MissFacts(DUE, arrived_on=date(2026, 3, 6), posted_on=date(2026, 3, 9))) == []
    assert causes(MissFacts(DUE, arrived_on=date(2026, 3, 4), posted_on=DUE)) == []


def test_order_inside_the_lead_time_points_to_the_buyer() -> None:
    short = MissFacts(DUE, ordered_on=date(2026, 2, 20), lead_time_days=14)
    assert suggest_causes(short)[0].evidence == (
        "Ordered on 20 February 2026 for 5 March 2026: 13 days, inside the lead time of 14 days."
    )
    assert causes(short) == [MissCause.BUYER]
    assert causes(MissFacts(DUE, ordered_on=date(2026, 2, 19), lead_time_days=14)) == []


def test_date_brought_forward_points_to_the_buyer_of_a_late_line() -> None:
    change = DateChange(date(2026, 3, 1), from_on=date(2026, 3, 12), to_on=DUE)
    assert suggest_causes(MissFacts(DUE, buyer_changes=[change]))[0].evidence == (
        "The buyer moved the date from 12 March 2026 to 5 March 2026 on 1 March 2026."
    )
    assert causes(MissFacts(DUE, was_early=True, buyer_changes=[change])) == []


def test_date_put_off_points_to_the_buyer_of_an_early_line() -> None:
    change = DateChange(date(2026, 3, 1), from_on=date(2026, 2, 26), to_on=DUE)
    assert causes(MissFacts(DUE, was_early=True, buyer_changes=[change])) == [MissCause.BUYER]
    assert causes(MissFacts(DUE, buyer_changes=[change])) == []


def test_long_transit_points_to_the_carrier() -> None:
    slow = MissFacts(
        DUE, dispatched_on=date(2026, 2, 27), transit_days=6, arrived_on=date(2026, 3, 11)
    )
    assert suggest_causes(slow)[0].evidence == (
        "Dispatched on 27 February 2026, in time, arrived on 11 March 2026: 12 days on the "
        "way, 6 days is usual."
    )
    assert causes(slow) == [MissCause.CARRIER]


def test_goods_sent_too_late_for_their_transit_are_not_the_carriers() -> None:
    sent_late = MissFacts(
        DUE, dispatched_on=date(2026, 2, 28), transit_days=6, arrived_on=date(2026, 3, 11)
    )
    assert causes(sent_late) == []


@pytest.mark.parametrize(
    ("incoterm", "expected"), [("FCA", [MissCause.CARRIER]), ("DAP", []), (None, [])]
)
def test_without_a_usual_transit_the_incoterm_says_whose_carrier_it_was(
    incoterm: str | None, expected: list[MissCause]
) -> None:
    miss = MissFacts(DUE, incoterm=incoterm, dispatched_on=DUE, arrived_on=date(2026, 3, 11))
    assert causes(miss) == expected


def test_unknown_facts_suggest_nothing() -> None:
    assert suggest_causes(MissFacts(DUE)) == ()
    assert causes(MissFacts(DUE, ordered_on=DUE)) == []
    assert causes(MissFacts(DUE, dispatched_on=DUE, transit_days=0)) == []


def test_several_causes_are_all_suggested() -> None:
    miss = MissFacts(
        DUE,
        ordered_on=date(2026, 3, 1),
        lead_time_days=30,
        arrived_on=DUE,
        posted_on=date(2026, 3, 8),
    )
    assert causes(miss) == [MissCause.RECEIVING, MissCause.BUYER]


def test_negative_days_are_refused() -> None:
    with pytest.raises(ValueError, match="transit_days is -1"):
        suggest_causes(MissFacts(DUE, transit_days=-1))


CODED = {
    MissCause.SUPPLIER: 3,
    MissCause.CARRIER: 2,
    MissCause.BUYER: 1,
    MissCause.RECEIVING: 2,
    MissCause.FORCE_MAJEURE: 1,
}


def test_raw_and_attributable_stand_side_by_side() -> None:
    # 40 lines, 30 met, 10 misses: 3 supplier, 6 of others, 1 not coded.
    rates = attributed_rates(MissCounts(true=30, known=40, unknown=2, coded=CODED))

    assert (rates.raw.value, rates.raw.n) == (0.75, 40)
    assert (rates.attributable.value, rates.attributable.n) == (pytest.approx(30 / 34), 34)
    assert rates.buyer.value == pytest.approx(37 / 40)
    assert rates.excluded == {cause: n for cause, n in CODED.items() if cause != "supplier"}
    assert rates.uncoded == 1
    assert (rates.raw.unknown, rates.attributable.unknown) == (2, 2)


def test_carrier_stays_the_suppliers_where_the_supplier_carries() -> None:
    rates = attributed_rates(
        MissCounts(true=30, known=40, coded=CODED),
        suppliers={MissCause.SUPPLIER, MissCause.CARRIER},
    )
    assert rates.attributable.value == pytest.approx(30 / 36)
    assert MissCause.CARRIER not in rates.excluded


def test_miss_that_nobody_coded_stays_the_suppliers() -> None:
    rates = attributed_rates(MissCounts(true=30, known=40))
    assert rates.attributable.value == rates.raw.value == 0.75
    assert rates.uncoded == 10


def test_nothing_left_to_judge_is_unknown_not_perfect() -> None:
    rates = attributed_rates(MissCounts(true=0, known=4, coded={MissCause.CUSTOMS: 4}))

    assert rates.raw.value == 0.0
    assert rates.attributable.value is None
    assert rates.attributable.state is MeasureState.NO_DATA
    assert rates.attributable.reason == ALL_EXCUSED


def test_no_judged_line_is_unknown_everywhere() -> None:
    rates = attributed_rates(MissCounts(true=0, known=0))
    assert [m.value for m in (rates.raw, rates.attributable, rates.buyer)] == [None] * 3


def test_more_coded_misses_than_misses_are_refused() -> None:
    with pytest.raises(ValueError, match="coded misses are 11, but only 10 lines missed"):
        MissCounts(true=30, known=40, coded={MissCause.BUYER: 11})
    with pytest.raises(ValueError, match="coded buyer is -1"):
        MissCounts(true=30, known=40, coded={MissCause.BUYER: -1})


@st.composite
def counts(draw: st.DrawFn) -> MissCounts:
    coded = draw(st.dictionaries(st.sampled_from(MissCause), st.integers(0, 20)))
    misses = sum(coded.values()) + draw(st.integers(0, 20))
    true = draw(st.integers(0, 200))
    return MissCounts(true=true, known=true + misses, coded=coded)


def rates_of(found: MissCounts) -> AttributedRates:
    return attributed_rates(found)


@given(counts())
def test_coding_never_changes_the_raw_rate(found: MissCounts) -> None:
    bare = MissCounts(true=found.true, known=found.known)
    assert rates_of(found).raw == rates_of(bare).raw


@given(counts())
def test_excuses_never_lower_the_suppliers_rate(found: MissCounts) -> None:
    rates = rates_of(found)
    if rates.attributable.value is not None:
        assert rates.raw.value is not None
        assert rates.raw.value <= rates.attributable.value <= 1.0
    left_out = sum(rates.excluded.values())
    assert (rates.attributable.n or 0) + left_out == found.known
