"""One order line with everything agreed on it, and its verdict explained in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base import formatting
from app.facts.deliveries.lines.line_lists import OrderLine, Outcome
from app.facts.deliveries.lines.line_words import EVENT_WORDS, reason_words
from app.facts.deliveries.models import MissAttribution, PromiseChange, PurchaseOrder
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.rollup_models import LineVerdict as V
from app.facts.suppliers.models import Supplier
from app.platform.sources.models import SourceBatch

MILLION = Decimal(1_000_000)
RULE_WORDS = {
    "default": "the default rule: the first promise counts, any early day is fine, no late day",
    "default_bulk": "the default rule for weight and bulk: the first promise counts, any early "
    "day is fine, no late day, 5 % more or less is fine",
    "agreed": "what was agreed for this line",
}


@dataclass(frozen=True, slots=True)
class Change:
    """A promise that moved."""

    changed_on: date
    from_on: date | None
    to_on: date
    changed_by: str
    is_agreed: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What was agreed on a line, by which event and rule it was judged, where it comes from."""

    effective_supplier_id: int
    ordered_on: date | None
    requested_on: date | None
    promised_original_on: date | None
    promised_current_on: date | None
    quantity_cancelled_buyer: Decimal
    quantity_cancelled_supplier: Decimal
    cancelled_on: date | None
    unit_price: Decimal | None
    line_value: Decimal | None
    currency: str | None
    incoterm: str | None
    early_days: int | None
    late_days: int | None
    under_millionths: int | None
    over_millionths: int | None
    status: str | None
    rule: str
    event: str | None
    is_fallback: bool
    outcomes: dict[str, int | None]
    changes: tuple[Change, ...]
    attribution: tuple[str, str, str | None] | None
    batch: tuple[int, str] | None


def facts_of(session: Session, line_id: int) -> LineFacts | None:
    """Return everything known of one line, None where there is none."""
    row = session.execute(
        select(Line, V, PurchaseOrder, func.coalesce(Supplier.effective_supplier_id, Supplier.id))
        .join(V, V.line_id == Line.id)
        .join(PurchaseOrder, PurchaseOrder.id == Line.order_id)
        .join(Supplier, Supplier.id == Line.supplier_id)
        .where(Line.id == line_id)
    ).first()
    if row is None:
        return None
    line, verdict, order, owner = row
    return LineFacts(
        effective_supplier_id=owner,
        ordered_on=line.ordered_on or order.ordered_on,
        requested_on=line.requested_on,
        promised_original_on=line.promised_original_on,
        promised_current_on=line.promised_current_on,
        quantity_cancelled_buyer=line.quantity_cancelled_buyer,
        quantity_cancelled_supplier=line.quantity_cancelled_supplier,
        cancelled_on=line.cancelled_on,
        unit_price=line.unit_price,
        line_value=line.line_value,
        currency=line.currency or order.currency,
        incoterm=line.incoterm,
        early_days=line.early_days,
        late_days=line.late_days,
        under_millionths=line.under_millionths,
        over_millionths=line.over_millionths,
        status=line.status,
        rule=verdict.rule,
        event=verdict.event,
        is_fallback=bool(verdict.is_fallback),
        outcomes={
            "OTIF": verdict.otif,
            "on time": verdict.on_time,
            "in full": verdict.in_full,
            "on time to the requested date": verdict.on_time_requested,
            "on time to the first promise": verdict.on_time_original,
            "on time to the current promise": verdict.on_time_current,
            "on time at our dock": verdict.on_time_dock,
        },
        changes=_changes(session, line_id),
        attribution=_attribution(session, line_id),
        batch=_batch(session, line.batch_id),
    )


def explained(line: OrderLine, facts: LineFacts) -> list[str]:
    """Return how the verdict came about, sentence by sentence."""
    if line.outcome is Outcome.EXCLUDED:
        return [f"The line stands outside every rate: {reason_words(line.reason)}."]
    told = [f"Judged by {RULE_WORDS.get(facts.rule, facts.rule)}."]
    if line.reference_on is not None and line.window_end_on is not None:
        told.append(_window(line, facts))
    if line.outcome is Outcome.PENDING:
        told.append("The window is still open, so the line counts nowhere yet.")
        return told
    if facts.event is not None:
        event = EVENT_WORDS[facts.event]
        because = f" (Incoterm {facts.incoterm})" if facts.incoterm else ""
        told.append(f"What counts is the {event}{because}.")
        if facts.is_fallback:
            told.append(
                "The event agreed is not recorded; a later one stands in: transit included."
            )
    told.append(_result(line))
    return told


def _window(line: OrderLine, facts: LineFacts) -> str:
    reference, end = formatting.day(line.reference_on), formatting.day(line.window_end_on)
    early = "from any day before" if facts.early_days is None else (
        f"from {formatting.count(facts.early_days, 'day')} before")  # fmt: skip
    tolerance = _tolerance(facts)
    return f"Reference date {reference}; the window runs {early} it to {end}{tolerance}."


def _tolerance(facts: LineFacts) -> str:
    under, over = facts.under_millionths or 0, facts.over_millionths or 0
    if not under and not over:
        return ""
    return (
        f", tolerance −{formatting.percent(under / MILLION, 1)}"
        f" / +{formatting.percent(over / MILLION, 1)}"
    )


def _result(line: OrderLine) -> str:
    if line.outcome is Outcome.MET:
        return "The full quantity came inside the window: OTIF."
    if line.outcome is Outcome.UNKNOWN:
        return f"Nobody can tell: {reason_words(line.reason)}. The line is in no rate."
    return f"Missed: {reason_words(line.reason)}."


def _changes(session: Session, line_id: int) -> tuple[Change, ...]:
    rows = session.execute(
        select(
            PromiseChange.changed_on,
            PromiseChange.from_on,
            PromiseChange.to_on,
            PromiseChange.changed_by,
            PromiseChange.is_agreed,
            PromiseChange.reason,
        )
        .where(PromiseChange.line_id == line_id)
        .order_by(PromiseChange.changed_on, PromiseChange.id)
    )
    return tuple(Change(*row) for row in rows)


def _attribution(session: Session, line_id: int) -> tuple[str, str, str | None] | None:
    found = session.execute(
        select(MissAttribution.cause, MissAttribution.attributed_by, MissAttribution.note).where(
            MissAttribution.line_id == line_id
        )
    ).first()
    return None if found is None else (found[0], found[1], found[2])


def _batch(session: Session, batch_id: int | None) -> tuple[int, str] | None:
    if batch_id is None:
        return None
    name = session.scalar(select(SourceBatch.file_name).where(SourceBatch.id == batch_id))
    return None if name is None else (batch_id, name)
