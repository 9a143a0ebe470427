"""What is asked for within reach, and done within reach: imports and packs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from app.base import acting, db
from app.base.db import Database
from app.base.errors import Forbidden, NotFound
from app.factory import IMPORT_KINDS
from app.facts.deliveries.models import PurchaseOrder, ScheduleLine
from app.facts.suppliers.models import Category, Supplier
from app.platform.accounts import asking, grant_queries, grants
from app.platform.accounts.matrix import Extent
from app.platform.imports import kinds, mapping_files, services
from app.platform.imports.mapping import Answers
from app.platform.imports.services import Options
from app.platform.jobs.handle import Run
from app.platform.sources.models import BatchState, SourceBatch
from app.reviews.packs.printing import print_packs_job
from tests.access import house
from tests.access.conftest import actor
from tests.access.house import CANARY_A, CANARY_B, World
from tests.imports.files import csv_text, line, source

ANYTHING = Answers(creates=frozenset({"part", "supplier", "category"}))


@pytest.fixture(autouse=True)
def known_kinds() -> None:
    kinds.register(IMPORT_KINDS)


def publish(
    database: Database,
    rows: list[dict[str, str]],
    *,
    name: str = "buyer_in",
    kind: str = "mainstay-deliveries",
    buyers_see: Extent = Extent.ALL,
) -> int:
    """Stage and publish a file as one of the house's people."""
    with acting.acting_as(actor(database, name, buyers_see=buyers_see)):
        batch_id = services.stage_file(
            source(csv_text(rows)),
            mapping_files.mapping_named(kind),
            by=name,
            options=Options(answers=ANYTHING),
        )
        services.publish(batch_id, by=name)
    return batch_id


def of(supplier: str, order: str = "4500099") -> dict[str, str]:
    return line(supplier_no=supplier, order_no=order, part_no="P-1")


@pytest.fixture
def counted(database: Database, worlds: tuple[World, World]) -> Iterator[None]:
    """Hold that nothing of the house's facts has changed in the end."""

    def count() -> list[int]:
        with database.reading() as session:
            tables = (PurchaseOrder, ScheduleLine, Supplier, Category)
            return [session.scalar(select(func.count()).select_from(t)) or 0 for t in tables]

    before = count()
    yield
    assert count() == before


@pytest.mark.parametrize("buyers_see", [Extent.ALL, Extent.OWN])
def test_a_buyer_publishes_rows_of_the_own_suppliers(
    database: Database, worlds: tuple[World, World], buyers_see: Extent
) -> None:
    batch_id = publish(database, [of(CANARY_A)], buyers_see=buyers_see)
    with database.reading() as session:
        made = session.scalars(
            select(ScheduleLine.supplier_id).where(ScheduleLine.batch_id == batch_id)
        ).all()
        batch = session.get_one(SourceBatch, batch_id)
    assert list(made) == [worlds[0].supplier_id]
    assert batch.staged_by_id == actor(database, "buyer_in").user_id


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("buyers_see", [Extent.ALL, Extent.OWN])
def test_one_row_of_another_supplier_refuses_the_whole_file(
    database: Database, buyers_see: Extent
) -> None:
    with pytest.raises(Forbidden) as refused:
        publish(
            database,
            [of(CANARY_A), of(CANARY_A, "4500100"), of(CANARY_B, "4500101")],
            buyers_see=buyers_see,
        )
    assert refused.value.code == "E-IMP-28"
    assert refused.value.message == (
        f"Row 4, 'supplier_no': '{CANARY_B}' is no supplier of the categories and sites that you"
        " work on. Take its rows out, or ask whoever manages accounts for the scope."
        " Nothing was stored."
    )


@pytest.mark.usefixtures("counted")
def test_a_supplier_that_the_file_would_create_lies_out_of_reach(database: Database) -> None:
    with pytest.raises(Forbidden, match="E-IMP-28"):
        publish(database, [of("nobody-knows-it")])


