"""Continuity plans of the demo company: from ready and exercised to asked and never answered.

Only suppliers without a story of their own have one, so that no story changes its numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import ColumnElement, Select, select

from app.faces.demo.rows import Rows
from app.judgement.continuity.exercise_models import PlanExercise, PlanQuestion, PlanReview
from app.judgement.continuity.models import (
    ContinuityPlan,
    PlanContact,
    PlanDependency,
    PlanScenario,
    PlanScope,
    PlanState,
    PlanVersion,
    RecoveryDuty,
)

READY, CERTIFIED, PARTIAL = "V-10266", "V-10271", "V-10155"
SLOW, LAPSED, DRAFTED = "V-10233", "V-10307", "V-10377"
SILENT, WITHOUT, ASKED = "V-10471", "V-10640", "V-10749"
OWNER, APPROVER = "A. Lindqvist", "M. Weber"
NINE = 9
Day = str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan of one supplier; days as people write them, what is left out nobody knows."""

    number: str
    title: str
    opened: str
    approved: Day
    facts: Mapping[str, object]
    reviewed: Day = None
    next_review: Day = None
    # Kind, planned, done, days of recovery, scenario, findings, whether actions are closed.
    exercises: tuple[tuple[str, str, Day, int | None, str, str | None, Day], ...] = ()
    # Name, role, last reached.
    contacts: tuple[tuple[str, str, Day], ...] = ()
    scenarios: tuple[tuple[str, int | None, str], ...] = ()
    dependencies: tuple[tuple[str, str, str | None], ...] = ()


