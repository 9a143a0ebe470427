"""Forms of the sign-in pages: shape and range only."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, Optional

from app.platform.accounts import values

REQUIRED = "Required"
LONGEST_SECRET = 200
LONGEST_CODE = 60
TOO_LONG = f"At most {values.LONGEST_PASSWORD:,} characters."


class SignInForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """Address and password."""

    email = EmailField("Mail address", [InputRequired(REQUIRED), Length(max=values.LONGEST_EMAIL)])
    password = PasswordField(
        "Password",
        [InputRequired(REQUIRED), Length(max=values.LONGEST_PASSWORD, message=TOO_LONG)],
    )
    next = HiddenField()


class CodeForm(FlaskForm):  # type: ignore[misc] # as above
    """A code of an authenticator app, or a recovery code."""

    code = StringField("Code", [InputRequired(REQUIRED), Length(max=LONGEST_CODE)])


class PasskeyForm(FlaskForm):  # type: ignore[misc] # as above
    """A passkey's answer, filled in by a script."""

    credential = HiddenField()
    next = HiddenField()


class NewPasskeyForm(PasskeyForm):
    """A new passkey: its name, and what the browser made."""

    name = StringField("Name of the passkey", [InputRequired(REQUIRED), Length(max=60)])


class ConfirmForm(FlaskForm):  # type: ignore[misc] # as above
    """What somebody signed in gives once more."""

    password = PasswordField(
        "Password", [Optional(), Length(max=values.LONGEST_PASSWORD, message=TOO_LONG)]
    )
    code = StringField("Code", [Optional(), Length(max=LONGEST_CODE)])
    next = HiddenField()


class OneTimeForm(FlaskForm):  # type: ignore[misc] # as above
    """A one-time secret, filled in from the address or pasted."""

    secret = PasswordField("One-time secret", [InputRequired(REQUIRED), Length(max=LONGEST_SECRET)])


class ForgottenForm(FlaskForm):  # type: ignore[misc] # as above
    """The address whose password is forgotten."""

    email = EmailField("Mail address", [InputRequired(REQUIRED), Length(max=values.LONGEST_EMAIL)])


class EmailForm(FlaskForm):  # type: ignore[misc] # as above
    """A new address."""

    email = EmailField(
        "New mail address", [InputRequired(REQUIRED), Length(max=values.LONGEST_EMAIL)]
    )


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


class ResetForm(PasswordForm):
    """The secret of a reset link, then a new password, twice."""

    secret = HiddenField()


class EmptyForm(FlaskForm):  # type: ignore[misc] # as above
    """A button: nothing but the CSRF token."""
