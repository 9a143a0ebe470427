"""The contingency card: what one needs at hand in an incident, on one sheet of paper.

Holds words only, cut to what a page takes; the template works nothing out.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import formatting
from app.base.pdf.printable import PaperSize
from app.facts.evidence.backup_suppliers.queries import PartCoverage
from app.facts.suppliers.contacts import contacts_of
from app.judgement.continuity.incidents import wording
from app.judgement.continuity.incidents.models import DecisionState, LinkKind, TaskState
from app.judgement.continuity.incidents.queries import PartRow
from app.judgement.continuity.incidents.room import Room
from app.judgement.continuity.models import ContinuityPlan, PlanContact, PlanState, PlanVersion

TEMPLATE = "contingency_card.html"
MOST_STEPS, MOST_PARTS, MOST_PEOPLE, MOST_DECISIONS, MOST_FACTS = 8, 5, 5, 4, 5
# What two lines of a step and of half a page take, and one of a part and of a narrow column.
LONGEST_LINE, LONGEST_HALF, LONGEST_PART, LONGEST_NAME, LONGEST_TITLE = 92, 60, 44, 28, 100
NOT_TOLD = "not known"


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure: label, value, and a note under it."""

    label: str
    value: str
    note: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What the card prints. Rows are tuples of cells; `more` says what was left out."""

    number: str
    title: str
    under: str
    footer: str
    next_step: str
    figures: tuple[Figure, ...]
    steps: tuple[tuple[str, str, str, str], ...]
    money: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, str, str, str], ...]
    people: tuple[tuple[str, str], ...]
    plan: tuple[tuple[str, str], ...]
    decisions: tuple[tuple[str, str], ...]
    more: str
    paper_size: PaperSize
    content_hash: str = ""

    @property
    def row_count(self) -> int:
        """How many rows of tables it prints."""
        lists = (self.steps, self.money, self.parts, self.people, self.plan, self.decisions)
        return sum(len(rows) for rows in lists)

    @property
    def short_hash(self) -> str:
        """The first digits of the content's hash, as the footer prints them."""
        return self.content_hash[:12]


def card(session: Session, room: Room, *, paper_size: PaperSize) -> Card:
    """Return the card of an incident as it stands."""
    row = room.incident
    people, plan = _people(session, room), _plan(session, room)
    steps = [each for each in room.tasks if each.state != TaskState.DROPPED]
    made = Card(
        number=row.number,
        title=_cut(row.title, LONGEST_TITLE),
        under=_cut(f"{row.number} · {room.supplier.name} ({room.supplier.number})", LONGEST_LINE),
        footer=f"{row.number} · as of {formatting.moment(room.now)} · internal",
        next_step=wording.NEXT_WORDS.get(room.state, f"It is {room.state}."),
        figures=_figures(room),
        steps=tuple(
            (_cut(each.title, LONGEST_LINE), _cut(each.owner, LONGEST_NAME),
             formatting.moment(each.due_at), wording.TASK_WORDS[TaskState(each.state)][1])
            for each in steps[:MOST_STEPS]
        ),
        money=_money(room),
        parts=tuple(_part(each, room.coverages.get(each.part_id))
                    for each in room.parts[:MOST_PARTS]),
        people=people[:MOST_PEOPLE],
        plan=plan[:MOST_FACTS],
        decisions=tuple(
            (formatting.moment(each.decided_at),
             _cut(f"{each.said.splitlines()[0]} ({each.decided_by})", LONGEST_HALF))
            for each in reversed(room.decisions)
            if each.state == DecisionState.DECIDED
        )[:MOST_DECISIONS],
        more=_more(len(steps), len(room.parts)),
        paper_size=paper_size,
    )  # fmt: skip
    return replace(made, content_hash=_hash(made))


def _figures(room: Room) -> tuple[Figure, ...]:
    ends, limit = room.runs_out, room.authority
    hit = f"{formatting.count(room.exposure.parts, 'part')} hit"
    told = (hit, wording.unknown_words(room.exposure))
    tasks = f"{formatting.count(room.left, 'task')} open, {room.late} overdue"
    return (
        Figure("State", str(room.state), tasks),
        Figure(
            "Revenue exposed", wording.exposure_words(room.exposure),
            ", ".join(each for each in told if each),
        ),
        Figure(
            "First part runs out", formatting.NO_DATA if ends is None else formatting.day(ends.on),
            "no stock is known" if ends is None else f"{ends.part.number}, from our own stock",
        ),
        Figure(
            "Money at once",
            formatting.NO_DATA if limit is None else formatting.money(limit[0], limit[2], 0),
            "nothing was agreed" if limit is None
            else f"{formatting.money(limit[1], limit[2], 0)} decided so far",
        ),
    )  # fmt: skip


