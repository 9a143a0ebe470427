"""Loading and removing the demo company: the same rows each time, and nothing else's."""

from __future__ import annotations

import subprocess
import sys
import uuid
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.db import Database, metadata
from app.base.errors import Conflict
from app.faces.demo import generator, queries, services
from app.faces.demo.removal import deletions
from app.faces.demo.rows import Rows
from app.facts.deliveries import rollup
from app.facts.deliveries.models import PurchaseOrder, Receipt, ScheduleLine
from app.facts.suppliers.models import Category, Part, Supplier
from app.judgement.scorecards.models import ScorecardSnapshot, ScoringMethod
from app.platform.accounts.models import User
from app.platform.sources.models import BatchState, SourceBatch
from app.reviews.packs.models import Pack

# That it came and went stays on record.
LOG = {"audit_event", "audit_head"}
NOTES = "touched_month"


def contents(session: Session) -> dict[str, list[str]]:
    """Return every row of every table that has any."""
    found = {
        table.name: rows_of(session, table)
        for table in metadata.sorted_tables
        if table.name not in LOG
    }
    return {name: rows for name, rows in found.items() if rows}


def rows_of(session: Session, table: Table) -> list[str]:
    found = session.connection().exec_driver_sql(f'SELECT * FROM "{table.name}"')  # noqa: S608
    return sorted(map(repr, found))


def load(rows: Rows) -> services.LoadResult:
    with db.transaction() as session:
        return services.load(session, by="test", rows=rows)


def remove() -> services.RemovalResult:
    with db.transaction() as session:
        return services.remove(session)


def real_batch(**values: Any) -> SourceBatch:
    return SourceBatch(
        **{
            "kind": "deliveries",
            "file_name": "own.csv",
            "file_sha256": "0" * 64,
            "fingerprint": "0" * 64,
            "mapping_name": "own",
            "mapping_version": "1",
            "state": BatchState.PUBLISHED,
            "staged_by": "somebody",
        }
        | values
    )


def real_user(*, is_local_admin: bool) -> User:
    return User(
        email="somebody@localhost",
        name="Somebody",
        uniquifier=uuid.uuid4().hex,
        is_local_admin=is_local_admin,
    )


def test_the_company_is_as_large_as_it_is_told(rows: Rows) -> None:
    assert len(rows.of(Supplier)) == 63
    assert len({row["country"] for row in rows.of(Supplier)}) == 27
    assert len(rows.of(Category)) == 10
    assert len(rows.of(Part)) == 400
    assert 15_000 <= len(rows.of(ScheduleLine)) <= 25_000
    assert min(row["ordered_on"] for row in rows.of(PurchaseOrder)) < date(2023, 11, 1)


def test_nothing_in_it_is_known_before_it_happened(rows: Rows) -> None:
    last = date(2026, 10, 31)
    for row in rows.of(Receipt):
        days = (row["ready_on"], row["dispatched_on"], row["arrived_on"], row["posted_on"])
        assert max(day for day in days if day is not None) <= last
    assert max(row["ordered_on"] for row in rows.of(ScheduleLine)) <= last
    assert max(row["promised_original_on"] for row in rows.of(ScheduleLine)) > last


def test_the_same_seed_gives_the_same_rows_in_every_process(rows: Rows) -> None:
    script = (
        "from app.faces.demo import generator, services;"
        "print(services.digest_of(generator.build()))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == services.digest_of(rows)


def test_another_seed_gives_another_company(rows: Rows) -> None:
    assert services.digest_of(generator.build(seed=2)) != services.digest_of(rows)


def test_it_comes_goes_without_trace_and_comes_back_the_same(
    database: Database, rows: Rows
) -> None:
    with db.reading() as session:
        empty = contents(session)
    load(generator.build())
    with db.reading() as session:
        loaded = contents(session)
    gone = remove()
    with db.reading() as session:
        assert contents(session) == empty
    assert gone.suppliers == 63
    if not database.is_sqlite:
        return  # its sequences go on, so the second time the keys are others
    load(rows)
    with db.reading() as session:
        again = contents(session)
    # The notes of touched months come again, under keys that are never given twice.
    assert len(again.pop(NOTES)) == len(loaded.pop(NOTES))
    assert again == loaded


def test_the_rollup_of_the_load_equals_a_rebuild(own_company: Database) -> None:
    with db.reading() as session:
        before = contents(session)
    with db.transaction() as session:
        rollup.rebuild(session, until=services.LAST_DAY)
    with db.reading() as session:
        assert contents(session) == before


def test_loading_twice_is_refused(own_company: Database) -> None:
    with db.reading() as session, pytest.raises(Conflict, match="loaded already"):
        services.check_loadable(session)


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (Supplier(number="1", name="Real Ltd"), "has 1 supplier of your own"),
        (real_batch(), "has 1 import of your own"),
        (real_user(is_local_admin=False), "has 1 person with an account"),
    ],
    ids=["supplier", "import", "user"],
)
def test_loading_is_refused_beside_real_users_and_their_data(
    database: Database, own: Any, words: str
) -> None:
    with db.transaction() as session:
        session.merge(own)
    with db.reading() as session, pytest.raises(Conflict, match=words):
        services.check_loadable(session)


