"""Delivery rules of every scope, working days and coded misses for the house to measure on."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.base.db import Database, analyze
from app.calc.delivery_rules import DayCount, ReferenceDate, RuleScope
from app.facts.deliveries.rules.models import DeliveryRule
from app.facts.suppliers.calendar_models import Calendar, Holiday
from app.facts.suppliers.models import Site
from bench.house import CATEGORIES, PARTS_PER_SUPPLIER, Size, lift_limits

YEARS = (2023, 2024, 2025, 2026, 2027)
HOLIDAYS = ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26))
# Every tenth supplier has a rule of its own, every hundredth a part with one.
SUPPLIERS_APART, PARTS_APART = 10, 100
# Of 40 lines 6 are late; one of them is coded.
CODED_EVERY = 40


def agree(database: Database, size: Size) -> None:
    """Add what was agreed on deliveries to a house that is built and not judged yet."""
    with database.transaction() as session:
        lift_limits(session)
        _working_days(session)
        _rules(session, size)
        session.flush()
        session.execute(text(_CODED), {"every": CODED_EVERY})
        analyze(session)


def _working_days(session: Session) -> None:
    calendar = Calendar(name="Both plants")
    session.add(calendar)
    session.flush()
    session.add_all(
        Holiday(calendar_id=calendar.id, day=date(year, month, day), name="Holiday")
        for year in YEARS
        for month, day in HOLIDAYS
    )
    for site in session.scalars(select(Site)):
        site.calendar_id = calendar.id


def _rules(session: Session, size: Size) -> None:
    working = {"day_count": DayCount.BUSINESS, "early_days": 3, "late_days": 1}
    session.add(DeliveryRule(label="house", scope=RuleScope.DEFAULT, **working))
    session.add_all(
        DeliveryRule(
            label=f"category {key}", scope=RuleScope.CATEGORY, category_id=key,
            early_days=5, late_days=key % 3,
        )
        for key in range(1, CATEGORIES + 1, 2)
    )  # fmt: skip
    session.add_all(
        DeliveryRule(
            label=f"supplier {key}", scope=RuleScope.SUPPLIER, supplier_id=key,
            reference=ReferenceDate.CURRENT, accepted_only=bool(key % 20), **working,
        )
        for key in range(1, size.suppliers + 1, SUPPLIERS_APART)
    )  # fmt: skip
    session.add_all(
        DeliveryRule(
            label=f"part {key}", scope=RuleScope.PART, part_id=key * PARTS_PER_SUPPLIER,
            late_days=2, under_millionths=50_000, over_millionths=50_000,
        )
        for key in range(1, size.suppliers + 1, PARTS_APART)
    )  # fmt: skip


_CODED = """
INSERT INTO miss_attribution (line_id, cause, attributed_by, created_at, updated_at)
SELECT id, 'carrier', 'bench', '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000'
FROM schedule_line WHERE id % :every = 0
"""
