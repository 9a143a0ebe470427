"""Forms of the pages of methods, whatever they judge: shape and range only.

A method's own fields are read by its feature's `values`: their rules are about each other.
"""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

DAY = "A date, such as 2026-11-21."


class DraftForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """What a new draft copies, and how it is called."""

    base = SelectField("Copy of")
    name = StringField("Name", [Length(max=80, message="At most 80 characters")])


class ProposalForm(FlaskForm):  # type: ignore[misc] # as above
    """From which day on, and why."""

    day = DateField("From", [InputRequired(DAY)])
    reason = TextAreaField("Reason")


class DiscardForm(FlaskForm):  # type: ignore[misc] # as above
    """Why a draft is put aside."""

    reason = TextAreaField("Reason")
