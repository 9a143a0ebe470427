"""Hands waiting messages to the mail server.

1. Take the message that is due longest into hand, in a transaction of its own.
2. Make its link, if it carries one, and commit it: a link in a mail must be good.
3. Hand the mail over. 4. Note how it went.

A mail server that took a message just before we died gets it once more, under the same
Message-ID. Without a mail server nothing is touched.
"""

from __future__ import annotations

import smtplib
import ssl
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from app.base import clock, db, formatting
from app.platform.outbox import letters, links, services
from app.platform.outbox.models import MessageState
from app.platform.outbox.services import Held
from config import MailSettings

TIMEOUT_SECONDS = 20
MOST_AT_ONCE = 200
# Replies from here on mean that trying again is of no use.
PERMANENT = 500
NO_LONGER_NEEDED = "No longer needed: what it was about has changed."


@dataclass(frozen=True, slots=True)
class Sending:
    """How a round went: messages by what became of them."""

    is_configured: bool = True
    sent: int = 0
    put_off: int = 0
    dead: int = 0
    dropped: int = 0

    @property
    def summary(self) -> str:
        """Return it in one sentence."""
        if not self.is_configured:
            return "No mail server is set up; messages wait."
        return (
            f"{formatting.count(self.sent, 'message')} sent, {self.put_off} put off, "
            f"{self.dead} given up, {self.dropped} no longer needed."
        )


def send_due(mail: MailSettings | None, *, base_url: str, limit: int = MOST_AT_ONCE) -> Sending:
    """Send what is due, at most `limit`; stop early when the mail server can't be reached."""
    if mail is None:
        return Sending(is_configured=False)
    counts = dict.fromkeys(MessageState, 0)
    with _Line(mail) as line:
        for _ in range(limit):
            with db.transaction() as session:
                held = services.hold_next(session)
            if held is None:
                break
            counts[_sent_one(held, line, base_url)] += 1
            if line.is_broken:
                break
    if any(counts.values()):
        with db.transaction() as session:
            services.forget_old(session)
    return Sending(
        sent=counts[MessageState.SENT],
        put_off=counts[MessageState.WAITING],
        dead=counts[MessageState.DEAD],
        dropped=counts[MessageState.DROPPED],
    )


def _sent_one(held: Held, line: _Line, base_url: str) -> MessageState:
    text = _text(held, base_url)
    if text is None:
        with db.transaction() as session:
            services.mark_dropped(session, held, NO_LONGER_NEEDED)
        return MessageState.DROPPED
    try:
        line.send(_envelope(held, text, line.mail))
    except (OSError, smtplib.SMTPException, ValueError) as error:
        with db.transaction() as session:
            return services.mark_failed(session, held, _words(error), is_final=_is_permanent(error))
    with db.transaction() as session:
        services.mark_sent(session, held)
    return MessageState.SENT


def _text(held: Held, base_url: str) -> str | None:
    if held.link_kind is None:
        return held.text
    with db.transaction() as session:
        link = links.make(session, held.link_kind, held.about_id or "", base_url=base_url)
    return None if link is None else letters.written(held.template, held.facts, link=link)


def _envelope(held: Held, text: str, mail: MailSettings) -> EmailMessage:
    # The policy refuses line breaks in headers, whatever came through before.
    message = EmailMessage(policy=SMTP)
    message["From"] = mail.sender
    message["To"] = held.recipient
    message["Subject"] = held.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{held.public_id}@{mail.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    for file in held.files:
        kind, _, form = file.media_type.partition("/")
        message.add_attachment(file.content, maintype=kind, subtype=form, filename=file.name)
    return message


class _Line(AbstractContextManager["_Line"]):
    """One connection to the mail server, opened when the first message needs it."""

    def __init__(self, mail: MailSettings) -> None:
        self.mail = mail
        self.is_broken = False
        self._server: smtplib.SMTP | None = None
        self._ends = ExitStack()

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def send(self, message: EmailMessage) -> None:
        """Hand one message over; what can't be reached or said breaks the line."""
        try:
            if self._server is None:
                self._server = self._connected()
            self._server.send_message(message)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, ValueError):
            # The server refused this one message; the next may do.
            raise
        except (OSError, smtplib.SMTPException):
            self.is_broken = True
            raise

    def _connected(self) -> smtplib.SMTP:
        mail, trusted = self.mail, ssl.create_default_context()
        server = (
            smtplib.SMTP_SSL(mail.host, mail.port, timeout=TIMEOUT_SECONDS, context=trusted)
            if mail.tls == "tls"
            else smtplib.SMTP(mail.host, mail.port, timeout=TIMEOUT_SECONDS)
        )
        self._ends.callback(_hang_up, server)
        if mail.tls == "starttls":
            server.starttls(context=trusted)
        if mail.user is not None:
            server.login(mail.user, mail.password or "")
        return server


def _hang_up(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


def _is_permanent(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= PERMANENT
    return isinstance(error, ValueError)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return f"{code} {_readable(said)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_readable(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"


def _readable(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said
