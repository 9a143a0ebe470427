"""Forms come from our own pages; an expired one keeps its entries."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.web_app import Visitor, words


def unsafe_rules(app: Flask) -> list[str]:
    return sorted(
        rule.rule.replace("<int:run_id>", "1")
        for rule in app.url_map.iter_rules()
        if (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
        and not [name for name in rule.arguments if name != "run_id"]
    )


def test_every_unsafe_address_needs_the_token(app: Flask, insider: Visitor) -> None:
    for path in unsafe_rules(app):
        assert (path, insider.client.post(path, data={"a": "b"}).status_code) == (path, 400)


def test_every_unsafe_address_refuses_a_foreign_origin(app: Flask, insider: Visitor) -> None:
    for path in unsafe_rules(app):
        answer = insider.post(path, headers={"Origin": "https://evil.example"})
        assert (path, answer.status_code) == (path, 400)
        assert "The form came from another site. Nothing was stored." in words(answer)


def test_an_expired_form_keeps_its_entries_and_sends_again(insider: Visitor) -> None:
    answer = insider.client.post("/jobs/run", data={"csrf_token": "old", "job": "recompute"})
    assert answer.status_code == 400
    assert "The form expired. Your entries are kept; send again." in words(answer)
    assert '<input type="hidden" name="job" value="recompute">' in answer.text
    assert 'action="/jobs/run"' in answer.text


def test_an_expired_form_keeps_no_password(insider: Visitor) -> None:
    answer = insider.client.post("/password", data={"password": "canary-secret", "note": "kept"})
    assert "canary-secret" not in answer.text
    assert "kept" in answer.text


def test_entries_of_a_foreign_form_are_not_offered_again(insider: Visitor) -> None:
    answer = insider.post(
        "/jobs/run", {"job": "recompute"}, headers={"Origin": "https://evil.example"}
    )
    assert "Send again" not in answer.text
    assert "recompute" not in answer.text


def test_entries_survive_being_signed_out(visitor: Visitor) -> None:
    answer = visitor.client.post("/jobs/run", data={"job": "recompute"})
    assert answer.status_code == 401
    assert "Your entries are kept" in words(answer)
    assert 'name="job" value="recompute"' in answer.text


@pytest.mark.parametrize("origin", ["http://localhost", "http://127.0.0.1:8000"])
def test_our_own_origin_is_welcome(insider: Visitor, origin: str) -> None:
    answer = insider.post("/appearance", {"theme": "dark"}, headers={"Origin": origin})
    assert answer.status_code == 302


def test_a_token_of_another_session_is_refused(app: Flask, insider: Visitor) -> None:
    foreign = Visitor(app).token()
    assert insider.post("/jobs/run", {"csrf_token": foreign}).status_code == 400
