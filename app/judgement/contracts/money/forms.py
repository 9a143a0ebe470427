"""Forms of claims, days off, savings and baselines: shape and range only."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Field,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import InputRequired, NumberRange, Optional

from app.base.web.entries import at_most, clean_line, given
from app.judgement.contracts.forms import REQUIRED, ExactField
from app.judgement.contracts.models import LONGEST_NAME
from app.judgement.contracts.money.days_off import SaidOff
from app.judgement.contracts.money.models import ReliefKind
from app.judgement.contracts.money.savings import SaidSaving
from app.judgement.contracts.money.wording import RELIEF_WORDS

LARGEST = Decimal(10) ** 12
MOST_VERSIONS = 2**31 - 1
REASON = "Why, in 10 to 500 characters"
AMOUNT = NumberRange(min=0, max=LARGEST, message="From 0 up to a million millions.")


class DrawForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """The period that is claimed, and why."""

    period = HiddenField()
    reason = TextAreaField(REASON)


class StepForm(FlaskForm):  # type: ignore[misc] # as above
    """The next step of a claim or a saving: the version that was seen, an amount, and why."""

    version = IntegerField(
        "Version", [InputRequired(REQUIRED), NumberRange(min=1, max=MOST_VERSIONS)]
    )
    amount = ExactField("Came back", [Optional(), AMOUNT], places=None)
    reason = TextAreaField(REASON)


class ReasonForm(FlaskForm):  # type: ignore[misc] # as above
    """Why something is done."""

    reason = TextAreaField(REASON)


class DaysOffForm(FlaskForm):  # type: ignore[misc] # as above
    """A run of days that the supplier does not answer for."""

    kind = SelectField(
        "What it is",
        choices=[SelectChoice(each.value, words) for each, words in RELIEF_WORDS.items()],
    )
    first_on = DateField("First day", [InputRequired(REQUIRED)])
    last_on = DateField("Last day", [InputRequired(REQUIRED)])
    reason = TextAreaField(REASON)

    def said(self) -> SaidOff:
        """Return what was filled in."""
        return SaidOff(
            ReliefKind(self.kind.data),
            _given(self.first_on),
            _given(self.last_on),
            self.reason.data or "",
        )


class SavingForm(FlaskForm):  # type: ignore[misc] # as above
    """What something costs now, against the baseline of a gain-share."""

    share = SelectField("Gain-share")
    label = StringField("What was saved", [given, at_most(LONGEST_NAME)], filters=[clean_line])
    first_on = DateField("First day", [InputRequired(REQUIRED)])
    last_on = DateField("Last day", [InputRequired(REQUIRED)])
    actual_cost = ExactField("It cost", [InputRequired(REQUIRED), AMOUNT], places=None)
    investment = ExactField("The supplier invested", [InputRequired(REQUIRED), AMOUNT], places=None)
    reason = TextAreaField("Where the figures come from, in 10 to 500 characters")

    def said(self) -> SaidSaving:
        """Return what was filled in."""
        return SaidSaving(
            gain_share_id=UUID(self.share.data),
            label=self.label.data or "",
            first_on=_given(self.first_on),
            last_on=_given(self.last_on),
            actual_cost=round(_given(self.actual_cost), 4),
            investment=round(_given(self.investment), 4),
            reason=self.reason.data or "",
        )


def _given(field: Field) -> Any:  # Any: what the field holds
    if field.data is None:
        raise ValueError("the form was not validated: a required field is missing")
    return field.data
