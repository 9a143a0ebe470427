"""Reads of corrective actions: lists, one with where each step stands, clocks of a period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.base.errors import NotFound
from app.calc.corrective import (
    Answer,
    Effectiveness,
    LotSeen,
    RootCauses,
    Severity,
    Step,
    StepStanding,
    StepState,
    due_times,
    effectiveness,
    missing_to_close,
    step_standing,
)
from app.calc.corrective_rates import Clock
from app.facts.deliveries.models import InspectionLot, LotVerdict
from app.facts.suppliers.models import Part, Supplier
from app.judgement.corrective.models import (
    ActionState,
    AgreedDue,
    CorrectiveAction,
    StepAnswer,
)

# The answer that a request is measured by: the plan, with cause and containment before it.
RESPONSE = Step.D5
CONTAINMENT = Step.D3
# From here on it costs less to read the answers of all requests than to name each one.
FEW = 500
SORTS: Mapping[str, ColumnElement[Any]] = {  # Any: columns of many types
    "issued": CorrectiveAction.issued_at.expression,
    "supplier": func.lower(Supplier.name),
    "severity": case(
        {str(each): place for place, each in enumerate(Severity)}, value=CorrectiveAction.severity
    ),
}
# Whether a lot shows the failure again; a concession leaves it open.
RECURRED = {LotVerdict.REJECTED: True, LotVerdict.ACCEPTED: False, LotVerdict.CONCESSION: None}


@dataclass(frozen=True, slots=True)
class ActionRow:
    """A request as lists show it, at a moment: the next step, when it is due."""

    action: CorrectiveAction
    supplier_public_id: UUID
    supplier_name: str
    next_step: Step | None
    standing: StepStanding | None

    @property
    def is_overdue(self) -> bool:
        """Whether the next step is past due."""
        return self.standing is not None and self.standing.state is StepState.OVERDUE


@dataclass(frozen=True, slots=True)
class StepSheet:
    """One step: where it stands, its answers, and what still keeps it from being accepted."""

    step: Step
    standing: StepStanding
    answers: tuple[StepAnswer, ...]
    agreed: tuple[AgreedDue, ...]
    gaps: tuple[str, ...]

    @property
    def undecided(self) -> StepAnswer | None:
        """The answer that waits for a decision, the newest where several do."""
        return next((each for each in reversed(self.answers) if each.accepted is None), None)


@dataclass(frozen=True, slots=True)
class ActionSheet:
    """A request with all of its steps at a moment."""

    action: CorrectiveAction
    part_number: str | None
    steps: tuple[StepSheet, ...]
    effectiveness: Effectiveness
    corrected_on: date | None

    def of(self, step: Step) -> StepSheet:
        """Return one step."""
        return self.steps[list(Step).index(step)]


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of a supplier's requests: full answers and containments."""

    response: tuple[Clock, ...] = ()
    containment: tuple[Clock, ...] = ()
    # Requests of severity critical that were open at the end of the period.
    critical_open: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests are wanted; none given means all. `next_states` of the step that is next."""

    supplier_ids: Collection[int] | None = None
    states: Collection[str] = ()
    severities: Collection[str] = ()
    next_states: Collection[str] = ()


NOTHING_LIMITED = Wanted()


def action_rows(
    session: Session,
    wanted: Wanted = NOTHING_LIMITED,
    *,
    moment: datetime,
    sort: str = "issued",
    is_falling: bool = True,
) -> Iterator[ActionRow]:
    """Yield requests with the step that comes next at a moment, read in pieces."""
    rows = _ordered(_rows(wanted), sort, is_falling=is_falling)
    found = session.execute(rows.execution_options(yield_per=FEW))
    for some in found.partitions():
        answers, agreed = _beside(session, [action.id for action, *_ in some])
        for action, key, name in some:
            row = ActionRow(action, key, name, *_next_step(action, answers, agreed, moment))
            is_next = row.standing is not None and row.standing.state in wanted.next_states
            if is_next or not wanted.next_states:
                yield row


def actions_page(
    session: Session,
    wanted: Wanted = NOTHING_LIMITED,
    *,
    moment: datetime,
    sort: str = "issued",
    is_falling: bool = True,
    limit: int,
    offset: int = 0,
) -> tuple[list[ActionRow], int]:
    """Return a page of requests, and how many fit in all."""
    rows = action_rows(session, wanted, moment=moment, sort=sort, is_falling=is_falling)
    if wanted.next_states:
        # Which step is next is worked out from its answers: each is looked at, a page is kept.
        total, page = 0, []
        for total, row in enumerate(rows, 1):
            if offset < total <= offset + limit:
                page.append(row)
        return page, total
    total = session.scalar(select(func.count()).select_from(_rows(wanted).subquery())) or 0
    ordered = _ordered(_rows(wanted), sort, is_falling=is_falling)
    found = session.execute(ordered.limit(limit).offset(offset)).all()
    answers, agreed = _beside(session, [action.id for action, *_ in found])
    page = [
        ActionRow(action, key, name, *_next_step(action, answers, agreed, moment))
        for action, key, name in found
    ]
    return page, total


def _rows(wanted: Wanted) -> Select[CorrectiveAction, UUID, str]:
    rows = select(CorrectiveAction, Supplier.public_id, Supplier.name).join(
        Supplier, Supplier.id == CorrectiveAction.supplier_id
    )
    if wanted.supplier_ids is not None:
        rows = rows.where(CorrectiveAction.supplier_id.in_(wanted.supplier_ids))
    if wanted.states:
        rows = rows.where(CorrectiveAction.state.in_(wanted.states))
    if wanted.severities:
        rows = rows.where(CorrectiveAction.severity.in_(wanted.severities))
    if wanted.next_states:
        # Nothing comes next in one that is closed or withdrawn.
        rows = rows.where(CorrectiveAction.state == ActionState.OPEN)
    return rows


def _ordered(
    rows: Select[CorrectiveAction, UUID, str], sort: str, *, is_falling: bool
) -> Select[CorrectiveAction, UUID, str]:
    key = SORTS[sort].desc() if is_falling else SORTS[sort].asc()
    return rows.order_by(key, CorrectiveAction.id.desc())


def due_times_of(session: Session, action: CorrectiveAction) -> Mapping[Step, datetime | None]:
    """Return by step when it is due, as it was agreed last."""
    _, agreed = _beside(session, [action.id])
    return _due_times(action, agreed[action.id])


def action_by_public_id(
    session: Session, supplier_ids: Collection[int], public_id: UUID
) -> CorrectiveAction:
    """Return a request of one of the suppliers; raises NotFound, also for another's."""
    found = session.scalars(
        select(CorrectiveAction).where(
            CorrectiveAction.public_id == public_id, CorrectiveAction.supplier_id.in_(supplier_ids)
        )
    ).first()
    if found is None:
        raise NotFound("E-SCR-01", "There is no such corrective action.")
    return found


