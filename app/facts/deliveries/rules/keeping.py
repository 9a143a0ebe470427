"""Writes delivery rules: add, follow by another version from a day, end, withdraw.

Two rules that could judge the same line are refused. Nothing here judges a line again:
`rejudging` does, for the reach that each of these returns.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base import formatting
from app.base.db import is_sqlite
from app.base.errors import Conflict, InvalidInput, NotFound
from app.calc.delivery_rules import DayCount, ReferenceDate, RuleScope
from app.facts.deliveries.rules import book
from app.facts.deliveries.rules.models import KEYS, DeliveryRule
from app.facts.deliveries.rules.reach import Reach
from app.facts.suppliers.models import Category, Part, Supplier

ONE_DAY = timedelta(days=1)
# One writer of rules at a time, so that no two can add what meets.
KEEPER_LOCK = 7_020_306
SAME_PLACE = {
    RuleScope.DEFAULT: "everything",
    RuleScope.CATEGORY: "the same category",
    RuleScope.SUPPLIER: "the same supplier",
    RuleScope.PART: "the same part",
    RuleScope.CONTRACT: "the same contract",
}


@dataclass(frozen=True, slots=True)
class Place:
    """What a rule is for, as people name it: by number or name. Empty is not given."""

    scope: RuleScope
    category: str = ""
    supplier: str = ""
    part: str = ""
    contract: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule's terms and days."""

    valid_from: date | None = None
    valid_to: date | None = None
    reference: ReferenceDate = ReferenceDate.ORIGINAL
    event: str | None = None
    early_days: int | None = None
    late_days: int = 0
    day_count: DayCount = DayCount.CALENDAR
    under_millionths: int | None = None
    over_millionths: int | None = None
    is_split_allowed: bool = True
    accepted_only: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule as it was written, and the lines that it may judge otherwise."""

    public_id: UUID
    name: str
    reach: Reach


def add(session: Session, label: str, place: Place, draft: Draft) -> Kept:
    """Add a rule; raises where a label or a place's name is wrong, or where two would hold."""
    _alone(session)
    taken = select(DeliveryRule.id).where(func.lower(DeliveryRule.label) == label.lower())
    if session.scalar(taken.limit(1)) is not None:
        raise Conflict(
            "E-RUL-02",
            f"A rule is called “{label}” already. Change that one, or take another name.",
        )
    rule = DeliveryRule(label=label, version=1, scope=place.scope, **_keys(session, place))
    _write(session, rule, draft)
    return Kept(rule.public_id, book.name_of(rule), Reach.of_rule(rule))


def follow(session: Session, public_id: UUID, draft: Draft) -> Kept:
    """Let another version of a rule begin on `draft.valid_from`; the present one ends before."""
    _alone(session)
    older = _newest(session, public_id)
    begins = draft.valid_from
    first, last = book.days_of(older)
    if begins is None or begins <= first:
        raise InvalidInput(
            "E-RUL-03",
            f"“{book.name_of(older)}” begins on {formatting.day(older.valid_from)}; another "
            "version begins later. To replace it wholly, withdraw it.",
        )
    older.valid_to = min(last, begins - ONE_DAY)
    rule = DeliveryRule(label=older.label, version=older.version + 1, scope=older.scope)
    for name in KEYS:
        setattr(rule, name, getattr(older, name))
    session.flush()
    _write(session, rule, draft)
    end = None if draft.valid_to is None else max(last, draft.valid_to)
    return Kept(rule.public_id, book.name_of(rule), Reach.of_rule(rule).until(end))


def end(session: Session, public_id: UUID, *, on: date) -> Kept:
    """Let a rule hold for orders up to a day and no longer."""
    _alone(session)
    rule = _rule(session, public_id)
    first, last = book.days_of(rule)
    if not first <= on < last:
        raise InvalidInput(
            "E-RUL-04",
            f"“{book.name_of(rule)}” holds {_days(first, last)}; its last day must lie in that, "
            "before its present end. To take it back wholly, withdraw it.",
        )
    reach = Reach.of_rule(rule, from_on=on + ONE_DAY)
    rule.valid_to = on
    session.flush()
    return Kept(rule.public_id, book.name_of(rule), reach)


