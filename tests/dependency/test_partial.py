"""Whoever sees some suppliers only is told so on every page and export that counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.base import clock, db
from app.base.db import Database
from app.facts.suppliers.models import Category, Part, Supplier
from app.facts.suppliers.sourcing.reach import PARTIAL
from app.platform.accounts import grants, services
from app.platform.accounts.grant_models import Role
from app.platform.accounts.grants import Scope
from app.platform.accounts.models import SecretPurpose, User
from tests.dependency.test_pages import GETS, path_of
from tests.web_app import Visitor, app_on, words

NODE = "/risk/upstream/node?kind=plant&name=One&company=Shared+Co"
EXPORTS = (
    "/risk/parts", "/risk/backups", "/risk/upstream", "/risk/concentration",
    "/risk/concentration?by=country", "/risk/buyer-shares", "/screening/",
)  # fmt: skip


def pages(part_id: int) -> tuple[str, ...]:
    own = (NODE, f"/risk/parts/{part_id}", path_of("S-1"), "/screening/", "/risk/roll-up")
    return (*GETS, *own)


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Flask:
    """The application in a house whose buyers see their own scope only."""
    return app_on(database, tmp_path, MAINSTAY_BUYERS_SEE="own")


@pytest.fixture
def buyer(app: Flask) -> Visitor:
    """A buyer of one category, in which Alpha and Beta are."""
    with db.transaction() as session:
        category = Category(name="Magnets")
        session.add(category)
        user = User(email="buyer@example.com", name="Buyer", uniquifier="x" * 64)
        session.add(user)
        # Signs in by a one-time link: nobody knows the password behind this hash.
        user.password_hash, user.password_set_at = "!", clock.now()
        session.flush()
        for number in ("S-1", "S-2"):
            found = session.scalars(select(Supplier).where(Supplier.number == number)).one()
            found.category_id = category.id
        scope = Scope(category_id=category.id)
        grants.grant(
            session, user_id=user.id, role=Role.BUYER, reason="buys magnets only", scope=scope
        )
        secret = services.issue_secret(
            session, user_id=user.id, purpose=SecretPurpose.SIGN_IN, by="test"
        )
    visitor = Visitor(app)
    assert visitor.post("/sign-in/once", {"secret": secret}).status_code == 302
    return visitor


def part_of_both() -> int:
    with db.reading() as session:
        return session.scalars(select(Part.id).where(Part.number == "P-1")).one()


def test_partial_counts_say_so_on_every_page(buyer: Visitor) -> None:
    for path in pages(part_of_both()):
        assert PARTIAL in words(buyer.get(path)), path


def test_whole_counts_say_nothing_of_it(insider: Visitor) -> None:
    for path in ("/risk/parts", "/risk/upstream", path_of("S-1")):
        assert PARTIAL not in words(insider.get(path)), path


def test_partial_counts_are_of_what_is_seen(buyer: Visitor, insider: Visitor) -> None:
    assert "One Shared Co 4 ■ 3 parts 3 5" in words(insider.get("/risk/upstream"))
    assert "One Shared Co 2 ■ 2 parts 2 5" in words(buyer.get("/risk/upstream"))


def test_exports_of_partial_counts_say_so(buyer: Visitor) -> None:
    for path in EXPORTS:
        asked = f"{path}{'&' if '?' in path else '?'}format=json"
        assert PARTIAL in str(buyer.get(asked).get_json()["about"]), path
