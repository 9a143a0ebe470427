"""Backups on their way: stages with evidence, a release by another person, rotation, coverage."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from app.base import acting, clock, db
from app.base.acting import Actor, Limit, Reach, Source
from app.base.db import Database
from app.base.errors import Conflict, InvalidInput
from app.facts.evidence.backup_suppliers import queries, services
from app.facts.evidence.backup_suppliers.services import Plan
from app.facts.suppliers.models import ApprovedSource, Part
from app.platform.audit import services as audit
from app.platform.audit.services import ReasonNeeded
from app.platform.outbox.models import OutboxMessage
from tests.builders import facts
from tests.conftest import TODAY
from tests.incidents.cast import REASON, approve, at_work, people

PLAN = Plan("Weber", TODAY + timedelta(days=30), 200_000, Decimal(300), 14)


@pytest.fixture
def backup(sqlite_only: Database) -> tuple[Actor, Actor, UUID]:
    """One who leads a backup, one who approves, and a backup of a part of 12,000 a year."""
    author, approver = people()
    with db.transaction() as session:
        facts.supplier(session, "Sonnenberg", number="S-9")
        facts.part(session, number="P-9", annual_usage=Decimal(12_000), survive_days=10)
    with at_work(author) as session:
        made = services.identify(session, part="P-9", supplier="S-9", plan=PLAN)
        return author, approver, made.public_id


def advanced(by: Actor, key: UUID, seen: int, evidence: str = REASON) -> bool:
    with at_work(by) as session:
        return services.advance(
            session, key, evidence=evidence, due_on=TODAY + timedelta(days=60), seen_version=seen
        )


def seen(key: UUID) -> queries.BackupRow:
    with db.reading() as session:
        return queries.backup_by_public_id(session, key)


def test_a_release_by_another_person_makes_an_approved_source(
    backup: tuple[Actor, Actor, UUID],
) -> None:
    author, approver, key = backup
    with pytest.raises(ReasonNeeded):
        advanced(author, key, 1, "short")
    assert [advanced(author, key, 1), advanced(author, key, 2)] == [True, True]
    # Qualified: it would be released in 60 days, and deliver 14 days later.
    assert seen(key).standby(TODAY).ready_in == 74
    assert advanced(author, key, 3) is False
    with pytest.raises(Conflict, match="E-BKP-09"):
        advanced(author, key, 3)
    assert seen(key).backup.stage == "qualified"
    approve(approver, services.RELEASE, seen(key).backup.id)
    assert (seen(key).backup.stage, seen(key).backup.released_on) == ("released", TODAY)
    with db.reading() as session:
        source = session.scalars(select(ApprovedSource)).one()
        covered = queries.coverages(queries.backup_rows(session), TODAY)[0]
    assert (source.role, source.target_share, source.qualified_on) == ("alternate", 200_000, TODAY)
    # 300 of 1,000 a month after 14 days; our stock lasts 10.
    assert (covered.coverage.steps, covered.lasts_until_then) == (((14, 0.3),), False)


def test_an_order_through_it_moves_its_rotation(
    backup: tuple[Actor, Actor, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    author, approver, key = backup
    for version in (1, 2, 3):
        advanced(author, key, version)
    approve(approver, services.RELEASE, seen(key).backup.id)
    assert seen(key).rotate_by == TODAY + timedelta(days=180)
    late = TODAY + timedelta(days=181)
    with db.transaction() as session:
        assert services.remind(session, late) == 1
        assert services.remind(session, late) == 0
        told = session.scalars(
            select(OutboxMessage).where(OutboxMessage.template == "backup_due")
        ).one()
    assert "it was never ordered from; give it an order" in told.text
    with db.transaction() as session:
        row = queries.backup_by_public_id(session, key)
        of = services.find_supplier(session, "S-9")
        part_id = session.scalars(select(Part.id)).one()
        order = facts.order(session, of, ordered_on=date(2026, 12, 1))
        line = facts.line(session, order, part_id=part_id)
        line.ordered_on = date(2026, 12, 1)
        session.flush()
        row = queries.backup_by_public_id(session, key)
        assert row.last_order_on == date(2026, 12, 1)
        assert not row.rotation_is_due(late)


def test_who_delivers_to_nobody_takes_over_nothing(backup: tuple[Actor, Actor, UUID]) -> None:
    author, approver, key = backup
    for version in (1, 2, 3):
        advanced(author, key, version)
    with db.transaction() as session:
        audit.give_reason(session, REASON)
        services.find_supplier(session, "S-9").status = "blocked"
    with pytest.raises(Conflict, match="E-BKP-10"):
        approve(approver, services.RELEASE, seen(key).backup.id)
    with db.reading() as session:
        assert queries.coverages(queries.backup_rows(session), TODAY) == []
    assert not seen(key).is_late(TODAY + timedelta(days=90))


def test_a_primary_source_is_no_backup_of_its_own_part(
    backup: tuple[Actor, Actor, UUID],
) -> None:
    author, _, _ = backup
    with db.transaction() as session:
        of, part = (
            facts.supplier(session, "Kestrel", number="S-1"),
            facts.part(session, number="P-1"),
        )
        session.add(ApprovedSource(part_id=part.id, supplier_id=of.id, role="primary"))
    with at_work(author) as session, pytest.raises(InvalidInput, match="E-BKP-11"):
        services.identify(session, part="P-1", supplier="S-1", plan=PLAN)


def test_one_supplier_is_one_backup_of_a_part(backup: tuple[Actor, Actor, UUID]) -> None:
    author, _, key = backup
    with at_work(author) as session, pytest.raises(Conflict, match="E-BKP-04"):
        services.identify(session, part="P-9", supplier="S-9", plan=PLAN)
    for given in ({"part": "P-0", "supplier": "S-9"}, {"part": "P-9", "supplier": "S-0"}):
        with at_work(author) as session, pytest.raises(InvalidInput, match="There is no"):
            services.identify(session, **given, plan=PLAN)
    with at_work(author) as session:
        services.drop(session, key, reason=REASON, seen_version=1)
    with db.reading() as session:
        assert queries.coverages(queries.backup_rows(session), clock.today()) == []
    with at_work(author) as session:
        services.take_up(session, key, seen_version=2)
    assert seen(key).backup.stage == "identified"


def test_a_list_shows_the_backups_within_reach_and_no_other(
    backup: tuple[Actor, Actor, UUID],
) -> None:
    with db.transaction() as session:
        other = facts.supplier(session, "Anadolu", number="S-8").id
        own = services.find_supplier(session, "S-9").id

    def listed(supplier_id: int) -> list[str]:
        reach = Reach(frozenset({Limit(supplier_ids=frozenset({supplier_id}))}))
        buyer = Actor(
            "Outside", Source.UI, user_id=9, roles=frozenset({"buyer"}), reads=reach, writes=reach
        )
        with acting.acting_as(buyer), db.reading() as session:
            return [row.supplier_name for row in queries.backup_rows(session)]

    assert listed(own) == ["Sonnenberg"]
    assert listed(other) == []
