"""Which lines a change of a rule or of a calendar may judge otherwise: those to judge again.

A reach is a plain value, so that a job can be given it and count its lines anew.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from app.calc.delivery_rules import DayCount, RuleScope
from app.facts.deliveries.models import PurchaseOrder
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.rollup_models import LineVerdict
from app.facts.deliveries.rules import book
from app.facts.deliveries.rules.choosing import day_of_rules
from app.facts.deliveries.rules.models import DeliveryRule

Condition = Any  # Any: an SQL condition


@dataclass(frozen=True, slots=True)
class Reach:
    """The lines of a place that were ordered from one day to another, or those of some sites.

    With `site_ids`: the lines that came to these sites and are judged in business days.
    """

    scope: str = RuleScope.DEFAULT
    key: int = 0
    contract: str = ""
    from_on: str = book.FIRST_DAY.isoformat()
    to_on: str = book.LAST_DAY.isoformat()
    site_ids: tuple[int, ...] | None = None

    @classmethod
    def of_rule(cls, rule: DeliveryRule, *, from_on: date | None = None) -> Reach:
        """Return the lines that a rule is for, those ordered from a day on where one is given."""
        scope, key, contract = book.place_of(rule)
        first, last = book.days_of(rule)
        return cls(scope, key, contract, (from_on or first).isoformat(), last.isoformat())

    @classmethod
    def of_sites(cls, site_ids: set[int]) -> Reach:
        """Return the lines of some sites that business days judge."""
        return cls(site_ids=tuple(sorted(site_ids)))

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Reach:
        """Return a reach that was kept as JSON."""
        sites = kept["site_ids"]
        return cls(**kept | {"site_ids": None if sites is None else tuple(sites)})

    @property
    def kept(self) -> dict[str, Any]:
        """It as JSON."""
        return asdict(self)

    def until(self, day: date | None) -> Reach:
        """Return it up to a day, without an end where that is None."""
        last = (day or book.LAST_DAY).isoformat()
        return Reach(self.scope, self.key, self.contract, self.from_on, last)


def line_ids(session: Session, reach: Reach) -> Select[int]:
    """Return the keys of the lines within reach."""
    if reach.site_ids is not None:
        return _at_sites(session, reach.site_ids)
    day = day_of_rules()
    dated = and_(day >= date.fromisoformat(reach.from_on), day <= date.fromisoformat(reach.to_on))
    return (
        select(Line.id)
        .outerjoin(PurchaseOrder, PurchaseOrder.id == Line.order_id)
        .where(*_at_place(session, reach), dated)
    )


def count_lines(session: Session, reach: Reach) -> int:
    """Count the lines within reach."""
    found = line_ids(session, reach).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def _at_place(session: Session, reach: Reach) -> list[Condition]:
    scope = RuleScope(reach.scope)
    if scope is RuleScope.CATEGORY:
        parents = book.parents_of_categories(session)
        below = [each for each in parents if reach.key in book.line_of_parents(each, parents)]
        return [Line.category_id.in_(below)]
    if scope is RuleScope.PART:
        return [Line.part_id == reach.key]
    conditions: list[Condition] = []
    if scope in (RuleScope.SUPPLIER, RuleScope.CONTRACT):
        conditions.append(Line.supplier_id == reach.key)
    if scope is RuleScope.CONTRACT:
        conditions.append(PurchaseOrder.contract_reference == reach.contract)
    return conditions


def _at_sites(session: Session, site_ids: tuple[int, ...]) -> Select[int]:
    rules = session.scalars(select(DeliveryRule).where(DeliveryRule.day_count == DayCount.BUSINESS))
    names = [book.name_of(rule) for rule in rules]
    return (
        select(Line.id)
        .join(LineVerdict, LineVerdict.line_id == Line.id)
        .where(Line.site_id.in_(site_ids), LineVerdict.rule.in_(names))
    )
