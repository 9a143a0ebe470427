"""Sub-tier links from a file: chains, suppliers of ours, what can't be."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.base import db
from app.base.db import Database
from app.factory import IMPORT_KINDS
from app.facts.evidence.models import SubTierLink
from app.facts.suppliers.models import Supplier
from app.platform.imports import kinds, services
from tests.imports.files import problems, publish


@pytest.fixture(autouse=True)
def known_kinds() -> None:
    """Make the import kinds known, as the application does."""
    kinds.register(IMPORT_KINDS)


ROW = {
    "supplier_no": "S-1", "upstream_name": "Ferro Nord", "upstream_site": "Luleå",
    "upstream_country": "SE", "material": "Pig iron", "source": "Audit 2026",
}  # fmt: skip
BEHIND = ROW | {
    "upstream_name": "Kiruna Mining", "upstream_site": "Kiruna", "material": "Ore",
    "via_name": "Ferro Nord", "via_site": "Luleå", "upstream_supplier_no": "S-2",
}  # fmt: skip


def test_a_chain_is_imported_found_again_and_taken_back(database: Database) -> None:
    done = publish([ROW, BEHIND], "mainstay-sub-tiers")
    assert (done.counts.new, done.counts.unchanged) == (2, 0)
    # A plant may deliver the same to two others: it is told twice.
    other = BEHIND | {"via_site": "Oxelösund"}
    assert publish([ROW, BEHIND, other], "mainstay-sub-tiers").counts.new == 1
    with db.reading() as session:
        found = session.execute(
            select(SubTierLink.material, SubTierLink.via_site, Supplier.number)
            .outerjoin(Supplier, Supplier.id == SubTierLink.upstream_supplier_id)
            .where(SubTierLink.source == "Audit 2026")
            .order_by(SubTierLink.id)
        ).all()
    assert [tuple(row) for row in found] == [
        ("Pig iron", "", None), ("Ore", "Luleå", "S-2"), ("Ore", "Oxelösund", "S-2"),
    ]  # fmt: skip
    with db.reading() as session:
        last = session.scalar(select(SubTierLink.batch_id).order_by(SubTierLink.id.desc()))
    assert last is not None
    services.undo(last, by="a test")
    services.undo(done.batch_id, by="a test")
    with db.reading() as session:
        assert session.scalars(
            select(SubTierLink).where(SubTierLink.source == "Audit 2026")
        ).all() == []  # fmt: skip


def test_half_a_customer_and_a_plant_that_feeds_itself_are_refused(database: Database) -> None:
    half = BEHIND | {"via_site": ""}
    itself = BEHIND | {"upstream_name": "Ferro Nord", "upstream_site": "Luleå"}
    found = problems([half, itself], mapping="mainstay-sub-tiers")
    assert ["via_site" in found[0], "can't deliver to itself" in found[1]] == [True, True]
