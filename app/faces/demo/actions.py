"""Adds what people did about it: corrective actions, a debit note, what was judged by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from app.calc.corrective import Severity, Step
from app.calc.custom_definition import Definition, Filter, Template, Term
from app.faces.demo.cast import BUYERS, CURRENCY
from app.faces.demo.rows import Rows
from app.faces.demo.scripts import DRIFT
from app.faces.demo.stage import Actor
from app.faces.demo.stories import FIRST_LINE_STOP
from app.facts.deliveries.disruptions.models import DebitItem, DebitNote, NoteState
from app.facts.deliveries.models import CausedBy, Disruption, DisruptionKind
from app.judgement.corrective.models import ActionState, AgreedDue, CorrectiveAction, StepAnswer
from app.judgement.scorecards.custom.models import CustomMeasure
from app.judgement.scorecards.custom.queries import content_of
from app.judgement.scorecards.manual.models import ManualCriterion, ManualScore
from app.judgement.scorecards.register import Better

QUALITY = "Quality planning"
OCCURRENCE = "Wear of the locating pin was not on the maintenance plan"
ESCAPE = "The final gauge does not touch this face"


@dataclass(frozen=True, slots=True)
class Story:
    """A corrective action: to whom, how grave, and after how many hours each step came.

    `rejected` steps were answered half a day before and rejected the same day. `ended_after`
    is when it was closed [days], None while it is open.
    """

    number: str
    issued_at: datetime
    title: str
    problem: str
    severity: Severity
    hours: tuple[float, ...]
    rejected: frozenset[Step] = frozenset()
    line_down_hours: int | None = None
    same_mode_days: int | None = None
    ended_after: int | None = None
    extended: Step | None = None


def _at(day: str, hour: int = 8) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)


# None that is critical is open at the end of October, so that none caps a grade.
STORIES = (
    Story(
        DRIFT, _at(FIRST_LINE_STOP), "Assembly line 2 stood without volute housings",
        "No housing came for two days; the line stood for six hours.",
        Severity.CRITICAL, (5, 6, 22, 190, 250, 270, 700, 740),
        frozenset({Step.D4}), line_down_hours=6, ended_after=31,
    ),
    Story(
        DRIFT, _at("2026-10-15"), "Motor flanges late again",
        "The line stopped for four hours, by the shortage that was to be over.",
        Severity.MAJOR, (6, 7, 40), line_down_hours=4, same_mode_days=24,
    ),
    Story(
        "V-10544", _at("2026-06-25"), "Two express vans in one quarter",
        "Lots left two days late without a word before.",
        Severity.MINOR, (4, 6, 46, 320, 700), extended=Step.D6,
    ),
    Story(
        "V-10574", _at("2026-08-20"), "Test reports missing with segment magnets",
        "A container was held in our yard until the reports came.",
        Severity.MAJOR, (7, 7.5, 60, 400, 810), same_mode_days=40,
    ),
    Story(
        "V-10295", _at("2026-01-29"), "Firmware mix-up on display boards",
        "Boards with an older firmware were found after assembly; shipments stopped.",
        Severity.CRITICAL, (3, 5, 20, 290, 600, 800, 1700, 1900), line_down_hours=8,
        ended_after=82,
    ),
)  # fmt: skip


def add_actions(rows: Rows, actors: Mapping[str, Actor], rng: Random) -> None:
    """Add the corrective actions with their answers."""
    for story in STORIES:
        supplier_id = actors[story.number].supplier_id
        ended_at = None
        if story.ended_after is not None:
            ended_at = story.issued_at + timedelta(days=story.ended_after)
        action_id = rows.add(
            CorrectiveAction,
            public_id=_key(rng),
            supplier_id=supplier_id,
            part_id=None,
            title=story.title,
            problem=story.problem,
            severity=story.severity,
            is_safety=False,
            line_down_hours=None if story.line_down_hours is None else
            Decimal(story.line_down_hours),
            same_mode_days=story.same_mode_days,
            defect_millionths=None,
            issued_at=story.issued_at,
            opened_by=BUYERS[supplier_id % len(BUYERS)],
            state=ActionState.OPEN if ended_at is None else ActionState.CLOSED,
            ended_at=ended_at,
            ended_by=None if ended_at is None else QUALITY,
            ended_because=None,
        )["id"]  # fmt: skip
        for step, hours in zip(Step, story.hours, strict=False):
            if step in story.rejected:
                _answer(rows, rng, story, action_id, step, hours - 12, accepted=False)
            _answer(rows, rng, story, action_id, step, hours, accepted=True)
        if story.extended is not None:
            rows.add(
                AgreedDue,
                action_id=action_id,
                step=story.extended,
                due_at=story.issued_at + timedelta(days=60),
                agreed_at=story.issued_at + timedelta(days=31),
                agreed_by=QUALITY,
                reason="The new fixture is delivered in August",
            )


def _answer(
    rows: Rows, rng: Random, story: Story, action_id: int, step: Step, hours: float, *,
    accepted: bool,
) -> None:  # fmt: skip
    answered_at = story.issued_at + timedelta(hours=hours)
    is_cause = step is Step.D4
    rows.add(
        StepAnswer,
        public_id=_key(rng),
        action_id=action_id,
        step=step,
        said=f"{step}: as in the supplier’s report of {answered_at:%d %B %Y}.",
        occurrence_cause=OCCURRENCE if is_cause else None,
        # What was rejected said why it happened and not why nobody found it.
        escape_cause=ESCAPE if is_cause and accepted else None,
        corrected_on=answered_at.date() if step is Step.D6 else None,
        answered_at=answered_at,
        entered_by=BUYERS[action_id % len(BUYERS)],
        entered_by_id=None,
        accepted=accepted,
        decided_at=answered_at + timedelta(hours=3),
        decided_by=QUALITY,
        decided_because=None if accepted else "Why it was not found before it left is missing.",
    )


def add_debit_note(rows: Rows, actors: Mapping[str, Actor], rng: Random) -> None:
    """Add a note over the drift's first costs, of which a part came back."""
    supplier_id = actors[DRIFT].supplier_id
    costs = [
        row
        for row in rows.of(Disruption)
        if row["supplier_id"] == supplier_id
        and row["cost"] is not None
        and row["caused_by"] == CausedBy.SUPPLIER
        and row["occurred_on"] < date(2026, 10, 1)
    ]
    note_id = rows.add(
        DebitNote,
        public_id=_key(rng),
        supplier_id=supplier_id,
        state=NoteState.SETTLED,
        currency=CURRENCY,
        text="Air freight of July and the line stop of September",
        made_by=BUYERS[supplier_id % len(BUYERS)],
        sent_at=_at("2026-10-05", 12),
        settled_at=_at("2026-10-20", 12),
        settled_amount=Decimal(30000),
        state_because="Agreed at the review: two thirds, paid with the October invoice",
    )["id"]
    for row in costs:
        rows.add(DebitItem, note_id=note_id, disruption_id=row["id"], amount=row["cost"])


