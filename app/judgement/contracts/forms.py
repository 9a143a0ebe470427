"""Forms of contracts: shape and range only; what fits together is said by `values`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs
from wtforms.validators import InputRequired, NumberRange, Optional

from app.base.web.entries import NumberField, at_most, clean_line, clean_text, given, version_in
from app.calc.contract_dates import NoticeKind
from app.judgement.contracts.drafting import Clauses
from app.judgement.contracts.models import (
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_NUMBER,
    LONGEST_REASON,
    MOST_DAYS,
    ClauseKind,
    ContractClause,
    ContractKind,
    ContractTerms,
    DocumentRole,
    Presence,
)
from app.judgement.contracts.values import Problem, TermsSaid
from app.judgement.contracts.wording import (
    KIND_WORDS,
    NOTICE_WORDS,
    PRESENCE_WORDS,
    ROLE_WORDS,
)

REQUIRED = "Required"
# As digits: no “1e9”, no “1_000”, no NaN.
NUMBER = re.compile(r"[+-]?[0-9]{1,13}(\.[0-9]{1,20})?", re.ASCII)
PLACES = 6
NO_CALENDAR = ""
WHOLE = 2**31 - 1


class ExactField(NumberField):
    """A decimal number as typed; what is none, or has more decimals than are kept, is refused."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        typed = valuelist[0].strip() if valuelist else ""
        if typed and not NUMBER.fullmatch(typed):
            self.data = None
            raise ValueError("A number such as 2.5, up to a million millions.")
        super().process_formdata([typed])
        if self.data is None:
            return
        if self.data != round(self.data, PLACES):
            self.data = None
            raise ValueError(f"At most {PLACES} decimals.")


def choices(words: Mapping[Any, str]) -> list[SelectChoice]:
    """Return what a field offers: values with their words."""
    return [SelectChoice(str(value), label) for value, label in words.items()]


def figure(label: str, *, is_needed: bool = False) -> ExactField:
    """Return a field for an exact number; its range is said by the rules."""
    rule = InputRequired(REQUIRED) if is_needed else Optional()
    return ExactField(label, [rule], places=None)


def whole(label: str, *, is_needed: bool = False, default: int | None = None) -> IntegerField:
    """Return a field for a whole number that a column can hold; its range is said by the rules."""
    rule = InputRequired(REQUIRED) if is_needed else Optional()
    fits = NumberRange(-WHOLE, WHOLE, "A whole number.")
    return IntegerField(label, [rule, fits], default=default)


def tell(form: FlaskForm, problems: Iterable[Problem]) -> None:
    """Put what is wrong beside the fields that it concerns."""
    for each in problems:
        fields = [name for name in each.fields if name in form]
        for name in fields:
            form[name].errors = [*form[name].errors, each.message]
        if not fields:
            form.form_errors.append(each.message)


class SeenForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """A form that says which version of the draft it was filled in from."""

    version = HiddenField()

    @property
    def seen_version(self) -> int:
        """The version that was seen."""
        return version_in(self.version.data)