@pytest.mark.usefixtures("counted")
def test_a_buyer_moves_no_supplier_into_another_category(database: Database) -> None:
    rows = [{"supplier_no": CANARY_A, "name": "A", "category": f"{CANARY_B} category"}]
    with pytest.raises(Forbidden, match="E-IMP-28"):
        publish(database, rows, kind="mainstay-suppliers")


def test_a_buyer_enters_suppliers_of_the_own_category_by_file(
    database: Database, worlds: tuple[World, World]
) -> None:
    rows = [{"supplier_no": "fresh", "name": "Fresh", "category": f"{CANARY_A} category"}]
    publish(database, rows, kind="mainstay-suppliers")
    with database.reading() as session:
        found = session.scalars(select(Supplier.category_id).where(Supplier.number == "fresh"))
        assert found.one() == worlds[0].category_id


@pytest.mark.usefixtures("counted")
def test_what_belongs_to_the_whole_house_is_not_a_buyers_to_import(database: Database) -> None:
    with pytest.raises(Forbidden, match="E-IMP-28: Parts belong to the whole house"):
        publish(database, [{"part_no": "P-7", "name": "x"}], kind="mainstay-parts")


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(
    ("buyers_see", "error", "code"),
    [(Extent.ALL, Forbidden, "E-IMP-29"), (Extent.OWN, NotFound, "E-IMP-26")],
)
@pytest.mark.parametrize("act", [services.undo, services.publish])
def test_somebody_elses_import_is_left_alone(
    database: Database,
    worlds: tuple[World, World],
    buyers_see: Extent,
    error: type[Exception],
    code: str,
    act: object,
) -> None:
    with (
        acting.acting_as(actor(database, "buyer_in", buyers_see=buyers_see)),
        pytest.raises(error, match=code),
    ):
        act(worlds[1].batch_id, by="buyer_in")  # type: ignore[operator] # one of two services
    with database.reading() as session:
        assert session.get_one(SourceBatch, worlds[1].batch_id).state == BatchState.PUBLISHED


def test_an_import_is_not_undone_by_whom_it_outgrew(
    database: Database, worlds: tuple[World, World]
) -> None:
    batch_id = publish(database, [of(CANARY_A)])
    with database.transaction() as session:
        # The supplier goes to the other category, out of the buyer's reach.
        session.get_one(Supplier, worlds[0].supplier_id).category_id = worlds[1].category_id
    with (
        acting.acting_as(actor(database, "buyer_in")),
        pytest.raises(Forbidden, match="E-IMP-28"),
    ):
        services.undo(batch_id, by="buyer_in")


def test_a_pack_is_refused_by_the_job_when_its_asker_no_longer_reaches_it(
    database: Database, worlds: tuple[World, World]
) -> None:
    with database.reading() as session:
        buyer = house.user_id(session, "buyer_in")
        asking.require_reach(session, user_id=buyer, supplier_ids=[worlds[0].supplier_id])
        with pytest.raises(Forbidden, match="E-ACC-13"):
            asking.require_reach(session, user_id=buyer, supplier_ids=[worlds[1].supplier_id])
        held = grant_queries.grants_of(session, buyer)[0]
    with database.transaction() as session:
        grants.revoke(session, public_id=held.public_id, reason="moves to another team")
    arguments = {
        "kind": "scorecard", "period": "12m", "supplier_ids": [worlds[0].supplier_id],
        "by": "buyer_in", "asked_by": buyer,
    }  # fmt: skip
    with pytest.raises(Forbidden, match="E-ACC-13"):
        print_packs_job(arguments, Run.by_hand())


def test_the_clock_and_the_command_line_reach_everything(
    database: Database, worlds: tuple[World, World]
) -> None:
    with db.reading() as session:
        asking.require_reach(session, user_id=None, supplier_ids=[w.supplier_id for w in worlds])
