"""The form of a custom measure: shape only; what it means is checked by `services`."""

from __future__ import annotations

from decimal import Decimal

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from app.base.web.entries import NumberField
from app.calc.custom_definition import Definition, Filter, Template, Term
from app.judgement.scorecards.custom.catalogue import CATALOGUE
from app.judgement.scorecards.custom.models import LONGEST_LABEL, LONGEST_SHORT, CustomMeasure
from app.judgement.scorecards.custom.queries import TEMPLATE_WORDS, definition_of
from app.judgement.scorecards.custom.services import Draft
from app.judgement.scorecards.register import Better

REQUIRED = "Required"
NONE = ""
LONGEST_FILTER = 200
PERCENT = 100
QUANTITIES = [SelectChoice(name, f"{name} [{each.unit}]") for name, each in CATALOGUE.items()]


def _stripped(text: str | None) -> str:
    return (text or "").strip()


def _quantity(label: str, *, is_needed: bool = False) -> SelectField:
    return SelectField(
        label, choices=QUANTITIES if is_needed else [SelectChoice(NONE, "nothing"), *QUANTITIES]
    )


def _filters(label: str) -> StringField:
    most = Length(max=LONGEST_FILTER, message="At most 200 characters.")
    return StringField(label, [most], filters=[_stripped])


class MeasureForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """A custom measure: how it is called, what it works on, why it is changed."""

    key = StringField("Id", [InputRequired(REQUIRED), Length(max=40)], filters=[_stripped])
    label = StringField(
        "Name",
        [InputRequired(REQUIRED), Length(max=LONGEST_LABEL, message="At most 80 characters.")],
        filters=[_stripped],
    )
    short = StringField(
        "What it says, in one sentence",
        [InputRequired(REQUIRED), Length(max=LONGEST_SHORT, message="At most 200 characters.")],
        filters=[_stripped],
    )
    better = SelectField(
        "Better is", choices=[SelectChoice(each.value, each.value) for each in Better]
    )
    is_leading = BooleanField("It leads: it moves before deliveries fail")
    template = SelectField(
        "Kind", choices=[SelectChoice(each.value, words) for each, words in TEMPLATE_WORDS.items()]
    )
    of = _quantity("A", is_needed=True)
    of_filters = _filters("A only where")
    plus = _quantity("Plus")
    plus_filters = _filters("That only where")
    over = _quantity("B")
    over_filters = _filters("B only where")
    is_part = BooleanField("Every one in A is also in B: a share, with an interval")
    p = NumberField(
        "Percentile",
        [Optional(), NumberRange(min=0, max=PERCENT, message="From 0 to 100.")],
    )
    reason = TextAreaField("Why")
    supplier = StringField("Supplier number", [Length(max=200)], filters=[_stripped])

    def _read(self, field: StringField) -> frozenset[Filter]:
        """Read “kind=line_stop,yard_hold; caused_by=supplier”."""
        found = []
        for part in filter(None, map(str.strip, (field.data or "").split(";"))):
            name, mark, values = part.partition("=")
            kept = frozenset(filter(None, map(str.strip, values.split(","))))
            if not mark or not kept:
                raise ValidationError(f"“{part[:40]}” is no filter; write field=value,value.")
            found.append(Filter(name.strip(), kept))
        return frozenset(found)

    def validate_of_filters(self, field: StringField) -> None:
        """Refuse what can't be read."""
        self._read(field)

    validate_plus_filters = validate_over_filters = validate_of_filters

    def draft(self) -> Draft:
        """Return what was filled in."""
        of = [Term(self.of.data, self._read(self.of_filters))]
        if self.plus.data:
            of.append(Term(self.plus.data, self._read(self.plus_filters)))
        over = (Term(self.over.data, self._read(self.over_filters)),) if self.over.data else ()
        return Draft(
            definition=Definition(
                id=self.key.data or "",
                template=Template(self.template.data),
                of=tuple(of),
                over=over,
                is_part=self.is_part.data,
                p=None if self.p.data is None else float(self.p.data / PERCENT),
            ),
            label=self.label.data or "",
            short=self.short.data or "",
            better=Better(self.better.data),
            is_leading=self.is_leading.data,
        )

    def show(self, stored: CustomMeasure) -> None:
        """Fill in what a version says."""
        definition = definition_of(stored.key, stored.definition)
        self.key.data, self.label.data, self.short.data = stored.key, stored.label, stored.short
        self.better.data, self.is_leading.data = stored.better, stored.is_leading
        self.template.data, self.is_part.data = definition.template, definition.is_part
        self.p.data = None if definition.p is None else round(Decimal(definition.p) * PERCENT, 2)
        fields = ((self.of, self.of_filters), (self.plus, self.plus_filters))
        for (quantity, filters), term in zip(fields, definition.of, strict=False):
            quantity.data, filters.data = term.quantity, _typed(term)
        for term in definition.over:
            self.over.data, self.over_filters.data = term.quantity, _typed(term)


class RetireForm(FlaskForm):  # type: ignore[misc] # as above
    """Why a measure is retired."""

    reason = TextAreaField("Reason")


def _typed(term: Term) -> str:
    filters = sorted(term.filters, key=lambda each: each.field)
    return "; ".join(f"{each.field}={','.join(sorted(each.values))}" for each in filters)
