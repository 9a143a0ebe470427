"""Second factors: an authenticator app, passkeys, recovery codes."""

from __future__ import annotations

import uuid

from flask import Response, flash, make_response, redirect, url_for

from app.base import db
from app.base.errors import AppError, InvalidInput, NotFound
from app.base.web.access import current_actor, requires
from app.platform.accounts import (
    checks,
    factors,
    identity,
    letters,
    noting,
    passkeys,
    qr,
    sessions,
    tries,
)
from app.platform.accounts.blueprint import blueprint
from app.platform.accounts.forms import CodeForm, NewPasskeyForm
from app.platform.accounts.models import TryKind
from app.platform.accounts.pages import myself, page, refused
from app.platform.accounts.proof import proven
from app.platform.accounts.queries import Person
from app.platform.accounts.tries import TooManyTries
from app.platform.audit.security import Kind

# What opens while a second factor is required and none is set up.
ENROLLING = frozenset(
    f"accounts.{name}"
    for name in (
        "factors",
        "begin_app",
        "show_app",
        "confirm_app",
        "ask_new_passkey",
        "add_passkey",
        "renew_recovery_codes",
        "confirm",
        "check_confirm",
        "ask_confirm_passkey",
        "check_confirm_passkey",
    )
)
BACK = "accounts.factors"


@blueprint.get("/account/factors", endpoint="factors")
@requires("account.own")
def show_factors() -> Response:
    """Show which second factors are set up."""
    return _factors_page(NewPasskeyForm(formdata=None))


@blueprint.post("/account/factors/app/begin")
@requires("account.own")
@proven(back=BACK)
def begin_app() -> Response:
    """Make a new authenticator secret, to be confirmed with its first code."""
    sealed = identity.new_totp_secret()
    with db.transaction() as session:
        factors.begin_authenticator(session, user_id=current_actor().id, sealed_secret=sealed)
    return make_response(redirect(url_for("accounts.show_app"), 303))


@blueprint.get("/account/factors/app")
@requires("account.own")
@proven(back=BACK)
def show_app() -> Response:
    """Show the secret that is to be confirmed, as a QR code and as text."""
    return _app_page(CodeForm(formdata=None), _unconfirmed())


@blueprint.post("/account/factors/app")
@requires("account.own")
@proven(back=BACK)
def confirm_app() -> Response:
    """Let the authenticator app count once it has shown a good code."""
    form, sealed, person = CodeForm(), _unconfirmed(), myself()
    if not form.validate():
        return _app_page(form, sealed, 422)
    try:
        checks.count(TryKind.SECOND_FACTOR, account=str(person.public_id), who=person)
    except TooManyTries as error:
        return refused("app", error, form=form, **_app_shown(person, sealed))
    counter = identity.totp_counter("".join((form.code.data or "").split()), sealed, None)
    if counter is None:
        form.code.errors = ["The code does not fit. Wait for the next one and try again."]
        return _app_page(form, sealed, 422)
    with db.transaction() as session:
        factors.confirm_authenticator(session, user_id=person.id, counter=counter)
        tries.forget_tries(session, TryKind.SECOND_FACTOR, account=str(person.public_id))
    return _changed(person, Kind.FACTOR_ADDED, "An authenticator app was set up as second factor.")


@blueprint.post("/account/factors/app/remove")
@requires("account.own")
@proven(back=BACK)
def remove_app() -> Response:
    """Forget the authenticator app."""
    person = myself()
    with db.transaction() as session:
        factors.remove_authenticator(session, user_id=person.id)
    return _changed(person, Kind.FACTOR_REMOVED, "The authenticator app was removed.")


@blueprint.post("/account/passkeys/question")
@requires("account.own")
@proven(back=BACK)
def ask_new_passkey() -> Response:
    """Return what to ask the browser so that it makes a passkey."""
    person = myself()
    with db.reading() as session:
        known = factors.passkeys(session, person.id)
    question = passkeys.asked_to_register(
        checks.site(), owner=person.public_id, email=person.email, name=person.name, known=known
    )
    answer = make_response(checks.ask(question))
    answer.mimetype = "application/json"
    return answer


