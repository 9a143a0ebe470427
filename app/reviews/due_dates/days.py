"""What a date is: a day on which something ends, is due or takes place, and where it stands.

A feature that keeps dates tells them by a `Source`; `sources` names them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from enum import StrEnum

from sqlalchemy.orm import Session

from app.facts.suppliers.directory import SupplierName

# From here on a date draws the eye [days before].
SOON, SOON_CRITICAL = 30, 90


class Kind(StrEnum):
    """What kind of date it is; the order in which people choose and several of a day stand."""

    NOTICE = "notice"
    THEIR_NOTICE = "their_notice"
    CONTRACT = "contract"
    OVERLOOKED = "overlooked"
    PLAN_REVIEW = "plan_review"
    EXERCISE = "exercise"
    CERTIFICATE = "certificate"
    QUESTION = "question"
    ACCEPTANCE = "acceptance"
    REVIEW = "review"
    REGISTER = "register"
    ACTION = "action"
    CORRECTIVE = "corrective"
    STANDING = "standing"
    EXCEPTION = "exception"
    OVERRIDE = "override"
    SOURCE = "source"
    BACKUP = "backup"
    JUDGEMENT = "judgement"
    AGREEMENT = "agreement"
    PRICE = "price"
    STATEMENT = "statement"
    MEETING = "meeting"
    COMMITMENT = "commitment"


class Urgency(StrEnum):
    """How urgent a date is on a day, the most urgent first."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Span:
    """Days that are asked for, both included, as seen on `today` in a house's time zone."""

    first: date
    last: date
    today: date
    zone: tzinfo

    def holds(self, day: date) -> bool:
        """Tell whether a day lies within."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Door:
    """The page behind a date; `names_supplier` puts the supplier's id into its address."""

    endpoint: str
    values: Mapping[str, str] = field(default_factory=dict)
    names_supplier: bool = False


@dataclass(frozen=True, slots=True)
class DueDate:
    """One date. `key` stays the same when its day moves, and is unique within its kind; of
    several things that end together the day is part of it.

    what: the thing in a few words. why: what happens on the day. owner, owner_id: whose it is,
    None where nobody is named; the supplier's owner answers then. is_owed: something must be
    done by the day, so that it is overdue behind it.
    """

    kind: Kind
    key: str
    day: date
    what: str
    why: str
    door: Door
    supplier_id: int | None = None
    owner: str | None = None
    owner_id: int | None = None
    is_owed: bool = True
    is_critical: bool = False

    def urgency(self, today: date) -> Urgency:
        """Return how urgent it is."""
        left = (self.day - today).days
        if left < 0:
            return Urgency.OVERDUE if self.is_owed else Urgency.PAST
        return Urgency.SOON if left <= (SOON_CRITICAL if self.is_critical else SOON) else (
            Urgency.LATER
        )  # fmt: skip


Read = Callable[[Session, Span], Iterable[DueDate]]


@dataclass(frozen=True, slots=True)
class Source:
    """Who tells of dates: `read` yields those of a span within the reader's reach.

    labels: the kinds that it tells of, each in a few words.
    """

    read: Read
    labels: Mapping[Kind, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A date with the supplier that it is about, None where it is the house's own."""

    due: DueDate
    supplier: SupplierName | None

    @property
    def about(self) -> str:
        """Whom it is about, empty where it is the house's own."""
        return "" if self.supplier is None else self.supplier.name

    @property
    def owner(self) -> str | None:
        """Whose it is: its own owner, else the supplier's; None where nobody is named."""
        return self.due.owner or (None if self.supplier is None else self.supplier.owner)

    def is_of(self, user_id: int, name: str) -> bool:
        """Tell whether it is somebody's own, by account where one is known, else by name."""
        if self.due.owner_id is not None:
            return self.due.owner_id == user_id
        return (self.owner or "").strip().casefold() == name.strip().casefold()
