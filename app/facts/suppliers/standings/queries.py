"""Reads of standings: which holds on a day, what it follows for orders, its history.

Of the decisions that hold on a day the one that began last counts, but a block yields only to
what was decided after it. Where none was decided, the status of the master record stands in. A
merged supplier has the standing of the one it goes by.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.base import formatting
from app.facts.suppliers.models import Supplier, SupplierKind, SupplierStatus
from app.facts.suppliers.queries import effective_id
from app.facts.suppliers.standings.models import (
    OrderException,
    Origin,
    Standing,
    State,
    SupplierStanding,
)

WORDS: Mapping[str, str] = {str(status): str(status).replace("_", " ") for status in SupplierStatus}
# What a person may decide, best first.
CHOICES: Mapping[str, str] = {str(each): WORDS[each] for each in Standing}
ONE_DAY = timedelta(days=1)


class Answer(StrEnum):
    """Whether one may order: freely, with a warning, or not at all."""

    YES = "yes"
    WARN = "warn"
    NO = "no"


ANSWERS: Mapping[str, Answer] = {
    SupplierStatus.PREFERRED: Answer.YES,
    SupplierStatus.APPROVED: Answer.YES,
    SupplierStatus.IMPROVEMENT_PLAN: Answer.YES,
    SupplierStatus.RESTRICTED: Answer.WARN,
    SupplierStatus.PROSPECT: Answer.WARN,
    SupplierStatus.QUALIFYING: Answer.WARN,
    SupplierStatus.BLOCKED: Answer.NO,
    SupplierStatus.EXITED: Answer.NO,
}
CONSEQUENCES: Mapping[str, str] = {
    SupplierStatus.IMPROVEMENT_PLAN: "an improvement plan is due within 30 days",
    SupplierStatus.RESTRICTED: "no new business; look for a second source",
    SupplierStatus.PROSPECT: "it is not approved yet",
    SupplierStatus.QUALIFYING: "it is not approved yet",
    SupplierStatus.BLOCKED: "order nothing without an exception",
    SupplierStatus.EXITED: "we buy nothing there any more",
}


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A standing that was decided. `is_waiting`: it needs another person's agreement still."""

    id: int
    public_id: UUID
    supplier_id: int
    standing: str
    from_on: date
    until_on: date | None
    origin: str
    grade: str | None
    score: float | None
    reason: str
    state: str
    decided_by: str
    decided_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    status_before: str | None

    @property
    def words(self) -> str:
        """The standing as people say it."""
        return WORDS[self.standing]

    @property
    def is_override(self) -> bool:
        """Whether a person decided against what the grade proposed, or without one."""
        return self.origin == Origin.OVERRIDE

    def holds_on(self, day: date) -> bool:
        """Tell whether it was confirmed for a day."""
        is_within = self.from_on <= day and (self.until_on is None or day <= self.until_on)
        return self.state == State.CONFIRMED and is_within


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """An exception from a block. `last_on` is the last day on which it holds."""

    id: int
    public_id: UUID
    supplier_id: int
    buyer: str
    from_on: date
    until_on: date
    reason: str
    state: str
    asked_by: str
    asked_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    ended_on: date | None
    ended_by: str | None
    ended_because: str | None

    @property
    def last_on(self) -> date:
        """The last day on which it holds."""
        return self.until_on if self.ended_on is None else min(self.until_on, self.ended_on)

    def holds_on(self, day: date) -> bool:
        """Tell whether it was agreed for a day and not ended before."""
        return self.state == State.CONFIRMED and self.from_on <= day <= self.last_on


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What holds for orders from a supplier on a day, and why.

    `since` and `until` are None where the master record says it. `exception` lets somebody
    order from a blocked supplier.
    """

    answer: Answer
    standing: str
    since: date | None
    until: date | None
    reason: str
    exception: ExceptionRow | None = None

    @property
    def words(self) -> str:
        """The standing as people say it."""
        return WORDS[self.standing]

    @property
    def consequence(self) -> str:
        """What follows from the standing, in words; empty where nothing does."""
        return CONSEQUENCES.get(self.standing, "")

    @property
    def told(self) -> dict[str, object]:
        """What programs are told: plain values, days in ISO form."""
        allowed = self.exception
        return {
            "answer": str(self.answer),
            "standing": self.standing,
            "since": None if self.since is None else self.since.isoformat(),
            "until": None if self.until is None else self.until.isoformat(),
            "reason": self.reason,
            "exception": None
            if allowed is None
            else {
                "buyer": allowed.buyer,
                "until": allowed.last_on.isoformat(),
                "approved_by": allowed.approved_by,
            },
        }

    @property
    def is_warning(self) -> bool:
        """Whether somebody who works with the supplier must be told."""
        return self.answer is not Answer.YES or self.standing == SupplierStatus.IMPROVEMENT_PLAN


def terms_on(session: Session, supplier_id: int, day: date) -> OrderTerms:
    """Return what holds for orders from a supplier on a day."""
    row = session.execute(
        select(effective_id(), Supplier.status).where(Supplier.id == supplier_id)
    ).one()
    owner = int(row[0])
    status = row[1]
    if owner != supplier_id:
        status = session.scalars(select(Supplier.status).where(Supplier.id == owner)).one()
    history = history_of(session, owner)
    found = next((e for e in exceptions_of(session, owner) if e.holds_on(day)), None)
    return terms_from(held_on(history, day), status_without(history, status), found)


def held_on(history: Collection[StandingRow], day: date) -> StandingRow | None:
    """Return which of a supplier's decisions counts on a day, None where none holds."""
    holding = [row for row in history if row.holds_on(day)]
    # Whoever agreed to a block did not agree to an end that somebody had planned before.
    block = max((row.id for row in holding if row.standing == Standing.BLOCKED), default=0)
    counting = [row for row in holding if row.id >= block]
    return max(counting, key=lambda row: (row.from_on, row.id), default=None)


