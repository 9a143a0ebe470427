"""People, roles and tokens: given with a reason, never to oneself, taken back at once."""

from __future__ import annotations

import hashlib
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.base import acting, db
from app.base.acting import Source
from app.base.db import Database
from app.base.errors import Conflict, Forbidden, InvalidInput
from app.platform.accounts import grant_queries, grants, people, queries, services, tokens
from app.platform.accounts.grant_models import ApiToken, Role, RoleGrant
from app.platform.accounts.grants import Scope
from app.platform.accounts.models import SecretPurpose, SignInAttempt
from tests.access import house
from tests.access.conftest import actor
from tests.access.house import World
from tests.conftest import NOW, TODAY
from tests.web_app import Visitor, app_on, words

REASON = "joins the purchasing team in Ulm"


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Flask:
    """The application on both worlds."""
    return app_on(database, tmp_path)


def signed_in(app: Flask, name: str) -> Visitor:
    """Return one of the house's people at a browser."""
    browser = Visitor(app)
    with db.transaction() as session:
        session.execute(delete(SignInAttempt))
        person = queries.person_by_email(session, house.email(name))
        assert person is not None
        secret = services.issue_secret(
            session, user_id=person.id, purpose=SecretPurpose.SIGN_IN, by="test"
        )
    assert browser.post("/sign-in/once", {"secret": secret}).status_code == 302
    return browser


def address_of(database: Database, name: str) -> str:
    with database.reading() as session:
        person = queries.person_by_email(session, house.email(name))
    assert person is not None
    return f"/people/{person.public_id}"


def held(database: Database, name: str) -> set[str]:
    with database.reading() as session:
        return set(grants.roles_held(session, house.user_id(session, name)))


def test_the_page_lists_everybody_with_their_roles(app: Flask) -> None:
    page = words(signed_in(app, "administrator").get("/people/"))
    assert "buyer_in buyer_in@example.com Buyer" in page
    assert "There is one administrator." in page


def test_a_role_is_given_with_its_reason_and_shown(app: Flask, database: Database) -> None:
    browser = signed_in(app, "administrator")
    address = address_of(database, "auditor")
    answer = browser.post(f"{address}/roles", {"role": "risk_manager", "reason": REASON})
    assert answer.status_code == 303
    assert held(database, "auditor") == {"auditor", "risk_manager"}
    assert f"Risk manager the whole house 21 Nov 2026 open administrator {REASON}" in words(
        browser.get(address)
    )


@pytest.mark.parametrize("reason", ["", "x", "   short   ", "y" * 501])
def test_a_role_needs_a_reason(app: Flask, database: Database, reason: str) -> None:
    answer = signed_in(app, "administrator").post(
        f"{address_of(database, 'auditor')}/roles", {"role": "buyer", "reason": reason}
    )
    assert answer.status_code == 422
    assert held(database, "auditor") == {"auditor"}


def test_nobody_gives_a_role_to_themselves(app: Flask, database: Database) -> None:
    answer = signed_in(app, "administrator").post(
        f"{address_of(database, 'administrator')}/roles",
        {"role": "risk_manager", "reason": REASON},
    )
    assert answer.status_code == 403
    assert "Nobody gives a role to themselves" in words(answer)
    assert held(database, "administrator") == {"administrator"}


def test_a_lone_administrators_guarded_grant_is_not_independent(
    app: Flask, database: Database
) -> None:
    browser = signed_in(app, "administrator")
    address = address_of(database, "auditor")
    browser.post(f"{address}/roles", {"role": "administrator", "reason": REASON})
    assert held(database, "auditor") == {"auditor", "administrator"}
    assert "Administrator not independent" in words(browser.get(address))


def test_with_two_administrators_a_guarded_grant_waits_for_the_other(
    app: Flask, database: Database
) -> None:
    with database.transaction() as session:
        _second_administrator(session, "auditor")
    answer = signed_in(app, "administrator").post(
        f"{address_of(database, 'risk_manager')}/roles",
        {"role": "approver", "reason": REASON},
    )
    assert answer.status_code == 303
    assert held(database, "risk_manager") == {"risk_manager"}


def _second_administrator(session: Session, name: str) -> None:
    session.add(
        RoleGrant(
            user_id=house.user_id(session, name), role=Role.ADMINISTRATOR, from_on=TODAY,
            reason=REASON, granted_by="test", granted_at=NOW, is_independent=False,
        )
    )  # fmt: skip


