"""Finds the rule of each touched line, set-based, and its window where that needs a calendar.

The rule that held on the day the line was ordered judges it, the most specific first; its
own terms are put in before it. Business days are worked out by `calc.calendars`, once for
each date, calendar and window that occurs, and looked up from there: SQL counts none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import (
    Column,
    Date,
    Integer,
    Select,
    SmallInteger,
    String,
    Table,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    text,
    true,
    update,
)
from sqlalchemy.orm import Session

from app.base.db import BigKey
from app.calc.calendars import BusinessCalendar, due_windows
from app.calc.delivery_rules import DayCount, ReferenceDate, RuleScope
from app.calc.incoterms import DeliveryEvent
from app.facts.deliveries.disputes.models import LineRuling
from app.facts.deliveries.engine_sql import Expression, driving, flag, step
from app.facts.deliveries.models import ChangedBy, PromiseChange, PurchaseOrder
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.rules import book
from app.facts.deliveries.rules.models import DeliveryRule as Rule
from app.facts.deliveries.temporary import drop, make, temporary
from app.facts.suppliers import calendars
from app.facts.suppliers.models import Site

# The most specific first.
PLACES = (
    RuleScope.CONTRACT, RuleScope.PART, RuleScope.SUPPLIER, RuleScope.CATEGORY, RuleScope.DEFAULT,
)  # fmt: skip
# The events in the order in which they happen, as `terms` numbers them.
EVENT_NUMBERS = {event.value: place for place, event in enumerate(DeliveryEvent, start=1)}
# Stands for “any early day” in a key, where NULLs would not be equal.
ANY_DAY = -1
WINDOWS_AT_ONCE = 5_000

# Which rule holds at a place on a day: at most one.
span = temporary(
    "rule_span",
    Column("place", SmallInteger, nullable=False),
    Column("key_id", BigKey, nullable=False),
    Column("contract", String(200), nullable=False),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date, nullable=False),
    Column("rule_id", BigKey, nullable=False),
    key=("place", "key_id", "contract", "from_on"),
    is_told=False,
)
# The touched lines that a rule judges, with the rule's terms and the line's own before them.
line_rule = temporary(
    "line_rule",
    Column("line_id", BigKey, nullable=False),
    Column("rule", String(40), nullable=False),
    Column("reference_on", Date),
    Column("awaited_event", SmallInteger),
    Column("early_days", Integer),
    Column("late_days", Integer, nullable=False),
    # The calendar whose days are counted; null: calendar days.
    Column("calendar_id", BigKey),
    Column("under", Integer),
    Column("over", Integer),
    Column("may_split", Integer, nullable=False),
    Column("accepted_only", Integer, nullable=False),
    key="line_id",
)
# A window counted in business days around one date, told in calendar days.
window = temporary(
    "business_window",
    Column("day", Date, nullable=False),
    Column("calendar_id", BigKey, nullable=False),
    Column("early_days", Integer, nullable=False),
    Column("late_days", Integer, nullable=False),
    Column("opens_before", Integer),
    Column("closes_after", Integer, nullable=False),
    key=("day", "calendar_id", "early_days", "late_days"),
)
_TABLES = [span, line_rule, window]
Days = Sequence[date]


def find_rules(session: Session, touched: Table) -> bool:
    """Note the rule of every touched line in `line_rule`; False where no rule exists at all.

    Nothing is made then, and nothing has to be dropped with `forget_rules`.
    """
    rules = book.every_rule(session)
    if not rules:
        return False
    make(session, *_TABLES)
    scopes = _fill_spans(session, rules)
    found = _chosen(touched, scopes)
    session.execute(insert(line_rule).from_select(list(found.selected_columns.keys()), found))
    _let_rulings_move_dates(session)
    if any(rule.day_count == DayCount.BUSINESS for rule in rules):
        _fill_windows(session)
    for table in _TABLES:
        # allowed: built-sql: the name of our own table
        session.execute(text(f"ANALYZE {table.name}"))
    return True


def forget_rules(session: Session) -> None:
    """Drop what `find_rules` made."""
    drop(session, *_TABLES)


def agreed_with_buyer() -> Expression:
    """Return the date to which the buyer last moved a line's promise by agreement."""
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