@blueprint.post("/account/passkeys")
@requires("account.own")
@proven(back=BACK)
def add_passkey() -> Response:
    """Keep a passkey that the browser made."""
    form, person = NewPasskeyForm(), myself()
    if not form.validate():
        return _factors_page(form, 422)
    try:
        challenge = checks.asked_challenge()
        key = passkeys.registered(checks.site(), form.credential.data or "", challenge=challenge)
        with db.transaction() as session:
            factors.add_passkey(session, user_id=person.id, name=form.name.data or "", key=key)
    except AppError as error:
        form.form_errors.append(error.message)
        return _factors_page(form, 422 if isinstance(error, InvalidInput) else 409)
    return _changed(person, Kind.FACTOR_ADDED, f"The passkey “{form.name.data}” was added.")


@blueprint.post("/account/passkeys/<uuid:public_id>/remove")
@requires("account.own")
@proven(back=BACK)
def remove_passkey(public_id: uuid.UUID) -> Response:
    """Forget a passkey."""
    person = myself()
    with db.transaction() as session:
        name = factors.remove_passkey(session, user_id=person.id, public_id=public_id)
    return _changed(person, Kind.FACTOR_REMOVED, f"The passkey “{name}” was removed.")


@blueprint.post("/account/recovery-codes")
@requires("account.own")
@proven(back=BACK)
def renew_recovery_codes() -> Response:
    """Make ten new recovery codes and show them, once."""
    person = myself()
    if not person.has_second_factor:
        raise InvalidInput("E-AUT-27", "Set up an authenticator app or a passkey first.")
    what = "New recovery codes were made; the older ones are dead."
    return _codes_page(person, Kind.RECOVERY_RENEWED, what)


def _changed(person: Person, kind: Kind, what: str) -> Response:
    """Tell the owner, end every other session, and show recovery codes where there are none."""
    renewed = myself()
    with db.transaction() as session:
        left = factors.recovery_codes_left(session, person.id)
        if not renewed.has_second_factor:
            factors.remove_recovery_codes(session, user_id=person.id)
    if renewed.has_second_factor and not left:
        return _codes_page(person, kind, what)
    _told(person, kind, what)
    flash(f"{what} Every other session of your account has ended.")
    return make_response(redirect(url_for("accounts.factors"), 303))


def _codes_page(person: Person, kind: Kind, what: str) -> Response:
    with db.transaction() as session:
        codes = factors.renew_recovery_codes(session, user_id=person.id)
    _told(person, kind, what)
    return page("recovery_codes", codes=codes, what=what)


def _told(person: Person, kind: Kind, what: str) -> None:
    with db.transaction() as session:
        sessions.end_sessions(session, user_id=person.id)
        letters.tell_of_change(session, person=person, what=what)
    noting.note(kind, person, what=what)
    # The rights of a session have changed: it goes on under another id.
    identity.renew()


def _unconfirmed() -> str:
    with db.reading() as session:
        found = factors.authenticator(session, current_actor().id)
    if found is None or found.is_confirmed:
        raise NotFound("E-AUT-28", "No authenticator app is being set up; begin again.")
    return found.sealed_secret


def _app_page(form: CodeForm, sealed: str, status: int = 200) -> Response:
    return page("app", status, form=form, **_app_shown(myself(), sealed))


def _app_shown(person: Person, sealed: str) -> dict[str, object]:
    return {
        "code": qr.qr_code(identity.totp_uri(person, sealed)),
        "key": identity.totp_key(sealed),
    }


def _factors_page(form: NewPasskeyForm, status: int = 200) -> Response:
    person = myself()
    with db.reading() as session:
        keys = factors.passkeys(session, person.id)
        left = factors.recovery_codes_left(session, person.id)
    return page(
        "factors",
        status,
        form=form,
        person=person,
        keys=keys,
        codes_left=left,
        must_enrol=current_actor().must_enrol,
        can_have_passkeys=checks.site().can_have_passkeys,
    )
