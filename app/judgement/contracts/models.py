"""Tables of contracts. Terms are versions: those that were approved are never written again.

A contract says whose it is and where it stands; everything agreed hangs on one version of its
terms (`contract_terms`), and `contract.sequence` names the version that holds. An amendment is
a draft version beside it; approving it makes it hold, and the old one stays readable. What the
terms say about money stands in `money_models`.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import (
    Base,
    BigKey,
    Key,
    Moment,
    MoneyType,
    QuantityType,
    ShortText,
    Timestamps,
    UtcDateTime,
    one_of,
)
from app.calc.contract_dates import NoticeKind
from app.platform.audit.marking import Audited, Mark, Whose

LONGEST_NUMBER = 60
LONGEST_NAME = 200
LONGEST_NOTE = 2000
LONGEST_REASON = 500
LONGEST_KEY = 60
MOST_DAYS = 3660
MOST_MONTHS = 600


class ContractStatus(StrEnum):
    """Where a contract stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    ENDED = "ended"
    TERMINATED = "terminated"


class TermsState(StrEnum):
    """Where one version of the terms stands.

    AGREED: approved, and in force from its first day on. One version is in force at a time.
    """

    DRAFT = "draft"
    PROPOSED = "proposed"
    AGREED = "agreed"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    REFUSED = "refused"


# What was approved, whether it begins later, holds, or held.
APPROVED = (TermsState.AGREED, TermsState.IN_FORCE, TermsState.SUPERSEDED)


class ContractKind(StrEnum):
    """What kind of contract it is."""

    FRAMEWORK = "framework"
    PURCHASE = "purchase"
    SERVICE_LEVEL = "service_level"
    SCHEDULING = "scheduling"
    CONSIGNMENT = "consignment"
    PARTNERSHIP = "partnership"
    CONFIDENTIALITY = "confidentiality"
    OTHER = "other"


class DocumentRole(StrEnum):
    """What a file is to the contract."""

    CONTRACT = "contract"
    AMENDMENT = "amendment"
    ANNEX = "annex"
    PRICE_LIST = "price_list"
    NOTICE = "notice"
    OTHER = "other"


class ClauseKind(StrEnum):
    """The checklist: what a supply contract should say something about."""

    FORCE_MAJEURE = "force_majeure"
    PENALTIES = "penalties"
    GUARANTEES = "guarantees"
    CONTINUITY = "continuity"
    AUDIT_RIGHT = "audit_right"
    CONSIGNMENT = "consignment"
    CAPACITY = "capacity"
    PRICE_INDEXATION = "price_indexation"
    HEDGING = "hedging"
    PAYMENT = "payment"
    TERMINATION = "termination"


