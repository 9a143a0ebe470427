"""The password and the address: changing them, and the way back in when one is forgotten."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, request, url_for

from app.base import db
from app.base.errors import AppError, InvalidInput
from app.base.web.access import current_actor, public, requires
from app.base.web.paths import safe_next
from app.platform.accounts import (
    checks,
    factors,
    identity,
    letters,
    noting,
    passkeys,
    queries,
    services,
    values,
)
from app.platform.accounts.blueprint import blueprint
from app.platform.accounts.forms import (
    ChangePasswordForm,
    ConfirmForm,
    EmailForm,
    ForgottenForm,
    OneTimeForm,
    PasskeyForm,
    PasswordForm,
    ResetForm,
)
from app.platform.accounts.models import SecretPurpose, TryKind
from app.platform.accounts.pages import is_good_password, myself, page, refused, settings
from app.platform.accounts.proof import proven
from app.platform.accounts.queries import Person
from app.platform.accounts.tries import TooManyTries
from app.platform.audit.security import Kind

NOT_CONFIRMED = "This does not fit. Nothing was changed."
NEEDS_OWNER = "This passkey did not ask for your finger, face or PIN. Use your password instead."


@blueprint.get("/password")
@requires("account.own")
def password() -> Response:
    """Ask for a new password."""
    return page("password", form=_password_form(formdata=None))


@blueprint.post("/password")
@requires("account.own")
def change_password() -> Response:
    """Keep a new password and end the account's other sessions."""
    form, person = _password_form(), myself()
    if not form.validate() or not _fits(form, person):
        return page("password", 422, form=form)
    _keep_password(person, form.password.data or "", what="The password was changed.")
    renewed = myself()
    identity.sign_in(renewed, how="password")
    flash("Your password is set. Every other session of your account has ended.")
    return make_response(redirect("/"))


@blueprint.get("/password/forgotten")
@public
def forgotten() -> Response:
    """Ask whose password is forgotten."""
    return page("forgotten", form=ForgottenForm(formdata=None), has_mail=_has_mail(), sent_to=None)


@blueprint.post("/password/forgotten")
@public
def ask_reset() -> Response:
    """Send a link where there is an account; say the same, as fast, where there is none."""
    form = ForgottenForm()
    if not form.validate():
        return page("forgotten", 422, form=form, has_mail=_has_mail(), sent_to=None)
    typed = (form.email.data or "").strip().lower()
    try:
        checks.count(TryKind.RESET, account=typed)
        email = values.clean_email(typed)
        with db.transaction() as session:
            person = queries.person_by_email(session, email)
            letters.send_reset(session, email=email, person=person)
    except TooManyTries as error:
        return refused("forgotten", error, form=form, has_mail=_has_mail(), sent_to=None)
    except InvalidInput:
        # What is no address has no account either, and gets the same answer.
        pass
    noting.note(Kind.RESET_ASKED, typed)
    return page("forgotten", form=form, has_mail=_has_mail(), sent_to=typed)


@blueprint.get("/password/reset")
@public
def reset() -> Response:
    """Take a reset link's secret, which a script moves into the form, and a new password."""
    return page("reset", form=ResetForm(formdata=None))


@blueprint.post("/password/reset")
@public
def set_reset_password() -> Response:
    """Set the password of who holds a good link; signing in follows, with its second factor."""
    form = ResetForm()
    secret = form.secret.data or ""
    try:
        checks.count(TryKind.ONE_TIME, account="reset link")
        with db.reading() as session:
            person = services.looked_up(session, secret, SecretPurpose.RESET)
        if not form.validate() or not is_good_password(form, person):
            return page("reset", 422, form=form)
        new_hash = identity.hash_password(form.password.data or "")
        with db.transaction() as session:
            services.redeem(session, secret, SecretPurpose.RESET)
            services.set_password_hash(session, user_id=person.id, password_hash=new_hash)
            letters.tell_of_change(session, person=person, what="The password was set anew.")
    except TooManyTries as error:
        return refused("reset", error, form=form)
    except InvalidInput as error:
        noting.note(Kind.SECRET_REFUSED)
        form.form_errors.append(error.message)
        return page("reset", 400, form=form)
    noting.note(Kind.RESET_DONE, person)
    flash("Your password is set. Sign in with it.")
    return make_response(redirect(url_for("accounts.sign_in")))


@blueprint.get("/confirm")
@requires("account.own")
def confirm() -> Response:
    """Ask once more who sits there."""
    form = ConfirmForm(formdata=None, next=safe_next(request.args.get("next")))
    return _confirm_page(form, myself())


@blueprint.post("/confirm")
@requires("account.own")
def check_confirm() -> Response:
    """Take password and code once more; the session goes on under another id."""
    form, person = ConfirmForm(), myself()
    if not form.validate():
        return _confirm_page(form, person, 422)
    try:
        is_owner = _is_owner(form, person)
    except TooManyTries as error:
        return refused("confirm", error, form=form, **_confirm_ways(person))
    if not is_owner:
        form.form_errors.append(NOT_CONFIRMED)
        return _confirm_page(form, person, 401)
    return _confirmed(form)


