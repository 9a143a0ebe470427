"""The pages of custom measures: all versions, one, add, change, preview, retire."""

from __future__ import annotations

from uuid import UUID

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from app.base import clock, db
from app.base.errors import AppError, Conflict, InvalidInput, NotFound
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.calc.measure import Measure
from app.calc.periods import parse_period
from app.facts.deliveries import queries as deliveries
from app.facts.suppliers import queries as suppliers
from app.judgement.scorecards.custom import queries, services
from app.judgement.scorecards.custom.catalogue import CATALOGUE, values_of
from app.judgement.scorecards.custom.forms import MeasureForm, RetireForm
from app.judgement.scorecards.custom.models import CustomMeasure
from app.platform.audit.services import ReasonNeeded

blueprint = Blueprint("custom", __name__, url_prefix="/custom-measures")

VIEW, EDIT = "measures.view", "measures.edit"
PREVIEW = "preview"
WINDOW = "12m"


@blueprint.get("/")
@requires(VIEW)
def index() -> str:
    """List every version of every custom measure."""
    with db.reading() as session:
        found = queries.every_version(session)
    return render_template("custom/index.html", versions=found, words=_words)


@blueprint.get("/new")
@requires(EDIT)
def new() -> Response:
    """Ask for a measure."""
    return _form_page(MeasureForm(formdata=None), None)


@blueprint.post("/new")
@requires(EDIT)
def add() -> Response:
    """Add a measure, or show what it would say of a supplier."""
    return _written(None)


@blueprint.get("/<uuid:public_id>")
@requires(VIEW)
def show(public_id: UUID) -> Response:
    """Show one version in words."""
    return _show_page(public_id, RetireForm(formdata=None))


@blueprint.get("/<uuid:public_id>/version")
@requires(EDIT)
def version(public_id: UUID) -> Response:
    """Ask for what another version says."""
    form = MeasureForm(formdata=None)
    with db.reading() as session:
        form.show(queries.version_by_public_id(session, public_id))
    return _form_page(form, public_id)


@blueprint.post("/<uuid:public_id>/version")
@requires(EDIT)
def follow(public_id: UUID) -> Response:
    """Let another version take its place, or show what it would say of a supplier."""
    return _written(public_id)


@blueprint.post("/<uuid:public_id>/retire")
@requires(EDIT)
def retire(public_id: UUID) -> Response:
    """Take a measure off all pages."""
    form = RetireForm()
    try:
        with db.transaction() as session:
            services.retire(session, public_id, reason=form.reason.data or "")
    except ReasonNeeded as error:
        form.reason.errors = [error.message]
        return _show_page(public_id, form, 422)
    except Conflict as error:
        form.form_errors.append(error.message)
        return _show_page(public_id, form, STATUS_OF_KIND[error.kind])
    flash("Retired. It stays readable here and shows nowhere else.")
    return make_response(redirect(url_for("custom.index"), 303))


def _written(public_id: UUID | None) -> Response:
    form = MeasureForm()
    if not form.validate():
        return _form_page(form, public_id, status=422)
    try:
        if request.form.get("do") == PREVIEW:
            return _form_page(form, public_id, preview=_previewed(form))
        with db.transaction() as session:
            reason = form.reason.data or ""
            if public_id is None:
                found = services.add(session, form.draft(), reason=reason)
            else:
                found = services.follow(session, public_id, form.draft(), reason=reason)
    except ReasonNeeded as error:
        form.reason.errors = [error.message]
        return _form_page(form, public_id, status=422)
    except (Conflict, InvalidInput, NotFound) as error:
        form.form_errors.append(error.message)
        return _form_page(form, public_id, status=_status(error))
    flash(f"{found.label} v{found.version} shows on every supplier’s page “Measures”.")
    return make_response(redirect(url_for("custom.show", public_id=found.public_id), 303))


def _status(error: AppError) -> int:
    # A supplier that was typed and is not there is wrong input, not a missing page.
    return 422 if isinstance(error, NotFound) else STATUS_OF_KIND[error.kind]


def _previewed(form: MeasureForm) -> tuple[str, str, Measure]:
    """Return of which supplier, in which unit, and what the measure says; stores nothing."""
    checked = services.check(form.draft().definition)
    if not form.supplier.data:
        raise InvalidInput("E-CUS-06", "Name a supplier by its number to see a preview.")
    with db.reading() as session:
        found = suppliers.find_supplier(session, form.supplier.data)
        latest = deliveries.latest_fact_on(session) or clock.today()
        period = parse_period(WINDOW, as_of=min(latest, clock.today()))
        figures = queries.figures(session, [checked], period, supplier_ids=[found.id])
    return found.name, checked.unit, figures[found.id][0]


def _words(stored: CustomMeasure) -> str:
    return queries.definition_words(queries.definition_of(stored.key, stored.definition))


def _show_page(public_id: UUID, form: RetireForm, status: int = 200) -> Response:
    with db.reading() as session:
        found = queries.version_by_public_id(session, public_id)
        others = [each for each in queries.every_version(session) if each.key == found.key]
    page = render_template("custom/show.html", found=found, others=others, words=_words, form=form)
    return make_response(page, status)


def _form_page(
    form: MeasureForm,
    public_id: UUID | None,
    *,
    preview: tuple[str, str, Measure] | None = None,
    status: int = 200,
) -> Response:
    page = render_template(
        "custom/form.html",
        form=form,
        public_id=public_id,
        preview=preview,
        value_words=queries.value_words,
        interval_words=queries.interval_words,
        catalogue=[(name, each, values_of(name)) for name, each in CATALOGUE.items()],
    )
    return make_response(page, status)
