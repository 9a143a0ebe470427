"""A page of several forms: do what one of them asks, or show the page again with what is wrong."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, flash, make_response, redirect
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from app.base import db
from app.base.errors import AppError, NotFound
from app.base.web.errors import STATUS_OF_KIND
from app.platform.audit.services import ReasonNeeded

Act = Callable[[Session], str]


def acted(
    act: Act, form: FlaskForm | None, *, again: Callable[[int], Response], there: str
) -> Response:
    """Do something in one transaction, say what came of it and go on to `there`.

    form: the one that was sent, None where a button was all; its field `reason` takes the words
    about a missing reason. again: shows the page with the form as it was typed, by a status.
    Raises NotFound, and whatever is wrong where there is no form to say it on.
    """
    if form is not None and not form.validate():
        return again(422)
    try:
        with db.transaction() as session:
            said = act(session)
    except NotFound:
        raise
    except AppError as error:
        if form is None:
            raise
        if isinstance(error, ReasonNeeded):
            form["reason"].errors = [error.message]
        else:
            form.form_errors.append(error.message)
        return again(STATUS_OF_KIND[error.kind])
    flash(said)
    return make_response(redirect(there, 303))
