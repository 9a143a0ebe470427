"""The pages of the log: events as sentences, histories, earlier days, the proof to download."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.base import acting, db
from app.base.acting import Actor, Source
from app.facts.suppliers.models import Supplier
from app.platform.accounts import grants, services
from app.platform.accounts.grant_models import Role
from app.platform.accounts.models import SecretPurpose
from app.platform.audit import services as audit
from app.platform.audit.models import SecurityEvent
from tests.audit.test_verifying import alone
from tests.web_app import Visitor, add_person, words

WEBER = Actor(name="M. Weber", source=Source.UI, user_id=7, roles=frozenset({"buyer"}))
WHY = "Two lots in a row were refused."


@pytest.fixture
def auditor(app: Flask) -> Visitor:
    """An auditor who is signed in, in a house where something happened."""
    user_id = add_person(app, email="auditor@example.com")
    with db.transaction() as session:
        grants.grant(session, user_id=user_id, role=Role.AUDITOR, reason="audits this year's risks")
        secret = services.issue_secret(
            session, user_id=user_id, purpose=SecretPurpose.SIGN_IN, by="test"
        )
    with acting.acting_as(WEBER):
        with db.transaction() as session:
            session.add(Supplier(number="1", name="Adler <b>Pumps</b>", country="DEU"))
        with db.transaction() as session:
            audit.give_reason(session, WHY)
            session.scalars(select(Supplier)).one().status = "blocked"
    browser = Visitor(app)
    assert browser.post("/sign-in/once", {"secret": secret}).status_code == 302
    return browser


def notes(kind: str) -> list[dict[str, object]]:
    with db.reading() as session:
        query = select(SecurityEvent.facts).where(SecurityEvent.kind == kind)
        return [json.loads(facts) for facts in session.scalars(query)]


def test_events_read_as_sentences(auditor: Visitor) -> None:
    said = words(auditor.get("/audit/"))
    assert "M. Weber Changed supplier Adler <b>Pumps</b> status approved → blocked" in said
    assert WHY in said


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("?entity=supplier&action=change", True),
        ("?source=ui&q=lots", True),
        ("?q=nothing+of+the+kind", False),
        ("?since=2099-01-01", False),
        ("?until=2020-01-01", False),
        ("?actor=7", True),
        ("?actor=8", False),
    ],
)
def test_the_log_is_filtered_by_its_address(auditor: Visitor, query: str, there: bool) -> None:
    page = auditor.get(f"/audit/{query}")
    assert page.status_code == 200
    assert (WHY in words(page)) is there


@pytest.mark.parametrize("query", ["?since=yesterday", "?actor=x", "?source=nowhere", "?sort=hash"])
def test_a_bad_filter_is_refused(auditor: Visitor, query: str) -> None:
    assert auditor.get(f"/audit/{query}").status_code == 400


def test_an_event_shows_its_proof(auditor: Visitor) -> None:
    listed = auditor.get("/audit/?entity=supplier&action=change")
    links = [part.split('"')[0] for part in listed.text.split('href="/audit/') if part[0].isdigit()]
    page = auditor.get(f"/audit/{links[0]}")
    assert (page.status_code, WHY in words(page)) == (200, True)
    assert "Hash" in words(page)
    assert auditor.get("/audit/999999").status_code == 404


def test_an_object_shows_its_history_and_what_it_was(auditor: Visitor) -> None:
    page = words(auditor.get("/audit/objects/supplier/1"))
    assert "approved → blocked" in page
    assert WHY in page
    today = words(auditor.get("/audit/objects/supplier/1?on=2099-01-01"))
    assert "Status blocked" in today
    before = words(auditor.get("/audit/objects/supplier/1?on=2020-01-01"))
    assert "It was not there on that day." in before
    assert auditor.get("/audit/objects/supplier/2").status_code == 404


def test_the_export_is_an_archive_that_proves_itself(auditor: Visitor, tmp_path: Path) -> None:
    answer = auditor.get("/audit/export")
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert sorted(archive.namelist()) == ["audit.jsonl", "manifest.json", "verify_audit.py"]
        archive.extractall(tmp_path)
    (tmp_path / "key").write_text("a" * 48, encoding="ascii")
    assert alone(tmp_path)[0] == 0


def test_looking_and_downloading_is_noted_and_counted(auditor: Visitor) -> None:
    auditor.get("/audit/")
    auditor.get("/audit/?format=csv")
    auditor.get("/audit/export")
    assert len(notes("audit.viewed")) == 1
    assert [each["what"] for each in notes("export")] == ["audit log"]
    [exported] = notes("audit.exported")
    assert exported["count"] == exported["last"]


def test_the_security_log_is_a_page(auditor: Visitor) -> None:
    auditor.get("/audit/")
    assert "Audit: viewed M. Weber" in words(auditor.get("/audit/security?kind=audit.viewed"))
    assert auditor.get("/audit/security?format=csv").mimetype == "text/csv"


def test_who_may_not_see_the_log_does_not(app: Flask, insider: Visitor, visitor: Visitor) -> None:
    assert visitor.get("/audit/").status_code == 302
    assert insider.get("/audit/export").status_code == 403


def test_a_refusal_and_an_export_are_noted(insider: Visitor) -> None:
    assert insider.get("/audit/export").status_code == 403
    [refused] = notes("permission.refused")
    assert (refused["endpoint"], refused["method"]) == ("audit.export", "GET")
    assert insider.get("/imports/?format=csv").status_code == 200
    assert [each["endpoint"] for each in notes("export")] == ["imports.index"]
