"""Keeps the schedule lines of agreements equal to what their releases make owed.

`calc.release_schedule` says what is owed; here it becomes lines of the agreement's order, one
for each day, which keep their key while releases come and go. Commits nothing, and judges
nothing: the bracket it is called in does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.base.db import QUANTITY_SCALE, Base
from app.base.errors import Conflict
from app.calc.release_schedule import Call, Owed, ReleaseOf, owed_by_releases
from app.facts.deliveries.agreements.models import CallOff, Release
from app.facts.deliveries.agreements.models import SchedulingAgreement as Agreement
from app.facts.deliveries.disputes.models import Dispute
from app.facts.deliveries.engine_sql import raw
from app.facts.deliveries.models import (
    NONE_KEY,
    Disruption,
    MissAttribution,
    PromiseChange,
    PurchaseOrder,
    Receipt,
)
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.rollup import Change
from app.facts.suppliers.models import Part
from app.platform.imports.problems import Code, quoted

LINE_NO = "1"
ASKED_AT_ONCE = 1_000
MONEY_STEP = Decimal("0.0001")
# What people wrote about a line: it can't go while this stands.
WRITTEN_ABOUT = (PromiseChange, MissAttribution, Disruption, Dispute)
# The session holds none of the rows that go: nothing of it has to be brought up to date.
AS_IS = {"synchronize_session": False}
Values = dict[str, Any]  # Any: columns of many types


@dataclass(slots=True)
class _Lines:
    """What has to be done to the lines of some agreements."""

    new: list[tuple[Values, Values]]
    changed: dict[int, tuple[Values, int]]
    gone: list[int]


def settle(session: Session, change: Change, agreement_ids: Collection[int]) -> None:
    """Bring the lines of agreements in line with their releases, within a bracket.

    Raises Conflict where a line would go that people wrote about, or an agreement's number is
    that of another supplier's order.
    """
    for some in _slices(sorted(set(agreement_ids))):
        agreements = list(session.scalars(select(Agreement).where(Agreement.id.in_(some))))
        owed = _owed(session, agreements)
        _make_orders(session, [each for each in agreements if owed.get(each.id)])
        plan = _planned(session, agreements, owed)
        change.touch([*plan.changed, *plan.gone])
        _remove(session, plan.gone)
        _write(session, plan)
        change.touch_new(_insert(session, plan.new))
    change.renet(agreement_ids)


def _owed(session: Session, agreements: Sequence[Agreement]) -> Mapping[int, tuple[Owed, ...]]:
    """What is owed to each agreement that has a release."""
    rows = session.execute(
        select(
            Release.agreement_id,
            Release.release_no,
            Release.released_on,
            Release.due_on,
            raw(Release.quantity),
            raw(Release.cumulative),
        )
        .where(Release.agreement_id.in_([each.id for each in agreements]))
        .order_by(Release.agreement_id, Release.release_no, Release.due_on)
    )
    calls: dict[int, dict[int, list[Call]]] = defaultdict(lambda: defaultdict(list))
    sent: dict[tuple[int, int], date] = {}
    for agreement_id, number, released_on, due_on, quantity, cumulative in rows:
        calls[agreement_id][number].append(Call(due_on, quantity, cumulative))
        sent[agreement_id, number] = max(released_on, sent.get((agreement_id, number), date.min))
    return {
        each.id: owed_by_releases(
            [
                ReleaseOf(number, sent[each.id, number], tuple(called))
                for number, called in calls[each.id].items()
            ],
            firm_days=each.firm_zone_days,
            opening=int(each.opening_cumulative * QUANTITY_SCALE),
        )
        for each in agreements
        if each.id in calls
    }


def _make_orders(session: Session, agreements: Sequence[Agreement]) -> None:
    """Give every agreement with call-offs its order, and let it say what the agreement says."""
    for each in agreements:
        said = {
            "supplier_id": each.supplier_id,
            "currency": each.currency,
            "contract_reference": each.contract_reference,
        }
        order = session.scalar(
            select(PurchaseOrder).where(
                PurchaseOrder.number == each.number, PurchaseOrder.buyer_unit == ""
            )
        )
        if order is None:
            order = PurchaseOrder(number=each.number)
            session.add(order)
        elif order.supplier_id != each.supplier_id:
            raise Conflict(
                Code.DISAGREE,
                f"Agreement {quoted(each.number)} has the number of a purchase order of another"
                " supplier. Undo the import that brought one of them.",
            )
        for name, value in said.items():
            setattr(order, name, value)
        session.flush()
        each.order_id = order.id
    session.flush()


def _planned(
    session: Session, agreements: Sequence[Agreement], owed: Mapping[int, tuple[Owed, ...]]
) -> _Lines:
    stored = _stored(session, [each.id for each in agreements])
    parts = [each.part_id for each in agreements if each.part_id is not None]
    rows = session.execute(select(Part.id, Part.category_id).where(Part.id.in_(parts)))
    categories = {row[0]: row[1] for row in rows}
    plan = _Lines([], {}, [])
    for agreement in agreements:
        known = stored[agreement.id]
        common = _common(agreement, categories)
        for each in owed.get(agreement.id, ()):
            line = common | _said(agreement, each)
            found = known.pop(each.due_on, None)
            call_off = {"agreement_id": agreement.id, "due_on": each.due_on}
            if found is None:
                plan.new.append((line, call_off | {"release_no": each.release}))
            elif differing := _differing(found, line, each.release):
                plan.changed[found["id"]] = (differing, each.release)
        plan.gone += [row["id"] for row in known.values()]
    return plan


def _common(agreement: Agreement, categories: Mapping[int, int | None]) -> Values:
    """What all lines of an agreement say alike."""
    category = None if agreement.part_id is None else categories.get(agreement.part_id)
    return {
        "order_id": agreement.order_id,
        "supplier_id": agreement.supplier_id,
        "part_id": agreement.part_id,
        "category_id": category or NONE_KEY,
        "site_id": agreement.site_id or NONE_KEY,
        "incoterm": agreement.incoterm,
        "under_millionths": agreement.under_millionths,
        "over_millionths": agreement.over_millionths,
        "unit_price": agreement.unit_price,
        "currency": agreement.currency,
    }


def _said(agreement: Agreement, owed: Owed) -> Values:
    quantity = Decimal(owed.quantity) / QUANTITY_SCALE
    price = agreement.unit_price
    is_withdrawn = owed.withdrawn_on is not None
    return {
        "ordered_on": owed.released_on,
        "quantity_ordered": quantity,
        "line_value": None
        if price is None
        else (price * quantity).quantize(MONEY_STEP, ROUND_HALF_UP),
        "quantity_cancelled_buyer": quantity if is_withdrawn else Decimal(0),
        "cancelled_on": owed.withdrawn_on,
        "requested_on": owed.requested_on,
        "promised_original_on": owed.due_on,
    }


def _stored(session: Session, agreement_ids: Sequence[int]) -> dict[int, dict[date, Values]]:
    lines = Base.metadata.tables["schedule_line"]
    rows = session.execute(
        select(lines, CallOff.agreement_id, CallOff.due_on, CallOff.release_no)
        .join(CallOff, CallOff.line_id == lines.c.id)
        .where(CallOff.agreement_id.in_(agreement_ids))
    )
    found: dict[int, dict[date, Values]] = defaultdict(dict)
    for row in rows.mappings():
        found[row["agreement_id"]][row["due_on"]] = dict(row)
    return found


def _differing(stored: Values, said: Values, release_no: int) -> Values:
    differing = {name: value for name, value in said.items() if stored[name] != value}
    if stored["release_no"] != release_no:
        # What is judged may be the same; which release owes it is not.
        differing |= {"ordered_on": said["ordered_on"]}
    return differing


def _remove(session: Session, line_ids: Sequence[int]) -> None:
    """Delete lines that no release calls any more: their releases were taken back."""
    for some in _slices(line_ids):
        for model in WRITTEN_ABOUT:
            number = session.scalar(select(func.count()).where(model.line_id.in_(some))) or 0
            if number:
                raise Conflict(
                    Code.UNDO,
                    f"{number:,} rows of {model.__tablename__.replace('_', ' ')} are about"
                    " call-offs of these releases. Undo or remove them first.",
                )
        for table in (CallOff, Receipt):
            session.execute(delete(table).where(table.line_id.in_(some)), execution_options=AS_IS)
        session.execute(delete(Line).where(Line.id.in_(some)), execution_options=AS_IS)


def _write(session: Session, plan: _Lines) -> None:
    if not plan.changed:
        return
    changed = plan.changed.items()
    session.execute(update(Line), [said | {"id": line_id} for line_id, (said, _) in changed])
    session.execute(
        update(CallOff),
        [{"line_id": line_id, "release_no": release_no} for line_id, (_, release_no) in changed],
    )


def _insert(session: Session, new: Sequence[tuple[Values, Values]]) -> list[int]:
    """Insert lines, promised for the day they are due, and return their keys."""
    if not new:
        return []
    lines = [
        said
        | {
            "line_no": LINE_NO,
            "schedule_no": call_off["due_on"].isoformat(),
            "promised_current_on": call_off["due_on"],
        }
        for said, call_off in new
    ]
    session.execute(insert(Line), lines)
    orders = list({said["order_id"] for said in lines})
    keys: dict[tuple[int, str], int] = {}
    for some in _slices(orders):
        rows = select(Line.order_id, Line.schedule_no, Line.id).where(Line.order_id.in_(some))
        keys |= {(order, day): line_id for order, day, line_id in session.execute(rows)}
    rows_of = [
        call_off | {"line_id": keys[said["order_id"], said["schedule_no"]]}
        for said, (_, call_off) in zip(lines, new, strict=True)
    ]
    session.execute(insert(CallOff), rows_of)
    return [row["line_id"] for row in rows_of]


def _slices(items: Sequence[int]) -> Iterator[list[int]]:
    rest = iter(items)
    while some := list(islice(rest, ASKED_AT_ONCE)):
        yield some
