"""Forms must come from our own pages: a token per session, and our own origin.

An expired form loses nothing: its entries are shown and can be sent again. Entries of a
foreign origin are not, because sending them again would do what the token prevents.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError

from app.base.web.access import SAFE_METHODS, wants_json

EXPIRED = "The form expired. Your entries are kept; send again."
FOREIGN = "The form came from another site. Nothing was stored."
SECRET_WORDS = ("password", "secret", "token")
MOST_ENTRIES = 200
protect = CSRFProtect()


def install(app: Flask) -> None:
    """Check token and origin of every request that may change something."""
    # The token lives as long as the session it is kept in.
    app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)

    @app.before_request
    def check_origin() -> None:
        if request.method not in SAFE_METHODS and not is_own_origin():
            raise CSRFError(FOREIGN)

    protect.init_app(app)

    @app.errorhandler(CSRFError)
    def refuse(error: CSRFError) -> Response:
        foreign = error.description == FOREIGN
        message = FOREIGN if foreign else EXPIRED
        if wants_json():
            return make_response(jsonify(code="E-AUT-02", message=message), 400)
        entries = None if foreign else kept_entries()
        page = render_template("errors/expired.html", message=message, entries=entries)
        return make_response(page, 400)


def is_own_origin() -> bool:
    """Tell whether the request comes from our own pages (or from no browser at all)."""
    origin = request.headers.get("Origin")
    if origin is None:
        return request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")
    settings = current_app.config["SETTINGS"]
    ours = {_origin_of(request.host_url), _origin_of(settings.base_url)}
    return origin in ours


def kept_entries() -> list[tuple[str, str]] | None:
    """Return what the form held, secrets left out; None when it was not one of our own."""
    if not is_own_origin():
        return None
    kept = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if not any(word in name.lower() for word in SECRET_WORDS)
    ]
    return kept[:MOST_ENTRIES]


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
