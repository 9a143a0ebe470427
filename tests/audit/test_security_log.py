"""The security log keeps what happened even where nothing was changed."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.base import acting, clock, db
from app.base.acting import Actor, Source
from app.base.db import Database
from app.facts.suppliers.models import Category
from app.platform.audit import security
from app.platform.audit.models import AuditEvent, SecurityEvent
from app.platform.audit.security import Kind

WEBER = Actor(name="M. Weber", source=Source.UI, user_id=7, network="192.0.2.0/24")


def notes() -> list[SecurityEvent]:
    with db.reading() as session:
        return list(session.scalars(select(SecurityEvent).order_by(SecurityEvent.id)))


def test_a_note_says_what_who_and_from_where(database: Database) -> None:
    with acting.acting_as(WEBER):
        security.note(Kind.PERMISSION_REFUSED, ip="192.0.2.17", endpoint="audit.index")
    [note] = notes()
    assert (note.kind, note.user_id, note.who) == ("permission.refused", 7, "M. Weber")
    assert (note.ip, note.network) == ("192.0.2.17", "192.0.2.0/24")
    assert json.loads(note.facts) == {"endpoint": "audit.index"}


def test_an_unknown_kind_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="sign_in_ok"):
        security.note("sign_in_ok")


def test_a_note_stands_although_the_work_around_it_is_taken_back(database: Database) -> None:
    def work() -> None:
        with db.transaction() as session:
            session.add(Category(name="Castings"))
            session.flush()
            security.note(Kind.THROTTLED)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    assert [note.kind for note in notes()] == ["throttled"]
    with db.reading() as session:
        assert session.scalars(select(AuditEvent)).all() == []


def test_a_name_with_a_line_break_is_one_escaped_line(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    from app.base.logging import JsonLine

    forged = "x\n2026-11-21 admin login ok"
    with caplog.at_level(logging.INFO, logger="mainstay.security"):
        security.note(Kind.SIGN_IN_FAILED, who=forged, account=forged)
    [record] = [each for each in caplog.records if each.name == "mainstay.security"]
    line = JsonLine().format(record)
    assert "\n" not in line
    assert json.loads(line)["who"] == "x\n2026-11-21 admin login ok"
    assert notes()[0].facts == '{"account":"x\\n2026-11-21 admin login ok"}'


def test_full_addresses_go_after_90_days_and_notes_after_a_year(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    then = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    with acting.acting_as(WEBER):
        security.note(Kind.SIGN_IN, ip="192.0.2.17")
    monkeypatch.setattr(clock, "now", lambda: then + timedelta(days=89))
    with db.transaction() as session:
        assert security.forget_addresses(session) == 0
    monkeypatch.setattr(clock, "now", lambda: then + timedelta(days=91))
    with db.transaction() as session:
        assert security.forget_addresses(session) == 1
    assert (notes()[0].ip, notes()[0].network) == (None, "192.0.2.0/24")
    monkeypatch.setattr(clock, "now", lambda: then + timedelta(days=366))
    with db.transaction() as session:
        assert security.forget_old(session) == 1
    assert notes() == []