def lifts_block(
    history: Collection[StandingRow], status: str, *, from_on: date, until_on: date | None
) -> bool:
    """Tell whether another decision for some days would end a block on one of them."""
    confirmed = [row for row in history if row.state == State.CONFIRMED]
    edges = {from_on} | {row.from_on for row in confirmed}
    edges |= {row.until_on + ONE_DAY for row in confirmed if row.until_on is not None}
    for day in edges:
        if day < from_on or (until_on is not None and day > until_on):
            continue
        held = held_on(confirmed, day)
        standing = status_without(confirmed, status) if held is None else held.standing
        # A block that begins later stands against it.
        if standing == Standing.BLOCKED and (held is None or held.from_on <= from_on):
            return True
    return False


def status_without(history: Collection[StandingRow], status: str) -> str:
    """Return the status of days on which no decision holds: that before the first one.

    A present status that some decision gave says nothing of the days without one. Any other
    was told by the master record since, which wins: a supplier that left stays gone.
    """
    confirmed = [row for row in history if row.state == State.CONFIRMED]
    first = min(confirmed, key=lambda row: (row.from_on, row.id), default=None)
    if first is None or status not in {row.standing for row in confirmed}:
        return status
    return first.status_before or status


def blocked_spans(history: Collection[StandingRow], *, until: date) -> list[tuple[date, date]]:
    """Return the runs of days on which decisions blocked a supplier, up to a day."""
    edges = {row.from_on for row in history if row.state == State.CONFIRMED}
    edges |= {row.until_on + ONE_DAY for row in history if row.until_on is not None}
    starts = sorted(day for day in edges if day <= until)
    ends = [*(day - ONE_DAY for day in starts[1:]), until][: len(starts)]
    return [
        (first, last)
        for first, last in zip(starts, ends, strict=True)
        if (held := held_on(history, first)) is not None and held.standing == Standing.BLOCKED
    ]


def history_of(session: Session, supplier_id: int) -> list[StandingRow]:
    """Return every decision on a supplier's standing, the newest first."""
    rows = session.scalars(
        select(SupplierStanding)
        .where(SupplierStanding.supplier_id == supplier_id)
        .order_by(SupplierStanding.from_on.desc(), SupplierStanding.id.desc())
    )
    return [standing_row(row) for row in rows]


def exceptions_of(session: Session, supplier_id: int) -> list[ExceptionRow]:
    """Return every exception for a supplier, the newest first."""
    rows = session.scalars(
        select(OrderException)
        .where(OrderException.supplier_id == supplier_id)
        .order_by(OrderException.from_on.desc(), OrderException.id.desc())
    )
    return [exception_row(row) for row in rows]


def running_exceptions(session: Session, day: date) -> list[ExceptionRow]:
    """Return the exceptions that hold on a day, those that end first before the others."""
    rows = session.scalars(
        select(OrderException).where(
            OrderException.state == State.CONFIRMED,
            OrderException.from_on <= day,
            OrderException.until_on >= day,
        )
    )
    found = [row for row in map(exception_row, rows) if row.holds_on(day)]
    return sorted(found, key=lambda row: (row.last_on, row.id))


