"""Forms of the single terms of a contract: one for each kind of line."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from app.base.web.entries import at_most, clean_line, clean_text, given
from app.calc.damages import CapBase, DamagesMode, GraceKind
from app.judgement.contracts.forms import REQUIRED, SeenForm, choices, figure, whole
from app.judgement.contracts.models import (
    LONGEST_NAME,
    LONGEST_NOTE,
    ContractObligation,
    Direction,
    ObligationWindow,
)
from app.judgement.contracts.money_models import IncentiveKind
from app.judgement.contracts.wording import (
    CAP_WORDS,
    DIRECTION_WORDS,
    GRACE_WORDS,
    INCENTIVE_WORDS,
    MODE_WORDS,
    UNITS,
    WINDOW_WORDS,
    measure_words,
    stored_figure,
    target_words,
)
from app.judgement.scorecards.register import ENTRIES, MORE_ENTRIES

NONE = ""
LEFT_OUT = frozenset({"csrf_token", "version"})
MEASURES = {
    each.id: f"{each.label} ({UNITS.get(each.unit, each.unit.value)})"
    for each in (*ENTRIES, *MORE_ENTRIES)
}
Values = dict[str, Any]  # Any: columns' values


def _measure(label: str = "Measure") -> SelectField:
    return SelectField(label, choices=choices(MEASURES))


def _note(label: str = "Note") -> TextAreaField:
    return TextAreaField(label, [at_most(LONGEST_NOTE)], filters=[clean_text])


class LineForm(SeenForm):
    """A line of the terms."""

    def line(self) -> Values:
        """Return what was filled in, by column."""
        found = {name: self[name].data for name in self._fields if name not in LEFT_OUT}
        return {
            name: None if value == NONE else _exact(name, value) for name, value in found.items()
        }

    def offer(self, obligations: Iterable[ContractObligation]) -> None:
        """Let what the line refers to be chosen; most refer to nothing."""


class ObligationForm(LineForm):
    """What was promised as a number."""

    measure = _measure()
    direction = SelectField("Is to be", choices=choices(DIRECTION_WORDS),
                            default=Direction.AT_LEAST.value)  # fmt: skip
    target = figure("Target", is_needed=True)
    window_kind = SelectField("Checked", choices=choices(WINDOW_WORDS),
                              default=ObligationWindow.QUARTER.value)  # fmt: skip
    min_n = whole("From so many observations on", is_needed=True, default=1)
    rule = StringField("Delivery rule", [at_most(LONGEST_NAME)], filters=[clean_line])
    excludes_force_majeure = BooleanField("Force majeure is left out", default=True)
    excludes_buyer_caused = BooleanField("What we caused is left out", default=True)
    excludes_disputed = BooleanField("Disputed lines stand apart", default=True)
    exclusions = _note("What else is left out")
    valid_from = DateField("From", [Optional()])
    valid_to = DateField("To and including", [Optional()])
    note = _note()

    def line(self) -> Values:
        """Return what was filled in; a target in percent becomes a share."""
        found = LineForm.line(self)
        found["target"] = stored_figure(self.measure.data, found["target"])
        return found


class DamagesForm(LineForm):
    """Liquidated damages."""

    mode = SelectField("Counted as", choices=choices(MODE_WORDS),
                       default=DamagesMode.PER_WEEK_OR_PART_PERCENT.value)  # fmt: skip
    rate = figure("Percent")
    amount = figure("Sum per day")
    grace_days = whole("Days of grace", is_needed=True, default=0)
    grace_kind = SelectField("After the grace", choices=choices(GRACE_WORDS),
                             default=GraceKind.FREE.value)  # fmt: skip
    cap_percent = figure("Cap, percent")
    cap_base = SelectField("The cap is", choices=choices(CAP_WORDS),
                           default=CapBase.DELAYED_PORTION.value)  # fmt: skip
    is_cumulative = BooleanField("Owed beside a service credit for the same failure")
    valid_from = DateField("From", [Optional()])
    valid_to = DateField("To and including", [Optional()])
    note = _note()


class BandForm(LineForm):
    """A service credit band of an obligation."""

    obligation_id = SelectField("For the obligation", [InputRequired(REQUIRED)], choices=[])
    floor = figure("From this value on", is_needed=True)
    percent = figure("Percent of the period’s spend", is_needed=True)
    _measures: dict[str, str]

    def offer(self, obligations: Iterable[ContractObligation]) -> None:
        """Let an obligation be chosen."""
        own = list(obligations)
        self._measures = {str(each.id): each.measure for each in own}
        self.obligation_id.choices = choices(
            {each.id: f"{measure_words(each.measure)} {target_words(each)}" for each in own}
        )

    def line(self) -> Values:
        """Return what was filled in; a floor in percent becomes a share."""
        found = LineForm.line(self)
        found["floor"] = stored_figure(self._measures[self.obligation_id.data], found["floor"])
        return found | {"obligation_id": int(self.obligation_id.data)}


class IncentiveForm(LineForm):
    """What the supplier gets for doing better."""

    label = StringField("Name", [given, at_most(LONGEST_NAME)], filters=[clean_line])
    kind = SelectField("Gives", choices=choices(INCENTIVE_WORDS), default=IncentiveKind.BONUS.value)
    measure = _measure()
    direction = SelectField("Is to be", choices=choices(DIRECTION_WORDS))
    threshold = figure("Threshold", is_needed=True)
    window_kind = SelectField("Checked", choices=choices(WINDOW_WORDS),
                              default=ObligationWindow.QUARTER.value)  # fmt: skip
    min_n = whole("From so many observations on", is_needed=True, default=1)
    percent = figure("Percent")
    amount = figure("Or a sum")
    extension_months = whole("Or months of extension")
    payment_days = whole("Or payment within days")
    cap_percent = figure("Cap of a bonus, percent of the contract’s value")
    gate_measure = SelectField("Quality gate", choices=choices({NONE: "no gate"} | MEASURES))
    gate_direction = SelectField("The gate is to be", choices=choices({NONE: ""} | DIRECTION_WORDS))
    gate_value = figure("Value of the gate")
    valid_from = DateField("From", [Optional()])
    valid_to = DateField("To and including", [Optional()])

    def line(self) -> Values:
        """Return what was filled in; values in percent become shares."""
        found = LineForm.line(self)
        found["threshold"] = stored_figure(self.measure.data, found["threshold"])
        if found["gate_value"] is not None and found["gate_measure"] is not None:
            found["gate_value"] = stored_figure(found["gate_measure"], found["gate_value"])
        return found


class GainShareForm(LineForm):
    """How net savings are shared."""

    label = StringField("What is saved", [given, at_most(LONGEST_NAME)], filters=[clean_line])
    share = figure("Their share, percent", is_needed=True)
    baseline = figure("What it cost before", is_needed=True)
    baseline_from = DateField("Before, first day", [InputRequired(REQUIRED)])
    baseline_to = DateField("Before, last day", [InputRequired(REQUIRED)])
    valid_from = DateField("From", [Optional()])
    valid_to = DateField("To and including", [Optional()])
    note = _note()


class ImprovementForm(LineForm):
    """How much better a measure gets each year."""

    measure = _measure()
    yearly_rate = figure("Better by percent a year", is_needed=True)
    base_from = DateField("Baseline, first day", [InputRequired(REQUIRED)])
    base_to = DateField("Baseline, last day", [InputRequired(REQUIRED)])
    min_n = whole("The baseline needs so many observations", is_needed=True, default=1)
    is_pro_rata = BooleanField("Pro rata within a year", default=True)
    valid_from = DateField("From", [Optional()])
    valid_to = DateField("To and including", [Optional()])


FORMS: dict[str, type[LineForm]] = {
    "obligations": ObligationForm,
    "damages": DamagesForm,
    "credits": BandForm,
    "incentives": IncentiveForm,
    "gain-shares": GainShareForm,
    "improvements": ImprovementForm,
}
MONEY = frozenset({"amount", "baseline"})


def _exact(name: str, value: Any) -> Any:  # Any: whatever a field holds
    if isinstance(value, Decimal) and name in MONEY:
        return round(value, 4)
    return value
