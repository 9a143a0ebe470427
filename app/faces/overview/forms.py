"""Forms of the overview: a supplier entered or amended by hand, the cause of misses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import Length, ValidationError

from app.calc.attribution import MissCause
from app.facts.deliveries.lines import line_words
from app.facts.suppliers import values
from app.facts.suppliers.amending import AMENDABLE, FINANCIAL_KINDS

LONGEST_TEXT = 200
LONGEST_SEGMENT = 40
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


class MasterForm(SupplierForm):
    """A supplier's whole master record, with the mark of the one that it is to replace."""

    edition = HiddenField()
    vat = StringField("VAT number", filters=[clean])
    duns = StringField("D-U-N-S number", filters=[clean])
    lei = StringField("LEI", filters=[clean, str.upper])
    website = StringField("Website", [at_most(LONGEST_TEXT)], filters=[clean])
    owner = StringField("Owner", [at_most(LONGEST_TEXT)], filters=[clean])
    segment = StringField("Segment", [at_most(LONGEST_SEGMENT)], filters=[clean])
    financial_kind = SelectField(
        "Altman model for",
        choices=[
            SelectChoice("", "not known"),
            *(SelectChoice(kind, kind.replace("_", " ")) for kind in FINANCIAL_KINDS),
        ],
    )

    def said(self) -> dict[str, str | None]:
        """Return what the form says, by the names of the record; empty is unknown."""
        return {name: self[name].data or None for name in AMENDABLE}

    def validate_vat(self, field: Field) -> None:
        """Refuse what is no VAT number."""
        _hold_to(values.vat_fault, field)

    def validate_duns(self, field: Field) -> None:
        """Refuse what is no D-U-N-S number."""
        _hold_to(values.duns_fault, field)

    def validate_lei(self, field: Field) -> None:
        """Refuse what is no legal entity identifier."""
        _hold_to(values.lei_fault, field)

    def validate_website(self, field: Field) -> None:
        """Refuse what no browser should be led to."""
        _hold_to(values.website_fault, field)


def _hold_to(fault_of: Callable[[str], str | None], field: Field) -> None:
    fault = fault_of(field.data) if field.data else None
    if fault:
        raise ValidationError(f"“{field.data}” {fault}")


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
