"""Forms of disruptions and debit notes: shape and range only."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import cast

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Field,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from app.base.web.entries import NumberField
from app.facts.deliveries.disruptions.models import LONGEST_NOTE
from app.facts.deliveries.disruptions.services import Told
from app.facts.deliveries.disruptions.wording import CAUSED_WORDS, KIND_WORDS
from app.facts.deliveries.models import CausedBy, Disruption, DisruptionKind

REQUIRED = "Required"
NO_SITE = ""
LARGEST = 1_000_000_000
CURRENCY = re.compile(r"[A-Z]{3}")
FROM_ZERO = NumberRange(min=0, max=LARGEST, message="From 0 on.")


def _stripped(text: str | None) -> str:
    return (text or "").strip()


class DisruptionForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """What happened, when, where, how long and at what cost; a correction says why."""

    reference = StringField(
        "Your number of it",
        [InputRequired(REQUIRED), Length(max=200, message="At most 200 characters.")],
        filters=[_stripped],
    )
    kind = SelectField(
        "What happened",
        choices=[SelectChoice(each.value, words) for each, words in KIND_WORDS.items()],
    )
    occurred_on = DateField("On", [InputRequired(REQUIRED)])
    caused_by = SelectField(
        "Caused by",
        choices=[SelectChoice(each.value, words) for each, words in CAUSED_WORDS.items()],
        default=CausedBy.UNKNOWN.value,
    )
    site = SelectField("Our plant", choices=[])
    hours = NumberField("Hours", [Optional(), FROM_ZERO])
    lines_hit = IntegerField("Production lines hit", [Optional(), FROM_ZERO])
    cost = NumberField("Cost", [Optional(), FROM_ZERO])
    currency = StringField("Currency", filters=[_stripped, str.upper])
    note = TextAreaField(
        "Note", [Length(max=LONGEST_NOTE, message="At most 1,000 characters.")], filters=[_stripped]
    )
    reason = TextAreaField("Why it is corrected")

    def validate_currency(self, field: Field) -> None:
        """Refuse what is no currency code."""
        if field.data and not CURRENCY.fullmatch(field.data):
            raise ValidationError("Three letters of ISO 4217, such as EUR.")

    def told(self) -> Told:
        """Return what was filled in."""
        hours: Decimal | None = self.hours.data
        cost: Decimal | None = self.cost.data
        return Told(
            reference=self.reference.data or "",
            kind=DisruptionKind(self.kind.data),
            occurred_on=cast(date, self.occurred_on.data),
            caused_by=CausedBy(self.caused_by.data),
            site_id=int(self.site.data) if self.site.data else None,
            hours=None if hours is None else round(hours, 6),
            lines_hit=self.lines_hit.data,
            cost=None if cost is None else round(cost, 4),
            currency=self.currency.data or None,
            note=self.note.data or None,
        )

    def show(self, found: Disruption) -> None:
        """Fill in what is recorded."""
        self.reference.data, self.kind.data = found.reference, found.kind
        self.occurred_on.data, self.caused_by.data = found.occurred_on, found.caused_by
        self.site.data = NO_SITE if found.site_id is None else str(found.site_id)
        self.hours.data, self.lines_hit.data = _plain(found.hours), found.lines_hit
        self.cost.data, self.currency.data = _plain(found.cost), found.currency or ""
        self.note.data = found.note or ""


class WithdrawForm(FlaskForm):  # type: ignore[misc] # as above
    """Why a disruption is withdrawn."""

    reason = TextAreaField("Reason")


class NoteForm(FlaskForm):  # type: ignore[misc] # as above
    """A new debit note over what is ticked."""

    text = StringField(
        "What the supplier reads",
        [Length(max=LONGEST_NOTE, message="At most 1,000 characters.")],
        filters=[_stripped],
    )


class NoteStepForm(FlaskForm):  # type: ignore[misc] # as above
    """The next step of a debit note: what came back, and why."""

    amount = NumberField("Came back", [Optional(), FROM_ZERO])
    reason = TextAreaField("Reason")


def _plain(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.normalize() + 0
