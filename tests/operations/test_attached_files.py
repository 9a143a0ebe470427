"""Files of a supplier: stored under an id, shown under a neutralised name, never run."""

from __future__ import annotations

import hashlib
import io
import os
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.base import acting, clock, db
from app.base.acting import Actor, Source
from app.base.db import Database
from app.base.errors import AppError, InvalidInput, NotFound, TooLarge
from app.facts.suppliers.models import Supplier
from app.platform.accounts.models import User
from app.platform.records import queries, services, store
from app.platform.records.models import Attachment
from app.platform.records.services import Shelf, attach, examine
from tests.conftest import NOW
from tests.operations import file_samples as samples
from tests.web_app import Visitor, add_person, words

HOSTILE_NAMES = [
    "../../etc/passwd.pdf", "..\\..\\x.pdf", "%2e%2e/x.pdf", "/etc/passwd.pdf", "a\0.pdf",
    "CON.pdf",
    "x" * 300 + ".pdf", "invoice\u202efdp.pdf", 'a";x=\r\nSet-Cookie: y.pdf', "🙂 Prüf-bericht.pdf",
    "\"><svg onload=x>'{{7*7}}.pdf", "</script>.pdf", "{0.__class__}.pdf", "=1+1.pdf",
]  # fmt: skip


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A small shelf of its own."""
    return Shelf(tmp_path / "files", None, largest=100_000, per_account=3, per_contact=2)


@pytest.fixture
def supplier(database: Database) -> Supplier:
    """A supplier to attach files to."""
    with db.transaction() as session:
        found = Supplier(number="00123", name="Kestrel Castings GmbH")
        session.add(found)
    return found


def keep(shelf: Shelf, supplier: Supplier, name: str = "a.pdf", **given: Any) -> UUID:
    upload = examine(name, given.pop("content", samples.pdf()), shelf=shelf)
    return attach(
        upload,
        entity="supplier",
        entity_id=supplier.id,
        supplier_id=supplier.id,
        evidence_on=given.pop("evidence_on", None),
        shelf=shelf,
    )


def shelf_of(app: Flask) -> Shelf:
    """The application's own shelf: a test client can't send every name that a program can."""
    settings = app.config["SETTINGS"]
    return Shelf(
        settings.files, None, largest=settings.file_limit_bytes, per_account=99, per_contact=99
    )


def listed(supplier: Supplier) -> list[queries.AttachedFile]:
    with db.reading() as session:
        return queries.files_of(session, "supplier", supplier.id)


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def upload(
    browser: Visitor, supplier: Supplier, name: str, content: bytes, **fields: str
) -> TestResponse:
    return browser.post(
        f"/suppliers/{supplier.public_id}/files",
        {"file": (io.BytesIO(content), name), **fields},
        content_type="multipart/form-data",
    )


def test_a_file_is_kept_as_it_is(shelf: Shelf, supplier: Supplier) -> None:
    public_id = keep(shelf, supplier, evidence_on=date(2026, 10, 31))
    [file] = listed(supplier)
    assert (file.name, file.media_type) == ("a.pdf", "application/pdf")
    assert file.size == len(samples.pdf())
    assert file.sha256 == hashlib.sha256(samples.pdf()).hexdigest()
    assert (file.evidence_on, file.scan_state) == (date(2026, 10, 31), "not_scanned")
    assert (file.uploaded_by, file.uploaded_at) == ("test", NOW)
    assert store.load(shelf.files, public_id, file.sha256) == samples.pdf()


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_34_a_name_from_outside_is_never_a_path(
    shelf: Shelf, supplier: Supplier, tmp_path: Path, name: str
) -> None:
    before = tree(tmp_path)
    public_id = keep(shelf, supplier, name)
    folder = f"files/attachments/{public_id.hex[:2]}"
    assert tree(tmp_path) - before == {
        "files", "files/attachments", folder, f"{folder}/{public_id}.bin",
    }  # fmt: skip
    assert "/" not in listed(supplier)[0].name


def test_34_a_path_in_a_name_shows_its_last_part(insider: Visitor, supplier: Supplier) -> None:
    assert upload(insider, supplier, "../../etc/passwd.txt", b"hello").status_code == 303
    assert [file.name for file in listed(supplier)] == ["passwd.txt"]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_37_a_download_header_is_encoded_and_runs_nothing(
    app: Flask, insider: Visitor, supplier: Supplier, name: str
) -> None:
    keep(shelf_of(app), supplier, name)
    [file] = listed(supplier)
    answer = insider.get(f"/suppliers/{supplier.public_id}/files/{file.public_id}")
    assert (answer.status_code, answer.data) == (200, samples.pdf())
    said = answer.headers["Content-Disposition"]
    assert re.fullmatch(r"attachment; filename=\"[\w. ()-]+\"; filename\*=UTF-8''[\w.%~-]+", said)
    assert "Set-Cookie" not in answer.headers or "y.pdf" not in answer.headers["Set-Cookie"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_is_only_text_on_the_page(
    app: Flask, insider: Visitor, supplier: Supplier, name: str
) -> None:
    keep(shelf_of(app), supplier, name)
    page = insider.get(f"/suppliers/{supplier.public_id}/files")
    assert page.status_code == 200
    assert "<svg onload" not in page.text
    assert "49.pdf" not in page.text
    assert listed(supplier)[0].name.split()[0] in words(page)


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.svg", b"<svg/>", 422, "E-FIL-08"),
        ("a.pdf", b"<html><script>", 422, "E-FIL-08"),
        ("a.pdf", b"MZ\x90", 422, "E-FIL-08"),
        ("a.png", samples.png(30_000, 30_000), 422, "E-FIL-09"),
        ("a.pdf", b"", 422, "E-FIL-10"),
        ("a.pdf", samples.pdf()[:-20], 422, "E-FIL-10"),
        ("a.docx", samples.office(**{"word/x": b"0" * 120_000_000}), 422, "E-FIL-01"),
    ],
)  # fmt: skip
def test_what_is_refused_leaves_nothing_and_says_why(
    app: Flask,
    insider: Visitor,
    supplier: Supplier,
    name: str,
    content: bytes,
    status: int,
    code: str,
) -> None:
    answer = upload(insider, supplier, name, content)
    assert answer.status_code == status
    assert code in words(answer)
    assert listed(supplier) == []
    assert not app.config["SETTINGS"].files.exists()


def test_a_file_over_the_limit_is_refused(shelf: Shelf, supplier: Supplier) -> None:
    with pytest.raises(TooLarge, match=r"E-FIL-17: 2 MB; limit 1 MB\. Nothing was stored\."):
        examine("a.pdf", samples.pdf(b"x" * 2_000_000), shelf=replace(shelf, largest=1_048_576))
    assert listed(supplier) == []


def test_39_one_file_more_than_a_contact_may_bring_is_refused(
    shelf: Shelf, supplier: Supplier, app: Flask
) -> None:
    contact = _person(app, "contact@example.com", "supplier_contact")
    with acting.acting_as(contact):
        for _ in range(2):
            keep(shelf, supplier)
        with pytest.raises(TooLarge, match=r"E-FIL-11: Limit of 2 files reached"):
            keep(shelf, supplier)
    assert len(listed(supplier)) == 2
    assert len([path for path in shelf.files.rglob("*") if path.is_file()]) == 2
    with acting.acting_as(_person(app, "buyer@example.com", "buyer")):
        keep(shelf, supplier)


def test_39_a_removed_file_makes_room(shelf: Shelf, supplier: Supplier, app: Flask) -> None:
    with acting.acting_as(_person(app, "contact@example.com", "supplier_contact")):
        first = keep(shelf, supplier)
        keep(shelf, supplier)
        remove(supplier, first)
        keep(shelf, supplier)
    assert len([file for file in listed(supplier) if file.removed_at is None]) == 2


def test_39_the_default_limit_is_a_hundred(app: Flask) -> None:
    assert app.config["SETTINGS"].files_per_contact == 100


def test_evidence_from_the_future_is_refused(shelf: Shelf, supplier: Supplier) -> None:
    with pytest.raises(InvalidInput, match="E-FIL-18: 2026-11-22 lies in the future"):
        keep(shelf, supplier, evidence_on=date(2026, 11, 22))
    assert listed(supplier) == []


def test_a_row_that_fails_takes_its_bytes_along(
    shelf: Shelf, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("gone")

    monkeypatch.setattr(services, "_row", fail)
    with pytest.raises(RuntimeError):
        keep(shelf, supplier)
    assert [path for path in shelf.files.rglob("*") if path.is_file()] == []


def test_a_full_disk_stores_nothing(
    shelf: Shelf, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AppError, match="E-SYS-01"):
        keep(shelf, supplier)
    monkeypatch.undo()
    assert listed(supplier) == []


def remove(supplier: Supplier, public_id: UUID, reason: str = "Superseded by a newer one") -> None:
    with db.transaction() as session:
        services.remove(
            session,
            entity="supplier",
            entity_id=supplier.id,
            public_id=public_id,
            reason=reason,
        )


def test_a_removed_file_says_who_and_why_and_is_gone(insider: Visitor, supplier: Supplier) -> None:
    upload(insider, supplier, "a.pdf", samples.pdf())
    [file] = listed(supplier)
    path = f"/suppliers/{supplier.public_id}/files/{file.public_id}"
    assert "Give a reason" in words(insider.post(f"{path}/remove", {"reason": "x"}))
    assert insider.post(f"{path}/remove", {"reason": "It was the wrong one"}).status_code == 303
    assert insider.get(path).status_code == 404
    page = words(insider.get(f"/suppliers/{supplier.public_id}/files"))
    assert "It was the wrong one" in page
    assert insider.post(f"{path}/remove", {"reason": "It was the wrong one"}).status_code == 404


def test_a_file_is_reached_through_its_own_record_only(shelf: Shelf, supplier: Supplier) -> None:
    public_id = keep(shelf, supplier)
    with db.reading() as session, pytest.raises(NotFound, match="E-FIL-16"):
        queries.file_of(session, "supplier", supplier.id + 1, public_id)
    with db.reading() as session, pytest.raises(NotFound, match="E-FIL-16"):
        queries.file_of(session, "contract", supplier.id, public_id)


def test_bytes_that_changed_on_the_disk_are_not_sent(
    app: Flask, insider: Visitor, supplier: Supplier
) -> None:
    upload(insider, supplier, "a.pdf", samples.pdf())
    [file] = listed(supplier)
    store.stored_path(app.config["SETTINGS"].files, file.public_id).write_bytes(b"other")
    answer = insider.get(f"/suppliers/{supplier.public_id}/files/{file.public_id}")
    assert answer.status_code == 503
    assert "E-FIL-15" in words(answer)


def test_files_without_a_row_are_collected_after_a_day(shelf: Shelf, supplier: Supplier) -> None:
    public_id = keep(shelf, supplier)
    orphan = store.stored_path(shelf.files, UUID(int=7))
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_bytes(b"x")
    half = orphan.parent / ".x.part"
    half.write_bytes(b"y")
    for path in (orphan, half, store.stored_path(shelf.files, public_id)):
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    early, late = NOW + timedelta(hours=23), NOW + timedelta(hours=25)
    assert services.collect_orphans(shelf.files, early) == 0
    assert services.collect_orphans(shelf.files, late, is_dry_run=True) == 2
    assert orphan.exists()
    assert services.collect_orphans(shelf.files, late) == 2
    assert not orphan.exists()
    assert store.stored_path(shelf.files, public_id).exists()


def test_a_removed_files_bytes_go_when_their_time_is_over(
    shelf: Shelf, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    public_id = keep(shelf, supplier)
    remove(supplier, public_id)
    assert services.drop_removed(shelf.files, NOW) == 0
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=31))
    assert services.drop_removed(shelf.files, NOW + timedelta(days=1)) == 1
    assert not store.stored_path(shelf.files, public_id).exists()
    with db.reading() as session:
        row = session.scalar(select(Attachment))
    assert row is not None
    assert row.removed_because == "Superseded by a newer one"


def test_a_page_without_files_says_what_belongs_there(insider: Visitor, supplier: Supplier) -> None:
    page = insider.get(f"/suppliers/{supplier.public_id}/files")
    assert "No files yet" in words(page)


def _person(app: Flask, email: str, role: str) -> Actor:
    user_id = add_person(app, email=email, password=None)
    with db.reading() as session:
        assert session.get(User, user_id) is not None
    return Actor(name=email, source=Source.UI, user_id=user_id, roles=frozenset({role}))
