"""Forms of manual scores: shape and range only."""

from __future__ import annotations

from datetime import date
from typing import cast

from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from app.judgement.scorecards.manual.models import LONGEST_REASON, LONGEST_SHORT
from app.judgement.scorecards.manual.services import Judged

REQUIRED = "Required"


def _stripped(text: str | None) -> str:
    return (text or "").strip()


class CriterionForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """Something that is judged by hand."""

    name = StringField("Name", [InputRequired(REQUIRED)], filters=[_stripped])
    short = StringField(
        "What 0 and 100 mean",
        [InputRequired(REQUIRED), Length(max=LONGEST_SHORT, message="At most 200 characters.")],
        filters=[_stripped],
    )


class RetireForm(FlaskForm):  # type: ignore[misc] # as above
    """Why a criterion is retired."""

    reason = TextAreaField("Reason")


class JudgementForm(FlaskForm):  # type: ignore[misc] # as above
    """A judgement: of what, how good, about when, on what evidence, until when."""

    criterion = SelectField("What is judged", choices=[])
    value = IntegerField(
        "From 0 to 100",
        [InputRequired("A whole number from 0 to 100."),
         NumberRange(min=0, max=100, message="From 0 to 100.")],
    )  # fmt: skip
    period_from = DateField("About the days from", [InputRequired(REQUIRED)])
    period_to = DateField("to and including", [InputRequired(REQUIRED)])
    expires_on = DateField("Holds until", [InputRequired(REQUIRED)])
    evidence = TextAreaField(
        "Evidence",
        [InputRequired(REQUIRED),
         Length(min=10, max=LONGEST_REASON, message="10 to 500 characters.")],
        filters=[_stripped],
    )  # fmt: skip

    def judged(self) -> Judged:
        """Return what was filled in."""
        return Judged(
            value=cast(int, self.value.data),
            period_from=cast(date, self.period_from.data),
            period_to=cast(date, self.period_to.data),
            expires_on=cast(date, self.expires_on.data),
            evidence=self.evidence.data or "",
        )


class WithdrawForm(FlaskForm):  # type: ignore[misc] # as above
    """Why a judgement is withdrawn."""

    reason = TextAreaField("Reason")
