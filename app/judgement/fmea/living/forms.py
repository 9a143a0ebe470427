"""Forms of what is done about risks: shape and range only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from app.base.web.entries import NumberField, at_most, clean_line, clean_text, given, version_in
from app.calc.fmea import Scores
from app.calc.fmea_action import ActionKind, ActionState, EffectChange
from app.calc.fmea_scales import DIMENSIONS, Scales
from app.judgement.fmea.living.action_queries import ActionRow
from app.judgement.fmea.living.action_services import Plan
from app.judgement.fmea.living.models import (
    LONGEST_LABEL,
    LONGEST_REASON,
    LONGEST_TEXT,
    LONGEST_TITLE,
    LinkKind,
)
from app.judgement.fmea.living.papers import Paper
from app.judgement.fmea.living.wording import EFFECT_WORDS, KIND_WORDS, LINK_WORDS, STATE_WORDS
from app.judgement.fmea.values import WHOLE_NUMBER, rating_of

CURRENCY = re.compile(r"[A-Z]{3}")
MOST_MONEY = Decimal(10) ** 12
UNRATED = "not rated"
MOVES = (ActionState.OPEN, ActionState.DECISION_PENDING, ActionState.IMPLEMENTATION_PENDING,
         ActionState.NOT_IMPLEMENTED)  # fmt: skip
# What is linked by a number that is typed; the rest is chosen from what the supplier has.
NUMBERED = (LinkKind.PART, LinkKind.SUPPLIER)
BY_NUMBER = tuple(
    SelectChoice(str(each), f"a {LINK_WORDS[each]}, by its number") for each in NUMBERED
)
GROUPS = {LinkKind.CONTRACT: "Contracts", LinkKind.PLAN: "Continuity plans"}


def _whole(_form: FlaskForm, field: SelectField) -> None:
    if field.data and rating_of(field.data) is None:
        raise ValidationError(WHOLE_NUMBER)


def _rating(label: str) -> SelectField:
    # What is not among the choices is told in the words that hold for every rating.
    return SelectField(label, [_whole], choices=[], validate_choice=False)


class VersionedForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """A form that says which version it was filled in from."""

    version = HiddenField()

    @property
    def seen_version(self) -> int:
        """The version that was seen."""
        return version_in(self.version.data)


class ScoresForm(FlaskForm):  # type: ignore[misc] # as above
    """Three ratings, each beside what it means."""

    severity = _rating("Severity")
    occurrence = _rating("Occurrence")
    detection = _rating("Detection")

    def offer(self, scales: Scales) -> None:
        """Let the ratings be chosen with their meanings, the worst first."""
        for dimension in DIMENSIONS:
            texts = scales.of(dimension)
            self[dimension].choices = [
                SelectChoice("", UNRATED),
                *(SelectChoice(str(n), f"{n} · {texts[n]}") for n in sorted(texts, reverse=True)),
            ]

    def show(self, values: Mapping[str, int | None]) -> None:
        """Choose ratings beforehand."""
        for dimension in DIMENSIONS:
            value = values.get(dimension)
            self[dimension].data = "" if value is None else str(value)

    def scores(self) -> Scores:
        """Return the ratings chosen."""
        return Scores(*(rating_of(self[dimension].data or "") for dimension in DIMENSIONS))


class ActionForm(ScoresForm, VersionedForm):
    """What is to be done, by whom, until when, and what it is meant to leave."""

    title = StringField("Action", [given, at_most(LONGEST_TITLE)], filters=[clean_line])
    kind = SelectField(
        "Kind", choices=[SelectChoice(str(each), words) for each, words in KIND_WORDS.items()]
    )
    owner = StringField("Owner", [given, at_most(LONGEST_TITLE)], filters=[clean_line])
    due_on = DateField("Due", [InputRequired("Required")])
    cost = NumberField(
        "Cost", [Optional(), NumberRange(0, MOST_MONEY, "From 0 up to a million millions.")]
    )
    currency = StringField("Currency", filters=[clean_line, str.upper])

    def validate_currency(self, field: StringField) -> None:
        """Ask for a currency beside a cost."""
        is_given = self.cost.data is not None
        if (is_given or field.data) and not CURRENCY.fullmatch(field.data or ""):
            raise ValidationError("Three letters of ISO 4217, such as EUR.")

    def plan(self) -> Plan:
        """Return what was filled in."""
        cost: Decimal | None = self.cost.data
        return Plan(
            title=self.title.data or "",
            kind=ActionKind(self.kind.data),
            owner=self.owner.data or "",
            due_on=self.due_on.data or date.min,
            cost=None if cost is None else round(cost, 4),
            currency=self.currency.data or None,
            planned=self.scores(),
        )

    def show_action(self, found: ActionRow) -> None:
        """Fill in what is planned."""
        self.version.data, self.title.data = str(found.version), found.title
        self.kind.data = found.kind
        self.owner.data, self.due_on.data = found.owner, found.due_on
        self.cost.data, self.currency.data = found.cost, found.currency or ""
        if found.planned is not None:
            self.show({name: getattr(found.planned, name) for name in DIMENSIONS})


class MoveForm(VersionedForm):
    """How far an action is."""

    state = SelectField(
        "State", choices=[SelectChoice(str(each), STATE_WORDS[each][1]) for each in MOVES]
    )
    reason = StringField("Why it is not done", [at_most(LONGEST_REASON)], filters=[clean_line])


class CompleteForm(ScoresForm, VersionedForm):
    """What shows that an action is done, and how the row stands after it."""

    evidence = TextAreaField("Evidence", [given, at_most(LONGEST_TEXT)], filters=[clean_text])
    file = FileField("File")
    evidence_on = DateField("Date of the evidence", [Optional()])
    effect_change = SelectField(
        "What changed the effect",
        choices=[
            SelectChoice("", "nothing: the effect is the same"),
            *(SelectChoice(str(each), words) for each, words in EFFECT_WORDS.items()),
        ],
    )

    @property
    def change(self) -> EffectChange | None:
        """What changed the effect."""
        return EffectChange(self.effect_change.data) if self.effect_change.data else None


class RateForm(ScoresForm):
    """Ratings taken from the facts, or against them with a reason."""

    reason = TextAreaField("Why", [at_most(LONGEST_REASON)], filters=[clean_text], id="rate-reason")


class AcceptForm(FlaskForm):  # type: ignore[misc] # as above
    """Who takes a risk as it is, until when and why."""

    accepted_by = StringField("Who takes it", [given, at_most(LONGEST_TITLE)], filters=[clean_line])
    until_on = DateField("Until", [InputRequired("Required")])
    reason = TextAreaField(
        "Why", [at_most(LONGEST_REASON)], filters=[clean_text], id="accept-reason"
    )


class EndForm(FlaskForm):  # type: ignore[misc] # as above
    """Why an acceptance ends."""

    reason = StringField("Why", [at_most(LONGEST_REASON)], filters=[clean_line], id="end-reason")


class JointForm(ScoresForm):
    """How the supplier rates a row."""

    met_on = DateField("Talked on", [InputRequired("Required")])
    spoke_with = StringField("With", [given, at_most(LONGEST_TITLE)], filters=[clean_line])
    note = TextAreaField("Note", [at_most(LONGEST_TEXT)], filters=[clean_text])


class LinkForm(FlaskForm):  # type: ignore[misc] # as above
    """Something that a failure mode touches: by its number, or one of its supplier's papers."""

    kind = SelectField("What", choices=list(BY_NUMBER))
    label = StringField("Its number", [at_most(LONGEST_LABEL)], filters=[clean_line])

    def offer(self, papers: Iterable[Paper]) -> None:
        """Offer the contracts and plans of the row's supplier."""
        self.kind.choices = [
            *BY_NUMBER,
            *(
                SelectChoice(f"{each.kind} {each.number}", each.words, optgroup=GROUPS[each.kind])
                for each in papers
            ),
        ]

    def validate_label(self, field: StringField) -> None:
        """Refuse a part or a supplier without its number."""
        if self.kind.data in NUMBERED and not field.data:
            raise ValidationError("Required")

    @property
    def what(self) -> tuple[LinkKind, str]:
        """The kind of thing, and its number."""
        kind, _, number = (self.kind.data or "").partition(" ")
        return LinkKind(kind), number or self.label.data or ""


class ReviewedForm(FlaskForm):  # type: ignore[misc] # as above
    """What a look at a row came to."""

    reason = TextAreaField(
        "What came of it", [at_most(LONGEST_REASON)], filters=[clean_text], id="review-reason"
    )


class CadenceForm(FlaskForm):  # type: ignore[misc] # as above
    """Months between two looks, by priority."""

    high = IntegerField("High, months", [InputRequired("Required")])
    medium = IntegerField("Medium, months", [InputRequired("Required")])
    low = IntegerField("Low, months", [InputRequired("Required")])
    reason = StringField("Why", [at_most(LONGEST_REASON)], filters=[clean_line])