PLANS = (
    Plan(
        READY, "Machining at Kempten", "2025-06-02", "2026-05-18",
        {
            "owner": "T. Hofmann", "deputy": "S. Berger", "mtpd_days": 21, "rto_days": 10,
            "rpo_hours": 24, "mbco_percent": 50, "comms_hours": 8, "alternate_km": 62,
            "activation_trigger": "A machining cell stands for more than one shift.",
            "alternate_site": "Sister works in Memmingen", "alternate_percent": 60,
            "alternate_days": 4, "finished_days": 12, "critical_days": 20,
            "is_stock_apart": True, "has_sub_tier_plans": True,
            "insurance": "Business interruption, 24 months",
            "peak_periods": "September to November",
            "resources": "Day 1: six machinists to Memmingen. Week 2: two machining centres.",
        },
        reviewed="2026-05-18", next_review="2027-05-18",
        exercises=(
            ("functional", "2026-06-10", "2026-06-10", 8, "Fire in the milling hall",
             "Two fixtures were not at the sister works.", "2026-07-24"),
            ("full", "2027-06-09", None, None, "Power out for three days", None, None),
        ),
        contacts=(("T. Hofmann", "plant manager", "2026-09-14"),
                  ("S. Berger", "shift lead", "2026-09-14")),
        scenarios=(
            ("Fire in the milling hall", 10, "Move to Memmingen, ship from the outside store."),
            ("Tooling lost", 30, "Copy from drawings; the outside store bridges 12 days."),
            ("Cyber attack", 5, "Run from printed routings; restore from the weekly copy."),
        ),
        dependencies=(("site", "Milling hall 2", "all our housings"),
                      ("utility", "Power, two feeds", None),
                      ("sub_tier", "Bar stock from Sonthofen", "two weeks of stock")),
    ),
    Plan(
        CERTIFIED, "Winding at Heilbronn", "2024-11-04", "2026-03-02",
        {
            "owner": "P. Kessler", "deputy": "M. Arslan", "mtpd_days": 14, "rto_days": 7,
            "rpo_hours": 4, "mbco_percent": 40, "comms_hours": 4, "alternate_km": 180,
            "activation_trigger": "Output below 60 % of plan for two days.",
            "alternate_site": "Winding shop in Landshut", "alternate_percent": 45,
            "alternate_days": 5, "finished_days": 6, "critical_days": 15,
            "is_stock_apart": True, "has_sub_tier_plans": True,
            "iso_22301_scope": "Winding and impregnation at Heilbronn",
            "iso_22301_until": date(2027, 4, 30), "insurance": "Business interruption, 18 months",
        },
        reviewed="2026-03-02", next_review="2027-03-02",
        exercises=(
            ("tabletop", "2026-04-15", "2026-04-15", None, "Copper not delivered for a month",
             "Second mill not approved yet.", None),
        ),
        contacts=(("P. Kessler", "plant manager", "2026-08-03"),),
        scenarios=(("Copper not delivered", 14, "Draw from the metal account in Hamburg."),),
        dependencies=(("sub_tier", "Enamelled wire", "one mill"),),
    ),
    Plan(
        PARTIAL, "Motors from Vyškov", "2025-09-01", "2026-04-20",
        {
            "owner": "J. Dvořák", "mtpd_days": 30, "rto_days": 21, "mbco_percent": 50,
            "comms_hours": 24, "activation_trigger": "Management calls it.",
            "alternate_percent": 30, "finished_days": 5, "critical_days": 10,
        },
        reviewed="2026-04-20", next_review="2027-04-20",
        exercises=(
            ("walkthrough", "2025-12-03", "2025-12-03", None, "Flood at Vyškov", None, None),
        ),
        contacts=(("J. Dvořák", "operations", "2026-10-05"),),
        scenarios=(("Flood at Vyškov", 21, "Pump, dry, restart line by line."),),
    ),
    Plan(
        SLOW, "Foundry at Bassano", "2025-10-06", "2026-02-16",
        {
            "owner": "G. Valbrenta", "mtpd_days": 45, "rto_days": 40, "mbco_percent": 60,
            "activation_trigger": "A furnace is out.", "alternate_percent": 0,
            "finished_days": 0, "critical_days": 0, "has_sub_tier_plans": False,
        },
        reviewed="2026-02-16", next_review="2026-10-15",
        exercises=(
            ("tabletop", "2026-09-30", None, None, "Furnace lining fails", None, None),
        ),
        contacts=(("G. Valbrenta", "owner", None),),
        scenarios=(("Furnace lining fails", 40, "Rebuild; no other furnace melts this alloy."),),
    ),
    Plan(
        LAPSED, "Forging at Eibar", "2024-05-06", "2025-06-16",
        {
            "owner": "I. Etxeberria", "mtpd_days": 28, "rto_days": 18, "mbco_percent": 40,
            "activation_trigger": "A hammer stands for two days.", "alternate_percent": 50,
            "alternate_site": "Partner in Durango", "finished_days": 8, "critical_days": 8,
            "has_sub_tier_plans": False,
        },
        reviewed="2025-06-16", next_review="2026-06-16",
        exercises=(
            ("full", "2025-05-20", "2025-05-20", 24, "Hammer frame cracks",
             "The partner lacked our dies.", None),
        ),
        contacts=(("I. Etxeberria", "director", "2025-06-10"),),
    ),
    Plan(
        DRAFTED, "Seals from Angers", "2026-10-05", None,
        {
            "owner": "C. Rousseau", "rto_days": 12,
            "activation_trigger": "The mixing line stands for a day.",
        },
    ),
)  # fmt: skip
# Who was asked, what, when, until when, and the answer with its day.
QUESTIONS = (
    (SILENT, "exists", "2026-04-07", "2026-05-15", None, None, None),
    (WITHOUT, "exists", "2026-04-07", "2026-05-15", "no", "2026-05-11",
     "No written plan; the owner decides on the day."),
    (ASKED, "exists", "2026-10-20", "2026-11-30", None, None, None),
    (ASKED, "tested", "2026-10-20", "2026-11-30", None, None, None),
    (PARTIAL, "covers", "2026-04-07", "2026-05-15", "partly", "2026-05-06",
     "Thirty per cent at the repair shop."),
)  # fmt: skip
SAID = (
    "owner", "deputy", "activation_trigger", "mtpd_days", "rto_days", "rpo_hours",
    "mbco_percent", "peak_periods", "resources", "comms_hours", "alternate_site", "alternate_km",
    "alternate_percent", "alternate_days", "finished_days", "critical_days", "is_stock_apart",
    "last_time_stock", "has_sub_tier_plans", "insurance", "iso_22301_scope", "iso_22301_until",
)  # fmt: skip


