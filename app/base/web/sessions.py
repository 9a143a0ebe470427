"""Sessions kept on the server, so that signing out ends them wherever a cookie was copied.

The cookie of somebody signed in is a random token; its hash names a row that a SessionStore,
handed in by the factory, keeps. Before sign-in nothing is stored: the few entries (a CSRF
token, a notice) travel in a signed cookie that ends at sign-in.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any, Protocol

from flask import Flask, Request, Response
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer

from config import Settings

TOKEN_BYTES = 32
VISITOR_PREFIX = "v."
VISITOR_SECONDS = 3_600
USER_KEY = "_user_id"
_serializer = TaggedJSONSerializer()


class SessionStore(Protocol):
    """Keeps the sessions of people who signed in; knows tokens only as hashes."""

    def load(self, token: str) -> str | None:
        """Return the session's content, None when it is unknown, idle too long or over."""

    def create(self, token: str, content: str, *, user_key: str, request: Request) -> None:
        """Keep a new session for the account that `user_key` names."""

    def update(self, token: str, content: str) -> None:
        """Keep the changed content."""

    def end(self, token: str) -> None:
        """Forget the session."""


class Session(SessionMixin):
    """A session that knows whether it changed and which token it came with.

    Values are what Flask and its extensions put there (Any: the base class says so).
    """

    def __init__(self, content: dict[str, Any] | None = None, *, token: str | None = None) -> None:
        self._content = content or {}
        self.token = token
        self.new = content is None
        self.modified = False
        self.accessed = False
        self.renewed = False

    def __getitem__(self, key: str) -> Any:  # Any: see the class
        self.accessed = True
        return self._content[key]

    def __setitem__(self, key: str, value: Any) -> None:  # Any: see the class
        self.modified = True
        self._content[key] = value

    def __delitem__(self, key: str) -> None:
        self.modified = True
        del self._content[key]

    def __iter__(self) -> Iterator[str]:
        self.accessed = True
        return iter(self._content)

    def __len__(self) -> int:
        return len(self._content)

    def setdefault(self, key: str, default: Any = None) -> Any:  # Any: see the class
        """Return the value of `key`; the caller may change it in place."""
        self.modified = True
        return self._content.setdefault(key, default)

    def renew(self) -> None:
        """Start over under a new token, keeping nothing of the old session."""
        self._content = {}
        self.modified = self.renewed = True

    def dumps(self) -> str:
        """Return the content as text."""
        return _serializer.dumps(self._content)


class ServerSessions(SessionInterface):
    """Opens and saves sessions: visitors in a signed cookie, people in the store."""

    def __init__(self, store: SessionStore, settings: Settings) -> None:
        self._store = store
        self._secure = settings.secure_cookies
        self.cookie_name = "__Host-session" if self._secure else "session"
        self._signer = URLSafeTimedSerializer(settings.secret_key, salt="visitor")

    def open_session(self, app: Flask, request: Request) -> Session:
        """Return the session of the request's cookie, an empty one where it is worth nothing."""
        cookie = request.cookies.get(self.cookie_name, "")
        if cookie.startswith(VISITOR_PREFIX):
            return Session(self._visitor_content(cookie.removeprefix(VISITOR_PREFIX)))
        content = self._store.load(cookie) if cookie else None
        if content is None:
            return Session()
        return Session(_serializer.loads(content), token=cookie)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep the session where it belongs and set the cookie."""
        assert isinstance(session, Session)  # noqa: S101 — open_session makes no other
        if session.token and (session.renewed or USER_KEY not in session):
            self._store.end(session.token)
            session.token = None
        if USER_KEY in session:
            self._save_person(session, response)
        elif session:
            self._save_visitor(session, response)
        elif session.modified:
            response.delete_cookie(self.cookie_name, **self._cookie_flags())

    def _save_person(self, session: Session, response: Response) -> None:
        from flask import request

        if session.token is None:
            session.token = secrets.token_urlsafe(TOKEN_BYTES)
            self._store.create(
                session.token, session.dumps(), user_key=str(session[USER_KEY]), request=request
            )
            response.set_cookie(self.cookie_name, session.token, **self._cookie_flags())
        elif session.modified:
            self._store.update(session.token, session.dumps())

    def _save_visitor(self, session: Session, response: Response) -> None:
        if session.modified:
            value = VISITOR_PREFIX + self._signer.dumps(session.dumps())
            response.set_cookie(self.cookie_name, value, **self._cookie_flags())

    def _visitor_content(self, signed: str) -> dict[str, Any] | None:  # Any: see Session
        try:
            content = _serializer.loads(self._signer.loads(signed, max_age=VISITOR_SECONDS))
        except (BadSignature, ValueError):
            return None
        # A cookie of ours never names a person here; a forged one must not either.
        content.pop(USER_KEY, None)
        return dict(content)

    def _cookie_flags(self) -> dict[str, Any]:  # Any: keyword arguments of two kinds
        return {"secure": self._secure, "httponly": True, "samesite": "Lax", "path": "/"}
