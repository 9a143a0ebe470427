"""One line per request: what was asked, how it ended, how long it took.

The path only: what stands behind the question mark may be somebody's search or secret.
"""

from __future__ import annotations

import logging
from time import perf_counter

from flask import Flask, Response, g, request

from app.base.logging import event

log = logging.getLogger(__name__)

STATIC = "static"


def install(app: Flask) -> None:
    """Write a line when a request has been answered."""

    @app.before_request
    def start_watch() -> None:
        g.started = perf_counter()

    @app.after_request
    def write_line(answer: Response) -> Response:
        if request.endpoint != STATIC:
            started = g.get("started")
            event(
                log,
                "request",
                method=request.method,
                path=request.path,
                endpoint=request.endpoint,
                status=answer.status_code,
                ms=None if started is None else round((perf_counter() - started) * 1000),
                request_id=g.get("request_id"),
            )
        return answer
