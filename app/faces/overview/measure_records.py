"""The records behind a further measure, as rows of text with a door each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.base import clock, formatting
from app.base.web.rendering import address
from app.calc.periods import Period
from app.facts.deliveries import more_reads
from app.facts.deliveries.lines import line_lists
from app.facts.deliveries.period_reads import members
from app.judgement.corrective import queries as corrective
from app.judgement.corrective.queries import Wanted
from app.judgement.corrective.wording import step_words
from app.judgement.scorecards.more.gathering import MoreFacts

MOST = 50
PROMISES = ("slip", "slip_rate", "churn")
SCARS = ("scar_ontime", "scar_containment", "scar_hours")
KNOWN = {True: "yes", False: "no", None: "unknown"}


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its name, where it leads, and its other cells."""

    name: str
    href: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Records:
    """What stands behind a figure: a title, heads, the first rows and how many there are."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[Record, ...]
    total: int


def records_of(
    session: Session,
    measure_id: str,
    *,
    supplier_id: int,
    public_id: str,
    period: Period,
    query: dict[str, str],
    facts: MoreFacts,
    outliers: Sequence[float],
) -> Records | None:
    """Return the records behind a measure, None where another list has them."""
    at = {"public_id": public_id, **query}
    if measure_id == "pof":
        return _imperfect(session, at, facts)
    if measure_id in PROMISES:
        return _moved(session, at, supplier_id, period)
    if measure_id == "lateness_robust_sd":
        return _far(session, at, supplier_id, period, outliers)
    if measure_id in SCARS:
        return _actions(session, public_id, supplier_id)
    return None


def _imperfect(session: Session, at: dict[str, str], facts: MoreFacts) -> Records:
    """The lines that keep orders from being perfect, or from being known."""
    wanted = facts.perfect.first
    named = line_lists.lines_by_ids(session, [line.line_id for line in wanted])
    rows = tuple(
        Record(
            named[line.line_id].label,
            address("overview.line", {**at, "line_id": line.line_id}),
            (
                KNOWN[line.parts.in_full], KNOWN[line.parts.on_time],
                KNOWN[line.parts.documents_ok], KNOWN[line.parts.undamaged],
            ),
        )
        for line in wanted
    )  # fmt: skip
    heads = ("Order line", "In full", "On time", "Papers right", "Undamaged")
    return Records(
        "Lines that are not perfect, or not known to be", heads, rows, facts.perfect.lines
    )


def _moved(session: Session, at: dict[str, str], supplier_id: int, period: Period) -> Records:
    moves = more_reads.moved_lines(session, period, supplier_ids=[supplier_id], limit=MOST)
    named = line_lists.lines_by_ids(session, [line_id for line_id, *_ in moves])
    rows = tuple(
        Record(
            named[line_id].label,
            address("overview.line", {**at, "line_id": line_id}),
            (
                formatting.day(changed_on),
                formatting.NO_DATA if from_on is None else formatting.day(from_on),
                formatting.day(to_on),
                by,
                reason or "",
            ),
        )
        for line_id, from_on, to_on, by, changed_on, reason in moves
    )
    heads = ("Order line", "Moved on", "From", "To", "By", "Because")
    return Records("Promises that moved, the latest first", heads, rows, len(rows))


def _far(
    session: Session,
    at: dict[str, str],
    supplier_id: int,
    period: Period,
    outliers: Sequence[float],
) -> Records:
    days = sorted({int(value) for value in outliers})
    found = more_reads.lines_with_lateness(
        session, period, supplier_ids=[supplier_id], days=days
    ) if days else []  # fmt: skip
    named = line_lists.lines_by_ids(session, found[:MOST])
    rows = tuple(
        Record(
            named[line_id].label,
            address("overview.line", {**at, "line_id": line_id}),
            (
                formatting.day(named[line_id].completed_on),
                formatting.signed(named[line_id].lateness_days, 0),
            ),
        )
        for line_id in found[:MOST]
    )
    heads = ("Order line", "Completed", "Days late")
    return Records("Lines far from the rest", heads, rows, len(found))


def _actions(session: Session, public_id: str, supplier_id: int) -> Records:
    own = members(session, [supplier_id])
    found, total = corrective.actions_page(
        session, Wanted(supplier_ids=own), moment=clock.now(), limit=MOST
    )
    rows = tuple(
        Record(
            row.action.number,
            address("corrective.show", {"public_id": public_id, "action_id": row.action.public_id}),
            (
                row.action.title,
                row.action.severity,
                formatting.moment(row.action.issued_at),
                row.action.state if row.next_step is None else step_words(row.next_step),
                "" if row.standing is None else str(row.standing.state),
            ),
        )
        for row in found
    )
    heads = ("Number", "What", "Severity", "Issued", "Next step", "Stands")
    return Records("Corrective actions", heads, rows, total)