def day_of_rules() -> Expression:
    """Return the day whose rules hold for a line: when it was ordered, else its first date."""
    return func.coalesce(
        Line.ordered_on,
        PurchaseOrder.ordered_on,
        Line.promised_original_on,
        Line.requested_on,
        Line.promised_current_on,
    )


def window_around(day: Any, rule: Any, windows: Any) -> Expression:  # Any: columns
    """Return the condition that joins the window of a ruled line around one of its dates."""
    return and_(
        windows.day == day,
        windows.calendar_id == rule.calendar_id,
        windows.early_days == func.coalesce(rule.early_days, ANY_DAY),
        windows.late_days == rule.late_days,
    )


def is_another(day: Any, rule: Table) -> Expression:  # Any: a mapped attribute
    """Return the condition that a line's date is not the one it is judged against.

    Most are: then one window does for both, and looking it up again would cost.
    """
    return func.coalesce(day != rule.c.reference_on, true())


def _let_rulings_move_dates(session: Session) -> None:
    """Put the date that a ruling on a dispute set in the place of the rule's."""
    ruled = (
        select(LineRuling.reference_on)
        .where(LineRuling.line_id == line_rule.c.line_id)
        .scalar_subquery()
    )
    moved = select(LineRuling.line_id).where(LineRuling.reference_on.is_not(None))
    session.execute(
        update(line_rule).where(line_rule.c.line_id.in_(moved)).values(reference_on=ruled)
    )


def _fill_spans(session: Session, rules: Sequence[Rule]) -> list[RuleScope]:
    """Write down which rule holds where and when; return the scopes that have one."""
    has_categories = any(rule.scope == RuleScope.CATEGORY for rule in rules)
    parents = book.parents_of_categories(session) if has_categories else {}
    spans = book.spans_of(rules, parents)
    rows = [
        {
            "place": PLACES.index(each.scope),
            "key_id": each.key,
            "contract": each.contract,
            "from_on": each.from_on,
            "to_on": each.to_on,
            "rule_id": each.rule_id,
        }
        for each in spans
    ]
    if rows:
        session.connection().execute(insert(span), rows)
    present = {each.scope for each in spans}
    return [scope for scope in PLACES if scope in present]


def _chosen(touched: Table, scopes: Sequence[RuleScope]) -> Select[Any]:
    """Return the rows of `line_rule`."""
    day = day_of_rules()
    places = {scope: span.alias(f"{scope.value}_span") for scope in scopes}
    rule_ids = [place.c.rule_id for place in places.values()]
    columns: list[Any] = [
        Line.id.label("line_id"),
        func.coalesce(*rule_ids, literal(0)).label("rule_id"),
    ]
    found = (
        select(*columns)
        .select_from(touched)
        .join(Line, Line.id == driving(touched.c.line_id))
        .outerjoin(PurchaseOrder, PurchaseOrder.id == Line.order_id)
    )
    for scope, place in places.items():
        held = and_(place.c.from_on <= day, place.c.to_on >= day)
        is_its = and_(place.c.place == PLACES.index(scope), *_keys(scope, place.c), held)
        found = found.outerjoin(place, is_its)
    return _termed(step(found))


def _keys(scope: RuleScope, place: Any) -> list[Expression]:  # Any: columns
    if scope is RuleScope.CONTRACT:
        return [
            place.key_id == Line.supplier_id,
            place.contract == PurchaseOrder.contract_reference,
        ]
    keys = {
        RuleScope.PART: Line.part_id,
        RuleScope.SUPPLIER: Line.supplier_id,
        RuleScope.CATEGORY: Line.category_id,
        RuleScope.DEFAULT: literal(0),
    }
    return [place.key_id == keys[scope]]


