"""Forms of alerts: shape and range only. Shares are typed in percent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import TypeVar

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.base.web.entries import NumberField
from app.calc.alerting import Limits, Operator
from app.judgement.alerts import subjects
from app.judgement.alerts.catalogue import Unit
from app.judgement.alerts.models import LONGEST_NAME, LONGEST_NOTE, AlertRule, Severity
from app.judgement.alerts.queries import Scope
from app.judgement.alerts.services import Draft
from app.judgement.alerts.subjects import subject_of
from app.judgement.alerts.telling_models import MOST_RUNGS, Cadence
from app.judgement.alerts.wording import CADENCE_WORDS, OPERATOR_WORDS

REQUIRED = "Required"
NONE = ""
Value = TypeVar("Value")
PERCENT = 100
LARGEST = 1_000_000_000
MOST_PERIODS = 24
MOST_N = 1_000_000
MOST_HOURS = 8_760


def _stripped(text: str | None) -> str:
    return (text or "").strip()


def _longest(count: int) -> Length:
    return Length(max=count, message=f"At most {count:,} characters.")


def _within(low: int, high: int) -> NumberRange:
    return NumberRange(min=low, max=high, message=f"From {low:,} to {high:,}.")


class RuleForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """What a rule watches, when it raises and clears, of whom it speaks."""

    name = StringField("Name", [DataRequired(REQUIRED), _longest(LONGEST_NAME)],
                       filters=[_stripped])  # fmt: skip
    subject = SelectField("Watches", choices=[])
    operator = SelectField(
        "Raised when it is",
        choices=[SelectChoice(each.value, words) for each, words in OPERATOR_WORDS.items()],
    )
    threshold = NumberField(
        "Threshold", [InputRequired(REQUIRED), _within(-LARGEST, LARGEST)], places=None
    )
    clear = NumberField("Good from", [Optional(), _within(-LARGEST, LARGEST)], places=None)
    duration = IntegerField("Periods in a row", [InputRequired(REQUIRED), _within(1, MOST_PERIODS)])
    good_to_clear = IntegerField(
        "Good periods to clear", [InputRequired(REQUIRED), _within(1, MOST_PERIODS)]
    )
    least_n = IntegerField("Smallest sample", [InputRequired(REQUIRED), _within(0, MOST_N)])
    severity = SelectField(
        "Severity", choices=[SelectChoice(each.value, each.value) for each in Severity]
    )
    category = SelectField("Category", choices=[SelectChoice(NONE, "any")])
    segment = SelectField("Segment", choices=[SelectChoice(NONE, "any")])
    supplier = StringField("Supplier number", [_longest(200)], filters=[_stripped])
    reason = TextAreaField("Why")

    def offer(self, categories: Mapping[int, str], segments: Iterable[str]) -> None:
        """Take in what can be watched, and what the scope can name."""
        self.subject.choices = [
            SelectChoice(each.id, f"{each.group}: {each.label}") for each in subjects.ALL.values()
        ]
        any_ = SelectChoice(NONE, "any")
        self.category.choices = [
            any_, *(SelectChoice(str(key), name) for key, name in categories.items())
        ]  # fmt: skip
        self.segment.choices = [any_, *(SelectChoice(each, each) for each in sorted(segments))]

    def draft(self, supplier_id: int | None) -> Draft:
        """Return what was filled in."""
        scale = self._scale()
        clear: Decimal | None = self.clear.data
        return Draft(
            name=self.name.data or "",
            subject=self.subject.data,
            limits=Limits(
                Operator(self.operator.data),
                float(_given(self.threshold.data)) / scale,
                None if clear is None else float(clear) / scale,
                _given(self.least_n.data),
                _given(self.duration.data),
                _given(self.good_to_clear.data),
            ),
            severity=Severity(self.severity.data),
            scope=Scope(
                int(self.category.data) if self.category.data else None,
                self.segment.data or None,
                supplier_id,
            ),
        )

    def show(self, rule: AlertRule, supplier_number: str) -> None:
        """Fill in what a version says."""
        self.name.data, self.subject.data = rule.name, rule.subject
        scale = self._scale()
        self.operator.data = rule.operator
        self.threshold.data = _plain(rule.threshold * scale)
        self.clear.data = None if rule.clear is None else _plain(rule.clear * scale)
        self.duration.data, self.good_to_clear.data = rule.duration, rule.good_to_clear
        self.least_n.data, self.severity.data = rule.least_n, rule.severity
        self.category.data = "" if rule.category_id is None else str(rule.category_id)
        self.segment.data, self.supplier.data = rule.segment or "", supplier_number

    def begin(self) -> None:
        """Fill in what fits most rules."""
        self.duration.data, self.good_to_clear.data, self.least_n.data = 1, 2, 10
        self.severity.data = Severity.WARNING

    def _scale(self) -> int:
        subject = subject_of(self.subject.data or "")
        return PERCENT if subject is not None and subject.unit is Unit.SHARE else 1


class ReasonForm(FlaskForm):  # type: ignore[misc] # as above
    """Why something is done."""

    reason = TextAreaField("Reason")


class MuteForm(FlaskForm):  # type: ignore[misc] # as above
    """Until when a rule tells nobody, and why."""

    until = DateField("Last muted day", [InputRequired(REQUIRED)])
    reason = TextAreaField("Reason")

    @property
    def last_day(self) -> date:
        """The last day on which it tells nobody."""
        return _given(self.until.data)


class NoteForm(FlaskForm):  # type: ignore[misc] # as above
    """What is done about an alert."""

    note = TextAreaField("What is done about it", [_longest(LONGEST_NOTE)], filters=[_stripped])


class RungForm(FlaskForm):  # type: ignore[misc] # as above
    """A rung of a ladder: who, and when for each severity."""

    category = SelectField("Ladder of", choices=[SelectChoice("0", "default")])
    place = SelectField(
        "Rung", choices=[SelectChoice(str(each), str(each)) for each in range(1, MOST_RUNGS + 1)]
    )
    title = StringField("Role", [DataRequired(REQUIRED), _longest(60)], filters=[_stripped])
    person = SelectField("Person", choices=[])
    alarm_hours = IntegerField("Alarm, hours", [Optional(), _within(0, MOST_HOURS)])
    warning_hours = IntegerField("Warning, hours", [Optional(), _within(0, MOST_HOURS)])
    watch_hours = IntegerField("Watch, hours", [Optional(), _within(0, MOST_HOURS)])

    def offer(self, categories: Mapping[int, str], people: Iterable[tuple[int, str]]) -> None:
        """Take in whose ladder it may be, and who may stand on it."""
        own = (SelectChoice(str(key), name) for key, name in categories.items())
        self.category.choices = [SelectChoice("0", "default"), *own]
        self.person.choices = [SelectChoice(str(key), name) for key, name in people]


class SubscriptionForm(FlaskForm):  # type: ignore[misc] # as above
    """What somebody wants by mail."""

    cadence = SelectField(
        "Digest", choices=[SelectChoice(each.value, words) for each, words in CADENCE_WORDS.items()]
    )
    least_severity = SelectField(
        "From this severity on",
        choices=[SelectChoice(each.value, each.value) for each in Severity],
    )
    at_once = BooleanField("Alarms at once, each as it is raised")

    def wanted(self) -> tuple[Cadence, Severity, bool]:
        """Return what was filled in."""
        return (
            Cadence(self.cadence.data),
            Severity(self.least_severity.data),
            bool(self.at_once.data),
        )


def _given(value: Value | None) -> Value:
    if value is None:
        raise ValueError("the form was not validated: a required number is missing")
    return value


def _plain(value: float) -> Decimal:
    return Decimal(repr(round(value, 9))).normalize() + 0
