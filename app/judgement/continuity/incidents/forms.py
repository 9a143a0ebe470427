"""Forms of incident rooms: shape and range only. Moments are in UTC."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from flask_wtf import FlaskForm
from wtforms import (
    DateTimeLocalField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from app.base.web.entries import (
    NumberField,
    at_most,
    clean_line,
    clean_text,
    exactly,
    given,
    version_in,
)
from app.judgement.continuity.incidents.acting import Decision
from app.judgement.continuity.incidents.links import Choice
from app.judgement.continuity.incidents.models import (
    LONGEST_REASON,
    LONGEST_TEXT,
    LONGEST_TITLE,
    Incident,
    IncidentCause,
    IncidentState,
    TaskState,
)
from app.judgement.continuity.incidents.services import Facts, Opening
from app.judgement.continuity.incidents.wording import CAUSE_WORDS
from app.judgement.continuity.responses.models import IncidentResponse

CURRENCY = re.compile(r"[A-Z]{3}")
MOST_MONEY = Decimal(10) ** 12
MONEY_PLACES = 4
LONGEST_LIST = 10_000
MOMENTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
NUMBERS = re.compile(r"[\n,;]+")


def aware(moment: datetime | None) -> datetime | None:
    """Return a moment of a form, which is in UTC."""
    return None if moment is None else moment.replace(tzinfo=UTC)


def numbers_in(text: str | None) -> tuple[str, ...]:
    """Return what stands one a line, or between commas."""
    return tuple(each.strip() for each in NUMBERS.split(text or "") if each.strip())


def money_field(label: str) -> NumberField:
    """Return a field of an amount that may stay empty."""
    return NumberField(
        label,
        [Optional(), NumberRange(0, MOST_MONEY, "From 0 up to a million millions."),
         exactly(MONEY_PLACES)],
    )  # fmt: skip


def currency_field() -> StringField:
    """Return a field of a currency's three letters that may stay empty."""

    def check(_form: FlaskForm, field: StringField) -> None:
        if field.data and not CURRENCY.fullmatch(field.data):
            raise ValidationError("Three letters, such as EUR")

    return StringField("Currency", [check], filters=[clean_line, str.upper])


def _moment(label: str) -> DateTimeLocalField:
    return DateTimeLocalField(f"{label} (UTC)", [Optional()], format=MOMENTS)


def _cause() -> SelectField:
    known = [SelectChoice(str(each), words) for each, words in CAUSE_WORDS.items()]
    return SelectField("Cause", choices=[SelectChoice("", "not known yet"), *known])


def _cause_in(field: SelectField) -> IncidentCause | None:
    return IncidentCause(field.data) if field.data else None


class VersionedForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """A form that says which version it was filled in from."""

    version = HiddenField()

    @property
    def seen_version(self) -> int:
        """The version that was seen."""
        return version_in(self.version.data)


class OpenForm(FlaskForm):  # type: ignore[misc] # as above
    """What happens, at whom, since when; by which response."""

    supplier = StringField("Supplier", [given, at_most(LONGEST_TITLE)], filters=[clean_line])
    title = StringField("What happens", [given, at_most(LONGEST_TITLE)], filters=[clean_line])
    details = TextAreaField("What is known", [at_most(LONGEST_TEXT)], filters=[clean_text])
    cause = _cause()
    started_at = _moment("Supply was hit")
    signalled_at = _moment("First heard of")
    response = SelectField("Response", choices=[])
    parts = TextAreaField("Parts", [at_most(LONGEST_LIST)], filters=[clean_text])
    others = TextAreaField("Other suppliers", [at_most(LONGEST_LIST)], filters=[clean_text])

    def offer(self, responses: Sequence[IncidentResponse]) -> None:
        """Let the responses in force be chosen."""
        known = [SelectChoice(str(each.public_id), each.name) for each in responses]
        self.response.choices = [SelectChoice("", "none: decide as we go"), *known]

    def opening(self) -> Opening:
        """Return what was filled in."""
        return Opening(
            title=self.title.data or "",
            details=self.details.data or None,
            cause=_cause_in(self.cause),
            started_at=aware(self.started_at.data),
            signalled_at=aware(self.signalled_at.data),
            parts=numbers_in(self.parts.data),
            others=numbers_in(self.others.data),
        )


