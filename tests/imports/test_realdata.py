"""The public data sets load, and every figure of their description comes out exactly."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import text

from app.base import db
from app.base.db import Database
from app.platform.imports import mapping_files, services
from app.platform.imports.source_file import SourceFile

FOLDER = os.environ.get("MAINSTAY_REALDATA")
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not FOLDER, reason="MAINSTAY_REALDATA names no folder of public data"),
]


def load(name: str, mapping: str) -> int:
    path = Path(FOLDER or "") / name
    source = SourceFile(path.name, path=path)
    batch = services.stage_file(source, mapping_files.mapping_named(mapping), by="a test")
    services.publish(batch, by="a test")
    return batch


def test_scms_has_its_lines_orders_and_vendors(database: Database) -> None:
    load("scms_delivery_history_2006_2012.csv", "scms")
    with db.reading() as session:
        figures = session.execute(
            text(
                "SELECT (SELECT count(*) FROM schedule_line),"
                " (SELECT count(*) FROM purchase_order),"
                " (SELECT count(*) FROM supplier), (SELECT count(*) FROM line_verdict"
                " WHERE on_time = 0), (SELECT sum(line_value) FROM schedule_line)"
            )
        ).one()
    assert tuple(map(int, figures)) == (6514, 4226, 61, 602, 9405734725700)
