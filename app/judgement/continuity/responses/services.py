"""Writes of responses: propose, follow by another version, retire. Another person agrees.

What is agreed to is the version's content; a version never changes afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting, scope
from app.base.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.facts.suppliers.models import Part, Supplier
from app.facts.suppliers.queries import find_supplier, heads_of
from app.judgement.continuity.responses import queries
from app.judgement.continuity.responses.models import IncidentResponse, ResponseState
from app.judgement.continuity.responses.queries import RESPONSE, Step
from app.platform.approvals import services as approvals
from app.platform.approvals.eligibility import holders_of_grant
from app.platform.approvals.kinds import ObjectKind, ObjectRef, Settled
from app.platform.audit import services as audit

MOST_STEPS, MOST_HOURS, MOST_PARTS = 20, 8_760, 50


@dataclass(frozen=True, slots=True)
class Said:
    """A response as somebody wrote it: suppliers by number, parts by number.

    `supplier` empty: for any; `rule_key` None: only people open incidents by it.
    """

    name: str
    steps: tuple[Step, ...]
    approver: str
    rule_key: str | None = None
    supplier: str = ""
    authority: Decimal | None = None
    currency: str | None = None
    substitute: str = ""
    air_freight: tuple[str, ...] = ()


def propose(session: Session, said: Said, *, reason: str) -> IncidentResponse:
    """Propose a response; it holds when another person has agreed."""
    because = audit.give_reason(session, reason)
    row = _made(session, said, because)
    _refuse_second(session, row)
    _refuse_same_name(session, row)
    return _submitted(session, row, None)


def follow(
    session: Session, public_id: UUID, said: Said, *, reason: str, seen_version: int
) -> IncidentResponse:
    """Propose another version; the one in force holds until another person has agreed."""
    before = _newest(session, public_id)
    _require_reach(session, before.supplier_id)
    _require_sight(session, before.substitute_id)
    if before.version != seen_version:
        raise Conflict(
            "E-RSP-02", f"Version {before.version} is the newest by now. Look at it first."
        )
    if queries.is_waiting(session, before.id):
        raise Conflict("E-RSP-03", f"Version {before.version} waits for a decision; settle it.")
    because = audit.give_reason(session, reason)
    row = _made(session, said, because)
    row.key, row.version = before.key, before.version + 1
    _refuse_second(session, row)
    _refuse_same_name(session, row)
    return _submitted(session, row, before)


def retire(session: Session, public_id: UUID, *, reason: str) -> None:
    """Take a response out of force; incidents that it opened go on."""
    row = _held(session, public_id)
    _require_reach(session, row.supplier_id)
    if row.state != ResponseState.IN_FORCE:
        raise Conflict("E-RSP-04", "This version is not in force; there is nothing to retire.")
    row.ended_because = audit.give_reason(session, reason)
    _end(session, row, ResponseState.RETIRED)
    session.flush()


def parts_numbered(session: Session, numbers: Sequence[str]) -> list[Part]:
    """Return the parts with some numbers, in their order; raises InvalidInput naming a strange
    one."""
    wanted = list(dict.fromkeys(numbers))
    found = {
        row.number: row for row in session.scalars(select(Part).where(Part.number.in_(wanted)))
    }
    strange = [number for number in wanted if number not in found]
    if strange:
        raise InvalidInput("E-RSP-05", f"There is no part {strange[0][:60]!r}; give its number.")
    return [found[number] for number in wanted]


def supplier_numbered(session: Session, number: str) -> Supplier:
    """Return the supplier with a number or name, or the one that it was merged into.

    Raises InvalidInput where there is none.
    """
    found: Supplier | None
    try:
        found = find_supplier(session, number)
    except NotFound:
        found = None
    if found is not None and found.effective_supplier_id not in (None, found.id):
        into = select(Supplier).where(Supplier.id == found.effective_supplier_id)
        found = session.scalar(into)
    if found is None:
        raise InvalidInput("E-RSP-06", f"There is no supplier {number[:60]!r} within your reach.")
    return found


def _made(session: Session, said: Said, because: str) -> IncidentResponse:
    _check(said)
    supplier = supplier_numbered(session, said.supplier) if said.supplier else None
    substitute = supplier_numbered(session, said.substitute) if said.substitute else None
    _require_reach(session, None if supplier is None else supplier.id)
    if substitute is not None and supplier is not None and substitute.id == supplier.id:
        raise InvalidInput("E-RSP-07", "A supplier is no substitute for itself.")
    parts = parts_numbered(session, said.air_freight)
    actor = db.actor_of(session)
    return IncidentResponse(
        name=said.name, rule_key=said.rule_key, version=1,
        supplier_id=None if supplier is None else supplier.id,
        steps=[asdict(each) for each in said.steps], approver=said.approver,
        authority=said.authority, currency=said.currency,
        substitute_id=None if substitute is None else substitute.id,
        air_freight=[part.number for part in parts], author=actor.name,
        author_id=actor.user_id, made_at=clock.now(), reason=because,
    )  # fmt: skip


def _check(said: Said) -> None:
    if not 1 <= len(said.steps) <= MOST_STEPS:
        raise InvalidInput(
            "E-RSP-08", f"{len(said.steps)} steps; a response has 1 to {MOST_STEPS}."
        )
    late = next((each for each in said.steps if not 0 <= each.hours <= MOST_HOURS), None)
    if late is not None:
        raise InvalidInput(
            "E-RSP-09", f"“{late.title[:60]}” is due after {late.hours} hours; 0 to {MOST_HOURS}."
        )
    if (said.authority is None) is not (said.currency is None):
        raise InvalidInput("E-RSP-10", "Give the limit with its currency, or neither.")
    if len(said.air_freight) > MOST_PARTS:
        raise InvalidInput(
            "E-RSP-11", f"{len(said.air_freight)} parts to fly in; at most {MOST_PARTS}."
        )


def _submitted(
    session: Session, row: IncidentResponse, before: IncidentResponse | None
) -> IncidentResponse:
    session.add(row)
    session.flush()
    approvals.submit(
        session,
        about=ObjectRef(RESPONSE, str(row.id)),
        version=row.version,
        title=f"Response: {row.name}, version {row.version}"[:150],
        content=_content(session, row),
        before=None if before is None else _content(session, before),
        because=row.reason,
        supplier_id=row.supplier_id,
    )
    return row


def _content(session: Session, row: IncidentResponse) -> dict[str, Any]:  # Any: JSON
    heads = heads_of(session, [key for key in (row.supplier_id, row.substitute_id) if key])
    names = {key: f"{head.name} ({head.number})" for key, head in heads.items()}
    money = "none"
    if row.authority is not None and row.currency is not None:
        money = formatting.money(row.authority, row.currency)
    return {
        "name": row.name,
        "trigger": row.rule_key or "opened by people",
        "supplier": names.get(row.supplier_id or 0, "any"),
        "steps": [_step_words(each) for each in row.steps],
        "approver": row.approver,
        "may be spent at once": money,
        "substitute supplier": names.get(row.substitute_id or 0, "none"),
        "flown in": ", ".join(row.air_freight) or "nothing",
    }


def _step_words(step: Mapping[str, Any]) -> str:  # Any: JSON
    return f"within {step['hours']} h: {step['title']} ({step['owner']})"


def _refuse_second(session: Session, row: IncidentResponse) -> None:
    if row.rule_key is None:
        return
    same = [
        each
        for each in queries.by_rule(session).get(row.rule_key, [])
        if each.supplier_id == row.supplier_id and each.key != row.key
    ]
    if same:
        raise Conflict(
            "E-RSP-12",
            f"“{same[0].name}” answers this trigger already. Propose another version of it.",
        )


def _refuse_same_name(session: Session, row: IncidentResponse) -> None:
    """Refuse another response of one name: a form that was sent twice is proposed once.

    A proposal that was taken back, like one that was refused or is over, leaves its name free.
    """
    supplier = IncidentResponse.supplier_id
    same = select(IncidentResponse).where(
        IncidentResponse.name == row.name,
        supplier.is_(None) if row.supplier_id is None else supplier == row.supplier_id,
        IncidentResponse.state.in_((ResponseState.PROPOSED, ResponseState.IN_FORCE)),
    )
    if any(
        each.key != row.key
        and (each.state == ResponseState.IN_FORCE or queries.is_waiting(session, each.id))
        for each in session.scalars(same)
    ):
        raise Conflict(
            "E-RSP-14",
            f"There is a response “{row.name}” already. Propose another version of it, or give "
            "this one another name.",
        )


def _settle(session: Session, settled: Settled) -> None:
    row = session.get_one(IncidentResponse, int(settled.about.key), with_for_update=True)
    row.decided_at, row.decided_by = clock.now(), db.actor_of(session).name
    if not settled.is_approved:
        row.state = ResponseState.REFUSED
        session.flush()
        return
    _refuse_second(session, row)
    for each in queries.versions_of(session, row.key):
        if each.state == ResponseState.IN_FORCE:
            each.ended_because = f"Version {row.version} took its place."
            _end(session, each, ResponseState.REPLACED)
    row.state = ResponseState.IN_FORCE
    session.flush()


def _end(session: Session, row: IncidentResponse, state: ResponseState) -> None:
    row.state, row.ended_at, row.ended_by = state, clock.now(), db.actor_of(session).name


def _newest(session: Session, public_id: UUID) -> IncidentResponse:
    return queries.versions_of(session, _held(session, public_id).key)[0]


def _held(session: Session, public_id: UUID) -> IncidentResponse:
    row = session.scalar(
        select(IncidentResponse).where(IncidentResponse.public_id == public_id).with_for_update()
    )
    if row is None:
        raise NotFound("E-RSP-01", "There is no such response.")
    return row


def _require_reach(session: Session, supplier_id: int | None) -> None:
    if supplier_id is not None:
        scope.require_writable(session, "supplier", supplier_id)
    elif not db.actor_of(session).writes.is_everything:
        raise Forbidden(
            "E-RSP-13",
            "A response for any supplier is written by somebody who works on all of them. "
            "Name one supplier. Nothing was stored.",
        )


def _require_sight(session: Session, substitute_id: int | None) -> None:
    """Refuse whoever does not see the substitute: a new version of theirs would drop it."""
    if substitute_id is not None and substitute_id not in heads_of(session, [substitute_id]):
        raise Forbidden(
            "E-RSP-15",
            "Its substitute is a supplier that you do not see. Whoever works on both writes the "
            "next version. Nothing was stored.",
        )


def _address(_key: str) -> str:
    return "/responses/"


KIND = ObjectKind(
    type=RESPONSE,
    words="Responses to incidents",
    approvers=holders_of_grant(RESPONSE),
    settle=_settle,
    address=_address,
)
