"""Forms of the sign-in pages: shape and range only."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from app.platform.accounts import values

REQUIRED = "Required"


class SignInForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """Address and password."""

    email = EmailField("Mail address", [InputRequired(REQUIRED), Length(max=values.LONGEST_EMAIL)])
    password = PasswordField(
        "Password",
        [
            InputRequired(REQUIRED),
            Length(
                max=values.LONGEST_PASSWORD,
                message=f"At most {values.LONGEST_PASSWORD:,} characters.",
            ),
        ],
    )
    next = HiddenField()


class OneTimeForm(FlaskForm):  # type: ignore[misc] # as above
    """A one-time secret, filled in from the address or pasted."""

    secret = PasswordField("One-time secret", [InputRequired(REQUIRED), Length(max=200)])


class PasswordForm(FlaskForm):  # type: ignore[misc] # as above
    """A new password, twice."""

    password = PasswordField("New password", [InputRequired(REQUIRED)])
    repeated = PasswordField(
        "New password again",
        [InputRequired(REQUIRED), EqualTo("password", "The two passwords differ.")],
    )


class ChangePasswordForm(PasswordForm):
    """The present password, then a new one, twice."""

    present = PasswordField("Present password", [InputRequired(REQUIRED)])


class EmptyForm(FlaskForm):  # type: ignore[misc] # as above
    """A button: nothing but the CSRF token."""
