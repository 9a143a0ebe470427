"""How suppliers are screened: the setting in force, and proposing another.

A threshold hides or shows findings, so that a change of it needs another person.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import Conflict, InvalidInput
from app.facts.evidence.screening.models import DecisionState, EntryKind, ScreeningSetting
from app.platform.approvals import queries as approval_queries
from app.platform.approvals import services as approvals
from app.platform.approvals.eligibility import holders_of_grant
from app.platform.approvals.kinds import ObjectKind, ObjectRef, Settled
from app.platform.audit import services as audit

SETTING = "screening_setting"
LOWEST, HIGHEST = 50, 100
LONGEST_STALE_DAYS = 3660


@dataclass(frozen=True, slots=True)
class Setting:
    """How suppliers are screened. version 0 is what the product ships.

    threshold: [50..100] the score from which on names are alike. kinds: of entries that
    suppliers are compared with. stale_days: from which age on an edition is warned about.
    """

    version: int = 0
    threshold: int = 85
    kinds: tuple[str, ...] = (EntryKind.ENTITY, EntryKind.INDIVIDUAL)
    stale_days: int = 30


def in_force(session: Session) -> Setting:
    """Return the setting that was agreed last; the shipped one where none was."""
    s = ScreeningSetting
    row = session.scalar(
        select(s).where(s.state == DecisionState.AGREED).order_by(s.version.desc()).limit(1)
    )
    if row is None:
        return Setting()
    return Setting(row.version, row.threshold, tuple(row.kinds), row.stale_days)


def waiting(session: Session) -> ScreeningSetting | None:
    """Return the setting that waits for another person, if one does."""
    s = ScreeningSetting
    rows = session.scalars(
        select(s).where(s.state == DecisionState.PROPOSED).order_by(s.version.desc())
    )
    return next((row for row in rows if _waits(session, row.version)), None)


def propose(
    session: Session, *, threshold: int, kinds: Collection[str], stale_days: int, reason: str
) -> ScreeningSetting:
    """Propose another setting; it holds once another person agreed.

    Raises InvalidInput E-SAN-20 for values that can't be, Conflict E-SAN-21 where it holds
    already or another one waits.
    """
    chosen = tuple(str(kind) for kind in EntryKind if kind in kinds)
    _check(threshold, chosen, stale_days)
    present = in_force(session)
    if (present.threshold, set(present.kinds), present.stale_days) == (
        threshold, set(chosen), stale_days,
    ):  # fmt: skip
        raise Conflict("E-SAN-21", "This is the setting in force already; nothing changes.")
    if (other := waiting(session)) is not None:
        raise Conflict(
            "E-SAN-21",
            f"Version {other.version} of {other.decided_by} waits for approval. Have that decided"
            " or withdrawn first.",
        )
    row = ScreeningSetting(
        version=1 + (session.scalar(select(func.max(ScreeningSetting.version))) or 0),
        threshold=threshold,
        kinds=list(chosen),
        stale_days=stale_days,
        reason=audit.give_reason(session, reason),
        decided_by=db.actor_of(session).name,
        decided_at=clock.now(),
    )
    session.add(row)
    session.flush()
    approvals.submit(
        session,
        about=ObjectRef(SETTING, str(row.version)),
        version=row.version,
        title=f"Screening from a score of {threshold} on",
        content=_content(row.threshold, row.kinds, row.stale_days),
        before=_content(present.threshold, present.kinds, present.stale_days),
        because=row.reason,
    )
    return row


def _check(threshold: int, kinds: Collection[str], stale_days: int) -> None:
    if not LOWEST <= threshold <= HIGHEST:
        raise InvalidInput(
            "E-SAN-20",
            f"A threshold of {threshold} can't be; give a whole number from {LOWEST} to {HIGHEST}.",
        )
    if not 1 <= stale_days <= LONGEST_STALE_DAYS:
        raise InvalidInput(
            "E-SAN-20", f"{stale_days} days can't be; give from 1 to {LONGEST_STALE_DAYS:,} days."
        )
    if not kinds:
        raise InvalidInput("E-SAN-20", "Choose at least one kind of entry to compare with.")


def _content(threshold: int, kinds: Collection[str], stale_days: int) -> dict[str, object]:
    return {
        "score from which on names are alike": threshold,
        "compared with": ", ".join(kinds),
        "an edition is old after, in days": stale_days,
    }


def _waits(session: Session, version: int) -> bool:
    return approval_queries.waiting_for(session, ObjectRef(SETTING, str(version))) is not None


def _settle(session: Session, settled: Settled) -> None:
    row = session.scalars(
        select(ScreeningSetting).where(ScreeningSetting.version == int(settled.about.key))
    ).one()
    row.state = DecisionState.AGREED if settled.is_approved else DecisionState.REFUSED
    row.approved_by, row.approved_at = db.actor_of(session).name, clock.now()
    session.flush()


KIND = ObjectKind(
    type=SETTING,
    words="Settings of sanctions screening",
    approvers=holders_of_grant(SETTING),
    settle=_settle,
    address=lambda _key: "/screening/lists/#setting",
)
