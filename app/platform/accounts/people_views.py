"""The people pages: who has an account, what they hold and why, given and taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import AppError, Forbidden, NotFound
from app.base.web.access import current_actor, requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.rendering import address
from app.platform.accounts import (
    grant_queries,
    grants,
    letters,
    people,
    queries,
    second_look,
    services,
)
from app.platform.accounts.grant_models import Role
from app.platform.accounts.grants import Scope
from app.platform.accounts.matrix import For, matrix
from app.platform.accounts.models import SecretPurpose
from app.platform.accounts.people_forms import NOBODY, InviteForm, ReasonForm, RoleForm
from app.platform.accounts.proof import proven
from app.platform.accounts.queries import Person

blueprint = Blueprint("people", __name__, url_prefix="/people")

MANAGE = "people.manage"


@blueprint.get("/")
@requires(MANAGE)
def index() -> str:
    """List the accounts with the roles they hold."""
    with db.reading() as session:
        everybody = queries.people(session)
        held = grant_queries.held_by_all(session)
        lone = len(grant_queries.holders_of(session, Role.ADMINISTRATOR)) < 2
    roles = {
        person.id: grants.titles({each.role for each in held.get(person.id, ())})
        for person in everybody
    }
    return render_template("people/index.html", people=everybody, roles=roles, is_lone=lone)


@blueprint.get("/new")
@requires(MANAGE)
def new() -> str:
    """Ask for somebody to invite."""
    return render_template("people/new.html", **_asked(_filled(InviteForm(formdata=None))))


@blueprint.post("/new")
@requires(MANAGE)
@proven(back="people.new")
def invite() -> Response:
    """Add an account with its first role and send the link that lets it in."""
    form = _filled(InviteForm())
    if not form.validate():
        return make_response(render_template("people/new.html", **_asked(form)), 422)
    role, link = Role(form.role.data), ""
    try:
        with db.transaction() as session:
            scope = _scope(session, form)
            user = people.add(
                session, email=form.email.data or "", name=form.name.data or "", role=role,
                reason=form.reason.data or "", scope=scope,
            )  # fmt: skip
            waits_at = _asked_for(session, user.id, role, scope, form)
            person = queries.person_by_id(session, user.id)
            if person is not None:
                link = _let_in(session, person)
            public_id = user.public_id
    except AppError as error:
        return _refused("people/new.html", form, error, **_asked(form))
    flash(_told(waits_at, "The account is made."))
    return _shown(public_id, link)


@blueprint.get("/<uuid:public_id>")
@requires(MANAGE)
def show(public_id: UUID) -> str:
    """Show one account: what it holds, what it ever held, why and by whom."""
    return _page(public_id, _filled(RoleForm(formdata=None)))


@blueprint.post("/<uuid:public_id>/roles")
@requires(MANAGE)
@proven(back="people.index")
def give_role(public_id: UUID) -> Response:
    """Give a role; an administrator's or approver's waits for another administrator."""
    form = _filled(RoleForm())
    if not form.validate():
        return make_response(_page(public_id, form), 422)
    try:
        with db.transaction() as session:
            person = _person(session, public_id)
            role, scope = Role(form.role.data), _scope(session, form)
            waits_at = _asked_for(session, person.id, role, scope, form)
            if waits_at is None:
                grants.grant(
                    session, user_id=person.id, role=role, reason=form.reason.data or "",
                    scope=scope, from_on=form.from_on.data, until_on=form.until_on.data,
                )  # fmt: skip
    except Forbidden:
        raise
    except AppError as error:
        form.form_errors.append(error.message)
        return make_response(_page(public_id, form), STATUS_OF_KIND[error.kind])
    flash(_told(waits_at, "The role is given."))
    return _see(public_id)


@blueprint.post("/<uuid:public_id>/roles/<uuid:grant_id>/revoke")
@requires(MANAGE)
@proven(back="people.index")
def revoke_role(public_id: UUID, grant_id: UUID) -> Response:
    """Take a role back; it works with the next request."""
    form = ReasonForm()
    with db.transaction() as session:
        person = _person(session, public_id)
        found = grant_queries.grant_by_public_id(session, grant_id)
        if found.user_id != person.id:
            raise NotFound("E-ACC-03", "There is no such role.")
        grants.revoke(session, public_id=grant_id, reason=form.reason.data or "")
    flash("The role is taken back.")
    return _see(public_id)


@blueprint.post("/<uuid:public_id>/switch-off")
@requires(MANAGE)
@proven(back="people.index")
def switch_off(public_id: UUID) -> Response:
    """Switch an account off."""
    with db.transaction() as session:
        person = _person(session, public_id)
        people.switch_off(session, user_id=person.id, reason=ReasonForm().reason.data or "")
    flash(f"{person.name} is switched off; every session and link has ended.")
    return _see(public_id)


@blueprint.post("/<uuid:public_id>/switch-on")
@requires(MANAGE)
@proven(back="people.index")
def switch_on(public_id: UUID) -> Response:
    """Switch an account on again."""
    with db.transaction() as session:
        person = _person(session, public_id)
        people.switch_on(session, user_id=person.id, reason=ReasonForm().reason.data or "")
    flash(f"{person.name} may sign in again.")
    return _see(public_id)


@blueprint.post("/<uuid:public_id>/invite-again")
@requires(MANAGE)
@proven(back="people.index")
def invite_again(public_id: UUID) -> Response:
    """Send the link of the invitation anew; the one before is dead."""
    with db.transaction() as session:
        person = _person(session, public_id)
        if not person.must_set_password:
            raise NotFound("E-ACC-12", "The invitation was taken already.")
        link = _let_in(session, person)
    flash("A new invitation is made; the one before is dead.")
    return _shown(public_id, link)


def _person(session: Session, public_id: UUID) -> Person:
    person = queries.person_by_public_id(session, public_id)
    if person is None:
        raise NotFound("E-AUT-14", "There is no such account.")
    return person


def _page(public_id: UUID, form: RoleForm, *, link: str = "") -> str:
    with db.reading() as session:
        person = _person(session, public_id)
        given = grant_queries.grants_of(session, person.id)
        is_lone = len(grant_queries.holders_of(session, Role.ADMINISTRATOR)) < 2
    today = clock.today()
    return render_template(
        "people/show.html",
        person=person,
        present=[each for each in given if each.is_held(today)],
        coming=[each for each in given if each.revoked_at is None and each.from_on > today],
        over=[each for each in given if not each.is_held(today) and each.from_on <= today],
        is_self=person.id == current_actor().id,
        is_lone=is_lone,
        link=link,
        reason_form=ReasonForm(formdata=None),
        **_asked(form),
    )


def _asked(form: RoleForm) -> dict[str, object]:
    titles = {name: rules.title for name, rules in matrix().roles.items()}
    does = {name: rules.does for name, rules in matrix().roles.items()}
    return {"form": form, "titles": titles, "does": does}


def _filled(form: RoleForm) -> RoleForm:
    """Return a form with what it offers to choose from."""
    with db.reading() as session:
        categories, sites = grant_queries.categories(session), grant_queries.own_sites(session)
    form.role.choices = [
        (name, rules.title)
        for name, rules in matrix().roles.items()
        if rules.whose is not For.MACHINE
    ]
    form.category_id.choices = [(NOBODY, "All categories")] + [(c.id, c.name) for c in categories]
    form.site_id.choices = [(NOBODY, "All sites")] + [(s.id, s.name) for s in sites]
    return form


def _scope(session: Session, form: RoleForm) -> Scope:
    number = (form.supplier_no.data or "").strip()
    kinds = [kind.strip() for kind in (form.object_types.data or "").split(",") if kind.strip()]
    limit: Decimal | None = form.value_limit.data
    return Scope(
        category_id=form.category_id.data or None,
        site_id=form.site_id.data or None,
        supplier_id=grant_queries.supplier_numbered(session, number) if number else None,
        object_types=tuple(kinds) or None,
        value_limit=limit,
        limit_currency=form.limit_currency.data or None,
    )


def _asked_for(
    session: Session, user_id: int, role: Role, scope: Scope, form: RoleForm
) -> str | None:
    """Ask for a guarded role, and return where the request waits; None where nobody must agree."""
    if not grants.needs_agreement(session, role, user_id):
        return None
    grants.require_possible(session, user_id=user_id, role=role, scope=scope)
    until_on: date | None = form.until_on.data
    return second_look.taker()(
        session, user_id=user_id, role=role, reason=form.reason.data or "", scope=scope,
        from_on=form.from_on.data, until_on=until_on,
    )  # fmt: skip


def _let_in(session: Session, person: Person) -> str:
    """Send an invitation; return its link to be shown once where no mail can be sent."""
    settings = current_app.config["SETTINGS"]
    if settings.mail is not None:
        letters.invite(session, person=person, by=current_actor().name, house=settings.house_name)
        return ""
    secret = services.issue_secret(
        session, user_id=person.id, purpose=SecretPurpose.INVITATION, by=current_actor().name
    )
    return services.link_address(settings.base_url, SecretPurpose.INVITATION, secret)


def _told(waits_at: str | None, done: str) -> str:
    if waits_at is None:
        return done
    return f"{done} Another administrator must agree first: the request waits under Approvals."


def _shown(public_id: UUID, link: str) -> Response:
    """Show the account; a link that can't be mailed is shown on the answer itself, once."""
    if not link:
        return _see(public_id)
    return make_response(_page(public_id, _filled(RoleForm(formdata=None)), link=link))


def _see(public_id: UUID) -> Response:
    return make_response(redirect(address("people.show", {"public_id": public_id}), 303))


def _refused(template: str, form: RoleForm, error: AppError, **shown: object) -> Response:
    form.form_errors.append(error.message)
    return make_response(render_template(template, **shown), STATUS_OF_KIND[error.kind])
