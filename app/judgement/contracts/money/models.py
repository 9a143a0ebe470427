"""Tables of claims, of days that the supplier does not answer for, and of verified savings.

What a claim rests on is frozen in the claim itself; nothing here repeats the terms.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import (
    Base,
    BigKey,
    Currency,
    Key,
    Moment,
    Money,
    MoneyType,
    ShortText,
    Timestamps,
    UtcDateTime,
    one_of,
)
from app.platform.audit.marking import Audited, Mark, Whose

LONGEST_REASON = 500
LONGEST_KEY = 120


class ClaimState(StrEnum):
    """Where a claim stands; a draft that was submitted is still a draft."""

    DRAFT = "draft"
    ISSUED = "issued"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


STANDING = (ClaimState.DRAFT, ClaimState.ISSUED, ClaimState.SETTLED)


class ReliefKind(StrEnum):
    """Why the supplier does not answer for some days."""

    FORCE_MAJEURE = "force_majeure"
    BUYER = "buyer"


class SavingState(StrEnum):
    """Where a saving stands; only a verified one is shared."""

    ENTERED = "entered"
    VERIFIED = "verified"
    WITHDRAWN = "withdrawn"


class ContractRelief(Timestamps, Audited, Base):
    """A run of days, both ends included, that comes off every delay under a contract.

    It comes off what is owed; operational scores keep every late day.
    """

    audit = Mark(
        "days off a contract's damages", label="kind",
        personal={"entered_by": Whose.NAMED, "withdrawn_by": Whose.NAMED},
        reason_from=("withdrawn_because", "reason"),
    )  # fmt: skip

    __tablename__ = "contract_relief"
    __scope__ = scope.through("contract_id", "contract")
    __table_args__ = (
        CheckConstraint(one_of("kind", ReliefKind), name="kind"),
        CheckConstraint("last_on >= first_on", name="days"),
        Index("ix_contract_relief_contract_id", "contract_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    contract_id: Mapped[int] = mapped_column(BigKey, ForeignKey("contract.id"))
    kind: Mapped[str] = mapped_column(String(16))
    first_on: Mapped[date]
    last_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    entered_by: Mapped[ShortText]
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[str | None] = mapped_column(String(200))
    withdrawn_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))


class ContractClaim(Timestamps, Audited, Base):
    """What we claim under a contract for a period, with the lines that prove it.

    content: everything that its annex prints, frozen when it was drawn up; JSON with amounts
    as text. content_hash: of it. total: the sum of its items, to the coin.
    """

    audit = Mark(
        "claim", label="number", left_out={"content", "version"},
        personal={"drawn_by": Whose.NAMED, "issued_by": Whose.NAMED, "ended_by": Whose.NAMED},
        reason_from=("ended_because", "reason"),
    )  # fmt: skip

    __tablename__ = "contract_claim"
    __scope__ = scope.through("contract_id", "contract")
    __table_args__ = (
        UniqueConstraint("contract_id", "sequence"),
        CheckConstraint(one_of("state", ClaimState), name="state"),
        CheckConstraint("last_on >= first_on", name="days"),
        CheckConstraint("total > 0", name="total"),
        CheckConstraint("settled_amount IS NULL OR settled_amount >= 0", name="settled_amount"),
        CheckConstraint("(state = 'settled') = (settled_amount IS NOT NULL)", name="settled"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    contract_id: Mapped[int] = mapped_column(BigKey, ForeignKey("contract.id"))
    sequence: Mapped[int]
    number: Mapped[ShortText]
    state: Mapped[str] = mapped_column(String(10), default=ClaimState.DRAFT)
    first_on: Mapped[date]
    last_on: Mapped[date]
    as_of: Mapped[date]
    currency: Mapped[Currency]
    total: Mapped[Money]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # Any: JSON
    content_hash: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    drawn_by: Mapped[ShortText]
    drawn_by_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("user.id"))
    drawn_at: Mapped[Moment]
    issued_by: Mapped[str | None] = mapped_column(String(200))
    issued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_amount: Mapped[Decimal | None] = mapped_column(MoneyType)
    ended_by: Mapped[str | None] = mapped_column(String(200))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    version: Mapped[int] = mapped_column(default=1)


class ClaimItem(Audited, Base):
    """One amount of a claim: a late line, or the credit of an obligation for a window.

    key: `line:…` or `credit:…`; what stands in a claim that was not withdrawn is claimed once.
    counts_for_cap: whether the cap on the contract's value is used up by it.
    """

    audit = Mark("item of a claim", label="key")

    __tablename__ = "claim_item"
    __scope__ = scope.through("claim_id", "contract_claim")
    __table_args__ = (
        UniqueConstraint("claim_id", "key"),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_claim_item_line_id", "line_id"),
    )
    id: Mapped[Key]
    claim_id: Mapped[int] = mapped_column(BigKey, ForeignKey("contract_claim.id"))
    key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    line_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("schedule_line.id"))
    due_on: Mapped[date]
    amount: Mapped[Money]
    counts_for_cap: Mapped[bool] = mapped_column(default=False)


class ContractSaving(Timestamps, Audited, Base):
    """What something costs now against a gain-share's baseline; shared once it is verified.

    actual_cost, investment: in the currency of the terms.
    """

    audit = Mark(
        "saving", label="label", left_out={"version"},
        personal={"entered_by": Whose.NAMED, "ended_by": Whose.NAMED},
        reason_from=("ended_because", "reason"),
    )  # fmt: skip

    __tablename__ = "contract_saving"
    __scope__ = scope.through("gain_share_id", "gain_share")
    __table_args__ = (
        CheckConstraint(one_of("state", SavingState), name="state"),
        CheckConstraint("last_on >= first_on", name="days"),
        CheckConstraint("actual_cost >= 0", name="actual_cost"),
        CheckConstraint("investment >= 0", name="investment"),
        Index("ix_contract_saving_gain_share_id", "gain_share_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    gain_share_id: Mapped[int] = mapped_column(BigKey, ForeignKey("gain_share.id"))
    label: Mapped[ShortText]
    first_on: Mapped[date]
    last_on: Mapped[date]
    actual_cost: Mapped[Money]
    investment: Mapped[Money]
    state: Mapped[str] = mapped_column(String(10), default=SavingState.ENTERED)
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    entered_by: Mapped[ShortText]
    entered_by_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("user.id"))
    ended_by: Mapped[str | None] = mapped_column(String(200))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    version: Mapped[int] = mapped_column(default=1)
