"""Who is told: those who may decide, and who submitted; never the writers of a version."""

from __future__ import annotations

from sqlalchemy import select

from app.base import db
from app.platform.approvals.models import Verdict
from app.platform.outbox.models import OutboxMessage
from tests.approvals.cast import decide, submit
from tests.approvals.conftest import Cast


def mails() -> list[tuple[str, str]]:
    with db.reading() as session:
        found = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
        return [(mail.recipient, mail.subject) for mail in found]


def test_those_who_may_decide_are_told_once(cast: Cast) -> None:
    submit(cast.author, writers=[cast.second])
    assert mails() == [("boris@example.com", "Waits for your approval: Limit")]


def test_who_submitted_is_told_how_it_ended(cast: Cast) -> None:
    decide(cast.first, submit(cast.author), Verdict.REJECT)
    assert mails()[-1] == ("anna@example.com", "Rejected: Limit")


def test_nothing_is_sent_of_what_was_not_stored(cast: Cast) -> None:
    submit(cast.author, writers=[cast.first, cast.second])
    assert mails() == []
