"""Walks every page that links lead to, as a person would, and remembers what each said."""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from tests.web_app import Visitor

LINK = re.compile(r"""(?:href|action)="([^"#]+)""")
MOST_PER_ENDPOINT = 3
ENDING = ("sign-out", "/sign-out")


@dataclass
class Walk:
    """What was seen: the answer of each address, and how often each endpoint was opened."""

    answers: dict[str, TestResponse] = field(default_factory=dict)
    opened: Counter[str] = field(default_factory=Counter)

    def of_type(self, mimetype: str) -> list[tuple[str, TestResponse]]:
        """The answers of one type."""
        return [each for each in self.answers.items() if each[1].mimetype == mimetype]


def walk(app: Flask, browser: Visitor, *starts: str, with_files: bool = True) -> Walk:
    """Follow links from the start pages, a few addresses of each kind.

    `with_files`: exports too, which lead nowhere.
    """
    seen = Walk()
    waiting = list(starts)
    known = set(waiting)
    while waiting:
        path = waiting.pop(0)
        endpoint = endpoint_of(app, path)
        if endpoint is None or endpoint == "static" or any(end in path for end in ENDING):
            continue
        if "format=" in path and not with_files:
            continue
        if seen.opened[endpoint] >= MOST_PER_ENDPOINT:
            continue
        answer = browser.get(path)
        if answer.status_code in (301, 302, 303, 308):
            found = [answer.headers["Location"]]
        else:
            seen.opened[endpoint] += 1
            seen.answers[path] = answer
            found = LINK.findall(answer.text) if answer.mimetype == "text/html" else []
        for link in found:
            target = urljoin(path, html.unescape(link))
            parts = urlsplit(target)
            if parts.netloc in ("", "localhost") and target not in known:
                known.add(target)
                waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return seen


def endpoint_of(app: Flask, path: str) -> str | None:
    """Return the endpoint and export format that a GET of this path leads to."""
    parts = urlsplit(path)
    try:
        endpoint, _ = app.url_map.bind("localhost").match(parts.path, method="GET")
    except HTTPException:
        return None
    kind = re.search(r"format=(\w+)", parts.query)
    return f"{endpoint} {kind[1]}" if kind else str(endpoint)
