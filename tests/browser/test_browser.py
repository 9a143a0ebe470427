"""The tools of the browser tests: they draw a page of ours, and find what is wrong with one."""

from __future__ import annotations

from flask import Flask
from playwright.sync_api import Page

from tests.browser.accessibility import findings
from tests.browser.conftest import Serve

GOOD = (
    "<!doctype html><html lang='en'><title>Mainstay</title><main><h1>○ no data</h1></main></html>"
)
BAD = "<!doctype html><html><title>Mainstay</title><main><h1>Card</h1><img src='x'></main></html>"


def serving(html: str) -> Flask:
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: html)
    return app


def test_the_browser_draws_a_served_page(page: Page, serve: Serve) -> None:
    page.goto(serve(serving(GOOD)))
    assert (page.title(), page.inner_text("h1")) == ("Mainstay", "○ no data")


def test_axe_passes_a_sound_page(page: Page, serve: Serve) -> None:
    page.goto(serve(serving(GOOD)))
    assert findings(page) == []


def test_axe_finds_a_page_without_language_and_a_picture_without_text(
    page: Page, serve: Serve
) -> None:
    page.goto(serve(serving(BAD)))
    assert {finding.partition(":")[0] for finding in findings(page)} == {
        "html-has-lang",
        "image-alt",
    }
