"""Judges the touched lines, set-based: what `calc.delivery.judge_line` says, in SQL.

Most lines have one receipt or none and are judged by one statement: what a line's terms
are, what came for it, the verdict. For lines with several each step is a temporary table,
because both engines plan a join of small tables better than one statement of everything.
A test holds every verdict to `judge_line`.

Where delivery rules exist, `rules.choosing` finds each line's first. The default where none
holds: the reference date is the original promise, or where the buyer moved it by agreement
the date it was last moved to; any early day is inside the window and no late one; pieces
have no tolerance, weight and bulk 5 %. What is agreed for a line comes before any rule. A
receipt counts whatever its date: the roll-up says what is known now, and `until` only says
which windows have closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Insert,
    Integer,
    Select,
    SmallInteger,
    String,
    Table,
    and_,
    case,
    func,
    insert,
    null,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from app.base.db import BigKey
from app.facts.deliveries.disputes.models import LineRuling
from app.facts.deliveries.engine_sql import (
    Expression,
    day_number,
    driving,
    flag,
    raw,
    step,
)
from app.facts.deliveries.models import PromiseChange, Receipt
from app.facts.deliveries.rollup_models import VerdictState
from app.facts.deliveries.rules.choosing import find_rules, forget_rules
from app.facts.deliveries.temporary import drop, make, tell_size, temporary
from app.facts.deliveries.terms import (
    ARRIVAL,
    DISPATCH,
    HAND_OVER,
    OTHER_WINDOWS,
    POSTING,
    Asked,
    terms_select,
)
from app.facts.deliveries.touched_lines import Came, touched
from app.facts.deliveries.verdicts import line_columns, verdict_of_many, verdict_of_one


def _term_table(name: str, *more: str) -> Table:
    return temporary(
        name,
        Column("line_id", BigKey, nullable=False),
        *(Column(key, BigKey) for key in ("order_id", "supplier_id", "category_id", "site_id")),
        Column("part_id", BigKey),
        Column("state", SmallInteger),
        Column("reason", String(40)),
        Column("rule", String(40)),
        *(Column(day, Date) for day in ("reference_on", "window_end_on")),
        *(Column(day, Integer) for day in ("reference_day", "ordered_day")),
        *(Column(day, Date) for day in ("requested_on", "original_on", "current_on")),
        # Days from the reference date to the three dates.
        *(Column(days, Integer) for days in ("requested", "original", "current")),
        *(Column(days, Integer) for days in ("early_days", "late_days")),
        *(Column(sum_, BigInteger) for sum_ in ("due", "slack_under", "slack_over", "value")),
        Column("awaited_event", SmallInteger),
        Column("may_split", Integer),
        Column("completes", Integer),
        *(Column(each, Integer) for each in more),
        key="line_id",
    )


def _came_table(name: str, *more: str) -> Table:
    return temporary(
        name,
        Column("line_id", BigKey),
        Column("receipt_line_id", BigKey),
        # The event that counts, the days from the reference date to it and to our dock.
        Column("event_on", Date),
        Column("event", SmallInteger),
        Column("day", Integer),
        Column("dock_day", Integer),
        Column("quantity", BigInteger),
        Column("receipt_completes", Integer),
        *(Column(each, Integer) for each in more),
        # All that had come by the close of the event's day.
        Column("cumulative", BigInteger),
    )


# Lines with several receipts; all others are judged in one go with the one they have.
several = temporary("judged_several", Column("line_id", BigKey, nullable=False), key="line_id")


@dataclass(frozen=True, slots=True)
class _Steps:
    """The steps in their order, and the tables between them: wider with delivery rules."""

    find_several: Insert
    judge_one: Insert
    term: Table
    find_terms: Insert
    came: Table
    find_came: Insert
    judge_many: Insert


_PLAIN = (_term_table("judged_term"), _came_table("judged_receipt"))
_RULED = (
    _term_table("ruled_term", *OTHER_WINDOWS, "accepted_only"),
    _came_table("ruled_receipt", "lacks_rejects"),
)


def judge_touched(session: Session, into: Any, *, until: date) -> None:  # Any: a table
    """Write the verdicts of the touched lines that still exist; windows close up to `until`.

    `into` has the columns of `line_verdict`. What came for the lines was found before.
    """
    is_ruled = find_rules(session, touched)
    asked = Asked(
        rules=is_ruled,
        rulings=session.scalar(select(LineRuling.line_id).limit(1)) is not None,
        moves=session.scalar(select(PromiseChange.id).limit(1)) is not None,
    )
    steps = _steps(into, until, asked)
    make(session, several)
    session.execute(steps.find_several)
    tell_size(session, several)
    session.execute(steps.judge_one)
    if session.scalar(select(several.c.line_id).limit(1)) is not None:
        _judge_several(session, steps)
    drop(session, several)
    if is_ruled:
        forget_rules(session)


def _judge_several(session: Session, steps: _Steps) -> None:
    make(session, steps.term, steps.came)
    session.execute(steps.find_terms)
    tell_size(session, steps.term)
    session.execute(steps.find_came)
    tell_size(session, steps.came)
    session.execute(steps.judge_many)
    drop(session, steps.term, steps.came)


# To put such statements together takes longer than to judge a line.
@lru_cache(maxsize=8)
def _steps(into: Any, until: date, asked: Asked) -> _Steps:  # Any: as above
    term, came = _RULED if asked.rules else _PLAIN
    terms, of_several = (
        terms_select(lines, until=until, asked=asked) for lines in (touched, several)
    )
    return _Steps(
        find_several=_filling(several, _lines_with_several()),
        judge_one=_filling(into, verdict_of_one(_with_their_receipt(terms), until=until)),
        term=term,
        find_terms=_filling(term, of_several),
        came=came,
        find_came=_filling(came, _several_receipts(term)),
        judge_many=_filling(into, verdict_of_many(term, came, until=until)),
    )


def _filling(target: Table, rows: Select[Any]) -> Insert:  # Any: rows of any shape
    names = list(rows.selected_columns.keys())
    return insert(target).from_select(names, rows, include_defaults=False)


def _lines_with_several() -> Select[Any]:
    return select(Came.line_id).group_by(Came.line_id).having(func.count() > 1)


def _with_their_receipt(terms: Select[Any]) -> Any:  # Any: SQLAlchemy's subquery of many columns
    """The lines with at most one receipt, by their terms, beside it."""
    line_id = terms.selected_columns.line_id
    term = step(terms.where(line_id.not_in(select(several.c.line_id))))
    reversed_ = aliased(Receipt, name="reversed_receipt")
    receipt = _receipt_columns(term, reversed_)
    return step(
        select(
            *(term.c[name] for name in line_columns(term.c)),
            *(column.label(name) for name, column in receipt.items()),
            func.coalesce(receipt["quantity"], 0).label("cumulative"),
        )
        .select_from(term)
        .outerjoin(Came, and_(Came.line_id == driving(term.c.line_id), _counts(term)))
        .outerjoin(reversed_, reversed_.id == Came.reverses_receipt_id)
    )


def _several_receipts(term: Table) -> Select[Any]:
    """The receipts of lines with several, with what had come by the close of each day."""
    reversed_ = aliased(Receipt, name="reversed_receipt")
    receipt = _receipt_columns(term, reversed_)
    rows = step(
        select(term.c.line_id, *(column.label(name) for name, column in receipt.items()))
        .select_from(term)
        .outerjoin(Came, and_(Came.line_id == driving(term.c.line_id), _counts(term)))
        .outerjoin(reversed_, reversed_.id == Came.reverses_receipt_id)
    ).c
    by_close = func.sum(func.coalesce(rows.quantity, 0)).over(
        partition_by=rows.line_id, order_by=rows.event_on
    )
    return select(*rows, by_close.cast(BigInteger).label("cumulative"))


def _receipt_columns(term: Any, reversed_: Any) -> dict[str, Any]:
    """A receipt on the day of the event that its line awaits.

    Any: a table or subquery of terms, an alias of Receipt; expressions.
    """

    def day(name: str) -> Expression:
        own, other = getattr(Came, name), getattr(reversed_, name)
        return case((Came.reverses_receipt_id.is_(None), own), else_=other)

    ready, dispatched, arrived, posted = (
        day(name) for name in ("ready_on", "dispatched_on", "arrived_on", "posted_on")
    )
    by_hand_over = term.c.awaited_event <= HAND_OVER
    by_dispatch = term.c.awaited_event <= DISPATCH
    quantity = {"quantity": raw(Came.quantity) - _came_back()}
    if "accepted_only" in term.c:
        # Only a rule can ask for the posting alone, and for accepted goods alone.
        arrived = case((term.c.awaited_event <= ARRIVAL, arrived))
        quantity = _usable(term, reversed_)
    event_on = func.coalesce(
        case((by_hand_over, ready)), case((by_dispatch, dispatched)), arrived, posted
    )
    return {
        "receipt_line_id": Came.line_id,
        "event_on": event_on,
        "event": case(
            (and_(by_hand_over, ready.is_not(None)), HAND_OVER),
            (and_(by_dispatch, dispatched.is_not(None)), DISPATCH),
            (arrived.is_not(None), ARRIVAL),
            (posted.is_not(None), POSTING),
        ),
        "day": day_number(event_on) - term.c.reference_day,
        "dock_day": day_number(func.coalesce(day("arrived_on"), posted)) - term.c.reference_day,
        **quantity,
        "receipt_completes": flag(Came.completes_line),
    }


def _came_back() -> Expression:
    return func.coalesce(raw(Came.quantity_returned), 0)


def _usable(term: Any, reversed_: Any) -> dict[str, Any]:  # Any: as above
    """What a receipt contributes under its line's rule, and whether its rejects are lacking.

    Accepted goods alone: less what was rejected or came back, whichever is more, because
    rejected goods that went back are counted once. A reversal of a whole receipt takes back
    its rejects too; one that says nothing of them, and is of a part, takes back accepted goods.
    """
    quantity, came_back, said = raw(Came.quantity), _came_back(), Came.quantity_rejected
    is_own = Came.reverses_receipt_id.is_(None)
    is_whole = quantity == -raw(reversed_.quantity)
    rejected = case(
        (or_(is_own, said.is_not(None)), raw(said)),
        (is_whole, -raw(reversed_.quantity_rejected)),
        else_=0,
    )
    taken_off = case(
        (rejected.is_(None), null()),
        (and_(is_own, rejected < came_back), came_back),
        else_=rejected,
    )
    counts_accepted = term.c.accepted_only == 1
    lacks = and_(counts_accepted, quantity.is_not(None), rejected.is_(None))
    return {
        "quantity": case((counts_accepted, quantity - taken_off), else_=quantity - came_back),
        "lacks_rejects": flag(lacks),
    }


def _counts(term: Any) -> Expression:  # Any: as above
    """A receipt says something of a line that counts itself.

    One without a quantity vanishes with the reversal that names it.
    """
    reversal = aliased(Receipt, name="reversal")
    is_reversed = (
        select(reversal.id)
        .where(reversal.line_id == Came.line_id, reversal.reverses_receipt_id == Came.id)
        .correlate(Came)
        .exists()
    )
    stands = or_(
        Came.quantity.is_not(None),
        and_(Came.reverses_receipt_id.is_(None), ~is_reversed),
    )
    return and_(term.c.state > int(VerdictState.EXCLUDED), stands)
