"""Signing in through the company's identity provider, where one is set up."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

import flask
from flask import Response, abort, make_response, redirect, request, url_for

from app.base import clock, db
from app.base.errors import AppError, Forbidden, InvalidInput
from app.base.web.access import public
from app.base.web.paths import safe_next
from app.platform.accounts import noting, queries, services, sso, steps
from app.platform.accounts.blueprint import blueprint
from app.platform.accounts.forms import SignInForm
from app.platform.accounts.pages import refused, settings, sign_in_ways
from app.platform.accounts.queries import Person
from app.platform.accounts.sso import Begun, Identity
from app.platform.audit.security import Kind
from config import SsoSettings

BEGUN_KEY = "sso"
BEGUN_LASTS = timedelta(minutes=10)
NO_ACCOUNT = "There is no account for you here. Ask the person who manages accounts to invite you."
NOT_VERIFIED = "Your identity provider has not verified your mail address; ask whoever runs it."


@blueprint.get("/sign-in/sso")
@public
def begin_sso() -> Response:
    """Send the browser to the identity provider."""
    provider = _provider()
    try:
        begun = sso.begin(provider, back=_back(), allowed=settings().outbound)
    except AppError as error:
        return _refused(error)
    flask.session[BEGUN_KEY] = {
        "state": begun.state,
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "at": clock.now().isoformat(),
        "target": safe_next(request.args.get("next")),
    }
    return make_response(redirect(begun.url))


@blueprint.get("/sign-in/sso/back")
@public
def finish_sso() -> Response:
    """Let in whom the provider sends back, if they have an account here."""
    provider, kept = _provider(), flask.session.pop(BEGUN_KEY, None)
    try:
        begun = _begun(kept)
        identity = sso.finish(
            provider,
            begun,
            code=request.args.get("code", ""),
            back=_back(),
            allowed=settings().outbound,
        )
        person = _person(identity)
    except AppError as error:
        noting.note(Kind.SIGN_IN_FAILED, how="single sign-on", code=error.code)
        return _refused(error)
    return steps.let_in(
        person, how="single sign-on", target=kept["target"], is_strong=identity.is_strong
    )


def _begun(kept: dict[str, str] | None) -> Begun:
    """Return what was begun in this browser, if the answer belongs to it."""
    given = request.args.get("state", "")
    if (
        kept is None
        or clock.now() - datetime.fromisoformat(kept["at"]) > BEGUN_LASTS
        or not hmac.compare_digest(kept["state"].encode(), given.encode())
    ):
        raise InvalidInput("E-SSO-02", sso.REFUSED)
    return Begun("", kept["state"], kept["nonce"], kept["verifier"])


def _person(identity: Identity) -> Person:
    """Return the account of somebody at the provider; bind it at the first sign-in."""
    with db.transaction() as session:
        person = queries.person_at_provider(
            session, issuer=identity.issuer, subject=identity.subject
        )
        if person is None:
            if identity.email is None:
                raise Forbidden("E-SSO-03", NOT_VERIFIED)
            person = queries.person_by_email(session, identity.email)
            # An account that is bound to somebody else there is not theirs, whatever the address.
            if person is None or person.has_sso:
                raise Forbidden("E-SSO-04", NO_ACCOUNT)
            services.bind_to_provider(
                session, user_id=person.id, issuer=identity.issuer, subject=identity.subject
            )
        if not person.is_active:
            raise Forbidden("E-SSO-04", NO_ACCOUNT)
        found = queries.person_by_id(session, person.id)
    return found or person


def _provider() -> SsoSettings:
    provider = settings().sso
    if provider is None or not sso.is_installed():
        abort(404)
    return provider


def _back() -> str:
    return settings().base_url + url_for("accounts.finish_sso")


def _refused(error: AppError) -> Response:
    return refused("sign_in", error, form=SignInForm(formdata=None), **sign_in_ways())
