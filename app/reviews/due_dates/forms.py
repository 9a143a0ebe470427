"""The form of a calendar feed: shape and range only."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs

from app.base.web.entries import at_most, clean_line, given
from app.reviews.due_dates.models import LONGEST_NAME

LASTS = {"90": "three months", "183": "half a year", "366": "a year"}


class FeedForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """Which program reads the calendar, how long, and what of it."""

    name = StringField(
        "Which program reads it", [given, at_most(LONGEST_NAME)], filters=[clean_line]
    )
    lasts = SelectField(
        "The address works for",
        choices=[SelectChoice(value, words) for value, words in LASTS.items()],
        default="183",
    )
    is_mine_only = BooleanField("Only what is mine")
