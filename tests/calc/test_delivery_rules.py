"""The most specific rule wins, by its dates; two that meet are refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.calendars import BusinessCalendar
from app.calc.delivery import Line, Receipt, Window, judge_line
from app.calc.delivery_rules import (
    STANDARD_BULK_RULE,
    STANDARD_RULE,
    DayCount,
    DeliveryRule,
    LineDates,
    LineKeys,
    OwnTerms,
    ReferenceDate,
    RuleScope,
    event_of,
    reference_on,
    rule_book,
    window_of,
    with_own_terms,
)
from app.calc.incoterms import DeliveryEvent, ReceiptDates, date_of

DAY = date(2026, 3, 5)
KEYS = LineKeys(categories=(11, 10), supplier=2, part=3, contract=4)
LADDER = [
    DeliveryRule("default"),
    DeliveryRule("parent category", RuleScope.CATEGORY, 10),
    DeliveryRule("own category", RuleScope.CATEGORY, 11),
    DeliveryRule("supplier", RuleScope.SUPPLIER, 2),
    DeliveryRule("part", RuleScope.PART, 3),
    DeliveryRule("contract", RuleScope.CONTRACT, 4),
]


@pytest.mark.parametrize("rungs", range(1, len(LADDER) + 1))
def test_most_specific_rule_wins(rungs: int) -> None:
    assert rule_book(LADDER[:rungs]).rule_for(KEYS, DAY) is LADDER[rungs - 1]


def test_rules_for_others_do_not_judge() -> None:
    others = [
        DeliveryRule("c", RuleScope.CONTRACT, 3),
        DeliveryRule("p", RuleScope.PART, 4),
        DeliveryRule("s", RuleScope.SUPPLIER, 11),
        DeliveryRule("g", RuleScope.CATEGORY, 2),
    ]
    assert rule_book(others).rule_for(KEYS, DAY) is STANDARD_RULE


def test_line_without_contract_part_or_category_falls_to_its_supplier() -> None:
    assert rule_book(LADDER).rule_for(LineKeys(supplier=2), DAY).id == "supplier"


def test_without_a_rule_the_house_standard_judges() -> None:
    assert rule_book([]).rule_for(KEYS, DAY, otherwise=STANDARD_BULK_RULE) is STANDARD_BULK_RULE
    assert STANDARD_BULK_RULE.window == Window(under_ppm=50_000, over_ppm=50_000)
    assert STANDARD_RULE.window == Window()


def test_rule_is_valid_from_its_first_to_its_last_day() -> None:
    first, last = date(2026, 3, 5), date(2026, 3, 10)
    book = rule_book([DeliveryRule("x", RuleScope.PART, 3, valid_from=first, valid_to=last)])
    days = [first - timedelta(days=1), first, last, last + timedelta(days=1)]

    assert [book.rule_for(KEYS, day).id for day in days] == ["standard", "x", "x", "standard"]


def test_rule_that_ended_gives_way_to_the_next_level() -> None:
    ended = DeliveryRule("ended", RuleScope.CONTRACT, 4, valid_to=date(2026, 3, 4))
    assert rule_book([*LADDER[:4], ended]).rule_for(KEYS, DAY).id == "supplier"


def test_successor_may_begin_the_day_after() -> None:
    old = DeliveryRule("old", RuleScope.PART, 3, valid_to=date(2026, 3, 4))
    new = DeliveryRule("new", RuleScope.PART, 3, valid_from=date(2026, 3, 5))

    assert rule_book([new, old]).rule_for(KEYS, DAY) is new


def test_two_rules_that_meet_on_a_day_are_refused_by_name() -> None:
    old = DeliveryRule("old", RuleScope.PART, 3, valid_to=date(2026, 3, 5))
    new = DeliveryRule("new", RuleScope.PART, 3, valid_from=date(2026, 3, 5))

    with pytest.raises(ValueError, match=r"old and new are both valid on 2026-03-05 for part 3"):
        rule_book([new, old])


def test_an_open_rule_meets_every_later_one() -> None:
    middle = DeliveryRule("b", valid_from=date(2026, 1, 1), valid_to=date(2026, 1, 31))
    with pytest.raises(ValueError, match="a and b are both valid on 2026-01-01"):
        rule_book([middle, DeliveryRule("a", valid_from=date(2025, 1, 1))])


def test_rules_of_different_keys_may_be_valid_together() -> None:
    book = rule_book(
        [DeliveryRule("a", RuleScope.PART, 3), DeliveryRule("b", RuleScope.SUPPLIER, 3)]
    )
    assert book.rule_for(LineKeys(supplier=3), DAY).id == "b"


def test_an_id_comes_once() -> None:
    with pytest.raises(ValueError, match="rule a comes twice"):
        rule_book([DeliveryRule("a"), DeliveryRule("a", RuleScope.PART, 3)])


def test_scope_and_key_belong_together() -> None:
    with pytest.raises(ValueError, match="every other scope needs one"):
        DeliveryRule("a", RuleScope.PART)
    with pytest.raises(ValueError, match="default takes no key"):
        DeliveryRule("a", key=3)


def test_validity_runs_forward() -> None:
    with pytest.raises(ValueError, match="valid_to 2026-03-04 lies before valid_from 2026-03-05"):
        DeliveryRule("a", valid_from=DAY, valid_to=date(2026, 3, 4))


@st.composite
def rules_without_ties(draw: st.DrawFn) -> list[DeliveryRule]:
    """Rules of several scopes and keys, one after the other within each."""
    places = [
        (RuleScope.DEFAULT, None),
        *((scope, key) for scope in list(RuleScope)[1:] for key in (1, 2)),
    ]
    found = []
    for place in draw(st.lists(st.sampled_from(places), unique=True)):
        edges = sorted(draw(st.sets(st.integers(0, 40), min_size=2, max_size=6)))
        for first, after in zip(edges[:-1:2], edges[1::2], strict=False):
            start, end = DAY + timedelta(days=first), DAY + timedelta(days=after - 1)
            found.append(DeliveryRule(f"{place}{first}", *place, valid_from=start, valid_to=end))
    return found


@given(rules_without_ties(), st.data())
def test_order_of_the_rules_never_matters(rules: list[DeliveryRule], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(rules))
    keys = data.draw(
        st.builds(
            LineKeys,
            categories=st.lists(st.sampled_from([1, 2]), unique=True),
            supplier=st.sampled_from([None, 1, 2]),
            part=st.sampled_from([None, 1, 2]),
            contract=st.sampled_from([None, 1, 2]),
        )
    )
    day = DAY + timedelta(days=data.draw(st.integers(-1, 41)))

    chosen = rule_book(rules).rule_for(keys, day)

    assert rule_book(shuffled).rule_for(keys, day) is chosen
    assert chosen is STANDARD_RULE or chosen.holds_on(day)


@given(rules_without_ties(), st.data())
def test_no_matching_rule_is_more_specific_than_the_chosen_one(
    rules: list[DeliveryRule], data: st.DataObject
) -> None:
    rank = list(RuleScope)
    keys = LineKeys((1,), supplier=1, part=1, contract=1)
    day = DAY + timedelta(days=data.draw(st.integers(-1, 41)))

    chosen = rule_book(rules).rule_for(keys, day)
    matching = [r for r in rules if r.holds_on(day) and r.key in (None, 1)]

    assert all(rank.index(rule.scope) <= rank.index(chosen.scope) for rule in matching)


DATES = LineDates(
    requested_on=date(2026, 3, 1),
    promised_original_on=date(2026, 3, 5),
    promised_current_on=date(2026, 3, 12),
)


@pytest.mark.parametrize(
    ("reference", "day"),
    [(ReferenceDate.REQUESTED, 1), (ReferenceDate.ORIGINAL, 5), (ReferenceDate.CURRENT, 12)],
)
def test_rule_says_which_date_is_the_reference(reference: ReferenceDate, day: int) -> None:
    assert reference_on(DeliveryRule("x", reference=reference), DATES) == date(2026, 3, day)


def test_supplier_rescheduling_does_not_move_the_reference_but_a_change_by_the_buyer_does() -> None:
    by_buyer = LineDates(
        promised_original_on=date(2026, 3, 5),
        promised_current_on=date(2026, 3, 20),
        agreed_with_buyer_on=date(2026, 3, 9),
    )
    assert reference_on(STANDARD_RULE, DATES) == date(2026, 3, 5)
    assert reference_on(STANDARD_RULE, by_buyer) == date(2026, 3, 9)


def test_no_other_date_stands_in_for_an_unknown_reference() -> None:
    dates = LineDates(requested_on=DAY, promised_current_on=DAY)
    assert reference_on(STANDARD_RULE, dates) is None


def test_event_is_the_rules_or_the_incoterms() -> None:
    fixed = DeliveryRule("dock", event=DeliveryEvent.POSTING)
    assert event_of(STANDARD_RULE, "EXW") is DeliveryEvent.HAND_OVER
    assert event_of(fixed, "EXW") is DeliveryEvent.POSTING


def test_a_fixed_event_takes_the_first_later_date_that_is_known() -> None:
    dates = ReceiptDates(ready_on=date(2026, 3, 1), posted_on=date(2026, 3, 9))
    assert date_of(dates, DeliveryEvent.DISPATCH) == (date(2026, 3, 9), DeliveryEvent.POSTING)


def test_own_terms_of_a_line_go_before_its_rule() -> None:
    rule = DeliveryRule("jit", window=Window(1, 0, 10, 20), allow_split=False)
    own = OwnTerms(early_days=0, late_days=3, under_ppm=0, over_ppm=0, allow_split=True)

    assert with_own_terms(rule, OwnTerms()) == rule
    changed = with_own_terms(rule, own)
    assert (changed.id, changed.window, changed.allow_split) == ("jit", Window(0, 3, 0, 0), True)


def test_business_days_need_a_calendar() -> None:
    rule = DeliveryRule("x", day_count=DayCount.BUSINESS)
    with pytest.raises(ValueError, match="rule x counts business days"):
        window_of(rule, DAY)


def test_two_rules_judge_the_same_receipt_differently() -> None:
    friday, monday = date(2026, 3, 6), date(2026, 3, 9)
    strict = DeliveryRule("strict")
    lenient = DeliveryRule("lenient", window=Window(late_days=1), day_count=DayCount.BUSINESS)
    verdicts = [
        judge_line(
            Line(10, friday),
            [Receipt(monday, 10)],
            window=window_of(rule, friday, calendar=BusinessCalendar()),
            as_of=date(2026, 3, 31),
        )
        for rule in (strict, lenient)
    ]
    assert [verdict.otif for verdict in verdicts] == [False, True]
