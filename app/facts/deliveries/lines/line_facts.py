"""One order line with everything agreed on it, and its verdict explained in words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.base import formatting
from app.calc.calendars import due_window
from app.facts.deliveries.lines.line_lists import OrderLine, Outcome
from app.facts.deliveries.lines.line_words import EVENT_WORDS, reason_words
from app.facts.deliveries.models import MissAttribution, PromiseChange, PurchaseOrder
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.rollup_models import LineVerdict as V
from app.facts.deliveries.rules import queries as rules
from app.facts.deliveries.rules.queries import RuleRow
from app.facts.deliveries.rules.wording import REFERENCE_WORDS, Terms, window_words
from app.facts.deliveries.terms import BULK_TOLERANCE_MILLIONTHS, BULK_UNITS
from app.facts.suppliers import calendars
from app.facts.suppliers.calendar_models import Calendar
from app.facts.suppliers.models import Site, Supplier
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
    quantity: Decimal | None


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
    judged_by: RuleRow | None
    calendar: str | None
    window_opens_on: date | None
    may_split: bool | None
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
    rule = rules.rule_named(session, verdict.rule)
    opens_on = windows_open(session, [line_id])[line_id]
    calendar = _calendar(session, line, rule)
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
        judged_by=rule,
        calendar=calendar,
        window_opens_on=opens_on,
        may_split=line.is_split_allowed,
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
    told = [_judged_by(facts)]
    if line.reference_on is not None and line.window_end_on is not None:
        told.append(_window(line, facts))
    told += _conditions(facts)
    if line.outcome is Outcome.PENDING:
        told.append("The window is still open, so the line counts nowhere yet.")
        return told
    if facts.event is not None:
        told += _event(facts)
    told.append(_result(line))
    return told


def terms_of(facts: LineFacts) -> Terms:
    """Return what is asked of the line: its own terms, else its rule's, else the default's."""
    rule = None if facts.judged_by is None else facts.judged_by.terms
    late = facts.late_days if rule is None or facts.late_days is not None else rule.late_days
    own = (facts.early_days, facts.under_millionths, facts.over_millionths)
    of_rule = (None,) * 3 if rule is None else (
        rule.early_days, rule.under_millionths, rule.over_millionths)  # fmt: skip
    early, under, over = (
        mine if mine is not None else other for mine, other in zip(own, of_rule, strict=True)
    )
    may_split = facts.may_split if facts.may_split is not None else rule is None or rule.may_split
    return Terms(
        early, late or 0, rule is not None and rule.is_business, under, over, may_split,
        rule is not None and rule.accepted_only,
    )  # fmt: skip


def _judged_by(facts: LineFacts) -> str:
    rule = facts.judged_by
    if rule is None:
        return f"Judged by {RULE_WORDS.get(facts.rule, facts.rule)}."
    because = "the most specific rule that held on the day of its first promise"
    if facts.ordered_on is not None:
        day = formatting.day(facts.ordered_on)
        because = f"the most specific rule that held when the line was ordered, on {day}"
    own = (
        facts.early_days, facts.late_days, facts.under_millionths, facts.over_millionths,
        facts.may_split,
    )  # fmt: skip
    before = " What was agreed for this line itself goes before it." if any(
        each is not None for each in own) else ""  # fmt: skip
    return (
        f"Judged by the rule “{rule.label}”, version {rule.version}, for {rule.whose}: {because}."
        f"{before}"
    )


def _window(line: OrderLine, facts: LineFacts) -> str:
    reference, end = formatting.day(line.reference_on), formatting.day(line.window_end_on)
    kind = "" if facts.judged_by is None else f", {REFERENCE_WORDS[facts.judged_by.reference]}"
    opens = facts.window_opens_on
    begin = "from any day before it" if opens is None else f"from {formatting.day(opens)}"
    terms = terms_of(facts)
    because = ""
    if facts.judged_by is not None:
        because = f": {window_words(terms)}"
        if terms.is_business:
            because += f", by {facts.calendar or 'a week of Monday to Friday'}"
    return (
        f"Reference date {reference}{kind}; the window runs {begin} to {end}{because}"
        f"{_tolerance(line, facts)}."
    )


def _conditions(facts: LineFacts) -> list[str]:
    terms, told = terms_of(facts), []
    if not terms.may_split:
        told.append("One receipt inside the window must bring it all.")
    if terms.accepted_only:
        told.append("Rejected goods do not count as received.")
    return told


def _event(facts: LineFacts) -> list[str]:
    is_fixed = facts.judged_by is not None and facts.judged_by.event is not None
    because = f" (Incoterm {facts.incoterm})" if facts.incoterm else ""
    if is_fixed:
        because = " (as the rule says)"
    told = [f"What counts is the {EVENT_WORDS[facts.event or '']}{because}."]
    if facts.is_fallback:
        told.append("The event agreed is not recorded; a later one stands in: transit included.")
    return told


def _tolerance(line: OrderLine, facts: LineFacts) -> str:
    terms = terms_of(facts)
    is_bulk = facts.judged_by is not None and (line.unit or "").lower() in BULK_UNITS
    by_unit = BULK_TOLERANCE_MILLIONTHS if is_bulk else 0
    under, over = (
        by_unit if each is None else each
        for each in (terms.under_millionths, terms.over_millionths)
    )
    if not under and not over:
        return ""
    return (
        f", tolerance −{formatting.percent(under / MILLION, 1)}"
        f" / +{formatting.percent(over / MILLION, 1)}"
    )


def windows_open(session: Session, line_ids: Collection[int]) -> dict[int, date | None]:
    """Return the first day of each line's window, None where any early day is inside it."""
    rows = session.execute(
        select(Line.id, Line.early_days, V.reference_on, V.rule, Site.calendar_id)
        .join(V, V.line_id == Line.id)
        .outerjoin(Site, and_(Site.id == Line.site_id, Site.supplier_id.is_(None)))
        .where(Line.id.in_(line_ids))
    ).all()
    known = {name: rules.rule_named(session, name) for name in {row[3] for row in rows}}
    is_business = any(rule is not None and rule.terms.is_business for rule in known.values())
    days = calendars.business_calendars(session) if is_business else {}
    opens: dict[int, date | None] = {}
    for line_id, early, reference_on, name, calendar_id in rows:
        rule = known[name]
        early = early if early is not None or rule is None else rule.terms.early_days
        if early is None or reference_on is None:
            opens[line_id] = None
        elif rule is None or not rule.terms.is_business:
            opens[line_id] = reference_on - timedelta(days=early)
        else:
            calendar = days[calendar_id or calendars.NO_CALENDAR]
            opens[line_id], _ = due_window(calendar, reference_on, early_days=early, late_days=0)
    return opens


def _calendar(session: Session, line: Line, rule: RuleRow | None) -> str | None:
    """Return the calendar whose days the line's rule counts, None where it counts no such days."""
    if rule is None or not rule.terms.is_business:
        return None
    name = session.scalar(
        select(Calendar.name)
        .join(Site, Site.calendar_id == Calendar.id)
        .where(Site.id == line.site_id, Site.supplier_id.is_(None))
    )
    return None if name is None else f"the calendar {name}"


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
            PromiseChange.quantity,
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
