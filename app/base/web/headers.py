"""Security headers, trusted hosts, proxies and body limits: what every answer carries."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from app.base.errors import AppError, TooLarge
from app.base.web.access import declaration
from config import Settings

KILOBYTE = 1024
MEGABYTE = 1024 * KILOBYTE
# A form of text fields is never larger; a view that takes a file says so.
FORM_LIMIT = MEGABYTE
FIELDS_LIMIT = 500 * KILOBYTE
PARTS_LIMIT = 1_000
# What a multipart envelope adds to the file inside it.
ENVELOPE = 64 * KILOBYTE
YEAR_IN_SECONDS = 31_536_000

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)
NUL = "\0"
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
# The largest key that a database keeps; a larger number in an address names nothing.
LARGEST_KEY = 2**63 - 1


class BadText(AppError):
    """A text that nobody can have typed."""

    kind = "bad_query"


class RowKey(IntegerConverter):
    """A number in an address that can be a row's key."""

    def __init__(self, addresses: Map) -> None:
        super().__init__(addresses, max=LARGEST_KEY)


def install(app: Flask, settings: Settings) -> None:
    """Set limits and trusted hosts, and add the headers to every answer."""
    app.url_map.converters["int"] = RowKey
    _configure(app, settings)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        # Setting a method is the documented way to add middleware.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )

    @app.before_request
    def limit_body() -> None:
        said = declaration(app, request.endpoint)
        takes_file = said is not None and said.takes_file
        if request.mimetype == "application/x-www-form-urlencoded":
            # A form of several parts alone carries a file. One long field is quickly read and
            # gets its own answer; what takes long is many fields.
            request.max_content_length = FORM_LIMIT
            _refuse_many_fields()
        elif takes_file:
            request.max_content_length = settings.upload_limit_bytes + ENVELOPE
        else:
            request.max_content_length = FORM_LIMIT

    @app.before_request
    def refuse_nul() -> None:
        # No text of ours holds one, and PostgreSQL keeps none.
        for given in (request.args, request.form):
            if any(NUL in name or NUL in value for name, value in given.items(multi=True)):
                raise BadText("E-WEB-02", "A NUL character stands in what was sent. Remove it.")

    @app.after_request
    def add_headers(answer: Response) -> Response:
        return _with_headers(answer, settings)


def _refuse_many_fields() -> None:
    if request.get_data().count(b"&") >= PARTS_LIMIT:
        raise TooLarge("E-WEB-03", f"More than {PARTS_LIMIT:,} fields. Nothing was read.")


def _configure(app: Flask, settings: Settings) -> None:
    hosts = [urlsplit(settings.base_url).hostname or "localhost"]
    if not settings.production:
        hosts += LOCAL_HOSTS
    app.config.update(
        TRUSTED_HOSTS=hosts,
        MAX_CONTENT_LENGTH=settings.upload_limit_bytes + ENVELOPE,
        MAX_FORM_MEMORY_SIZE=FIELDS_LIMIT,
        MAX_FORM_PARTS=PARTS_LIMIT,
    )


def _with_headers(answer: Response, settings: Settings) -> Response:
    headers = answer.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
    if settings.base_url.startswith("https://"):
        headers["Strict-Transport-Security"] = f"max-age={YEAR_IN_SECONDS}; includeSubDomains"
    if "request_id" in g:
        headers["X-Request-Id"] = g.request_id
    if request.endpoint != "static":
        # Also of files, whose own header would let a browser keep them.
        headers["Cache-Control"] = "no-store"
        answer.vary.add("Cookie")
    return answer
