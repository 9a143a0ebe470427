"""What happens beside deliveries adds to `monthly_event_rollup`: one select per kind of fact."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, and_, case, cast, func, literal, or_, select, union_all

from app.facts.deliveries.engine_sql import Expression, raw, whole_seconds
from app.facts.deliveries.models import (
    Acknowledgement,
    CausedBy,
    ContractPrice,
    Disruption,
    DisruptionKind,
    InspectionLot,
    InvoiceLine,
    LotVerdict,
)
from app.facts.suppliers.models import Supplier

SECONDS_IN_MINUTE = 60
EVENT_SUMS = (
    "lots_inspected", "lots_rejected", "lots_first_pass_known", "lots_first_pass",
    "acknowledged", "unacknowledged", "acknowledge_minutes", "acknowledge_minutes_squares",
    "invoice_lines_known", "invoice_lines_accurate",
    "price_lines", "price_billed", "price_contract",
    "line_stops", "premium_freights", "special_statuses",
)  # fmt: skip
DAY_OF: dict[Any, Any] = {  # Any: mapped classes and their dates
    InspectionLot: InspectionLot.inspected_on,
    InvoiceLine: InvoiceLine.invoiced_on,
    Disruption: Disruption.occurred_on,
}
Days = tuple[date, date]


def event_share(
    supplier_ids: Collection[int] | None = None, *, after: Days | None = None
) -> Select[Any]:
    """Return the sums by supplier and month; `after` (first, last) keeps the days between."""
    kinds = union_all(
        *(
            _padded(model, sums, supplier_ids, after)
            for model, sums in (
                (InspectionLot, _lots()),
                (Acknowledgement, _acknowledged()),
                (InvoiceLine, _invoiced()),
                (Disruption, _disrupted()),
            )
        )
    ).subquery()
    sums = [_sum(kinds.c[name]).label(name) for name in EVENT_SUMS]
    return select(kinds.c.supplier_id, kinds.c.month, *sums).group_by(
        kinds.c.supplier_id, kinds.c.month
    )


def _days(model: Any, after: Days) -> list[Expression]:  # Any: a mapped class
    first, last = after
    if model is Acknowledgement:
        moments = [datetime.combine(day + timedelta(days=1), time(), UTC) for day in (first, last)]
        return [Acknowledgement.sent_at >= moments[0], Acknowledgement.sent_at < moments[1]]
    day = DAY_OF[model]
    return [day > first, day <= last]


def _sum(value: Expression) -> Expression:
    return cast(func.coalesce(func.sum(value), 0), BigInteger)


def _count_if(condition: Any) -> Expression:  # Any: a condition or a boolean column
    return cast(func.count(case((condition, 1))), BigInteger)


def _padded(
    model: Any,  # Any: a mapped class
    sums: dict[str, Expression],
    supplier_ids: Collection[int] | None,
    after: Days | None,
) -> Select[Any]:
    columns = [sums.get(name, literal(0, BigInteger)).label(name) for name in EVENT_SUMS]
    rows = select(model.supplier_id, model.month, *columns).group_by(model.supplier_id, model.month)
    if model is InvoiceLine:
        rows = rows.join(Supplier, Supplier.id == InvoiceLine.supplier_id)
    if model is Disruption:
        rows = rows.where(Disruption.withdrawn_at.is_(None))
    if supplier_ids is not None:
        rows = rows.where(model.supplier_id.in_(supplier_ids))
    if after is not None:
        rows = rows.where(*_days(model, after))
    return rows


def _lots() -> dict[str, Expression]:
    return {
        "lots_inspected": _count_if(InspectionLot.id.is_not(None)),
        "lots_rejected": _count_if(InspectionLot.verdict == LotVerdict.REJECTED),
        "lots_first_pass_known": _count_if(InspectionLot.is_first_pass.is_not(None)),
        "lots_first_pass": _count_if(InspectionLot.is_first_pass),
    }


def _acknowledged() -> dict[str, Expression]:
    sent, answered = Acknowledgement.sent_at, Acknowledgement.acknowledged_at
    minutes = (whole_seconds(answered) - whole_seconds(sent)) // SECONDS_IN_MINUTE
    return {
        "acknowledged": _count_if(answered.is_not(None)),
        "unacknowledged": _count_if(answered.is_(None)),
        "acknowledge_minutes": _sum(minutes),
        "acknowledge_minutes_squares": _sum(minutes * minutes),
    }


def _contract_price() -> Expression:
    """The price agreed on the invoice's day, in the supplier's own currency."""
    return (
        select(raw(ContractPrice.price))
        .where(
            ContractPrice.supplier_id == InvoiceLine.supplier_id,
            ContractPrice.part_id == InvoiceLine.part_id,
            ContractPrice.valid_from <= InvoiceLine.invoiced_on,
            or_(
                ContractPrice.valid_to.is_(None), ContractPrice.valid_to >= InvoiceLine.invoiced_on
            ),
            ContractPrice.currency == InvoiceLine.currency,
        )
        .order_by(ContractPrice.valid_from.desc())
        .limit(1)
        .correlate(InvoiceLine)
        .scalar_subquery()
    )


def _times(quantity: Expression, price: Expression) -> Expression:
    """Quantity × price, both scaled, cut to 1/10,000 of the currency."""
    return quantity // 1_000_000 * price + quantity % 1_000_000 * price // 1_000_000


def _invoiced() -> dict[str, Expression]:
    quantity, agreed = raw(InvoiceLine.quantity), _contract_price()
    is_comparable = and_(InvoiceLine.currency == Supplier.currency, agreed.is_not(None))
    return {
        "invoice_lines_known": _count_if(InvoiceLine.is_accurate.is_not(None)),
        "invoice_lines_accurate": _count_if(InvoiceLine.is_accurate),
        "price_lines": _count_if(is_comparable),
        "price_billed": _sum(case((is_comparable, _times(quantity, raw(InvoiceLine.unit_price))))),
        "price_contract": _sum(case((is_comparable, _times(quantity, agreed)))),
    }


def _disrupted() -> dict[str, Expression]:
    """Stops and freight that the supplier caused; a special status is about it by itself."""
    is_caused = Disruption.caused_by == CausedBy.SUPPLIER
    return {
        "line_stops": _count_if(and_(is_caused, Disruption.kind == DisruptionKind.LINE_STOP)),
        "premium_freights": _count_if(
            and_(is_caused, Disruption.kind == DisruptionKind.PREMIUM_FREIGHT)
        ),
        "special_statuses": _count_if(Disruption.kind == DisruptionKind.SPECIAL_STATUS),
    }


def latest_event_days() -> Iterator[Select[Any]]:
    """Yield a select of the latest day of each kind of event."""
    for day in DAY_OF.values():
        yield select(func.max(day))