class Presence(StrEnum):
    """Whether a clause is in the contract; unknown until somebody has looked."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """On which side of its target a measure keeps the obligation."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class ObligationWindow(StrEnum):
    """Over which period a measure is held against its target."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ROLLING_YEAR = "rolling_year"


class EventKind(StrEnum):
    """What happened to a contract."""

    APPROVED = "approved"
    NOTICE_GIVEN = "notice_given"
    NOTICE_RECEIVED = "notice_received"
    RENEWAL_WANTED = "renewal_wanted"
    ROLLED_OVER = "rolled_over"
    ENDED = "ended"
    TERMINATED = "terminated"


class Contract(Timestamps, Audited, Base):
    """A contract with a supplier; `number` is what orders name as their contract.

    sequence: the version of the terms that holds, the newest draft while none was approved.
    ended_on: the last day on which it held, once it has ended.
    """

    audit = Mark("contract", label="number", reason_from=("status_because",))

    __tablename__ = "contract"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        Unique("supplier_id", "number"),
        CheckConstraint(one_of("status", ContractStatus), name="status"),
        CheckConstraint("length(trim(number)) > 0", name="number_given"),
        CheckConstraint("(status IN ('ended', 'terminated')) = (ended_on IS NOT NULL)",
                        name="ended"),
    )  # fmt: skip
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    number: Mapped[str] = mapped_column(String(LONGEST_NUMBER))
    status: Mapped[str] = mapped_column(String(12), default=ContractStatus.DRAFT)
    status_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    sequence: Mapped[int] = mapped_column(default=1)
    ended_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)


class ContractTerms(Timestamps, Audited, Base):
    """One version of what was agreed; versions are counted from 1.

    from_on: the first day on which this version holds; the next one's begins where it ends.
    value: what the contract is worth over its term, without tax. Unknown is null: a notice
    period of null is not known, 0 is none. calendar_id: whose days off roll a notice back;
    Monday to Friday without one. content_hash: of the content that was approved, with the
    hashes of the files.
    """

    audit = Mark(
        "terms of a contract", label="title",
        left_out={"content_hash"},
        personal={"made_by": Whose.NAMED, "decided_by": Whose.NAMED},
        reason_from=("decided_because", "reason"),
    )  # fmt: skip

    __tablename__ = "contract_terms"
    __scope__ = scope.through("contract_id", "contract")
    __table_args__ = (
        Unique("contract_id", "sequence"),
        CheckConstraint(one_of("state", TermsState), name="state"),
        CheckConstraint(one_of("kind", ContractKind), name="kind"),
        CheckConstraint(one_of("notice_kind", NoticeKind), name="notice_kind"),
        CheckConstraint("sequence >= 1", name="sequence"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="days"),
        CheckConstraint("value IS NULL OR value >= 0", name="value"),
        CheckConstraint(
            "volume_commitment IS NULL OR volume_commitment >= 0", name="volume_commitment"
        ),
        CheckConstraint(
            f"our_notice_days IS NULL OR our_notice_days BETWEEN 0 AND {MOST_DAYS}",
            name="our_notice",
        ),
        CheckConstraint(
            f"their_notice_days IS NULL OR their_notice_days BETWEEN 0 AND {MOST_DAYS}",
            name="their_notice",
        ),
        CheckConstraint(
            f"renewal_months IS NULL OR renewal_months BETWEEN 1 AND {MOST_MONTHS}",
            name="renewal",
        ),
        CheckConstraint("NOT auto_renew OR renewal_months IS NOT NULL", name="auto_renew"),
        CheckConstraint("payment_days IS NULL OR payment_days >= 0", name="payment_days"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    contract_id: Mapped[int] = mapped_column(BigKey, ForeignKey("contract.id"))
    sequence: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default=TermsState.DRAFT)
    from_on: Mapped[date]
    title: Mapped[ShortText]
    kind: Mapped[str] = mapped_column(String(16))
    our_party: Mapped[ShortText]
    their_party: Mapped[ShortText]
    value: Mapped[Decimal | None] = mapped_column(MoneyType)
    currency: Mapped[str] = mapped_column(String(3))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    auto_renew: Mapped[bool] = mapped_column(default=False)
    renewal_months: Mapped[int | None] = mapped_column(SmallInteger)
    our_notice_days: Mapped[int | None] = mapped_column(SmallInteger)
    their_notice_days: Mapped[int | None] = mapped_column(SmallInteger)
    notice_kind: Mapped[str] = mapped_column(String(16), default=NoticeKind.CALENDAR)
    calendar_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("calendar.id"))
    notice_method: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    governing_law: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    # Whether its notice deadline is announced half a year ahead.
    is_critical: Mapped[bool] = mapped_column(default=False)
    payment_days: Mapped[int | None] = mapped_column(SmallInteger)
    volume_commitment: Mapped[Decimal | None] = mapped_column(MoneyType)
    note: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    reason: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    made_by: Mapped[ShortText]
    made_by_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("user.id"))
    made_at: Mapped[Moment]
    content_hash: Mapped[str | None] = mapped_column(String(64))
    decided_by: Mapped[str | None] = mapped_column(String(200))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    version: Mapped[int] = mapped_column(default=1)


class ContractDocument(Timestamps, Audited, Base):
    """A file of a contract and what it is to it; `sha256` is what an approval is bound to.

    sequence: the version of the terms with which it came.
    """

    audit = Mark("document of a contract", label="role")

    __tablename__ = "contract_document"
    __scope__ = scope.through("contract_id", "contract")
    __table_args__ = (
        CheckConstraint(one_of("role", DocumentRole), name="role"),
        Index("ix_contract_document_contract_id", "contract_id"),
    )
    id: Mapped[Key]
    contract_id: Mapped[int] = mapped_column(BigKey, ForeignKey("contract.id"))
    sequence: Mapped[int]
    role: Mapped[str] = mapped_column(String(12))
    attachment: Mapped[uuid.UUID] = mapped_column(unique=True)
    sha256: Mapped[str] = mapped_column(String(64))


class ContractClause(Timestamps, Audited, Base):
    """What the terms say on one point of the checklist.

    recovery_days: of the continuity duty, within how many days they have to be back.
    """

    audit = Mark("clause of a contract", label="kind")

    __tablename__ = "contract_clause"
    __scope__ = scope.through("terms_id", "contract_terms")
    __table_args__ = (
        Unique("terms_id", "kind"),
        CheckConstraint(one_of("kind", ClauseKind), name="kind"),
        CheckConstraint(one_of("presence", Presence), name="presence"),
        CheckConstraint("page IS NULL OR page BETWEEN 1 AND 9999", name="page"),
        CheckConstraint(
            f"recovery_days IS NULL OR recovery_days BETWEEN 0 AND {MOST_DAYS}",
            name="recovery_days",
        ),
    )
    id: Mapped[Key]
    terms_id: Mapped[int] = mapped_column(BigKey, ForeignKey("contract_terms.id"))
    kind: Mapped[str] = mapped_column(String(20))
    presence: Mapped[str] = mapped_column(String(8), default=Presence.UNKNOWN)
    note: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    page: Mapped[int | None] = mapped_column(SmallInteger)
    recovery_days: Mapped[int | None] = mapped_column(SmallInteger)


class ContractObligation(Timestamps, Audited, Base):
    """What was promised as a number: a measure, on which side of which target, over what.

    measure: its id in the register of measures; target: in the unit of that measure.
    rule_label, rule_version: the delivery rule by which lines are judged, null where the
    general one holds. min_n: below so many observations nothing is said. exclusions: what
    is left out beside the three that have a field of their own.
    valid_from, valid_to: null where the terms' own days hold.
    """

    audit = Mark("obligation of a contract", label="measure")

    __tablename__ = "contract_obligation"
    __scope__ = scope.through("terms_id", "contract_terms")
    __table_args__ = (
        CheckConstraint(one_of("direction", Direction), name="direction"),
        CheckConstraint(one_of("window_kind", ObligationWindow), name="window_kind"),
        CheckConstraint("min_n >= 1", name="min_n"),
        CheckConstraint(
            "valid_from IS NULL OR valid_to IS NULL OR valid_to >= valid_from", name="days"
        ),
        Index("ix_contract_obligation_terms_id", "terms_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    terms_id: Mapped[int] = mapped_column(BigKey, ForeignKey("contract_terms.id"))
    measure: Mapped[str] = mapped_column(String(60))
    direction: Mapped[str] = mapped_column(String(10))
    target: Mapped[Decimal] = mapped_column(QuantityType)
    rule_label: Mapped[str | None] = mapped_column(String(32))
    rule_version: Mapped[int | None]
    window_kind: Mapped[str] = mapped_column(String(14), default=ObligationWindow.QUARTER)
    min_n: Mapped[int] = mapped_column(default=1)
    excludes_force_majeure: Mapped[bool] = mapped_column(default=True)
    excludes_buyer_caused: Mapped[bool] = mapped_column(default=True)
    excludes_disputed: Mapped[bool] = mapped_column(default=True)
    exclusions: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))


class ContractEvent(Audited, Base):
    """Something that happened to a contract. `key` makes each happen once: a day, a version.

    on: when; ends_on: the end of the term that it speaks of, where it speaks of one.
    """

    audit = Mark(
        "event of a contract", label="kind", left_out={"key"}, personal={"said_by": Whose.NAMED}
    )

    __tablename__ = "contract_event"
    __scope__ = scope.through("contract_id", "contract")
    __table_args__ = (
        Unique("contract_id", "kind", "key"),
        CheckConstraint(one_of("kind", EventKind), name="kind"),
    )
    id: Mapped[Key]
    contract_id: Mapped[int] = mapped_column(BigKey, ForeignKey("contract.id"))
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    happened_on: Mapped[date]
    ends_on: Mapped[date | None]
    said: Mapped[str] = mapped_column(String(LONGEST_NOTE))
    said_by: Mapped[ShortText]
    said_at: Mapped[Moment]