def _money(room: Room) -> tuple[tuple[str, str], ...]:
    if room.response is None:
        return (("Response", "none was agreed beforehand"),)
    row, substitute = room.response.response, room.response.substitute
    flown = ", ".join(row.air_freight)
    return (
        ("Response", _cut(f"{row.name}, version {row.version}", LONGEST_HALF)),
        ("Who decides", _cut(row.approver, LONGEST_NAME)),
        ("Substitute supplier", NOT_TOLD if substitute is None
         else _cut(f"{substitute.name} ({substitute.number})", LONGEST_HALF)),
        ("Flown in", _cut(flown, LONGEST_HALF) if flown else "nothing agreed"),
    )  # fmt: skip


def _part(row: PartRow, coverage: PartCoverage | None) -> tuple[str, str, str, str]:
    revenue = formatting.NO_DATA
    if row.revenue_exposed is not None and row.currency is not None:
        revenue = formatting.money(row.revenue_exposed, row.currency, 0)
    stock = NOT_TOLD if row.survive_days is None else formatting.count(row.survive_days, "day")
    told = "no backup named"
    if coverage is not None and coverage.coverage.share is not None:
        first = coverage.coverage.first_in
        when = "" if first is None else f", first in {formatting.count(first, 'day')}"
        told = f"{formatting.percent(coverage.coverage.share, 0)}{when}"
    elif coverage is not None:
        told = "our need is not known"
    name = f"{row.number} {row.name or ''}{' · by air' if row.is_flown else ''}"
    return _cut(name, LONGEST_PART), revenue, stock, told


def _people(session: Session, room: Room) -> tuple[tuple[str, str], ...]:
    """Return whom to call: of the plan in its order, then the supplier's for emergencies."""
    of_plans = session.scalars(
        select(PlanContact)
        .where(
            PlanContact.plan_id.in_([each.id for each in _plans(session, room)]),
            PlanContact.removed_on.is_(None),
        )
        .order_by(PlanContact.plan_id, PlanContact.place)
    )
    told = [
        (_cut(", ".join(x for x in (each.name, each.role) if x), LONGEST_NAME),
         _cut(each.reached_by or NOT_TOLD, LONGEST_NAME))
        for each in of_plans
    ]  # fmt: skip
    told += [
        (_cut(each.name or each.role, LONGEST_NAME), _cut(each.email, LONGEST_NAME))
        for each in contacts_of(session, room.supplier.id)
        if each.is_emergency
    ]
    return tuple(dict.fromkeys(told))


def _plan(session: Session, room: Room) -> tuple[tuple[str, str], ...]:
    """Return what the supplier's approved plan says, as far as it does."""
    plans = _plans(session, room)
    version = session.scalar(
        select(PlanVersion)
        .where(
            PlanVersion.plan_id.in_([each.id for each in plans]),
            PlanVersion.state == PlanState.APPROVED,
        )
        .order_by(PlanVersion.approved_at.desc(), PlanVersion.id.desc())
        .limit(1)
    )
    if version is None:
        return ()
    named = next(each for each in plans if each.id == version.plan_id)
    alternate = version.alternate_site
    if alternate is not None and version.alternate_percent is not None:
        alternate = f"{version.alternate_percent} % at {alternate}"
    return tuple(
        (label, _cut(words, LONGEST_HALF))
        for label, words in (
            ("Plan", f"{named.number}, version {version.number}"),
            ("Says it is back within", _days(version.rto_days)),
            ("Worst that can be borne", _days(version.mtpd_days)),
            ("Elsewhere", alternate),
            ("Their stock of finished goods", _days(version.finished_days)),
            ("Begins when", version.activation_trigger),
        )
        if words
    )


def _plans(session: Session, room: Room) -> list[ContinuityPlan]:
    """Return the plans that the incident is linked to, else those of its supplier."""
    linked = [each.key for each in room.links if each.kind == LinkKind.PLAN]
    asked = select(ContinuityPlan).where(ContinuityPlan.ended_on.is_(None))
    if linked:
        asked = asked.where(ContinuityPlan.id.in_(linked))
    else:
        asked = asked.where(ContinuityPlan.supplier_id == room.supplier.id)
    return list(session.scalars(asked.order_by(ContinuityPlan.id)))


def _days(days: int | None) -> str | None:
    return None if days is None else formatting.count(days, "day")


def _more(steps: int, parts: int) -> str:
    left = [
        f"{formatting.count(count - most, what)} more"
        for count, most, what in ((steps, MOST_STEPS, "step"), (parts, MOST_PARTS, "part"))
        if count > most
    ]
    return f"In the room: {', '.join(left)}." if left else ""


def _cut(text: str, longest: int) -> str:
    clean = " ".join(text.split())
    return clean if len(clean) <= longest else f"{clean[: longest - 1]}…"


def _hash(made: Card) -> str:
    canonical = json.dumps(asdict(made), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
