"""Sends a supplier the list of its own open lines, as a workbook to be filled in.

Only to an address that is stored for it. Nothing of the list is kept but the mail itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from app.base import clock, formatting, scope
from app.base.errors import Conflict, InvalidInput
from app.facts.deliveries.expediting.open_lines import OpenLine, OpenQuery, open_page, state_words
from app.facts.suppliers import contacts
from app.facts.suppliers.contacts import Addressee
from app.facts.suppliers.queries import SupplierHead
from app.platform.audit import services as audit
from app.platform.outbox import services as outbox
from app.platform.outbox.services import File

TEMPLATE = "open_lines"
MOST_LINES = 5_000
NO_ADDRESS = (
    "No address is stored for {name}: import one with the template “Contacts at suppliers”, then"
    " the list can be mailed. Nothing was sent."
)
# As `expedite-answers` reads it back: (key, words of the column).
HEADS = (
    ("order", "Order"), ("line", "Line"), ("schedule", "Schedule"), ("ordered_by", "Ordered by"),
    ("part", "Part"), ("name", "Name"), ("due", "Due"), ("days_late", "Days late"),
    ("open", "Open quantity"), ("unit", "Unit"), ("promised", "Promised"),
    ("confirmed_on", "Confirmed date"), ("confirmed_quantity", "Confirmed quantity"),
    ("remark", "Remark"), ("as_sent", "As sent, do not change"),
)  # fmt: skip
Row = tuple[str | Decimal | int | date | None, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """What would be mailed: to whom (None: nobody is stored), and which lines."""

    to: Addressee | None
    lines: Sequence[OpenLine]


def letter_for(session: Session, head: SupplierHead, query: OpenQuery) -> Letter:
    """Return the letter with a supplier's own open lines, the oldest first."""
    own = OpenQuery(query.as_of, query.days, supplier_ids=[head.id])
    page = open_page(session, own, sort="late", limit=MOST_LINES)
    return Letter(contacts.addressee_of(session, head.id), page.lines)


def row_of(line: OpenLine) -> Row:
    """Return a line as its supplier gets it: nothing of our stock stands in it."""
    late = line.days_late if line.days_late is not None and line.days_late > 0 else None
    return (
        line.order_number, line.line_no, line.schedule_no, line.buyer_unit, line.part_number,
        line.part_name, line.due_on, late, line.quantity_open, line.unit, line.promised_on,
        None, None, None, state_words(line.due_on, line.promised_on, line.quantity_open),
    )  # fmt: skip


def send(
    session: Session, head: SupplierHead, letter: Letter, *, workbook: File, query: OpenQuery
) -> Addressee:
    """Put the mail into the outbox and record it; return whom it goes to."""
    scope.require_writable(session, "supplier", head.id)
    if letter.to is None:
        raise Conflict("E-EXP-01", NO_ADDRESS.format(name=head.name))
    if not letter.lines:
        raise InvalidInput(
            "E-EXP-02", f"{head.name} has no line past due or soon due. Nothing was sent."
        )
    count = formatting.count(len(letter.lines), "open line")
    put_in = outbox.enqueue_mail(
        session,
        to=letter.to.email,
        subject=f"{count} as of {formatting.day(query.as_of)}",
        template=TEMPLATE,
        facts={
            "name": letter.to.name or head.name,
            "count": count,
            "as_of": formatting.day(query.as_of),
            "until": formatting.day(query.until),
        },
        dedupe_key=_once_a_day(head, letter),
        files=[workbook],
    )
    if put_in is None:
        raise Conflict(
            "E-EXP-03",
            f"This very list went to {letter.to.email} today already. Nothing was sent again.",
        )
    audit.record(
        session,
        action="expedite.mail",
        entity="supplier",
        entity_id=head.id,
        after={"lines": len(letter.lines), "as_of": query.as_of, "days": query.days},
    )
    return letter.to


def _once_a_day(head: SupplierHead, letter: Letter) -> str:
    """Return what is the same for the same lines, standing alike, to the same address."""
    said = repr([letter.to, *map(row_of, letter.lines)])
    digest = hashlib.sha256(said.encode()).hexdigest()[:32]
    return f"expedite/{head.id}/{clock.today().isoformat()}/{digest}"
