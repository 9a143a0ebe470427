"""Forms of the pages of delivery rules and calendars: shape and range only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.base.web.entries import NumberField
from app.calc.delivery_rules import DayCount, ReferenceDate, RuleScope
from app.facts.deliveries.lines.line_words import EVENT_WORDS
from app.facts.deliveries.rules.keeping import Draft, Place
from app.facts.deliveries.rules.models import LONGEST_LABEL
from app.facts.deliveries.rules.queries import RuleRow
from app.facts.deliveries.rules.wording import DAY_COUNT_WORDS, REFERENCE_WORDS, SCOPE_WORDS
from app.facts.suppliers.calendar_keeping import LONGEST_NAME

BY_INCOTERM = ""
REQUIRED = "Required"
MOST_DAYS = 366
MILLIONTHS_OF_PERCENT = 10_000
LONGEST_PASTE = 100_000
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAYS = NumberRange(min=0, max=MOST_DAYS, message=f"Between 0 and {MOST_DAYS}.")
UNDER = NumberRange(min=0, max=Decimal("99.9999"), message="From 0 to below 100.")
OVER = NumberRange(min=0, max=1000, message="From 0 to 1,000.")


def choices(words: Mapping[Any, str]) -> list[SelectChoice]:
    """Return what a field offers: values with their words."""
    return [SelectChoice(value, label) for value, label in words.items()]


def _stripped(text: str | None) -> str:
    return (text or "").strip()


class TermsForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """What a rule asks for, and from when to when."""

    valid_from = DateField("For orders from", [Optional()])
    valid_to = DateField("To and including", [Optional()])
    reference = SelectField(
        "The date that counts", choices=choices(REFERENCE_WORDS),
        default=ReferenceDate.ORIGINAL.value,
    )  # fmt: skip
    event = SelectField(
        "What counts as delivered",
        choices=choices({BY_INCOTERM: "by the order’s Incoterm"} | EVENT_WORDS),
    )
    early_days = IntegerField("Days early", [Optional(), DAYS])
    late_days = IntegerField("Days late", [InputRequired(REQUIRED), DAYS], default=0)
    day_count = SelectField(
        "Counted in", choices=choices(DAY_COUNT_WORDS), default=DayCount.CALENDAR.value
    )
    under = NumberField("Percent less", [Optional(), UNDER])
    over = NumberField("Percent more", [Optional(), OVER])
    is_split_allowed = BooleanField("Split deliveries are allowed", default=True)
    accepted_only = BooleanField("Only accepted goods count as received")
    confirmed = HiddenField()

    def draft(self) -> Draft:
        """Return what was filled in."""
        return Draft(
            valid_from=self.valid_from.data,
            valid_to=self.valid_to.data,
            reference=ReferenceDate(self.reference.data),
            event=self.event.data or None,
            early_days=self.early_days.data,
            late_days=self.late_days.data or 0,
            day_count=DayCount(self.day_count.data),
            under_millionths=_millionths(self.under.data),
            over_millionths=_millionths(self.over.data),
            is_split_allowed=self.is_split_allowed.data,
            accepted_only=self.accepted_only.data,
        )

    def show(self, rule: RuleRow) -> None:
        """Fill in what a rule asks for, without its days."""
        terms = rule.terms
        self.reference.data, self.event.data = rule.reference, rule.event or BY_INCOTERM
        self.early_days.data, self.late_days.data = terms.early_days, terms.late_days
        self.day_count.data = DayCount.BUSINESS if terms.is_business else DayCount.CALENDAR
        self.under.data = _percent(terms.under_millionths)
        self.over.data = _percent(terms.over_millionths)
        self.is_split_allowed.data = terms.may_split
        self.accepted_only.data = terms.accepted_only


class RuleForm(TermsForm):
    """A new rule: its name and what it is for."""

    label = StringField(
        "Name",
        [InputRequired(REQUIRED), Length(max=LONGEST_LABEL, message="At most 32 characters.")],
        filters=[_stripped],
    )
    scope = SelectField("For", choices=choices(SCOPE_WORDS), default=RuleScope.DEFAULT.value)
    category = StringField("Category", [Length(max=200)], filters=[_stripped])
    supplier = StringField("Supplier number", [Length(max=200)], filters=[_stripped])
    part = StringField("Part number", [Length(max=200)], filters=[_stripped])
    contract = StringField("Contract", [Length(max=200)], filters=[_stripped])

    def place(self) -> Place:
        """Return what the rule is for."""
        return Place(
            RuleScope(self.scope.data),
            self.category.data or "",
            self.supplier.data or "",
            self.part.data or "",
            self.contract.data or "",
        )


class EndForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """The last day of orders that a rule judges; none withdraws it wholly."""

    valid_to = DateField("Last day", [Optional()])
    confirmed = HiddenField()

    @property
    def last_day(self) -> date | None:
        """The day, None to withdraw."""
        day: date | None = self.valid_to.data
        return day


class CalendarForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """A calendar: its name, weekend, holidays and the sites that go by it."""

    name = StringField(
        "Name",
        [InputRequired(REQUIRED), Length(max=LONGEST_NAME, message="At most 200 characters.")],
        filters=[_stripped],
    )
    weekend = SelectMultipleField(
        "Days off every week",
        choices=choices({str(place): day for place, day in enumerate(WEEKDAYS)}),
        default=["5", "6"],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    holidays = TextAreaField("Holidays", [Length(max=LONGEST_PASTE)])
    sites = SelectMultipleField(
        "Our sites that go by it", coerce=int,
        option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False),
    )  # fmt: skip
    confirmed = HiddenField()


def _millionths(percent: Decimal | None) -> int | None:
    return None if percent is None else int(percent * MILLIONTHS_OF_PERCENT)


def _percent(millionths: int | None) -> Decimal | None:
    if millionths is None:
        return None
    return (Decimal(millionths) / MILLIONTHS_OF_PERCENT).normalize() + 0
