"""The pages of alert rules: all in force, one with its versions, add, change, preview, mute."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.errors import AppError, Conflict, Forbidden, InvalidInput, NotFound
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.facts.deliveries import queries as deliveries
from app.facts.suppliers import directory
from app.facts.suppliers import queries as suppliers
from app.judgement.alerts import evaluation, presets, previewing, queries, services, wording
from app.judgement.alerts.blueprint import RULES, VIEW, blueprint
from app.judgement.alerts.catalogue import Cadence
from app.judgement.alerts.forms import MuteForm, ReasonForm, RuleForm
from app.judgement.alerts.models import AlertRule
from app.judgement.alerts.previewing import Preview
from app.judgement.alerts.queries import AlertQuery
from app.judgement.alerts.services import Draft
from app.judgement.alerts.subjects import subject_of
from app.platform.audit.services import ReasonNeeded

Act = Callable[[Session], None]
PREVIEW = "preview"
REFUSALS = (Conflict, Forbidden, InvalidInput, NotFound)
# Further ahead a straight line says nothing.
LOOK_AHEAD_WEEKS = 26


@blueprint.get("/rules")
@requires(VIEW)
def rules() -> Response:
    """List the rules in force."""
    with db.reading() as session:
        found = queries.rules_in_force(session)
        names = _names(session, found)
        standing: dict[str, int] = {}
        for row in queries.open_alerts(session):
            standing[row.alert.rule_key] = standing.get(row.alert.rule_key, 0) + 1
    taken = {rule.key for rule in found}
    waiting = [each for each in presets.known() if each.key not in taken]
    page = render_template(
        "alerts/rules.html", rules=found, standing=standing, names=names, words=wording,
        presets=waiting, today=clock.today(),
    )  # fmt: skip
    return make_response(page)


@blueprint.post("/rules/presets")
@requires(RULES)
def take_presets() -> Response:
    """Take in the presets that are not there yet."""
    with db.transaction() as session:
        count = services.take_presets(session)
    told = formatting.count(count, "rule")
    flash(f"{told} taken in. The next evaluation judges them." if count else "All are there.")
    return make_response(redirect(url_for("alerts.rules"), 303))


@blueprint.get("/rules/new")
@requires(RULES)
def new_rule() -> Response:
    """Ask for a rule."""
    form = RuleForm(formdata=None)
    form.begin()
    return _form_page(form, None)


@blueprint.post("/rules/new")
@requires(RULES)
def add_rule() -> Response:
    """Add a rule, or show what it would have raised."""
    return _written(None)


@blueprint.get("/rules/<uuid:public_id>")
@requires(VIEW)
def rule(public_id: UUID) -> Response:
    """Show one version of a rule, what it raised, and who is heading there."""
    return _show_page(public_id)


@blueprint.get("/rules/<uuid:public_id>/version")
@requires(RULES)
def version_rule(public_id: UUID) -> Response:
    """Ask for what another version says."""
    form = RuleForm(formdata=None)
    with db.reading() as session:
        found = queries.rule_by_public_id(session, public_id)
        form.show(found, _number(session, found.supplier_id))
    return _form_page(form, public_id, seen=found.version)


@blueprint.post("/rules/<uuid:public_id>/version")
@requires(RULES)
def follow_rule(public_id: UUID) -> Response:
    """Let another version take its place, or show what it would have raised."""
    return _written(public_id)


@blueprint.post("/rules/<uuid:public_id>/mute")
@requires(RULES)
def mute(public_id: UUID) -> Response:
    """Let a rule tell nobody until a day."""
    form = MuteForm()

    def act(session: Session) -> None:
        services.mute(session, public_id, until=form.last_day, reason=form.reason.data or "")

    return _done(public_id, form, act, "Muted. It goes on being judged, and tells nobody.")


@blueprint.post("/rules/<uuid:public_id>/unmute")
@requires(RULES)
def unmute(public_id: UUID) -> Response:
    """Let a rule tell again."""
    return _done(
        public_id, None, lambda session: services.unmute(session, public_id), "It tells again."
    )


@blueprint.post("/rules/<uuid:public_id>/retire")
@requires(RULES)
def retire(public_id: UUID) -> Response:
    """Take a rule out of force."""
    form = ReasonForm()

    def act(session: Session) -> None:
        services.retire(session, public_id, reason=form.reason.data or "")

    return _done(public_id, form, act, "Retired. What it raised is cleared and stays readable.")


@blueprint.get("/usefulness")
@requires(VIEW)
def usefulness() -> Response:
    """Show of each rule how people judged its alerts, and what another threshold would spare."""
    with db.reading() as session:
        found = queries.uses(session)
    page = render_template("alerts/usefulness.html", uses=found, words=wording)
    return make_response(page)


def _written(public_id: UUID | None) -> Response:
    form, seen = RuleForm(), request.form.get("seen", "")
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
    _offer(form)
    if not form.validate():
        return _form_page(form, public_id, seen=version, status=422)
    try:
        if request.form.get("do") == PREVIEW:
            return _form_page(form, public_id, seen=version, preview=_previewed(form))
        with db.transaction() as session:
            draft, reason = _draft(session, form), form.reason.data or ""
            if public_id is None:
                made = services.add(session, draft, reason=reason)
            else:
                made = services.follow(session, public_id, draft, reason=reason, seen=version)
    except ReasonNeeded as error:
        form.reason.errors = [error.message]
        return _form_page(form, public_id, seen=version, status=422)
    except REFUSALS as error:
        form.form_errors.append(error.message)
        return _form_page(form, public_id, seen=version, status=_status(error))
    flash(f"{made.name} v{made.version} is in force. The next evaluation judges it.")
    return make_response(redirect(url_for("alerts.rule", public_id=made.public_id), 303))


def _status(error: AppError) -> int:
    # A supplier that was typed and is not there is wrong input, not a missing page.
    return 422 if error.code == "E-SUP-01" else STATUS_OF_KIND[error.kind]


def _draft(session: Session, form: RuleForm) -> Draft:
    number = form.supplier.data
    return form.draft(suppliers.find_supplier(session, number).id if number else None)


def _previewed(form: RuleForm) -> tuple[Preview, dict[int, tuple[UUID, str]]]:
    with db.reading() as session:
        latest = deliveries.latest_fact_on(session) or clock.today()
        draft = _draft(session, form)
    found = previewing.previewed(draft, min(latest, clock.today()))
    with db.reading() as session:
        names = queries.supplier_names(session, [each[0] for each in found.raised])
    return found, dict(names)


def _done(public_id: UUID, form: FlaskForm | None, act: Act, told: str) -> Response:
    if form is not None and not form.validate():
        return _show_page(public_id, form=form, status=422)
    try:
        with db.transaction() as session:
            act(session)
    except ReasonNeeded as error:
        if form is not None:
            form["reason"].errors = [error.message]
        return _show_page(public_id, form=form, status=422)
    except (Conflict, InvalidInput) as error:
        if form is not None:
            form.form_errors.append(error.message)
        return _show_page(public_id, form=form, status=STATUS_OF_KIND[error.kind])
    flash(told)
    return make_response(redirect(url_for("alerts.rule", public_id=public_id), 303))


def _show_page(public_id: UUID, *, form: FlaskForm | None = None, status: int = 200) -> Response:
    with db.reading() as session:
        found = queries.rule_by_public_id(session, public_id)
        versions = queries.versions_of(session, found.key)
        recent = queries.alert_rows(
            session, AlertQuery(rules=[found.key]), sort="raised", limit=services.MOST_SHOWN
        )
        heading = _heading(session, found)
        names = _names(session, [found])
    page = render_template(
        "alerts/rule.html",
        rule=found,
        versions=versions,
        rows=recent,
        heading=heading,
        names=names,
        words=wording,
        today=clock.today(),
        mute=form if isinstance(form, MuteForm) else MuteForm(formdata=None),
        retire=form if isinstance(form, ReasonForm) else ReasonForm(formdata=None),
        form=form,
    )
    return make_response(page, status)


def _heading(session: Session, found: AlertRule) -> list[tuple[UUID, str, str]]:
    """Return who has not got there yet, and will by its significant trend, the next ones first."""
    subject, limits = subject_of(found.subject), queries.limits_of(found)
    if subject is None or subject.series is None or found.retired_at is not None:
        return []
    if subject.floor_of or subject.cadence is not Cadence.MONTH:
        return []
    latest = deliveries.latest_fact_on(session) or clock.today()
    only = queries.in_scope(session, queries.scope_of(found))
    courses = subject.series(session, min(latest, clock.today()))
    soon = {
        key: told
        for key, course in courses.items()
        if (only is None or key in only)
        and (told := evaluation.weeks_to(
            course, limits.threshold, low_is_bad=limits.operator.is_low_bad)) is not None
        and (told["weeks"] or 0) <= LOOK_AHEAD_WEEKS
    }  # fmt: skip
    names = queries.supplier_names(session, soon)
    order = sorted(soon, key=lambda key: soon[key]["weeks"] or 0)
    return [(*names[key], wording.soon_words(soon[key])) for key in order if key in names]


def _form_page(
    form: RuleForm,
    public_id: UUID | None,
    *,
    seen: int = 0,
    preview: tuple[Preview, dict[int, tuple[UUID, str]]] | None = None,
    status: int = 200,
) -> Response:
    _offer(form)
    page = render_template(
        "alerts/rule_form.html", form=form, public_id=public_id, seen=seen, preview=preview,
    )  # fmt: skip
    return make_response(page, status)


def _offer(form: RuleForm) -> None:
    with db.reading() as session:
        segments = set(suppliers.segments(session).values())
        form.offer(directory.category_names(session), segments)


def _names(session: Session, found: list[AlertRule]) -> dict[str, str]:
    """Return by version of whom it speaks, in words."""
    categories = directory.category_names(session)
    own = {rule.supplier_id for rule in found if rule.supplier_id is not None}
    named = {key: name for key, (_, name) in queries.supplier_names(session, own).items()}
    return {str(rule.public_id): wording.scope_words(rule, categories, named) for rule in found}


def _number(session: Session, supplier_id: int | None) -> str:
    return "" if supplier_id is None else suppliers.head_of(session, supplier_id).number
