"""Row scope: what is out of reach is not there, in whatever shape it is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Table, case, delete, exists, func, insert, select, text, union_all, update
from sqlalchemy.orm import Session, aliased

from app.base import acting, db, scope
from app.base.db import Base, Database
from app.base.errors import Forbidden, NotFound
from app.base.scope import UnscopedStatement
from app.base.scope.ties import Inside, Open
from app.facts.deliveries.models import ContractPrice, PurchaseOrder, Receipt, ScheduleLine
from app.facts.deliveries.rollup_models import MonthlyRollup
from app.facts.suppliers.models import Category, Part, Supplier
from app.judgement.scorecards.models import ScorecardSnapshot
from app.platform.accounts.matrix import Extent
from app.reviews.packs.models import Pack
from tests.access.conftest import actor
from tests.access.house import CANARY_A, CANARY_B, World

CLASSES = sorted(
    (mapper.class_ for mapper in Base.registry.mappers), key=lambda each: each.__tablename__
)
SCOPED = [each for each in CLASSES if not isinstance(each.__scope__, Open | Inside)]
# Filled while a file waits or a run works: the worlds hold none, their ties are `Through`.
SHORT_LIVED = {"staged_row", "staged_key", "staged_delivery"}


def rows(session: Session, mapped: Any) -> list[str]:
    """Return every row of a class as text, keys and all."""
    table: Table = mapped.__table__
    columns = [getattr(mapped, mapped.__mapper__.get_property_by_column(c).key) for c in table.c]
    return sorted(json.dumps(list(row), default=str) for row in session.execute(select(*columns)))


def test_every_mapped_class_says_how_it_is_scoped() -> None:
    assert [each.__tablename__ for each in CLASSES if not hasattr(each, "__scope__")] == []


def test_a_column_names_the_row_that_its_key_is_of() -> None:
    """A line's supplier is its order's: the key of two columns names two rows."""
    named = {
        f"{table}.{column.name}": of.name
        for table in ("schedule_line", "role_grant")
        for column in Base.metadata.tables[table].columns
        if (of := scope.named_by(column)) is not None
    }
    assert named == {
        "schedule_line.order_id": "purchase_order",
        "schedule_line.supplier_id": "supplier",
        "schedule_line.part_id": "part",
        "schedule_line.batch_id": "source_batch",
        "role_grant.user_id": "user",
        "role_grant.supplier_id": "supplier",
        "role_grant.category_id": "category",
        "role_grant.site_id": "site",
        "role_grant.granted_by_id": "user",
    }


def test_what_is_not_scoped_says_why() -> None:
    unscoped = {
        each.__tablename__: each.__scope__.reason
        for each in CLASSES
        if isinstance(each.__scope__, Open | Inside)
    }
    assert all(len(reason) > 10 for reason in unscoped.values())
    # Nothing that names a supplier may stand among them unnoticed.
    named = {name for name in unscoped if "supplier_id" in Base.metadata.tables[name].columns}
    assert named == {"role_grant", "approval"}


def seen_by(database: Database, name: str) -> dict[Any, list[str]]:
    """Return the rows of every scoped class that somebody reaches."""
    who = actor(database, name, buyers_see=Extent.OWN)
    with acting.acting_as(who), db.reading() as session:
        return {mapped: rows(session, mapped) for mapped in SCOPED}


def test_both_worlds_have_rows_of_every_scoped_kind(
    database: Database, worlds: tuple[World, World]
) -> None:
    machinery = {"source_batch", "job_run"} | _under_machinery()
    seen = {name: seen_by(database, name) for name in ("contact_a", "contact_b")}
    of_buyers = {name: seen_by(database, name) for name in ("buyer_in", "buyer_out")}
    missing = [
        f"{name} reaches nothing of {mapped.__tablename__}"
        for mapped in SCOPED
        for name, reached in (of_buyers if mapped.__tablename__ in machinery else seen).items()
        if mapped.__tablename__ not in SHORT_LIVED and not reached[mapped]
    ]
    assert missing == []


@pytest.mark.parametrize(("name", "other"), [("contact_a", "contact_b"), ("buyer_in", "buyer_out")])
def test_no_row_of_the_other_world_is_there(
    database: Database, worlds: tuple[World, World], name: str, other: str
) -> None:
    with database.reading() as session:
        everything = {mapped: set(rows(session, mapped)) for mapped in SCOPED}
    with acting.acting_as(actor(database, name, buyers_see=Extent.OWN)), db.reading() as session:
        counted = {m: session.scalar(select(func.count()).select_from(m)) for m in SCOPED}
    own, theirs = seen_by(database, name), seen_by(database, other)
    for mapped in SCOPED:
        table, reached = mapped.__tablename__, set(own[mapped])
        assert reached <= everything[mapped], table
        assert counted[mapped] == len(reached), table
        # The house's own master data is its people's; a supplier's people see what is used for
        # them.
        if mapped not in (Part, Category) or name == "contact_a":
            assert not any(CANARY_B in row for row in reached), table
            assert reached.isdisjoint(theirs[mapped]), table


def test_somebody_of_the_house_without_reach_reads_no_supplier(
    database: Database, worlds: tuple[World, World]
) -> None:
    with acting.acting_as(actor(database, "administrator")), db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Supplier)) == 0
        assert session.scalar(select(func.count()).select_from(ScorecardSnapshot)) == 0


@pytest.fixture
def as_contact(database: Database, worlds: tuple[World, World]) -> Iterator[Session]:
    """A reading session of the person of supplier A."""
    with acting.acting_as(actor(database, "contact_a")), db.reading() as session:
        yield session


Line, Order = ScheduleLine, PurchaseOrder
_other = aliased(Order)
_parent, _child = aliased(Supplier), aliased(Supplier)
_lines = select(Line.supplier_id, func.count().label("n")).group_by(Line.supplier_id)
_sub = _lines.subquery().c
SHAPES: dict[str, Any] = {
    "columns": select(Supplier.name),
    "whole rows": select(Supplier),
    "an alias": select(_other.number),
    "a join": select(Order.number).join(Line, Line.order_id == Order.id),
    "a join to an alias": select(Order.number, _parent.name).join(
        _parent, _parent.id == Order.supplier_id
    ),
    "an outer join to an alias": select(Category.name, _parent.name).outerjoin(
        _parent, _parent.category_id == Category.id
    ),
    "two aliases of one class": select(_parent.name, _child.name).join(
        _child, _child.id >= _parent.id
    ),
    "an alias in exists": select(Category.name).where(
        exists().where(_parent.category_id == Category.id)
    ),
    "an outer join": select(Category.name, Supplier.name).outerjoin(
        Supplier, Supplier.category_id == Category.id
    ),
    "a subquery": select(_sub.supplier_id, _sub.n),
    "a table expression": select(_lines.cte().c.supplier_id),
    "a union": union_all(select(Order.number), select(Supplier.name)),
    "a union within": select(
        union_all(select(Order.number), select(Supplier.number)).subquery().c.number
    ),
    "exists": select(Category.name).where(exists().where(Supplier.category_id == Category.id)),
    "a scalar subquery": select(
        Category.name,
        select(func.max(Supplier.name))
        .where(Supplier.category_id == Category.id)
        .scalar_subquery(),
    ),
    "membership": select(Category.name).where(Category.id.in_(select(Supplier.category_id))),
    "a case": select(case((Supplier.number.is_not(None), Supplier.name))),
    "an order by a subquery": select(Category.name).order_by(
        select(func.count()).where(Supplier.category_id == Category.id).scalar_subquery().desc()
    ),
    "through a parent": select(Receipt.carrier),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_select_of_any_shape_sees_only_what_is_reached(
    as_contact: Session, shape: str, worlds: tuple[World, World]
) -> None:
    found = as_contact.execute(SHAPES[shape]).all()
    said = str([[getattr(each, "name", each) for each in row] for row in found])
    assert CANARY_B not in said
    assert found


def test_sums_of_the_roll_up_are_of_the_reached_alone(
    as_contact: Session, worlds: tuple[World, World]
) -> None:
    total = as_contact.scalar(select(func.sum(MonthlyRollup.n_due)))
    assert total == 40
    assert as_contact.scalar(select(func.count()).select_from(Supplier)) == 1


def test_a_row_out_of_reach_is_not_found_by_its_key(
    as_contact: Session, worlds: tuple[World, World]
) -> None:
    assert as_contact.get(Supplier, worlds[1].supplier_id) is None
    assert as_contact.get(Supplier, worlds[0].supplier_id) is not None
    assert as_contact.get(ScheduleLine, worlds[1].line_id) is None


@pytest.mark.parametrize(
    "statement",
    [
        text("SELECT name FROM supplier"),
        select(Supplier.__table__.c.name),
        select(Order.number).where(text("1 = 1")),
        select(Order.number).join(Supplier.__table__, Supplier.__table__.c.id == Order.supplier_id),
        select(Supplier.__table__.alias().c.name),
    ],
)
def test_what_cannot_be_narrowed_is_refused(as_contact: Session, statement: Any) -> None:
    with pytest.raises(UnscopedStatement):
        as_contact.execute(statement)
    with pytest.raises(UnscopedStatement):
        as_contact.connection().execute(statement)


def test_the_connection_is_no_way_around(as_contact: Session) -> None:
    with pytest.raises(UnscopedStatement):
        as_contact.connection().execute(select(Supplier.name))
    with pytest.raises(UnscopedStatement):
        as_contact.connection().exec_driver_sql("SELECT name FROM supplier")
    narrowed = scope.narrowed(as_contact, select(Supplier.number))
    assert [row[0] for row in as_contact.connection().execute(narrowed)] == [CANARY_A]


@pytest.mark.parametrize("name", ["contact_a", "buyer_in"])
def test_an_update_and_a_delete_change_only_what_is_the_own(
    database: Database, worlds: tuple[World, World], name: str
) -> None:
    # The buyer reads both worlds, and changes one.
    with acting.acting_as(actor(database, name)), db.transaction() as session:
        session.execute(update(Order).values(status="changed"))
        session.execute(delete(ContractPrice))
    with database.reading() as session:
        changed = set(session.scalars(select(Order.supplier_id).where(Order.status == "changed")))
        unchanged = set(session.scalars(select(Order.supplier_id).where(Order.status.is_(None))))
        prices = list(session.scalars(select(ContractPrice.supplier_id)))
    assert changed == {worlds[0].supplier_id}
    assert unchanged == {worlds[1].supplier_id}
    assert prices == [worlds[1].supplier_id]


@pytest.mark.parametrize(
    "statement",
    [
        insert(Pack).values(supplier_id=1),
        update(Order).values(supplier_id=1),
        update(Supplier).values(category_id=1),
        text("DELETE FROM pack"),
        delete(Pack.__table__),
    ],
)
def test_a_write_that_cannot_be_checked_is_refused(
    database: Database, worlds: tuple[World, World], statement: Any
) -> None:
    with (
        acting.acting_as(actor(database, "buyer_in")),
        pytest.raises(UnscopedStatement),
        db.transaction() as session,
    ):
        session.execute(statement)


def pack_of(supplier_id: int, **given: Any) -> Pack:
    said = {
        "kind": "qbr", "period": "12m", "as_of": acting_day(), "content_hash": "1" * 64,
        "file_sha256": "1" * 64, "file_name": "x.pdf", "size": 1, "pages": 1, "made_by": "x",
    } | given  # fmt: skip
    return Pack(supplier_id=supplier_id, **said)


def acting_day() -> Any:
    from tests.access.house import UNTIL

    return UNTIL


@pytest.mark.parametrize(
    ("name", "buyers_see", "error"),
    [
        ("buyer_in", Extent.ALL, Forbidden),
        ("buyer_in", Extent.OWN, NotFound),
        ("contact_a", Extent.ALL, NotFound),
        ("auditor", Extent.ALL, Forbidden),
        ("administrator", Extent.ALL, NotFound),
    ],
)
def test_a_new_row_of_somebody_elses_supplier_is_refused(
    database: Database,
    worlds: tuple[World, World],
    name: str,
    buyers_see: Extent,
    error: type[Exception],
) -> None:
    with (
        acting.acting_as(actor(database, name, buyers_see=buyers_see)),
        pytest.raises(error),
        db.transaction() as session,
    ):
        session.add(pack_of(worlds[1].supplier_id))
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Pack)) == 2


def test_a_new_row_of_the_own_supplier_is_written(
    database: Database, worlds: tuple[World, World]
) -> None:
    with acting.acting_as(actor(database, "buyer_in")), db.transaction() as session:
        session.add(pack_of(worlds[0].supplier_id))
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Pack)) == 3


def test_a_row_may_not_refer_to_somebody_elses(
    database: Database, worlds: tuple[World, World]
) -> None:
    with database.reading() as session:
        foreign = session.scalars(
            select(ScorecardSnapshot.id).where(
                ScorecardSnapshot.supplier_id == worlds[1].supplier_id
            )
        ).first()
    assert foreign is not None
    with (
        acting.acting_as(actor(database, "buyer_in")),
        pytest.raises(Forbidden),
        db.transaction() as session,
    ):
        session.add(pack_of(worlds[0].supplier_id, scorecard_snapshot_id=foreign))


def move_pack(session: Session, worlds: tuple[World, World]) -> None:
    own = select(Pack).where(Pack.supplier_id == worlds[0].supplier_id)
    session.scalars(own).one().supplier_id = worlds[1].supplier_id
    session.flush()


def move_supplier(session: Session, worlds: tuple[World, World]) -> None:
    own = session.get_one(Supplier, worlds[0].supplier_id)
    own.category_id = worlds[1].category_id
    session.flush()


def change_pack(session: Session, worlds: tuple[World, World]) -> None:
    theirs = select(Pack).where(Pack.supplier_id == worlds[1].supplier_id)
    session.scalars(theirs).one().state = "frozen"
    session.flush()


def delete_pack(session: Session, worlds: tuple[World, World]) -> None:
    theirs = select(Pack).where(Pack.supplier_id == worlds[1].supplier_id)
    session.delete(session.scalars(theirs).one())
    session.flush()


@pytest.mark.parametrize("work", [move_pack, move_supplier, change_pack, delete_pack])
def test_rows_are_neither_moved_out_of_reach_nor_changed_there(
    database: Database, worlds: tuple[World, World], work: Any
) -> None:
    with (
        acting.acting_as(actor(database, "buyer_in")),
        pytest.raises(Forbidden),
        db.transaction() as session,
    ):
        work(session, worlds)


def test_a_buyer_enters_suppliers_of_the_own_category_only(
    database: Database, worlds: tuple[World, World]
) -> None:
    with acting.acting_as(actor(database, "buyer_in")), db.transaction() as session:
        session.add(Supplier(number="new", name="New", category_id=worlds[0].category_id))
    for category in (worlds[1].category_id, None):
        with (
            acting.acting_as(actor(database, "buyer_in")),
            pytest.raises(Forbidden),
            db.transaction() as session,
        ):
            session.add(Supplier(number="other", name="Other", category_id=category))


def test_within_an_unscoped_block_everything_is_there(as_contact: Session) -> None:
    with scope.unscoped(as_contact, "a test looks at everything"):
        assert len(as_contact.execute(text("SELECT name FROM supplier")).all()) == 2
    assert len(as_contact.scalars(select(Supplier.name)).all()) == 1


def test_those_who_reach_everything_are_left_alone(database: Database) -> None:
    with database.reading() as session:
        assert len(session.execute(text("SELECT name FROM supplier")).all()) == 2
        assert len(session.connection().execute(select(Supplier.name)).all()) == 2


def _under_machinery() -> set[str]:
    return {
        "batch_problem", "quarantined_row", "before_image", "staged_file", "job_item",
    }  # fmt: skip
