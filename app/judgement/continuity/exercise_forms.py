"""Forms of exercises, questions and our own time to survive: shape and range only."""

from __future__ import annotations

from datetime import date

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import DateField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.base.web.entries import NumberField
from app.calc.continuity import time_to_survive
from app.calc.continuity_facts import Answer, ExerciseKind, Topic
from app.judgement.continuity.exercise_models import PlanExercise, PlanQuestion
from app.judgement.continuity.exercising import Planned, Replied, Result
from app.judgement.continuity.forms import (
    REQUIRED,
    SeenForm,
    block_of_text,
    given,
    named,
    number,
)
from app.judgement.continuity.models import LONGEST_NOTE, MOST_DAYS
from app.judgement.continuity.wording import ANSWERS, KINDS, TOPICS

MOST_UNITS = 1_000_000_000


class ExerciseForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """An exercise that is planned."""

    kind = SelectField("Kind", choices=[SelectChoice(key, words) for key, words in KINDS.items()])
    scenario = named("Scenario", LONGEST_NOTE)
    planned_on = DateField("Planned for", [InputRequired(REQUIRED)])
    objectives = block_of_text("What it is to show")

    def said(self) -> Planned:
        """Return what was filled in."""
        return Planned(
            ExerciseKind(self.kind.data),
            self.scenario.data or "",
            given(self.planned_on.data),
            self.objectives.data or None,
        )


class ResultForm(SeenForm):
    """What an exercise showed."""

    done_on = DateField("Done", [InputRequired(REQUIRED)])
    achieved_rto_days = number("Recovery achieved, days", MOST_DAYS)
    findings = block_of_text("Findings")
    actions = block_of_text("Actions that follow")
    actions_closed_on = DateField("All actions closed", [Optional()])

    def said(self) -> Result:
        """Return what was filled in."""
        return Result(
            given(self.done_on.data),
            self.achieved_rto_days.data,
            self.findings.data or None,
            self.actions.data or None,
            self.actions_closed_on.data,
        )

    def show(self, exercise: PlanExercise, today: date) -> None:
        """Fill the form with what is noted."""
        self.done_on.data = exercise.done_on or min(exercise.planned_on, today)
        self.achieved_rto_days.data = exercise.achieved_rto_days
        self.findings.data, self.actions.data = exercise.findings, exercise.actions
        self.actions_closed_on.data = exercise.actions_closed_on
        self.version.data = str(exercise.version)


class AskForm(FlaskForm):  # type: ignore[misc] # as above
    """What a supplier is asked, and until when it answers."""

    topics = SelectMultipleField(
        "Questions",
        choices=[SelectChoice(key, words) for key, words in TOPICS.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[InputRequired("Choose at least one question.")],
    )
    asked_on = DateField("Asked", [InputRequired(REQUIRED)])
    due_on = DateField("Answer due", [InputRequired(REQUIRED)])

    @property
    def chosen(self) -> list[Topic]:
        """The questions that were chosen."""
        return [Topic(each) for each in self.topics.data or ()]


class AnswerForm(SeenForm):
    """What a supplier answered, and the document that proves it."""

    answer = SelectField(
        "Answer",
        [InputRequired("Choose the answer.")],
        # Nothing is chosen beforehand: a “yes” that nobody said would count.
        choices=[
            SelectChoice("", "choose"),
            *(SelectChoice(key, words) for key, (_, words) in ANSWERS.items()),
        ],
    )
    answered_on = DateField("Answered", [InputRequired(REQUIRED)])
    words = block_of_text("In its words")
    file = FileField("Document")
    evidence_on = DateField("Date of the evidence", [Optional()])

    def said(self) -> Replied:
        """Return what was filled in."""
        return Replied(
            Answer(self.answer.data), given(self.answered_on.data), self.words.data or None
        )

    def show(self, question: PlanQuestion, today: date) -> None:
        """Fill the form with what is noted."""
        self.answer.data = question.answer or ""
        self.answered_on.data = question.answered_on or today
        self.words.data = question.said
        self.version.data = str(question.version)


def _units(words: str) -> NumberField:
    told = f"A number from 0 to {MOST_UNITS:,}."
    return NumberField(
        words, [InputRequired(REQUIRED), NumberRange(min=0, max=MOST_UNITS, message=told)]
    )


class SurvivalForm(FlaskForm):  # type: ignore[misc] # as above
    """What our time to survive is worked out from; asked in the address, nothing is stored."""

    class Meta:
        csrf = False

    usable = _units("Stock that can be used, units")
    pipeline = _units("Under way and not touched, units")
    demand = _units("Demand, units per day")
    alternate = _units("Other sources give, units per day")

    def days(self) -> float:
        """Return how long we last [days], infinite where the others meet the demand."""
        usable, pipeline, demand, alternate = (
            float(field.data or 0)
            for field in (self.usable, self.pipeline, self.demand, self.alternate)
        )
        return time_to_survive(
            usable=usable, pipeline=pipeline, daily_demand=demand, alternate_rate=alternate
        )
