"""The table of declared proxies: what speaks for a supplier's finances without a statement."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, ShortText, Timestamps, UtcDateTime, one_of
from app.calc.financial_proxy import ProxyKind
from app.platform.audit.marking import Action, Audited, Mark, Whose

LONGEST_NOTE = 500


class FinancialProxy(Timestamps, Audited, Base):
    """One thing observed on a day: a rating, payment behaviour, adverse media.

    `observed` is what the scale of its kind calls it (“BB”, “23”, “repeated”). It is never
    amended: a wrong one is withdrawn with a reason and entered anew.
    """

    audit = Mark(
        "financial proxy",
        label="kind",
        personal={"entered_by": Whose.NAMED, "withdrawn_by": Whose.NAMED},
        reason_for={"withdrawn_at"},
        reason_to={Action.DELETE},
        reason_from=("withdrawn_because",),
    )

    __tablename__ = "financial_proxy"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        CheckConstraint(one_of("kind", ProxyKind), name="kind"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawal"),
        Index("ix_financial_proxy_supplier_id", "supplier_id", "observed_on"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    kind: Mapped[str] = mapped_column(String(10))
    observed: Mapped[str] = mapped_column(String(20))
    observed_on: Mapped[date]
    source: Mapped[ShortText]
    note: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    entered_by: Mapped[ShortText]
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[str | None] = mapped_column(String(200))
    withdrawn_because: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
