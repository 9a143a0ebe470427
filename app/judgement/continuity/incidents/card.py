"""The contingency card of an incident, as it stands."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.base import formatting
from app.base.pdf.printable import PaperSize
from app.judgement.continuity import paper
from app.judgement.continuity.incidents import wording
from app.judgement.continuity.incidents.models import DecisionState, LinkKind, TaskState
from app.judgement.continuity.incidents.room import Room
from app.judgement.continuity.paper import Card, Figure, Pair, cut


def card(session: Session, room: Room, *, paper_size: PaperSize) -> Card:
    """Return the card of an incident as it stands."""
    row = room.incident
    linked = [each.key for each in room.links if each.kind == LinkKind.PLAN]
    plans = paper.plans_of(session, room.supplier.id, linked)
    steps = [each for each in room.tasks if each.state != TaskState.DROPPED]
    return paper.sealed(
        Card(
            number=row.number,
            title=cut(row.title, paper.LONGEST_TITLE),
            under=cut(
                f"{row.number} · {room.supplier.name} ({room.supplier.number})",
                paper.LONGEST_LINE,
            ),
            footer=f"{row.number} · as of {formatting.moment(room.now)} · internal",
            call="Next",
            next_step=wording.NEXT_WORDS.get(room.state, f"It is {room.state}."),
            figures=_figures(room),
            step_heads=("Due", "State"),
            steps=tuple(
                (cut(each.title, paper.LONGEST_LINE), cut(each.owner, paper.LONGEST_NAME),
                 formatting.moment(each.due_at), wording.TASK_WORDS[TaskState(each.state)][1])
                for each in steps[: paper.MOST_STEPS]
            ),
            money=_money(room),
            parts_title="Parts hit, those with most revenue first",
            parts=tuple(
                paper.part_cells(each, room.coverages.get(each.part_id))
                for each in room.parts[: paper.MOST_PARTS]
            ),
            people=paper.people_of(session, plans, [room.supplier.id]),
            plan=paper.plan_facts(session, plans),
            decisions=_decisions(room),
            more=paper.left_out("In the room", steps=len(steps), parts=len(room.parts)),
            paper_size=paper_size,
        )
    )  # fmt: skip


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


def _money(room: Room) -> tuple[Pair, ...]:
    if room.response is None:
        return (("Response", "none was agreed beforehand"),)
    row = room.response.response
    named = cut(f"{row.name}, version {row.version}", paper.LONGEST_HALF)
    return (("Response", named), *paper.agreed(room.response))


def _decisions(room: Room) -> tuple[Pair, ...]:
    """Return what was decided, the newest first."""
    made = [each for each in room.decisions if each.state == DecisionState.DECIDED]
    return tuple(
        (formatting.moment(each.decided_at),
         cut(f"{each.said.splitlines()[0]} ({each.decided_by})", paper.LONGEST_HALF))
        for each in made[: -paper.MOST_DECISIONS - 1 : -1]
    )  # fmt: skip
