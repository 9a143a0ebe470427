"""Reads of responses: the newest version of each, one with its versions, which are in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.facts.deliveries.period_reads import members
from app.facts.suppliers.models import Part, Supplier
from app.facts.suppliers.queries import NOT_DELIVERING, SupplierHead, heads_of
from app.judgement.continuity.incidents.queries import MOST_PARTS, PartRow, approved_parts
from app.judgement.continuity.responses.models import IncidentResponse, ResponseState
from app.platform.approvals.kinds import ObjectRef
from app.platform.approvals.queries import waiting_for

RESPONSE = "incident_response"


@dataclass(frozen=True, slots=True)
class Step:
    """A step agreed beforehand: what, by whom, within how many hours of the trigger."""

    title: str
    owner: str
    hours: int


@dataclass(frozen=True, slots=True)
class Present:
    """What a list of responses is sorted and searched by; its supplier's name if within reach."""

    id: int
    name: str
    state: str
    supplier_name: str | None


@dataclass(frozen=True, slots=True)
class ResponseSheet:
    """A version with whom it is about. A supplier out of reach stays unnamed (None)."""

    response: IncidentResponse
    supplier: SupplierHead | None
    substitute: SupplierHead | None
    is_waiting: bool = False
    # The version that waits for a decision, where a list of responses tells.
    coming: int | None = None

    @property
    def substitute_is_out(self) -> bool:
        """Whether the substitute can't step in: it is blocked, or was left."""
        return self.substitute is not None and self.substitute.status in NOT_DELIVERING

    @property
    def steps(self) -> tuple[Step, ...]:
        """Its steps, the soonest first."""
        return steps_of(self.response)


def steps_of(response: IncidentResponse) -> tuple[Step, ...]:
    """Return the steps of a version, the soonest first."""
    steps = (Step(each["title"], each["owner"], each["hours"]) for each in response.steps)
    return tuple(sorted(steps, key=lambda step: step.hours))


def present(session: Session) -> list[Present]:
    """Return of every response the version that holds, else the newest one."""
    of = IncidentResponse
    rows = session.execute(
        select(of.key, of.id, of.name, of.state, Supplier.name)
        .outerjoin(Supplier, Supplier.id == of.supplier_id)
        .order_by(of.key, of.version)
    )
    shown: dict[UUID, Present] = {}
    for key, row_id, name, state, supplier in rows:
        if key not in shown or shown[key].state != ResponseState.IN_FORCE:
            shown[key] = Present(row_id, name, state, supplier)
    return list(shown.values())


def sheets(session: Session, ids: Sequence[int]) -> list[ResponseSheet]:
    """Return versions for a list, in the order of their keys, with what is to follow them."""
    rows = {
        row.id: row
        for row in session.scalars(select(IncidentResponse).where(IncidentResponse.id.in_(ids)))
    }
    proposed = session.scalars(
        select(IncidentResponse).where(
            IncidentResponse.key.in_([row.key for row in rows.values()]),
            IncidentResponse.state == ResponseState.PROPOSED,
        )
    )
    coming = {row.key: row.version for row in proposed if is_waiting(session, row.id)}
    found = _sheets(session, [rows[each] for each in ids])
    return [replace(each, coming=coming.get(each.response.key)) for each in found]


def by_public_id(session: Session, public_id: UUID) -> ResponseSheet:
    """Return one version; raises NotFound."""
    row = session.scalar(select(IncidentResponse).where(IncidentResponse.public_id == public_id))
    if row is None:
        raise NotFound("E-RSP-01", "There is no such response.")
    return _sheets(session, [row])[0]


def by_id(session: Session, response_id: int) -> ResponseSheet | None:
    """Return the version by which an incident was opened; None where it is out of reach."""
    row = session.scalar(select(IncidentResponse).where(IncidentResponse.id == response_id))
    return None if row is None else _sheets(session, [row])[0]


def versions_of(session: Session, key: UUID) -> list[IncidentResponse]:
    """Return the versions of a response, the newest first."""
    rows = select(IncidentResponse).where(IncidentResponse.key == key)
    return list(session.scalars(rows.order_by(IncidentResponse.version.desc())))


def in_force(session: Session) -> list[IncidentResponse]:
    """Return the versions that hold now, by name."""
    rows = select(IncidentResponse).where(IncidentResponse.state == ResponseState.IN_FORCE)
    return list(session.scalars(rows.order_by(IncidentResponse.name, IncidentResponse.id)))


def by_rule(session: Session) -> dict[str, list[IncidentResponse]]:
    """Return the versions that hold now by the rule that triggers them."""
    found: dict[str, list[IncidentResponse]] = defaultdict(list)
    for each in in_force(session):
        if each.rule_key is not None:
            found[each.rule_key].append(each)
    return dict(found)


def fitting(
    session: Session, responses: Sequence[IncidentResponse], supplier_id: int
) -> IncidentResponse | None:
    """Return which of a rule's responses is a supplier's: its own comes before that of all.

    One that was agreed on for a supplier merged into it since is its own too.
    """
    for keys in ([supplier_id], members(session, [supplier_id]), [None]):
        found = next((each for each in responses if each.supplier_id in keys), None)
        if found is not None:
            return found
    return None


def answers_since(session: Session, response: IncidentResponse) -> datetime | None:
    """Return since when a response in force answers its trigger without a gap.

    A version that took the place of another on the same trigger goes on from there: what was
    raised shortly before, and not looked at yet, is still answered.
    """
    since, never_held = response.decided_at, (ResponseState.PROPOSED, ResponseState.REFUSED)
    for each in versions_of(session, response.key):
        if each.version >= response.version or each.state in never_held:
            continue
        is_same = each.rule_key == response.rule_key and each.supplier_id == response.supplier_id
        if each.state != ResponseState.REPLACED or not is_same:
            break
        since = each.decided_at
    return since


def parts_at_stake(
    session: Session, response: IncidentResponse, supplier_id: int | None, day: date
) -> list[PartRow]:
    """Return the parts that a response is about, those with most revenue first.

    Those of which the supplier is an approved source, as an incident would list them, and those
    that are flown in; for any supplier the latter alone.
    """
    flown = session.scalars(select(Part).where(Part.number.in_(response.air_freight)))
    own = [] if supplier_id is None else approved_parts(session, supplier_id, day, limit=MOST_PARTS)
    parts = {part.id: part for part in (*own, *flown)}.values()
    rows = [
        PartRow(
            part.id, part.number, part.name, part.criticality, part.revenue_exposed,
            part.currency, part.survive_days, part.number in response.air_freight,
        )
        for part in parts
    ]  # fmt: skip
    return sorted(rows, key=lambda each: (-(each.revenue_exposed or 0), each.number))


def is_waiting(session: Session, response_id: int) -> bool:
    """Tell whether a version waits for another person's decision."""
    return waiting_for(session, ObjectRef(RESPONSE, str(response_id))) is not None


def _sheets(session: Session, rows: Sequence[IncidentResponse]) -> list[ResponseSheet]:
    wanted = {key for row in rows for key in (row.supplier_id, row.substitute_id) if key}
    heads = heads_of(session, wanted) if wanted else {}
    return [
        ResponseSheet(
            row,
            heads.get(row.supplier_id or 0),
            heads.get(row.substitute_id or 0),
            row.state == ResponseState.PROPOSED and is_waiting(session, row.id),
        )
        for row in rows
    ]
