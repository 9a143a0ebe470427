"""Forms of financial health: a statement in its own units, a proxy, the market."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from app.base.web.entries import NumberField
from app.calc.financial_proxy import RATING_RISK, ProxyKind
from app.faces.overview.forms import at_most, clean, given
from app.facts.evidence.finance.queries import FIGURES, FullStatement
from app.facts.evidence.finance.services import Told

LONGEST_TEXT, LONGEST_NOTE = 200, 500
UNITS = {"1": "full units", "1000": "thousands", "1000000": "millions"}
LARGEST = Decimal(10) ** 14
# What an amount may be in full units: more does not fit the database's integers.
LARGEST_STORED = Decimal(9) * 10**14
PLACES = Decimal("0.0001")
KIND_WORDS = {
    ProxyKind.RATING: "external rating",
    ProxyKind.PAYMENT: "payment behaviour",
    ProxyKind.MEDIA: "adverse media",
}
MEDIA_WORDS = {
    "nothing": "nothing found in a search",
    "isolated": "isolated reports of difficulties",
    "repeated": "repeated reports of unpaid bills or lay-offs",
    "insolvency": "insolvency or restructuring reported",
}
MOST_DAYS = 3650


def _amount(label: str) -> NumberField:
    in_range = NumberRange(-LARGEST, LARGEST, "At most 100,000,000,000,000.")
    return NumberField(label, [Optional(), in_range], places=None)


class StatementForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """An annual statement; figures are in the unit that is chosen, all in one currency."""

    version = HiddenField()
    closed_on = DateField("Last day of the year", [InputRequired("Required")])
    currency = StringField("Currency", [given], filters=[clean, str.upper])
    unit = SelectField(
        "Figures are in", choices=[SelectChoice(*each) for each in UNITS.items()], default="1"
    )
    working_capital = _amount("Working capital")
    total_assets = _amount("Total assets")
    retained_earnings = _amount("Retained earnings")
    ebit = _amount("EBIT")
    market_value_equity = _amount("Equity, market value")
    book_value_equity = _amount("Equity, book value")
    total_liabilities = _amount("Total liabilities")
    sales = _amount("Sales")
    source = StringField("Where it is from", [given, at_most(LONGEST_TEXT)], filters=[clean])
    evidence_file = SelectField("File that shows it", choices=[], default="")
    reason = TextAreaField("Why it is corrected")

    def validate_currency(self, field: Field) -> None:
        """Refuse what is no currency of ISO 4217."""
        import pycountry

        if field.data and pycountry.currencies.get(alpha_3=field.data) is None:
            raise ValidationError("One currency of ISO 4217, such as EUR.")

    def validate_unit(self, field: Field) -> None:
        """Refuse amounts that are too large in full units."""
        unit = Decimal(field.data) if field.data in UNITS else Decimal(1)
        given_ones = (self[name].data for name in FIGURES)
        # What is above the first bound can't be multiplied; copied, it need not be representable.
        amounts = [amount.copy_abs() for amount in given_ones if amount is not None]
        if any(amount <= LARGEST and amount * unit > LARGEST_STORED for amount in amounts):
            raise ValidationError("A figure is above 900,000,000,000,000 in full units.")

    @classmethod
    def of(cls, row: FullStatement) -> StatementForm:
        """Return the form filled with a statement, in full units."""
        form = cls(formdata=None)
        form.version.data, form.closed_on.data = str(row.version), row.closed_on
        form.currency.data, form.source.data = row.currency, row.source
        form.evidence_file.data = str(row.evidence_file or "")
        for name in FIGURES:
            amount = row.figures[name]
            form[name].data = None if amount is None else Decimal(f"{amount.normalize():f}")
        return form

    def offer_files(self, files: list[tuple[UUID, str]]) -> None:
        """Offer the supplier's files as evidence."""
        self.evidence_file.choices = [
            SelectChoice("", "none"),
            *(SelectChoice(str(key), name) for key, name in files),
        ]

    @property
    def seen_version(self) -> int:
        """The version that the person saw; 0 where the form does not say."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0

    def said(self) -> Told:
        """Return what was filled in, in full units."""
        unit = Decimal(self.unit.data)
        return Told(
            closed_on=day_of(self.closed_on),
            currency=self.currency.data or "",
            source=self.source.data or "",
            figures={name: _scaled(self[name].data, unit) for name in FIGURES},
            evidence_file=UUID(self.evidence_file.data) if self.evidence_file.data else None,
        )


def day_of(field: DateField) -> date:
    """Return the day of a field that was validated as required."""
    if field.data is None:
        raise ValueError(f"the form was not validated: {field.name} is missing")
    return field.data


def _scaled(amount: Decimal | None, unit: Decimal) -> Decimal | None:
    return None if amount is None else (amount * unit).quantize(PLACES)


def _choices(words: Mapping[str, str]) -> list[SelectChoice]:
    return [SelectChoice("", "–"), *(SelectChoice(*each) for each in words.items())]


class ProxyForm(FlaskForm):  # type: ignore[misc] # as above
    """What stands in for a statement: what, how it was observed, when and by whom."""

    kind = SelectField(
        "What", choices=[SelectChoice(str(kind), words) for kind, words in KIND_WORDS.items()]
    )
    rating = SelectField(
        "Rating", choices=_choices({each: each for each in RATING_RISK}), default=""
    )
    days = NumberField(
        "Days beyond terms, on average",
        [Optional(), NumberRange(0, MOST_DAYS, "Whole days from 0 to 3,650.")],
        places=None,
    )
    media = SelectField("Media", choices=_choices(MEDIA_WORDS), default="")
    observed_on = DateField("Observed on", [InputRequired("Required")])
    source = StringField("Source", [given, at_most(LONGEST_TEXT)], filters=[clean])
    note = TextAreaField("Note", [at_most(LONGEST_NOTE)], filters=[clean])

    @property
    def observed(self) -> str:
        """What was observed, as the scale of the chosen kind calls it."""
        kind = ProxyKind(self.kind.data)
        if kind is ProxyKind.PAYMENT:
            return "" if self.days.data is None else str(int(self.days.data))
        chosen: str = (self.rating if kind is ProxyKind.RATING else self.media).data
        return chosen

    def validate_days(self, field: Field) -> None:
        """Refuse parts of days."""
        days = field.data
        if days is not None and days != days.to_integral_value():
            raise ValidationError("Whole days from 0 to 3,650.")

    def validate_kind(self, field: Field) -> None:
        """Refuse to say nothing of what is chosen."""
        name = {ProxyKind.RATING: "rating", ProxyKind.PAYMENT: "days", ProxyKind.MEDIA: "media"}
        own = self[name[ProxyKind(field.data)]] if field.data in list(ProxyKind) else None
        if own is not None and own.data in (None, "") and not own.process_errors:
            raise ValidationError(f"Fill in “{own.label.text}” too.")


class WithdrawProxyForm(FlaskForm):  # type: ignore[misc] # as above
    """Why a proxy is withdrawn."""

    reason = TextAreaField("Reason")


class MarketForm(FlaskForm):  # type: ignore[misc] # as above
    """Whether the supplier's market is an emerging one, and why one says so."""

    is_emerging = BooleanField("The supplier’s market is an emerging one")
    reason = TextAreaField("Reason")
