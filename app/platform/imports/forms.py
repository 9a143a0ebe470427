"""The upload form: shape and range only."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # as above
from wtforms.validators import Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.base.web.entries import NumberField
from app.platform.imports.mapping import ENCODINGS

AS_DECLARED = ("", "as the mapping says")
CREATED = (
    ("supplier", "suppliers"),
    ("part", "parts"),
    ("site", "our sites"),
    ("category", "categories"),
)
DELIMITERS = ((",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar"))
DECIMALS = ((".", "point (1,234.50)"), (",", "comma (1.234,50)"))
DATES = (
    ("yyyy-mm-dd", "2026-10-31"),
    ("d.m.yyyy", "31.10.2026"),
    ("d/m/yyyy", "31/10/2026"),
    ("m/d/yyyy", "10/31/2026"),
    ("d-Mon-yy", "31-Oct-26"),
)


def choices(pairs: Iterable[tuple[str, str]], group: str | None = None) -> list[Any]:
    """Return choices of (value, words), all in one group; Any: newer than its type stubs."""
    return [SelectChoice(value, words, optgroup=group) for value, words in pairs]


class UploadForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """A file, how to read it, and what may be created on the way."""

    file = FileField("File", [FileRequired("Choose a CSV or XLSX file.")])
    mapping = SelectField("Mapping")
    creates = SelectMultipleField(
        "Create what is not known yet",
        choices=choices(CREATED),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    tolerate = NumberField(
        "Bad rows that may stand aside, in percent",
        [NumberRange(0, 100, "From 0 to 100.")],
        default=Decimal(1),
        places=None,
    )
    encoding = SelectField(
        "Encoding", choices=choices([AS_DECLARED, *ENCODINGS.items()]), default=""
    )
    delimiter = SelectField("Separator", choices=choices([AS_DECLARED, *DELIMITERS]), default="")
    decimal = SelectField("Decimal sign", choices=choices([AS_DECLARED, *DECIMALS]), default="")
    date = SelectField("Dates", choices=choices([AS_DECLARED, *DATES]), default="")
    sheet = StringField("Sheet of a workbook", [Optional(), Length(max=31)])
