"""Sending: against a mail server on loopback that takes, refuses or is not there."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.base import clock, db
from app.base.db import Database
from app.base.errors import InvalidInput
from app.platform.outbox import links, queries, sending, services
from app.platform.outbox.models import MessageState
from app.platform.outbox.services import About, File
from config import MailSettings
from tests.conftest import NOW

BASE_URL = "http://localhost"
TAKEN = "250 OK"


class Box:
    """A mail server's side: what it took, and what it says to recipients and messages."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.says: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802 — the library calls it so
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        said = self.says.get(address, TAKEN)
        if said == TAKEN:
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(  # noqa: N802 — as above
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        return TAKEN


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def settings_for(port: int) -> MailSettings:
    return MailSettings("127.0.0.1", port, "none", "mainstay@example.com", None, None)


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def server(box: Box) -> Iterator[MailSettings]:
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield settings_for(port)
    controller.stop()


def put_in(
    to: str = "m.weber@example.com", what: str = "Something changed.", key: str | None = None
) -> int | None:
    with db.transaction() as session:
        return services.enqueue_mail(
            session,
            to=to,
            subject="Your account",
            template="account_changed",
            facts={"name": "M. Weber", "what": what, "at": "now"},
            dedupe_key=key,
        )


def states() -> list[tuple[str, str, int]]:
    with db.reading() as session:
        rows = session.connection().exec_driver_sql(
            "SELECT recipient, state, attempts FROM outbox_message ORDER BY id"
        )
        return [(row[0], row[1], row[2]) for row in rows]


def send(mail: MailSettings | None) -> sending.Sending:
    return sending.send_due(mail, base_url=BASE_URL)


def test_a_message_is_sent_once(database: Database, server: MailSettings, box: Box) -> None:
    put_in()
    assert send(server).sent == 1
    assert send(server).sent == 0
    (message,) = box.taken
    assert message["To"] == "m.weber@example.com"
    assert message["From"] == "mainstay@example.com"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "Something changed." in message.get_content()
    assert states() == [("m.weber@example.com", "sent", 1)]


def test_a_file_goes_with_its_message(database: Database, server: MailSettings, box: Box) -> None:
    with db.transaction() as session:
        services.enqueue_mail(
            session, to="m.weber@example.com", subject="With a file", template="account_changed",
            facts={"name": "M. Weber", "what": "Something changed.", "at": "now"},
            files=[File("lines.xlsx", "application/vnd.ms-excel", b"PK\x03\x04")],
        )  # fmt: skip
    sending.send_due(server, base_url=BASE_URL)
    files = [
        (each.get_filename(), each.get_content_type(), each.get_content())
        for each in box.taken[0].iter_attachments()
    ]
    assert files == [("lines.xlsx", "application/vnd.ms-excel", b"PK\x03\x04")]


def test_a_rolled_back_change_sends_nothing(
    database: Database, server: MailSettings, box: Box
) -> None:
    with suppress(RuntimeError), db.transaction() as session:
        services.enqueue_mail(
            session,
            to="m.weber@example.com",
            subject="Your account",
            template="account_changed",
            facts={"name": "M. Weber", "what": "x", "at": "now"},
        )
        raise RuntimeError
    send(server)
    assert box.taken == []


def test_one_key_is_one_message(database: Database) -> None:
    assert put_in(key="a") is not None
    assert put_in(key="a") is None
    assert len(states()) == 1


def test_without_a_mail_server_messages_wait_untouched(database: Database) -> None:
    put_in()
    assert not send(None).is_configured
    assert states() == [("m.weber@example.com", "waiting", 0)]


def test_a_server_that_is_away_puts_off_and_then_gives_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in()
    nobody, now = settings_for(free_port()), NOW
    for wait in (1, 5, 15, 60, 240, 720):
        assert send(nobody).put_off == 1
        # Not before its time.
        assert send(nobody) == sending.Sending()
        now += timedelta(minutes=wait)
        monkeypatch.setattr(clock, "now", lambda now=now: now)
    assert send(nobody).dead == 1
    assert states() == [("m.weber@example.com", "dead", 7)]


def test_a_server_that_is_away_is_asked_once_per_round(database: Database) -> None:
    put_in("a@example.com")
    put_in("b@example.com")
    assert send(settings_for(free_port())).put_off == 1
    assert states() == [("a@example.com", "waiting", 1), ("b@example.com", "waiting", 0)]


def test_a_refused_recipient_is_given_up_and_holds_nobody_up(
    database: Database, server: MailSettings, box: Box
) -> None:
    box.says["a@example.com"] = "550 no such user"
    put_in("a@example.com")
    put_in("b@example.com")
    result = send(server)
    assert (result.dead, result.sent) == (1, 1)
    assert states() == [("a@example.com", "dead", 1), ("b@example.com", "sent", 1)]
    with db.reading() as session:
        page = queries.messages_page(
            session,
            states=[MessageState.DEAD],
            search="",
            sort="created",
            is_falling=True,
            limit=10,
            offset=0,
        )
    assert page.messages[0].last_error == "550 no such user"


def test_a_busy_recipient_is_tried_again(
    database: Database, server: MailSettings, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.says["a@example.com"] = "450 mailbox busy"
    put_in("a@example.com")
    assert send(server).put_off == 1
    del box.says["a@example.com"]
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=1))
    assert send(server).sent == 1


