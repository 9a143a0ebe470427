"""What a pack is read from: windows, misses, refusals, and few statements for many suppliers."""

from __future__ import annotations

import pytest

from app.base import db
from app.base.errors import Conflict
from app.facts.suppliers.models import Supplier
from app.reviews.packs import builder
from tests.builders import facts, houses
from tests.packs.conftest import AUGUST, OCTOBER, House
from tests.scorecards.conftest import CountQueries, count_queries

__all__ = ["count_queries"]

# Everything that one pack is built from, in a house without batches; it was 188 once.
MOST_STATEMENTS = 86


def test_each_window_counts_its_own_lines(house: House) -> None:
    with db.reading() as session:
        basis = builder.gather(session, house.kestrel, "2026Q3")
    assert basis.focus is not None
    assert basis.focus_before is not None
    assert (basis.focus["otif_line"].numerator, basis.focus["otif_line"].n) == (38, 40)
    assert (basis.focus_before["otif_line"].numerator, basis.focus_before["otif_line"].n) == (
        32,
        40,
    )
    assert (basis.year["otif_line"].numerator, basis.year["otif_line"].n) == (70, 80)
    assert basis.missed_lines == 10
    assert len(basis.worst) == 10
    assert basis.worst[0].days == 4


def test_open_lines_of_a_past_quarter_are_not_told(house: House) -> None:
    with db.reading() as session:
        past = builder.gather(session, house.kestrel, "2026Q3")
        now = builder.gather(session, house.kestrel, "2026Q4")
    assert past.open_lines is None
    assert now.open_lines is not None
    assert now.open_lines.lines == 0


def test_our_own_warehouse_gets_no_pack(house: House) -> None:
    with db.reading() as session, pytest.raises(Conflict, match="E-PCK-06"):
        builder.gather(session, house.warehouse, "2026Q3")


def test_a_merged_supplier_is_printed_under_the_other_name(house: House) -> None:
    with db.transaction() as session:
        session.get_one(Supplier, house.nordlys).effective_supplier_id = house.kestrel
    with db.reading() as session:
        with pytest.raises(Conflict, match="E-PCK-07"):
            builder.gather(session, house.nordlys, "2026Q4")
        basis = builder.gather(session, house.kestrel, "2026Q4")
    assert basis.focus is not None
    assert basis.focus["otif_line"].n == 4


def test_a_single_pack_costs_few_statements(house: House, count_queries: CountQueries) -> None:
    with db.reading() as session, count_queries(session) as counted:
        builder.gather(session, house.kestrel, "2026Q3")
    assert counted.count <= MOST_STATEMENTS


def test_a_further_supplier_costs_no_statement(house: House, count_queries: CountQueries) -> None:
    with db.transaction() as session:
        more = [facts.supplier(session, f"Supplier {number}").id for number in range(25)]
        houses.deliveries(session, session.get_one(Supplier, more[0]), lines=2, due_on=AUGUST)
    with db.reading() as session:
        with count_queries(session) as five:
            builder.gather_many(session, more[:5], "2026Q3", facts_until=OCTOBER)
        with count_queries(session) as all_of_them:
            builder.gather_many(session, more, "2026Q3", facts_until=OCTOBER)
    assert all_of_them.count <= five.count


def test_one_supplier_reads_the_same_as_among_many(house: House) -> None:
    with db.reading() as session:
        alone = builder.gather(session, house.kestrel, "2026Q3")
        among = builder.gather_many(
            session, [house.nordlys, house.kestrel, house.silent], "2026Q3", facts_until=OCTOBER
        )[house.kestrel]
    assert alone == among
