"""Who is asked for dates. Another feature joins by one line in `SOURCES`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy.orm import Session

from app.base import clock, formatting
from app.calc.corrective import Severity, StepState
from app.calc.fmea_matrix import Priority
from app.facts.deliveries.agreements import queries as agreements
from app.facts.deliveries.period_reads import once
from app.facts.evidence import queries as evidence
from app.facts.suppliers.standings import queries as standings
from app.judgement.continuity import due as continuity
from app.judgement.continuity.due import PlanDayKind
from app.judgement.contracts import queries as contracts
from app.judgement.contracts.queries import DateKind
from app.judgement.corrective import queries as corrective
from app.judgement.fmea.living import acceptances, action_queries, reviews
from app.judgement.risk_index.overrides import queries as overrides
from app.reviews.due_dates.days import Door, DueDate, Kind, Read, Source, Span
from app.reviews.meetings import queries as meetings

# An annual statement says little once the next one has been due for half a year.
STATEMENT_LASTS = timedelta(days=548)
OPEN, PLANNED = "open", "planned"
UNANSWERED = (StepState.OPEN, StepState.OVERDUE)
CONTRACT_KINDS = {
    DateKind.NOTICE: Kind.NOTICE,
    DateKind.THEIR_NOTICE: Kind.THEIR_NOTICE,
    DateKind.END: Kind.CONTRACT,
}
PLAN_KINDS = {
    PlanDayKind.REVIEW: Kind.PLAN_REVIEW,
    PlanDayKind.EXERCISE: Kind.EXERCISE,
    PlanDayKind.CERTIFICATE: Kind.CERTIFICATE,
    PlanDayKind.QUESTION: Kind.QUESTION,
}
STANDING_PAGE = Door("overview.supplier_standing", names_supplier=True)


def accepted_risks(session: Session, span: Span) -> Iterable[DueDate]:
    """Yield the last days of accepted risks, also of those that ran out and still stand."""
    for each in acceptances.current(session, span.today):
        yield DueDate(
            Kind.ACCEPTANCE,
            str(each.public_id),
            each.until_on,
            f"{each.row.mode}: {each.row.cause}",
            f"{each.accepted_by} accepts the risk up to this day",
            Door("actions.row", {"cause_id": str(each.row.public_id)}),
            each.row.supplier_id,
            each.accepted_by,
            is_critical=each.row.priority == Priority.HIGH,
        )


def risk_reviews(session: Session, span: Span) -> Iterable[DueDate]:
    """Yield when rows of registers are to be looked at again; what was raised is due already."""
    for each in reviews.review_dates(session):
        raised = min((one.raised_on for one in each.raised), default=None)
        yield DueDate(
            Kind.REVIEW,
            str(each.row.public_id),
            each.due_on if raised is None else min(raised, each.due_on),
            f"{each.row.mode}: {each.row.cause}",
            each.raised[0].because
            if each.raised
            else f"Last looked at {formatting.day(each.last_on)}",
            Door("actions.row", {"cause_id": str(each.row.public_id)}),
            each.row.supplier_id,
            each.row.owner,
            is_critical=each.row.priority == Priority.HIGH,
        )


def risk_actions(session: Session, span: Span) -> Iterable[DueDate]:
    """Yield when running actions against risks are due."""
    for each in action_queries.actions(session):
        if each.is_running:
            yield DueDate(
                Kind.ACTION,
                str(each.public_id),
                each.due_on,
                each.title,
                f"Against “{each.row.mode}”",
                Door("actions.show", {"action_id": str(each.public_id)}),
                each.row.supplier_id,
                each.owner,
                each.owner_id,
                is_critical=each.row.priority == Priority.HIGH,
            )


def corrective_steps(session: Session, span: Span) -> Iterable[DueDate]:
    """Yield when the next step of each open corrective action is due."""
    wanted = corrective.Wanted(states=[OPEN])
    for each in corrective.action_rows(session, wanted, moment=clock.now()):
        where = each.standing
        # An answered step waits for our decision, which has no day.
        if where is None or where.due_at is None or where.state not in UNANSWERED:
            continue
        yield DueDate(
            Kind.CORRECTIVE,
            str(each.action.public_id),
            where.due_at.astimezone(span.zone).date(),
            f"{each.action.number}: {each.action.title}",
            f"Step {each.next_step} is due",
            Door(
                "corrective.show",
                {
                    "public_id": str(each.supplier_public_id),
                    "action_id": str(each.action.public_id),
                },
            ),
            each.action.supplier_id,
            is_critical=each.action.severity == Severity.CRITICAL,
        )


def ending_standings(session: Session, span: Span) -> Iterable[DueDate]:
    """Yield the last days of standings that hold today."""
    for each in standings.standings_on(session, span.today).values():
        if each.until_on is not None:
            yield DueDate(
                Kind.STANDING,
                str(each.public_id),
                each.until_on,
                f"Standing “{each.words}”",
                "Ends; decide how it goes on",
                STANDING_PAGE,
                each.supplier_id,
            )


def ending_exceptions(session: Session, span: Span) -> Iterable[DueDate]:
    """Yield the last days of exceptions from a block that hold today."""
    for each in standings.running_exceptions(session, span.today):
        yield DueDate(
            Kind.EXCEPTION,
            str(each.public_id),
            each.last_on,
            "Exception from a block",
            f"{each.buyer} may order up to this day",
            STANDING_PAGE,
            each.supplier_id,
            each.buyer,
        )


def ending_overrides(session: Session, span: Span) -> Iterable[DueDate]:
    """Yield the last days of overrides of a risk band that hold today."""
    for each in overrides.overrides_on(session, span.today).values():
        yield DueDate(
            Kind.OVERRIDE,
            str(each.public_id),
            each.last_day,
            f"Risk band set to {each.band}",
            "The computed band stands again from the next day on",
            Door("overview.supplier_risk_override", names_supplier=True),
            each.supplier_id,
            each.decided_by,
            is_owed=False,
        )


def ending_agreements(session: Session, span: Span) -> Iterable[DueDate]:
    """Yield the last days of scheduling agreements."""
    for each in agreements.ending_agreements(session, span.first, span.last):
        part = "" if each.part_number is None else f", part {each.part_number}"
        yield DueDate(
            Kind.AGREEMENT,
            str(each.id),
            each.ends_on,
            f"Scheduling agreement {each.number}{part}",
            "Last day of the agreement",
            Door("overview.supplier_facts", names_supplier=True),
            each.supplier_id,
            is_owed=False,
        )


def ending_prices(session: Session, span: Span) -> Iterable[DueDate]:
    """Yield the last days of prices that no other price follows."""
    for each in agreements.ending_prices(session, span.first, span.last):
        more = each.count - 1
        yield DueDate(
            Kind.PRICE,
            f"{each.supplier_id}-{each.ends_on:%Y%m%d}",
            each.ends_on,
            f"Price of part {each.part_number}" + (f" and {more:,} more" if more else ""),
            "Last day; no later price is known",
            Door("overview.supplier_facts", names_supplier=True),
            each.supplier_id,
            is_owed=False,
        )


def stale_statements(session: Session, span: Span) -> Iterable[DueDate]:
    """Yield when the newest annual statement of a supplier becomes too old."""
    for key, closed_on in evidence.newest_statements(session, as_of=span.today).items():
        if not span.holds(closed_on + STATEMENT_LASTS):
            continue
        yield DueDate(
            Kind.STATEMENT,
            str(key),
            closed_on + STATEMENT_LASTS,
            f"Annual statement of {formatting.day(closed_on)}",
            "18 months old; ask for the next one",
            Door("overview.supplier_financial", names_supplier=True),
            key,
        )


def planned_meetings(session: Session, span: Span) -> Iterable[DueDate]:
    """Yield risk meetings that are planned."""
    for each in meetings.meeting_rows(session):
        if each.state == PLANNED:
            yield DueDate(
                Kind.MEETING,
                str(each.public_id),
                each.planned_on,
                each.title,
                f"{each.chair} leads it",
                Door("meetings.show", {"public_id": str(each.public_id)}),
                owner=each.chair,
            )


def commitments(session: Session, span: Span) -> Iterable[DueDate]:
    """Yield what people promised in meetings and still owe."""
    for each in meetings.open_commitments(session):
        yield DueDate(
            Kind.COMMITMENT,
            str(each.public_id),
            each.due_on,
            each.what,
            f"Promised in the meeting of {formatting.day(each.meeting_on)}",
            Door("meetings.show", {"public_id": str(each.meeting_public_id)}),
            each.supplier_id,
            each.owner,
        )


def contract_days(which: DateKind) -> Read:
    """Return who tells of one kind of day of active contracts."""
    kind = CONTRACT_KINDS[which]

    def read(session: Session, span: Span) -> Iterable[DueDate]:
        for each in once(
            session,
            f"dates: contracts {span.today} {span.last}",
            lambda: tuple(contracts.deadlines(session, span.today, until=span.last)),
        ):
            if each.kind is which and span.holds(each.day):
                yield DueDate(
                    kind,
                    str(each.contract_public_id),
                    each.day,
                    f"Contract {each.number}: {each.title}",
                    each.words,
                    Door(
                        "contracts.show",
                        {
                            "public_id": str(each.supplier_public_id),
                            "contract_id": str(each.contract_public_id),
                        },
                    ),
                    each.supplier_id,
                    is_owed=which is DateKind.NOTICE,
                    is_critical=each.is_critical,
                )

    return read


def plan_days(which: PlanDayKind) -> Read:
    """Return who tells of one kind of day of continuity plans."""
    kind = PLAN_KINDS[which]

    def read(session: Session, span: Span) -> Iterable[DueDate]:
        for each in once(
            session,
            f"dates: plans {span.today} {span.first} {span.last}",
            lambda: tuple(
                continuity.plan_days(session, span.today, first=span.first, last=span.last)
            ),
        ):
            if each.kind is which:
                yield DueDate(
                    kind,
                    str(each.public_id),
                    each.day,
                    each.title,
                    each.words,
                    Door(*each.door),
                    each.supplier_id,
                    each.owner,
                )

    return read


SOURCES: tuple[Source, ...] = (
    Source(Kind.NOTICE, "notice deadline", contract_days(DateKind.NOTICE)),
    Source(Kind.THEIR_NOTICE, "their notice deadline", contract_days(DateKind.THEIR_NOTICE)),
    Source(Kind.CONTRACT, "contract ends", contract_days(DateKind.END)),
    Source(Kind.PLAN_REVIEW, "review of a plan", plan_days(PlanDayKind.REVIEW)),
    Source(Kind.EXERCISE, "exercise of a plan", plan_days(PlanDayKind.EXERCISE)),
    Source(Kind.CERTIFICATE, "certificate ends", plan_days(PlanDayKind.CERTIFICATE)),
    Source(Kind.QUESTION, "question about continuity", plan_days(PlanDayKind.QUESTION)),
    Source(Kind.ACCEPTANCE, "accepted risk ends", accepted_risks),
    Source(Kind.REVIEW, "risk review", risk_reviews),
    Source(Kind.ACTION, "action against a risk", risk_actions),
    Source(Kind.CORRECTIVE, "corrective action", corrective_steps),
    Source(Kind.STANDING, "standing ends", ending_standings),
    Source(Kind.EXCEPTION, "order exception ends", ending_exceptions),
    Source(Kind.OVERRIDE, "risk override ends", ending_overrides),
    Source(Kind.AGREEMENT, "scheduling agreement ends", ending_agreements),
    Source(Kind.PRICE, "price ends", ending_prices),
    Source(Kind.STATEMENT, "annual statement grows old", stale_statements),
    Source(Kind.MEETING, "risk meeting", planned_meetings),
    Source(Kind.COMMITMENT, "commitment of a meeting", commitments),
)
LABELS = {source.kind: source.label for source in SOURCES}
