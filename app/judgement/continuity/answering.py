"""What the pages of continuity plans share: do what a form asks for, send a file."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response, current_app, flash, make_response, redirect, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from app.base import db
from app.base.errors import AppError, NotFound
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import attached
from app.platform.audit.services import ReasonNeeded
from app.platform.records import queries as files
from app.platform.records import services as records
from app.platform.records import store
from app.platform.records.queries import AttachedFile
from app.platform.records.services import Shelf
from config import Settings

NOTHING_RUNS = "sandbox; default-src 'none'; frame-ancestors 'none'"
Render = Callable[[int], Response]
Act = Callable[[Session], object]


def done(form: FlaskForm, act: Act, again: Render, told: str, plan_id: UUID) -> Response:
    """Do what a form asks for, or show its page again with what is wrong."""
    if not form.validate():
        return again(422)
    try:
        with db.transaction() as session:
            act(session)
    except NotFound:
        raise
    except ReasonNeeded as error:
        form["reason"].errors = [error.message]
        return again(422)
    except AppError as error:
        form.form_errors.append(error.message)
        return again(STATUS_OF_KIND[error.kind])
    flash(told)
    return to_plan(plan_id)


def to_plan(plan_id: UUID) -> Response:
    """Go on to the page of a plan."""
    return make_response(redirect(url_for("continuity.show", plan_id=plan_id), 303))


def files_shown(session: Session, entity: str, key: int) -> list[AttachedFile]:
    """Return the files of a record that were not removed."""
    return [each for each in files.files_of(session, entity, key) if each.removed_at is None]


def sent(file: AttachedFile) -> Response:
    """Send a file, always as a download that nothing can run in."""
    content = store.load(shelf().files, file.public_id, file.sha256)
    if request.method == "GET":
        with db.transaction() as session:
            records.note_download(session, file)
    answer = attached(make_response(content), file.name)
    answer.headers["Content-Type"] = file.media_type
    answer.headers["Content-Security-Policy"] = NOTHING_RUNS
    return answer


def shelf() -> Shelf:
    """Return where files are kept."""
    settings: Settings = current_app.config["SETTINGS"]
    return Shelf.of(settings)
