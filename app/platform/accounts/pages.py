"""What the pages of accounts share: a form's page, a refusal on it, the person behind it."""

from __future__ import annotations

from flask import Response, current_app, make_response, render_template

from app.base import db
from app.base.errors import AppError, NotFound
from app.base.web.access import current_actor
from app.base.web.errors import STATUS_OF_KIND
from app.platform.accounts import checks, queries, sso, tries, values
from app.platform.accounts.forms import PasswordForm
from app.platform.accounts.queries import Person
from config import Settings


def page(template: str, status: int = 200, **shown: object) -> Response:
    """Return a page of the accounts' templates."""
    return make_response(render_template(f"accounts/{template}.html", **shown), status)


def refused(template: str, error: AppError, **shown: object) -> Response:
    """Return a form's page again with what was refused; says when to try again."""
    form = shown["form"]
    form.form_errors.append(error.message)  # type: ignore[attr-defined] # any of our forms
    answer = page(template, STATUS_OF_KIND.get(error.kind, 400), **shown)
    if isinstance(error, tries.TooManyTries):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def settings() -> Settings:
    """Return the settings of this installation."""
    kept: Settings = current_app.config["SETTINGS"]
    return kept


def myself() -> Person:
    """Return the account of who is signed in, as it is now."""
    with db.reading() as session:
        person = queries.person_by_id(session, current_actor().id)
    if person is None:
        raise NotFound("E-AUT-14", "There is no such account.")
    return person


def sign_in_ways() -> dict[str, object]:
    """Return which ways to sign in the page offers beside address and password."""
    provider = settings().sso
    offers_sso = provider is not None and sso.is_installed()
    return {
        "can_have_passkeys": checks.site().can_have_passkeys,
        "sso_label": provider.label if provider is not None and offers_sso else None,
    }


def is_good_password(form: PasswordForm, person: Person) -> bool:
    """Tell whether a new password may be taken; what is wrong stands at its field."""
    problem = values.password_problem(
        form.password.data or "", email=person.email, house_name=settings().house_name
    )
    if problem is not None:
        form.password.errors = [problem]
    return problem is None