def action_sheet(session: Session, action: CorrectiveAction, *, moment: datetime) -> ActionSheet:
    """Return a request with where each of its steps stands at a moment."""
    answers, agreed = _beside(session, [action.id])
    own, dues = answers[action.id], _due_times(action, agreed[action.id])
    standings = {
        step: step_standing(
            [_calc(each) for each in own if each.step == step], due_at=dues[step], moment=moment
        )
        for step in Step
    }
    accepted = [
        step for step, standing in standings.items() if standing.state is StepState.ACCEPTED
    ]
    corrected_on = next(
        (each.corrected_on for each in reversed(own) if each.step == Step.D6 and each.accepted),
        None,
    )
    shown = effectiveness(corrected_on, _lots(session, action, corrected_on), as_of=moment.date())
    part = session.get(Part, action.part_id) if action.part_id else None
    steps = tuple(
        StepSheet(
            step,
            standings[step],
            tuple(each for each in own if each.step == step),
            tuple(each for each in agreed[action.id] if each.step == step),
            missing_to_close(
                step, accepted, causes=_causes(own) if step is Step.D4 else RootCauses(),
                shown=shown,
            ),
        )
        for step in Step
    )  # fmt: skip
    return ActionSheet(action, part.number if part else None, steps, shown, corrected_on)


