"""Who may call a view: every view declares its permission, or the application does not start.

Knows no roles: an Authoriser, handed in by the factory, answers whether the actor may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import urlencode

from flask import (
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
)
from werkzeug.exceptions import Forbidden, Unauthorized

from app.base import acting

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

View = TypeVar("View", bound=Callable[..., Any])  # Any: views take and return what Flask allows
Answer = Response | None

# Requests with these methods change nothing.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PUBLIC = "public"


class SignedIn(Protocol):
    """Somebody signed in."""

    @property
    def id(self) -> int:
        """The account's key."""

    @property
    def name(self) -> str:
        """How the account is written in lists and beside changes."""

    @property
    def email(self) -> str:
        """The address the account signs in with."""

    @property
    def must_set_password(self) -> bool:
        """Whether the account has no password of its own yet."""

    @property
    def must_enrol(self) -> bool:
        """Whether a second factor is required and none is set up."""


class Authoriser(Protocol):
    """Answers who is asking and what they may do."""

    def actor(self) -> SignedIn | None:
        """Return who sent the current request, None for nobody known."""

    def acting(self, actor: SignedIn | None) -> acting.Actor:
        """Return as whom the request's work is done."""

    def may(self, actor: SignedIn, permission: str) -> bool:
        """Tell whether the actor holds the permission."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a view asks of its caller: a permission, and whether it takes a file."""

    permission: str
    takes_file: bool = False


@dataclass(frozen=True, slots=True)
class Doors:
    """Endpoints that the guard sends people to."""

    sign_in: str
    set_password: str
    # Where a second factor is set up; nothing else opens while one is missing.
    enrol: str
    # Reachable while a password is still to be set.
    always_open: frozenset[str] = frozenset()
    # Reachable, with those, while a second factor is still to be set up.
    enrolling: frozenset[str] = frozenset()


def requires(permission: str, *, takes_file: bool = False) -> Callable[[View], View]:
    """Declare the permission a view needs (`suppliers.view`, `imports.publish`)."""

    def declare(view: View) -> View:
        view.__dict__["access"] = Declaration(permission, takes_file)
        return view

    return declare


def public(view: View) -> View:
    """Declare that a view needs no sign-in."""
    return requires(PUBLIC)(view)


def declaration(app: Flask, endpoint: str | None) -> Declaration | None:
    """Return what the view of an endpoint declared, None where it declared nothing."""
    if endpoint is None:
        return None
    view = app.view_functions.get(endpoint)
    if endpoint == "static" or endpoint.endswith(".static"):
        return Declaration(PUBLIC)
    return getattr(view, "access", None)


def is_public() -> bool:
    """Tell whether the page that is asked for needs no sign-in."""
    said = declaration(current_app, request.endpoint)
    return said is not None and said.permission == PUBLIC


def check_declared(app: Flask) -> None:
    """Refuse to start while a view has not declared who may call it."""
    silent = sorted(name for name in app.view_functions if declaration(app, name) is None)
    if silent:
        raise RuntimeError(f"views without a declared permission: {', '.join(silent)}")


def permissions(app: Flask) -> dict[str, str]:
    """Return every endpoint with the permission it declared."""
    found = {name: declaration(app, name) for name in app.view_functions}
    return {name: said.permission for name, said in sorted(found.items()) if said is not None}


def install(app: Flask, authoriser: Authoriser, doors: Doors) -> None:
    """Guard every request; templates get `actor` and `may(permission)`.

    A request begins as a visitor's, before its session is even looked up, and ends with
    nobody acting: the next one on the same thread starts afresh.
    """
    # Setting a method is the documented way to add middleware.
    app.wsgi_app = _begun_as_visitor(app.wsgi_app)  # type: ignore[method-assign, assignment]

    @app.before_request
    def guard() -> Answer:
        g.actor = authoriser.actor()
        acting.act_as(authoriser.acting(g.actor))
        said = declaration(app, request.endpoint)
        if said is None or said.permission == PUBLIC:
            return None
        if g.actor is None:
            return _ask_to_sign_in(doors)
        if g.actor.must_set_password and request.endpoint not in doors.always_open:
            return _send_to(doors.set_password)
        if g.actor.must_enrol and request.endpoint not in doors.always_open | doors.enrolling:
            return _send_to(doors.enrol)
        if not authoriser.may(g.actor, said.permission):
            raise Forbidden
        return None

    @app.context_processor
    def name_actor() -> dict[str, object]:
        someone: SignedIn | None = g.get("actor")
        return {
            "actor": someone,
            "may": lambda permission: someone is not None and authoriser.may(someone, permission),
        }


def current_actor() -> SignedIn:
    """Return who sent the request; 401 when nobody is signed in."""
    someone: SignedIn | None = g.get("actor")
    if someone is None:
        raise Unauthorized
    return someone


def wants_json() -> bool:
    """Tell whether the caller is a program that wants JSON rather than a page."""
    accepted = request.accept_mimetypes
    return request.is_json or (
        accepted.best_match(["text/html", "application/json"]) == "application/json"
        and accepted["application/json"] > accepted["text/html"]
    )


def _begun_as_visitor(inner: WSGIApplication) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # Answers are whole before they leave: none reads the database while it is sent.
        with acting.acting_as(acting.visitor()):
            return inner(environ, start_response)

    return answer


def _ask_to_sign_in(doors: Doors) -> Response:
    if wants_json():
        answer = make_response(jsonify(code="E-AUT-01", message="Sign in first."), 401)
        answer.headers["WWW-Authenticate"] = "Session"
        return answer
    if request.method in SAFE_METHODS:
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        return _send_to(doors.sign_in, next=request.path + query)
    # The page offers the entries again only when the form was one of our own.
    from app.base.web.csrf import kept_entries

    page = render_template("errors/signed_out.html", entries=kept_entries())
    return make_response(page, 401)


def _send_to(endpoint: str, **query: str) -> Response:
    from flask import url_for

    target = url_for(endpoint)
    if query and query.get("next") not in (None, "/"):
        target += "?" + urlencode(query)
    return make_response(redirect(target))
