"""Who may decide on a submission, and why somebody may not.

The rules: nobody decides what they wrote; one power is used once, whoever uses it; a
delegation carries a holder's own power, never one that was delegated and never a writer's.
Where a kind has a single approver, that one may decide even their own, marked “not
independent”.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.accounts import grant_queries
from app.platform.accounts.grant_models import Role
from app.platform.accounts.models import AccountKind, User
from app.platform.approvals.kinds import ObjectKind
from app.platform.approvals.models import Delegation


class Refusal(StrEnum):
    """Why somebody may not decide."""

    WROTE_IT = "wrote it"
    DECIDED_ALREADY = "decided already"
    NO_POWER = "no power"


@dataclass(frozen=True, slots=True)
class Powers:
    """Who may approve one kind of object on one day.

    holders: those with the power of their own. stand_ins: by account, the holders whose
    power a delegation lends them.
    """

    holders: frozenset[int]
    stand_ins: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    @property
    def everybody(self) -> frozenset[int]:
        """Everybody who may approve something of this kind."""
        return self.holders | frozenset(self.stand_ins)


@dataclass(frozen=True, slots=True)
class Said:
    """A decision that stands: who gave it, and for whom where they stood in."""

    by: int
    stands_in_for: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether somebody may decide, in whose stead, and whether that is independent."""

    refusal: Refusal | None = None
    stands_in_for: int | None = None
    is_independent: bool = True

    @property
    def may_decide(self) -> bool:
        """Whether nothing speaks against it."""
        return self.refusal is None


def standing_of(
    person_id: int, *, writers: Collection[int], said: Collection[Said], powers: Powers
) -> Standing:
    """Return how somebody stands towards a submission."""
    used = {one.by for one in said} | {one.stands_in_for for one in said}
    if person_id in used:
        return Standing(Refusal.DECIDED_ALREADY)
    if person_id in writers:
        is_alone = powers.holders == {person_id}
        return Standing(is_independent=False) if is_alone else Standing(Refusal.WROTE_IT)
    if person_id in powers.holders:
        return Standing()
    for holder in powers.stand_ins.get(person_id, ()):
        if holder not in used and holder not in writers:
            return Standing(stands_in_for=holder)
    return Standing(Refusal.NO_POWER)


def holders_of_grant(object_type: str) -> Callable[[Session], frozenset[int]]:
    """Return who holds the approver grant for a kind of object, as a kind asks for it."""

    def holders(session: Session) -> frozenset[int]:
        active = set(grant_queries.holders_of(session, Role.APPROVER))
        held = grant_queries.held_by_all(session, sorted(active))
        return frozenset(
            person
            for person, grants in held.items()
            for grant in grants
            if grant.role == Role.APPROVER
            and (grant.object_types is None or object_type in grant.object_types)
        )

    return holders


def powers_on(session: Session, kind: ObjectKind, day: date) -> Powers:
    """Return who may approve objects of a kind on a day."""
    holders = kind.approvers(session)
    rows = session.execute(
        select(Delegation.to_id, Delegation.from_id, Delegation.object_types)
        .join(User, User.id == Delegation.to_id)
        .where(
            Delegation.from_on <= day,
            Delegation.until_on >= day,
            Delegation.withdrawn_at.is_(None),
            User.is_active,
            User.kind == AccountKind.INTERNAL,
        )
        .order_by(Delegation.id)
    )
    stand_ins: dict[int, tuple[int, ...]] = {}
    for to_id, from_id, types in rows:
        if kind.type in types and from_id in holders:
            stand_ins[to_id] = (*stand_ins.get(to_id, ()), from_id)
    return Powers(holders, stand_ins)
