"""The page of service tokens: made, shown once, taken back. And what a program asks of itself."""

from __future__ import annotations

from datetime import UTC, datetime, time
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    url_for,
)

from app.base import clock, db
from app.base.errors import AppError, NotFound
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.platform.accounts import grant_queries, tokens
from app.platform.accounts.gate import Program
from app.platform.accounts.people_forms import ReasonForm, TokenForm
from app.platform.accounts.proof import proven

blueprint = Blueprint("tokens", __name__, url_prefix="/tokens")

MANAGE = "tokens.manage"

SCOPE_WORDS = {
    "imports.publish": "Send files and publish them",
    "imports.view": "Read what became of imports",
    "jobs.view": "Read how jobs stand",
    "packs.view": "Fetch printed packs",
    "standings.ask": "Ask whether one may order from a supplier",
    "suppliers.view": "Read suppliers, scorecards and risk indexes",
}


@blueprint.get("/")
@requires(MANAGE)
def index() -> str:
    """List the tokens and offer to make one."""
    return _page(_filled(TokenForm(formdata=None)))


@blueprint.post("/")
@requires(MANAGE)
@proven(back="tokens.index")
def make() -> Response:
    """Make a token and show it, once: on the answer itself, in no address and no session."""
    form = _filled(TokenForm())
    if not form.validate():
        return make_response(_page(form), 422)
    last_day = form.expires_on.data or clock.today()
    ends = datetime.combine(last_day, time(23, 59, 59), tzinfo=UTC)
    try:
        with db.transaction() as session:
            token = tokens.make(
                session, name=form.name.data or "", scopes=form.scopes.data or [], expires_at=ends
            )
    except AppError as error:
        form.form_errors.append(error.message)
        return make_response(_page(form), STATUS_OF_KIND[error.kind])
    return make_response(_page(_filled(TokenForm(formdata=None)), token=token))


@blueprint.post("/<uuid:public_id>/revoke")
@requires(MANAGE)
@proven(back="tokens.index")
def revoke(public_id: UUID) -> Response:
    """Take a token back."""
    with db.transaction() as session:
        tokens.revoke(session, public_id=public_id, reason=ReasonForm().reason.data or "")
    flash("The token is dead.")
    return make_response(redirect(url_for("tokens.index"), 303))


@blueprint.get("/self")
@requires("tokens.self")
def whoami() -> Response:
    """Tell a program which token it holds: its name, its scopes, its end."""
    if not isinstance(g.actor, Program):
        raise NotFound("E-TOK-04", "There is no such token.")
    token = g.actor.token
    return jsonify(
        name=token.name, scopes=list(token.scopes), expires_at=token.expires_at.isoformat()
    )


def _filled(form: TokenForm) -> TokenForm:
    form.scopes.choices = [
        (scope, SCOPE_WORDS.get(scope, scope)) for scope in tokens.scopes_offered()
    ]
    return form


def _page(form: TokenForm, *, token: str = "") -> str:
    with db.reading() as session:
        found = grant_queries.tokens(session)
    return render_template(
        "people/tokens.html",
        form=form,
        tokens=found,
        at=clock.now(),
        token=token,
        reason_form=ReasonForm(formdata=None),
    )
