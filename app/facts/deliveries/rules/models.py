"""The table of delivery rules. A version is never overwritten: it ends, and another begins."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Timestamps, one_of
from app.calc.delivery_rules import DayCount, ReferenceDate, RuleScope
from app.calc.incoterms import DeliveryEvent
from app.platform.audit.marking import Audited, Mark

# With “ v” and a version behind it, a label fits into `line_verdict.rule`.
LONGEST_LABEL = 32
# What each scope names; the other keys are null.
KEYS_OF_SCOPES = {
    RuleScope.DEFAULT: (),
    RuleScope.CATEGORY: ("category_id",),
    RuleScope.SUPPLIER: ("supplier_id",),
    RuleScope.PART: ("part_id",),
    # A contract's number is its supplier's: two suppliers may use the same one.
    RuleScope.CONTRACT: ("supplier_id", "contract_reference"),
}
KEYS = ("category_id", "supplier_id", "part_id", "contract_reference")


def _keys_fit() -> str:
    """Return the SQL condition that a rule names what its scope takes, and nothing else."""
    fits = [
        " AND ".join(
            (
                f"scope = '{of.value}'",
                *(f"{key} IS {'NOT ' * (key in named)}NULL" for key in KEYS),
            )
        )
        for of, named in KEYS_OF_SCOPES.items()
    ]
    return " OR ".join(f"({each})" for each in fits)


class DeliveryRule(Timestamps, Audited, Base):
    """What was agreed on deliveries, for whom, and for lines ordered from when to when.

    Null: `valid_from`, `valid_to` without limit; `event` follows the Incoterm; `early_days`
    any; a tolerance goes by the kind of unit.
    """

    audit = Mark("delivery rule", label="label")

    __tablename__ = "delivery_rule"
    __scope__ = scope.of_supplier(is_ours_without=True)
    __table_args__ = (
        UniqueConstraint("label", "version"),
        CheckConstraint(_keys_fit(), name="keys_fit_scope"),
        CheckConstraint(one_of("reference", ReferenceDate), name="reference"),
        CheckConstraint(one_of("day_count", DayCount), name="day_count"),
        CheckConstraint("event IS NULL OR " + one_of("event", DeliveryEvent), name="event"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid_range"),
        CheckConstraint("early_days IS NULL OR early_days >= 0", name="early_days"),
        CheckConstraint("late_days >= 0", name="late_days"),
        CheckConstraint("under_millionths >= 0 AND under_millionths < 1000000", name="under"),
        CheckConstraint("over_millionths >= 0", name="over"),
        CheckConstraint("length(trim(label)) > 0", name="label_given"),
        CheckConstraint("version >= 1", name="version"),
        Index("ix_delivery_rule_supplier_id", "supplier_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    label: Mapped[str] = mapped_column(String(LONGEST_LABEL))
    version: Mapped[int] = mapped_column(default=1)
    scope: Mapped[str] = mapped_column(String(12))
    category_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("category.id"))
    supplier_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("supplier.id"))
    part_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("part.id"))
    contract_reference: Mapped[str | None] = mapped_column(String(200))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    reference: Mapped[str] = mapped_column(String(10), default=ReferenceDate.ORIGINAL)
    event: Mapped[str | None] = mapped_column(String(10))
    early_days: Mapped[int | None] = mapped_column(SmallInteger)
    late_days: Mapped[int] = mapped_column(SmallInteger, default=0)
    day_count: Mapped[str] = mapped_column(String(10), default=DayCount.CALENDAR)
    under_millionths: Mapped[int | None]
    over_millionths: Mapped[int | None]
    is_split_allowed: Mapped[bool] = mapped_column(default=True)
    accepted_only: Mapped[bool] = mapped_column(default=False)
