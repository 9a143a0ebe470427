"""Exactly one event per committed change, none for a refused one: over the pages that change."""

from __future__ import annotations

import hashlib
import io
import json

from sqlalchemy import select

from app.base import db
from app.base.db import Database
from app.platform.audit.models import AuditEvent
from tests.web_app import PASSWORD, Visitor


def log() -> list[tuple[str, str, str]]:
    with db.reading() as session:
        rows = session.scalars(select(AuditEvent).order_by(AuditEvent.seq))
        return [(row.source, row.action, row.entity) for row in rows]


def new_since(before: int) -> list[tuple[str, str, str]]:
    return log()[before:]


def test_a_supplier_by_hand_is_one_event_and_a_refused_one_is_none(insider: Visitor) -> None:
    before = len(log())
    wrong = insider.post("/suppliers/new", {"number": "", "name": ""})
    assert wrong.status_code == 422
    assert new_since(before) == []
    right = insider.post("/suppliers/new", {"number": "1", "name": "Adler", "country": "DEU"})
    assert right.status_code in (302, 303)
    assert new_since(before) == [("ui", "create", "supplier")]


def test_a_password_is_one_event_without_the_password(insider: Visitor) -> None:
    before = len(log())
    refused = insider.post("/password", {"password": "x", "repeated": "x", "present": PASSWORD})
    assert refused.status_code == 422
    assert new_since(before) == []


def test_asking_for_a_job_is_one_event_and_asking_twice_is_no_second(insider: Visitor) -> None:
    before = len(log())
    assert insider.post("/jobs/run", {"job": "recompute"}).status_code in (302, 303)
    assert new_since(before) == [("ui", "job.request", "job_run")]
    assert insider.post("/jobs/run", {"job": "recompute"}).status_code == 409
    assert len(new_since(before)) == 1


def upload(insider: Visitor, content: bytes, name: str) -> int:
    answer = insider.post(
        "/imports/",
        {
            "mapping": "mainstay-suppliers",
            "file": (io.BytesIO(content), name),
            "tolerate": "1",
        },
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303, answer.text
    return int(answer.headers["Location"].rpartition("/")[2])


def test_an_import_is_one_event_per_act_and_one_per_row_it_changed(
    insider: Visitor, database: Database
) -> None:
    before = len(log())
    first = upload(insider, b"supplier_no,name,country\n1,Adler,DEU\n2,Brandt,DEU\n", "a.csv")
    assert new_since(before) == [("import", "import.stage", "source_batch")]
    insider.post(f"/imports/{first}/publish")
    published = new_since(before)[1:]
    assert published[0] == ("import", "import.publish", "source_batch")
    assert [each for each in published if each[2] == "supplier"] == []
    before = len(log())
    second = upload(insider, b"supplier_no,name,country\n1,Adler,FRA\n2,Brandt,DEU\n", "b.csv")
    insider.post(f"/imports/{second}/publish")
    told = [each for each in new_since(before) if each[1] != "job.request"]
    assert told == [
        ("import", "import.stage", "source_batch"),
        ("import", "import.publish", "source_batch"),
        ("import", "change", "supplier"),
    ]
    before = len(log())
    insider.post(f"/imports/{second}/undo")
    told = [each for each in new_since(before) if each[1] != "job.request"]
    assert sorted(told) == [
        ("import", "change", "supplier"),
        ("import", "import.undo", "source_batch"),
    ]


def test_a_batch_tells_its_file_and_the_digest_of_its_rows(insider: Visitor) -> None:
    content = b"supplier_no,name,country\n1,Adler,DEU\n"
    batch = upload(insider, content, "a.csv")
    insider.post(f"/imports/{batch}/publish")
    with db.reading() as session:
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "import.publish")
        ).one()
    told = json.loads(event.after_json or "")
    assert told["file_sha256"] == hashlib.sha256(content).hexdigest()
    assert len(told["rows_digest"]) == 64
    assert (told["rows_new"], event.import_batch_id) == (1, batch)
