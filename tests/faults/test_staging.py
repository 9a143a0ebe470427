"""Two files at once: one leaving staging takes nothing of the other with it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from app.base import db
from app.base.db import Database
from app.factory import IMPORT_KINDS
from app.facts.deliveries.staging_models import StagedDelivery
from app.platform.imports import kinds
from app.platform.imports.staging import drop_rows
from tests.imports import files


@pytest.fixture(autouse=True)
def known_kinds() -> None:
    kinds.register(IMPORT_KINDS)


@pytest.mark.usefixtures("database")
def test_a_published_or_discarded_file_leaves_no_key_in_staging() -> None:
    files.publish(files.lines(3))
    assert files.count("staged_key") == 0


def test_rows_that_another_file_stages_meanwhile_stay(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite's writers stand in line: nothing comes between two statements")
    leaving = files.stage(files.lines(2))
    coming: list[int] = []

    def stage_another(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("DELETE FROM staged_delivery") and not coming:
            coming.append(0)
            coming[0] = files.stage(files.lines(5, order_no="4500099"), name="other.csv")

    event.listen(database.write_engine, "before_cursor_execute", stage_another)
    with db.transaction() as session:
        drop_rows(session, StagedDelivery, leaving)

    assert len(files.rows_in("staged_delivery")) == 5
