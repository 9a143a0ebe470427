"""Forms of the overview: a supplier entered by hand."""

from __future__ import annotations

import re
import unicodedata

from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.validators import Length, ValidationError

LONGEST_TEXT = 200
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