def add_continuity(rows: Rows, suppliers: Mapping[str, int]) -> None:
    """Add the plans with all that hangs on them, and what was asked."""
    for plan in PLANS:
        _add_plan(rows, plan, suppliers[plan.number])
    for number, topic, asked, due, answer, answered, said in QUESTIONS:
        rows.add(
            PlanQuestion,
            public_id=_key(f"{number} {topic}"),
            supplier_id=suppliers[number],
            topic=topic,
            asked_on=_day(asked),
            due_on=_day(due),
            asked_by=OWNER,
            answer=answer,
            said=said,
            answered_on=_day(answered),
            entered_by=OWNER if answer else None,
            version=1,
        )


def deletions(demo: Select[Any]) -> Iterator[tuple[Any, ColumnElement[bool]]]:
    """Yield what to delete under which condition; `demo` selects the demo's suppliers."""
    plans = select(ContinuityPlan.id).where(ContinuityPlan.supplier_id.in_(demo))
    versions = select(PlanVersion.id).where(PlanVersion.plan_id.in_(plans))
    model: Any  # a mapped class
    for model in (PlanDependency, PlanScenario, PlanReview):
        yield model, model.version_id.in_(versions)
    for model in (PlanVersion, PlanContact, PlanExercise):
        yield model, model.plan_id.in_(plans)
    for model in (PlanQuestion, RecoveryDuty, ContinuityPlan):
        yield model, model.supplier_id.in_(demo)


def _add_plan(rows: Rows, plan: Plan, supplier_id: int) -> None:
    opened = _day(plan.opened)
    plan_id = rows.add(
        ContinuityPlan,
        public_id=_key(plan.number),
        supplier_id=supplier_id,
        scope=PlanScope.SUPPLIER,
        site_id=None,
        category_id=None,
        title=plan.title,
        opened_on=opened,
        opened_by=OWNER,
        version=1,
        changed_by=OWNER,
        changed_at=_moment(plan.approved or plan.opened),
        ended_on=None,
        ended_by=None,
        ended_because=None,
    )["id"]
    version_id = rows.add(
        PlanVersion,
        public_id=_key(f"{plan.number} 1"),
        plan_id=plan_id,
        number=1,
        state=PlanState.APPROVED if plan.approved else PlanState.DRAFT,
        begun_on=opened,
        changed_because=None,
        writers=[],
        approved_on=_day(plan.approved),
        approved_at=_moment(plan.approved) if plan.approved else None,
        approved_by=APPROVER if plan.approved else None,
        is_independent=True if plan.approved else None,
        retired_on=None,
        last_reviewed_on=_day(plan.reviewed),
        next_review_on=_day(plan.next_review),
        **{name: plan.facts.get(name) for name in SAID},
    )["id"]
    _add_parts(rows, plan, plan_id, version_id)


def _add_parts(rows: Rows, plan: Plan, plan_id: int, version_id: int) -> None:
    for place, (kind, name, note) in enumerate(plan.dependencies, start=1):
        rows.add(
            PlanDependency, version_id=version_id, place=place, kind=kind, name=name, note=note
        )
    for place, (name, days, response) in enumerate(plan.scenarios, start=1):
        rows.add(
            PlanScenario,
            version_id=version_id,
            place=place,
            name=name,
            response=response,
            recover_days=days,
        )
    for place, (name, role, reached) in enumerate(plan.contacts, start=1):
        rows.add(
            PlanContact,
            public_id=_key(f"{plan.number} {name}"),
            plan_id=plan_id,
            place=place,
            name=name,
            role=role,
            reached_by=None,
            reached_days=[reached] if reached else [],
            added_on=_day(plan.opened),
            removed_on=None,
        )
    for kind, planned, done, days, scenario, findings, closed in plan.exercises:
        rows.add(
            PlanExercise,
            public_id=_key(f"{plan.number} {planned}"),
            plan_id=plan_id,
            kind=kind,
            scenario=scenario,
            objectives=None,
            planned_on=_day(planned),
            planned_by=OWNER,
            done_on=_day(done),
            entered_by=OWNER if done else None,
            achieved_rto_days=days,
            findings=findings,
            actions="Close the findings with the supplier." if findings else None,
            actions_closed_on=_day(closed),
            called_off_because=None,
            version=1,
        )


def _day(text: Day) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(hour=NINE, tzinfo=UTC)


def _key(words: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"mainstay:demo:continuity:{words}")