def test_the_machines_own_administrator_is_no_real_user(database: Database) -> None:
    with db.transaction() as session:
        session.add(real_user(is_local_admin=True))
    with db.reading() as session:
        services.check_loadable(session)


def test_somebody_alone_in_an_empty_house_may_ask_for_it(database: Database) -> None:
    with db.transaction() as session:
        session.add(real_user(is_local_admin=False))
    with db.reading() as session:
        services.check_loadable(session, by="Somebody")
        with pytest.raises(Conflict, match="1 person with an account"):
            services.check_loadable(session, by="Somebody else")


def test_removing_what_is_not_there_is_refused(database: Database) -> None:
    with db.transaction() as session, pytest.raises(Conflict, match="not loaded"):
        services.remove(session)


def test_removal_takes_scores_and_packs_and_leaves_real_rows(
    own_company: Database,
) -> None:
    with db.transaction() as session:
        demo = session.scalars(select(Supplier).order_by(Supplier.id).limit(1)).one()
        session.add_all([snapshot_of(session, demo.id), pack_of(demo.id)])
        own = Supplier(number="R-1", name="Real Ltd", category_id=demo.category_id)
        session.add(own)
        session.flush()
        part_id = session.scalars(select(Part.id).order_by(Part.id).limit(1)).one()
        order = PurchaseOrder(number="77", supplier_id=own.id)
        session.add(order)
        session.flush()
        line = ScheduleLine(
            order_id=order.id,
            line_no="1",
            supplier_id=own.id,
            category_id=demo.category_id,
            part_id=part_id,
            quantity_ordered=Decimal(5),
            promised_original_on=date(2026, 10, 1),
        )
        with rollup.change(session, until=clock.last_closed_day()) as change:
            session.add(line)
            session.flush()
            change.touch_new([line.id])
    gone = remove()
    assert len(gone.packs) == 1
    with db.reading() as session:
        assert session.scalars(select(Supplier.name)).all() == ["Real Ltd"]
        assert session.scalars(select(PurchaseOrder.number)).all() == ["77"]
        # What the real line uses stays; the other 399 parts and 9 categories go.
        assert session.scalar(select(func.count()).select_from(Part)) == 1
        assert session.scalar(select(func.count()).select_from(Category)) == 1
        assert not queries.is_loaded(session)
    with db.transaction() as session:
        before = contents(session)
        rollup.rebuild(session)
        assert contents(session) == before


def test_removal_waits_until_imports_on_demo_suppliers_are_undone(
    own_company: Database,
) -> None:
    with db.transaction() as session:
        batch = real_batch()
        session.add(batch)
        session.flush()
        demo = session.scalars(select(Supplier.id).limit(1)).one()
        session.add(PurchaseOrder(number="77", supplier_id=demo, batch_id=batch.id))
        named = f"Imports #{batch.id} hold"
    with db.transaction() as session, pytest.raises(Conflict, match=named):
        services.remove(session)


def test_removal_knows_every_table_that_refers_to_a_supplier_or_a_line() -> None:
    handled = {model.__tablename__ for model, _ in deletions(batch_id=1)}
    referring = {
        table.name
        for table in metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in {"supplier", "schedule_line", "purchase_order", "receipt"}
    }
    assert referring - handled == set()


def snapshot_of(session: Session, supplier_id: int) -> ScorecardSnapshot:
    method = ScoringMethod(
        name="Test", version=1, state="active", valid_from=date(2026, 1, 1), content={},
        content_hash="0" * 64,
    )  # fmt: skip
    session.add(method)
    session.flush()
    return ScorecardSnapshot(
        supplier_id=supplier_id,
        period_kind="12m",
        period_end=date(2026, 10, 31),
        as_of=date(2026, 10, 31),
        method_id=method.id,
        input_digest="0" * 64,
        state="rated",
        coverage=1.0,
        parts={},
        published_at=clock.now(),
    )


def pack_of(supplier_id: int) -> Pack:
    return Pack(
        kind="qbr", supplier_id=supplier_id, period="2026Q3", as_of=date(2026, 9, 30),
        content_hash="0" * 64, file_sha256="0" * 64, file_name="a.pdf", size=1, pages=1,
        made_by="test",
    )  # fmt: skip