def test_a_message_of_a_dead_sender_is_taken_over(
    database: Database, server: MailSettings, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in()
    with db.transaction() as session:
        lost = services.hold_next(session)
    assert lost is not None
    assert send(server).sent == 0
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=6))
    assert send(server).sent == 1
    # The dead one wakes up: its word no longer counts.
    with db.transaction() as session:
        services.mark_failed(session, lost, "late", is_final=True)
    assert states() == [("m.weber@example.com", "sent", 2)]


def test_a_link_is_made_at_sending_and_kept_nowhere(
    database: Database, server: MailSettings, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    links.register({"test": lambda _session, about, base: f"{base}/open#{about}-secret"})
    with db.transaction() as session:
        services.enqueue_mail(
            session,
            to="m.weber@example.com",
            subject="A link",
            template="reset",
            facts={"at": "now"},
            link_kind="test",
            about=About("user", "7"),
        )
    send(server)
    assert "http://localhost/open#7-secret" in box.taken[0].get_content()
    with db.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT * FROM outbox_message").all()
    assert "7-secret" not in str(rows)


def test_a_link_that_is_no_longer_needed_drops_its_message(
    database: Database, server: MailSettings, box: Box
) -> None:
    links.register({"gone": lambda _session, _about, _base: None})
    with db.transaction() as session:
        services.enqueue_mail(
            session,
            to="m.weber@example.com",
            subject="A link",
            template="reset",
            facts={"at": "now"},
            link_kind="gone",
            about=About("user", "7"),
        )
    assert send(server).dropped == 1
    assert box.taken == []


@pytest.mark.parametrize(
    ("to", "subject", "code"),
    [
        ("a@b.c\r\nBcc: x@y.z", "Hello", "E-MAI-01"),
        ("a@b.example, x@y.example", "Hello", "E-MAI-01"),
        ("a@b.example", "Hello\r\nBcc: x@y.z", "E-MAI-02"),
        ("a@b.example", "Hello\nX-Header: y", "E-MAI-02"),
        ("a@b.example", "", "E-MAI-02"),
    ],
)
def test_what_would_be_another_header_is_refused(
    database: Database, to: str, subject: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused, db.transaction() as session:
        services.enqueue_mail(
            session,
            to=to,
            subject=subject,
            template="account_changed",
            facts={"name": "x", "what": "y", "at": "z"},
        )
    assert refused.value.code == code
    assert states() == []


def test_a_fact_can_write_no_paragraphs_of_its_own(
    database: Database, server: MailSettings, box: Box
) -> None:
    put_in(what="{{7*7}} Click\r\n\r\nhttp://evil.example\u2028now")
    send(server)
    text = box.taken[0].get_content()
    assert "{{7*7}} Click http://evil.example now" in text


def test_a_missing_fact_is_an_error_and_keeps_nothing(database: Database) -> None:
    with pytest.raises(Exception, match="'what' is undefined"), db.transaction() as session:
        services.enqueue_mail(
            session,
            to="a@b.example",
            subject="Hello",
            template="account_changed",
            facts={"name": "x", "at": "z"},
        )
    assert states() == []


def test_what_was_sent_is_forgotten_after_90_days(
    database: Database, server: MailSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in("a@example.com")
    send(server)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=91))
    put_in("b@example.com")
    send(server)
    assert states() == [("b@example.com", "sent", 1)]
