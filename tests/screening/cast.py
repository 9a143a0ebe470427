"""A small house to screen: lists as files of a few rows, people with the approver grant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import acting, db
from app.base.acting import Actor, Source
from app.facts.evidence.screening import lists, running, services
from app.facts.evidence.screening.models import Because, Layout, ScreeningMatch, Verdict
from app.facts.evidence.screening.reading import ListFile, read_list
from app.facts.evidence.screening.running import Outcome
from app.platform.accounts import grants
from app.platform.accounts.grant_models import Role
from app.platform.accounts.models import User
from app.platform.approvals import kinds
from app.platform.approvals import queries as approval_queries
from app.platform.approvals import services as approvals
from app.platform.approvals.kinds import ObjectRef
from app.platform.approvals.models import Verdict as Answer
from app.platform.imports.source_file import SourceFile
from app.platform.jobs.handle import Run

REASON = "Register number and address compared."
HEADER = "id,name,type,aliases,country,program\n"
FIRST, SECOND = date(2026, 11, 2), date(2026, 11, 16)


def file_of(rows: str) -> ListFile:
    """Return what a list of our own with these rows holds."""
    return read_list(SourceFile("list.csv", (HEADER + rows).encode()), Layout.GENERIC)


def load(rows: str, *, edition: date = FIRST, source: str = "house") -> UUID:
    """Put an edition of a list of our own in force."""
    file = file_of(rows)
    with db.transaction() as session:
        row = lists.check(session, file, source=source, edition=edition, file_name="list.csv")
        lists.put_in_force(session, row.public_id)
        return row.public_id


def screen() -> Outcome:
    """Screen everybody who is due."""
    outcome = running.screen(Run.by_hand(), because=Because.ASKED)
    assert outcome is not None
    return outcome


def match_of(session: Session, supplier_id: int) -> ScreeningMatch:
    """Return a supplier's only match."""
    found = select(ScreeningMatch).where(ScreeningMatch.supplier_id == supplier_id)
    return session.scalars(found).one()


def people() -> tuple[Actor, Actor]:
    """Return a risk manager, and somebody else with the approver grant."""
    kinds.register(services.KINDS)
    with db.transaction() as session:
        return _person(session, "Weber", Role.RISK_MANAGER), _person(
            session, "Brandt", Role.APPROVER
        )


def decide(by: Actor, supplier_id: int, verdict: Verdict, *, reason: str = REASON) -> UUID:
    """Decide on a supplier's only match as it stands now."""
    with acting.acting_as(by), db.transaction() as session:
        match = match_of(session, supplier_id)
        services.decide(
            session, match.public_id, verdict, reason=reason, seen_version=match.version
        )
        return match.public_id


def answer(by: Actor, match_id: UUID, decision: Answer = Answer.APPROVE) -> None:
    """Decide on what was proposed of a match."""
    with acting.acting_as(by), db.transaction() as session:
        waiting = approval_queries.waiting_for(session, ObjectRef(services.MATCH, str(match_id)))
        assert waiting is not None
        approvals.decide(
            session,
            approval_id=waiting.id,
            decision=decision,
            reason=REASON,
            seen_version=waiting.version,
            seen_hash=waiting.content_hash,
        )


@contextmanager
def at_work(by: Actor) -> Iterator[Session]:
    """One transaction of a person."""
    with acting.acting_as(by), db.transaction() as session:
        yield session


def _person(session: Session, name: str, role: Role) -> Actor:
    user = User(email=f"{name.lower()}@example.com", name=name, uniquifier=name.ljust(64, "x"))
    session.add(user)
    session.flush()
    grants.grant(session, user_id=user.id, role=role, reason=REASON)
    return Actor(name=name, source=Source.UI, user_id=user.id, roles=frozenset({str(role)}))
