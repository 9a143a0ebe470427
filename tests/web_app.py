"""The application in tests: on the test's database, visited by somebody or nobody.

    def test_it_needs_sign_in(visitor: Visitor) -> None:
        assert visitor.get("/jobs/").status_code == 302

`insider` is signed in. Posting fetches the CSRF token by itself.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.base import db
from app.base.db import Database
from app.base.pdf import desk
from app.factory import create_app
from app.platform.accounts import grants, identity, services
from app.platform.accounts.grant_models import Role
from app.platform.accounts.models import SecretPurpose
from config import Settings

PASSWORD = "a calm and dense panel"
EMAIL = "m.weber@example.com"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
COMPILED_PARTS = ("_parts", "_trace", "_converters", "arguments")
TAG = re.compile(r"<[^>]+>")


class Compiled(BytecodeCache):
    """Templates that an application of this process has compiled: each test makes its own."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket, if its source is known."""
        code = self._code.get(bucket.key + bucket.checksum)
        if code is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._code[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


COMPILED = Compiled()


@pytest.fixture(autouse=True, scope="session")
def compiled_once() -> Iterator[None]:
    """Let applications of this process share what rules compile to: most of making one."""
    known: dict[tuple[str, ...], dict[str, Any]] = {}  # Any: what the library keeps of a rule
    build, parse = Rule._compile_builder, Rule.compile

    def builder(rule: Rule, append_unknown: bool = True) -> Any:
        name = "unknown" if append_unknown else "known"
        if name not in known[_identity(rule)]:
            known[_identity(rule)][name] = build(rule, append_unknown)
        return known[_identity(rule)][name]

    def compiled(rule: Rule) -> None:
        key = _identity(rule)
        if key not in known:
            known[key] = {}
            parse(rule)
            known[key] |= {each: getattr(rule, each) for each in COMPILED_PARTS}
            return
        for each in COMPILED_PARTS:
            setattr(rule, each, known[key][each])
        rule._build = builder(rule, False).__get__(rule, None)
        rule._build_unknown = builder(rule, True).__get__(rule, None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", builder)
        patch.setattr(Rule, "compile", compiled)
        yield


def _identity(rule: Rule) -> tuple[str, ...]:
    return (rule.rule, rule.endpoint, f"{rule.subdomain} {rule.host} {rule.defaults}")


class Visitor:
    """A browser without scripts."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()
        self._tokens: dict[str, str] = {}

    def get(self, path: str, **given: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, buffered=True, **given)

    def post(self, path: str, data: dict[str, Any] | None = None, **given: Any) -> TestResponse:
        """Send a form with the session's CSRF token."""
        return self.client.post(path, data={"csrf_token": self.token()} | (data or {}), **given)

    def token(self) -> str:
        """Return the CSRF token of this session, asked for once."""
        known = self.client.get_cookie("session")
        if known is None or known.value not in self._tokens:
            found = TOKEN.search(self.get("/sign-in").text)
            assert found is not None
            self._tokens[self.cookie] = found.group(1)
        return self._tokens[self.cookie]

    @property
    def cookie(self) -> str:
        """The session cookie's value."""
        found = self.client.get_cookie("session")
        assert found is not None
        return found.value

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> TestResponse:
        """Sign in with a password."""
        return self.post("/sign-in", {"email": email, "password": password})


def words(response: TestResponse) -> str:
    """Return what a page says, without its tags, in single spaces."""
    return " ".join(html.unescape(TAG.sub(" ", response.text)).split())


def settings_for(database: Database, folder: Path, **changes: str) -> Settings:
    """Return settings of an application on the test's database."""
    return Settings.from_env(
        {
            "DATABASE_URL": database.url,
            "MAINSTAY_INSTANCE": str(folder / "instance"),
            "MAINSTAY_SECRET_KEY": "k" * 48,
            "MAINSTAY_AUDIT_KEY": "a" * 48,
        }
        | changes
    )


def app_on(database: Database, folder: Path, **changes: str) -> Flask:
    """Return an application on the test's database, which stays the bound one."""
    app = create_app(settings_for(database, folder, **changes))
    app.jinja_env.bytecode_cache = COMPILED
    db.current().dispose()
    db.bind(database)
    return app


def add_person(app: Flask, *, email: str = EMAIL, password: str | None = PASSWORD) -> int:
    """Add an administrator who does the daily work too, with a password unless None."""
    with app.app_context(), db.transaction() as session:
        user_id = services.create_admin(session, email=email, name="M. Weber")
        grants.grant(
            session, user_id=user_id, role=Role.RISK_MANAGER, reason="does the daily work too"
        )
        if password is not None:
            services.set_password_hash(session, user_id=user_id, password_hash=_hash_of(password))
    return user_id


@cache
def _hash_of(password: str) -> str:
    """Hash a test's password once: hashing is slow on purpose."""
    return identity.hash_password(password)


@pytest.fixture
def unprinted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer with what would be printed, for walks that ask something else of all pages.

    `walls/test_canaries.py` walks and prints.
    """
    monkeypatch.setattr(desk, "print_one", lambda _, content: repr(content).encode())


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Flask:
    """The application on the test's database."""
    return app_on(database, tmp_path)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Nobody signed in."""
    return Visitor(app)


@pytest.fixture
def insider(app: Flask) -> Visitor:
    """Somebody signed in, through a session of their own."""
    user_id = add_person(app)
    browser = Visitor(app)
    with db.transaction() as session:
        secret = services.issue_secret(
            session, user_id=user_id, purpose=SecretPurpose.SIGN_IN, by="test"
        )
    assert browser.post("/sign-in/once", {"secret": secret}).status_code == 302
    return browser
