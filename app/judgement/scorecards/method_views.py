"""Scoring methods: all versions, one version, and the steps from a draft to one in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import cast

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs

from app.base import clock, db
from app.base.errors import Conflict, Forbidden, InvalidInput
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.facts.suppliers import queries as suppliers
from app.judgement.scorecards import method_wording, services, values, versions
from app.judgement.scorecards.blueprint import blueprint
from app.judgement.scorecards.forms import DiscardForm, DraftForm, ProposalForm
from app.judgement.scorecards.manual import queries as manual
from app.judgement.scorecards.methods import CHOSEN_CAPS, DEFAULT_STANDINGS
from app.judgement.scorecards.queries import method_in_force
from app.judgement.scorecards.register import ENTRIES, Group, MeasureEntry
from app.judgement.scorecards.versions import Version
from app.judgement.snapshots.standings import STANDING_WORDS, Standing
from app.platform.audit.services import ReasonNeeded

REFUSALS = (Conflict, Forbidden, InvalidInput)
EVERYBODY = ""


@blueprint.get("/")
@requires("suppliers.view")
def index() -> Response:
    """List every version of every method."""
    return _index_page(_draft_form(formdata=None))


@blueprint.post("/")
@requires("methods.edit")
def create() -> Response:
    """Begin a draft."""
    form = _draft_form()
    if not form.validate():
        return _index_page(form, 422)
    try:
        with db.transaction() as session:
            key = services.new_draft(
                session,
                from_id=int(form.base.data) if form.base.data else None,
                segment=form.segment.data or None,
                name=form.name.data,
            )
    except REFUSALS as error:
        form.form_errors.append(error.message)
        return _index_page(form, STATUS_OF_KIND[error.kind])
    flash("A draft. Edit it, look at what it would change, then propose it.")
    return make_response(redirect(url_for("methods.edit", method_id=key), 303))


@blueprint.get("/<int:method_id>")
@requires("suppliers.view")
def show(method_id: int) -> Response:
    """Show one version: its formulas, where it stands, and the next step."""
    return _show_page(method_id)


@blueprint.get("/<int:method_id>/edit")
@requires("methods.edit")
def edit(method_id: int) -> Response:
    """Show a draft as a form."""
    found = _version(method_id)
    if not found.is_editable:
        return make_response(redirect(url_for("methods.show", method_id=method_id), 303))
    return _edit_page(found, values.typed_of(found.content), {}, found.revision)


@blueprint.post("/<int:method_id>/edit")
@requires("methods.edit")
def save(method_id: int) -> Response:
    """Store a draft; what is wrong is said beside its field, and nothing that was typed is lost."""
    found, typed = _version(method_id), request.form.to_dict()
    revision = _seen_revision()
    reading = values.read_method(typed, manual=_manual_entries(typed))
    if reading.content is None:
        return _edit_page(found, typed, reading.errors, revision, status=422)
    try:
        with db.transaction() as session:
            services.save_draft(session, method_id, content=reading.content, seen_revision=revision)
    except REFUSALS as error:
        status = STATUS_OF_KIND[error.kind]
        return _edit_page(found, typed, {}, revision, problem=error.message, status=status)
    flash("Saved. Nothing is scored by it before it is approved.")
    return make_response(redirect(url_for("methods.show", method_id=method_id), 303))


@blueprint.post("/<int:method_id>/propose")
@requires("methods.edit")
def propose(method_id: int) -> Response:
    """Submit a draft for approval."""
    return _stepped(
        method_id,
        ProposalForm(),
        lambda session, form: services.propose(
            session,
            method_id,
            valid_from=cast(date, form.day.data),
            reason=form.reason.data or "",
            seen_revision=_seen_revision(),
        ),
        done="Proposed. Another person decides; until then nothing changes.",
    )


@blueprint.post("/<int:method_id>/withdraw")
@requires("methods.edit")
def withdraw(method_id: int) -> Response:
    """Take back what one proposed."""
    try:
        with db.transaction() as session:
            services.withdraw(session, method_id)
    except REFUSALS as error:
        return _show_page(method_id, problem=error.message, status=STATUS_OF_KIND[error.kind])
    flash("Withdrawn. Nothing of it was approved.")
    return make_response(redirect(url_for("methods.show", method_id=method_id), 303))


@blueprint.post("/<int:method_id>/discard")
@requires("methods.edit")
def discard(method_id: int) -> Response:
    """Put a draft aside for good."""
    return _stepped(
        method_id,
        DiscardForm(),
        lambda session, form: services.discard(session, method_id, reason=form.reason.data or ""),
        done="Discarded. It stays in the list and is never used.",
    )


@blueprint.post("/<int:method_id>/end")
@requires("methods.edit")
def end(method_id: int) -> Response:
    """Submit that a segment's method ends."""
    return _stepped(
        method_id,
        ProposalForm(),
        lambda session, form: services.propose_end(
            session, method_id, valid_to=cast(date, form.day.data), reason=form.reason.data or ""
        ),
        done="Proposed. Another person decides; until then it stays in force.",
    )