class TermsForm(SeenForm):
    """The head of a contract's terms."""

    title = StringField("Title", [given, at_most(LONGEST_NAME)], filters=[clean_line])
    kind = SelectField("Kind", choices=choices(KIND_WORDS))
    our_party = StringField("Our party", [given, at_most(LONGEST_NAME)], filters=[clean_line])
    their_party = StringField("Their party", [given, at_most(LONGEST_NAME)], filters=[clean_line])
    currency = StringField("Currency", [given], filters=[clean_line, str.upper])
    value = figure("Value over its term, without tax")
    volume_commitment = figure("Volume we committed to")
    payment_days = whole("Payment within days")
    starts_on = DateField("First day", [InputRequired(REQUIRED)])
    ends_on = DateField("Last day", [Optional()])
    from_on = DateField("These terms hold from", [Optional()])
    auto_renew = BooleanField("It renews itself unless somebody gives notice")
    renewal_months = whole("A renewal runs for months")
    our_notice_days = whole("Our notice, days")
    their_notice_days = whole("Their notice, days")
    notice_kind = SelectField("Counted in", choices=choices(NOTICE_WORDS))
    calendar = SelectField("Working days of", choices=[], default=NO_CALENDAR)
    notice_method = StringField("How notice is given", [at_most(LONGEST_NAME)],
                                filters=[clean_line])  # fmt: skip
    governing_law = StringField("Governing law", [at_most(LONGEST_NAME)], filters=[clean_line])
    is_critical = BooleanField("Critical: remind half a year before the notice deadline")
    note = TextAreaField("Note", [at_most(LONGEST_NOTE)], filters=[clean_text])

    def offer(self, calendars: Mapping[int, str]) -> None:
        """Let one of the house's calendars be chosen."""
        named = {str(key): name for key, name in calendars.items()}
        self.calendar.choices = choices({NO_CALENDAR: "Monday to Friday"} | named)

    def said(self) -> TermsSaid:
        """Return what was filled in."""
        return TermsSaid(
            title=self.title.data or "",
            kind=ContractKind(self.kind.data),
            our_party=self.our_party.data or "",
            their_party=self.their_party.data or "",
            currency=self.currency.data or "",
            starts_on=self.starts_on.data or date.min,
            ends_on=self.ends_on.data,
            value=_money(self.value.data),
            auto_renew=self.auto_renew.data,
            renewal_months=self.renewal_months.data,
            our_notice_days=self.our_notice_days.data,
            their_notice_days=self.their_notice_days.data,
            notice_kind=NoticeKind(self.notice_kind.data),
            calendar_id=int(self.calendar.data) if self.calendar.data else None,
            notice_method=self.notice_method.data or None,
            governing_law=self.governing_law.data or None,
            is_critical=self.is_critical.data,
            payment_days=self.payment_days.data,
            volume_commitment=_money(self.volume_commitment.data),
            note=self.note.data or None,
            from_on=self.from_on.data,
        )

    def show(self, terms: ContractTerms) -> None:
        """Fill in what a version says."""
        for name in self._fields:
            if hasattr(terms, name) and name != "version":
                value = getattr(terms, name)
                self[name].data = str(value) if isinstance(value, StrEnum) else value
        self.calendar.data = "" if terms.calendar_id is None else str(terms.calendar_id)
        self.version.data = str(terms.version)


class NewContractForm(TermsForm):
    """A new contract: its number, and the head of its terms."""

    number = StringField("Number", [given, at_most(LONGEST_NUMBER)], filters=[clean_line])


class ClausesForm(SeenForm):
    """The checklist, each point with its page and a note."""

    recovery_days = IntegerField(
        "Recovery time, days", [Optional(), NumberRange(0, MOST_DAYS, f"From 0 to {MOST_DAYS:,}.")]
    )

    def entered(self) -> Clauses:
        """Return what was filled in."""
        return {
            kind: (
                Presence(self[f"{kind}_presence"].data),
                self[f"{kind}_note"].data or None,
                self[f"{kind}_page"].data,
            )
            for kind in ClauseKind
        }

    def show(self, clauses: Mapping[ClauseKind, ContractClause], terms: ContractTerms) -> None:
        """Fill in what is said of each point."""
        self.version.data = str(terms.version)
        for kind, row in clauses.items():
            self[f"{kind}_presence"].data = row.presence
            self[f"{kind}_note"].data, self[f"{kind}_page"].data = row.note, row.page
            if kind is ClauseKind.CONTINUITY:
                self.recovery_days.data = row.recovery_days


for _kind in ClauseKind:
    _words = {each: words for each, (_, words) in PRESENCE_WORDS.items()}
    setattr(
        ClausesForm,
        f"{_kind}_presence",
        SelectField("In the contract", choices=choices(_words), default=Presence.UNKNOWN.value),
    )
    setattr(
        ClausesForm,
        f"{_kind}_page",
        IntegerField("Page", [Optional(), NumberRange(1, 9999, "From 1 to 9,999.")]),
    )
    setattr(
        ClausesForm,
        f"{_kind}_note",
        StringField("What it says", [at_most(LONGEST_NOTE)], filters=[clean_line]),
    )


class ReasonForm(SeenForm):
    """Why something is done."""

    reason = TextAreaField("Reason", [at_most(LONGEST_REASON)], filters=[clean_text])


class RenewalForm(ReasonForm):
    """After which end a contract is to renew itself."""

    ends_on = DateField("After", [InputRequired(REQUIRED)])


class NoticeForm(ReasonForm):
    """Who gave notice, and when."""

    whose = SelectField("Who gave it", choices=choices({"ours": "We did", "theirs": "They did"}))
    on = DateField("It arrived on", [InputRequired(REQUIRED)])


class TerminationForm(ReasonForm):
    """The last day of a contract that ended before its time."""

    on = DateField("Last day on which it held", [InputRequired(REQUIRED)])


class DocumentForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """A file, and what it is to the contract."""

    file = FileField("File", [FileRequired("Choose a file.")])
    role = SelectField("What it is", choices=choices(ROLE_WORDS), default=DocumentRole.CONTRACT)
    evidence_on = DateField("Date of the document", [Optional()])


def _money(typed: Decimal | None) -> Decimal | None:
    return None if typed is None else round(typed, 4)
