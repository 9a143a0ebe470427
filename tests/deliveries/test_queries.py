"""What is read of a period is what its lines say, to the day, whoever a supplier went by."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from sqlalchemy.orm import Session

from app.base.db import Database
from app.calc.periods import Period, parse_period
from app.facts.deliveries import queries, rollup
from app.facts.deliveries.models import (
    Acknowledgement,
    ContractPrice,
    Disruption,
    InspectionLot,
    InvoiceLine,
    ScheduleLine,
)
from app.facts.suppliers.models import Supplier
from tests.builders import facts

UNTIL = date(2026, 4, 30)
MARCH = 24314


def period(label: str, as_of: date = UNTIL) -> Period:
    return parse_period(label, as_of=as_of)


def deliver(
    session: Session, supplier: Supplier, due_on: date, late_by: int | None = 0, **given: Any
) -> ScheduleLine:
    """One order with one line of 1,000, delivered whole some days late (None: never)."""
    line = facts.line(session, facts.order(session, supplier), promised_original_on=due_on, **given)
    if late_by is not None:
        arrived_on = due_on + timedelta(days=late_by)
        facts.receipt(session, line, arrived_on, quantity_rejected=Decimal(1))
    return line


def settled(session: Session, until: date = UNTIL) -> None:
    rollup.rebuild(session, until=until)


def test_sums_of_a_period_are_those_of_its_lines(database: Database) -> None:
    with database.transaction() as session:
        one, other = facts.supplier(session), facts.supplier(session)
        deliver(session, one, date(2026, 2, 27), 3)
        deliver(session, one, date(2026, 3, 5))
        deliver(session, one, date(2026, 3, 9), 4)
        deliver(session, other, date(2026, 3, 9), None)
        deliver(session, other, date(2026, 6, 1), None)
        settled(session)
        found = queries.delivery_sums(session, period("2026-03"))
        assert found.supplier_ids.tolist() == [one.id, other.id]
        assert found.columns["n_due"].tolist() == [2, 1]
        assert found.columns["otif_true"].tolist() == [1, 0]
        assert found.columns["lateness_sum"].tolist() == [4, 0]
        # The receipt of the February line came in March.
        assert found.columns["receipts"].tolist() == [3, 0]
        house = queries.delivery_sums(session, period("2026-03"), together=True)
        assert house.of(queries.HOUSE) == {
            name: int(column.sum()) for name, column in found.columns.items()
        }
        only = queries.delivery_sums(session, period("2026-03"), supplier_ids=[other.id])
        assert only.supplier_ids.tolist() == [other.id]
        assert only.of(one.id) is None


def test_months_of_a_period_stand_apart(database: Database) -> None:
    with database.transaction() as session:
        one = facts.supplier(session)
        for due_on in (date(2026, 2, 3), date(2026, 3, 5), date(2026, 3, 6)):
            deliver(session, one, due_on)
        settled(session)
        found = queries.delivery_sums_by_month(session, period("12m"))
    assert found.of(one.id)[MARCH - 1]["n_due"] == 1
    assert found.of(one.id)[MARCH]["n_due"] == 2
    assert sorted(found.of(one.id)) == [MARCH - 1, MARCH]


def test_a_day_within_a_month_cuts_off_what_closed_later(database: Database) -> None:
    """A period up to 15 March reads as if nothing had closed, or come, after that day."""
    as_of = date(2026, 3, 15)
    with database.transaction() as session:
        one = facts.supplier(session)
        part = facts.part(session).id
        for due_on, late_by in (
            (date(2026, 3, 5), 0),
            (date(2026, 3, 15), 2),
            (date(2026, 3, 16), 0),
            (date(2026, 3, 31), 9),
        ):
            deliver(session, one, due_on, late_by, part_id=part)
        settled(session)
        cut = queries.delivery_sums(session, period("2026-03", as_of)).of(one.id)
        orders = queries.order_sums(session, period("2026-03", as_of))
        days = queries.histogram(session, period("2026-03", as_of), queries.HistogramKind.LATENESS)
        spread = queries.pooled_lead_time_spread(session, period("2026-03", as_of))
        alone = queries.delivery_sums(session, period("2026-03", as_of), supplier_ids=[one.id]).of(
            one.id
        )
        monthly = queries.delivery_sums_by_month(session, period("2026-03", as_of)).of(one.id)
    assert cut is not None
    assert (cut["n_due"], cut["n_pending"], cut["lateness_sum"]) == (2, 2, 2)
    # The line due on the 15th came on the 17th: known now, but no receipt of the period.
    assert (cut["receipts"], cut["quantity_received"]) == (1, 1_000_000_000)
    assert alone == cut == monthly[MARCH]
    assert orders[queries.OrderMeasure.OTIF].of(one.id) == {
        "orders": 2, "lines": 2, "lines_true": 1, "lines_squares": 2, "cross": 1,
        "true_squares": 1, "orders_known": 2, "orders_true": 1, "orders_unknown": 0,
    }  # fmt: skip
    assert orders[queries.OrderMeasure.IN_FULL].of(one.id) == {
        "orders": 2, "lines": 2, "lines_true": 2, "lines_squares": 2, "cross": 2,
        "true_squares": 2, "orders_known": 2, "orders_true": 2, "orders_unknown": 0,
    }  # fmt: skip
    assert days == {0: 1, 2: 1}
    # Lead times 32 and 44 days: sd = 12/√2.
    assert spread.sd.tolist() == pytest.approx([8.48528137423857])
    assert (spread.lines.tolist(), spread.parts.tolist()) == ([2], [1])


def test_order_sums_leave_out_who_has_no_order_of_a_measure(database: Database) -> None:
    """What came in full on an unknown day is an order by that alone while a line is open."""
    with database.transaction() as session:
        one, other = facts.supplier(session), facts.supplier(session)
        deliver(session, one, date(2026, 3, 5))
        order = facts.order(session, other)
        facts.receipt(session, facts.line(session, order), None)
        facts.line(session, order, promised_original_on=date(2026, 4, 9))
        settled(session, until=date(2026, 3, 31))
        found = queries.order_sums(session, period("2026-03"))
    ids = {str(measure): sums.supplier_ids.tolist() for measure, sums in found.items()}
    assert ids == {"otif": [one.id], "otd": [one.id], "in_full": [one.id, other.id]}
    own = found[queries.OrderMeasure.IN_FULL].of(other.id)
    assert own is not None
    assert (own["orders"], own["lines_true"], own["orders_known"]) == (1, 1, 0)
    assert found[queries.OrderMeasure.OTIF].of(other.id) is None


def test_a_merged_supplier_counts_under_the_one_it_goes_by(database: Database) -> None:
    with database.transaction() as session:
        one, other = facts.supplier(session), facts.supplier(session)
        deliver(session, one, date(2026, 3, 5))
        deliver(session, other, date(2026, 3, 5), 7)
        settled(session)
        other.effective_supplier_id = one.id
        session.flush()
        found = queries.delivery_sums(session, period("all"))
        assert found.supplier_ids.tolist() == [one.id]
        assert found.columns["n_due"].tolist() == [2]
        only = queries.delivery_sums(session, period("all"), supplier_ids=[one.id])
        assert only.columns["n_due"].tolist() == [2]
        other.effective_supplier_id = None
        session.flush()
        again = queries.delivery_sums(session, period("all"))
        assert again.supplier_ids.tolist() == [one.id, other.id]


def test_percentiles_are_exact_over_any_months(database: Database) -> None:
    # The published list −1, 0, 0, 0, 2, 3, 5, 12 has P90 7.1 (type 7).
    with database.transaction() as session:
        one, other = facts.supplier(session), facts.supplier(session)
        for place, late_by in enumerate((0, 2, -1, 5, 0, 3, 0, 12)):
            deliver(session, one, date(2026, 1 + place % 3, 5), late_by)
        deliver(session, other, date(2026, 1, 5), None)
        settled(session)
        found = queries.percentiles(
            session, period("12m"), queries.HistogramKind.LATENESS, wanted=(0.5, 0.9)
        )
    assert found.supplier_ids.tolist() == [one.id]
    assert found.values[0.9].tolist() == pytest.approx([7.1])
    assert found.values[0.5].tolist() == [1.0]


def test_spread_is_pooled_within_parts_never_over_their_mixture(database: Database) -> None:
    # Lead times 10, 12, 14 and 40, 42, 44 pool to 2.0; their mixture would be 16.53.
    with database.transaction() as session:
        one = facts.supplier(session)
        for days in ((10, 12, 14), (40, 42, 44)):
            part = facts.part(session).id
            for lead_time in days:
                due_on = facts.ORDERED_ON + timedelta(days=lead_time)
                deliver(session, one, due_on, part_id=part)
        deliver(session, one, date(2026, 4, 2))
        settled(session)
        found = queries.pooled_lead_time_spread(session, period("all"))
    assert found.sd.tolist() == [2.0]
    assert (found.lines.tolist(), found.parts.tolist()) == ([6], [2])


def test_one_line_of_a_part_tells_no_spread(database: Database) -> None:
    with database.transaction() as session:
        deliver(session, facts.supplier(session), facts.DUE_ON, part_id=facts.part(session).id)
        settled(session)
        assert queries.pooled_lead_time_spread(session, period("all")).supplier_ids.tolist() == []


def test_open_lines_age_from_their_reference_date(database: Database) -> None:
    with database.transaction() as session:
        one = facts.supplier(session)
        for days in (1, 7, 8, 30, 31):
            deliver(session, one, UNTIL - timedelta(days=days), None)
        line = deliver(session, one, UNTIL - timedelta(days=5), None)
        facts.receipt(session, line, UNTIL, 400)
        deliver(session, one, UNTIL - timedelta(days=5), 3)
        deliver(session, one, UNTIL + timedelta(days=5), None)
        settled(session)
        found = queries.open_past_due(session, UNTIL).of(one.id)
    assert found == {
        "lines": 6, "days_1_7": 3, "days_8_30": 2, "days_over_30": 1,
        "quantity": 5_600_000_000, "value_lines": 6, "value": 112_000_000,
    }  # fmt: skip


def test_excluded_lines_are_counted_by_reason(database: Database) -> None:
    with database.transaction() as session:
        one = facts.supplier(session)
        deliver(session, one, facts.DUE_ON, is_counted=False)
        deliver(session, one, facts.DUE_ON, quantity_cancelled_buyer=Decimal(1000))
        order = facts.order(session, one)
        facts.line(session, order, promised_original_on=None)
        settled(session)
        assert queries.excluded_reasons(session, period("2026-03")) == {
            "cancelled_by_buyer": 1,
            "status_not_counted": 1,
        }
        assert queries.excluded_reasons(session, period("all"))["reference_date_unknown"] == 1


def test_nothing_recorded_reads_as_nothing(database: Database) -> None:
    with database.reading() as session:
        assert len(queries.delivery_sums(session, period("12m"))) == 0
        assert queries.latest_fact_on(session) is None
        assert queries.closed_until(session) is None
        assert not queries.has_disruption_log(session, UNTIL)
        wanted = np.array([3, 5])
        aligned = queries.delivery_sums(session, period("12m")).aligned(wanted)
    assert aligned["n_due"].tolist() == [0, 0]


def test_columns_can_be_laid_beside_a_list_of_suppliers(database: Database) -> None:
    with database.transaction() as session:
        suppliers = [facts.supplier(session) for _ in range(3)]
        deliver(session, suppliers[1], facts.DUE_ON)
        settled(session)
        wanted = np.array([supplier.id for supplier in suppliers])
        found = queries.delivery_sums(session, period("all")).aligned(wanted)
    assert found["n_due"].tolist() == [0, 1, 0]


def test_events_add_up_by_month(database: Database) -> None:
    with database.transaction() as session:
        one = facts.supplier(session)
        record_events(session, one)
        rollup.refresh_events(session, [one.id])
        found = queries.event_sums(session, period("2026-03")).of(one.id)
        early = queries.event_sums(session, period("2026-03", date(2026, 3, 9))).of(one.id)
        by_month = queries.event_sums_by_month(session, period("12m")).of(one.id)
        assert queries.latest_fact_on(session) == date(2026, 3, 10)
        assert queries.has_disruption_log(session, UNTIL)
    assert found == by_month[MARCH] == {
        "lots_inspected": 2, "lots_rejected": 1, "lots_first_pass_known": 1,
        "lots_first_pass": 1, "acknowledged": 1, "unacknowledged": 1,
        "acknowledge_minutes": 1530, "acknowledge_minutes_squares": 2_340_900,
        "invoice_lines_known": 2, "invoice_lines_accurate": 1, "price_lines": 1,
        "price_billed": 105_000, "price_contract": 100_000, "line_stops": 1,
        "premium_freights": 0, "special_statuses": 0,
    }  # fmt: skip
    # The rejected lot, the second acknowledgement and the stop are of 10 March.
    assert early is not None
    assert (early["lots_inspected"], early["lots_rejected"]) == (1, 0)
    assert (early["acknowledged"], early["unacknowledged"], early["line_stops"]) == (1, 0, 0)


def record_events(session: Session, one: Supplier) -> None:
    """Two lots, two acknowledgements, two invoice lines, a stop of ours and one of theirs."""
    part, late = facts.part(session).id, date(2026, 3, 10)
    for lot, (day, verdict, first) in enumerate(
        [(date(2026, 3, 9), "accepted", True), (late, "rejected", None)]
    ):
        session.add(
            InspectionLot(
                supplier_id=one.id,
                lot=str(lot),
                inspected_on=day,
                month=MARCH,
                verdict=verdict,
                is_first_pass=first,
            )
        )
    sent = datetime(2026, 3, 8, 8, 0, tzinfo=UTC)
    for place, answered in enumerate((timedelta(hours=25, minutes=30), None)):
        session.add(
            Acknowledgement(
                supplier_id=one.id,
                order_id=facts.order(session, one).id,
                sent_at=sent + timedelta(days=2 * place),
                acknowledged_at=None if answered is None else sent + answered,
                month=MARCH,
            )
        )
    session.add(
        ContractPrice(
            supplier_id=one.id,
            part_id=part,
            price=Decimal(2),
            currency="EUR",
            valid_from=date(2026, 1, 1),
            valid_to=date(2026, 12, 31),
        )
    )
    for place, (price, currency, is_accurate) in enumerate(
        [(Decimal("2.1"), "EUR", True), (Decimal(9), "USD", False)]
    ):
        session.add(
            InvoiceLine(
                supplier_id=one.id,
                invoice_number="R1",
                line_no=str(place),
                part_id=part,
                invoiced_on=date(2026, 3, 2),
                month=MARCH,
                quantity=Decimal(5),
                unit_price=price,
                currency=currency,
                is_accurate=is_accurate,
            )
        )
    for caused_by in ("supplier", "buyer"):
        session.add(
            Disruption(
                supplier_id=one.id,
                reference=caused_by,
                kind="line_stop",
                occurred_on=late,
                month=MARCH,
                caused_by=caused_by,
            )
        )
