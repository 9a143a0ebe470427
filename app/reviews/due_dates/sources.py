"""Who is asked for dates. Another feature joins by one line in `SOURCES`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.base import clock, formatting
from app.calc.corrective import Severity, StepState
from app.calc.fmea_matrix import Priority
from app.facts.deliveries.agreements import queries as agreements
from app.facts.deliveries.agreements.queries import EndingPrices
from app.facts.evidence import queries as evidence
from app.facts.evidence.backup_suppliers import queries as backups
from app.facts.suppliers.sourcing import ending as sourcing
from app.facts.suppliers.sourcing.ending import EndingSources
from app.facts.suppliers.standings import queries as standings
from app.judgement.continuity import due as continuity
from app.judgement.continuity.due import PlanDayKind
from app.judgement.contracts import overlooked
from app.judgement.contracts import queries as contracts
from app.judgement.contracts.queries import DateKind
from app.judgement.corrective import queries as corrective
from app.judgement.fmea.living import acceptances, action_queries, reviews
from app.judgement.risk_index.overrides import queries as overrides
from app.judgement.scorecards.manual import queries as judgements
from app.reviews.due_dates.days import Door, DueDate, Kind, Source, Span
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
    for each in reviews.reviews_within(session, span.first, span.last):
        yield DueDate(
            Kind.REVIEW,
            str(each.public_id),
            each.day,
            f"{each.mode}: {each.cause}",
            each.because,
            Door("actions.row", {"cause_id": str(each.public_id)}),
            each.supplier_id,
            each.owner,
            is_critical=each.priority == Priority.HIGH,
        )


def register_reviews(session: Session, span: Span) -> Iterable[DueDate]:
    """Yield when registers are to be looked at as a whole."""
    for each in reviews.register_reviews(session, span.first, span.last):
        yield DueDate(
            Kind.REGISTER,
            str(each.public_id),
            each.day,
            each.title,
            "The whole register is to be looked at",
            Door("fmea.show", {"register_id": str(each.public_id)}),
            each.supplier_id,
            each.owner,
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
        yield _end_of_parts(Kind.PRICE, each, "Price of", "Last day; no later price is known")


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


def contract_days(session: Session, span: Span) -> Iterable[DueDate]:
    """Yield the days of active contracts: notice deadlines of both sides, ends."""
    for each in contracts.deadlines(session, span.today, until=span.last):
        if span.holds(each.day):
            yield DueDate(
                CONTRACT_KINDS[each.kind],
                str(each.contract_public_id),
                each.day,
                f"Contract {each.number}: {each.title}",
                each.words,
                _contract_page(each.supplier_public_id, each.contract_public_id),
                each.supplier_id,
                is_owed=each.kind is DateKind.NOTICE,
                is_critical=each.is_critical,
            )


def overlooked_renewals(session: Session, span: Span) -> Iterable[DueDate]:
    """Yield when contracts renewed themselves because nobody had decided, while that binds."""
    for each in overlooked.overlooked_renewals(session, span.today):
        yield DueDate(
            Kind.OVERLOOKED,
            str(each.contract_public_id),
            each.day,
            f"Contract {each.number}: {each.title}",
            each.words,
            _contract_page(each.supplier_public_id, each.contract_public_id),
            each.supplier_id,
            is_critical=each.is_critical,
        )


def _end_of_parts(
    kind: Kind, each: EndingPrices | EndingSources, named: str, words: str
) -> DueDate:
    """Return one date for the parts of a supplier for which something ends on the same day."""
    more = each.count - 1
    return DueDate(
        kind,
        f"{each.supplier_id}-{each.ends_on:%Y%m%d}",
        each.ends_on,
        f"{named} part {each.part_number}" + (f" and {more:,} more" if more else ""),
        words,
        Door("overview.supplier_facts", names_supplier=True),
        each.supplier_id,
        is_owed=False,
    )


def _contract_page(supplier: UUID, contract: UUID) -> Door:
    return Door("contracts.show", {"public_id": str(supplier), "contract_id": str(contract)})


def plan_days(session: Session, span: Span) -> Iterable[DueDate]:
    """Yield the days of continuity plans: reviews, exercises, certificates, open questions."""
    for each in continuity.plan_days(session, span.today, first=span.first, last=span.last):
        yield DueDate(
            PLAN_KINDS[each.kind],
            str(each.public_id),
            each.day,
            each.title,
            each.words,
            Door(*each.door),
            each.supplier_id,
            each.owner,
        )


def ending_approvals(session: Session, span: Span) -> Iterable[DueDate]:
    """Yield the last days on which suppliers are approved sources of parts."""
    last_day = "Last day on which it is an approved source"
    for each in sourcing.ending_sources(session, span.first, span.last):
        yield _end_of_parts(Kind.SOURCE, each, "Approved for", last_day)


def backup_days(session: Session, span: Span) -> Iterable[DueDate]:
    """Yield when backups are to reach their next stage, and when one is to get an order again."""
    for each in backups.acting_rows(session, span.first, span.last):
        row = each.backup
        page = Door("backup_suppliers.show", {"public_id": str(row.public_id)})
        what = f"Backup for part {each.part_number}"
        if row.stage in backups.ON_THE_WAY and not each.is_out and row.due_on is not None:
            yield DueDate(
                Kind.BACKUP, f"{row.public_id}-stage", row.due_on, what,
                f"It is {row.stage}; the next stage is due", page, row.supplier_id, row.owner,
            )  # fmt: skip
        elif each.rotate_by is not None:
            yield DueDate(
                Kind.BACKUP, f"{row.public_id}-rotation", each.rotate_by, what,
                "To get an order again, so that it stays able to deliver", page,
                row.supplier_id, row.owner,
            )  # fmt: skip


def ending_judgements(session: Session, span: Span) -> Iterable[DueDate]:
    """Yield the last days of judgements by people that no later one follows."""
    for each in judgements.ending(session, span.first, span.last):
        yield DueDate(
            Kind.JUDGEMENT,
            f"{each.supplier_id}-{each.criterion}",
            each.ends_on,
            f"Judgement “{each.name}”",
            "Counts up to this day; judge anew",
            Door("manual.judgements", names_supplier=True),
            each.supplier_id,
        )


SOURCES: tuple[Source, ...] = (
    Source(contract_days, {
        Kind.NOTICE: "notice deadline", Kind.THEIR_NOTICE: "their notice deadline",
        Kind.CONTRACT: "contract ends",
    }),
    Source(overlooked_renewals, {Kind.OVERLOOKED: "renewal overlooked"}),
    Source(plan_days, {
        Kind.PLAN_REVIEW: "review of a plan", Kind.EXERCISE: "exercise of a plan",
        Kind.CERTIFICATE: "certificate ends", Kind.QUESTION: "question about continuity",
    }),
    Source(accepted_risks, {Kind.ACCEPTANCE: "accepted risk ends"}),
    Source(risk_reviews, {Kind.REVIEW: "risk review"}),
    Source(register_reviews, {Kind.REGISTER: "review of a register"}),
    Source(risk_actions, {Kind.ACTION: "action against a risk"}),
    Source(corrective_steps, {Kind.CORRECTIVE: "corrective action"}),
    Source(ending_standings, {Kind.STANDING: "standing ends"}),
    Source(ending_exceptions, {Kind.EXCEPTION: "order exception ends"}),
    Source(ending_overrides, {Kind.OVERRIDE: "risk override ends"}),
    Source(ending_approvals, {Kind.SOURCE: "approval of a source ends"}),
    Source(backup_days, {Kind.BACKUP: "backup supplier"}),
    Source(ending_judgements, {Kind.JUDGEMENT: "judgement ends"}),
    Source(ending_agreements, {Kind.AGREEMENT: "scheduling agreement ends"}),
    Source(ending_prices, {Kind.PRICE: "price ends"}),
    Source(stale_statements, {Kind.STATEMENT: "annual statement grows old"}),
    Source(planned_meetings, {Kind.MEETING: "risk meeting"}),
    Source(commitments, {Kind.COMMITMENT: "commitment of a meeting"}),
)  # fmt: skip
LABELS = {kind: label for source in SOURCES for kind, label in source.labels.items()}
