"""Signing in and out, one-time links, the password, and how the pages look."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from app.base import db
from app.base.errors import AppError, NotFound
from app.base.web.access import current_actor, public, requires
from app.base.web.paths import safe_next
from app.platform.accounts import identity, queries, services, tries, values
from app.platform.accounts.forms import (
    ChangePasswordForm,
    OneTimeForm,
    PasswordForm,
    SignInForm,
)
from app.platform.accounts.models import SecretPurpose, TryKind
from app.platform.accounts.queries import Person

blueprint = Blueprint("accounts", __name__)

WRONG = "Mail address or password is wrong."
THEMES = {"light", "dark", "system"}
DENSITIES = {"regular", "compact"}
YEAR_IN_SECONDS = 31_536_000


@blueprint.get("/sign-in")
@public
def sign_in() -> Response:
    """Ask for address and password."""
    form = SignInForm(formdata=None, next=safe_next(request.args.get("next")))
    return make_response(render_template("accounts/sign_in.html", form=form))


@blueprint.post("/sign-in")
@public
def check_sign_in() -> Response:
    """Let in who gives the right password; count the others."""
    form = SignInForm()
    if not form.validate():
        return _page("accounts/sign_in.html", 422, form=form)
    email = (form.email.data or "").strip().lower()
    network = values.ip_prefix(request.remote_addr)
    try:
        with db.transaction() as session:
            tries.note_try(session, TryKind.PASSWORD, account=email, network=network)
    except tries.TooManyTries as error:
        return _too_many(form, error)
    with db.reading() as session:
        person = queries.person_by_email(session, email)
    # Hashing takes its time on purpose, so it happens outside any transaction.
    if not identity.is_right_password(person, form.password.data or "") or person is None:
        form.password.data = ""
        form.form_errors.append(WRONG)
        return _page("accounts/sign_in.html", 401, form=form)
    return _let_in(person, network, safe_next(form.next.data))


@blueprint.get("/sign-in/once")
@public
def one_time() -> Response:
    """Take a one-time secret; a script moves it from the address into the form."""
    return make_response(render_template("accounts/one_time.html", form=OneTimeForm(formdata=None)))


@blueprint.post("/sign-in/once")
@public
def check_one_time() -> Response:
    """Let in who holds an unused one-time secret."""
    form = OneTimeForm()
    if not form.validate():
        return _page("accounts/one_time.html", 422, form=form)
    network = values.ip_prefix(request.remote_addr)
    try:
        with db.transaction() as session:
            tries.note_try(session, TryKind.ONE_TIME, account="one-time secret", network=network)
        with db.transaction() as session:
            person, _ = services.redeem(
                session, form.secret.data or "", SecretPurpose.INVITATION, SecretPurpose.SIGN_IN
            )
    except AppError as error:
        form.form_errors.append(error.message)
        too_many = isinstance(error, tries.TooManyTries)
        return _page("accounts/one_time.html", 429 if too_many else 400, form=form)
    return _let_in(
        person, network, url_for("accounts.password") if person.must_set_password else "/"
    )


@blueprint.get("/password")
@requires("account.own")
def password() -> Response:
    """Ask for a new password."""
    form = _password_form(formdata=None)
    return make_response(render_template("accounts/password.html", form=form))


@blueprint.post("/password")
@requires("account.own")
def change_password() -> Response:
    """Keep a new password and end the account's other sessions."""
    form = _password_form()
    person = _person()
    if not form.validate() or not _is_acceptable(form, person):
        return _page("accounts/password.html", 422, form=form)
    new_hash = identity.hash_password(form.password.data or "")
    with db.transaction() as session:
        services.set_password_hash(session, user_id=person.id, password_hash=new_hash)
        renewed = queries.person_by_id(session, person.id)
    if renewed is not None:
        identity.sign_in(renewed, how="password")
    flash("Your password is set. Every other session of your account has ended.")
    return make_response(redirect("/"))


@blueprint.post("/sign-out")
@requires("account.own")
def sign_out() -> Response:
    """End the session here and on the server."""
    identity.sign_out()
    answer = make_response(redirect(url_for("accounts.sign_in")))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@blueprint.post("/appearance")
@public
def appearance() -> Response:
    """Keep in a cookie how the pages look to this browser."""
    answer = make_response(redirect(safe_next(request.form.get("next"))))
    for name, allowed in (("theme", THEMES), ("density", DENSITIES)):
        chosen = request.form.get(name)
        if chosen in allowed:
            answer.set_cookie(
                name,
                chosen,
                max_age=YEAR_IN_SECONDS,
                secure=current_app.config["SETTINGS"].secure_cookies,
                httponly=True,
                samesite="Lax",
            )
    return answer


def _let_in(person: Person, network: str, target: str) -> Response:
    with db.transaction() as session:
        services.note_sign_in(session, person=person, network=network)
    identity.sign_in(person, how="password")
    return make_response(redirect(target))


def _too_many(form: SignInForm, error: tries.TooManyTries) -> Response:
    form.password.data = ""
    form.form_errors.append(error.message)
    answer = _page("accounts/sign_in.html", 429, form=form)
    answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _person() -> Person:
    with db.reading() as session:
        person = queries.person_by_id(session, current_actor().id)
    if person is None:
        raise NotFound("E-AUT-14", "There is no such account.")
    return person


def _password_form(**options: None) -> PasswordForm:
    kind = PasswordForm if current_actor().must_set_password else ChangePasswordForm
    return kind(**options)


def _is_acceptable(form: PasswordForm, person: Person) -> bool:
    """Check what needs the account: the present password and how easy the new one is."""
    if isinstance(form, ChangePasswordForm) and not identity.is_right_password(
        person, form.present.data or ""
    ):
        form.present.errors = ["This is not your present password."]
        return False
    house = current_app.config["SETTINGS"].house_name
    problem = values.password_problem(
        form.password.data or "", email=person.email, house_name=house
    )
    if problem is not None:
        form.password.errors = [problem]
    return problem is None


def _page(template: str, status: int, *, form: object) -> Response:
    return make_response(render_template(template, form=form), status)
