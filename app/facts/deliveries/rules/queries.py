"""Reads of delivery rules: one by its key or name, all with what they are for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.calc.delivery_rules import DayCount, RuleScope
from app.facts.deliveries.rules.models import DeliveryRule
from app.facts.deliveries.rules.wording import Terms
from app.facts.suppliers.models import Category, Part, Supplier

VERSION_MARK = " v"


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as pages show it."""

    public_id: UUID
    label: str
    version: int
    scope: RuleScope
    supplier_number: str | None
    supplier_name: str | None
    part_number: str | None
    category: str | None
    contract: str | None
    valid_from: date | None
    valid_to: date | None
    reference: str
    event: str | None
    terms: Terms

    @property
    def name(self) -> str:
        """How verdicts name it."""
        return f"{self.label}{VERSION_MARK}{self.version}"

    @property
    def whose(self) -> str:
        """What it is for, in words."""
        if self.scope is RuleScope.CATEGORY:
            return f"category {self.category}"
        if self.scope is RuleScope.SUPPLIER:
            return f"supplier {self.supplier_name}"
        if self.scope is RuleScope.PART:
            return f"part {self.part_number}"
        if self.scope is RuleScope.CONTRACT:
            return f"contract {self.contract} with {self.supplier_name}"
        return "everything"

    def state_on(self, day: date) -> str:
        """Return whether orders of a day are judged by it: held, coming or ended."""
        if self.valid_from is not None and self.valid_from > day:
            return "coming"
        return "ended" if self.valid_to is not None and self.valid_to < day else "held"


def rule_rows(session: Session) -> list[RuleRow]:
    """Return all rules, the newest version first within a label."""
    rows = session.execute(_rows().order_by(DeliveryRule.label, DeliveryRule.version.desc()))
    return [_row(*row) for row in rows]


def rule_row(session: Session, public_id: UUID) -> RuleRow:
    """Return a rule by its public key; raises NotFound."""
    found = session.execute(_rows().where(DeliveryRule.public_id == public_id)).first()
    if found is None:
        raise NotFound("E-RUL-01", "There is no such delivery rule.")
    return _row(*found)


def rule_named(session: Session, name: str) -> RuleRow | None:
    """Return the rule that a verdict names, None for the house's default and own terms."""
    label, mark, version = name.rpartition(VERSION_MARK)
    if not mark or not version.isdecimal():
        return None
    wanted = _rows().where(DeliveryRule.label == label, DeliveryRule.version == int(version))
    found = session.execute(wanted).first()
    return None if found is None else _row(*found)


def _rows() -> Select[DeliveryRule, str, str, str, str]:
    return (
        select(DeliveryRule, Supplier.number, Supplier.name, Part.number, Category.name)
        .outerjoin(Supplier, Supplier.id == DeliveryRule.supplier_id)
        .outerjoin(Part, Part.id == DeliveryRule.part_id)
        .outerjoin(Category, Category.id == DeliveryRule.category_id)
    )


def _row(
    rule: DeliveryRule,
    number: str | None,
    supplier: str | None,
    part: str | None,
    category: str | None,
) -> RuleRow:
    return RuleRow(
        rule.public_id, rule.label, rule.version, RuleScope(rule.scope), number, supplier, part,
        category, rule.contract_reference, rule.valid_from, rule.valid_to, rule.reference,
        rule.event, terms_of(rule),
    )  # fmt: skip


def terms_of(rule: DeliveryRule) -> Terms:
    """Return what a rule asks for."""
    return Terms(
        early_days=rule.early_days,
        late_days=rule.late_days,
        is_business=rule.day_count == DayCount.BUSINESS,
        under_millionths=rule.under_millionths,
        over_millionths=rule.over_millionths,
        may_split=rule.is_split_allowed,
        accepted_only=rule.accepted_only,
    )
