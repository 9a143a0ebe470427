"""What every answer carries, and what is refused before a view is reached."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app.base.db import Database
from app.base.web import access
from tests.web_app import Visitor, app_on, words

POLICY = "frame-ancestors 'none'"


@pytest.mark.parametrize("path", ["/sign-in", "/nothing-here", "/jobs/", "/static/icon.svg"])
def test_every_answer_carries_the_headers(visitor: Visitor, path: str) -> None:
    headers = visitor.get(path).headers
    policy = headers["Content-Security-Policy"]
    for rule in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", POLICY):
        assert rule in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/jobs/", "/password", "/"])
def test_pages_of_people_are_never_kept_by_a_cache(insider: Visitor, path: str) -> None:
    headers = insider.get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert "Cookie" in headers["Vary"]


def test_a_foreign_host_is_refused_without_a_page(visitor: Visitor) -> None:
    answer = visitor.get("/sign-in", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"


def test_a_foreign_origin_gets_no_permission_to_read(visitor: Visitor) -> None:
    answer = visitor.get("/sign-in", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_forged_proxy_header_changes_nothing(app: Flask) -> None:
    seen: list[str | None] = []
    app.before_request_funcs[None].insert(0, lambda: seen.append(_address()))
    app.test_client().get("/sign-in", headers={"X-Forwarded-For": "203.0.113.9"})
    assert seen == ["127.0.0.1"]


def test_the_address_behind_a_trusted_proxy_counts(database: Database, tmp_path: Path) -> None:
    app = app_on(database, tmp_path, MAINSTAY_TRUSTED_PROXIES="1")
    seen: list[str | None] = []
    app.before_request_funcs[None].insert(0, lambda: seen.append(_address()))
    app.test_client().get("/sign-in", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})
    assert seen == ["203.0.113.9"]


def test_a_large_form_is_refused(visitor: Visitor) -> None:
    answer = visitor.client.post("/sign-in", data={"email": "x" * 10_000_000})
    assert answer.status_code == 413
    assert "10 MB; limit 1 MB. Nothing was read." in words(answer)


def test_a_thousand_parts_are_refused(visitor: Visitor) -> None:
    fields = {f"f{number}": "x" for number in range(1_200)}
    answer = visitor.client.post("/sign-in", data=fields, content_type="multipart/form-data")
    assert answer.status_code == 413


@pytest.mark.parametrize("method", ["TRACE", "DELETE", "PUT", "PATCH"])
def test_other_methods_are_refused(visitor: Visitor, method: str) -> None:
    answer = visitor.client.open("/sign-in", method=method, headers={"Sec-Fetch-Site": "none"})
    assert answer.status_code in (400, 405)


def test_every_view_has_declared_its_permission(app: Flask) -> None:
    declared = access.permissions(app)
    assert declared["jobs.index"] == "jobs.view"
    assert set(declared) == set(app.view_functions)


def test_a_view_without_a_permission_stops_the_start(app: Flask) -> None:
    app.view_functions["silent"] = lambda: "x"
    with pytest.raises(RuntimeError, match="without a declared permission: silent"):
        access.check_declared(app)


def test_no_page_opens_without_sign_in(app: Flask, visitor: Visitor) -> None:
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.arguments:
            continue
        if access.permissions(app)[rule.endpoint] == access.PUBLIC:
            continue
        answer = visitor.get(rule.rule)
        assert (rule.rule, answer.status_code) == (rule.rule, 302)
        assert answer.headers["Location"].startswith("/sign-in")


def test_a_program_without_sign_in_gets_401(visitor: Visitor) -> None:
    answer = visitor.get("/jobs/", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.get_json()["code"] == "E-AUT-01"


def test_colours_are_kept_in_a_cookie_of_this_host(visitor: Visitor) -> None:
    answer = visitor.post("/appearance", {"theme": "dark", "next": "/sign-in"})
    assert answer.headers["Location"] == "/sign-in"
    assert 'data-theme="dark"' in visitor.get("/sign-in").text


def test_colours_that_do_not_exist_are_ignored(visitor: Visitor) -> None:
    visitor.post("/appearance", {"theme": '"><svg onload=x>', "next": "//evil"})
    assert 'data-theme="system"' in visitor.get("/sign-in").text


def _address() -> str | None:
    from flask import request

    return request.remote_addr


def test_a_nul_character_is_refused_at_the_door(insider: Visitor) -> None:
    for answer in (
        insider.get("/search", query_string={"q": "a\0b"}),
        insider.post("/appearance", {"theme": "da\0rk"}),
    ):
        assert answer.status_code == 400
        assert "E-WEB-02" in words(answer)
