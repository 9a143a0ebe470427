"""Forms of the graph upstream: a link, whether two spellings mean the same, reasons."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import ValidationError

from app.faces.overview.forms import COUNTRY, LONGEST_TEXT, at_most, clean, given

LONGEST_REASON = 500
KINDS = (("company", "company"), ("plant", "plant"), ("material", "material"))


def _text(label: str, *, is_required: bool = False) -> StringField:
    rules = [given, at_most(LONGEST_TEXT)] if is_required else [at_most(LONGEST_TEXT)]
    return StringField(label, rules, filters=[clean])


class LinkForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """Who supplies whom with what; a correction says why."""

    edition = HiddenField()
    upstream_name = _text("Company that supplies", is_required=True)
    upstream_site = _text("Its plant", is_required=True)
    upstream_country = StringField("Country of the plant", filters=[clean, str.upper])
    material = _text("Material", is_required=True)
    part = _text("For our part")
    source = _text("How we know")
    via_name = _text("Delivers to the company")
    via_site = _text("At its plant")
    supplier_number = _text("Its supplier number with us")
    reason = TextAreaField("Why it is corrected", [at_most(LONGEST_REASON)], filters=[clean])

    def validate_upstream_country(self, field: Field) -> None:
        """Refuse what is no country code."""
        import pycountry

        if not field.data:
            return
        if not COUNTRY.fullmatch(field.data) or not pycountry.countries.get(alpha_3=field.data):
            raise ValidationError("Three letters of ISO 3166, such as DEU or CHN.")


class RemoveForm(FlaskForm):  # type: ignore[misc] # as above
    """Why a link is taken out."""

    reason = TextAreaField(
        "Why", [given, at_most(LONGEST_REASON)], filters=[clean], id="remove_reason"
    )


class SpellingForm(FlaskForm):  # type: ignore[misc] # as above
    """That two spellings mean the same, or that they do not, and why."""

    kind = SelectField("Names of", choices=[SelectChoice(*each) for each in KINDS])
    company = _text("Company of the plants")
    spelling = _text("This spelling", is_required=True)
    means = _text("means", is_required=True)
    answer = SelectField(
        "Answer", choices=[SelectChoice("same", "the same"), SelectChoice("different", "two")]
    )
    reason = StringField("Why", [given, at_most(LONGEST_REASON)], filters=[clean])


class UndoForm(FlaskForm):  # type: ignore[misc] # as above
    """Why a decision on spellings is taken back."""

    reason = StringField("Why", [given, at_most(LONGEST_REASON)], filters=[clean])
