"""Forms of responses: shape and range only."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import ValidationError

from app.base.web.entries import at_most, clean_line, clean_text, given, version_in
from app.judgement.continuity.incidents.forms import currency_field, money_field, numbers_in
from app.judgement.continuity.responses.models import LONGEST_REASON, LONGEST_STEP
from app.judgement.continuity.responses.queries import ResponseSheet, Step
from app.judgement.continuity.responses.services import MOST_STEPS, Said
from app.judgement.continuity.responses.triggers import Trigger

LONGEST_NAME, LONGEST_LIST = 200, 10_000
BY_HAND = "only by people"
# “4 | A. Lindqvist | Call the plant manager”, an “h” behind the hours or not.
STEP = re.compile(r"(\d{1,5})\s*h?\s*\|([^|]+)\|(.+)", re.ASCII)


def steps_in(text: str) -> tuple[Step, ...]:
    """Return the steps that are written one a line; raises ValidationError naming a line."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_STEPS:
        raise ValidationError(f"{len(lines)} steps; at most {MOST_STEPS}")
    return tuple(_step(number, line.strip()) for number, line in enumerate(lines, start=1))


def steps_text(steps: Iterable[Step]) -> str:
    """Return steps as they are written."""
    return "\n".join(f"{each.hours} h | {each.owner} | {each.title}" for each in steps)


def _step(number: int, line: str) -> Step:
    found = STEP.fullmatch(line)
    if found is None:
        raise ValidationError(f"Line {number}: write hours | who | what, not “{line[:40]}”")
    hours, owner, title = int(found[1]), found[2].strip(), found[3].strip()
    if not owner or len(owner) > LONGEST_NAME or not title or len(title) > LONGEST_STEP:
        raise ValidationError(
            f"Line {number}: who in 1 to {LONGEST_NAME} characters, what in 1 to {LONGEST_STEP}"
        )
    return Step(title, owner, hours)


class ResponseForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """What triggers, what is done then, by whom and with what money."""

    version = HiddenField()
    name = StringField("Name", [given, at_most(LONGEST_NAME)], filters=[clean_line])
    rule = SelectField("Trigger", choices=[])
    supplier = StringField("Supplier", [at_most(LONGEST_NAME)], filters=[clean_line])
    steps = TextAreaField("Steps", [given, at_most(LONGEST_LIST)], filters=[clean_text])
    approver = StringField("Who decides", [given, at_most(LONGEST_NAME)], filters=[clean_line])
    authority = money_field("May be spent at once")
    currency = currency_field()
    substitute = StringField("Substitute supplier", [at_most(LONGEST_NAME)], filters=[clean_line])
    air_freight = TextAreaField("Parts flown in", [at_most(LONGEST_LIST)], filters=[clean_text])
    reason = TextAreaField("Why", [at_most(LONGEST_REASON)], filters=[clean_text])

    def validate_steps(self, field: TextAreaField) -> None:
        """Refuse a line that is no step."""
        steps_in(field.data or "")

    def offer(self, triggers: Iterable[Trigger], *, kept: str | None = None) -> None:
        """Let the rules in force be chosen; one that is gone stays choosable where it was."""
        known = {each.key: f"{each.name}: {each.says}" for each in triggers}
        if kept is not None:
            known.setdefault(kept, f"{kept} (no rule of this name is in force)")
        self.rule.choices = [
            SelectChoice("", BY_HAND),
            *(SelectChoice(key, words) for key, words in known.items()),
        ]

    @property
    def seen_version(self) -> int:
        """The version that was seen."""
        return version_in(self.version.data)

    def show(self, sheet: ResponseSheet) -> None:
        """Fill in what a version says."""
        row = sheet.response
        self.version.data, self.name.data, self.rule.data = (
            str(row.version), row.name, row.rule_key or "",
        )  # fmt: skip
        self.supplier.data = "" if sheet.supplier is None else sheet.supplier.number
        self.substitute.data = "" if sheet.substitute is None else sheet.substitute.number
        self.steps.data, self.approver.data = steps_text(sheet.steps), row.approver
        self.authority.data, self.currency.data = row.authority, row.currency or ""
        self.air_freight.data = "\n".join(row.air_freight)

    def said(self) -> Said:
        """Return what was filled in."""
        return Said(
            name=self.name.data or "",
            steps=steps_in(self.steps.data or ""),
            approver=self.approver.data or "",
            rule_key=self.rule.data or None,
            supplier=self.supplier.data or "",
            authority=self.authority.data,
            currency=(self.currency.data or None) if self.authority.data is not None else None,
            substitute=self.substitute.data or "",
            air_freight=numbers_in(self.air_freight.data),
        )


class RetireForm(FlaskForm):  # type: ignore[misc] # as above
    """Why a response is no longer in force."""

    reason = TextAreaField("Why", [at_most(LONGEST_REASON)], filters=[clean_text])