def test_a_service_refuses_a_guarded_grant_without_the_other_administrator(
    database: Database,
) -> None:
    with database.transaction() as session:
        _second_administrator(session, "auditor")
        buyer = house.user_id(session, "buyer_in")
    with (
        acting.acting_as(actor(database, "administrator")),
        pytest.raises(Forbidden, match="E-SOD-03"),
        db.transaction() as session,
    ):
        grants.grant(session, user_id=buyer, role=Role.APPROVER, reason=REASON)


def test_a_role_taken_back_is_gone_with_the_next_request(app: Flask, database: Database) -> None:
    risk_manager = signed_in(app, "risk_manager")
    assert risk_manager.get("/suppliers/").status_code == 200
    with database.reading() as session:
        found = grant_queries.grants_of(session, house.user_id(session, "risk_manager"))[0]
    answer = signed_in(app, "administrator").post(
        f"{address_of(database, 'risk_manager')}/roles/{found.public_id}/revoke",
        {"reason": "moves to another team"},
    )
    assert answer.status_code == 303
    assert risk_manager.get("/suppliers/").status_code in (302, 403)
    assert signed_in(app, "risk_manager").get("/suppliers/").status_code == 403


def test_the_last_administrator_stays(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        _second_administrator(session, "auditor")
    auditor = signed_in(app, "auditor")
    address = address_of(database, "administrator")
    auditor.post(f"{address}/switch-off", {"reason": "leaves the company"})
    with (
        database.transaction() as session,
        pytest.raises(Conflict, match="E-ACC-06"),
    ):
        people.switch_off(
            session, user_id=house.user_id(session, "auditor"), reason="leaves the company"
        )


def test_switching_off_ends_everything_at_once(app: Flask, database: Database) -> None:
    buyer = signed_in(app, "buyer_in")
    assert buyer.get("/suppliers/").status_code == 200
    answer = signed_in(app, "administrator").post(
        f"{address_of(database, 'buyer_in')}/switch-off", {"reason": "leaves the company"}
    )
    assert answer.status_code == 303
    assert buyer.get("/suppliers/").status_code == 302


def test_an_invitation_without_mail_shows_its_link_once(app: Flask, database: Database) -> None:
    browser = signed_in(app, "administrator")
    answer = browser.post(
        "/people/new",
        {"email": "new@example.com", "name": "N. Neu", "role": "buyer", "reason": REASON},
    )
    assert answer.status_code == 200
    link = re.search(r"/sign-in/once#([\w-]+)", answer.text)
    assert link is not None
    with database.reading() as session:
        person = queries.person_by_email(session, "new@example.com")
    assert person is not None
    assert link.group(1) not in browser.get(f"/people/{person.public_id}").text
    newcomer = Visitor(app)
    assert newcomer.post("/sign-in/once", {"secret": link.group(1)}).status_code == 302


def test_a_supplier_contact_holds_no_other_role(
    database: Database, worlds: tuple[World, World]
) -> None:
    with database.reading() as session:
        contact = house.user_id(session, "contact_a")
    with database.transaction() as session, pytest.raises(Conflict, match="E-ACC-09"):
        grants.grant(session, user_id=contact, role=Role.AUDITOR, reason=REASON)
    with database.transaction() as session, pytest.raises(Conflict, match="E-ACC-09"):
        grants.grant(
            session,
            user_id=house.user_id(session, "auditor"),
            role=Role.SUPPLIER_CONTACT,
            reason=REASON,
            scope=Scope(supplier_id=worlds[0].supplier_id),
        )


@pytest.mark.parametrize(
    ("role", "kind", "supplier"),
    [
        ("auditor", "supplier", None),
        ("supplier_contact", "internal", 1),
        ("supplier_contact", "supplier", None),
        ("auditor", "internal", 1),
        ("service", "internal", None),
    ],
)
def test_the_database_keeps_the_two_kinds_of_account_apart(
    database: Database, worlds: tuple[World, World], role: str, kind: str, supplier: int | None
) -> None:
    name = "contact_a" if kind == "supplier" else "auditor"
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add(
            RoleGrant(
                user_id=house.user_id(session, name), user_kind=kind, role=role, from_on=TODAY,
                supplier_id=supplier and worlds[0].supplier_id, reason=REASON,
                granted_by="test", granted_at=NOW,
            )
        )  # fmt: skip


def test_a_role_of_the_wrong_kind_of_account_has_nothing_to_refer_to(database: Database) -> None:
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add(
            RoleGrant(
                user_id=house.user_id(session, "contact_a"), user_kind="internal",
                role="auditor", from_on=TODAY, reason=REASON, granted_by="test", granted_at=NOW,
            )
        )  # fmt: skip


def test_a_role_is_held_on_its_days_only(database: Database) -> None:
    later, past = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
    with database.transaction() as session:
        auditor = house.user_id(session, "auditor")
        grants.grant(session, user_id=auditor, role=Role.RISK_MANAGER, reason=REASON, from_on=later)
        grants.grant(
            session, user_id=auditor, role=Role.BUYER, reason=REASON,
            from_on=past - timedelta(days=9), until_on=past,
        )  # fmt: skip
    assert held(database, "auditor") == {"auditor"}
    with database.transaction() as session, pytest.raises(InvalidInput, match="E-ACC-10"):
        grants.grant(
            session, user_id=house.user_id(session, "auditor"), role=Role.BUYER, reason=REASON,
            until_on=date(2026, 1, 1),
        )  # fmt: skip


# Service tokens


@pytest.fixture
def token(database: Database) -> str:
    """A token that may read suppliers, made by the administrator, good for a month."""
    with acting.acting_as(actor(database, "administrator")), db.transaction() as session:
        return tokens.make(
            session, name="nightly", scopes=["suppliers.view"], expires_at=NOW + timedelta(30)
        )


def ask(app: Flask, token: str, path: str = "/tokens/self") -> tuple[int, object]:
    answer = Visitor(app).get(path, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.get_json(silent=True)


def test_a_token_says_what_it_is(app: Flask, token: str) -> None:
    assert ask(app, token) == (
        200,
        {
            "name": "nightly",
            "scopes": ["suppliers.view"],
            "expires_at": "2026-12-21T09:30:00+00:00",
        },
    )


def test_a_token_opens_no_page(app: Flask, token: str) -> None:
    for path in ("/suppliers/", "/people/", "/tokens/", "/"):
        assert ask(app, token, path)[0] == 403


def test_a_token_is_kept_as_its_hash_only(database: Database, app: Flask, token: str) -> None:
    with database.reading() as session:
        row = session.scalars(select(ApiToken)).one()
    assert token not in str(vars(row))
    assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert token not in signed_in(app, "administrator").get("/tokens/").text


def test_a_token_made_on_the_page_is_shown_once(app: Flask) -> None:
    browser = signed_in(app, "administrator")
    answer = browser.post(
        "/tokens/", {"name": "erp", "scopes": "imports.publish", "expires_on": "2027-01-31"}
    )
    shown = re.search(r"mst_[\w-]{20,}", answer.text)
    assert shown is not None
    assert ask(app, shown.group(0))[0] == 200
    assert shown.group(0) not in browser.get("/tokens/").text


def test_a_dead_token_answers_401(
    app: Flask, database: Database, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(app, "mst_" + "x" * 32)[0] == 401
    with database.transaction() as session:
        row = session.scalars(select(ApiToken)).one()
        tokens.revoke(session, public_id=row.public_id, reason="no longer needed")
    assert ask(app, token)[0] == 401


def test_a_token_dies_with_its_expiry(
    app: Flask, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.base.clock.now", lambda: NOW + timedelta(days=31))
    assert ask(app, token)[0] == 401


def test_a_token_dies_with_the_account_of_its_maker(
    app: Flask, database: Database, token: str
) -> None:
    with acting.acting_as(acting.system("test", Source.CLI)), db.transaction() as session:
        services.disable(session, user_id=house.user_id(session, "administrator"))
    assert ask(app, token)[0] == 401


def test_a_token_in_the_address_is_ignored(app: Flask, token: str) -> None:
    answer = Visitor(app).get(f"/tokens/self?token={token}&access_token={token}")
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("scopes", "days", "name", "code"),
    [
        (["people.manage"], 30, "x", "E-TOK-01"),
        ([], 30, "x", "E-TOK-01"),
        (["imports.view"], 0, "x", "E-TOK-02"),
        (["imports.view"], 400, "x", "E-TOK-02"),
        (["imports.view"], 30, " ", "E-TOK-03"),
    ],
)
def test_a_token_has_known_scopes_a_name_and_an_end(
    database: Database, scopes: list[str], days: int, name: str, code: str
) -> None:
    with database.transaction() as session, pytest.raises(InvalidInput, match=code):
        tokens.make(session, name=name, scopes=scopes, expires_at=NOW + timedelta(days=days))
