"""A standing house keeps its lines when revision 0043 gives them one key instead of two."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.base import migrating
from app.base.db import Database
from app.base.errors import Conflict
from app.facts.deliveries.models import MissAttribution
from app.platform.sources.models import SourceBatch
from tests.builders import facts
from tests.migrations.schema_picture import schema_picture

pytestmark = pytest.mark.usefixtures("revisions_read_once")

MOVED = "UPDATE schedule_line SET supplier_id = {other} WHERE line_no IN ('20', '30')"
WORDS = "SELECT sql FROM sqlite_master WHERE name = 'schedule_line'"
TABLES = ("purchase_order", "schedule_line", "receipt", "miss_attribution")


def add_house(database: Database) -> tuple[int, int]:
    """Three lines of one order with their receipts; return another supplier and the batch."""
    with database.transaction() as session:
        batch = SourceBatch(
            kind="deliveries", file_name="feed.csv", file_sha256="0" * 64, fingerprint="0" * 64,
            mapping_name="mainstay-deliveries", mapping_version="1", staged_by="a test",
        )  # fmt: skip
        session.add(batch)
        session.flush()
        order = facts.order(session, facts.supplier(session), number="4500012")
        for line_no in ("10", "20", "30"):
            line = facts.line(session, order, line_no=line_no, batch_id=batch.id)
            facts.receipt(session, line)
            session.add(MissAttribution(line_id=line.id, cause="carrier", attributed_by="a test"))
        return facts.supplier(session).id, batch.id


def rows_of(database: Database) -> dict[str, list[tuple[object, ...]]]:
    found = {}
    with database.read_engine.connect() as connection:
        for table in TABLES:
            query = text(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 # our own tables
            found[table] = [tuple(row) for row in connection.execute(query)]
    return found


def execute(database: Database, statement: str) -> None:
    with database.write_engine.begin() as connection:
        connection.execute(text(statement))


def remedies() -> list[str]:
    """The statements of docs/operations.md: what lists such lines, and what mends them."""
    page = (migrating.FOLDER.parent / "docs" / "operations.md").read_text(encoding="utf-8")
    section = page.split("## Lines of other suppliers")[1].split("\n## ")[0]
    return re.findall(r"```sql\n(.*?);\n```", section, re.DOTALL)


def test_lines_and_what_refers_to_them_stay_and_are_bound_at_once(
    empty_database: Database,
) -> None:
    """Here and on connections that read the schema before."""
    migrating.upgrade(empty_database)
    other, _ = add_house(empty_database)
    kept = rows_of(empty_database)
    assert [len(rows) for rows in kept.values()] == [1, 3, 3, 3]
    migrating.downgrade(empty_database, "0042")
    execute(empty_database, MOVED.format(other=other))
    listed, mended = remedies()
    with empty_database.read_engine.connect() as connection:
        assert [row.number for row in connection.execute(text(listed))] == ["4500012"] * 2
    execute(empty_database, mended)
    with empty_database.write_engine.connect() as before:
        before.execute(text("SELECT count(*) FROM schedule_line")).all()
        before.rollback()
        migrating.upgrade(empty_database)
        for statement in (MOVED.format(other=other), "DELETE FROM schedule_line"):
            with pytest.raises(IntegrityError), before.begin():
                before.execute(text(statement))
    with pytest.raises(IntegrityError):
        execute(empty_database, MOVED.format(other=other))
    assert rows_of(empty_database) == kept


def test_lines_of_other_suppliers_are_named_before_anything_changes(
    empty_database: Database,
) -> None:
    migrating.upgrade(empty_database)
    other, batch_id = add_house(empty_database)
    migrating.downgrade(empty_database, "0042")
    execute(empty_database, MOVED.format(other=other))
    before = schema_picture(empty_database), rows_of(empty_database)
    with pytest.raises(Conflict) as caught:
        migrating.upgrade(empty_database)
    assert caught.value.code == "E-SYS-05"
    assert caught.value.message == (
        "2 schedule lines name another supplier than their order, the first one order 4500012"
        f" (import #{batch_id}). Nothing was changed. Mend them as docs/operations.md says under"
        " “Lines of other suppliers”, then upgrade again."
    )
    assert (schema_picture(empty_database), rows_of(empty_database)) == before
    assert not migrating.is_current(empty_database)


@pytest.mark.parametrize("empty_databases", ["sqlite"], indirect=True)
def test_a_table_changed_by_hand_is_left_alone(empty_database: Database) -> None:
    migrating.upgrade(empty_database, "0042")
    with empty_database.write_engine.begin() as connection:
        connection.execute(text("PRAGMA writable_schema = ON"))
        connection.execute(
            text(
                "UPDATE sqlite_master SET sql = replace(sql, 'FOREIGN KEY(order_id)',"
                " 'FOREIGN KEY (order_id)') WHERE name = 'schedule_line'"
            )
        )
        connection.execute(text("PRAGMA writable_schema = RESET"))
        words = connection.execute(text(WORDS)).scalar_one()
    with pytest.raises(Conflict, match="its key fk_schedule_line_order_id is not as Mainstay"):
        migrating.upgrade(empty_database)
    with empty_database.read_engine.connect() as connection:
        assert connection.execute(text(WORDS)).scalar_one() == words
