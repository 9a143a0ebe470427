"""Signing in and out: password, second factor, passkey, one-time link; how the pages look."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, request, url_for

from app.base import db
from app.base.errors import AppError, InvalidInput
from app.base.web.access import public, requires
from app.base.web.paths import safe_next
from app.platform.accounts import checks, factors, identity, noting, passkeys, services, steps
from app.platform.accounts.blueprint import blueprint
from app.platform.accounts.forms import CodeForm, OneTimeForm, PasskeyForm, SignInForm
from app.platform.accounts.models import SecretPurpose, TryKind
from app.platform.accounts.pages import page, refused, settings, sign_in_ways
from app.platform.accounts.queries import Person
from app.platform.accounts.tries import TooManyTries
from app.platform.audit.security import Kind

WRONG = "Mail address or password is wrong."
AGAIN = "That took too long. Sign in again."
WEAK_PASSKEY = "This passkey did not ask for your finger, face or PIN: sign in with your password."
ONE_TIME_ACCOUNT = "one-time secret"
# Each choice of how pages look and listen, with what may be chosen.
APPEARANCE = {
    "theme": {"light", "dark", "system"},
    "density": {"regular", "compact"},
    "keys": {"on", "off"},
}
YEAR_IN_SECONDS = 31_536_000


@blueprint.get("/sign-in")
@public
def sign_in() -> Response:
    """Ask for address and password."""
    return _sign_in_page(SignInForm(formdata=None, next=safe_next(request.args.get("next"))))


@blueprint.post("/sign-in")
@public
def check_sign_in() -> Response:
    """Let in who gives the right password; count the others."""
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(form, 422)
    email = (form.email.data or "").strip().lower()
    try:
        person = checks.password_of(email, form.password.data or "")
    except TooManyTries as error:
        return refused("sign_in", error, form=form, **sign_in_ways())
    if person is None:
        form.form_errors.append(WRONG)
        return _sign_in_page(form, 401)
    return steps.let_in(person, how="password", target=safe_next(form.next.data))


@blueprint.get("/sign-in/second")
@public
def second_factor() -> Response:
    """Ask for the second factor."""
    pending = steps.pending()
    if pending is None:
        return _begin_again()
    return _second_page(pending.person, CodeForm(formdata=None))


@blueprint.post("/sign-in/second")
@public
def check_second_factor() -> Response:
    """Let in who gives a good code, once."""
    pending, form = steps.pending(), CodeForm()
    if pending is None:
        return _begin_again()
    if not form.validate():
        return _second_page(pending.person, form, 422)
    try:
        what = checks.code_of(pending.person, form.code.data or "")
    except TooManyTries as error:
        return refused("second_factor", error, form=form, **_second_ways(pending.person))
    if what is None:
        form.form_errors.append(checks.CODE_WRONG)
        return _second_page(pending.person, form, 401)
    return steps.let_in_fully(pending, how=what)


@blueprint.post("/sign-in/passkey/question")
@public
def ask_passkey() -> Response:
    """Return what to ask the browser: for a passkey of who is known already, else for any."""
    pending = steps.pending()
    known: list[factors.Key] = []
    if pending is not None:
        with db.reading() as session:
            known = factors.passkeys(session, pending.person.id)
    answer = make_response(checks.ask(passkeys.asked_to_sign_in(checks.site(), known=known)))
    answer.mimetype = "application/json"
    return answer


@blueprint.post("/sign-in/passkey")
@public
def check_passkey() -> Response:
    """Let in who answers with a passkey: as second factor, or instead of a password."""
    pending, form = steps.pending(), PasskeyForm()
    owner = None if pending is None else pending.person
    try:
        signed = checks.passkey_of(form.credential.data or "", owner=owner)
        if pending is None and not signed.verified_owner:
            raise InvalidInput("E-AUT-26", WEAK_PASSKEY)
    except AppError as error:
        if pending is not None:
            second = CodeForm(formdata=None)
            return refused("second_factor", error, form=second, **_second_ways(pending.person))
        first = SignInForm(formdata=None, next=safe_next(form.next.data))
        return refused("sign_in", error, form=first, **sign_in_ways())
    if pending is not None:
        return steps.let_in_fully(pending, how="passkey")
    target = safe_next(form.next.data)
    return steps.let_in(signed.person, how="passkey", target=target, is_strong=True)


@blueprint.get("/sign-in/once")
@public
def one_time() -> Response:
    """Take a one-time secret; a script moves it from the address into the form."""
    return page("one_time", form=OneTimeForm(formdata=None))


@blueprint.post("/sign-in/once")
@public
def check_one_time() -> Response:
    """Let in who holds an unused one-time secret; an account's second factor is still asked."""
    form = OneTimeForm()
    if not form.validate():
        return page("one_time", 422, form=form)
    try:
        checks.count(TryKind.ONE_TIME, account=ONE_TIME_ACCOUNT)
        with db.transaction() as session:
            person, _ = services.redeem(
                session, form.secret.data or "", SecretPurpose.INVITATION, SecretPurpose.SIGN_IN
            )
    except TooManyTries as error:
        return refused("one_time", error, form=form)
    except InvalidInput as error:
        noting.note(Kind.SECRET_REFUSED)
        form.form_errors.append(error.message)
        return page("one_time", 400, form=form)
    target = url_for("accounts.password") if person.must_set_password else "/"
    return steps.let_in(person, how="one-time link", target=target)


@blueprint.post("/sign-out")
@requires("account.own")
def sign_out() -> Response:
    """End the session here and on the server."""
    identity.sign_out()
    noting.note(Kind.SIGN_OUT)
    answer = make_response(redirect(url_for("accounts.sign_in")))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@blueprint.post("/appearance")
@public
def appearance() -> Response:
    """Keep in a cookie how the pages look to this browser."""
    answer = make_response(redirect(safe_next(request.form.get("next"))))
    for name, allowed in APPEARANCE.items():
        chosen = request.form.get(name)
        if chosen in allowed:
            answer.set_cookie(
                name,
                chosen,
                max_age=YEAR_IN_SECONDS,
                secure=settings().secure_cookies,
                httponly=True,
                samesite="Lax",
            )
    return answer


def _sign_in_page(form: SignInForm, status: int = 200) -> Response:
    return page("sign_in", status, form=form, **sign_in_ways())


def _second_page(person: Person, form: CodeForm, status: int = 200) -> Response:
    return page("second_factor", status, form=form, **_second_ways(person))


def _second_ways(person: Person) -> dict[str, object]:
    return {
        "has_totp": person.has_totp,
        "has_passkey": person.has_passkey,
        "can_have_passkeys": checks.site().can_have_passkeys,
    }


def _begin_again() -> Response:
    flash(AGAIN)
    return make_response(redirect(url_for("accounts.sign_in")))
