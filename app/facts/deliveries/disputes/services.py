"""Writes of disputes: open one, rule on it, withdraw a ruling by a further one.

Who opened a dispute, and who coded the miss, decides nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.base import clock, db, formatting, scope
from app.base.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.facts.deliveries import coding, rollup
from app.facts.deliveries.disputes import effects
from app.facts.deliveries.disputes.effects import Change
from app.facts.deliveries.disputes.models import (
    LONGEST_CLAIM,
    LONGEST_REASON,
    Dispute,
    DisputeRuling,
    DisputeState,
    Effect,
    Ground,
)
from app.facts.deliveries.models import MissAttribution, PurchaseOrder
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.publishing import closed_until
from app.facts.deliveries.rollup_models import LineVerdict, VerdictState
from app.facts.deliveries.touched_models import TouchedBy
from app.facts.deliveries.touching import Because
from app.platform.audit import services as audit

SHORTEST_REASON = 10
GRANTED = (DisputeState.UPHELD, DisputeState.PARTLY)
DECIDED = (*GRANTED, DisputeState.REFUSED)


@dataclass(frozen=True, slots=True)
class Objection:
    """What is objected to: on which ground, in which words, said by whom at the supplier."""

    ground: Ground
    claim: str
    said_by: str | None = None


def open_dispute(session: Session, line_id: int, objection: Objection, *, today: date) -> UUID:
    """Open a dispute on a line that was judged; return its public id.

    Raises NotFound, InvalidInput where the line is not judged, Conflict where its dispute
    window has closed or a dispute on it is open.
    """
    verdict = session.get(LineVerdict, line_id)
    if verdict is None:
        raise NotFound("E-DLV-01", "There is no such order line.")
    scope.require_writable(session, "supplier", verdict.supplier_id)
    label = line_label(session, line_id)
    due_on = _last_day(verdict, label, today)
    _refuse_second(session, line_id, label)
    actor = db.actor_of(session)
    row = Dispute(
        supplier_id=verdict.supplier_id,
        site_id=verdict.site_id,
        line_id=line_id,
        ground=objection.ground,
        claim=_said(objection.claim, LONGEST_CLAIM, "E-DSP-01", "Say what is wrong with the line"),
        said_by=objection.said_by or None,
        opened_by=actor.name,
        opened_by_id=actor.user_id,
        opened_on=today,
        due_on=due_on,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        # Somebody else opened one at the same moment.
        raise _second(label) from error
    return row.public_id


def rule(
    session: Session, public_id: UUID, outcome: DisputeState, change: Change, *, reason: str
) -> None:
    """Decide an open dispute; what the ruling changes is judged again at once."""
    dispute = _locked(session, public_id)
    if dispute.state != DisputeState.OPEN:
        raise Conflict("E-DSP-04", "The dispute was decided meanwhile. Load the page again.")
    _refuse_party(session, dispute)
    if outcome not in DECIDED:
        raise InvalidInput("E-DSP-05", "Decide: upheld, partly upheld or refused.")
    if (outcome in GRANTED) is (change.effect is Effect.NONE):
        raise InvalidInput(
            "E-DSP-05",
            "A refusal changes nothing on the line. Choose “nothing”."
            if outcome is DisputeState.REFUSED
            else "Choose what the ruling changes on the line.",
        )
    why = _reason(reason)
    audit.give_reason(session, why[:500])
    ruling = _added(session, dispute, outcome, change.effect, why)
    with _judged_again(session, dispute, ruling):
        effects.apply(session, dispute, ruling, change)
        dispute.state = outcome
        dispute.version += 1
        session.flush()


def withdraw(session: Session, public_id: UUID, *, reason: str) -> None:
    """Withdraw a decision by a further ruling, and put back what stood before it.

    An open dispute is withdrawn so too: it then changed nothing.
    """
    dispute = _locked(session, public_id)
    if dispute.state == DisputeState.WITHDRAWN:
        raise Conflict("E-DSP-04", "The dispute was withdrawn meanwhile. Load the page again.")
    last = _last_ruling(session, dispute)
    if last is not None:
        _refuse_party(session, dispute)
    elif not _is_opener(session, dispute):
        # To end somebody else's dispute is to decide it.
        _refuse_coder(session, dispute)
    why = _reason(reason)
    audit.give_reason(session, why[:500])
    ruling = _added(session, dispute, DisputeState.WITHDRAWN, Effect.NONE, why)
    with _judged_again(session, dispute, ruling):
        if last is not None:
            effects.take_back(session, dispute, last, ruling)
        dispute.state = DisputeState.WITHDRAWN
        dispute.version += 1
        session.flush()


def line_label(session: Session, line_id: int) -> str:
    """Return the order and the line as people write them."""
    number, line_no = session.execute(
        select(PurchaseOrder.number, Line.line_no)
        .join(PurchaseOrder, PurchaseOrder.id == Line.order_id)
        .where(Line.id == line_id)
    ).one()
    return f"{number} / {line_no}"


def _last_day(verdict: LineVerdict, label: str, today: date) -> date:
    if verdict.state != VerdictState.DUE or verdict.window_end_on is None:
        raise InvalidInput(
            "E-DSP-02",
            f"Order line {label} counts in no rate yet, or stands outside all of them. Only a "
            "line that was judged is disputed.",
        )
    last = coding.coded_until(verdict.window_end_on)
    if today > last:
        raise Conflict(
            "E-DSP-03",
            f"The dispute window of order line {label} closed on {formatting.day(last)}. Its "
            "quarter is closed; take it up as a correction of the facts instead.",
        )
    return last


def _refuse_second(session: Session, line_id: int, label: str) -> None:
    is_open = select(Dispute.id).where(
        Dispute.line_id == line_id, Dispute.state == DisputeState.OPEN
    )
    if session.scalar(is_open) is not None:
        raise _second(label)


def _second(label: str) -> Conflict:
    return Conflict("E-DSP-06", f"A dispute on order line {label} is open. Add to it what is new.")


def _locked(session: Session, public_id: UUID) -> Dispute:
    row = session.scalar(select(Dispute).where(Dispute.public_id == public_id).with_for_update())
    if row is None:
        raise NotFound("E-DSP-07", "There is no such dispute.")
    scope.require_writable(session, "supplier", row.supplier_id)
    return row


def _refuse_party(session: Session, dispute: Dispute) -> None:
    """Refuse who opened the dispute and who coded the miss: nobody decides on their own word."""
    if _is_opener(session, dispute):
        raise Forbidden(
            "E-DSP-12", "You opened this dispute; somebody else decides it. Nothing was stored."
        )
    _refuse_coder(session, dispute)


def _is_opener(session: Session, dispute: Dispute) -> bool:
    return _is_me(session, dispute.opened_by_id, dispute.opened_by)


def _refuse_coder(session: Session, dispute: Dispute) -> None:
    coder = session.execute(
        select(MissAttribution.attributed_by_id, MissAttribution.attributed_by).where(
            MissAttribution.line_id == dispute.line_id
        )
    ).first()
    last = _last_ruling(session, dispute)
    if last is not None and last.effect == Effect.CAUSE:
        # The ruling wrote the cause in the name of who ruled; who coded it stands before it.
        is_coder = _is_me(session, (last.before or {}).get(effects.CODER), None)
    else:
        is_coder = coder is not None and _is_me(session, *coder)
    if is_coder:
        raise Forbidden(
            "E-DSP-12", "You coded this miss; somebody else decides. Nothing was stored."
        )


def _is_me(session: Session, user_id: int | None, name: str | None) -> bool:
    """Tell whether who acts is somebody: by account; by name where one of the two has none."""
    actor = db.actor_of(session)
    if actor.user_id is not None and user_id is not None:
        return actor.user_id == user_id
    return actor.name == name


def _last_ruling(session: Session, dispute: Dispute) -> DisputeRuling | None:
    return session.scalar(
        select(DisputeRuling)
        .where(DisputeRuling.dispute_id == dispute.id)
        .order_by(DisputeRuling.id.desc())
        .limit(1)
    )


def _added(
    session: Session, dispute: Dispute, outcome: DisputeState, effect: Effect, reason: str
) -> DisputeRuling:
    actor = db.actor_of(session)
    ruling = DisputeRuling(
        dispute_id=dispute.id,
        outcome=outcome,
        effect=effect,
        reason=reason,
        decided_by=actor.name,
        decided_by_id=actor.user_id,
        decided_at=clock.now(),
    )
    session.add(ruling)
    session.flush()
    return ruling


def _reason(text: str) -> str:
    why = _said(text, LONGEST_REASON, "E-DSP-13", "Give the reason of the ruling")
    if len(why) < SHORTEST_REASON:
        raise InvalidInput("E-DSP-13", "Give a reason of at least 10 characters.")
    return why


def _said(text: str, longest: int, code: str, asked: str) -> str:
    said = " ".join(text.split())
    if not 0 < len(said) <= longest:
        raise InvalidInput(code, f"{asked}, in at most {longest:,} characters.")
    return said


@contextmanager
def _judged_again(session: Session, dispute: Dispute, ruling: DisputeRuling) -> Iterator[None]:
    """Bracket what a ruling writes; whoever rules was found to reach the supplier before."""
    because = Because(TouchedBy.RULING, ruling.id)
    with (
        scope.unscoped(session, "the line of a dispute within reach is judged again"),
        rollup.change(session, until=closed_until(session), because=because) as change,
    ):
        change.touch([dispute.line_id])
        yield
