"""The form of proposed restatements: shape and range only."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import InputRequired

APPROVE, REFUSE = "approve", "refuse"


class DecisionForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """Whether the chosen cards are restated, and why."""

    decision = SelectField(
        "Decision",
        [InputRequired("Choose what is to happen.")],
        choices=[
            SelectChoice("", "choose"),
            SelectChoice(APPROVE, "restate the chosen cards"),
            SelectChoice(REFUSE, "leave them as they are"),
        ],
    )
    reason = TextAreaField("Reason")

    @property
    def is_approved(self) -> bool:
        """Whether the cards are to be restated."""
        return bool(self.decision.data == APPROVE)
