"""What hangs on a rated risk and on a risk meeting, in one world of the access tests."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.suppliers.models import Supplier
from app.judgement.fmea.living import rows
from app.judgement.fmea.living.models import (
    FmeaAcceptance,
    FmeaAction,
    FmeaJoint,
    FmeaLink,
    FmeaReview,
    FmeaSuggestion,
)
from app.judgement.fmea.models import FmeaCause, FmeaMode, FmeaRegister
from app.reviews.meetings.models import (
    MeetingCommitment,
    MeetingDecision,
    MeetingPoint,
    RiskMeeting,
)
from tests.conftest import NOW, TODAY

NOBODY = uuid.UUID(int=1)


def move_in(session: Session, canary: str, of: Supplier) -> None:
    """Add a row with an action, an acceptance and all the rest, and a meeting that was held."""
    row = rows.row_by_public_id(session, _cause(session, of.id).public_id)
    session.add_all(
        [
            FmeaAction(
                cause_id=row.cause_id, title=f"{canary} action", kind="prevention", owner=canary,
                due_on=TODAY, made_by=canary, made_at=NOW,
            ),
            FmeaAcceptance(
                cause_id=row.cause_id, rating_id=row.rating_id, accepted_by=canary,
                reason=f"{canary} accepts it",
                until_on=TODAY + timedelta(days=30), state="confirmed", asked_by=canary,
                asked_at=NOW,
            ),
            FmeaJoint(
                cause_id=row.cause_id, met_on=TODAY, spoke_with=canary, severity=3, note=canary,
                entered_by=canary,
            ),
            FmeaSuggestion(
                cause_id=row.cause_id, dimension="occurrence", quarter_end=TODAY, suggested=9,
                stored=6, basis={"told": canary}, noted_at=NOW,
            ),
            FmeaReview(
                cause_id=row.cause_id, kind="drift", key=canary, raised_on=TODAY, because=canary
            ),
            FmeaLink(mode_id=row.mode_id, kind="contract", label=canary, made_by=canary),
        ]
    )  # fmt: skip
    _meeting(session, canary, of)


def _meeting(session: Session, canary: str, of: Supplier) -> None:
    meeting = session.scalars(select(RiskMeeting)).first()
    if meeting is None:
        meeting = RiskMeeting(
            title="Risk meeting", planned_on=TODAY, chair="Chair", planned_by="Chair",
            state="held", held_at=NOW, held_by="Chair", agenda_hash="0" * 64,
        )  # fmt: skip
        session.add(meeting)
        session.flush()
    place = 1 + len(session.scalars(select(MeetingPoint)).all())
    session.add_all(
        [
            MeetingPoint(
                meeting_id=meeting.id, supplier_id=of.id, section="high", place=place,
                title=f"{canary} point", note=canary, noted_by=canary,
            ),
            MeetingDecision(
                meeting_id=meeting.id, supplier_id=of.id, said=f"{canary} decision",
                noted_by=canary, noted_at=NOW,
            ),
            MeetingCommitment(
                meeting_id=meeting.id, supplier_id=of.id, what=f"{canary} commitment",
                owner=canary, due_on=TODAY, noted_by=canary, noted_at=NOW,
            ),
        ]
    )  # fmt: skip


def _cause(session: Session, supplier_id: int) -> FmeaCause:
    """Return the one row of the supplier's register."""
    causes = (
        select(FmeaCause)
        .join(FmeaMode, FmeaMode.id == FmeaCause.mode_id)
        .join(FmeaRegister, FmeaRegister.id == FmeaMode.register_id)
        .where(FmeaRegister.supplier_id == supplier_id)
    )
    return session.scalars(causes).one()


def parts_of(supplier: Callable[[Any], int], *names: str) -> Callable[[Session, Any], Any]:
    """Return how the parts of an address are found in a world, by their names."""

    def parts(session: Session, world: Any) -> dict[str, Any]:
        cause = _cause(session, supplier(world))
        cause_id = cause.id

        def first(model: Any, condition: Any) -> Any:
            return session.scalars(select(model.public_id).where(condition)).first()

        found = {
            "cause_id": lambda: cause.public_id,
            "action_id": lambda: first(FmeaAction, FmeaAction.cause_id == cause_id),
            "acceptance_id": lambda: first(FmeaAcceptance, FmeaAcceptance.cause_id == cause_id),
            "link_id": lambda: first(FmeaLink, FmeaLink.mode_id == cause.mode_id),
        }
        return {name: found[name]() for name in names}

    return parts
