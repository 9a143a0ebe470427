"""Hidden common nodes: three “independent” sources that share one plant."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import db
from app.base.db import Database
from app.facts.evidence.models import SubTierLink
from app.facts.evidence.sub_tier import queries
from app.facts.evidence.sub_tier.queries import Node, NodeKind
from app.facts.evidence.sub_tier.sharing import SharedRow, node_sheet, shared_by_part, sharing
from app.facts.suppliers.models import Part, Supplier
from tests.dependency.conftest import AS_OF

ONE = Node(NodeKind.PLANT, "One", "Shared Co")


def ids(session: Session, *numbers: str) -> tuple[int, ...]:
    found = {s.number: s.id for s in session.scalars(select(Supplier))}
    return tuple(found[number] for number in numbers)


def part_id(session: Session, number: str) -> int:
    return session.scalars(select(Part.id).where(Part.number == number)).one()


def test_what_sources_share_is_found_through_a_supplier_of_ours_too(session: Session) -> None:
    # P-1: all three; P-5: Alpha itself and Delta through Alpha; P-6: both. P-2 and P-3 are single.
    own = ids(session, "S-1", "S-2", "S-3", "S-4")
    assert sharing(session, as_of=AS_OF, kind=NodeKind.PLANT).rows == (
        SharedRow(ONE, own, parts_hit=5, parts_shared=3, parts_blocked=3),
    )


def test_a_country_is_shared_only_where_it_is_told(session: Session) -> None:
    [row] = sharing(session, as_of=AS_OF, kind=NodeKind.COUNTRY).rows
    assert (row.node.name, len(row.supplier_ids)) == ("CHN", 4)


def test_one_part_names_what_its_sources_share(session: Session) -> None:
    found = shared_by_part(session, part_id(session, "P-5"), ids(session, "S-1", "S-4"))
    assert [(row.node.label, row.parts_blocked) for row in found] == [
        ("One (Shared Co)", 1), ("Shared Co", 1), ("Powder", 1), ("CHN", 1),
    ]  # fmt: skip


def test_a_node_tells_its_parts_and_who_hangs_on_it_through_whom(session: Session) -> None:
    sheet = node_sheet(session, ONE, as_of=AS_OF)
    assert sheet is not None
    alpha, beta, gamma, delta = ids(session, "S-1", "S-2", "S-3", "S-4")
    assert {(each.supplier_id, each.through) for each in sheet.hangs} == {
        (alpha, 0), (beta, 0), (gamma, 0), (delta, alpha),
    }  # fmt: skip
    behind = {each.part_id: (each.hanging, each.sources) for each in sheet.parts}
    assert behind[part_id(session, "P-1")] == (3, 3)
    assert behind[part_id(session, "P-2")] == (1, 1)


def test_a_node_of_one_supplier_has_a_page_and_an_unknown_one_has_none(session: Session) -> None:
    alone = node_sheet(session, Node(NodeKind.PLANT, "Two", "Beta Wire"), as_of=AS_OF)
    assert alone is not None
    assert [(each.hanging, each.sources) for each in alone.parts] == [(1, 3), (1, 1), (1, 2)]
    assert node_sheet(session, Node(NodeKind.PLANT, "Nowhere", "Nobody"), as_of=AS_OF) is None


def test_a_link_for_one_part_leaves_the_others_free(database: Database) -> None:
    with db.transaction() as session:
        link = session.scalars(
            select(SubTierLink).where(
                SubTierLink.supplier_id == ids(session, "S-2")[0],
                SubTierLink.upstream_name == "Shared Co",
            )
        ).one()
        link.part_id = part_id(session, "P-6")
    with db.reading() as session:
        [row] = sharing(session, as_of=AS_OF, kind=NodeKind.PLANT).rows
    # P-3 hangs on Beta alone and is let go; P-1 keeps a way around.
    assert (row.parts_hit, row.parts_shared, row.parts_blocked) == (4, 3, 2)


def test_suppliers_of_each_other_are_no_endless_chain(database: Database) -> None:
    with db.transaction() as session:
        alpha, delta = ids(session, "S-1", "S-4")
        session.add(
            SubTierLink(
                supplier_id=alpha, upstream_name="Delta", upstream_site="Austin",
                material="Tools", upstream_supplier_id=delta,
            )
        )  # fmt: skip
    with db.reading() as session:
        assert queries.upstream_suppliers(session) == {
            alpha: frozenset({delta}),
            delta: frozenset({alpha}),
        }
        rows = sharing(session, as_of=AS_OF, kind=NodeKind.PLANT).rows
    # Alpha hangs on its own plant in Kiel through Delta; both are told by two.
    assert [(row.node.label, len(row.supplier_ids)) for row in rows] == [
        ("Austin (Delta)", 2), ("Kiel (Alpha GmbH)", 2), ("One (Shared Co)", 4),
    ]  # fmt: skip
