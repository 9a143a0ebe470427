"""Judges the touched lines, set-based: what `calc.delivery.judge_line` says, in SQL.

Three steps, each a temporary table, because both engines plan a join of small tables
better than one statement of everything: what a line's terms are, what came for it, and
the verdict. A test holds every verdict to `judge_line`.

The default rule, until delivery rules can be edited: the reference date is the original
promise, or where the buyer moved it by agreement the date it was last moved to; any
early day is inside the window and no late one; pieces have no tolerance, weight and bulk
5 %. What is agreed for a line comes before it. A receipt counts whatever its date: the
roll-up says what is known now, and `until` only says which windows have closed.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Integer,
    MetaData,
    Select,
    SmallInteger,
    String,
    Table,
    and_,
    case,
    delete,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from app.base.db import BigKey
from app.facts.deliveries.engine_sql import (
    Expression,
    day_number,
    days_after,
    flag,
    millionths_of,
    raw,
    share_of,
)
from app.facts.deliveries.models import ChangedBy, PromiseChange, PurchaseOrder, Receipt
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.rollup_models import LineVerdict, VerdictState
from app.facts.deliveries.verdicts import verdict_select
from app.facts.suppliers.models import Part, Supplier

# Lines in a status that the mapping leaves out; the other reasons are calc.delivery's.
NOT_COUNTED = "status_not_counted"
# Units of weight, volume and length: a delivery of them is never exact to the gram.
BULK_UNITS = (
    "kg", "kgm", "g", "grm", "mg", "t", "to", "tne", "lb", "lbr", "lbs", "oz", "onz",
    "l", "ltr", "ml", "mlt", "hl", "hlt", "gal", "gll", "m3", "m³", "mtq", "bbl",
)  # fmt: skip
BULK_TOLERANCE_MILLIONTHS = 50_000
HAND_OVER_TERMS = ("EXW", "FCA", "FAS", "FOB")
DISPATCH_TERMS = ("CFR", "CIF", "CPT", "CIP")
# The events in the order in which they happen; a later one stands in for an unknown one.
HAND_OVER, DISPATCH, ARRIVAL, POSTING = 1, 2, 3, 4

_temporary = MetaData()

touched = Table(
    "touched_line",
    _temporary,
    Column("line_id", BigKey, primary_key=True, autoincrement=False),
    # Which call touched it; 0: it is new, so nothing of it stands in the roll-up.
    Column("call", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)
term = Table(
    "judged_term",
    _temporary,
    Column("line_id", BigKey, primary_key=True, autoincrement=False),
    *(Column(name, BigKey) for name in ("order_id", "supplier_id", "category_id", "site_id")),
    Column("part_id", BigKey),
    Column("state", SmallInteger),
    Column("reason", String(40)),
    Column("rule", String(40)),
    *(Column(name, Date) for name in ("reference_on", "window_end_on")),
    *(Column(name, Integer) for name in ("reference_day", "ordered_day")),
    *(Column(name, Date) for name in ("requested_on", "original_on", "current_on")),
    # Days from the reference date to the three dates.
    *(Column(name, Integer) for name in ("requested", "original", "current")),
    *(Column(name, Integer) for name in ("early_days", "late_days")),
    *(Column(name, BigInteger) for name in ("due", "slack_under", "slack_over", "value")),
    Column("awaited_event", SmallInteger),
    Column("may_split", Integer),
    Column("completes", Integer),
    prefixes=["TEMPORARY"],
)
came = Table(
    "judged_receipt",
    _temporary,
    Column("line_id", BigKey),
    # The event that counts, the days from the reference date to it and to our dock.
    Column("event_on", Date),
    Column("event", SmallInteger),
    Column("day", Integer),
    Column("dock_day", Integer),
    Column("quantity", BigInteger),
    # All that had come by the close of the event's day.
    Column("cumulative", BigInteger),
    Column("completes", Integer),
    prefixes=["TEMPORARY"],
)


def open_touched(session: Session) -> None:
    """Make the temporary table that names the lines to judge."""
    touched.create(session.connection())


def close_touched(session: Session) -> None:
    """Drop the temporary table that names the lines to judge."""
    touched.drop(session.connection())


def judge_touched(session: Session, *, until: date) -> None:
    """Write the verdicts of the touched lines that still exist; windows close up to `until`."""
    connection = session.connection()
    session.execute(
        delete(LineVerdict).where(
            LineVerdict.line_id.in_(select(touched.c.line_id).where(touched.c.call > 0))
        ),
        execution_options={"synchronize_session": False},
    )
    _temporary.create_all(connection, tables=[term, came])
    _fill(session, term, _terms(until))
    _fill(session, came, _receipts())
    _fill(session, LineVerdict.__table__, verdict_select(term, came, until=until))
    _temporary.drop_all(connection, tables=[term, came])


def _fill(session: Session, target: Any, rows: Select[Any]) -> None:  # Any: rows of any shape
    names = list(rows.selected_columns.keys())
    session.execute(insert(target).from_select(names, rows, include_defaults=False))


def _agreed_with_buyer() -> Expression:
    """The date to which the buyer last moved the promise by agreement."""
    return (
        select(PromiseChange.to_on)
        .where(
            PromiseChange.line_id == Line.id,
            PromiseChange.changed_by == ChangedBy.BUYER,
            PromiseChange.is_agreed,
        )
        .order_by(PromiseChange.changed_on.desc(), PromiseChange.id.desc())
        .limit(1)
        .correlate(Line)
        .scalar_subquery()
    )


def _terms(until: date) -> Select[Any]:
    """What was agreed on each touched line, and whether its window has closed."""
    agreed = _agreed_terms()
    a = agreed.c
    in_time = or_(a.cancelled_on.is_(None), a.cancelled_on <= a.window_end_on)
    due = a.ordered - case((in_time, a.cancelled), else_=0)
    judged = select(agreed, due.label("due")).subquery()
    j = judged.c
    not_counted, undated = ~j.is_counted, j.reference_on.is_(None)
    cancelled, is_open = and_(j.due <= 0), j.window_end_on > until
    excluded = or_(not_counted, undated, func.coalesce(cancelled, false()))
    has_slack_under, has_slack_over = j.under > 0, j.over > 0
    return select(
        *(j[name] for name in ("line_id", "order_id", "supplier_id", "category_id", "site_id")),
        j.part_id,
        case(
            (excluded, int(VerdictState.EXCLUDED)),
            (is_open, int(VerdictState.PENDING)),
            else_=int(VerdictState.DUE),
        ).label("state"),
        case(
            (not_counted, NOT_COUNTED),
            (undated, "reference_date_unknown"),
            (cancelled, "cancelled_by_buyer"),
            (is_open, "window_open"),
        ).label("reason"),
        *(j[name] for name in ("rule", "reference_on", "window_end_on")),
        j.reference_day,
        day_number(j.ordered_on).label("ordered_day"),
        *(j[f"{name}_on"] for name in ("requested", "original", "current")),
        *(
            (day_number(j[f"{name}_on"]) - j.reference_day).label(name)
            for name in ("requested", "original", "current")
        ),
        *(j[name] for name in ("early_days", "late_days", "due")),
        case((has_slack_under, millionths_of(j.due, j.under)), else_=0).label("slack_under"),
        case((has_slack_over, millionths_of(j.due, j.over)), else_=0).label("slack_over"),
        _value(j).label("value"),
        *(j[name] for name in ("awaited_event", "may_split", "completes")),
    )


def _agreed_terms() -> Any:  # Any: SQLAlchemy's subquery of many columns
    """The facts of each touched line with what the default rule adds."""
    dated = (
        select(
            touched.c.line_id,
            func.coalesce(_agreed_with_buyer(), Line.promised_original_on).label("reference_on"),
        )
        .join(Line, Line.id == touched.c.line_id)
        .subquery()
    )
    is_bulk = func.lower(Part.unit).in_(BULK_UNITS)
    tolerance = case((is_bulk, BULK_TOLERANCE_MILLIONTHS), else_=0)
    late_days = func.coalesce(Line.late_days, 0)
    agreed = or_(
        Line.early_days.is_not(None),
        Line.late_days.is_not(None),
        Line.under_millionths.is_not(None),
        Line.over_millionths.is_not(None),
        Line.is_split_allowed.is_not(None),
    )
    incoterm = func.upper(Line.incoterm)
    return (
        select(
            Line.id.label("line_id"),
            *(Line.order_id, Line.supplier_id, Line.category_id, Line.site_id),
            func.coalesce(Line.part_id, 0).label("part_id"),
            Line.is_counted,
            case((agreed, "agreed"), (is_bulk, "default_bulk"), else_="default").label("rule"),
            dated.c.reference_on,
            day_number(dated.c.reference_on).label("reference_day"),
            days_after(dated.c.reference_on, late_days).label("window_end_on"),
            func.coalesce(Line.ordered_on, PurchaseOrder.ordered_on).label("ordered_on"),
            Line.requested_on.label("requested_on"),
            Line.promised_original_on.label("original_on"),
            Line.promised_current_on.label("current_on"),
            Line.early_days,
            late_days.label("late_days"),
            func.coalesce(Line.under_millionths, tolerance).label("under"),
            func.coalesce(Line.over_millionths, tolerance).label("over"),
            raw(Line.quantity_ordered).label("ordered"),
            raw(Line.quantity_cancelled_buyer).label("cancelled"),
            Line.cancelled_on,
            raw(Line.unit_price).label("price"),
            raw(Line.line_value).label("line_value"),
            func.coalesce(Line.currency, PurchaseOrder.currency).label("currency"),
            Supplier.currency.label("supplier_currency"),
            case(
                (incoterm.in_(HAND_OVER_TERMS), HAND_OVER),
                (incoterm.in_(DISPATCH_TERMS), DISPATCH),
                else_=ARRIVAL,
            ).label("awaited_event"),
            flag(func.coalesce(Line.is_split_allowed, literal(True))).label("may_split"),
            flag(Line.completes_without_quantity).label("completes"),
        )
        .select_from(dated)
        .join(Line, Line.id == dated.c.line_id)
        .join(PurchaseOrder, PurchaseOrder.id == Line.order_id)
        .join(Supplier, Supplier.id == Line.supplier_id)
        .outerjoin(Part, Part.id == Line.part_id)
        .subquery()
    )


def _value(j: Any) -> Expression:  # Any: the columns of `_agreed_terms`
    """What the quantity due is worth, in the supplier's currency; else unknown.

    A line in another currency than its supplier's has no known value: sums of mixed
    currencies are never made. Where nobody states a currency there is only one.
    """
    is_foreign = or_(
        j.currency != j.supplier_currency,
        and_(j.currency.is_not(None), j.supplier_currency.is_(None)),
    )
    by_price = j.due // 1_000_000 * j.price + (j.due % 1_000_000) * j.price // 1_000_000
    return case(
        (is_foreign, null()),
        (or_(j.due <= 0), 0),
        (j.line_value.is_(None), by_price),
        (or_(j.due.is_(None), j.due == j.ordered), j.line_value),
        else_=share_of(j.line_value, j.due, j.ordered),
    )


def _receipts() -> Select[Any]:
    """What came for each judged line, on the day of the event that its Incoterm awaits."""
    reversed_ = aliased(Receipt, name="reversed_receipt")
    events = _events(reversed_)
    e = events.c
    quantity = func.coalesce(e.quantity, 0)
    return select(
        e.line_id,
        e.event_on,
        e.event,
        (day_number(e.event_on) - e.reference_day).label("day"),
        case(
            (e.dock_on == e.event_on, day_number(e.event_on) - e.reference_day),
            else_=day_number(e.dock_on) - e.reference_day,
        ).label("dock_day"),
        e.quantity,
        func.sum(quantity)
        .over(partition_by=e.line_id, order_by=e.event_on)
        .cast(BigInteger)
        .label("cumulative"),
        e.completes,
    )


def _events(reversed_: Any) -> Any:  # Any: an alias of Receipt; a subquery
    def day(name: str) -> Expression:
        own, other = getattr(Receipt, name), getattr(reversed_, name)
        return case((Receipt.reverses_receipt_id.is_(None), own), else_=other)

    ready, dispatched, arrived, posted = (
        day(f"{name}_on") for name in ("ready", "dispatched", "arrived", "posted")
    )
    by_hand_over = term.c.awaited_event <= HAND_OVER
    by_dispatch = term.c.awaited_event <= DISPATCH
    return (
        select(
            Receipt.line_id,
            term.c.reference_day,
            func.coalesce(
                case((by_hand_over, ready)), case((by_dispatch, dispatched)), arrived, posted
            ).label("event_on"),
            case(
                (and_(by_hand_over, ready.is_not(None)), HAND_OVER),
                (and_(by_dispatch, dispatched.is_not(None)), DISPATCH),
                (arrived.is_not(None), ARRIVAL),
                (posted.is_not(None), POSTING),
            ).label("event"),
            func.coalesce(arrived, posted).label("dock_on"),
            (raw(Receipt.quantity) - func.coalesce(raw(Receipt.quantity_returned), 0)).label(
                "quantity"
            ),
            flag(Receipt.completes_line).label("completes"),
        )
        .select_from(term)
        .join(Receipt, Receipt.line_id == term.c.line_id)
        .outerjoin(reversed_, reversed_.id == Receipt.reverses_receipt_id)
        .where(term.c.state > int(VerdictState.EXCLUDED), _stands())
        .subquery()
    )


def _stands() -> Expression:
    """A receipt without a quantity vanishes with the reversal that names it."""
    reversal = aliased(Receipt, name="reversal")
    is_reversed = (
        select(reversal.id)
        .where(reversal.line_id == Receipt.line_id, reversal.reverses_receipt_id == Receipt.id)
        .correlate(Receipt)
        .exists()
    )
    return or_(
        Receipt.quantity.is_not(None),
        and_(Receipt.reverses_receipt_id.is_(None), ~is_reversed),
    )
