"""Webhooks: signed, tried again, given up, never redirected, only to places that are named."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock
from app.base.db import Database
from app.base.errors import Conflict, InvalidInput
from app.base.outbound import Origin, origins
from app.platform.outbox import webhooks
from app.platform.outbox.webhook_models import Webhook, WebhookDelivery
from tests.conftest import NOW


class Listener:
    """A program on loopback: what it was told, and what it answers."""

    def __init__(self) -> None:
        self.told: list[tuple[dict[str, str], bytes]] = []
        self.says = 204
        told, listener = self.told, self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                told.append((dict(self.headers), body))
                self.send_response(listener.says)
                if listener.says == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self.server.server_address[1]

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def allowed(self) -> tuple[Origin, ...]:
        """The list that names it, with its address, which is no public one."""
        return origins([f"http://127.0.0.1:{self.port}=127.0.0.1"])


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A listening program."""
    found = Listener()
    thread = threading.Thread(target=found.server.serve_forever, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


def hooked(session: Session, listener: Listener) -> Webhook:
    return webhooks.add(session, name="erp", url=listener.url, allowed=listener.allowed)


def signed_by(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """Check a call as its receiver would, from the documented words alone."""
    message = headers[webhooks.TIMESTAMP].encode() + b"." + body
    wanted = "v1=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    return wanted in headers[webhooks.SIGNATURE].split(",")


def test_a_call_is_signed_and_made_once(sqlite_only: Database, listener: Listener) -> None:
    with sqlite_only.transaction() as session:
        hook = hooked(session, listener)
        secret = webhooks.secret_of(hook)
        for _ in range(2):
            webhooks.enqueue(session, "alert.raised", {"says": "Ö"}, dedupe_key="one")
    for _ in range(2):
        webhooks.send_due(listener.allowed)
    ((headers, body),) = listener.told
    content = json.loads(body)
    assert (content["event"], content["data"]) == ("alert.raised", {"says": "Ö"})
    assert headers[webhooks.DELIVERY] == content["id"]
    assert headers[webhooks.TIMESTAMP] == str(int(NOW.timestamp()))
    assert signed_by(headers, body, secret)
    assert not signed_by(headers, body + b" ", secret)
    assert not signed_by(headers, body, "whs_" + "0" * 40)


def test_both_secrets_sign_while_they_are_exchanged(
    sqlite_only: Database, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_only.transaction() as session:
        hook = hooked(session, listener)
        old = webhooks.secret_of(hook)
        webhooks.rotate(session, hook, seen=1)
        new = webhooks.secret_of(hook)
        webhooks.enqueue(session, webhooks.PING, {})
        with pytest.raises(Conflict, match="changed this webhook"):
            webhooks.rotate(session, hook, seen=1)
    webhooks.send_due(listener.allowed)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=8))
    with sqlite_only.transaction() as session:
        webhooks.enqueue(session, webhooks.PING, {})
    webhooks.send_due(listener.allowed)
    during, after = listener.told
    assert [signed_by(*during, each) for each in (old, new)] == [True, True]
    assert [signed_by(*after, each) for each in (old, new)] == [False, True]


@pytest.mark.parametrize(("says", "words"), [(500, "Answered 500"), (302, "not followed")])
def test_a_refused_call_is_tried_with_growing_waits_and_then_given_up(
    sqlite_only: Database, listener: Listener, monkeypatch: pytest.MonkeyPatch, says: int,
    words: str,
) -> None:  # fmt: skip
    listener.says = says
    with sqlite_only.transaction() as session:
        hooked(session, listener)
        webhooks.enqueue(session, webhooks.PING, {})
    now, waits = NOW, []
    for _ in range(8):
        monkeypatch.setattr(clock, "now", lambda at=now: at)
        webhooks.send_due(listener.allowed)
        with sqlite_only.reading() as session:
            row = session.scalars(select(WebhookDelivery)).one()
        waits.append(round((row.next_at - now).total_seconds() / 60) if row.state != "dead" else 0)
        now = max(now, row.next_at)
    assert waits == [1, 5, 15, 60, 240, 720, 0, 0]
    assert len(listener.told) == 7
    assert (row.state, row.attempts, row.last_status) == ("dead", 7, says)
    assert words in (row.last_error or "")
    with sqlite_only.transaction() as session:
        webhooks.retry(session, row.public_id)
        with pytest.raises(Conflict, match="is waiting"):
            webhooks.retry(session, row.public_id)


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/hook", "http://127.1/hook", "http://0x7f000001/", "file:///etc/passwd",
        "http://[::1]/", "http://user@127.0.0.1/", "https://example.com/", "http://127.0.0.1:1/",
        "http://127.0.0.1\n/", "javascript:alert(1)", "x" * 501,
    ],
)  # fmt: skip
def test_only_a_named_place_becomes_a_webhook(
    sqlite_only: Database, listener: Listener, url: str
) -> None:
    with sqlite_only.transaction() as session:
        with pytest.raises(InvalidInput):
            webhooks.add(session, name="x", url=url, allowed=listener.allowed)
        assert webhooks.webhooks(session) == []


def test_a_place_that_is_named_no_more_is_not_called(
    sqlite_only: Database, listener: Listener
) -> None:
    with sqlite_only.transaction() as session:
        hooked(session, listener)
        webhooks.enqueue(session, webhooks.PING, {})
    assert webhooks.send_due(()).put_off == 1
    assert listener.told == []


def test_switched_off_nothing_goes_and_what_waits_is_dropped(
    sqlite_only: Database, listener: Listener
) -> None:
    with sqlite_only.transaction() as session:
        hook = hooked(session, listener)
        webhooks.enqueue(session, webhooks.PING, {})
        webhooks.switch(session, hook, is_active=False, seen=1)
        assert webhooks.enqueue(session, webhooks.PING, {}) == 0
        assert webhooks.counts_of(session) == {hook.id: {"dropped": 1}}
    assert webhooks.send_due(listener.allowed).sent == 0
    assert listener.told == []
