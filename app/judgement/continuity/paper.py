"""The contingency card: what one needs at hand when supply stops, on one sheet of paper.

Made of an incident that runs (`incidents.card`) and of a response before anything happens
(`responses.card`). Holds words only, cut to what a page takes; the template works nothing out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import formatting
from app.base.pdf import desk
from app.base.pdf.printable import PaperSize
from app.facts.evidence.backup_suppliers.queries import PartCoverage
from app.facts.suppliers.contacts import contacts_of
from app.judgement.continuity.incidents.queries import PartRow
from app.judgement.continuity.models import ContinuityPlan, PlanContact, PlanState, PlanVersion
from app.judgement.continuity.responses.queries import ResponseSheet

TEMPLATE = "contingency_card.html"
MOST_STEPS, MOST_PARTS, MOST_PEOPLE, MOST_DECISIONS, MOST_FACTS = 8, 5, 5, 4, 5
# What two lines of a step, of half a page and of a narrow column take, and one of a part.
LONGEST_LINE, LONGEST_HALF, LONGEST_PART, LONGEST_NAME, LONGEST_TITLE = 92, 60, 44, 28, 100
# Two lines beside each other in half a page. An address that is cut reaches nobody.
LONGEST_PERSON, LONGEST_ADDRESS = 34, 60
# Beside the digest at the foot.
LONGEST_FOOT = 40
NOT_TOLD = "not known"
Cells = tuple[str, str, str, str]
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure: label, value, and a note under it."""

    label: str
    value: str
    note: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What the card prints. Rows are tuples of cells; `more` says what was left out.

    call: the word before `next_step`. step_heads: the third and fourth column of the steps.
    decisions: None leaves room to write them down by hand.
    """

    number: str
    title: str
    under: str
    footer: str
    call: str
    next_step: str
    figures: tuple[Figure, ...]
    step_heads: Pair
    steps: tuple[Cells, ...]
    money: tuple[Pair, ...]
    parts_title: str
    parts: tuple[Cells, ...]
    people: tuple[Pair, ...]
    plan: tuple[Pair, ...]
    decisions: tuple[Pair, ...] | None
    more: str
    paper_size: PaperSize
    content_hash: str = ""

    @property
    def row_count(self) -> int:
        """How many rows of tables it prints."""
        lists = (
            self.steps, self.money, self.parts, self.people, self.plan, self.decisions or (),
        )  # fmt: skip
        return sum(len(rows) for rows in lists)

    @property
    def short_hash(self) -> str:
        """The first digits of the content's hash, as the footer prints them."""
        return self.content_hash[:12]


def sealed(made: Card) -> Card:
    """Return a card with the hash of its content."""
    canonical = json.dumps(asdict(made), sort_keys=True, ensure_ascii=False)
    return replace(made, content_hash=hashlib.sha256(canonical.encode()).hexdigest())


def printed(content: Card) -> bytes:
    """Return a card as PDF."""
    return desk.print_one(TEMPLATE, content)


def cut(text: str, longest: int) -> str:
    """Return a text in one line, cut with a sign where it is too long."""
    clean = " ".join(text.split())
    return clean if len(clean) <= longest else f"{clean[: longest - 1]}…"


def agreed(sheet: ResponseSheet) -> tuple[Pair, ...]:
    """Return who decides, who steps in and what is flown, as it was agreed beforehand."""
    row, substitute = sheet.response, sheet.substitute
    flown = ", ".join(row.air_freight)
    warned = "MAY NOT DELIVER: " if sheet.substitute_is_out else ""
    return (
        ("Who decides", cut(row.approver, LONGEST_NAME)),
        ("Substitute supplier", NOT_TOLD if substitute is None
         else cut(f"{warned}{substitute.name} ({substitute.number})", LONGEST_HALF)),
        ("Flown in", cut(flown, LONGEST_HALF) if flown else "nothing agreed"),
    )  # fmt: skip


def part_cells(row: PartRow, coverage: PartCoverage | None) -> Cells:
    """Return a part with its revenue, our stock, and what its backups take over."""
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
    return cut(name, LONGEST_PART), revenue, stock, told


def plans_of(
    session: Session, supplier_id: int, linked: Collection[int] = ()
) -> list[ContinuityPlan]:
    """Return the plans that are linked, none linked: those of a supplier that stand."""
    asked = select(ContinuityPlan).where(ContinuityPlan.ended_on.is_(None))
    if linked:
        asked = asked.where(ContinuityPlan.id.in_(linked))
    else:
        asked = asked.where(ContinuityPlan.supplier_id == supplier_id)
    return list(session.scalars(asked.order_by(ContinuityPlan.id)))


def people_of(
    session: Session, plans: Sequence[ContinuityPlan], supplier_ids: Sequence[int]
) -> tuple[Pair, ...]:
    """Return whom to call: of the plans in their order, then the suppliers' for emergencies."""
    of_plans = session.scalars(
        select(PlanContact)
        .where(
            PlanContact.plan_id.in_([each.id for each in plans]),
            PlanContact.removed_on.is_(None),
        )
        .order_by(PlanContact.plan_id, PlanContact.place)
    )
    told = [
        (cut(", ".join(x for x in (each.name, each.role) if x), LONGEST_PERSON),
         cut(each.reached_by or NOT_TOLD, LONGEST_ADDRESS))
        for each in of_plans
    ]  # fmt: skip
    told += [
        (cut(each.name or each.role, LONGEST_PERSON), cut(each.email, LONGEST_ADDRESS))
        for supplier_id in supplier_ids
        for each in contacts_of(session, supplier_id)
        if each.is_emergency
    ]
    return tuple(dict.fromkeys(told))[:MOST_PEOPLE]


def plan_facts(session: Session, plans: Sequence[ContinuityPlan]) -> tuple[Pair, ...]:
    """Return what the newest approved version of some plans says, as far as it does."""
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
        (label, cut(words, LONGEST_HALF))
        for label, words in (
            ("Plan", f"{named.number}, version {version.number}"),
            ("Says it is back within", _days(version.rto_days)),
            ("Worst that can be borne", _days(version.mtpd_days)),
            ("Elsewhere", alternate),
            ("Their stock of finished goods", _days(version.finished_days)),
            ("Begins when", version.activation_trigger),
        )
        if words
    )[:MOST_FACTS]


def left_out(where: str, *, steps: int, parts: int) -> str:
    """Return what the page has no room for, empty where it has for everything."""
    left = [
        f"{formatting.count(count - most, what)} more"
        for count, most, what in ((steps, MOST_STEPS, "step"), (parts, MOST_PARTS, "part"))
        if count > most
    ]
    return f"{where}: {', '.join(left)}." if left else ""


def _days(days: int | None) -> str | None:
    return None if days is None else formatting.count(days, "day")
