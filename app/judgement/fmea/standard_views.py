"""The pages of scales and of the priority matrix: versions, drafts, what a draft would change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs

from app.base import db
from app.base.errors import AppError, NotFound
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.calc.fmea_matrix import SCALE, census, differences
from app.calc.fmea_scales import DIMENSIONS
from app.judgement.fmea import standard_forms, standard_services, standards, wording
from app.judgement.fmea.blueprint import REFUSALS, STANDARDS, VIEW, blueprint, seen_version
from app.judgement.fmea.forms import DraftForm, ReasonForm
from app.judgement.fmea.standard_models import Standard
from app.judgement.fmea.standards import MATRIX, StandardKind
from app.platform.approvals import queries as approvals
from app.platform.audit.services import ReasonNeeded

WHICH = "/<any(matrix, scales):which>"


@blueprint.get(f"{WHICH}/")
@requires(VIEW)
def standard(which: str) -> Response:
    """Show the version that holds, and every other one."""
    return _index_page(which, _draft_form(which, formdata=None))


@blueprint.post(f"{WHICH}/")
@requires(STANDARDS)
def draft(which: str) -> Response:
    """Begin a draft."""
    form = _draft_form(which)
    if not form.validate():
        return _index_page(which, form, 422)
    try:
        with db.transaction() as session:
            key = standard_services.new_draft(session, standards.KINDS[which], form.name.data)
    except REFUSALS as error:
        form.form_errors.append(error.message)
        return _index_page(which, form, STATUS_OF_KIND[error.kind])
    flash("A draft. Edit it, look at what it would change, then propose it.")
    return make_response(redirect(url_for("fmea.edit_standard", which=which, key=key), 303))


@blueprint.get(f"{WHICH}/<int:key>")
@requires(VIEW)
def version(which: str, key: int) -> Response:
    """Show one version, and how it differs from the one that holds."""
    return _version_page(which, key)


@blueprint.get(f"{WHICH}/<int:key>/edit")
@requires(STANDARDS)
def edit_standard(which: str, key: int) -> Response:
    """Show a draft as a form."""
    with db.reading() as session:
        row = _stored(session, which, key)
    if row.state != "draft":
        return make_response(redirect(url_for("fmea.version", which=which, key=key), 303))
    return _edit_page(which, row, standard_forms.typed_of(which, row.content), {}, row.revision)


@blueprint.post(f"{WHICH}/<int:key>/edit")
@requires(STANDARDS)
def save_standard(which: str, key: int) -> Response:
    """Store a draft."""
    typed = request.form.to_dict()
    with db.reading() as session:
        row = _stored(session, which, key)
    seen = seen_version("revision")
    content, errors = standard_forms.read(which, typed)
    if content is None:
        return _edit_page(which, row, typed, errors, seen, status=422)
    try:
        with db.transaction() as session:
            kind = standards.KINDS[which]
            standard_services.save_draft(session, kind, key, content=content, seen_revision=seen)
    except REFUSALS as error:
        return _edit_page(which, row, typed, {}, seen, problem=error)
    flash("Saved. Nothing is rated by it before it is approved.")
    return make_response(redirect(url_for("fmea.version", which=which, key=key), 303))


@blueprint.post(f"{WHICH}/<int:key>/propose")
@requires(STANDARDS)
def propose(which: str, key: int) -> Response:
    """Submit a draft for approval by somebody else."""
    form = ReasonForm()

    def act(session: Session, kind: StandardKind) -> None:
        standard_services.propose(
            session, kind, key, reason=form.reason.data or "", seen_revision=seen_version()
        )

    return _stepped(which, key, form, act, "Proposed. Another person decides.", "proposal")


@blueprint.post(f"{WHICH}/<int:key>/withdraw")
@requires(STANDARDS)
def withdraw_standard(which: str, key: int) -> Response:
    """Take back what one proposed."""
    return _stepped(
        which,
        key,
        ReasonForm(),
        lambda session, kind: standard_services.withdraw(session, kind, key),
        "Withdrawn. Nothing of it was approved.",
        "proposal",
    )


@blueprint.post(f"{WHICH}/<int:key>/discard")
@requires(STANDARDS)
def discard(which: str, key: int) -> Response:
    """Put a draft aside for good."""
    form = ReasonForm()

    def act(session: Session, kind: StandardKind) -> None:
        standard_services.discard(session, kind, key, reason=form.reason.data or "")

    return _stepped(which, key, form, act, "Discarded. It is never used.", "discarding")


def _stepped(
    which: str,
    key: int,
    form: ReasonForm,
    act: Callable[[Session, StandardKind], None],
    told: str,
    name: str,
) -> Response:
    if not form.validate():
        return _version_page(which, key, {name: form}, 422)
    try:
        with db.transaction() as session:
            _stored(session, which, key)
            act(session, standards.KINDS[which])
    except ReasonNeeded as error:
        form.reason.errors = [error.message]
        return _version_page(which, key, {name: form}, 422)
    except REFUSALS as error:
        form.form_errors.append(error.message)
        return _version_page(which, key, {name: form}, STATUS_OF_KIND[error.kind])
    flash(told)
    return make_response(redirect(url_for("fmea.version", which=which, key=key), 303))


def _stored(session: Session, which: str, key: int) -> Standard:
    if key >= 2**63:
        raise NotFound("E-FME-02", "There is no such version.")
    return standards.by_id(session, standards.KINDS[which], key)


def _draft_form(which: str, **options: None) -> DraftForm:
    form = DraftForm(**options)
    with db.reading() as session:
        names = standards.names(session, standards.KINDS[which])
    form.name.choices = [SelectChoice(name, name) for name in names]
    return form


def _shown(which: str, row: Standard) -> dict[str, Any]:  # Any: what a template takes
    """Return the content of a version as its table is drawn from it."""
    if standards.KINDS[which] is MATRIX:
        matrix = standards.matrix_of(row.content)
        return {"matrix": matrix, "census": census(matrix)}
    return {"meanings": standards.scales_of(row.content)}


def _index_page(which: str, form: DraftForm, status: int = 200) -> Response:
    with db.reading() as session:
        kind = standards.KINDS[which]
        found = standards.versions(session, kind)
        present = [standards.in_force(session, kind, n) for n in standards.names(session, kind)]
    page = render_template(
        f"fmea/{which}.html",
        which=which,
        kind=kind,
        versions=found,
        present=[(each, _shown(which, each)) for each in present],
        form=form,
        **_tables(),
    )
    return make_response(page, status)


def _version_page(
    which: str, key: int, forms: dict[str, ReasonForm] | None = None, status: int = 200
) -> Response:
    with db.reading() as session:
        kind = standards.KINDS[which]
        row = _stored(session, which, key)
        present = standards.in_force(session, kind, row.name)
        waiting = approvals.waiting_for(session, standard_services.about(kind, key))
    blank = {name: ReasonForm(formdata=None) for name in ("proposal", "discarding")}
    page = render_template(
        "fmea/version.html",
        which=which,
        kind=kind,
        row=row,
        present=present,
        shown=_shown(which, row),
        changes=_changes(which, present, row),
        waiting=waiting,
        **{**blank, **(forms or {})},
        **_tables(),
    )
    return make_response(page, status)


def _changes(which: str, before: Standard, after: Standard) -> list[tuple[str, str, str]]:
    """Return what differs from the version that holds: where, before, after."""
    if standards.KINDS[which] is MATRIX:
        found = differences(standards.matrix_of(before.content), standards.matrix_of(after.content))
        return [
            (
                f"S {each.severity}, O {'–'.join(map(str, dict.fromkeys(each.occurrence)))}, "
                f"D {'–'.join(map(str, dict.fromkeys(each.detection)))}",
                each.before,
                each.after,
            )
            for each in found
        ]
    old, new = (standards.scales_of(each.content) for each in (before, after))
    return [
        (f"{wording.DIMENSION_WORDS[name][0]} {rating}", old.of(name)[rating], text)
        for name in DIMENSIONS
        for rating, text in new.of(name).items()
        if old.of(name)[rating] != text
    ]


def _edit_page(
    which: str,
    row: Standard,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    revision: int,
    *,
    problem: AppError | None = None,
    status: int = 200,
) -> Response:
    page = render_template(
        f"fmea/{which}_edit.html",
        which=which,
        row=row,
        typed=typed,
        errors=errors,
        revision=revision,
        problem=None if problem is None else problem.message,
        **_tables(),
    )
    return make_response(page, status if problem is None else STATUS_OF_KIND[problem.kind])


def _tables() -> dict[str, Any]:  # Any: as above
    return {
        "words": wording,
        "numbers": list(reversed(SCALE)),
        "occurrence_heads": wording.OCCURRENCE_HEADS,
        "detection_heads": wording.DETECTION_HEADS,
        "dimensions": DIMENSIONS,
    }
