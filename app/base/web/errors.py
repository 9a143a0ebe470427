"""Error pages: what happened, what to do, and the number to quote. Never a trace."""

from __future__ import annotations

import errno
import logging
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask.globals import request_ctx
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge

from app.base.errors import AppError, Unavailable
from app.base.logging import event
from app.base.web.access import declaration, wants_json
from app.base.web.headers import KILOBYTE, MEGABYTE

log = logging.getLogger(__name__)

STATUS_OF_KIND = {
    "bad_query": 400,
    "invalid": 422,
    "not_found": 404,
    "conflict": 409,
    "forbidden": 403,
    "too_large": 413,
    "too_many": 429,
    "unavailable": 503,
}
RETRY_AFTER_SECONDS = 10
DISK_FULL = "The disk is full. Nothing was stored; free space, then try again."
NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True, slots=True)
class Words:
    """What an error page says: a title, and one sentence with the remedy."""

    title: str
    message: str


WORDS = {
    400: Words("The request can't be read", "Go back, check what you entered, and send it again."),
    401: Words("You are not signed in", "Sign in, then open the page again."),
    403: Words("You may not do this", "Ask the person who manages accounts for the permission."),
    404: Words(
        "There is no such page",
        "The address is mistyped, the record was removed, or you may not see it.",
    ),
    405: Words("That is not possible here", "Open the page again and use its own buttons."),
    409: Words("Things have changed meanwhile", "Reload the page and look before you try again."),
    413: Words("That is too large", "Send less at once."),
    415: Words("That kind of content is not accepted", "Send a form or JSON, as documented."),
    422: Words("Something entered can't be accepted", "Correct it and send again."),
    429: Words("Too many tries", "Wait a while, then try again."),
    500: Words(
        "Something went wrong on our side", "Try again. Quote the number below if it stays."
    ),
    503: Words("Not available right now", "Nothing was stored. Try again in a moment."),
}


def install(app: Flask) -> None:
    """Answer every error with a designed page, or JSON for a program."""

    @app.before_request
    def number_request() -> None:
        g.request_id = request_number()

    @app.errorhandler(AppError)
    def answer_refusal(error: AppError) -> Response:
        status = STATUS_OF_KIND.get(error.kind, 500)
        level = logging.ERROR if status >= HTTPStatus.INTERNAL_SERVER_ERROR else logging.INFO
        event(log, "refused", level=level, **_place(), refusal=error.code, status=status)
        answer = error_answer(status, message=error.message, code=error.code)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            answer.headers["Retry-After"] = str(getattr(error, "retry_after", RETRY_AFTER_SECONDS))
        return answer

    @app.errorhandler(RequestEntityTooLarge)
    def answer_too_large(_: RequestEntityTooLarge) -> Response:
        said = declaration(app, request.endpoint)
        takes_file = said is not None and said.takes_file
        return error_answer(
            413, message=_size_message(), code="E-IMP-17" if takes_file else "E-WEB-01"
        )

    @app.errorhandler(HTTPException)
    def answer_http(error: HTTPException) -> Response:
        answer = error_answer(error.code or 500)
        if error.code == HTTPStatus.METHOD_NOT_ALLOWED:
            answer.headers["Allow"] = dict(error.get_headers()).get("Allow", "")
        return answer

    @app.errorhandler(DBAPIError)
    def answer_database(error: DBAPIError) -> Response:
        if not error.connection_invalidated and not isinstance(
            error, OperationalError | InterfaceError
        ):
            return answer_unexpected(error)
        # The driver's own words; the statement and its values stay out of the log.
        event(log, "database.failed", level=logging.ERROR, **_place(), words=str(error.orig))
        return error_answer(503, code="E-SYS-02")

    @app.errorhandler(OSError)
    def answer_system(error: OSError) -> Response:
        if error.errno not in NO_SPACE:
            return answer_unexpected(error)
        return answer_refusal(Unavailable("E-SYS-01", DISK_FULL))

    @app.errorhandler(Exception)
    def answer_unexpected(error: Exception) -> Response:
        log.error("request.failed", exc_info=error, extra={"facts": _place()})
        return error_answer(500)

    @app.errorhandler(InternalServerError)
    def answer_early(error: InternalServerError) -> Response:
        """Answer what failed before any handler of a request stood: opening its session."""
        if request_ctx._session is None:
            # The page may be drawn, and the visitor's cookie stays as it is.
            request_ctx._session = app.session_interface.make_null_session(app)
        first = error.original_exception
        if not isinstance(first, Exception):
            return error_answer(500)
        handlers: tuple[tuple[type[Exception], Any], ...] = (  # Any: each takes its own kind
            (AppError, answer_refusal),
            (DBAPIError, answer_database),
            (OSError, answer_system),
        )
        for kind, answer in handlers:
            if isinstance(first, kind):
                return make_response(answer(first))
        return answer_unexpected(first)


def request_number() -> str:
    """Return the number that pages show and the log tells, given to the request once."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    return str(g.request_id)


def _place() -> dict[str, object]:
    """Return where it happened, for the log; the number is the one that the page shows."""
    return {
        "request_id": request_number(),
        "method": request.method,
        "endpoint": request.endpoint,
    }


def error_answer(status: int, *, message: str | None = None, code: str | None = None) -> Response:
    """Return the page (or JSON) for `status`; `message` replaces the usual sentence."""
    words = WORDS.get(status, WORDS[500])
    shown = message or words.message
    number = request_number()
    if wants_json():
        answer = make_response(jsonify(code=code, message=shown, request_id=number), status)
    elif request_ctx.url_adapter is None:
        # The host is not ours: no page of ours has an address there.
        answer = make_response(f"{words.title}. {shown}\n", status)
        answer.mimetype = "text/plain"
    else:
        page = render_template(
            "errors/error.html", status=status, title=words.title, message=shown, code=code
        )
        answer = make_response(page, status)
    if status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS):
        answer.headers.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
    return answer


def _size_message() -> str:
    limit = _size_words(request.max_content_length or 0)
    size = request.content_length
    if size is None:
        return f"The limit is {limit}. Nothing was read."
    return f"{_size_words(size)}; limit {limit}. Nothing was read."


def _size_words(size: int) -> str:
    if size < MEGABYTE:
        return f"{max(1, size // KILOBYTE)} KB"
    return f"{round(size / MEGABYTE)} MB"
