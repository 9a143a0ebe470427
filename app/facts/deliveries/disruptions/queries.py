"""Reads of disruptions and debit notes: what happened to one supplier's goods, sums of a period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.calc.periods import Period
from app.facts.deliveries.disruptions.models import DebitItem, DebitNote, NoteState
from app.facts.deliveries.models import CausedBy, Disruption, DisruptionKind
from app.facts.deliveries.period_reads import members, merged_suppliers
from app.facts.suppliers.models import Site

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class DisruptionRow:
    """A disruption with our plant and the note that charges it."""

    disruption: Disruption
    plant: str | None
    note: DebitNote | None


@dataclass(frozen=True, slots=True)
class NoteSheet:
    """A debit note with what it charges."""

    note: DebitNote
    items: tuple[tuple[DebitItem, Disruption], ...]

    @property
    def amount(self) -> Decimal:
        """What the costs chosen add up to."""
        return sum((item.amount for item, _ in self.items), ZERO)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one disruption cost and how much of it came back; amount None where unknown."""

    kind: DisruptionKind
    amount: Decimal | None
    currency: str | None
    recovered: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class DisruptionSums:
    """What a supplier caused in a period: how often by kind, how long, at what cost.

    `counts` of special status are all of them: such a notice is about the supplier by
    itself. `hours_unknown`, `lines_unknown` and costs without amount are told apart.
    """

    counts: Mapping[DisruptionKind, int] = field(default_factory=dict)
    hours: Decimal = ZERO
    hours_known: int = 0
    hours_unknown: int = 0
    lines_hit: int = 0
    lines_unknown: int = 0
    costs: tuple[Cost, ...] = ()


def disruption_rows(
    session: Session, supplier_id: int, *, first_day: date | None = None, last_day: date
) -> list[DisruptionRow]:
    """Return a supplier's disruptions of some days, the latest first, withdrawn ones too."""
    d = Disruption
    rows = (
        select(d, Site.name, DebitNote)
        .outerjoin(Site, Site.id == d.site_id)
        .outerjoin(DebitItem, DebitItem.disruption_id == d.id)
        .outerjoin(DebitNote, DebitNote.id == DebitItem.note_id)
        .where(d.supplier_id.in_(members(session, [supplier_id])), d.occurred_on <= last_day)
        .order_by(d.occurred_on.desc(), d.reference)
    )
    if first_day is not None:
        rows = rows.where(d.occurred_on >= first_day)
    return [DisruptionRow(*row) for row in session.execute(rows)]


def disruption_of(session: Session, supplier_id: int, disruption_id: int) -> Disruption:
    """Return a disruption of a supplier; raises NotFound, also for another's."""
    found = session.get(Disruption, disruption_id)
    if found is None or found.supplier_id not in members(session, [supplier_id]):
        raise NotFound("E-DIS-01", "There is no such disruption.")
    return found


def notes_of(session: Session, supplier_id: int) -> list[NoteSheet]:
    """Return a supplier's debit notes, the newest first."""
    own = members(session, [supplier_id])
    notes = session.scalars(
        select(DebitNote)
        .where(DebitNote.supplier_id.in_(own))
        .order_by(DebitNote.created_at.desc(), DebitNote.id.desc())
    ).all()
    return _sheets(session, list(notes))


def note_of(session: Session, supplier_id: int, public_id: UUID) -> NoteSheet:
    """Return a debit note of a supplier; raises NotFound, also for another's."""
    found = session.scalars(select(DebitNote).where(DebitNote.public_id == public_id)).first()
    if found is None or found.supplier_id not in members(session, [supplier_id]):
        raise NotFound("E-DIS-02", "There is no such debit note.")
    return _sheets(session, [found])[0]


def disruption_sums(
    session: Session, period: Period, *, supplier_ids: Collection[int] | None = None
) -> dict[int, DisruptionSums]:
    """Return by supplier what was caused in a period; who caused nothing is absent."""
    d = Disruption
    rows = (
        select(d, DebitNote.state, DebitNote.settled_amount, DebitItem.amount, DebitItem.note_id)
        .outerjoin(DebitItem, DebitItem.disruption_id == d.id)
        .outerjoin(DebitNote, DebitNote.id == DebitItem.note_id)
        .where(d.withdrawn_at.is_(None), d.occurred_on <= period.last_day)
        .order_by(d.id)
    )
    if period.first_day is not None:
        rows = rows.where(d.occurred_on >= period.first_day)
    if supplier_ids is not None:
        rows = rows.where(d.supplier_id.in_(members(session, supplier_ids)))
    merged = merged_suppliers(session)
    found: dict[int, list[tuple[Disruption, Decimal]]] = defaultdict(list)
    whole = _charged(session)
    for each, state, settled, amount, note_id in session.execute(rows):
        is_settled = state == NoteState.SETTLED and amount is not None
        back = _part(settled, amount, whole[note_id]) if is_settled else ZERO
        found[merged.get(each.supplier_id, each.supplier_id)].append((each, back))
    return {key: _sums(own) for key, own in found.items()}


def _sums(own: list[tuple[Disruption, Decimal]]) -> DisruptionSums:
    counts: dict[DisruptionKind, int] = defaultdict(int)
    hours, known, unknown, hit, lines_unknown, costs = ZERO, 0, 0, 0, 0, []
    for each, back in own:
        kind, is_caused = DisruptionKind(each.kind), each.caused_by == CausedBy.SUPPLIER
        if kind is DisruptionKind.SPECIAL_STATUS or is_caused:
            counts[kind] += 1
        if not is_caused or kind is DisruptionKind.SPECIAL_STATUS:
            continue
        # A cost whose currency an import did not tell is not known.
        amount = None if each.currency is None else each.cost
        costs.append(Cost(kind, amount, each.currency, back))
        if each.lines_hit is not None:
            hit += each.lines_hit
        elif kind is not DisruptionKind.PREMIUM_FREIGHT:
            lines_unknown += 1
        if each.hours is not None:
            hours, known = hours + each.hours, known + 1
        elif kind is not DisruptionKind.PREMIUM_FREIGHT:
            unknown += 1
    return DisruptionSums(dict(counts), hours, known, unknown, hit, lines_unknown, tuple(costs))


def _charged(session: Session) -> Mapping[int, Decimal]:
    """Return what the items of each settled note add up to."""
    rows = session.execute(
        select(DebitItem.note_id, DebitItem.amount)
        .join(DebitNote, DebitNote.id == DebitItem.note_id)
        .where(DebitNote.state == NoteState.SETTLED)
    )
    whole: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for note_id, amount in rows:
        whole[note_id] += amount
    return whole


def _part(settled: Decimal | None, amount: Decimal, whole: Decimal) -> Decimal:
    """Return an item's part of what a note brought back, cut to what it was charged for."""
    return min(amount, (settled or ZERO) * amount / whole) if whole else ZERO


def _sheets(session: Session, notes: list[DebitNote]) -> list[NoteSheet]:
    items: dict[int, list[tuple[DebitItem, Disruption]]] = defaultdict(list)
    for item, disruption in session.execute(
        select(DebitItem, Disruption)
        .join(Disruption, Disruption.id == DebitItem.disruption_id)
        .where(DebitItem.note_id.in_([note.id for note in notes]))
        .order_by(Disruption.occurred_on, Disruption.id)
    ):
        items[item.note_id].append((item, disruption))
    return [NoteSheet(note, tuple(items[note.id])) for note in notes]
