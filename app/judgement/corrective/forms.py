"""Forms of corrective actions: shape and range only. Moments are in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.base.web.entries import NumberField
from app.calc.corrective import Step
from app.judgement.corrective.models import LONGEST_TEXT, LONGEST_TITLE
from app.judgement.corrective.services import Problem, Said
from app.judgement.corrective.wording import step_words

REQUIRED = "Required"
PERCENT = 100
MOMENTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
LONGEST_HOURS, LONGEST_DAYS = 100_000, 100_000


def _stripped(text: str | None) -> str:
    return (text or "").strip()


def _aware(moment: datetime | None) -> datetime:
    if moment is None:
        raise ValueError("the form was not validated: a required moment is missing")
    return moment.replace(tzinfo=UTC)


def _longest(count: int) -> Length:
    return Length(max=count, message=f"At most {count:,} characters.")


class ProblemForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """What went wrong, and what makes it grave."""

    title = StringField("Title", [InputRequired(REQUIRED), _longest(LONGEST_TITLE)],
                        filters=[_stripped])  # fmt: skip
    problem = TextAreaField("What happened", [InputRequired(REQUIRED), _longest(LONGEST_TEXT)],
                            filters=[_stripped])  # fmt: skip
    part = StringField("Part number", [_longest(LONGEST_TITLE)], filters=[_stripped])
    is_safety = BooleanField("Safety or a regulation is touched")
    line_down_hours = NumberField(
        "Our line stood, in hours",
        [Optional(), NumberRange(min=0, max=LONGEST_HOURS, message="From 0 on.")],
    )
    same_mode_days = IntegerField(
        "Days since the same failure",
        [Optional(), NumberRange(min=0, max=LONGEST_DAYS, message="From 0 on.")],
    )
    defect_percent = NumberField(
        "Defective in the lot, in percent",
        [Optional(), NumberRange(min=0, max=PERCENT, message="From 0 to 100.")],
    )

    def said(self) -> Problem:
        """Return what was filled in."""
        percent: Decimal | None = self.defect_percent.data
        hours: Decimal | None = self.line_down_hours.data
        return Problem(
            title=self.title.data or "",
            problem=self.problem.data or "",
            part=self.part.data or "",
            is_safety=self.is_safety.data,
            line_down_hours=None if hours is None else round(hours, 6),
            same_mode_days=self.same_mode_days.data,
            defect_share=None if percent is None else percent / PERCENT,
        )


class AnswerForm(FlaskForm):  # type: ignore[misc] # as above
    """What the supplier answered, to which step and when."""

    step = SelectField(
        "Step", choices=[SelectChoice(each.value, step_words(each)) for each in Step]
    )
    answered_at = DateTimeLocalField("Answered (UTC)", [InputRequired(REQUIRED)], format=MOMENTS)
    text = TextAreaField("What was answered", [InputRequired(REQUIRED), _longest(LONGEST_TEXT)],
                         filters=[_stripped])  # fmt: skip
    occurrence_cause = TextAreaField("Why it happened", [_longest(LONGEST_TEXT)],
                                     filters=[_stripped])  # fmt: skip
    escape_cause = TextAreaField("Why it was not found before it left", [_longest(LONGEST_TEXT)],
                                 filters=[_stripped])  # fmt: skip
    corrected_on = DateField("In place since", [Optional()])

    def said(self) -> Said:
        """Return what was filled in."""
        return Said(
            text=self.text.data or "",
            answered_at=_aware(self.answered_at.data),
            occurrence_cause=self.occurrence_cause.data or None,
            escape_cause=self.escape_cause.data or None,
            corrected_on=self.corrected_on.data,
        )


class DecisionForm(FlaskForm):  # type: ignore[misc] # as above
    """Whether an answer is accepted; a rejection says why."""

    reason = TextAreaField("Why it is rejected")


class DueForm(FlaskForm):  # type: ignore[misc] # as above
    """Another due time of a step, and why."""

    step = SelectField(
        "Step", choices=[SelectChoice(each.value, step_words(each)) for each in Step]
    )
    due_at = DateTimeLocalField("Due (UTC)", [InputRequired(REQUIRED)], format=MOMENTS)
    reason = TextAreaField("Reason")

    @property
    def moment(self) -> datetime:
        """The due time, aware."""
        return _aware(self.due_at.data)


class WithdrawForm(FlaskForm):  # type: ignore[misc] # as above
    """Why a request is withdrawn."""

    reason = TextAreaField("Reason")
