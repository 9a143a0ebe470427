"""Forms of risk meetings: shape and range only."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import InputRequired, ValidationError

from app.base.web.entries import at_most, clean_line, clean_text, given, version_in
from app.reviews.meetings.models import (
    LONGEST_MINUTES,
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_REASON,
    LONGEST_TEXT,
    CommitmentState,
)
from app.reviews.meetings.queries import FrozenPoint

THE_HOUSE = SelectChoice("", "the house as a whole")


class _Versioned(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """A form that says which version it was filled in from."""

    version = HiddenField()

    @property
    def seen_version(self) -> int:
        """The version that was seen."""
        return version_in(self.version.data)


class PlanForm(FlaskForm):  # type: ignore[misc] # as above
    """When a meeting is, what it is called, who leads it."""

    planned_on = DateField("Day", [InputRequired("Required")])
    title = StringField("Title", [given, at_most(LONGEST_NAME)], filters=[clean_line])
    chair = StringField("Who leads it", [given, at_most(LONGEST_NAME)], filters=[clean_line])


class MinutesForm(_Versioned):
    """The minutes, and who was there: one a line, with their part behind a comma."""

    attendees = TextAreaField("Who was there", [at_most(LONGEST_NOTE)], filters=[clean_text])
    minutes = TextAreaField("Minutes", [at_most(LONGEST_MINUTES)], filters=[clean_text])

    def validate_attendees(self, field: TextAreaField) -> None:
        """Refuse a line that is no name any more."""
        for line in (field.data or "").splitlines():
            if any(len(part) > LONGEST_NAME for part in _attendee(line)):
                raise ValidationError(f"At most {LONGEST_NAME} characters a line")

    def people(self) -> list[tuple[str, str]]:
        """Return who was there, each with their part."""
        found = [_attendee(line) for line in (self.attendees.data or "").splitlines()]
        return [(name, part) for name, part in found if name]


class NoteForm(_Versioned):
    """What was said to one point."""

    note = TextAreaField("What was said", [at_most(LONGEST_NOTE)], filters=[clean_text])


class _About(FlaskForm):  # type: ignore[misc] # as above
    """A form about one point's supplier, or about the house."""

    about = SelectField("About", choices=[THE_HOUSE])

    def offer(self, points: Iterable[FrozenPoint]) -> None:
        """Let the points of the agenda be chosen."""
        self.about.choices = [
            THE_HOUSE,
            *(
                SelectChoice(str(each.public_id), f"{each.supplier_name}: {each.title}"[:90])
                for each in points
                if each.supplier_id is not None
            ),
        ]

    @property
    def point_id(self) -> UUID | None:
        """The point that was chosen."""
        return UUID(self.about.data) if self.about.data else None


class DecisionForm(_About):
    """What was decided."""

    said = TextAreaField("Decision", [given, at_most(LONGEST_TEXT)], filters=[clean_text])


class CommitmentForm(_About):
    """What somebody promised, and until when."""

    what = TextAreaField("What", [given, at_most(LONGEST_TEXT)], filters=[clean_text])
    owner = StringField("Who", [given, at_most(LONGEST_NAME)], filters=[clean_line])
    due_on = DateField("Until", [InputRequired("Required")])


class SettleForm(_Versioned):
    """What came of a commitment."""

    state = SelectField(
        "What came of it",
        choices=[
            SelectChoice(str(CommitmentState.DONE), "done"),
            SelectChoice(str(CommitmentState.DROPPED), "dropped"),
        ],
    )
    reason = StringField("What shows it, or why", [at_most(LONGEST_REASON)], filters=[clean_line])


def _attendee(line: str) -> tuple[str, str]:
    name, _, part = line.partition(",")
    return name.strip(), part.strip()
