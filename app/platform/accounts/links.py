"""How the links in our mails are made, at the moment of sending (see `outbox.links`)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock
from app.platform.accounts import queries, services
from app.platform.accounts.models import OneTimeSecret, SecretPurpose
from app.platform.outbox.links import MakeLink

BY = "outbox"


def reset(session: Session, about_id: str, base_url: str) -> str | None:
    """Return a link that sets a new password; none for an account that is off."""
    person = queries.person_by_id(session, int(about_id))
    if person is None or not person.is_active or (person.has_sso and not person.password_hash):
        return None
    return _link(session, person.id, SecretPurpose.RESET, base_url)


def invitation(session: Session, about_id: str, base_url: str) -> str | None:
    """Return a link that lets somebody in for the first time; none once they have been."""
    person = queries.person_by_id(session, int(about_id))
    if person is None or not person.is_active or not person.must_set_password:
        return None
    return _link(session, person.id, SecretPurpose.INVITATION, base_url)


def new_email(session: Session, about_id: str, base_url: str) -> str | None:
    """Return a link that proves a new address; none when the change was taken back."""
    user_id = int(about_id)
    wanted = session.scalar(
        select(OneTimeSecret.detail).where(
            OneTimeSecret.user_id == user_id,
            OneTimeSecret.purpose == SecretPurpose.NEW_EMAIL,
            OneTimeSecret.used_at.is_(None),
            OneTimeSecret.expires_at > clock.now(),
        )
    )
    if wanted is None:
        return None
    return _link(session, user_id, SecretPurpose.NEW_EMAIL, base_url, detail=wanted)


def _link(
    session: Session,
    user_id: int,
    purpose: SecretPurpose,
    base_url: str,
    detail: str | None = None,
) -> str:
    secret = services.issue_secret(session, user_id=user_id, purpose=purpose, by=BY, detail=detail)
    return services.link_address(base_url, purpose, secret)


LINKS: Mapping[str, MakeLink] = {
    "reset": reset,
    "invitation": invitation,
    "new_email": new_email,
}
