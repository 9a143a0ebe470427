"""The table of contacts: to whom at a supplier one writes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Timestamps
from app.platform.audit.marking import Action, Audited, Mark, Whose

# Who is written to about open orders; other roles are written to where nobody has this one.
ORDERS = "orders"


class Contact(Timestamps, Audited, Base):
    """A person or a mailbox at a supplier."""

    audit = Mark(
        "contact",
        personal={"name": Whose.NAMED},
        secret={"email"},
        reason_to={Action.DELETE},
    )

    __tablename__ = "contact"
    __scope__ = scope.of_supplier()
    __table_args__ = (UniqueConstraint("supplier_id", "email"),)
    id: Mapped[Key]
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str | None] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(40), default=ORDERS)
    is_emergency: Mapped[bool] = mapped_column(default=False, server_default=false())
    # When somebody last made sure that it is right, and until when it may be kept.
    last_verified_on: Mapped[date | None]
    keep_until: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    batch_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("source_batch.id"))