def standings_on(session: Session, day: date) -> dict[int, StandingRow]:
    """Return by supplier the decision that counts on a day; who has none is absent."""
    rows = session.scalars(
        select(SupplierStanding)
        .where(
            SupplierStanding.state == State.CONFIRMED,
            SupplierStanding.from_on <= day,
            or_(SupplierStanding.until_on.is_(None), SupplierStanding.until_on >= day),
        )
        .order_by(SupplierStanding.from_on, SupplierStanding.id)
    )
    holding: dict[int, list[StandingRow]] = defaultdict(list)
    for row in rows:
        holding[row.supplier_id].append(standing_row(row))
    found = {key: held_on(own, day) for key, own in holding.items()}
    return {key: held for key, held in found.items() if held is not None}


def standing_words(status: str, held: StandingRow | None) -> str:
    """Return a standing with consequences as a sentence for paper, empty for any other.

    Says since when, not why: the paper may go to the supplier.
    """
    terms = terms_from(held, status, None)
    if not terms.is_warning:
        return ""
    since = "" if terms.since is None else f" since {formatting.day(terms.since)}"
    until = "" if terms.until is None else f" until {formatting.day(terms.until)}"
    return f"Standing: {terms.words}{since}{until}."


def standing_words_on(session: Session, statuses: Mapping[int, str], day: date) -> dict[int, str]:
    """Return by supplier what `standing_words` says of a day; `statuses` are the present ones.

    What was decided for a later day is not told: the paper speaks of its own as-of day.
    """
    rows = session.scalars(
        select(SupplierStanding).where(
            SupplierStanding.state == State.CONFIRMED, SupplierStanding.supplier_id.in_(statuses)
        )
    )
    history: dict[int, list[StandingRow]] = defaultdict(list)
    for row in rows:
        history[row.supplier_id].append(standing_row(row))
    return {
        key: standing_words(status_without(history[key], status), held_on(history[key], day))
        for key, status in statuses.items()
    }


def strict_on(session: Session, day: date) -> dict[int, OrderTerms]:
    """Return by supplier what holds for orders from those restricted or blocked on a day."""
    strict = (Standing.RESTRICTED, Standing.BLOCKED)
    held = standings_on(session, day)
    rows = session.execute(
        select(Supplier.id, Supplier.status).where(
            Supplier.kind == SupplierKind.SUPPLIER, effective_id() == Supplier.id
        )
    )
    present = {
        key: status
        for key, status in rows
        if (held[key].standing if key in held else status) in strict
    }
    exceptions = {row.supplier_id: row for row in running_exceptions(session, day)}
    return {
        key: terms_from(held.get(key), status, exceptions.get(key))
        for key, status in present.items()
    }


def standing_row(row: SupplierStanding) -> StandingRow:
    """Return a stored decision as pages show it."""
    return StandingRow(
        row.id, row.public_id, row.supplier_id, row.standing, row.from_on, row.until_on,
        row.origin, row.grade, row.score, row.reason, row.state, row.decided_by, row.decided_at,
        row.approved_by, row.approved_at, row.status_before,
    )  # fmt: skip


def exception_row(row: OrderException) -> ExceptionRow:
    """Return a stored exception as pages show it."""
    return ExceptionRow(
        row.id, row.public_id, row.supplier_id, row.buyer, row.from_on, row.until_on, row.reason,
        row.state, row.asked_by, row.asked_at, row.approved_by, row.approved_at, row.ended_on,
        row.ended_by, row.ended_because,
    )  # fmt: skip


def terms_from(held: StandingRow | None, status: str, exception: ExceptionRow | None) -> OrderTerms:
    """Return what holds for orders: by a decision, else by a status, unless an exception does."""
    standing = status if held is None else held.standing
    answer = ANSWERS[standing]
    if answer is Answer.YES or standing != Standing.BLOCKED:
        exception = None
    since, until = (None, None) if held is None else (held.from_on, held.until_on)
    reason = "The master record says so." if held is None else held.reason
    if exception is not None:
        answer = Answer.WARN
        reason = (
            f"{exception.buyer} may order until {formatting.day(exception.last_on)}: "
            f"{exception.reason}"
        )
    return OrderTerms(answer, standing, since, until, reason, exception)
