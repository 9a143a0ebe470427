"""Forms of the overview: a supplier entered by hand, the cause of misses."""

from __future__ import annotations

import re
import unicodedata

from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import Length, ValidationError

from app.calc.attribution import MissCause
from app.facts.deliveries.lines import line_words

LONGEST_TEXT = 200
LONGEST_NOTE = 1000
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
