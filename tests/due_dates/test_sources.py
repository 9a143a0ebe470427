"""What each source tells: its day, its words, and what it leaves out because it is over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.base import db
from app.base.db import Database
from app.facts.deliveries.agreements.models import SchedulingAgreement
from app.facts.deliveries.models import ContractPrice
from app.facts.evidence.backup_suppliers.models import BackupSupplier
from app.facts.evidence.models import FinancialStatement
from app.facts.suppliers.models import ApprovedSource
from app.facts.suppliers.standings.models import OrderException, SupplierStanding
from app.judgement.continuity.exercise_models import PlanExercise, PlanQuestion
from app.judgement.continuity.models import ContinuityPlan, PlanVersion
from app.judgement.contracts.models import ContractEvent
from app.judgement.corrective.models import CorrectiveAction
from app.judgement.fmea.living import reviews
from app.judgement.fmea.living.models import ReviewKind
from app.judgement.scorecards.manual.models import ManualCriterion, ManualScore
from app.reviews.due_dates import queries
from app.reviews.due_dates.days import Span
from app.reviews.due_dates.sources import SOURCES
from tests.builders import facts, risks
from tests.builders.contract_days import contract
from tests.conftest import NOW, TODAY

ONE_DAY = timedelta(days=1)
ALWAYS = Span(date(2020, 1, 1), date(2035, 12, 31), TODAY, ZoneInfo("Europe/Berlin"))


def told(session: Session) -> set[tuple[str, str, str, str]]:
    return {
        (str(each.due.kind), each.due.day.isoformat(), each.due.what, each.due.why)
        for each in queries.entries(session, ALWAYS, SOURCES)
    }


def test_plans_tell_of_the_version_that_was_approved_and_of_what_is_open(
    sqlite_only: Database,
) -> None:
    with db.transaction() as session:
        kestrel = facts.supplier(session, "Kestrel", number="V-1")
        plan, ended = (
            ContinuityPlan(
                supplier_id=kestrel.id, scope="supplier", title=title, opened_on=TODAY,
                opened_by="W", changed_by="W", changed_at=NOW, ended_on=ended_on,
                ended_because=None if ended_on is None else "merged into the other",
            )
            for title, ended_on in (("Foundry", None), ("Old", TODAY))
        )  # fmt: skip
        session.add_all([plan, ended])
        session.flush()
        for of, number, state, review in (
            (plan, 1, "approved", date(2027, 2, 28)), (plan, 2, "draft", date(2028, 1, 1)),
            (ended, 1, "approved", date(2027, 3, 1)),
        ):  # fmt: skip
            session.add(
                PlanVersion(
                    plan_id=of.id, number=number, state=state, begun_on=TODAY,
                    approved_on=TODAY if state == "approved" else None, next_review_on=review,
                    iso_22301_until=date(2028, 2, 29),
                )
            )  # fmt: skip
        for scenario, done_on in (("Furnace stands", None), ("Power is out", TODAY)):
            session.add(
                PlanExercise(
                    plan_id=plan.id, kind="tabletop", scenario=scenario,
                    planned_on=date(2026, 12, 31), planned_by="W", done_on=done_on,
                )
            )  # fmt: skip
        session.add(
            PlanQuestion(
                supplier_id=kestrel.id, topic="tested", asked_on=TODAY, asked_by="W",
                due_on=date(2026, 12, 21),
            )
        )  # fmt: skip
        session.flush()
        assert told(session) == {
            ("plan_review", "2027-02-28", "Foundry", "Review of the plan"),
            ("certificate", "2028-02-29", "Foundry", "Certificate by ISO 22301 ends"),
            ("exercise", "2026-12-31", "Foundry", "Exercise: Furnace stands"),
            ("question", "2026-12-21", "Question whether the plan was tested",
             "Asked on 21 Nov 2026, no answer yet"),
        }  # fmt: skip


def test_agreements_prices_standings_and_statements_tell_their_last_day(
    sqlite_only: Database,
) -> None:
    with db.transaction() as session:
        kestrel = facts.supplier(session, "Kestrel", number="V-1")
        one, two, three = (facts.part(session, number=number) for number in ("P1", "P2", "P3"))
        leap, month_end = date(2028, 2, 29), date(2026, 12, 31)
        session.add(
            SchedulingAgreement(
                supplier_id=kestrel.id, number="SA-1", part_id=one.id, valid_to=leap,
            )
        )  # fmt: skip
        # The price of P3 is followed by another one, which has no end.
        for part, begins, ends in (
            (one, 2026, month_end), (two, 2026, month_end), (three, 2026, month_end),
            (three, 2027, None),
        ):  # fmt: skip
            session.add(
                ContractPrice(
                    supplier_id=kestrel.id, part_id=part.id, price=Decimal(1), currency="EUR",
                    valid_from=date(begins, 1, 1), valid_to=ends,
                )
            )  # fmt: skip
        session.add(
            SupplierStanding(
                supplier_id=kestrel.id, standing="blocked", from_on=TODAY, until_on=leap,
                origin="override", reason="needed for the test", state="confirmed",
                decided_by="W", decided_at=NOW,
            )
        )  # fmt: skip
        session.add(
            OrderException(
                supplier_id=kestrel.id, buyer="J. Novák", from_on=TODAY, until_on=month_end,
                reason="needed for the test", state="confirmed", asked_by="W", asked_at=NOW,
            )
        )  # fmt: skip
        session.add(
            FinancialStatement(
                supplier_id=kestrel.id, closed_on=date(2025, 12, 31), currency="EUR", source="W"
            )
        )
        session.flush()
        assert told(session) == {
            ("agreement", "2028-02-29", "Scheduling agreement SA-1, part P1",
             "Last day of the agreement"),
            ("price", "2026-12-31", "Price of part P1 and 1 more",
             "Last day; no later price is known"),
            ("standing", "2028-02-29", "Standing “blocked”", "Ends; decide how it goes on"),
            ("exception", "2026-12-31", "Exception from a block",
             "J. Novák may order up to this day"),
            # 548 days after 31 December 2025.
            ("statement", "2027-07-02", "Annual statement of 31 Dec 2025",
             "18 months old; ask for the next one"),
        }  # fmt: skip


def test_registers_approvals_backups_and_judgements_tell_their_days(sqlite_only: Database) -> None:
    with db.transaction() as session:
        kestrel = facts.supplier(session, "Kestrel", number="V-1")
        one, two, three = (facts.part(session, number=number) for number in ("P1", "P2", "P3"))
        ends = date(2027, 3, 31)
        # The approval for P3 goes on from the next day.
        for part, begins, until in (
            (one, 2020, ends), (two, 2020, ends), (three, 2020, ends), (three, 2027, None),
        ):  # fmt: skip
            session.add(
                ApprovedSource(
                    part_id=part.id, supplier_id=kestrel.id, valid_from=date(begins, 4, 1),
                    valid_to=until,
                )
            )  # fmt: skip
        for part, stage, due_on, released_on in (
            (one, "sampling", date(2026, 12, 11), None),
            (two, "released", None, date(2026, 10, 1)),
            (three, "dropped", date(2026, 12, 12), None),
        ):
            session.add(
                BackupSupplier(
                    part_id=part.id, supplier_id=kestrel.id, stage=stage, owner="W",
                    identified_on=TODAY, due_on=due_on, released_on=released_on, rotate_days=180,
                )
            )  # fmt: skip
        asked, gone = (
            ManualCriterion(name=name, short="0 none, 100 all", retired_at=retired)
            for name, retired in (("Openness", None), ("Old", NOW))
        )
        session.add_all([asked, gone])
        session.flush()
        for criterion, expires_on in (
            (asked, date(2026, 12, 31)), (asked, date(2027, 6, 30)), (gone, date(2027, 7, 1)),
        ):  # fmt: skip
            session.add(
                ManualScore(
                    criterion_id=criterion.id, supplier_id=kestrel.id, value=50,
                    period_from=date(2026, 1, 1), period_to=date(2026, 6, 30),
                    expires_on=expires_on, evidence="seen on the visit of June", scored_by="W",
                    scored_at=NOW,
                )
            )  # fmt: skip
        risks.register(session, kestrel, review_on=date(2027, 2, 28), owner="W")
        risks.register(session, kestrel, review_on=date(2027, 3, 1), closed_at=NOW)
        session.flush()
        assert told(session) == {
            ("register", "2027-02-28", "Risks of Kestrel", "The whole register is to be looked at"),
            ("source", "2027-03-31", "Approved for part P1 and 1 more",
             "Last day on which it is an approved source"),
            ("backup", "2026-12-11", "Backup for part P1", "It is sampling; the next stage is due"),
            # 180 days after its release on 1 October: no order went through it since.
            ("backup", "2027-03-30", "Backup for part P2",
             "To get an order again, so that it stays able to deliver"),
            ("judgement", "2027-06-30", "Judgement “Openness”",
             "Counts up to this day; judge anew"),
        }  # fmt: skip


def test_a_renewal_that_nobody_decided_on_is_an_event_until_somebody_does(
    sqlite_only: Database,
) -> None:
    """90 days before 31 October it was 2 August; on 3 August it was too late."""
    with db.transaction() as session:
        kestrel = facts.supplier(session, "Kestrel", number="V-1")
        made = contract(
            session, kestrel.id, date(2026, 10, 31), our_notice_days=90, auto_renew=True,
            renewal_months=12,
        )  # fmt: skip
        happened = {"contract_id": made.id, "said": "x", "said_by": "W", "said_at": NOW}
        session.add(
            ContractEvent(
                kind="rolled_over", key="2026-10-31", happened_on=date(2026, 8, 3),
                ends_on=date(2026, 10, 31), **happened,
            )
        )  # fmt: skip
        session.flush()
        event = (
            "overlooked", "2026-08-03", "Contract C-1: Castings",
            "Nobody had decided in time: it renews itself after 31 Oct 2026, until 31 Oct 2027",
        )  # fmt: skip
        # The next notice deadline stands beside it.
        assert told(session) == {
            event,
            ("notice", "2027-08-02", "Contract C-1: Castings",
             "Last day for our notice: contract C-1 renews itself after 31 Oct 2027"),
        }  # fmt: skip
        session.add(
            ContractEvent(
                kind="renewal_wanted", key="2027-10-31", happened_on=TODAY,
                ends_on=date(2027, 10, 31), **happened,
            )
        )  # fmt: skip
        session.flush()
        assert event not in told(session)


def test_a_review_is_read_for_the_days_on_which_it_is_due(sqlite_only: Database) -> None:
    """A medium risk rated on 21 November is due on 21 May, unless something asks for it before."""
    with db.transaction() as session:
        kestrel = facts.supplier(session, "Kestrel", number="V-1")
        row = risks.row(session, risks.register(session, kestrel), (7, 5, 5))

        def days(first: date, last: date) -> list[date]:
            span = Span(first, last, TODAY, UTC)
            return [each.due.day for each in queries.entries(session, span, SOURCES)]

        due = date(2027, 5, 21)
        assert (days(TODAY, due - ONE_DAY), days(due, due)) == ([], [due])
        raised = {"key": "1", "on": date(2026, 11, 30), "because": "It happened"}
        reviews.raise_review(session, row.cause_id, ReviewKind.DRIFT, **raised)
        assert (days(TODAY, due - ONE_DAY), days(due, due)) == ([date(2026, 11, 30)], [])


def test_a_moment_is_the_day_that_it_is_in_the_houses_zone(sqlite_only: Database) -> None:
    """The first step is due 8 hours after 15:30 UTC: half past midnight in Berlin."""
    with db.transaction() as session:
        kestrel = facts.supplier(session, "Kestrel", number="V-1")
        session.add(
            CorrectiveAction(
                supplier_id=kestrel.id, title="Cracked", problem="Cracks", severity="major",
                issued_at=datetime(2026, 11, 20, 15, 30, tzinfo=UTC), opened_by="W",
            )
        )  # fmt: skip
        session.flush()
        in_utc = Span(ALWAYS.first, ALWAYS.last, TODAY, UTC)
        days = [
            [each.due.day for each in queries.entries(session, span, SOURCES)]
            for span in (ALWAYS, in_utc)
        ]
    assert days == [[date(2026, 11, 21)], [date(2026, 11, 20)]]
