"""Forms of the pages of FMEA registers: shape and range only.

Ratings and failure modes have as many fields as they have effects, causes and controls: they
are read by `rating_forms` and `mode_forms`.
"""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import InputRequired, Length, Optional

from app.judgement.fmea.models import LONGEST_TEXT, LONGEST_TITLE, Subject
from app.judgement.fmea.services import RegisterSaid
from app.judgement.fmea.values import clean
from app.judgement.fmea.wording import SUBJECT_WORDS

REQUIRED = "Required"
DAY = "A date, such as 2026-11-21."


def _longest(count: int) -> Length:
    return Length(max=count, message=f"At most {count:,} characters")


def _short(label: str, *, is_needed: bool = False) -> StringField:
    checks = [InputRequired(REQUIRED)] if is_needed else []
    return StringField(label, [*checks, _longest(LONGEST_TITLE)], filters=[clean])


class RegisterForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """What a register is about, whose it is, and when it is looked at next."""

    subject = SelectField(
        "About a", choices=[SelectChoice(each.value, SUBJECT_WORDS[each]) for each in Subject]
    )
    title = _short("Title", is_needed=True)
    supplier = _short("Supplier number")
    category = _short("Category")
    site = _short("Site")
    lane = _short("Lane")
    owner = _short("Owner")
    review_on = DateField("Next review", [Optional()])
    scale_name = SelectField("Rated by the scales")
    note = TextAreaField("Note", [_longest(LONGEST_TEXT)], filters=[clean])
    version = HiddenField()

    def said(self) -> RegisterSaid:
        """Return what was filled in."""
        return RegisterSaid(
            subject=Subject(self.subject.data),
            title=self.title.data or "",
            supplier=self.supplier.data or "",
            category=self.category.data or "",
            site=self.site.data or "",
            lane=self.lane.data or "",
            owner=self.owner.data or "",
            note=self.note.data or "",
            review_on=self.review_on.data,
            scale_name=self.scale_name.data,
        )


class ReasonForm(FlaskForm):  # type: ignore[misc] # as above
    """Why something is done, and to which version of it."""

    reason = TextAreaField("Reason")
    version = HiddenField()


class DraftForm(FlaskForm):  # type: ignore[misc] # as above
    """Of which scales a draft is made."""

    name = SelectField("Of")
