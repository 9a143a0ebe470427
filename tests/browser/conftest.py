"""A headless browser, a page without errors, and a served application.

    def test_the_home_page_greets(page: Page, serve: Serve) -> None:
        page.goto(serve(app))

A page fails its test when the browser reports a script error or a breach of the
content security policy, and no page may reach beyond its own server.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route, sync_playwright
from werkzeug.serving import make_server

from tests import chromium

Serve = Callable[[Flask], str]

LOCAL = "127.0.0.1"


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
            executable_path=executable, args=chromium.arguments(), headless=True
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

    def stay_inside(route: Route) -> None:
        if urlsplit(route.request.url).hostname in {LOCAL, "localhost", None}:
            route.continue_()
        else:
            troubles.append(f"request to {route.request.url}")
            route.abort()

    context.route("**/*", stay_inside)
    yield page
    context.close()
    assert troubles == []


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve an application on a free port and return its address; stops with the test."""
    running = []

    def start(app: Flask) -> str:
        server = make_server(LOCAL, 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        running.append((server, thread))
        return f"http://{LOCAL}:{server.server_port}"

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()