def withdraw(session: Session, public_id: UUID) -> Kept:
    """Take a rule back as if it had never held; the audit log keeps what it said."""
    _alone(session)
    rule = _rule(session, public_id)
    kept = Kept(rule.public_id, book.name_of(rule), Reach.of_rule(rule))
    session.delete(rule)
    session.flush()
    return kept


def _write(session: Session, rule: DeliveryRule, draft: Draft) -> None:
    for name in Draft.__dataclass_fields__:
        setattr(rule, name, getattr(draft, name))
    if rule.valid_from and rule.valid_to and rule.valid_to < rule.valid_from:
        raise InvalidInput(
            "E-RUL-05",
            f"The last day {formatting.day(rule.valid_to)} lies before the first, "
            f"{formatting.day(rule.valid_from)}.",
        )
    _refuse_overlap(session, rule)
    session.add(rule)
    session.flush()


def _refuse_overlap(session: Session, rule: DeliveryRule) -> None:
    first, last = book.days_of(rule)
    for other in book.every_rule(session):
        others_first, others_last = book.days_of(other)
        met = max(first, others_first)
        if book.place_of(other) == book.place_of(rule) and met <= min(last, others_last):
            when = "from the beginning" if met == book.FIRST_DAY else f"on {formatting.day(met)}"
            same = SAME_PLACE[RuleScope(rule.scope)]
            raise Conflict(
                "E-RUL-06",
                f"“{book.name_of(other)}” and “{book.name_of(rule)}” would both hold {when}, for "
                f"{same}. End one before the other begins.",
            )


def _keys(session: Session, place: Place) -> dict[str, object]:
    """Return the columns of what a place names; raises where a name is not known."""
    keys: dict[str, object] = {}
    if place.scope is RuleScope.CATEGORY:
        keys["category_id"] = _known(session, Category, Category.name, place.category, "category")
    if place.scope is RuleScope.PART:
        keys["part_id"] = _known(session, Part, Part.number, place.part, "part")
    if place.scope in (RuleScope.SUPPLIER, RuleScope.CONTRACT):
        keys["supplier_id"] = _known(
            session, Supplier, Supplier.number, place.supplier, "supplier number"
        )
    if place.scope is RuleScope.CONTRACT:
        if not place.contract:
            raise InvalidInput("E-RUL-08", "Name the contract, as its orders do.")
        keys["contract_reference"] = place.contract
    return keys


def _known(
    session: Session,
    model: type[Category | Part | Supplier],
    column: object,
    name: str,
    noun: str,
) -> int:
    found: int | None = None
    if name:
        found = session.scalar(select(model.id).where(column == name))  # type: ignore[arg-type]  # a mapped column
    if found is None:
        raise InvalidInput("E-RUL-07", f"There is no {noun} “{name}”. Write it as the lists do.")
    return found


def _rule(session: Session, public_id: UUID) -> DeliveryRule:
    rule = session.scalar(select(DeliveryRule).where(DeliveryRule.public_id == public_id))
    if rule is None:
        raise NotFound("E-RUL-01", "There is no such delivery rule.")
    return rule


def _newest(session: Session, public_id: UUID) -> DeliveryRule:
    rule = _rule(session, public_id)
    newer = select(DeliveryRule.version).where(
        DeliveryRule.label == rule.label, DeliveryRule.version > rule.version
    )
    if session.scalar(newer.limit(1)) is not None:
        raise Conflict("E-RUL-09", f"“{book.name_of(rule)}” has a later version. Change that one.")
    return rule


def _days(first: date, last: date) -> str:
    begin = "always" if first == book.FIRST_DAY else f"from {formatting.day(first)}"
    return begin if last == book.LAST_DAY else f"{begin} to {formatting.day(last)}"


def _alone(session: Session) -> None:
    if not is_sqlite(session):
        session.execute(select(func.pg_advisory_xact_lock(KEEPER_LOCK)))
