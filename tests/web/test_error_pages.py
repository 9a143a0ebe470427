"""Every kind of refusal has its status, its words and a number; no page shows a trace."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from app.base import errors
from app.base.web.access import public
from tests.web_app import Visitor, words


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidInput("E-X-01", "Row 3 is bad."), 422),
        (errors.NotFound("E-X-02", "No such part."), 404),
        (errors.Conflict("E-X-03", "Changed meanwhile."), 409),
        (errors.Forbidden("E-X-04", "Not yours."), 403),
        (errors.TooLarge("E-X-05", "Too large."), 413),
        (errors.Unavailable("E-X-06", "Busy."), 503),
    ],
)
def test_a_kind_of_error_has_one_status(
    app: Flask, visitor: Visitor, error: errors.AppError, status: int
) -> None:
    raise_on(app, error)
    page = visitor.get("/failing")
    assert page.status_code == status
    assert error.message in words(page)
    assert error.code in words(page)
    program = visitor.get("/failing", headers={"Accept": "application/json"})
    assert program.status_code == status
    assert program.get_json()["code"] == error.code
    assert program.get_json()["message"] == error.message


def test_an_unexpected_error_shows_a_number_and_no_trace(app: Flask, visitor: Visitor) -> None:
    raise_on(app, ValueError("canary in the message"))
    answer = visitor.get("/failing")
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in answer.text
    assert "canary" not in answer.text
    assert "Traceback" not in answer.text


def test_a_lost_database_is_503_and_says_when_to_try_again(app: Flask, visitor: Visitor) -> None:
    raise_on(app, OperationalError("SELECT canary", {}, Exception("gone")))
    answer = visitor.get("/failing")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert "canary" not in answer.text


@pytest.mark.parametrize("path", ["/nothing", "/static/none.css", "/%252e%252e%252fetc", "/jobs/9"])
def test_what_is_not_there_is_a_designed_page(insider: Visitor, path: str) -> None:
    answer = insider.get(path)
    assert answer.status_code == 404
    assert answer.content_type == "text/html; charset=utf-8"
    assert '<main class="page narrow"' in answer.text


def raise_on(app: Flask, error: Exception) -> None:
    """Add a page that raises."""

    def fail() -> str:
        raise error

    app.add_url_rule("/failing", view_func=public(fail), endpoint="failing")
