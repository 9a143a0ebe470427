"""What the demo company shares upstream, and which of its backups went cold."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.calc.dependency_warmth import ColdReason
from app.faces.demo import scripts
from app.faces.demo.cast import LAST_DAY
from app.facts.evidence.concentration.backups import BackupQuery, backups_page
from app.facts.evidence.sub_tier import naming, queries
from app.facts.evidence.sub_tier.queries import Node, NodeKind
from app.facts.evidence.sub_tier.sharing import node_sheet, sharing
from app.facts.evidence.sub_tier.spellings import spellings
from app.facts.suppliers.sourcing import queries as sourcing
from tests.demo.conftest import supplier_id

PLANT = Node(NodeKind.PLANT, "Plant 2, Baotou", "Tianlan Rare Earth Sintering Co., Ltd")


def test_three_independent_sources_of_the_ring_magnets_share_one_plant(session: Session) -> None:
    [row] = [
        each
        for each in sharing(session, as_of=LAST_DAY, kind=NodeKind.PLANT).rows
        if each.node == PLANT
    ]
    assert set(row.supplier_ids) == {supplier_id(session, n) for n in scripts.SHARED_PLANT}
    sheet = node_sheet(session, PLANT, as_of=LAST_DAY)
    assert sheet is not None
    blocked = [each.part_id for each in sheet.parts if each.is_blocked and each.sources == 3]
    named = sourcing.part_numbers(session, blocked).values()
    assert {"5600-A", "5600-B", "5601-A"} <= set(named)


def test_one_more_source_hides_behind_another_spelling(session: Session) -> None:
    known = spellings(session)
    found = naming.suggestions(queries.links(session, known=known), known)
    assert [(each.spelling, each.other) for each in found] == [
        ("Hofors Trad AB", "Hofors Tråd AB"),
        ("TIANLAN Rare-Earth Sintering Co Ltd", "Tianlan Rare Earth Sintering Co., Ltd"),
    ]


def test_two_backups_were_never_ordered_from(session: Session) -> None:
    never = {
        row.supplier.number
        for row in backups_page(session, BackupQuery(), as_of=LAST_DAY).rows
        if ColdReason.NEVER_ORDERED in row.warmth.reasons and row.role == "emergency"
    }
    assert {"V-10716", "V-10756"} <= never
