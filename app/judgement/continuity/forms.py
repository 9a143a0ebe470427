"""Forms of plans: shape and range only; lists are written one entry to a line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import InputRequired, NumberRange, Optional

from app.base.web.entries import at_most, clean_line, clean_text, version_in
from app.base.web.entries import given as filled
from app.judgement.continuity.content import Called, Expected, Needed, Opened, VersionSaid
from app.judgement.continuity.models import (
    LONGEST_NOTE,
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_DAYS,
    MOST_HOURS,
    MOST_KM,
    DependencyKind,
    PlanScope,
)
from app.judgement.continuity.wording import DEPENDENCIES, SCOPES

REQUIRED = "Required"
YES, NO = "yes", "no"
LONGEST_LIST = 20_000
INNER = "|"


def given(day: date | None) -> date:
    """Return a day that a form requires."""
    if day is None:
        raise ValueError("the form was not validated: a required day is missing")
    return day


def line_of_text(words: str, most: int = LONGEST_NOTE) -> StringField:
    """Return a field of one line that may stay empty."""
    return StringField(words, [at_most(most)], filters=[clean_line])


def named(words: str, most: int = LONGEST_TITLE) -> StringField:
    """Return a field of one line that may not stay empty."""
    return StringField(words, [filled, at_most(most)], filters=[clean_line])


def block_of_text(words: str, most: int = LONGEST_TEXT) -> TextAreaField:
    """Return a field of several lines that may stay empty."""
    return TextAreaField(words, [at_most(most)], filters=[clean_text])


def number(words: str, most: int) -> IntegerField:
    """Return a field of a whole number from 0 on, empty where it is not known."""
    told = f"A whole number from 0 to {most:,}."
    return IntegerField(words, [Optional(), NumberRange(min=0, max=most, message=told)])


def _known(words: str) -> SelectField:
    choices = [SelectChoice("", "not known"), SelectChoice(YES, "yes"), SelectChoice(NO, "no")]
    return SelectField(words, choices=choices, default="")


class SeenForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """A form that says which version of its object it was opened with."""

    version = HiddenField()

    @property
    def seen_version(self) -> int:
        """The version that was seen, 0 where the form does not say."""
        return version_in(self.version.data)


class OpenForm(FlaskForm):  # type: ignore[misc] # as above
    """What a plan is to be about."""

    title = named("Title")
    scope = SelectField(
        "It is about", choices=[SelectChoice(key, words) for key, words in SCOPES.items()]
    )
    site = SelectField("Site", choices=[], validate_choice=False)
    family = SelectField("Family of parts", choices=[], validate_choice=False)

    def offer(self, sites: Sequence[str], families: Sequence[str]) -> None:
        """Offer the supplier's sites and families."""
        for field, names in ((self.site, sites), (self.family, families)):
            field.choices = [SelectChoice("", "–"), *(SelectChoice(name, name) for name in names)]

    def said(self) -> Opened:
        """Return what was filled in."""
        return Opened(
            PlanScope(self.scope.data),
            self.title.data or "",
            site=clean_line(self.site.data),
            family=clean_line(self.family.data),
        )