Step = Callable[[Session, ProposalForm | DiscardForm], None]


def _stepped(
    method_id: int, form: ProposalForm | DiscardForm, step: Step, *, done: str
) -> Response:
    """Take a step with a version, or show the page again with what is wrong."""
    _version(method_id)
    if not form.validate():
        return _show_page(method_id, form=form, status=422)
    try:
        with db.transaction() as session:
            step(session, form)
    except ReasonNeeded as error:
        form.reason.errors = [error.message]
        return _show_page(method_id, form=form, status=422)
    except REFUSALS as error:
        form.form_errors.append(error.message)
        return _show_page(method_id, form=form, status=STATUS_OF_KIND[error.kind])
    flash(done)
    return make_response(redirect(url_for("methods.show", method_id=method_id), 303))


def _seen_revision() -> int:
    """Return which revision of a draft the form was made from, 0 where it does not say."""
    seen = request.form.get("revision", "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0


def _version(method_id: int) -> Version:
    with db.reading() as session:
        return versions.version(session, method_id, on=clock.today())


def _draft_form(**options: None) -> DraftForm:
    form = DraftForm(**options)
    with db.reading() as session:
        segments = sorted(set(suppliers.segments(session).values()))
        known = versions.versions(session, on=clock.today())
    form.segment.choices = [
        SelectChoice(EVERYBODY, "everybody without a method of their own"),
        *(SelectChoice(segment, f"segment “{segment}”") for segment in segments),
    ]
    form.base.choices = [
        SelectChoice(EVERYBODY, "the method in force"),
        *(SelectChoice(str(each.id), each.method.label) for each in known),
    ]
    return form


def _index_page(form: DraftForm, status: int = 200) -> Response:
    today = clock.today()
    with db.reading() as session:
        found = versions.versions(session, on=today)
        present = method_in_force(session, on=today)
    page = render_template(
        "methods/index.html",
        versions=found,
        present=present,
        form=form,
        whom=method_wording.whom,
        standing_words=STANDING_WORDS,
    )
    return make_response(page, status)


def _show_page(
    method_id: int,
    *,
    form: ProposalForm | DiscardForm | None = None,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    found = _version(method_id)
    proposal = form if isinstance(form, ProposalForm) else ProposalForm(formdata=None)
    discarding = form if isinstance(form, DiscardForm) else DiscardForm(formdata=None)
    if form is None:
        proposal.day.data = clock.today()
    page = render_template(
        "methods/show.html",
        version=found,
        method=found.method,
        formulas=method_wording.formulas(found.method),
        grades=method_wording.bands(found.method),
        caps=method_wording.caps(found.method),
        standings=method_wording.standings(found.method),
        whom=method_wording.whom(found.method.segment),
        standing_words=STANDING_WORDS,
        proposal=proposal,
        discarding=discarding,
        problem=problem,
        can_end=found.standing in (Standing.ACTIVE, Standing.COMING)
        and found.method.segment is not None
        and found.holds_to is None
        and not found.awaits,
    )
    return make_response(page, status)


def _edit_page(
    found: Version,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    revision: int,
    *,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    every = (*ENTRIES, *_manual_entries(typed))
    page = render_template(
        "methods/edit.html",
        version=found,
        typed=typed,
        errors=errors,
        revision=revision,
        problem=problem,
        groups=_groups(every, typed),
        unscored=[entry for entry in every if not _is_scored(entry, typed)],
        unit_words=values.unit_words,
        has_minimum=values.has_minimum,
        bands=[str(grade) for grade in values.EDGED],
        grades=[str(grade) for grade in DEFAULT_STANDINGS],
        standing_words=method_wording.STANDING_WORDS,
        caps=[(str(cap), method_wording.cap_words(cap)) for cap in CHOSEN_CAPS],
    )
    return make_response(page, status)


def _manual_entries(typed: Mapping[str, str]) -> tuple[MeasureEntry, ...]:
    """Return what is judged by hand; what is retired only where it has a weight already."""
    with db.reading() as session:
        return tuple(
            entry
            for entry, is_retired in manual.entries(session)
            if not is_retired or _is_scored(entry, typed)
        )


def _groups(
    every: Sequence[MeasureEntry], typed: Mapping[str, str]
) -> list[tuple[str, list[MeasureEntry]]]:
    """Return the measures that are scored, by category."""
    scored = [entry for entry in every if _is_scored(entry, typed)]
    groups = ((group, [each for each in scored if each.group is group]) for group in Group)
    return [(str(group), entries) for group, entries in groups if entries]


def _is_scored(entry: MeasureEntry, typed: Mapping[str, str]) -> bool:
    return typed.get(f"weight-{entry.id}", "").strip() not in ("", "0")
