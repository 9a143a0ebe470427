"""A headless browser, a page without errors, and a served application.

    def test_the_home_page_greets(page: Page, serve: Serve) -> None:
        page.goto(serve(app))

A page fails its test when the browser reports a script error or a breach of the
content security policy, and no page may reach beyond its own server.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright
from werkzeug.serving import make_server
from werkzeug.wsgi import ClosingIterator

from app import timetable
from app.base import db
from app.base.db import Database
from app.faces.demo import services as demo
from tests import chromium
from tests.web_app import EMAIL, PASSWORD, add_person, app_on

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Serve = Callable[[Flask], str]

LOCAL = "127.0.0.1"
LEAVING_S = 20
# How long a page may take where three browsers and a database share two cores.
PATIENCE_MS = 30_000
# Nothing beyond this machine has an address. Not by a route of the page: with one the browser
# keeps no file, and fetches styles, scripts and fonts again for every page.
NO_NAMES = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder as a browser test."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for all tests of a worker."""
    executable = chromium.executable()
    if executable is None:
        pytest.skip(chromium.missing_reason())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=[*chromium.arguments(), NO_NAMES], headless=True
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page; script errors, policy breaches and requests elsewhere fail the test."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="en-GB", timezone_id="UTC"
    )
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(f"script error: {error}"))
    page.on(
        "console",
        lambda message: (
            troubles.append(f"policy: {message.text}")
            if "Content Security Policy" in message.text
            else None
        ),
    )

    def stays_inside(request: Request) -> None:
        if urlsplit(request.url).hostname not in {LOCAL, "localhost", None}:
            troubles.append(f"request to {request.url}")

    context.on("request", stays_inside)
    yield page
    context.close()
    assert troubles == []


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve an application on a free port and return its address; stops with the test."""
    running = []

    def start(app: Flask) -> str:
        door = Door(app)
        server = make_server(LOCAL, 0, door, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        running.append((server, thread, door))
        return f"http://{LOCAL}:{server.server_port}"

    yield start
    for server, thread, door in running:
        server.shutdown()
        thread.join()
        door.close()
        server.server_close()


@pytest.fixture(scope="session")
def demo_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo company, its scores published."""
    path = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    db.bind(database)
    with database.transaction() as session:
        demo.load(session, by="test")
    timetable.recompute()
    database.dispose()
    db.bind(None)
    return path


@pytest.fixture
def company(demo_file: Path, tmp_path: Path) -> Iterator[Flask]:
    """The application on its own copy of the demo company, with one person."""
    path = tmp_path / "company.sqlite3"
    shutil.copy(demo_file, path)
    database = Database(f"sqlite:///{path}")
    db.bind(database)
    app = app_on(database, tmp_path)
    add_person(app)
    yield app
    db.bind(None)
    database.dispose()


@pytest.fixture
def address(company: Flask, serve: Serve, page: Page) -> str:
    """Where the company is served, with somebody signed in on `page`."""
    base = serve(company)
    page.goto(f"{base}/sign-in")
    page.get_by_label("Mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    page.wait_for_load_state()
    return base


class Door:
    """Lets requests into an application until it is closed.

    The server doesn't wait for its threads, which hold connections that the browser keeps
    open; what is inside when the test ends must be out before its database goes.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._inside = 0
        self._is_closed = False
        self._change = threading.Condition()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        with self._change:
            if self._is_closed:
                return list(Response(status=503)(environ, start_response))
            self._inside += 1
        try:
            # Whole: the server forgets to close a response whose reader has gone.
            with closing(ClosingIterator(self._app(environ, start_response))) as parts:
                return list(parts)
        finally:
            with self._change:
                self._inside -= 1
                self._change.notify_all()

    def close(self) -> None:
        """Let nobody in any more, and wait until everybody is out."""
        with self._change:
            self._is_closed = True
            assert self._change.wait_for(lambda: self._inside == 0, timeout=LEAVING_S)
