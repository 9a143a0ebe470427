"""The forms of attached files: shape and range only."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, StringField
from wtforms.validators import InputRequired, Length, Optional


class AttachForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """A file and the day on which its content was true."""

    file = FileField("File", [FileRequired("Choose a file.")])
    evidence_on = DateField("Date of the evidence", [Optional()])


class RemoveForm(FlaskForm):  # type: ignore[misc] # as above
    """Why a file is taken away."""

    reason = StringField(
        "Reason",
        [
            InputRequired("Give a reason of at least 10 characters."),
            Length(10, 500, "Give a reason of at least 10 characters, at most 500."),
        ],
    )