def _termed(found: Any) -> Select[Any]:  # Any: a subquery of lines and keys of rules
    """Return each line's rule with the line's own terms put in."""
    moved = agreed_with_buyer()
    columns: dict[str, Any] = {
        "line_id": Line.id,
        "rule": Rule.label + literal(" v") + cast(Rule.version, String(10)),
        "reference_on": case(
            (Rule.reference == ReferenceDate.CURRENT, Line.promised_current_on),
            (Rule.reference == ReferenceDate.REQUESTED, func.coalesce(moved, Line.requested_on)),
            else_=func.coalesce(moved, Line.promised_original_on),
        ),
        "awaited_event": case(EVENT_NUMBERS, value=Rule.event),
        "early_days": func.coalesce(Line.early_days, Rule.early_days),
        "late_days": func.coalesce(Line.late_days, Rule.late_days),
        "calendar_id": case(
            (
                Rule.day_count == DayCount.BUSINESS,
                func.coalesce(Site.calendar_id, calendars.NO_CALENDAR),
            )
        ),
        "under": func.coalesce(Line.under_millionths, Rule.under_millionths),
        "over": func.coalesce(Line.over_millionths, Rule.over_millionths),
        "may_split": flag(func.coalesce(Line.is_split_allowed, Rule.is_split_allowed)),
        "accepted_only": flag(Rule.accepted_only),
    }
    return (
        select(*(column.label(name) for name, column in columns.items()))
        .select_from(found)
        .join(Rule, Rule.id == found.c.rule_id)
        .join(Line, Line.id == driving(found.c.line_id))
        .outerjoin(Site, and_(Site.id == Line.site_id, Site.supplier_id.is_(None)))
    )


def _fill_windows(session: Session) -> None:
    """Work out every window that occurs among the ruled lines, each once."""
    asked: dict[tuple[int, int, int], list[date]] = defaultdict(list)
    for calendar_id, early, late, day in session.execute(_occurring()):
        asked[calendar_id, early, late].append(day)
    known = calendars.business_calendars(session)
    connection = session.connection()
    for (calendar_id, early, late), days in asked.items():
        key = {"calendar_id": calendar_id, "early_days": early, "late_days": late}
        for rows in _windows(known[calendar_id], days, early=early, late=late):
            connection.execute(insert(window), [key | row for row in rows])


def _occurring() -> Select[Any]:
    """Return every (calendar, early, late, date) for which a window is needed."""
    r = line_rule.c
    key = (r.calendar_id, func.coalesce(r.early_days, ANY_DAY).label("early"), r.late_days)
    ruled = line_rule.join(Line, Line.id == driving(r.line_id))
    some = [select(*key, r.reference_on.label("day")).select_from(line_rule)]
    some += [
        select(*key, day.label("day")).select_from(ruled).where(is_another(day, line_rule))
        for day in (Line.requested_on, Line.promised_original_on, Line.promised_current_on)
    ]
    some = [
        each.where(r.calendar_id.is_not(None), each.selected_columns.day.is_not(None)).distinct()
        for each in some
    ]
    found: Select[Any] = some[0].union(*some[1:]).subquery().select()
    return found


def _windows(
    calendar: BusinessCalendar, days: Days, *, early: int, late: int
) -> Iterable[list[dict[str, Any]]]:  # Any: dates and numbers
    for start in range(0, len(days), WINDOWS_AT_ONCE):
        some = days[start : start + WINDOWS_AT_ONCE]
        references = np.array(some, dtype="datetime64[D]")
        opens, closes = due_windows(
            calendar, references, early_days=None if early == ANY_DAY else early, late_days=late
        )
        after = (closes - references).astype(int).tolist()
        before = [None] * len(some) if opens is None else (references - opens).astype(int).tolist()
        yield [
            {"day": day, "opens_before": opened, "closes_after": closed}
            for day, opened, closed in zip(some, before, after, strict=True)
        ]
