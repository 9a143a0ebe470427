"""Writes of proposed restatements: a recompute proposes, a person approves or refuses.

What is approved is published as it was proposed; what is refused is told on the next card of
its kind, as a small correction is (domain rules §0.7).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.base import clock, db, scope
from app.base.db import JsonText
from app.base.errors import Conflict, InvalidInput, NotFound
from app.judgement.scorecards.closed.models import (
    LONGEST_REASON,
    ProposalState,
    ProposedRestatement,
)
from app.judgement.scorecards.correcting import WHY
from app.judgement.scorecards.models import PriorPeriodLine, ScorecardSnapshot
from app.judgement.snapshots import services as publisher
from app.judgement.snapshots.models import Publication
from app.judgement.snapshots.queries import is_newest
from app.platform.audit import services as audit

Row = dict[str, Any]  # Any: a snapshot's columns are of many types
P = ProposedRestatement
# One decision looks at no more of them than a page shows.
MOST_AT_ONCE = 200
# The card that is corrected, and score and grade as they would be.
Outcome = tuple[int, float | None, str | None]
TOLD = (
    "supplier_id", "snapshot_id", "period_kind", "period_end", "carried_to", "score_before",
    "score_after", "otif_before", "otif_after", "because", "input_digest",
)  # fmt: skip


def propose(session: Session, judged: Sequence[Row], wanted: Sequence[Row], *, at: datetime) -> int:
    """Store what is to be decided, each once; return how many are new.

    Of the suppliers `judged` for the same period, what waits and no longer holds is outdated;
    what takes its place names the causes of both.
    """
    if not judged:
        return 0
    known = _stored(session, judged)
    refusals = _refusals(known.values())
    asked = {_key(row): row for row in wanted if _outcome(row) not in refusals}
    before: dict[int, str] = {}
    for key, row in known.items():
        if key in asked and row.state == ProposalState.OUTDATED:
            row.state = ProposalState.PROPOSED
        elif key not in asked and row.state == ProposalState.PROPOSED:
            row.state = ProposalState.OUTDATED
            before[row.snapshot_id] = row.because
    session.flush()
    new = [_new(row, before.get(row["snapshot_id"], ""), at) for key, row in asked.items()
           if key not in known]  # fmt: skip
    if new:
        session.execute(insert(P), new)
    return len(new)


def refused(session: Session, judged: Sequence[Row], wanted: Sequence[Row]) -> list[Row]:
    """Return the corrections that somebody refused before, as the next card tells them."""
    if not wanted:
        return []
    refusals = _refusals(_stored(session, judged).values())
    outcomes = {_outcome(row) for row in wanted}
    return [_prior_line(row) for outcome, row in refusals.items() if outcome in outcomes]


def decide(session: Session, keys: Collection[UUID], *, is_approved: bool, reason: str) -> int:
    """Approve or refuse proposals, all of them or none; return how many.

    Raises NotFound for what is not there, Conflict for what was decided or restated meanwhile.
    """
    if not 0 < len(keys) <= MOST_AT_ONCE:
        raise InvalidInput("E-RST-01", f"Choose 1 to {MOST_AT_ONCE} restatements to decide on.")
    rows = _locked(session, keys)
    why = audit.give_reason(session, reason)
    for row in rows:
        scope.require_writable(session, "supplier", row.supplier_id)
        if row.state != ProposalState.PROPOSED:
            raise Conflict(
                "E-RST-02", f"One of them is {row.state} meanwhile. Load the page again."
            )
    with scope.unscoped(session, "cards of suppliers that were found to be within reach"):
        if is_approved:
            _publish(session, rows)
        else:
            told = [_prior_line(row) | {"noted_at": clock.now()} for row in rows]
            session.execute(insert(PriorPeriodLine), told)
    _settle(session, rows, ProposalState.APPROVED if is_approved else ProposalState.REFUSED, why)
    return len(rows)


def _locked(session: Session, keys: Collection[UUID]) -> Sequence[ProposedRestatement]:
    # Of two decisions at once the second one sees what the first one did.
    publisher.publish_alone(session)
    asked = select(P).where(P.public_id.in_(keys)).order_by(P.id).with_for_update()
    rows = session.scalars(asked).all()
    if len(rows) < len(set(keys)):
        raise NotFound("E-RST-03", "There is no such restatement.")
    return rows


def _publish(session: Session, rows: Sequence[ProposedRestatement]) -> None:
    _refuse_superseded(session, rows)
    now = clock.now()
    periods: Mapping[tuple[str, date], list[Row]] = defaultdict(list)
    for row in rows:
        periods[row.period_kind, row.period_end].append(_read(row))
    for (_, end), cards in periods.items():
        publication = Publication(as_of=end, started_at=now, published_at=now)
        session.add(publication)
        session.flush()
        publisher.publish(session, ScorecardSnapshot, cards, publication_id=publication.id, at=now)


def _refuse_superseded(session: Session, rows: Sequence[ProposedRestatement]) -> None:
    s = ScorecardSnapshot
    cards = [row.snapshot_id for row in rows]
    newest = set(session.scalars(select(s.id).where(s.id.in_(cards), is_newest(s))))
    if newest != set(cards):
        raise Conflict(
            "E-RST-04",
            "One of the cards was restated since this was proposed. The next recompute says what "
            "is left to decide.",
        )


def _settle(
    session: Session, rows: Sequence[ProposedRestatement], state: ProposalState, why: str
) -> None:
    actor, now = db.actor_of(session), clock.now()
    for row in rows:
        row.state, row.decided_at, row.decided_because = state, now, why
        row.decided_by, row.decided_by_id = actor.name, actor.user_id
    session.flush()


def _stored(session: Session, judged: Sequence[Row]) -> dict[tuple[int, str], ProposedRestatement]:
    rows = session.scalars(
        select(P).where(
            P.supplier_id.in_([row["supplier_id"] for row in judged]),
            P.period_kind == judged[0]["period_kind"],
            P.period_end == judged[0]["period_end"],
        )
    )
    return {(row.snapshot_id, row.input_digest): row for row in rows}


def _refusals(rows: Iterable[ProposedRestatement]) -> dict[Outcome, ProposedRestatement]:
    return {
        (row.snapshot_id, row.score_after, row.grade_after): row
        for row in rows
        if row.state == ProposalState.REFUSED
    }


def _outcome(row: Row) -> Outcome:
    """Return what is decided on: other facts that make the same card are no other question."""
    return row["snapshot_id"], row["score_after"], row["grade_after"]


def _new(row: Row, before: str, at: datetime) -> Row:
    """Return a proposal to store; what it takes the place of had its own cause."""
    causes = dict.fromkeys(each for each in (before, row["because"]) if each)
    because = " ".join(causes)[:LONGEST_REASON]
    card = _written({**row["card"], WHY: because})
    return {**row, "because": because, "card": card, "public_id": uuid4(), "proposed_at": at}


def _key(row: Row) -> tuple[int, str]:
    return row["snapshot_id"], row["input_digest"]


def _prior_line(row: ProposedRestatement) -> Row:
    return {name: getattr(row, name) for name in TOLD}


def _written(card: Row) -> Row:
    """Return a card's columns as JSON has them."""
    days = {name: value.isoformat() for name, value in card.items() if isinstance(value, date)}
    return card | days | {"parts": json.loads(card["parts"])}


def _read(row: ProposedRestatement) -> Row:
    """Return the card that was proposed, ready to be stored."""
    card = dict(row.card)
    parts = json.dumps(card["parts"], separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    days = {name: date.fromisoformat(card[name]) for name in ("period_end", "as_of")}
    return card | days | {"parts": JsonText(parts)}
