"""What is read past the mapper is the same on both engines: days, numbers, names."""

from __future__ import annotations

from datetime import date

from app.base import db
from app.base.db import Database
from app.facts.evidence.concentration.backups import BackupQuery, backups_page
from app.facts.evidence.sub_tier import queries
from app.facts.evidence.sub_tier.queries import NodeKind
from app.facts.evidence.sub_tier.sharing import sharing
from tests.dependency.conftest import AS_OF, furnish


def test_backups_and_shared_nodes_are_read_alike(database: Database) -> None:
    with db.transaction() as session:
        furnish(session)
    with db.reading() as session:
        [last, *_] = backups_page(
            session, BackupQuery(sort="days", is_falling=True), as_of=AS_OF
        ).rows
        assert (last.part_number, last.supplier.number, last.weeks) == ("P-5", "S-4", None)
        assert (last.last_order_on, last.qualified_on) == (date(2026, 2, 1), date(2025, 1, 1))
        assert (last.actual_share, last.warmth.days_since_order) == (0.5, 272)
        [row] = sharing(session, as_of=AS_OF, kind=NodeKind.COUNTRY).rows
        assert (row.node.name, len(row.supplier_ids), row.parts_blocked) == ("CHN", 4, 3)
        assert len(queries.upstream_suppliers(session)) == 1
