"""Temporary tables keep a key where somebody looks rows up by it."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, Integer, Table, inspect

from app.base.db import Database
from app.facts.deliveries.temporary import drop, make, temporary

KEY = ("entity_no", "key_no")


def keyed(name: str, *, is_told: bool) -> Table:
    columns = (Column(each, Integer, nullable=False) for each in KEY)
    return temporary(name, *columns, key=KEY, is_told=is_told)


TOLD, UNTOLD = keyed("told", is_told=True), keyed("untold", is_told=False)


@pytest.mark.parametrize(
    ("database", "kept"),
    [("sqlite", [list(KEY), list(KEY)]), ("postgresql", [[], list(KEY)])],
    indirect=["database"],
)
def test_postgres_keeps_the_key_of_tables_whose_size_nobody_tells(
    database: Database, kept: list[list[str]]
) -> None:
    """Without it an import read its staged keys over again for every row."""
    with database.transaction() as session:
        make(session, TOLD, UNTOLD)
        inspector = inspect(session.connection())
        assert [
            inspector.get_pk_constraint(table.name)["constrained_columns"]
            for table in (TOLD, UNTOLD)
        ] == kept
        drop(session, TOLD, UNTOLD)
        assert not inspect(session.connection()).has_table("told")
