"""Forms of the pages about a supplier's risk index: shape and range only."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.base.web.entries import NumberField
from app.calc.risk_bands import RiskBand

REASON = Length(max=500, message="10 to 500 characters.")


class OverrideForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """A band, a value where there is one, until when, and why."""

    band = SelectField("Band", choices=[SelectChoice(str(band), str(band)) for band in RiskBand])
    value = NumberField(
        "Value, if you have one", [Optional(), NumberRange(0, 100, "A number from 0 to 100.")]
    )
    until_on = DateField("Until", [InputRequired("A date, such as 2026-11-21.")])
    reason = TextAreaField("Reason", [REASON])


class EndForm(FlaskForm):  # type: ignore[misc] # as above
    """Why it ends."""

    reason = TextAreaField("Reason", [REASON])