class DraftForm(SeenForm):
    """Everything that a version says."""

    owner = line_of_text("Owner", LONGEST_TITLE)
    deputy = line_of_text("Deputy", LONGEST_TITLE)
    last_reviewed_on = DateField("Last reviewed", [Optional()])
    next_review_on = DateField("Next review", [Optional()])
    activation_trigger = block_of_text("It is activated when")
    mtpd_days = number("Longest tolerable outage (MTPD), days", MOST_DAYS)
    rto_days = number("Recovery time claimed (RTO), days", MOST_DAYS)
    rpo_hours = number("Loss of data tolerated (RPO), hours", MOST_HOURS)
    mbco_percent = number("Least capacity needed (MBCO), percent", 100)
    peak_periods = line_of_text("Peak periods")
    resources = block_of_text("What a recovery takes, over time")
    comms_hours = number("We are told within, hours", MOST_HOURS)
    alternate_site = line_of_text("Alternate site")
    alternate_km = number("Its distance, km", MOST_KM)
    alternate_percent = number("Its capacity, percent of normal", 100)
    alternate_days = number("Until it works, days", MOST_DAYS)
    finished_days = number("Finished goods held, days", MOST_DAYS)
    critical_days = number("Critical materials held, days", MOST_DAYS)
    is_stock_apart = _known("Stock lies at another place")
    last_time_stock = line_of_text("Last-time stock")
    has_sub_tier_plans = _known("Plans of its own suppliers are at hand")
    insurance = line_of_text("Insurance")
    iso_22301_scope = line_of_text("ISO 22301: what the certificate covers")
    iso_22301_until = DateField("ISO 22301: valid until", [Optional()])
    dependencies = block_of_text("What it needs to work", LONGEST_LIST)
    scenarios = block_of_text("What may happen", LONGEST_LIST)

    def validate_dependencies(self, field: TextAreaField) -> None:
        """Refuse lines that are not “kind | name | note”."""
        for place, cells in _lines(field.data):
            if cells[0].lower() not in _KINDS or len(cells) < 2 or not cells[1]:
                raise ValidationError(
                    f"Line {place}: write “kind | name | note”, the kind one of "
                    f"{', '.join(DEPENDENCIES.values())}."
                )
            _refuse_long(place, cells, (LONGEST_TITLE, LONGEST_TITLE, LONGEST_NOTE))

    def validate_scenarios(self, field: TextAreaField) -> None:
        """Refuse lines that are not “name | days | what is done”."""
        for place, cells in _lines(field.data):
            days = cells[1] if len(cells) > 1 else ""
            is_number = days.isascii() and days.isdigit() and len(days) < 6
            if not cells[0] or (days and not (is_number and int(days) <= MOST_DAYS)):
                raise ValidationError(
                    f"Line {place}: write “what happens | days to recover | what is done”, the "
                    f"days from 0 to {MOST_DAYS:,} or empty."
                )
            _refuse_long(place, cells, (LONGEST_TITLE, LONGEST_TITLE, LONGEST_TEXT))

    def said(self) -> VersionSaid:
        """Return what was filled in."""
        columns = {
            name: self[name].data if self[name].data != "" else None
            for name in VersionSaid().columns
        }
        for name in ("is_stock_apart", "has_sub_tier_plans"):
            columns[name] = {YES: True, NO: False}.get(columns[name] or "")
        return VersionSaid(
            **columns,
            dependencies=tuple(
                Needed(_KINDS[cells[0].lower()], cells[1], _cell(cells, 2))
                for _, cells in _lines(self.dependencies.data)
            ),
            scenarios=tuple(
                Expected(cells[0], None if not _cell(cells, 1) else int(cells[1]), _cell(cells, 2))
                for _, cells in _lines(self.scenarios.data)
            ),
        )

    def show(self, said: VersionSaid, version: int) -> None:
        """Fill the form with what a version says."""
        for name, value in said.columns.items():
            self[name].data = value
        for name in ("is_stock_apart", "has_sub_tier_plans"):
            value = getattr(said, name)
            self[name].data = "" if value is None else (YES if value else NO)
        self.dependencies.data = "\n".join(
            _line(DEPENDENCIES[each.kind], each.name, each.note) for each in said.dependencies
        )
        self.scenarios.data = "\n".join(
            _line(each.name, None if each.recover_days is None else str(each.recover_days),
                  each.response)
            for each in said.scenarios
        )  # fmt: skip
        self.version.data = str(version)


class ReasonForm(SeenForm):
    """Why something is done."""

    reason = TextAreaField("Reason")


class ReviewForm(ReasonForm):
    """That a plan was gone through, what came of it, and when it is next."""

    reviewed_on = DateField("Reviewed", [InputRequired(REQUIRED)])
    next_on = DateField("Next review", [Optional()])

    @property
    def day(self) -> date:
        """The day of the review."""
        return given(self.reviewed_on.data)


class ContactForm(SeenForm):
    """A contact."""

    name = named("Name")
    role = line_of_text("Role", LONGEST_TITLE)
    reached_by = line_of_text("Telephone or e-mail at work", 254)
    last_reached_on = DateField("Last reached", [Optional()])

    def said(self) -> Called:
        """Return what was filled in."""
        return Called(
            self.name.data or "",
            self.role.data or None,
            self.reached_by.data or None,
            self.last_reached_on.data,
        )


_KINDS = {words.lower(): DependencyKind(key) for key, words in DEPENDENCIES.items()}


def _lines(text: str | None) -> list[tuple[int, list[str]]]:
    """Return the written lines with their numbers, each cut into its cells."""
    written = enumerate((text or "").splitlines(), start=1)
    return [
        (place, [cell.strip() for cell in line.split(INNER, 2)])
        for place, line in written
        if line.strip()
    ]


def _line(*cells: str | None) -> str:
    """Return a line of cells; breaks inside become spaces, trailing empty cells go."""
    told = [" ".join((cell or "").split()) for cell in cells]
    while told and not told[-1]:
        told.pop()
    return f" {INNER} ".join(told)


def _cell(cells: Sequence[str], place: int) -> str | None:
    return cells[place] or None if place < len(cells) else None


def _refuse_long(place: int, cells: Sequence[str], most: Sequence[int]) -> None:
    for cell, limit in zip(cells, most, strict=False):
        if len(cell) > limit:
            raise ValidationError(f"Line {place}: “{cell[:40]}…” is longer than {limit:,}.")
