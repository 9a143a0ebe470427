"""Forms of a supplier's standing: decide, ask for an exception, end one."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import InputRequired, Optional

from app.faces.overview.forms import LONGEST_TEXT, at_most, clean, given
from app.facts.suppliers.standings.queries import CHOICES

LONGEST_REASON = 500


class StandingForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """A standing, from a day on, until a day or the next one, and why."""

    standing = SelectField("Standing", choices=[SelectChoice(*each) for each in CHOICES.items()])
    from_on = DateField("From", [InputRequired("Required")])
    until_on = DateField("Until", [Optional()])
    reason = TextAreaField("Why", [at_most(LONGEST_REASON)], filters=[clean])


class ExceptionForm(FlaskForm):  # type: ignore[misc] # as above
    """Who may order from a blocked supplier, from when until when, and why.

    It stands on one page with the form above: its fields have ids of their own.
    """

    buyer = StringField("Who may order", [given, at_most(LONGEST_TEXT)], filters=[clean])
    from_on = DateField("From", [InputRequired("Required")], id="exception_from_on")
    until_on = DateField("Until", [InputRequired("Required")], id="exception_until_on")
    reason = TextAreaField(
        "Why", [given, at_most(LONGEST_REASON)], filters=[clean], id="exception_reason"
    )


class EndForm(FlaskForm):  # type: ignore[misc] # as above
    """Why an exception ends."""

    reason = StringField("Why", [given, at_most(LONGEST_REASON)], filters=[clean])
