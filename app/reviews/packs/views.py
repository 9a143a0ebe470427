"""Packs: the list, the buttons that have one made, and the download."""

from __future__ import annotations

from uuid import UUID

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    render_template,
    request,
    send_file,
)

from app.base import db, scope
from app.base.errors import InvalidInput, NotFound
from app.base.web.access import current_actor, requires
from app.base.web.rendering import address
from app.facts.suppliers import queries as suppliers
from app.platform.jobs.views import start
from app.reviews.packs import queries
from app.reviews.packs.printing import JOB

blueprint = Blueprint("packs", __name__, url_prefix="/packs")

KIND_WORDS = {
    "qbr": "review pack",
    "qbr_annex": "review pack with annex",
    "scorecard": "printed scorecard",
}
SHOWN = 100
DEFAULT_PERIOD = "12m"
LONGEST_PERIOD = 12


@blueprint.get("/")
@requires("packs.view")
def index() -> str:
    """List the packs made last."""
    with db.reading() as session:
        packs = list(queries.newest_packs(session, limit=SHOWN))
        named = suppliers.suppliers_by_id(session, [pack.supplier_id for pack in packs])
    return render_template("packs/index.html", packs=packs, suppliers=named, kind_words=KIND_WORDS)


@blueprint.post("/prepare")
@requires("packs.prepare")
def prepare() -> Response:
    """Have a pack of one supplier made; leads to the run, which leads to the file."""
    kind = request.form.get("kind", "")
    if kind not in KIND_WORDS:
        raise InvalidInput("E-PCK-02", f"Choose one of: {', '.join(KIND_WORDS)}.")
    period = request.form.get("period", DEFAULT_PERIOD)[:LONGEST_PERIOD]
    try:
        public_id = UUID(request.form.get("supplier", ""))
    except ValueError:
        raise NotFound("E-SUP-01", "There is no such supplier.") from None
    with db.reading() as session:
        supplier = suppliers.supplier_by_public_id(session, public_id)
        # Looked at again by the job: what somebody reaches may change while it waits.
        scope.require_writable(session, "supplier", supplier.id)
    return start(
        JOB,
        scope_key=f"{supplier.name}, {KIND_WORDS[kind]}, {period}"[:200],
        arguments={
            "supplier_ids": [supplier.id],
            "kind": kind,
            "period": period,
            "by": current_actor().name,
            "asked_by": current_actor().id,
        },
        back=address("overview.supplier_packs", {"public_id": public_id}),
    )


@blueprint.get("/<uuid:public_id>/file")
@requires("packs.view")
def download(public_id: UUID) -> Response:
    """Send the stored file of a pack."""
    from app.reviews.packs.services import stored_path

    with db.reading() as session:
        pack = queries.pack_by_public_id(session, public_id)
    path = stored_path(current_app.config["SETTINGS"].files, public_id)
    if not path.exists():
        raise NotFound("E-PCK-03", "The file is gone from the store. Prepare the pack again.")
    answer = make_response(
        send_file(
            path,
            mimetype="application/pdf",
            as_attachment="inline" not in request.args,
            download_name=pack.file_name,
            max_age=0,
        )
    )
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; frame-ancestors 'none'"
    )
    return answer
