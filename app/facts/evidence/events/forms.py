"""Forms of private events: shape only; what a place means is checked by `services`."""

from __future__ import annotations

from datetime import date
from typing import cast

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    FloatField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.facts.evidence.events.models import (
    LONGEST_TEXT,
    DisruptionEvent,
    EventKind,
    PlaceKind,
    Severity,
)
from app.facts.evidence.events.services import Told

REQUIRED = "Required"
WIDEST_KM = 5_000
KIND_WORDS = {each: each.value.replace("_", " ") for each in EventKind}
PLACE_WORDS = {
    PlaceKind.COUNTRY: "a country",
    PlaceKind.REGION: "a region: several countries",
    PlaceKind.PORT: "a port",
    PlaceKind.SITE: "a supplier’s site",
    PlaceKind.UPSTREAM: "a company upstream",
}


def _stripped(text: str | None) -> str:
    return " ".join((text or "").split())


def _text(label: str, *, is_needed: bool = False, longest: int = 200) -> StringField:
    checks = [Length(max=longest, message=f"At most {longest:,} characters.")]
    return StringField(
        label, [DataRequired(REQUIRED), *checks] if is_needed else checks, filters=[_stripped]
    )


class EventForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """What happened, where, from when until when."""

    title = _text("What happened", is_needed=True)
    kind = SelectField(
        "Kind", choices=[SelectChoice(each.value, words) for each, words in KIND_WORDS.items()]
    )
    severity = SelectField(
        "Severity", choices=[SelectChoice(each.value, each.value) for each in Severity]
    )
    from_on = DateField("From", [InputRequired(REQUIRED)])
    until_on = DateField("Until", [Optional()])
    place_kind = SelectField(
        "Where", choices=[SelectChoice(each.value, words) for each, words in PLACE_WORDS.items()]
    )
    countries = _text("Countries")
    place = _text("Port, company or site")
    supplier = _text("Supplier number")
    mode = _text("Mode of transport", longest=40)
    radius_km = IntegerField(
        "Radius [km]", [Optional(), NumberRange(1, WIDEST_KM, f"1 to {WIDEST_KM:,} km.")]
    )
    latitude = FloatField("Latitude", [Optional(), NumberRange(-90, 90, "−90 to 90 degrees.")])
    longitude = FloatField(
        "Longitude", [Optional(), NumberRange(-180, 180, "−180 to 180 degrees.")]
    )
    source = _text("Source", is_needed=True)
    details = TextAreaField(
        "Details", [Length(max=LONGEST_TEXT, message="At most 2,000 characters.")]
    )

    def told(self) -> Told:
        """Return what was filled in."""
        return Told(
            kind=EventKind(self.kind.data),
            title=self.title.data or "",
            place_kind=PlaceKind(self.place_kind.data),
            from_on=cast(date, self.from_on.data),
            severity=Severity(self.severity.data),
            source=self.source.data or "",
            until_on=self.until_on.data,
            countries=self.countries.data or "",
            place=self.place.data or "",
            supplier=self.supplier.data or "",
            mode=self.mode.data or "",
            latitude=self.latitude.data,
            longitude=self.longitude.data,
            radius_km=self.radius_km.data,
            details=(self.details.data or "").strip() or None,
        )

    def show(self, found: DisruptionEvent, supplier_number: str) -> None:
        """Fill in what is recorded."""
        self.title.data, self.kind.data, self.severity.data = (
            found.title, found.kind, found.severity,
        )  # fmt: skip
        self.from_on.data, self.until_on.data = found.from_on, found.until_on
        self.place_kind.data, self.countries.data = found.place_kind, found.countries or ""
        self.place.data, self.supplier.data = found.place or "", supplier_number
        self.mode.data, self.radius_km.data = found.mode or "", found.radius_km
        if found.site_id is None:
            self.latitude.data, self.longitude.data = found.latitude, found.longitude
        self.source.data, self.details.data = found.source, found.details or ""


class EndForm(FlaskForm):  # type: ignore[misc] # as above
    """On which day an event was over."""

    until_on = DateField("Last day", [InputRequired(REQUIRED)])


class WithdrawForm(FlaskForm):  # type: ignore[misc] # as above
    """Why an event is withdrawn."""

    reason = TextAreaField("Reason")
