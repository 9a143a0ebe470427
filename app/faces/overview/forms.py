"""Forms of the overview: a supplier entered by hand, the cause of misses, standings."""

from __future__ import annotations

import re
import unicodedata

from flask_wtf import FlaskForm
from wtforms import DateField, Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from app.calc.attribution import MissCause
from app.facts.deliveries.lines import line_words
from app.facts.suppliers.standings.queries import CHOICES

LONGEST_TEXT = 200
LONGEST_NOTE = 1000
LONGEST_REASON = 500
# Unknown is what a miss is before anybody codes it.
CODABLE = {str(cause): line_words.CAUSE_WORDS[cause] for cause in MissCause}
COUNTRY = re.compile(r"[A-Z]{3}")


def clean(text: str | None) -> str:
    """Return a text without blanks around it and without characters that nobody sees."""
    seen = "".join(char for char in text or "" if unicodedata.category(char) not in ("Cf", "Cc"))
    return seen.strip()


def given(_form: FlaskForm, field: Field) -> None:
    """Refuse an empty field, also one of blanks or of characters that nobody sees."""
    if not field.data:
        raise ValidationError("Required")


def at_most(longest: int) -> Length:
    """Return the rule that a text has at most `longest` characters."""
    return Length(max=longest, message=f"At most {longest} characters")


class SupplierForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """A supplier's number, name, country and category."""

    number = StringField("Number", [given, at_most(LONGEST_TEXT)], filters=[clean])
    name = StringField("Name", [given, at_most(LONGEST_TEXT)], filters=[clean])
    country = StringField("Country", filters=[clean, str.upper])
    category = StringField("Category", [at_most(LONGEST_TEXT)], filters=[clean])

    def validate_country(self, field: Field) -> None:
        """Refuse what is no country code."""
        import pycountry

        if not field.data:
            return
        known = COUNTRY.fullmatch(field.data) and pycountry.countries.get(alpha_3=field.data)
        if not known:
            raise ValidationError("Three letters of ISO 3166, such as DEU or BRA.")


class CauseForm(FlaskForm):  # type: ignore[misc] # as above
    """The cause of the lines that are ticked, and a note."""

    cause = SelectField(
        "Cause",
        choices=[SelectChoice(*each) for each in {"": "choose a cause", **CODABLE}.items()],
    )
    note = StringField("Note", [at_most(LONGEST_NOTE)], filters=[clean])

    def validate_cause(self, field: Field) -> None:
        """Refuse to code nothing."""
        if not field.data:
            raise ValidationError("Choose a cause.")


class StandingForm(FlaskForm):  # type: ignore[misc] # as above
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
