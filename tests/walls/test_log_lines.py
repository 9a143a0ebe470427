"""Log lines: one JSON line per event, who and in which request, never a secret."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from app.base import acting, db
from app.base.acting import Actor, Source
from app.base.logging import LogForm, configure, event, telling
from app.base.web.access import public
from app.platform.accounts import services
from app.platform.accounts.models import SecretPurpose
from tests.web_app import EMAIL, Visitor, add_person

log = logging.getLogger("tests.lines")
PLANTED = "canary-of-a-secret-4711"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is written while the test runs."""
    level = logging.getLogger().level
    stream = io.StringIO()
    configure(LogForm.JSON, stream=stream)
    yield stream
    configure(LogForm.OFF)
    logging.getLogger().setLevel(level)


def read(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_a_line_says_when_who_and_what(lines: io.StringIO) -> None:
    buyer = Actor(name="M. Weber", source=Source.UI, user_id=7, request_id="abc")
    with acting.acting_as(buyer), telling(run=12):
        event(log, "pack.printed", supplier=3, pages=2)
    [line] = read(lines)
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "info", "event": "pack.printed", "log": "tests.lines", "actor": "M. Weber",
        "source": "ui", "actor_id": 7, "request_id": "abc", "run": 12, "supplier": 3, "pages": 2,
    }  # fmt: skip


def test_nobody_writes_a_line_of_his_own(lines: io.StringIO) -> None:
    forged = "x\n2026-11-21 admin login ok\r\u2028\x85"
    event(log, "sign_in.failed", name=forged)
    log.warning("tried %s", forged)
    assert lines.getvalue().count("\n") == 2
    assert read(lines)[0]["name"] == forged


def test_a_developers_line_is_one_line_too() -> None:
    stream = io.StringIO()
    configure(LogForm.TEXT, stream=stream)
    event(logging.getLogger("app.lines"), "sign_in.failed", name="x\nadmin login ok")
    configure(LogForm.OFF)
    assert stream.getvalue().count("\n") == 1


@pytest.mark.parametrize(
    "name",
    [
        "password", "new_password", "csrf_token", "Authorization", "cookie", "api_key", "otp",
        "secret", "recovery_codes", "session_id", "MAINSTAY_SECRET_KEY", "code", "key",
    ],
)  # fmt: skip
def test_a_field_named_like_a_secret_is_never_written(lines: io.StringIO, name: str) -> None:
    event(log, "x", **{name: PLANTED}, inside={"deep": [{name: PLANTED}]})
    assert PLANTED not in lines.getvalue()
    assert read(lines)[0][name] == "[redacted]"


@pytest.mark.parametrize(
    "text",
    [
        f"password={PLANTED}", f'{{"token": "{PLANTED}"}}', f"Authorization: Bearer {PLANTED}",
        f"postgresql://mainstay:{PLANTED}@db/mainstay", f"Set-Cookie: session={PLANTED}; Path=/",
        f"Bearer {PLANTED}", f"client_secret='{PLANTED}'",
        f"null value\nDETAIL:  Failing row contains (1, {PLANTED}).",
    ],
)  # fmt: skip
def test_what_looks_like_a_secret_in_a_text_is_blacked_out(lines: io.StringIO, text: str) -> None:
    log.warning(text)
    event(log, "x", words=text)
    try:
        raise ValueError(text)
    except ValueError:
        log.exception("failed")
    assert PLANTED not in lines.getvalue()
    assert len(read(lines)) == 3


def test_ordinary_words_stay(lines: io.StringIO) -> None:
    event(log, "job.done", period_key="2026-11-21", note="the monkey keyed it in", path="/a/b")
    line = read(lines)[0]
    assert (line["period_key"], line["note"]) == ("2026-11-21", "the monkey keyed it in")


def test_no_secret_of_a_visit_reaches_the_log(app: Flask, lines: io.StringIO) -> None:
    configure(LogForm.JSON, stream=lines)
    app.add_url_rule("/failing", view_func=public(_fail), endpoint="failing")
    user_id = add_person(app, password=PLANTED)
    with db.transaction() as session:
        once = services.issue_secret(
            session, user_id=user_id, purpose=SecretPurpose.SIGN_IN, by="test"
        )
    browser = Visitor(app)
    token = browser.token()
    browser.sign_in(password=f"wrong {PLANTED}")
    browser.post("/sign-in/once", {"secret": once})
    cookie = browser.cookie
    browser.get(f"/suppliers/?q={PLANTED}", headers={"Authorization": f"Bearer {PLANTED}"})
    browser.get(f"/nothing-here?token={PLANTED}")
    assert browser.get("/failing").status_code == 500
    assert browser.sign_in(password=PLANTED).status_code in (302, 303)
    text = lines.getvalue()
    for secret in (PLANTED, token, once, cookie):
        assert secret not in text
    requests = [line for line in read(lines) if line["event"] == "request"]
    assert {"method", "path", "status", "ms", "request_id"} < set(requests[0])
    assert not any(EMAIL in line["path"] for line in requests)
    assert len({line["request_id"] for line in requests}) == len(requests)


def test_a_failure_is_found_in_the_log_by_the_number_on_the_page(
    app: Flask, lines: io.StringIO
) -> None:
    configure(LogForm.JSON, stream=lines)
    app.add_url_rule("/failing", view_func=public(_fail), endpoint="failing")
    answer = Visitor(app).get("/failing")
    assert "Traceback" not in answer.text
    [failed] = [line for line in read(lines) if line["event"] == "request.failed"]
    assert failed["request_id"] == answer.headers["X-Request-Id"]
    assert "ValueError" in failed["trace"]


def test_a_database_lost_while_the_session_is_opened_is_503(
    app: Flask, insider: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise OperationalError("SELECT canary", {}, Exception("server closed the connection"))

    monkeypatch.setattr(app.session_interface, "open_session", lost)
    answer = insider.get("/jobs/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "canary" not in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


def test_a_full_disk_is_503_with_its_code(app: Flask, visitor: Visitor) -> None:
    def fail() -> str:
        raise OSError(28, "No space left on device")

    app.add_url_rule("/full", view_func=public(fail), endpoint="full")
    answer = visitor.get("/full", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["code"]) == (503, "E-SYS-01")
    assert "Nothing was stored" in answer.get_json()["message"]


def _fail() -> str:
    raise ValueError(f"password={PLANTED}")