def clocks(
    session: Session,
    *,
    first_day: date | None,
    last_day: date,
    as_of: date,
    supplier_ids: Collection[int] | None = None,
) -> dict[int, Clocks]:
    """Return by supplier the clocks of requests whose due times lie in a period's days.

    Answers count until the close of `as_of`; withdrawn requests are left out.
    """
    moment = close_of(as_of)
    rows = select(CorrectiveAction).where(
        CorrectiveAction.state != ActionState.WITHDRAWN,
        CorrectiveAction.issued_at < close_of(last_day),
    )
    if supplier_ids is not None:
        rows = rows.where(CorrectiveAction.supplier_id.in_(supplier_ids))
    actions = list(session.scalars(rows))
    answers, agreed = _beside(session, [action.id for action in actions])
    found: dict[int, dict[str, list[Clock]]] = defaultdict(lambda: defaultdict(list))
    critical: dict[int, int] = defaultdict(int)
    for action in actions:
        dues = _due_times(action, agreed[action.id])
        own = found[action.supplier_id]
        critical[action.supplier_id] += _is_open_critical(action, close_of(last_day))
        for name, step in (("response", RESPONSE), ("containment", CONTAINMENT)):
            due_at = dues[step]
            if due_at is None or not _lies_in(due_at, first_day, last_day):
                continue
            standing = step_standing(
                [_calc(each) for each in answers[action.id] if each.step == step],
                due_at=due_at,
                moment=moment,
            )
            own[name].append(Clock(action.issued_at, due_at, standing.answered_at))
    return {
        key: Clocks(tuple(own["response"]), tuple(own["containment"]), critical[key])
        for key, own in found.items()
    }


def close_of(day: date) -> datetime:
    """Return the moment at which a day is over."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def _is_open_critical(action: CorrectiveAction, moment: datetime) -> bool:
    is_open = action.ended_at is None or action.ended_at >= moment
    return action.severity == Severity.CRITICAL and is_open


def _lies_in(moment: datetime, first_day: date | None, last_day: date) -> bool:
    return (first_day is None or moment.date() >= first_day) and moment.date() <= last_day


def _next_step(
    action: CorrectiveAction,
    answers: Mapping[int, list[StepAnswer]],
    agreed: Mapping[int, list[AgreedDue]],
    moment: datetime,
) -> tuple[Step | None, StepStanding | None]:
    """Return the first step that is not accepted."""
    if action.state != ActionState.OPEN:
        return None, None
    dues = _due_times(action, agreed[action.id])
    for step in Step:
        own = [_calc(each) for each in answers[action.id] if each.step == step]
        standing = step_standing(own, due_at=dues[step], moment=moment)
        if standing.state is not StepState.ACCEPTED:
            return step, standing
    return None, None


def _beside(
    session: Session, action_ids: Collection[int]
) -> tuple[Mapping[int, list[StepAnswer]], Mapping[int, list[AgreedDue]]]:
    """Return the answers and the agreed due times of requests, each in the order they came."""
    answers: dict[int, list[StepAnswer]] = defaultdict(list)
    agreed: dict[int, list[AgreedDue]] = defaultdict(list)
    if not action_ids:
        return answers, agreed
    for answer in session.scalars(
        select(StepAnswer)
        .where(_is_of(StepAnswer.action_id, action_ids))
        .order_by(StepAnswer.answered_at, StepAnswer.id)
    ):
        answers[answer.action_id].append(answer)
    for due in session.scalars(
        select(AgreedDue)
        .where(_is_of(AgreedDue.action_id, action_ids))
        .order_by(AgreedDue.agreed_at, AgreedDue.id)
    ):
        agreed[due.action_id].append(due)
    return answers, agreed


def _is_of(column: InstrumentedAttribute[int], ids: Collection[int]) -> ColumnElement[bool]:
    return true() if len(ids) > FEW else column.in_(ids)


def _due_times(action: CorrectiveAction, agreed: list[AgreedDue]) -> dict[Step, datetime | None]:
    newest = {Step(each.step): each.due_at for each in agreed}
    return due_times(Severity(action.severity), action.issued_at, agreed=newest)


def _calc(answer: StepAnswer) -> Answer:
    return Answer(answer.answered_at, answer.accepted, answer.decided_at)


def _causes(answers: list[StepAnswer]) -> RootCauses:
    """Return the root causes of the newest answer to D4 that was not rejected."""
    for answer in reversed(answers):
        if answer.step == Step.D4 and answer.accepted is not False:
            return RootCauses(answer.occurrence_cause, answer.escape_cause)
    return RootCauses()


def _lots(session: Session, action: CorrectiveAction, corrected_on: date | None) -> list[LotSeen]:
    """Return the lots after a correction: of the part, of the supplier where none is named."""
    if corrected_on is None:
        return []
    rows = select(InspectionLot.inspected_on, InspectionLot.verdict).where(
        InspectionLot.supplier_id == action.supplier_id, InspectionLot.inspected_on > corrected_on
    )
    if action.part_id is not None:
        rows = rows.where(InspectionLot.part_id == action.part_id)
    return [LotSeen(on, RECURRED[LotVerdict(verdict)]) for on, verdict in session.execute(rows)]
