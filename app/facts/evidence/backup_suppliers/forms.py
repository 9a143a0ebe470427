"""Forms of backup suppliers: shape and range only."""

from __future__ import annotations

from decimal import Decimal

from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional

from app.base.web.entries import (
    NumberField,
    at_most,
    clean_line,
    clean_text,
    exactly,
    given,
    version_in,
)
from app.facts.evidence.backup_suppliers.models import (
    LONGEST_REASON,
    LONGEST_TEXT,
    BackupSupplier,
)
from app.facts.evidence.backup_suppliers.services import Plan

LONGEST_NAME = 200
MOST_QUANTITY = Decimal(10) ** 12
MILLION, PERCENT = 1_000_000, 100
DEFAULT_ROTATION = 180


class PlanForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """What is meant with a backup."""

    version = HiddenField()
    owner = StringField("Owner", [given, at_most(LONGEST_NAME)], filters=[clean_line])
    due_on = DateField("Next stage due", [Optional()])
    target_percent = NumberField(
        "Target share, percent",
        [Optional(), NumberRange(0, PERCENT, "From 0 to 100."), exactly(4)],
    )
    capacity = NumberField(
        "Emergency capacity, units a month",
        [Optional(), NumberRange(0, MOST_QUANTITY, "From 0 on."), exactly(6)],
    )
    ready_days = IntegerField(
        "Days to its first delivery", [Optional(), NumberRange(0, 3650, "From 0 to 3,650.")]
    )
    rotate_days = IntegerField(
        "Order at least every, days",
        [InputRequired("Required"), NumberRange(1, 3650, "From 1 to 3,650.")],
    )
    note = TextAreaField("Note", [at_most(LONGEST_TEXT)], filters=[clean_text])

    @property
    def seen_version(self) -> int:
        """The version that was seen."""
        return version_in(self.version.data)

    def show(self, row: BackupSupplier) -> None:
        """Fill in what is meant."""
        for name in ("owner", "due_on", "capacity", "ready_days", "rotate_days", "note"):
            self[name].data = getattr(row, name)
        share = row.target_share
        self.target_percent.data = None if share is None else Decimal(share) * PERCENT / MILLION
        self.version.data = str(row.version)

    def plan(self) -> Plan:
        """Return what was filled in."""
        percent: Decimal | None = self.target_percent.data
        return Plan(
            owner=self.owner.data or "",
            due_on=self.due_on.data,
            target_share=None if percent is None else int(percent * MILLION / PERCENT),
            capacity=self.capacity.data,
            ready_days=self.ready_days.data,
            rotate_days=self.rotate_days.data or DEFAULT_ROTATION,
            note=self.note.data or None,
        )


class NewForm(PlanForm):
    """Which supplier could take over which part."""

    part = StringField("Part number", [given, at_most(LONGEST_NAME)], filters=[clean_line])
    supplier = StringField("Supplier", [given, at_most(LONGEST_NAME)], filters=[clean_line])


class AdvanceForm(FlaskForm):  # type: ignore[misc] # as above
    """What shows that the next stage is reached, and when the one after it is due."""

    version = HiddenField()
    reason = TextAreaField("What shows it", [at_most(LONGEST_REASON)], filters=[clean_text])
    next_due_on = DateField("The stage after it is due", [Optional()])


class DropForm(FlaskForm):  # type: ignore[misc] # as above
    """Why a backup is given up."""

    version = HiddenField()
    reason = TextAreaField("Why", [at_most(LONGEST_REASON)], filters=[clean_text])
