"""The outbox page: what waits and why; a link in a mail is never on it."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask

from app.base import db
from app.base.db import Database
from app.platform.outbox import services
from app.platform.outbox.services import About
from tests.web_app import Visitor, add_person, app_on, words

MESSAGE = re.compile(r'href="(/outbox/[0-9a-f-]{36})"')


def put_in() -> None:
    with db.transaction() as session:
        services.enqueue_mail(
            session,
            to="m.weber@example.com",
            subject="A new password for Mainstay",
            template="reset",
            facts={"at": "now"},
            link_kind="reset",
            about=About("user", "1"),
        )


def test_an_empty_outbox_says_what_goes_there(insider: Visitor) -> None:
    said = words(insider.get("/outbox/"))
    assert "No mail yet" in said
    assert "No mail server is set up. 0 messages wait" in said


def test_the_list_and_a_message_show_no_link(insider: Visitor) -> None:
    put_in()
    page = insider.get("/outbox/")
    assert "1 message waits" in words(page)
    found = MESSAGE.search(page.text)
    assert found is not None
    message = words(insider.get(found.group(1)))
    assert "[a link that is made when this mail is sent]" in message
    assert "when a mail server is set up" in message


def test_with_a_mail_server_nothing_is_said_of_its_absence(
    database: Database, tmp_path: Path
) -> None:
    app = app_on(database, tmp_path, MAINSTAY_SMTP_HOST="mail", MAINSTAY_MAIL_FROM="a@example.com")
    add_person(app)
    browser = Visitor(app)
    browser.sign_in()
    assert "No mail server" not in words(browser.get("/outbox/"))


def test_a_message_is_tried_again_on_request(insider: Visitor) -> None:
    put_in()
    with db.transaction() as session:
        held = services.hold_next(session)
        assert held is not None
        services.mark_failed(session, held, "550 no such user", is_final=True)
    found = MESSAGE.search(insider.get("/outbox/?state=dead").text)
    assert found is not None
    assert "550 no such user" in words(insider.get(found.group(1)))
    assert insider.post(f"{found.group(1)}/retry").status_code == 303
    assert "waiting" in words(insider.get(found.group(1)))


def test_an_export_holds_no_text(app: Flask, insider: Visitor) -> None:
    put_in()
    exported = insider.get("/outbox/?format=csv")
    assert exported.status_code == 200
    assert "A new password for Mainstay" in exported.text
    assert "link" not in exported.text
