"""The approval pages: what they show to whom, what they do, what they refuse and how."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from app.base import db
from app.platform.accounts import grants
from app.platform.accounts import services as accounts
from app.platform.accounts.grant_models import Role
from app.platform.accounts.models import SecretPurpose
from app.platform.approvals import queries, role_grants, services
from app.platform.approvals.models import State, Verdict
from tests.approvals.cast import LIMIT, REASON, Office, registered, work_of
from tests.web_app import Visitor, words

WHY = "does the daily work here"


def someone(app: Flask, name: str, *roles: Role) -> tuple[int, Visitor]:
    """Add a person with roles, signed in."""
    with app.app_context(), db.transaction() as session:
        user_id = accounts.create_admin(session, email=f"{name}@example.com", name=name.title())
        for role in roles:
            grants.grant(session, user_id=user_id, role=role, reason=WHY)
        secret = accounts.issue_secret(
            session, user_id=user_id, purpose=SecretPurpose.SIGN_IN, by="test"
        )
    visitor = Visitor(app)
    assert visitor.post("/sign-in/once", {"secret": secret}).status_code == 302
    with app.app_context(), db.transaction() as session:
        accounts.set_password_hash(session, user_id=user_id, password_hash="unused")
        secret = accounts.issue_secret(
            session, user_id=user_id, purpose=SecretPurpose.SIGN_IN, by="test"
        )
    assert visitor.post("/sign-in/once", {"secret": secret}).status_code == 302
    return user_id, visitor


@pytest.fixture
def office(app: Flask) -> Office:
    """An office whose kind the application knows."""
    return Office()


@pytest.fixture
def people(app: Flask, office: Office) -> dict[str, tuple[int, Visitor]]:
    found = {name: someone(app, name) for name in ("anna", "boris", "carla")}
    office.holders = {found["boris"][0], found["carla"][0]}
    return found


def submit_limit(author: int, office: Office) -> services.Submitted:
    with registered(office.kind()), work_of(author, "Anna") as session:
        return services.submit(
            session,
            about=LIMIT,
            version=3,
            content={"amount": 120, "owner": "<b>{{7*7}}</b>"},
            before={"amount": 100, "owner": "<b>{{7*7}}</b>"},
            title="Limit for steel",
            because="The contract was extended.",
        )


def path(submitted: services.Submitted) -> str:
    return f"/approvals/{submitted.public_id}"


def entries(submitted: services.Submitted, **changes: str) -> dict[str, str]:
    return {
        "seen_version": "3",
        "seen_hash": submitted.content_hash,
        "decision": "approve",
        "reason": REASON,
    } | changes


def state_of(submitted: services.Submitted) -> State:
    with db.reading() as session:
        found = queries.detail(session, submitted.public_id)
    assert found is not None
    return found.row.state


def test_what_waits_is_listed_shown_before_and_after_and_decided(
    people: dict[str, tuple[int, Visitor]], office: Office
) -> None:
    (anna, author), (_, boris) = people["anna"], people["boris"]
    submitted = submit_limit(anna, office)
    with registered(office.kind()):
        assert "Limit for steel Limits 3 Anna" in words(boris.get("/approvals/"))
        assert "Nothing waits for you" in words(author.get("/approvals/"))
        assert "Limit for steel" in words(author.get("/approvals/submitted"))
        shown = boris.get(path(submitted))
        assert "Amount 100 120 changed" in words(shown)
        assert "&lt;b&gt;{{7*7}}&lt;/b&gt;" in shown.text
        answer = boris.post(f"{path(submitted)}/decide", entries(submitted))
        assert answer.status_code == 303
        after = words(boris.get(path(submitted)))
    assert "● approved" in after
    assert REASON in after
    assert state_of(submitted) is State.APPROVED


def test_approving_ones_own_is_403_and_says_why(
    people: dict[str, tuple[int, Visitor]], office: Office
) -> None:
    anna, author = people["anna"]
    office.holders.add(anna)
    submitted = submit_limit(anna, office)
    with registered(office.kind()):
        page = author.get(path(submitted))
        assert re.search(r'name="decision"', page.text) is None
        answer = author.post(f"{path(submitted)}/decide", entries(submitted))
    assert answer.status_code == 403
    assert "You wrote this version; another approver must decide." in words(answer)
    assert state_of(submitted) is State.PENDING


@pytest.mark.parametrize("reason", ["", "x"])
def test_a_reason_too_short_is_an_error_at_its_field(
    people: dict[str, tuple[int, Visitor]], office: Office, reason: str
) -> None:
    submitted = submit_limit(people["anna"][0], office)
    with registered(office.kind()):
        answer = people["boris"][1].post(
            f"{path(submitted)}/decide", entries(submitted, reason=reason)
        )
    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.text
    assert "Give a reason of at least 10 characters." in words(answer)
    assert state_of(submitted) is State.PENDING


def test_the_second_of_two_gets_409_and_sees_what_happened(
    people: dict[str, tuple[int, Visitor]], office: Office
) -> None:
    submitted = submit_limit(people["anna"][0], office)
    with registered(office.kind()):
        people["boris"][1].post(f"{path(submitted)}/decide", entries(submitted, decision="reject"))
        answer = people["carla"][1].post(f"{path(submitted)}/decide", entries(submitted))
    assert answer.status_code == 409
    assert "It was rejected already" in words(answer)
    assert state_of(submitted) is State.REJECTED


def test_a_decision_on_what_one_did_not_see_is_409(
    people: dict[str, tuple[int, Visitor]], office: Office
) -> None:
    submitted = submit_limit(people["anna"][0], office)
    with registered(office.kind()):
        answer = people["boris"][1].post(
            f"{path(submitted)}/decide", entries(submitted, seen_version="2")
        )
    assert answer.status_code == 409
    assert "This is version 3 now; you looked at another." in words(answer)
    assert state_of(submitted) is State.PENDING


@pytest.mark.parametrize(
    "changes",
    [{"decision": "void"}, {"seen_hash": "x"}, {"seen_version": "two"}, {"decision": ""}],
)
def test_a_form_that_is_not_ours_decides_nothing(
    people: dict[str, tuple[int, Visitor]], office: Office, changes: dict[str, str]
) -> None:
    submitted = submit_limit(people["anna"][0], office)
    with registered(office.kind()):
        answer = people["boris"][1].post(f"{path(submitted)}/decide", entries(submitted, **changes))
    assert answer.status_code == 422
    assert state_of(submitted) is State.PENDING


def test_a_single_approver_is_told_and_everybody_sees_it(
    people: dict[str, tuple[int, Visitor]], office: Office
) -> None:
    anna, author = people["anna"]
    office.holders = {anna}
    submitted = submit_limit(anna, office)
    with registered(office.kind()):
        assert "are the only approver there is" in words(author.get(path(submitted)))
        author.post(f"{path(submitted)}/decide", entries(submitted))
        assert "▲ not independent" in words(author.get(path(submitted)))
        assert "▲ not independent" in words(author.get("/approvals/submitted"))


def test_withdrawing_ends_it(people: dict[str, tuple[int, Visitor]], office: Office) -> None:
    anna, author = people["anna"]
    submitted = submit_limit(anna, office)
    with registered(office.kind()):
        assert author.post(f"{path(submitted)}/withdraw").status_code == 303
        assert "○ withdrawn" in words(author.get(path(submitted)))
    assert state_of(submitted) is State.WITHDRAWN


def test_who_has_nothing_to_do_with_it_finds_nothing(app: Flask, office: Office) -> None:
    author, _ = someone(app, "dora")
    with app.app_context(), db.transaction() as session:
        from app.platform.accounts.models import User

        user = User(email="e@example.com", name="Emil", uniquifier="e" * 64)
        session.add(user)
        session.flush()
        grants.grant(session, user_id=user.id, role=Role.BUYER, reason=WHY)
        accounts.set_password_hash(session, user_id=user.id, password_hash="unused")
        secret = accounts.issue_secret(
            session, user_id=user.id, purpose=SecretPurpose.SIGN_IN, by="test"
        )
    stranger = Visitor(app)
    stranger.post("/sign-in/once", {"secret": secret})
    submitted = submit_limit(author, office)
    with registered(office.kind()):
        assert stranger.get(path(submitted)).status_code == 404
        answer = stranger.post(f"{path(submitted)}/decide", entries(submitted))
        assert answer.status_code == 404
        assert stranger.get("/approvals/all").status_code == 403
    assert state_of(submitted) is State.PENDING


def test_a_delegation_is_given_listed_and_taken_back(
    people: dict[str, tuple[int, Visitor]], office: Office
) -> None:
    (anna, author), (_, boris) = people["anna"], people["boris"]
    office.holders = {people["boris"][0]}
    given = {
        "to_id": str(anna),
        "object_types": "limit",
        "from_on": "2026-11-21",
        "until_on": "2026-12-04",
    }
    with registered(office.kind()):
        assert boris.post("/approvals/delegations", given).status_code == 303
        shown = boris.get("/approvals/delegations")
        assert "Anna 21 Nov 2026 to 4 Dec 2026 · Limits" in words(shown)
        assert "Boris 21 Nov 2026 to 4 Dec 2026" in words(author.get("/approvals/delegations"))
        found = re.search(r"/approvals/delegations/[0-9a-f-]+/withdraw", shown.text)
        assert found is not None
        assert author.post(found.group(0)).status_code == 404
        assert boris.post(found.group(0)).status_code == 303
        assert "taken back" in words(boris.get("/approvals/delegations"))
        wrong = boris.post("/approvals/delegations", given | {"until_on": "2026-11-20"})
    assert wrong.status_code == 422
    assert "It ends on 2026-11-20, before it begins on 2026-11-21." in words(wrong)


def test_a_guarded_role_waits_for_a_second_administrator(
    app: Flask, people: dict[str, tuple[int, Visitor]]
) -> None:
    (anna, author), (_, boris) = people["anna"], people["boris"]
    with app.app_context(), db.transaction() as session:
        from app.platform.accounts.models import User

        user = User(email="emil@example.com", name="Emil", uniquifier="e" * 64)
        session.add(user)
        session.flush()
        emil = user.id
    with work_of(anna, "Anna") as session:
        where = role_grants.propose(
            session, user_id=emil, role=Role.APPROVER, reason="Stands in for the risk manager."
        )
    assert "Approver: Emil" in words(boris.get("/approvals/"))
    assert "Approver: Emil" not in words(author.get("/approvals/"))
    shown = words(boris.get(where))
    assert "Roles not set Approver changed" in shown
    with db.reading() as session:
        waiting = queries.open_for(session, people["boris"][0], on=_today())[0]
        detail = queries.detail(session, waiting.public_id)
    assert detail is not None
    form = {
        "seen_version": "1",
        "seen_hash": detail.content_hash,
        "decision": str(Verdict.APPROVE),
        "reason": REASON,
    }
    assert boris.post(f"{where}/decide", form).status_code == 303
    with app.app_context(), db.reading() as session:
        from app.platform.accounts import grant_queries

        held = grant_queries.grants_of(session, emil)
    assert [(each.role, each.is_independent, each.granted_by) for each in held] == [
        ("approver", True, "Boris")
    ]
    assert held[0].reason == "Stands in for the risk manager."


def _today() -> object:
    from tests.conftest import TODAY

    return TODAY
