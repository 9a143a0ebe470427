"""Takes a published batch of deliveries back: removes what it inserted, restores the rest.

Refused when somebody built on it since: a later batch changed the same rows, or added
receipts to its lines, or a person judged one of its misses.
"""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.db import Base
from app.base.errors import Conflict
from app.facts.deliveries import publishing, rollup
from app.facts.deliveries.disputes import corrections
from app.facts.deliveries.models import PurchaseOrder, Receipt, ScheduleLine
from app.facts.deliveries.touched_models import TouchedBy
from app.facts.deliveries.touching import Because
from app.facts.suppliers.services import SOFT_REFERENCES
from app.platform.imports.problems import Code
from app.platform.sources import images

FACTS = (Receipt, ScheduleLine, PurchaseOrder)
CREATED = ("part", "site", "supplier", "category")


def undo(session: Session, batch_id: int) -> Counter[str]:
    """Take the batch back; return the created master records kept because others use them."""
    _refuse_if_built_upon(session, batch_id)
    tables = [Base.metadata.tables[model.__tablename__] for model in FACTS]
    receipts, lines, orders = tables
    until, because = publishing.closed_until(session), Because(TouchedBy.UNDO, batch_id)
    with rollup.change(session, until=until, because=because) as change:
        change.touch(images.inserted_ids(batch_id, lines))
        change.touch(images.changed_ids(batch_id, lines))
        # Whose day or contract changes back: another rule may judge its lines.
        change.touch(
            select(lines.c.id).where(lines.c.order_id.in_(images.changed_ids(batch_id, orders)))
        )
        for ids in (images.inserted_ids, images.changed_ids):
            change.touch(
                select(receipts.c.line_id).where(receipts.c.id.in_(ids(batch_id, receipts)))
            )
        for table in tables:
            images.restore(session, batch_id, table)
            images.remove_inserted(session, batch_id, table)
        corrections.hold(session)
    kept: Counter[str] = Counter()
    for entity in CREATED:
        table = Base.metadata.tables[entity]
        _, still_used = images.remove_unused(
            session, batch_id, table, SOFT_REFERENCES.get(entity, ())
        )
        if still_used:
            kept[entity] = still_used
    return kept


def _refuse_if_built_upon(session: Session, batch_id: int) -> None:
    for model in FACTS:
        table = Base.metadata.tables[model.__tablename__]
        later = images.later_batch(session, batch_id, table)
        if later is not None:
            raise Conflict(
                Code.UNDO,
                f"Import #{later} changed rows of #{batch_id} since. Undo #{later} first.",
            )
        for name, number in images.foreign_uses(session, batch_id, table):
            raise Conflict(
                Code.UNDO,
                f"{number:,} rows of {name.replace('_', ' ')} refer to rows of #{batch_id}"
                " since. Undo or remove them first.",
            )
