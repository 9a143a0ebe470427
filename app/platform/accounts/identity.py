"""The sign-in library's only door: Flask-Security hashes passwords and knows who is signed in.

Its own pages, commands and database handling stay unused: the datastore given to it reads
through our sessions and never commits, because boundaries do. Everything else of the
product sees `Person`, never one of the library's types.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

import flask
from flask import Flask, Request
from flask_login import current_user
from flask_security import RoleMixin, Security, UserMixin
from flask_security.datastore import UserDatastore
from flask_security.totp import Totp
from flask_security.utils import hash_password as library_hash
from flask_security.utils import login_user, logout_user
from flask_security.utils import verify_password as password_matches
from passlib.exc import TokenError

from app.base import acting, clock, db
from app.base.web.access import SignedIn
from app.base.web.sessions import Session
from app.platform.accounts import gate, queries, services, sessions, values
from app.platform.accounts.queries import Person
from config import Settings

# OWASP's parameters for argon2id (2024): 19 MiB, two passes, one lane.
ARGON2 = {"memory_cost": 19_456, "time_cost": 2, "parallelism": 1}

# What a session keeps beside who it is.
HOW_KEY = "how"
STRONG_KEY = "is_strong"
PROVED_KEY = "proved_at"
PROOF_LASTS = timedelta(minutes=10)

# Codes of an authenticator app: whose they are, and how far its clock may be off.
ISSUER = "Mainstay"
CODES = "mainstay authenticator codes"
CLOCK_SLACK_SECONDS = 30


class _SignedIn(UserMixin):
    """A person in the shape that the library expects."""

    # The library looks for it on the class.
    fs_uniquifier: str = ""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.id = person.id
        self.email = person.email
        self.active = person.is_active
        self.fs_uniquifier = person.uniquifier
        self.roles = []


class _Datastore(UserDatastore):
    """Reads people through our database; never writes and never commits."""

    def __init__(self) -> None:
        super().__init__(_SignedIn, RoleMixin)

    def find_user(self, case_insensitive: bool = False, **wanted: Any) -> _SignedIn | None:
        """Return the person a session names (Any: the library's signature)."""
        uniquifier = wanted.get("fs_uniquifier")
        if not isinstance(uniquifier, str):
            return None
        with db.reading() as session:
            person = queries.person_by_uniquifier(session, uniquifier)
        return None if person is None else _SignedIn(person)

    def find_role(self, role: str) -> None:
        """Know no role of the library's."""

    def commit(self) -> None:
        """Leave committing to the boundaries."""

    def put(self, model: Any) -> Any:
        """Keep nothing: services write (Any: the library's signature)."""
        return model

    def delete(self, model: Any) -> None:
        """Remove nothing: services write (Any: the library's signature)."""


class Gate:
    """The Authoriser of this product: who signed in, and what their roles allow."""

    def actor(self) -> SignedIn | None:
        """Return who is signed in, and whether a second factor is still to be set up."""
        user = current_user._get_current_object()
        if not isinstance(user, _SignedIn):
            return gate.program()
        is_open = must_enrol(user.person, flask.current_app.config["SETTINGS"])
        return replace(user.person, must_enrol=is_open and not flask.session.get(STRONG_KEY))

    def acting(self, actor: SignedIn | None) -> acting.Actor:
        """Return as whom the work is done: an account or a token, else a visitor."""
        token = session_token()
        return gate.actor_of(actor, session_hash=None if token is None else values.hashed(token))

    def may(self, actor: SignedIn, permission: str) -> bool:
        """Tell whether one of the roles held says so."""
        return gate.may(actor, permission)


class DatabaseSessions:
    """The SessionStore of this product."""

    def load(self, token: str) -> str | None:
        """Return a live session's content and note, once a minute, that it was seen."""
        now = clock.now()
        with db.reading() as session:
            live = queries.live_session(session, token_hash=values.hashed(token), at=now)
        if live is None:
            return None
        if now - live.last_seen_at > sessions.SEEN_STEP:
            with db.transaction() as session:
                sessions.change_session(session, token=token)
        return live.content

    def create(self, token: str, content: str, *, user_key: str, request: Request) -> None:
        """Keep a new session."""
        with db.transaction() as session:
            services.forget_old(session)
            sessions.open_session(
                session,
                token=token,
                content=content,
                uniquifier=user_key,
                network=values.ip_prefix(request.remote_addr),
                agent=request.user_agent.string,
                how=str(flask.session.get(HOW_KEY, "")),
            )

    def update(self, token: str, content: str) -> None:
        """Keep the changed content."""
        with db.transaction() as session:
            sessions.change_session(session, token=token, content=content)

    def end(self, token: str) -> None:
        """Forget the session."""
        with db.transaction() as session:
            sessions.close_session(session, token=token)


def install(app: Flask, settings: Settings) -> None:
    """Prepare the library for hashing and for knowing who is signed in; nothing more."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 — the scheme's name
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS={
            f"argon2__{name}": value for name, value in ARGON2.items()
        },
        SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
        SECURITY_ANONYMOUS_USER_DISABLED=False,
    )
    security = Security(app, _Datastore(), register_blueprint=False)
    app.extensions[CODES] = _Codes(
        {"1": hmac.digest(settings.secret_key.encode(), CODES.encode(), "sha256").hex()}, ISSUER
    )
    # The library would also take a token from a header or from the address.
    security.login_manager.request_loader(lambda _request: None)


class _Codes(Totp):
    """The library's codes, by our clock; secrets are sealed with a key from the settings."""

    def counter_of(self, code: str, sealed: str, last_counter: int | None) -> int | None:
        """Return the time step of a good code that was not used before."""
        try:
            match = self._totp.verify(
                code,
                sealed,
                time=int(clock.now().timestamp()),
                window=CLOCK_SLACK_SECONDS,
                last_counter=last_counter,
            )
        except TokenError:
            return None
        return int(match.counter)


def new_totp_secret() -> str:
    """Return a new authenticator secret, sealed as it is kept."""
    return str(_codes().generate_totp_secret())


def totp_uri(person: Person, sealed: str) -> str:
    """Return the address that an authenticator app reads from the QR code."""
    return str(_codes().get_totp_uri(person.email, sealed))


def totp_key(sealed: str) -> str:
    """Return the secret as people type it where no camera is at hand."""
    return str(_codes().get_totp_pretty_key(sealed))


def totp_counter(code: str, sealed: str, last_counter: int | None) -> int | None:
    """Return the time step of a good code that is newer than the last one used, else None."""
    return _codes().counter_of(code, sealed, last_counter)


def _codes() -> _Codes:
    codes: _Codes = flask.current_app.extensions[CODES]
    return codes


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    return str(library_hash(password))


def is_right_password(person: Person | None, password: str) -> bool:
    """Tell whether the password is the person's; takes as long for nobody as for somebody."""
    if len(password) > values.LONGEST_PASSWORD:
        return False
    known = person.password_hash if person is not None and person.is_active else None
    matches = bool(password_matches(password, known or _hash_of_nobody()))
    return matches and known is not None


def must_enrol(person: Person, settings: Settings) -> bool:
    """Tell whether somebody must set up a second factor before anything else.

    Nobody of a supplier, and not the local administrator of an installation that only this
    machine reaches.
    """
    if not settings.require_second_factor or person.has_second_factor or person.is_of_supplier:
        return False
    return not (person.is_local_admin and settings.is_loopback)


def sign_in(person: Person, *, how: str, is_strong: bool = False) -> None:
    """Start a new session for the person, keeping nothing of the visitor's.

    how: what was given, in words. is_strong: whether it stands for two factors.
    """
    start_over()
    login_user(_SignedIn(person), remember=False, authn_via=["password"])
    flask.session[HOW_KEY] = how
    flask.session[STRONG_KEY] = is_strong
    flask.session[PROVED_KEY] = clock.now().isoformat()
    flask.g.actor = replace(
        person,
        must_enrol=must_enrol(person, flask.current_app.config["SETTINGS"]) and not is_strong,
    )


def start_over() -> None:
    """Give the browser another session id, and nothing of what it had."""
    _session().renew()
    flask.g.pop("csrf_token", None)


def renew() -> None:
    """Give the session another id, and keep who it is: somebody has proven it anew."""
    kept = dict(flask.session)
    start_over()
    flask.session.update(kept)
    flask.session[PROVED_KEY] = clock.now().isoformat()


def has_proven_lately() -> bool:
    """Tell whether whoever sits there has shown within ten minutes that they are the owner."""
    proved_at = flask.session.get(PROVED_KEY)
    if proved_at is None:
        return False
    return clock.now() - datetime.fromisoformat(proved_at) < PROOF_LASTS


def session_token() -> str | None:
    """Return the token of the present session, None for a visitor."""
    return _session().token


def _session() -> Session:
    current = cast(Any, flask.session)._get_current_object()  # Any: a proxy, typed as its target
    assert isinstance(current, Session)  # noqa: S101 — the factory sets our sessions
    return current


def sign_out() -> None:
    """End the session on the server."""
    logout_user()
    flask.session.clear()
    flask.g.actor = None


@cache
def _hash_of_nobody() -> str:
    return hash_password("nobody has this password")
