"""A figure and the list of lines behind it count the same lines."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.base.db import Database
from app.calc.periods import Period, parse_period
from app.facts.deliveries import queries, rollup
from app.facts.deliveries.lines import line_lists
from app.facts.deliveries.lines.line_lists import LineQuery, Outcome
from app.facts.deliveries.lines.missed_lines import missed_lines
from app.facts.deliveries.models import MissAttribution, ScheduleLine
from app.facts.suppliers.models import Supplier
from tests.builders import agreements, facts

UNTIL = date(2026, 4, 30)


def period(label: str, as_of: date = UNTIL) -> Period:
    return parse_period(label, as_of=as_of)


def deliver(
    session: Session, supplier: Supplier, late_by: int | None = 0, **given: Any
) -> ScheduleLine:
    """One order with one line of 1,000, delivered whole some days late (None: never)."""
    line = facts.line(session, facts.order(session, supplier), **given)
    if late_by is not None:
        facts.receipt(session, line, facts.DUE_ON + timedelta(days=late_by))
    return line


def of_every_kind(session: Session) -> Supplier:
    """One line each that is met, missed, excluded, pending and unknown."""
    one = facts.supplier(session)
    deliver(session, one)
    deliver(session, one, 3)
    deliver(session, one, is_counted=False)
    deliver(session, one, None, promised_original_on=date(2026, 5, 20))
    unknown = facts.line(session, facts.order(session, one))
    facts.receipt(session, unknown, facts.DUE_ON, None)
    rollup.rebuild(session, until=UNTIL)
    return one


def test_every_line_of_a_figure_is_met_missed_unknown_pending_or_excluded(
    database: Database,
) -> None:
    with database.transaction() as session:
        one = of_every_kind(session)
        wanted = LineQuery("otif_line", period("all", date(2026, 5, 31)), [one.id])
        page = line_lists.lines_page(session, wanted)
    assert page.counts == dict.fromkeys(Outcome, 1)


@pytest.mark.parametrize(
    ("measure", "column"),
    [
        ("otif_line", "otif"),
        ("otd", "on_time"),
        ("otd_requested", "on_time_requested"),
        ("otd_original", "on_time_original"),
        ("otd_current", "on_time_current"),
        ("otd_dock", "on_time_dock"),
        ("in_full", "in_full"),
    ],
)
def test_a_list_counts_what_its_figure_counts(
    database: Database, measure: str, column: str
) -> None:
    with database.transaction() as session:
        one = of_every_kind(session)
        page = line_lists.lines_page(session, LineQuery(measure, period("12m"), [one.id]))
        sums = queries.delivery_sums(session, period("12m"), supplier_ids=[one.id]).of(one.id)
    assert sums is not None
    met, missed = page.counts.get(Outcome.MET, 0), page.counts.get(Outcome.MISSED, 0)
    assert (met + missed, met) == (sums[f"{column}_known"], sums[f"{column}_true"])


@pytest.mark.parametrize("measure", line_lists.MEASURES)
def test_every_measure_of_lines_can_be_opened(database: Database, measure: str) -> None:
    with database.transaction() as session:
        deliver(session, facts.supplier(session))
        rollup.rebuild(session, until=UNTIL)
        page = line_lists.lines_page(session, LineQuery(measure, period("all")))
    assert page.total == 1


def test_behind_a_figure_of_orders_stand_whole_orders_and_no_call_offs(
    database: Database,
) -> None:
    with database.transaction() as session:
        one = facts.supplier(session)
        in_march, over_two_months, waiting = (facts.order(session, one) for _ in range(3))
        for order in (in_march, over_two_months, waiting):
            facts.receipt(session, facts.line(session, order))
        later = facts.line(session, over_two_months, promised_original_on=date(2026, 4, 10))
        facts.receipt(session, later, date(2026, 4, 12))
        facts.line(session, waiting, promised_original_on=date(2026, 5, 20))
        called = agreements.agreement(session, one)
        agreements.release(session, called, 1, date(2026, 2, 2), {facts.DUE_ON: 600})
        rollup.rebuild(session, until=UNTIL)
        numbers = {
            label: [
                (line.order_number, line.outcome)
                for line in line_lists.lines_page(
                    session, LineQuery("otif_order", period(label), [one.id]), sort="order"
                ).lines
            ]
            for label in ("2026-03", "2026-04", "all")
        }
        names = [order.number for order in (in_march, over_two_months, waiting)]
    met, missed, pending = Outcome.MET, Outcome.MISSED, Outcome.PENDING
    march, two_months, waits = (
        [(names[0], met)],
        [(names[1], met), (names[1], missed)],
        [(names[2], met), (names[2], pending)],
    )
    assert sorted(numbers["2026-03"]) == sorted(march + waits)
    assert sorted(numbers["2026-04"]) == sorted(two_months)
    assert sorted(numbers["all"]) == sorted(march + two_months + waits)


def test_a_filter_on_outcomes_leaves_the_counts_to_choose_from(database: Database) -> None:
    with database.transaction() as session:
        one = of_every_kind(session)
        wanted = LineQuery("otif_line", period("12m"), [one.id], outcomes=[Outcome.MISSED])
        page = line_lists.lines_page(session, wanted)
        reasons = line_lists.reason_counts(session, wanted)
    assert page.total == 1
    assert page.counts[Outcome.MET] == 1
    assert [(line.lateness_days, line.quantity_due, line.reason) for line in page.lines] == [
        (3, Decimal(1000), "late")
    ]
    assert reasons == {"late": 1}


def test_lines_of_a_merged_supplier_come_with_the_one_it_goes_by(database: Database) -> None:
    with database.transaction() as session:
        one, other = facts.supplier(session), facts.supplier(session)
        deliver(session, one)
        deliver(session, other, 7)
        rollup.rebuild(session, until=UNTIL)
        other.effective_supplier_id = one.id
        session.flush()
        page = line_lists.lines_page(session, LineQuery("otd", period("all"), [one.id]))
        missed = missed_lines(session, period("all"), supplier_ids=[one.id])
    assert page.total == 2
    assert [line.days for line in missed[one.id]] == [7]


def test_causes_are_counted_over_the_lines_that_missed(database: Database) -> None:
    with database.transaction() as session:
        one = facts.supplier(session)
        late = deliver(session, one, 2)
        deliver(session, one, 40)
        deliver(session, one, None)
        deliver(session, one)
        session.add(MissAttribution(line_id=late.id, cause="carrier", attributed_by="Ana"))
        rollup.rebuild(session, until=UNTIL)
        query = LineQuery("otif_line", period("12m"), [one.id])
        causes = line_lists.cause_counts(session, query)
    assert causes == {None: 2, "carrier": 1}
