"""Sessions: somebody's own, to look at and to end; an administrator ends another's."""

from __future__ import annotations

import uuid

from flask import Response, flash, make_response, redirect, request, url_for

from app.base import clock, db
from app.base.errors import NotFound
from app.base.formatting import count
from app.base.web.access import current_actor, requires
from app.base.web.paths import safe_next
from app.platform.accounts import (
    factors,
    identity,
    letters,
    noting,
    queries,
    services,
    sessions,
    values,
)
from app.platform.accounts.blueprint import blueprint
from app.platform.accounts.pages import myself, page
from app.platform.accounts.proof import proven
from app.platform.accounts.queries import Person
from app.platform.audit.security import Kind


@blueprint.get("/account/sessions", endpoint="sessions")
@requires("account.own")
def show_sessions() -> Response:
    """List where the account is signed in."""
    token = identity.session_token()
    with db.reading() as session:
        found = queries.open_sessions(
            session,
            current_actor().id,
            this_hash=None if token is None else values.hashed(token),
            at=clock.now(),
        )
    person = myself()
    idle = int(sessions.idle_limit(person).total_seconds()) // 60
    return page("sessions", sessions=found, person=person, idle_minutes=idle)


@blueprint.post("/account/sessions/<uuid:public_id>/end")
@requires("account.own")
def end_session(public_id: uuid.UUID) -> Response:
    """End one session; ending the present one signs out."""
    with db.transaction() as session:
        sessions.end_session(session, user_id=current_actor().id, public_id=public_id)
    noting.note(Kind.SESSION_ENDED)
    flash("The session has ended.")
    return make_response(redirect(url_for("accounts.sessions"), 303))


@blueprint.post("/account/sessions/end-others")
@requires("account.own")
def end_other_sessions() -> Response:
    """End every session but the present one."""
    with db.transaction() as session:
        ended = sessions.end_sessions(
            session, user_id=current_actor().id, but=identity.session_token()
        )
    noting.note(Kind.SESSION_ENDED)
    flash(f"{count(ended, 'other session')} ended.")
    return make_response(redirect(url_for("accounts.sessions"), 303))


@blueprint.post("/people/<uuid:public_id>/sessions/end")
@requires("people.manage")
def end_sessions_of(public_id: uuid.UUID) -> Response:
    """End every session of somebody."""
    person = _somebody(public_id)
    with db.transaction() as session:
        ended = sessions.end_sessions(session, user_id=person.id)
    noting.note(Kind.SESSION_ENDED, person, by=current_actor().name)
    flash(f"{count(ended, 'session')} of {person.name} ended.")
    return make_response(redirect(safe_next(request.form.get("next")), 303))


@blueprint.post("/people/<uuid:public_id>/factors/reset")
@requires("people.manage")
@proven(back="accounts.confirm")
def reset_factors_of(public_id: uuid.UUID) -> Response:
    """Forget somebody's second factors, because they have lost them; their sessions end."""
    person = _somebody(public_id)
    with db.transaction() as session:
        factors.remove_all(session, user_id=person.id)
        services.void_secrets(session, user_id=person.id)
        sessions.end_sessions(session, user_id=person.id)
        sessions.forget_devices(session, user_id=person.id)
        by = current_actor().name
        letters.tell_of_change(
            session, person=person, what=f"{by} removed all second factors of it."
        )
    noting.note(Kind.FACTOR_REMOVED, person, what="all", by=by)
    flash(f"{person.name} has no second factor now; every session ended.")
    return make_response(redirect(safe_next(request.form.get("next")), 303))


def _somebody(public_id: uuid.UUID) -> Person:
    with db.reading() as session:
        person = queries.person_by_public_id(session, public_id)
    if person is None:
        raise NotFound("E-AUT-14", "There is no such account.")
    return person
