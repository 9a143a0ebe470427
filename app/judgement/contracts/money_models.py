"""Tables of what the terms of a contract say about money. Each hangs on a version of the terms.

Percent are exact to a millionth of a percent and stand as people write them: 2.5 is 2.5 %.
Amounts are in the currency of the terms. Null is unlimited for a cap, and “as the terms” for
a day.
"""

from __future__ import annotations

import uuid
from datetime import date
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
    MoneyType,
    QuantityType,
    ShortText,
    Timestamps,
    one_of,
)
from app.calc.damages import CapBase, DamagesMode, GraceKind
from app.judgement.contracts.models import LONGEST_NOTE, Direction, ObligationWindow
from app.platform.audit.marking import Audited, Mark

HUNDRED_PERCENT = "100000000"
DAYS_FIT = "valid_from IS NULL OR valid_to IS NULL OR valid_to >= valid_from"


class IncentiveKind(StrEnum):
    """What an incentive gives: money, more volume, a longer contract, earlier payment."""

    BONUS = "bonus"
    VOLUME = "volume"
    EXTENSION = "extension"
    PAYMENT = "payment"


def _percent(column: str, *, most: str | None = HUNDRED_PERCENT) -> CheckConstraint:
    limit = f"{column} >= 0" if most is None else f"{column} BETWEEN 0 AND {most}"
    return CheckConstraint(f"{column} IS NULL OR {limit}", name=column)


class DamagesSchedule(Timestamps, Audited, Base):
    """Liquidated damages for late delivery.

    rate: percent of the delayed portion's value per day or per week begun; amount: money per
    day, in the mode of fixed sums. is_cumulative: owed beside a service credit for the same
    failure, else the larger of the two. cap_percent null: no cap was agreed.
    """

    audit = Mark("damages of a contract", label="mode")

    __tablename__ = "damages_schedule"
    __scope__ = scope.through("terms_id", "contract_terms")
    __table_args__ = (
        CheckConstraint(one_of("mode", DamagesMode), name="mode"),
        CheckConstraint(one_of("grace_kind", GraceKind), name="grace_kind"),
        CheckConstraint(one_of("cap_base", CapBase), name="cap_base"),
        CheckConstraint("(mode = 'fixed_per_day') = (amount IS NOT NULL)", name="amount_given"),
        CheckConstraint("(mode = 'fixed_per_day') = (rate IS NULL)", name="rate_given"),
        CheckConstraint("amount IS NULL OR amount >= 0", name="amount"),
        CheckConstraint("grace_days >= 0", name="grace_days"),
        CheckConstraint(DAYS_FIT, name="days"),
        _percent("rate"),
        _percent("cap_percent"),
        Index("ix_damages_schedule_terms_id", "terms_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    terms_id: Mapped[int] = mapped_column(BigKey, ForeignKey("contract_terms.id"))
    mode: Mapped[str] = mapped_column(String(26))
    rate: Mapped[Decimal | None] = mapped_column(QuantityType)
    amount: Mapped[Decimal | None] = mapped_column(MoneyType)
    grace_days: Mapped[int] = mapped_column(SmallInteger, default=0)
    grace_kind: Mapped[str] = mapped_column(String(18), default=GraceKind.FREE)
    cap_percent: Mapped[Decimal | None] = mapped_column(QuantityType)
    cap_base: Mapped[str] = mapped_column(String(16), default=CapBase.DELAYED_PORTION)
    is_cumulative: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))


class ServiceCreditBand(Audited, Base):
    """From which value of an obligation's measure on which percent of the period's spend is
    credited: the band with the highest floor that the value reaches holds."""

    audit = Mark("service credit band")

    __tablename__ = "service_credit_band"
    __scope__ = scope.through("obligation_id", "contract_obligation")
    __table_args__ = (Unique("obligation_id", "floor"), _percent("percent"))
    id: Mapped[Key]
    obligation_id: Mapped[int] = mapped_column(BigKey, ForeignKey("contract_obligation.id"))
    floor: Mapped[Decimal] = mapped_column(QuantityType)
    percent: Mapped[Decimal] = mapped_column(QuantityType)


