"""Risk meetings: the agenda writes itself until it is frozen; minutes end; promises go on."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.db import Database
from app.base.errors import Conflict, InvalidInput
from app.calc.fmea import Scores
from app.calc.fmea_action import ActionKind
from app.judgement.fmea import rating
from app.judgement.fmea.living import action_services
from app.judgement.fmea.living.action_services import Plan
from app.judgement.fmea.living.models import FmeaAcceptance, FmeaReview
from app.judgement.fmea.living.rows import RowHead
from app.judgement.fmea.models import FmeaCause
from app.platform.audit.services import ReasonNeeded
from app.reviews.meetings import agenda, queries, services
from app.reviews.meetings.agenda import Point, Section, Span
from app.reviews.meetings.models import CommitmentState
from app.reviews.meetings.sources import SOURCES
from tests.builders import facts, risks
from tests.conftest import NOW, TODAY

LAST_MEETING = TODAY - timedelta(days=31)


@pytest.fixture
def row(sqlite_only: Database) -> RowHead:
    """A row that was rated medium two months ago."""
    with pytest.MonkeyPatch.context() as patch, db.transaction() as session:
        patch.setattr(clock, "now", lambda: NOW - timedelta(days=60))
        supplier = facts.supplier(session, "Kestrel", number="V-1")
        return risks.row(session, risks.register(session, supplier), (7, 5, 5))


def sections(session: Session, until: date = TODAY) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for point in agenda.agenda_of(session, Span(LAST_MEETING, until), SOURCES):
        found.setdefault(str(point.section), []).append(point.detail)
    return found


def held(session: Session) -> UUID:
    made = services.plan(session, planned_on=TODAY, title="Risk meeting", chair="M. Weber")
    span = queries.span_of(session, TODAY)
    services.hold(session, made.public_id, agenda.agenda_of(session, span, SOURCES))
    return made.public_id


def test_each_kind_of_thing_finds_its_place_on_the_agenda(
    row: RowHead, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction() as session:
        assert sections(session) == {}
        cause = session.get_one(FmeaCause, row.cause_id)
        plan = Plan("Pin", ActionKind.PREVENTION, "A. Lindqvist", TODAY)
        action_services.plan_action(session, row.cause_id, plan)
        session.add_all(
            [
                FmeaAcceptance(
                    cause_id=row.cause_id, rating_id=row.rating_id, accepted_by="M. Weber",
                    reason="Stock covers it", until_on=TODAY - timedelta(days=2),
                    state="confirmed", asked_by="W", asked_at=NOW,
                ),
                FmeaReview(
                    cause_id=row.cause_id, kind="drift", key="2026Q3", raised_on=TODAY,
                    because="occurrence 5, facts say 9",
                ),
            ]
        )  # fmt: skip
        monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1))
        rating.rate_row(session, cause, Scores(8, 6, 5), rating.Why())
        found = sections(session, TODAY + timedelta(days=1))
        later = sections(session, date(2027, 2, 22))
    assert found == {
        "high": ["was M (S 7 · O 5 · D 5), now H (S 8 · O 6 · D 5)"],
        "overdue": ["A. Lindqvist, due 21 Nov 2026, 1 day over; priority H"],
        "acceptances": ["M. Weber’s acceptance ran out on 19 Nov 2026; the risk has risen since"],
        "drifted": ["occurrence 5, facts say 9"],
    }
    # Three months after the rating of 22 November a high one is due again.
    assert later["reviews"] == ["last look 22 Nov 2026, due 22 Feb 2027; priority H"]


def test_what_was_on_the_table_stays_when_the_risks_change(row: RowHead) -> None:
    with db.transaction() as session:
        cause = session.get_one(FmeaCause, row.cause_id)
        rating.rate_row(session, cause, Scores(8, 6, 5), rating.Why())
        key = held(session)
        before = queries.meeting(session, key)
        rating.rate_row(session, cause, Scores(4, 2, 2), rating.Why())
        after = queries.meeting(session, key)
    assert [point.detail for point in before.points] == [
        "was M (S 7 · O 5 · D 5), now H (S 8 · O 6 · D 5)"
    ]
    assert after.points == before.points
    assert after.agenda_hash == before.agenda_hash
    assert len(before.agenda_hash or "") == 64


def test_the_hash_of_an_agenda_follows_its_words() -> None:
    one = Point(Section.HIGH, "Housings come late", "new", 1, "Kestrel")
    other = Point(Section.HIGH, "Housings come late", "was M", 1, "Kestrel")
    assert agenda.agenda_hash([one]) != agenda.agenda_hash([other])
    assert agenda.agenda_hash([one, other]) != agenda.agenda_hash([other, one])


def test_a_meeting_is_planned_once_a_day_and_held_from_its_day_on(row: RowHead) -> None:
    tomorrow = TODAY + timedelta(days=1)
    with db.transaction() as session:
        made = services.plan(session, planned_on=tomorrow, title="T", chair="C")
        with pytest.raises(Conflict, match="is planned on 22 Nov 2026 already"):
            services.plan(session, planned_on=tomorrow, title="T", chair="C")
        with pytest.raises(Conflict, match="hold it from that day on"):
            services.hold(session, made.public_id, [])
        for day in (TODAY - timedelta(days=1), date.max):
            with pytest.raises(InvalidInput):
                services.plan(session, planned_on=day, title="T", chair="C")
        services.discard(session, made.public_id)
        assert queries.meeting_rows(session) == []


def test_minutes_are_written_by_one_at_a_time_and_end(row: RowHead) -> None:
    with db.transaction() as session:
        key = held(session)
        people = [("M. Weber", "chair"), ("J. Novák", "")]
        services.write_minutes(session, key, minutes="First", attendees=people, seen_version=2)
        with pytest.raises(Conflict, match="Somebody changed it"):
            services.write_minutes(session, key, minutes="Lost", attendees=[], seen_version=2)
        services.close(session, key)
        with pytest.raises(Conflict, match="The meeting is closed"):
            services.decide(session, key, said="Too late")
        found = queries.meeting(session, key)
    assert found.minutes == "First"
    assert found.attendees == (("M. Weber", "chair"), ("J. Novák", ""))


def test_a_commitment_stands_on_the_next_agenda_until_it_is_settled(row: RowHead) -> None:
    later = TODAY + timedelta(days=30)
    with db.transaction() as session:
        key = held(session)
        due = TODAY + timedelta(days=9)
        made = services.commit(session, key, what="Visit the works", owner="A. L.", due_on=due)
        with pytest.raises(Conflict, match="stands in the minutes already"):
            services.commit(session, key, what="Visit the works", owner="A. L.", due_on=due)
        services.close(session, key)
        assert sections(session, later)["commitments"] == [
            "A. L., due 30 Nov 2026, overdue; meeting of 21 Nov 2026"
        ]
        with pytest.raises(ReasonNeeded):
            services.settle(
                session, key, made.public_id, state=CommitmentState.DONE, reason="", seen_version=1
            )
        services.settle(
            session, key, made.public_id, state=CommitmentState.DONE,
            reason="Visited on 30 November, report filed", seen_version=1,
        )  # fmt: skip
        assert "commitments" not in sections(session, later)
