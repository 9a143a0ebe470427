"""Forms of screening: shape and range only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from app.facts.evidence.screening.models import LONGEST_REASON, Verdict
from app.facts.evidence.screening.settings import HIGHEST, LONGEST_STALE_DAYS, LOWEST
from app.facts.evidence.screening.wording import ENTRY_WORDS
from app.platform.imports.mapping import ENCODINGS

SHORTEST_REASON = 10
REASON = (
    InputRequired(f"Give a reason of at least {SHORTEST_REASON} characters."),
    Length(SHORTEST_REASON, LONGEST_REASON, f"{SHORTEST_REASON} to {LONGEST_REASON} characters."),
)
DECIDABLE = (Verdict.CLEAR, Verdict.CONFIRM, Verdict.LIFT, Verdict.REOPEN)
LARGEST_VERSION = 2**31 - 1


def _choices(words: Mapping[Any, str]) -> list[SelectChoice]:  # Any: values of enums
    return [SelectChoice(str(value), label) for value, label in words.items()]


class DecideForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """A decision on a match as it was seen, and why."""

    verdict = HiddenField()
    version = IntegerField("Version", [InputRequired(), NumberRange(1, LARGEST_VERSION)], default=1)
    reason = TextAreaField("Why", REASON)

    def said(self) -> Verdict | None:
        """Return what was decided, None where the form names no decision."""
        return next((each for each in DECIDABLE if each == self.verdict.data), None)


class UploadForm(FlaskForm):  # type: ignore[misc] # as above
    """A list's file: which list it is, of which day, how it is encoded."""

    file = FileField("File", [FileRequired("Choose the list’s file.")])
    source = StringField(
        "List", [InputRequired("Required"), Length(max=40, message="At most 40 characters")]
    )
    edition = DateField("Day of the edition", [InputRequired("Required")])
    encoding = SelectField("Encoding", choices=_choices(ENCODINGS))


class WithdrawForm(FlaskForm):  # type: ignore[misc] # as above
    """Why an edition is withdrawn."""

    reason = TextAreaField("Why", REASON)


class SettingForm(FlaskForm):  # type: ignore[misc] # as above
    """How suppliers are to be screened, and why otherwise than now."""

    threshold = IntegerField(
        "Score from which on names are alike",
        [
            InputRequired("Required"),
            NumberRange(LOWEST, HIGHEST, f"A whole number from {LOWEST} to {HIGHEST}."),
        ],
    )
    kinds = SelectMultipleField(
        "Compare with",
        choices=_choices(ENTRY_WORDS),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    stale_days = IntegerField(
        "An edition is old after, in days",
        [
            InputRequired("Required"),
            NumberRange(1, LONGEST_STALE_DAYS, f"From 1 to {LONGEST_STALE_DAYS:,} days."),
        ],
    )
    reason = TextAreaField("Why", REASON)