def add_judgements(rows: Rows, actors: Mapping[str, Actor], rng: Random) -> None:
    """Add one criterion with two judgements, and one custom measure."""
    criterion_id = rows.add(
        ManualCriterion,
        public_id=_key(rng),
        name="ESG audit",
        short="0: no answer to our questionnaire. 100: audited on site without finding.",
        retired_at=None,
    )["id"]
    for number, value in ((DRIFT, 64), ("V-10458", 91)):
        rows.add(
            ManualScore,
            public_id=_key(rng),
            criterion_id=criterion_id,
            supplier_id=actors[number].supplier_id,
            value=value,
            period_from=date(2026, 1, 1),
            period_to=date(2026, 6, 30),
            expires_on=date(2027, 6, 30),
            evidence="Questionnaire of spring 2026 and the report of the visit",
            scored_by=QUALITY,
            scored_at=_at("2026-07-08", 14),
            withdrawn_at=None,
            withdrawn_by=None,
            withdrawn_because=None,
        )
    stops = frozenset({
        Filter("caused_by", frozenset({str(CausedBy.SUPPLIER)})),
        Filter("kind", frozenset({str(DisruptionKind.LINE_STOP),
                                  str(DisruptionKind.PREMIUM_FREIGHT)})),
    })  # fmt: skip
    definition = Definition(
        "stops_per_order", Template.RATE, (Term("disruptions", stops),), (Term("orders sent"),)
    )
    rows.add(
        CustomMeasure,
        public_id=_key(rng),
        key=definition.id,
        version=1,
        label="Stops per order",
        short="Line stops and premium freight that the supplier caused, per order sent.",
        unit="disruptions per orders",
        better=Better.LOWER,
        is_leading=False,
        definition=content_of(definition),
        author=QUALITY,
        made_at=_at("2026-08-03", 10),
        reason="Asked for by plant logistics",
        retired_at=None,
        retired_by=None,
        retired_because=None,
    )


def _key(rng: Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)
