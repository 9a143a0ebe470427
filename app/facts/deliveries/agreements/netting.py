"""Shares what came for an agreement out to its call-offs, set-based: `calc.call_off` in SQL.

Cumulative receipts, by the event that counts, fill cumulative call-offs, by due day; what
exceeds all goes to the last. The shares are rows of `receipt` like any other, so that lines of
an agreement are judged, summed and shown as all lines are. Only what differs is written.

Where no agreement exists, one look at an empty table is all that this costs.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Integer,
    Select,
    String,
    Table,
    and_,
    case,
    delete,
    except_,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session, aliased

from app.base.db import BigKey, QuantityType
from app.facts.deliveries.agreements.models import AgreementReceipt as Booked
from app.facts.deliveries.agreements.models import CallOff
from app.facts.deliveries.agreements.models import SchedulingAgreement as Agreement
from app.facts.deliveries.engine_sql import Expression, driving, raw
from app.facts.deliveries.models import Receipt
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.rules.choosing import find_rules, forget_rules, line_rule
from app.facts.deliveries.temporary import drop, make, tell_size, temporary
from app.facts.deliveries.terms import ARRIVAL, DISPATCH, DISPATCH_TERMS, HAND_OVER, HAND_OVER_TERMS

# What comes beyond the whole schedule serves its last line.
ENDLESS = 2**62
# The share of every line where the order of what came can't be known.
UNKNOWN = "unknown"


def _id(name: str) -> Column[Any]:
    return Column(name, BigKey, nullable=False)


agreement = temporary("netted_agreement", _id("agreement_id"), key="agreement_id")
# The call-offs that are owed, and the event and goods that their rules count.
line = temporary(
    "netted_line",
    _id("line_id"),
    _id("agreement_id"),
    Column("due_on", Date),
    Column("quantity", BigInteger),
    key="line_id",
)
terms = temporary(
    "netted_terms",
    _id("agreement_id"),
    Column("awaited_event", Integer),
    Column("accepted_only", Integer),
    key="agreement_id",
)
# From where to where a call-off, and a receipt, reaches in cumulative quantity.
reach = temporary(
    "netted_reach",
    _id("line_id"),
    _id("agreement_id"),
    Column("start", BigInteger),
    Column("stop", BigInteger),
    key="line_id",
)
came = temporary(
    "netted_receipt",
    _id("booked_id"),
    _id("agreement_id"),
    Column("source_key", String(60)),
    Column("event_on", Date),
    Column("usable", BigInteger),
    Column("rejected", BigInteger),
    Column("returned", BigInteger),
    key="booked_id",
)
supply = temporary(
    "netted_supply",
    _id("booked_id"),
    _id("agreement_id"),
    Column("start", BigInteger),
    Column("stop", BigInteger),
    key=("booked_id", "agreement_id"),
)
DATES = ("ready_on", "dispatched_on", "arrived_on", "posted_on")
AS_IT_CAME = ("is_documents_ok", "is_undamaged", "carrier")
share = temporary(
    "netted_share",
    _id("line_id"),
    Column("source_key", String(60), nullable=False),
    *(Column(name, Receipt.__table__.c[name].type) for name in (*DATES, *AS_IT_CAME)),
    Column("quantity", BigInteger),
    Column("quantity_rejected", BigInteger),
    Column("quantity_returned", BigInteger),
    key=("line_id", "source_key"),
)
differing = temporary("netted_differing", _id("line_id"), key="line_id")
TABLES = [agreement, line, terms, reach, came, supply, share, differing]
QUANTITIES = ("quantity", "quantity_rejected", "quantity_returned")


def has_agreements(session: Session) -> bool:
    """Tell whether any order stands for an agreement."""
    found = select(Agreement.id).where(Agreement.order_id.is_not(None)).limit(1)
    return session.scalar(found) is not None


def find_differing(
    session: Session, *, touched: Table | None, agreement_ids: Collection[int] = ()
) -> bool:
    """Net the agreements of the touched lines (None: all) and those named.

    Notes in `differing` the lines whose shares are not what stands; `write` then writes
    them. Returns False, and leaves nothing to drop, where no agreement is concerned.
    """
    if not has_agreements(session):
        return False
    make(session, *TABLES)
    _note_agreements(session, touched, agreement_ids)
    if session.scalar(select(agreement.c.agreement_id).limit(1)) is None:
        forget(session)
        return False
    _fill(session, line, _lines())
    _note_terms(session)
    _fill(session, reach, _reaches())
    _fill(session, came, _receipts())
    _fill(session, supply, _supplies())
    _fill(session, share, _shares())
    _fill(session, share, _unknown_shares())
    _fill(session, differing, _differences())
    return True


def write(session: Session) -> None:
    """Write the shares of the lines that `find_differing` noted."""
    noted = select(differing.c.line_id)
    session.execute(
        delete(Receipt).where(Receipt.line_id.in_(noted)),
        execution_options={"synchronize_session": False},
    )
    rows = select(
        share.c.line_id,
        share.c.source_key,
        *(share.c[name] for name in (*DATES, *AS_IT_CAME)),
        *(type_coerce(share.c[name], QuantityType).label(name) for name in QUANTITIES),
        literal(False).label("completes_line"),
    ).where(share.c.line_id.in_(noted))
    names = list(rows.selected_columns.keys())
    session.execute(insert(Receipt).from_select(names, rows, include_defaults=False))


def forget(session: Session) -> None:
    """Drop what `find_differing` made."""
    drop(session, *TABLES)


def _note_agreements(
    session: Session, touched: Table | None, agreement_ids: Collection[int]
) -> None:
    found = select(CallOff.agreement_id).distinct()
    if touched is not None:
        found = found.join(touched, CallOff.line_id == driving(touched.c.line_id))
    session.execute(insert(agreement).from_select(["agreement_id"], found))
    noted = set(session.scalars(select(agreement.c.agreement_id))) if agreement_ids else set()
    if rest := [{"agreement_id": each} for each in set(agreement_ids) - noted]:
        session.connection().execute(insert(agreement), rest)
    tell_size(session, agreement)


def _lines() -> Select[Any]:
    """The call-offs that are owed; what we withdrew is not."""
    owed = raw(Line.quantity_ordered) - raw(Line.quantity_cancelled_buyer)
    columns: list[Any] = [CallOff.line_id, CallOff.agreement_id, CallOff.due_on, owed]
    return (
        select(*columns)
        .select_from(agreement)
        .join(CallOff, CallOff.agreement_id == driving(agreement.c.agreement_id))
        .join(Line, Line.id == CallOff.line_id)
        .where(owed > 0)
    )


def _note_terms(session: Session) -> None:
    """Say by which event, and by which goods, each agreement is netted: as its lines' rules do.

    Where they differ, the latest event and accepted goods: there is one order of receipts.
    """
    by_incoterm = case(
        (func.upper(Line.incoterm).in_(HAND_OVER_TERMS), HAND_OVER),
        (func.upper(Line.incoterm).in_(DISPATCH_TERMS), DISPATCH),
        else_=ARRIVAL,
    )
    is_ruled = find_rules(session, line)
    event: Expression = by_incoterm
    accepted: Expression = literal(0)
    rows = select(line.c.agreement_id).select_from(line).join(Line, Line.id == line.c.line_id)
    if is_ruled:
        event = func.coalesce(line_rule.c.awaited_event, by_incoterm)
        accepted = func.coalesce(line_rule.c.accepted_only, 0)
        rows = rows.outerjoin(line_rule, line_rule.c.line_id == Line.id)
    named = rows.add_columns(
        func.max(event).label("awaited_event"), func.max(accepted).label("accepted_only")
    )
    _fill(session, terms, named.group_by(line.c.agreement_id))
    if is_ruled:
        forget_rules(session)


def _reaches() -> Select[Any]:
    order = (line.c.due_on, line.c.line_id)
    stop = _running(line.c.quantity, line.c.agreement_id, order)
    is_last = func.lead(line.c.line_id).over(
        partition_by=line.c.agreement_id, order_by=order
    ).is_(None)  # fmt: skip
    return select(
        line.c.line_id,
        line.c.agreement_id,
        (stop - line.c.quantity).label("start"),
        case((is_last, ENDLESS), else_=stop).label("stop"),
    )


def _receipts() -> Select[Any]:
    """What came, less what was taken back, on the day of the event that counts."""
    back = aliased(Booked, name="taken_back")
    taken = (
        select(
            back.agreement_id,
            back.reverses_key,
            *(_whole(raw(getattr(back, name)), name) for name in QUANTITIES),
        )
        .join(agreement, agreement.c.agreement_id == back.agreement_id)
        .where(back.reverses_key.is_not(None))
        .group_by(back.agreement_id, back.reverses_key)
        .subquery("taken")
    )
    quantity, rejected, returned = (
        raw(getattr(Booked, name)) - func.coalesce(taken.c[name], 0) for name in QUANTITIES
    )
    returned = func.coalesce(returned, 0)
    worse = case((rejected > returned, rejected), else_=returned)
    off = case((terms.c.accepted_only == 1, case((rejected.is_(None), null()), else_=worse)),
               else_=returned)  # fmt: skip
    usable = case((quantity - off < 0, 0), else_=quantity - off)
    event = terms.c.awaited_event
    return (
        select(
            Booked.id,
            Booked.agreement_id,
            Booked.source_key,
            func.coalesce(
                case((event <= HAND_OVER, Booked.ready_on)),
                case((event <= DISPATCH, Booked.dispatched_on)),
                case((event <= ARRIVAL, Booked.arrived_on)),
                Booked.posted_on,
            ),
            usable,
            rejected,
            returned,
        )
        .select_from(terms)
        .join(Booked, Booked.agreement_id == driving(terms.c.agreement_id))
        .outerjoin(
            taken,
            and_(
                taken.c.agreement_id == Booked.agreement_id,
                taken.c.reverses_key == Booked.source_key,
            ),
        )
        # What was taken back wholly reads as if it had never come.
        .where(Booked.reverses_key.is_(None), quantity > 0)
    )


def _whole(value: Expression, name: str) -> Any:  # Any: a labelled sum
    return func.sum(value).cast(BigInteger).label(name)


def _unknown_agreements() -> Select[Any]:
    """Agreements of which a receipt has no day, or no usable quantity: nobody knows the order."""
    return (
        select(came.c.agreement_id)
        .where(or_(came.c.event_on.is_(None), came.c.usable.is_(None)))
        .distinct()
    )


def _supplies() -> Select[Any]:
    order = (came.c.event_on, came.c.usable, came.c.source_key)
    stop = _running(came.c.usable, came.c.agreement_id, order)
    return select(
        came.c.booked_id, came.c.agreement_id, stop - came.c.usable, stop
    ).where(came.c.agreement_id.not_in(_unknown_agreements()))  # fmt: skip


def _running(value: Expression, of: Expression, order: tuple[Any, ...]) -> Expression:
    return func.sum(value).over(
        partition_by=of, order_by=order, rows=(None, 0)
    ).cast(BigInteger)  # fmt: skip


def _shares() -> Select[Any]:
    """Who serves whom: where the reaches of a receipt and a call-off overlap.

    A receipt of which nothing is usable stands with the call-off that was next. What was
    rejected and returned stands with the last share of its receipt.
    """
    overlaps = and_(supply.c.start < reach.c.stop, supply.c.stop > reach.c.start)
    is_empty = supply.c.start == supply.c.stop
    falls_in = and_(is_empty, supply.c.start >= reach.c.start, supply.c.start < reach.c.stop)
    begin = case((supply.c.start > reach.c.start, supply.c.start), else_=reach.c.start)
    is_last = supply.c.stop <= reach.c.stop
    end = case((is_last, supply.c.stop), else_=reach.c.stop)
    worse = case((came.c.rejected > came.c.returned, came.c.rejected), else_=came.c.returned)
    extra = case((terms.c.accepted_only == 1, worse), else_=came.c.returned)
    rejected = case((is_last, came.c.rejected), (came.c.rejected.is_not(None), 0))
    return (
        select(
            reach.c.line_id,
            Booked.source_key,
            *(getattr(Booked, name) for name in (*DATES, *AS_IT_CAME)),
            end - begin + case((is_last, extra), else_=0),
            rejected,
            case((and_(is_last, came.c.returned > 0), came.c.returned)),
        )
        .select_from(supply)
        .join(reach, and_(reach.c.agreement_id == supply.c.agreement_id, or_(overlaps, falls_in)))
        .join(came, came.c.booked_id == supply.c.booked_id)
        .join(terms, terms.c.agreement_id == supply.c.agreement_id)
        .join(Booked, Booked.id == supply.c.booked_id)
    )


def _unknown_shares() -> Select[Any]:
    columns = Receipt.__table__.c
    return select(
        line.c.line_id,
        literal(UNKNOWN),
        *(null().cast(columns[name].type) for name in (*DATES, *AS_IT_CAME)),
        *(null().cast(BigInteger) for _ in QUANTITIES),
    ).where(line.c.agreement_id.in_(_unknown_agreements()))


def _differences() -> Select[Any]:
    """The lines whose shares are not the receipts that they have."""
    names = ("line_id", "source_key", *DATES, *AS_IT_CAME)
    made = select(*(share.c[name] for name in (*names, *QUANTITIES)))
    stands = (
        select(
            *(getattr(Receipt, name) for name in names),
            *(raw(getattr(Receipt, name)).label(name) for name in QUANTITIES),
        )
        .select_from(agreement)
        .join(CallOff, CallOff.agreement_id == driving(agreement.c.agreement_id))
        .join(Receipt, Receipt.line_id == CallOff.line_id)
    )
    added, gone = except_(made, stands).subquery("added"), except_(stands, made).subquery("gone")
    return select(select(added.c.line_id).union(select(gone.c.line_id)).subquery().c.line_id)


def _fill(session: Session, target: Table, rows: Select[Any]) -> None:
    session.execute(insert(target).from_select([column.name for column in target.c], rows))
    tell_size(session, target)
