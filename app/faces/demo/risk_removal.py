"""Which rows of risks go with the demo company, children before parents.

Registers themselves are taken out by `removal`, after what hangs on their rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from app.judgement.fmea.living.models import (
    FmeaAcceptance,
    FmeaAction,
    FmeaJoint,
    FmeaLink,
    FmeaReview,
    FmeaSuggestion,
)
from app.judgement.fmea.models import FmeaCause, FmeaMode, FmeaRegister
from app.platform.sources.models import BeforeImage
from app.reviews.meetings.models import (
    MeetingAttendee,
    MeetingCommitment,
    MeetingDecision,
    MeetingPoint,
    RiskMeeting,
)

# Any: mapped classes and their columns.
OF_CAUSES: tuple[Any, ...] = (FmeaAction, FmeaAcceptance, FmeaJoint, FmeaReview, FmeaSuggestion)
OF_MEETINGS: tuple[Any, ...] = (MeetingPoint, MeetingDecision, MeetingCommitment)
# What was noted beside the batch and goes where nobody uses it.
USES: dict[Any, tuple[Any, ...]] = {
    RiskMeeting: tuple(model.meeting_id for model in OF_MEETINGS),
}


def deletions(demo: Select[Any], batch_id: int) -> Iterator[tuple[Any, ColumnElement[bool]]]:
    """Yield what to delete under which condition; `demo` selects the demo's suppliers."""

    def loaded(model: Any) -> Select[Any]:
        return select(BeforeImage.row_id).where(
            BeforeImage.batch_id == batch_id, BeforeImage.table_name == model.__tablename__
        )

    registers = select(FmeaRegister.id).where(
        or_(FmeaRegister.id.in_(loaded(FmeaRegister)), FmeaRegister.supplier_id.in_(demo))
    )
    modes = select(FmeaMode.id).where(FmeaMode.register_id.in_(registers))
    causes = select(FmeaCause.id).where(FmeaCause.mode_id.in_(modes))
    for model in OF_CAUSES:
        yield model, model.cause_id.in_(causes)
    yield FmeaLink, or_(FmeaLink.mode_id.in_(modes), FmeaLink.linked_supplier_id.in_(demo))
    for model in OF_MEETINGS:
        yield model, model.supplier_id.in_(demo)
    yield MeetingAttendee, MeetingAttendee.meeting_id.in_(loaded(RiskMeeting))
