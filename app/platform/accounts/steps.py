"""The steps of signing in: first what proves who somebody is, then the second factor.

Between the two nothing is stored here: a signed cookie says for ten minutes whose second
factor is asked for. A session begins when all of it was given. What a browser is known by
is set then, too.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import flask
from flask import Response, make_response, redirect, request, url_for

from app.base import clock, db
from app.base.web.paths import safe_next
from app.platform.accounts import identity, noting, queries, services, sessions, values
from app.platform.accounts.queries import Person
from app.platform.audit.security import Kind

PENDING_KEY = "pending"
PENDING_LASTS = timedelta(minutes=10)
DEVICE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody whose second factor is asked for: who, what was given, where to go then."""

    person: Person
    how: str
    target: str


def network() -> str:
    """Return the network the request comes from."""
    return values.ip_prefix(request.remote_addr)


def let_in(person: Person, *, how: str, target: str, is_strong: bool = False) -> Response:
    """Begin the session, or ask for the second factor first where one is set up.

    is_strong: what was given stands for both factors.
    """
    if person.has_second_factor and not is_strong:
        return _ask_for_second(person, how, target)
    return _begin(person, how, target, is_strong=is_strong)


def let_in_fully(pending: Pending, *, how: str) -> Response:
    """Begin the session of somebody who has given the second factor too."""
    return _begin(pending.person, f"{pending.how}, {how}", pending.target, is_strong=True)


def pending() -> Pending | None:
    """Return whose second factor is asked for, None when nobody's is or it took too long."""
    kept = flask.session.get(PENDING_KEY)
    if kept is None or clock.now() - datetime.fromisoformat(kept["at"]) > PENDING_LASTS:
        return None
    with db.reading() as session:
        person = queries.person_by_public_id(session, uuid.UUID(kept["person"]))
    # A new password meanwhile, or a switched-off account, ends what was begun.
    if person is None or not person.is_active or _stamp(person) != kept["stamp"]:
        return None
    return Pending(person, kept["how"], safe_next(kept["target"]))


def known_device(email: str) -> str | None:
    """Return the hash of this browser when the account of an address has signed in with it."""
    device = request.cookies.get(_device_cookie())
    if not device:
        return None
    device_hash = values.hashed(device)
    with db.reading() as session:
        is_known = queries.is_known_device(
            session, email=email, device_hash=device_hash, at=clock.now()
        )
    return device_hash if is_known else None


def _ask_for_second(person: Person, how: str, target: str) -> Response:
    identity.start_over()
    flask.session[PENDING_KEY] = {
        "person": person.public_id.hex,
        "stamp": _stamp(person),
        "at": clock.now().isoformat(),
        "how": how,
        "target": target,
    }
    return make_response(redirect(url_for("accounts.second_factor")))


def _begin(person: Person, how: str, target: str, *, is_strong: bool) -> Response:
    device = request.cookies.get(_device_cookie()) or secrets.token_urlsafe(DEVICE_BYTES)
    with db.transaction() as session:
        services.note_sign_in(session, person=person)
        sessions.know_device(session, user_id=person.id, device=device)
    identity.sign_in(person, how=how, is_strong=is_strong)
    noting.note(Kind.SIGN_IN, person, how=how)
    answer = make_response(redirect(target))
    answer.set_cookie(
        _device_cookie(),
        device,
        max_age=int(sessions.DEVICE_KNOWN_FOR.total_seconds()),
        secure=_is_secure(),
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return answer


def _stamp(person: Person) -> str:
    """Return what changes when the account's sessions are ended."""
    return hashlib.sha256(f"pending {person.uniquifier}".encode()).hexdigest()[:32]


def _device_cookie() -> str:
    return "__Host-device" if _is_secure() else "device"


def _is_secure() -> bool:
    return bool(flask.current_app.config["SETTINGS"].secure_cookies)
