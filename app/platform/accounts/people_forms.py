"""Forms of the people and token pages: shape and range only."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    EmailField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from app.base.web.entries import NumberField
from app.platform.accounts import values
from app.platform.accounts.grants import LONGEST_REASON, SHORTEST_REASON

REQUIRED = "Required"
LARGEST_LIMIT = 10**14
NOBODY = 0


class ReasonForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """Why something is done to an account."""

    reason = TextAreaField(
        "Reason",
        [
            Length(
                min=SHORTEST_REASON,
                message=f"Give a reason of at least {SHORTEST_REASON} characters.",
            ),
            Length(max=LONGEST_REASON, message=f"At most {LONGEST_REASON} characters."),
        ],
    )


class RoleForm(ReasonForm):
    """A role with its scope and days."""

    # The least that lets somebody work: a careless choice should not make an administrator.
    role = SelectField("Role", default="buyer")
    category_id = SelectField("Category", coerce=int, default=NOBODY)
    site_id = SelectField("Site", coerce=int, default=NOBODY)
    supplier_no = StringField("Supplier number", [Optional(), Length(max=200)])
    object_types = StringField("Kinds of object", [Optional(), Length(max=200)])
    value_limit = NumberField(
        "Limit",
        [Optional(), NumberRange(min=0, max=LARGEST_LIMIT, message="An amount, such as 50000.")],
    )
    limit_currency = StringField(
        "Currency", [Optional(), Regexp(r"^[A-Z]{3}$", message="Three letters, such as EUR.")]
    )
    from_on = DateField("From", [Optional()])
    until_on = DateField("Until and including", [Optional()])


class InviteForm(RoleForm):
    """Somebody new, with a first role."""

    email = EmailField("Mail address", [InputRequired(REQUIRED), Length(max=values.LONGEST_EMAIL)])
    name = StringField("Name", [Optional(), Length(max=200, message="At most 200 characters.")])


class TokenForm(FlaskForm):  # type: ignore[misc] # as above
    """A token for a program."""

    name = StringField(
        "Which program uses it",
        [InputRequired(REQUIRED), Length(max=200, message="At most 200 characters.")],
    )
    scopes = SelectMultipleField(
        "What it may do",
        [InputRequired("Choose at least one.")],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    expires_on = DateField("Ends on", [InputRequired("A date, such as 2027-03-31.")])