@blueprint.post("/confirm/passkey/question")
@requires("account.own")
def ask_confirm_passkey() -> Response:
    """Return what to ask the browser: for one of the owner's passkeys, with its owner's proof."""
    with db.reading() as session:
        known = factors.passkeys(session, current_actor().id)
    question = passkeys.asked_to_sign_in(checks.site(), known=known, must_verify=True)
    answer = make_response(checks.ask(question))
    answer.mimetype = "application/json"
    return answer


@blueprint.post("/confirm/passkey")
@requires("account.own")
def check_confirm_passkey() -> Response:
    """Take a passkey's answer as proof."""
    form, person = PasskeyForm(), myself()
    shown = ConfirmForm(formdata=None, next=safe_next(form.next.data))
    try:
        signed = checks.passkey_of(form.credential.data or "", owner=person)
        if not signed.verified_owner:
            raise InvalidInput("E-AUT-26", NEEDS_OWNER)
    except AppError as error:
        return refused("confirm", error, form=shown, **_confirm_ways(person))
    return _confirmed(form)


@blueprint.get("/account/email")
@requires("account.own")
@proven(back="accounts.email")
def email() -> Response:
    """Ask for a new address."""
    return page("email", form=EmailForm(formdata=None), person=myself(), has_mail=_has_mail())


@blueprint.post("/account/email")
@requires("account.own")
@proven(back="accounts.email")
def change_email() -> Response:
    """Send a link to the new address; the change happens when it is opened."""
    form, person = EmailForm(), myself()
    if not form.validate():
        return page("email", 422, form=form, person=person, has_mail=_has_mail())
    try:
        wanted = values.clean_email(form.email.data or "")
    except InvalidInput as error:
        form.email.errors = [error.message]
        return page("email", 422, form=form, person=person, has_mail=_has_mail())
    with db.transaction() as session:
        letters.prove_email(session, person=person, email=wanted)
    noting.note(Kind.SECRET_ISSUED, person, purpose="new address")
    flash(f"A link is on its way to {wanted}. Your address changes when it is opened.")
    return make_response(redirect(url_for("accounts.email"), 303))


@blueprint.get("/account/email/confirm")
@public
def confirm_email() -> Response:
    """Take the link that went to a new address."""
    return page("confirm_email", form=OneTimeForm(formdata=None))


@blueprint.post("/account/email/confirm")
@public
def check_confirm_email() -> Response:
    """Change the address; every session of the account ends."""
    form = OneTimeForm()
    if not form.validate():
        return page("confirm_email", 422, form=form)
    try:
        checks.count(TryKind.ONE_TIME, account="address link")
        with db.transaction() as session:
            person, wanted = services.redeem(
                session, form.secret.data or "", SecretPurpose.NEW_EMAIL
            )
            services.change_email(session, user_id=person.id, email=wanted or "")
            letters.tell_of_change(session, person=person, what=f"Its address is now {wanted}.")
    except TooManyTries as error:
        return refused("confirm_email", error, form=form)
    except AppError as error:
        form.form_errors.append(error.message)
        return page("confirm_email", 400, form=form)
    noting.note(Kind.EMAIL_CHANGED, person)
    identity.sign_out()
    flash("Your address is changed. Sign in with it.")
    return make_response(redirect(url_for("accounts.sign_in")))


def _keep_password(person: Person, new: str, *, what: str) -> None:
    new_hash = identity.hash_password(new)
    with db.transaction() as session:
        services.set_password_hash(session, user_id=person.id, password_hash=new_hash)
        letters.tell_of_change(session, person=person, what=what)
    noting.note(Kind.PASSWORD_CHANGED, person)


def _fits(form: PasswordForm, person: Person) -> bool:
    """Check what needs the account: how easy the new password is, then the present one."""
    if not is_good_password(form, person):
        return False
    if not isinstance(form, ChangePasswordForm):
        return True
    if checks.password_of(person.email, form.present.data or "") is not None:
        return True
    form.present.errors = ["This is not your present password."]
    return False


def _password_form(**options: None) -> PasswordForm:
    kind = PasswordForm if current_actor().must_set_password else ChangePasswordForm
    return kind(**options)


def _is_owner(form: ConfirmForm, person: Person) -> bool:
    """Tell whether everything was given that the account has: password, and code."""
    if person.password_hash is None and not person.has_totp:
        return False
    if person.password_hash is not None and (
        checks.password_of(person.email, form.password.data or "") is None
    ):
        return False
    return not person.has_second_factor or (
        checks.code_of(person, form.code.data or "") is not None
    )


def _confirmed(form: ConfirmForm | PasskeyForm) -> Response:
    identity.renew()
    noting.note(Kind.REAUTHENTICATED, myself())
    return make_response(redirect(safe_next(form.next.data), 303))


def _confirm_page(form: ConfirmForm, person: Person, status: int = 200) -> Response:
    return page("confirm", status, form=form, **_confirm_ways(person))


def _confirm_ways(person: Person) -> dict[str, object]:
    return {"person": person, "can_have_passkeys": checks.site().can_have_passkeys}


def _has_mail() -> bool:
    return settings().mail is not None
