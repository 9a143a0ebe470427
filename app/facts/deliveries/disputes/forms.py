"""Forms of disputes: shape and range only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.base.web.entries import NumberField
from app.calc.attribution import MissCause
from app.facts.deliveries.disputes.corrections import DAYS
from app.facts.deliveries.disputes.effects import Change
from app.facts.deliveries.disputes.models import (
    LONGEST_CLAIM,
    LONGEST_REASON,
    DisputeState,
    Effect,
    Ground,
)
from app.facts.deliveries.disputes.services import DECIDED, SHORTEST_REASON, Objection
from app.facts.deliveries.disputes.wording import EFFECT_WORDS, GROUND_WORDS, STATE_WORDS
from app.facts.deliveries.lines.line_words import CAUSE_WORDS

REQUIRED = "Required"
LONGEST_NAME = 200
LARGEST = 1_000_000_000
KEY = re.compile(r"[0-9]{1,18}")
REASON = (
    InputRequired(f"Give a reason of at least {SHORTEST_REASON} characters."),
    Length(SHORTEST_REASON, LONGEST_REASON, f"{SHORTEST_REASON} to {LONGEST_REASON} characters."),
)


def _choices(words: Mapping[Any, str]) -> list[SelectChoice]:  # Any: values of enums
    return [SelectChoice(str(value), label) for value, label in words.items()]


class OpenForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """What the supplier says is wrong with a line."""

    ground = SelectField("What is wrong", choices=_choices(GROUND_WORDS))
    claim = TextAreaField(
        "In the supplier’s words",
        [InputRequired(REQUIRED), Length(1, LONGEST_CLAIM, f"At most {LONGEST_CLAIM} characters.")],
    )
    said_by = StringField(
        "Said by", [Length(0, LONGEST_NAME, f"At most {LONGEST_NAME} characters.")]
    )

    def objection(self) -> Objection:
        """Return what was filled in."""
        ground, said_by = Ground(self.ground.data), (self.said_by.data or "").strip()
        return Objection(ground, self.claim.data or "", said_by or None)


class RulingForm(FlaskForm):  # type: ignore[misc] # as above
    """A decision, what it changes on the line, and why."""

    outcome = RadioField(
        "Decision", choices=_choices({each: STATE_WORDS[each][1] for each in DECIDED}),
        validators=[InputRequired("Choose a decision.")],
    )  # fmt: skip
    effect = SelectField(
        "What it changes", choices=_choices(EFFECT_WORDS), default=str(Effect.NONE)
    )
    reference_on = DateField("Date to judge against", [Optional()])
    cause = SelectField(
        "Whose doing it was",
        choices=_choices({"": "choose a cause"} | {each: CAUSE_WORDS[each] for each in MissCause}),
        validators=[Optional()],
    )
    receipt_id = SelectField("Receipt", choices=[], validate_choice=False)
    ready_on = DateField("Ready on", [Optional()])
    dispatched_on = DateField("Dispatched on", [Optional()])
    arrived_on = DateField("Arrived on", [Optional()])
    posted_on = DateField("Posted on", [Optional()])
    quantity = NumberField(
        "Quantity", [Optional(), NumberRange(min=0, max=LARGEST, message="0 or more.")], places=None
    )
    reason = TextAreaField("Reason of the ruling", REASON)

    def change(self) -> Change:
        """Return what the ruling is to change."""
        given = self.receipt_id.data or ""
        days = tuple((name, self[name].data) for name in DAYS if self[name].data is not None)
        return Change(
            Effect(self.effect.data),
            reference_on=self.reference_on.data,
            cause=MissCause(self.cause.data) if self.cause.data else None,
            receipt_id=int(given) if KEY.fullmatch(given) else None,
            days=days,
            quantity=self.quantity.data,
        )

    @property
    def decision(self) -> DisputeState:
        """The decision that was chosen."""
        return DisputeState(self.outcome.data)


class WithdrawForm(FlaskForm):  # type: ignore[misc] # as above
    """Why a dispute or its ruling is withdrawn."""

    reason = StringField("Reason", REASON)