class Incentive(Timestamps, Audited, Base):
    """What the supplier gets for doing better than a threshold over a window.

    A bonus gives a percent of the window's spend or an amount, more volume a percent of the
    volume that we committed to or an amount, the others months or days. cap_percent: of the
    contract's value. gate_measure, gate_direction, gate_value: nothing is given where this
    measure fails.
    """

    audit = Mark("incentive of a contract", label="label")

    __tablename__ = "incentive"
    __scope__ = scope.through("terms_id", "contract_terms")
    __table_args__ = (
        CheckConstraint(one_of("kind", IncentiveKind), name="kind"),
        CheckConstraint(one_of("direction", Direction), name="direction"),
        CheckConstraint(
            "gate_direction IS NULL OR " + one_of("gate_direction", Direction),
            name="gate_direction",
        ),
        CheckConstraint(
            "(gate_measure IS NULL) = (gate_value IS NULL)"
            " AND (gate_measure IS NULL) = (gate_direction IS NULL)",
            name="gate",
        ),
        CheckConstraint(
            "CASE WHEN percent IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN amount IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN extension_months IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN payment_days IS NULL THEN 0 ELSE 1 END = 1",
            name="one_reward",
        ),
        CheckConstraint("amount IS NULL OR amount >= 0", name="amount"),
        CheckConstraint("extension_months IS NULL OR extension_months >= 1", name="extension"),
        CheckConstraint("payment_days IS NULL OR payment_days >= 0", name="payment_days"),
        CheckConstraint(one_of("window_kind", ObligationWindow), name="window_kind"),
        CheckConstraint("min_n >= 1", name="min_n"),
        CheckConstraint(DAYS_FIT, name="days"),
        _percent("percent"),
        _percent("cap_percent"),
        Index("ix_incentive_terms_id", "terms_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    terms_id: Mapped[int] = mapped_column(BigKey, ForeignKey("contract_terms.id"))
    kind: Mapped[str] = mapped_column(String(10))
    label: Mapped[ShortText]
    measure: Mapped[str] = mapped_column(String(60))
    direction: Mapped[str] = mapped_column(String(10))
    threshold: Mapped[Decimal] = mapped_column(QuantityType)
    window_kind: Mapped[str] = mapped_column(String(14), default=ObligationWindow.QUARTER)
    min_n: Mapped[int] = mapped_column(default=1)
    percent: Mapped[Decimal | None] = mapped_column(QuantityType)
    amount: Mapped[Decimal | None] = mapped_column(MoneyType)
    extension_months: Mapped[int | None] = mapped_column(SmallInteger)
    payment_days: Mapped[int | None] = mapped_column(SmallInteger)
    cap_percent: Mapped[Decimal | None] = mapped_column(QuantityType)
    gate_measure: Mapped[str | None] = mapped_column(String(60))
    gate_direction: Mapped[str | None] = mapped_column(String(10))
    gate_value: Mapped[Decimal | None] = mapped_column(QuantityType)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


class GainShare(Timestamps, Audited, Base):
    """How verified savings are shared, net of what the supplier invested.

    share: the supplier's percent. baseline: what the scope cost over the baseline window.
    """

    audit = Mark("gain share of a contract", label="label")

    __tablename__ = "gain_share"
    __scope__ = scope.through("terms_id", "contract_terms")
    __table_args__ = (
        CheckConstraint("baseline >= 0", name="baseline"),
        CheckConstraint("baseline_to >= baseline_from", name="baseline_days"),
        CheckConstraint(DAYS_FIT, name="days"),
        _percent("share"),
        Index("ix_gain_share_terms_id", "terms_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    terms_id: Mapped[int] = mapped_column(BigKey, ForeignKey("contract_terms.id"))
    label: Mapped[ShortText]
    share: Mapped[Decimal] = mapped_column(QuantityType)
    baseline: Mapped[Decimal] = mapped_column(MoneyType)
    baseline_from: Mapped[date]
    baseline_to: Mapped[date]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))


class ImprovementClause(Timestamps, Audited, Base):
    """How much better a measure must get each year against a frozen baseline.

    yearly_rate: percent that what is bad shrinks by. base_from, base_to: the window of the
    baseline; base_value and base_n: what it was when it was frozen, null until then.
    min_n: with fewer observations in the window there is no baseline.
    """

    audit = Mark("improvement clause of a contract", label="measure")

    __tablename__ = "improvement_clause"
    __scope__ = scope.through("terms_id", "contract_terms")
    __table_args__ = (
        CheckConstraint("base_to >= base_from", name="base_days"),
        CheckConstraint("min_n >= 1", name="min_n"),
        CheckConstraint("base_n IS NULL OR base_n >= 0", name="base_n"),
        CheckConstraint(DAYS_FIT, name="days"),
        _percent("yearly_rate"),
        Index("ix_improvement_clause_terms_id", "terms_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    terms_id: Mapped[int] = mapped_column(BigKey, ForeignKey("contract_terms.id"))
    measure: Mapped[str] = mapped_column(String(60))
    base_from: Mapped[date]
    base_to: Mapped[date]
    base_value: Mapped[Decimal | None] = mapped_column(QuantityType)
    base_n: Mapped[int | None]
    min_n: Mapped[int] = mapped_column(default=1)
    yearly_rate: Mapped[Decimal] = mapped_column(QuantityType)
    is_pro_rata: Mapped[bool] = mapped_column(default=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
