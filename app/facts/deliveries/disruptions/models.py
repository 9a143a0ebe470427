"""Tables of debit notes. Disruptions themselves are facts and stand in `deliveries.models`."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import (
    Base,
    BigKey,
    Currency,
    Key,
    Money,
    MoneyType,
    ShortText,
    Timestamps,
    UtcDateTime,
    one_of,
)
from app.platform.audit.marking import Audited, Mark, Whose

LONGEST_NOTE = 1000
LONGEST_REASON = 500


class NoteState(StrEnum):
    """Where a debit note stands."""

    DRAFT = "draft"
    SENT = "sent"
    DISPUTED = "disputed"
    SETTLED = "settled"
    DISCARDED = "discarded"


class DebitNote(Timestamps, Audited, Base):
    """What we charge back to a supplier, in one currency: the costs of chosen disruptions."""

    audit = Mark(
        "debit note", label="currency", personal={"made_by": Whose.NAMED},
        reason_from=("state_because",),
    )  # fmt: skip

    __tablename__ = "debit_note"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        CheckConstraint(one_of("state", NoteState), name="state"),
        CheckConstraint("settled_amount IS NULL OR settled_amount >= 0", name="settled_amount"),
        CheckConstraint("(state = 'settled') = (settled_amount IS NOT NULL)", name="settled"),
        Index("ix_debit_note_supplier_id", "supplier_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    state: Mapped[str] = mapped_column(String(10), default=NoteState.DRAFT)
    currency: Mapped[Currency]
    text: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    made_by: Mapped[ShortText]
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_amount: Mapped[Decimal | None] = mapped_column(MoneyType)
    # Why it was disputed, settled for another amount, or discarded.
    state_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))

    @property
    def number(self) -> str:
        """How people call it: the year in which it was made and its key."""
        return f"DN-{self.created_at.year}-{self.id:04d}"


class DebitItem(Audited, Base):
    """One disruption's cost on a debit note, as it was when it was put there."""

    audit = Mark("item of a debit note")

    __tablename__ = "debit_item"
    __scope__ = scope.through("note_id", "debit_note")
    __table_args__ = (
        # A cost is charged once; a note that is discarded lets its items go.
        UniqueConstraint("disruption_id"),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_debit_item_note_id", "note_id"),
    )
    id: Mapped[Key]
    note_id: Mapped[int] = mapped_column(BigKey, ForeignKey("debit_note.id"))
    disruption_id: Mapped[int] = mapped_column(BigKey, ForeignKey("disruption.id"))
    amount: Mapped[Money]