class MoveForm(VersionedForm):
    """How it stands now, since when, and why where that needs a reason."""

    state = SelectField("State", choices=[SelectChoice(str(e), str(e)) for e in IncidentState])
    at = _moment("When")
    reason = TextAreaField("Why", [at_most(LONGEST_REASON)], filters=[clean_text])


class FactsForm(VersionedForm):
    """What is known by now."""

    title = StringField("What happens", [given, at_most(LONGEST_TITLE)], filters=[clean_line])
    details = TextAreaField("What is known", [at_most(LONGEST_TEXT)], filters=[clean_text])
    cause = _cause()
    cause_text = TextAreaField("How it came", [at_most(LONGEST_TEXT)], filters=[clean_text])
    started_at = _moment("Supply was hit")
    signalled_at = DateTimeLocalField(
        "First heard of (UTC)", [InputRequired("Required")], format=MOMENTS
    )
    cost = money_field("What it cost us")
    currency = currency_field()

    def show(self, incident: Incident) -> None:
        """Fill in what is known."""
        for name in ("title", "details", "cause_text", "cost", "currency"):
            self[name].data = getattr(incident, name)
        self.cause.data = incident.cause or ""
        self.started_at.data = incident.started_at
        self.signalled_at.data = incident.signalled_at
        self.version.data = str(incident.version)

    def facts(self) -> Facts:
        """Return what was filled in."""
        signalled = aware(self.signalled_at.data)
        if signalled is None:
            raise ValueError("the form was not validated: a required moment is missing")
        return Facts(
            title=self.title.data or "",
            details=self.details.data or None,
            cause=_cause_in(self.cause),
            cause_text=self.cause_text.data or None,
            started_at=aware(self.started_at.data),
            signalled_at=signalled,
            cost=self.cost.data,
            currency=self.currency.data or None,
        )


class TaskForm(FlaskForm):  # type: ignore[misc] # as above
    """What is to be done, by whom, until when."""

    task = StringField("Task", [given, at_most(300)], filters=[clean_line])
    owner = StringField("Owner", [given, at_most(LONGEST_TITLE)], filters=[clean_line])
    due_at = DateTimeLocalField("Due (UTC)", [InputRequired("Required")], format=MOMENTS)


class SettleForm(VersionedForm):
    """What came of a task."""

    state = SelectField("State", choices=[SelectChoice(str(e), str(e)) for e in TaskState])
    reason = StringField("What came of it", [at_most(LONGEST_REASON)], filters=[clean_line])


class DecisionForm(FlaskForm):  # type: ignore[misc] # as above
    """What was decided, why, by whom and when, and the money that goes with it."""

    said = TextAreaField("Decision", [given, at_most(LONGEST_TEXT)], filters=[clean_text])
    reason = TextAreaField("Reason", [at_most(LONGEST_REASON)], filters=[clean_text])
    decided_by = StringField("Decided by", [at_most(LONGEST_TITLE)], filters=[clean_line])
    decided_at = _moment("When")
    amount = money_field("Money for expediting")
    currency = currency_field()

    def decision(self) -> Decision:
        """Return what was filled in."""
        return Decision(
            said=self.said.data or "",
            reason=self.reason.data or "",
            decided_by=self.decided_by.data or "",
            decided_at=aware(self.decided_at.data),
            amount=self.amount.data or None,
            currency=(self.currency.data or None) if self.amount.data else None,
        )


class PartForm(FlaskForm):  # type: ignore[misc] # as above
    """A part that is hit."""

    part = StringField("Part number", [given, at_most(LONGEST_TITLE)], filters=[clean_line])


class LinkForm(FlaskForm):  # type: ignore[misc] # as above
    """What the incident belongs to."""

    about = SelectField("Belongs to", choices=[])

    def offer(self, choices: Sequence[Choice]) -> None:
        """Let what it may belong to be chosen."""
        self.about.choices = [SelectChoice(each.value, each.words) for each in choices]
