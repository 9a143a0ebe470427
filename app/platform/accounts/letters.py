"""The mails about accounts, put into the outbox in the transaction of what they tell of."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.base import clock, formatting
from app.platform.accounts import services
from app.platform.accounts.models import SecretPurpose
from app.platform.accounts.queries import Person
from app.platform.outbox.services import About, enqueue_mail


def invite(session: Session, *, person: Person, by: str, house: str) -> None:
    """Send somebody the link that lets them in for the first time."""
    enqueue_mail(
        session,
        to=person.email,
        subject="Your account in Mainstay",
        template="invitation",
        facts={"name": person.name, "by": by, "house": house or "Mainstay"},
        link_kind="invitation",
        about=About("user", str(person.id)),
    )


def send_reset(session: Session, *, email: str, person: Person | None) -> None:
    """Send the link for a new password; for an unknown address do the same work, keep nothing.

    Who listens to how long it takes learns nothing: the mail is written either way, and
    taken back where nobody is to get it.
    """
    is_known = person is not None and person.is_active
    with session.begin_nested() as written:
        enqueue_mail(
            session,
            to=email,
            subject="A new password for Mainstay",
            template="reset",
            facts={"at": formatting.moment(clock.now())},
            link_kind="reset",
            about=About("user", str(person.id if person is not None else 0)),
        )
        if not is_known:
            written.rollback()


def prove_email(session: Session, *, person: Person, email: str) -> None:
    """Send a link to a new address, and say so to the present one."""
    services.issue_secret(
        session,
        user_id=person.id,
        purpose=SecretPurpose.NEW_EMAIL,
        by=person.name,
        detail=email,
    )
    enqueue_mail(
        session,
        to=email,
        subject="Confirm this address for Mainstay",
        template="new_email",
        facts={"name": person.name},
        link_kind="new_email",
        about=About("user", str(person.id)),
    )
    tell_of_change(session, person=person, what=f"Somebody asked to change its address to {email}.")


def tell_of_change(session: Session, *, person: Person, what: str) -> None:
    """Tell somebody that their account has changed; nothing goes to an account of this machine."""
    if person.is_local_admin:
        return
    enqueue_mail(
        session,
        to=person.email,
        subject="Your account in Mainstay has changed",
        template="account_changed",
        facts={"name": person.name, "what": what, "at": formatting.moment(clock.now())},
        about=About("user", str(person.id)),
    )
