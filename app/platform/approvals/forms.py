"""Forms of the approval pages: shape and range only."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Regexp
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from app.platform.approvals.models import Verdict

REQUIRED = "Required"


class DecideForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """A decision with its reason, bound to what was shown."""

    reason = TextAreaField("Reason")
    seen_version = IntegerField(widget=HiddenInput(), validators=[InputRequired(REQUIRED)])
    seen_hash = HiddenField(validators=[Regexp(r"^[0-9a-f]{64}$", message=REQUIRED)])
    # Plain texts are choices too; the stubs know only pairs, which the library deprecates.
    decision = SelectField(choices=[str(each) for each in Verdict])  # type: ignore[misc]


class DelegationForm(FlaskForm):  # type: ignore[misc] # as above
    """Who stands in, for what, from when until when."""

    to_id = SelectField("Who decides for you", coerce=int)
    object_types = SelectMultipleField(
        "For what",
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    from_on = DateField("From", [InputRequired("A date, such as 2026-11-21.")])
    until_on = DateField("Until and including", [InputRequired("A date, such as 2026-11-21.")])


class EmptyForm(FlaskForm):  # type: ignore[misc] # as above
    """A button: nothing but the CSRF token."""
