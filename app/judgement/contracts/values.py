"""What terms of a contract may say: one rule for forms, imports and the demo company.

Every refusal names its fields, so that a form shows it beside them. Nothing is stored here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.base import formatting
from app.base.errors import InvalidInput
from app.calc.contract_dates import NoticeKind, add_months
from app.judgement.contracts.models import (
    MOST_DAYS,
    MOST_MONTHS,
    ContractKind,
    ContractTerms,
    Presence,
)

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)
CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
MOST_MONEY = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, with the fields that it concerns."""

    code: str
    fields: tuple[str, ...]
    message: str


class TermsRefused(InvalidInput):
    """Terms, or what is entered under them, that can't be; `problems` says for each field why."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems[0].code, " ".join(each.message for each in self.problems))


def refused(code: str, fields: tuple[str, ...], message: str) -> TermsRefused:
    """Return the refusal of one thing, beside its fields."""
    return TermsRefused([Problem(code, fields, message)])


@dataclass(frozen=True, slots=True)
class TermsSaid:
    """The head of one version of the terms as somebody says it; None is not known."""

    title: str
    kind: ContractKind
    our_party: str
    their_party: str
    currency: str
    starts_on: date
    ends_on: date | None = None
    value: Decimal | None = None
    auto_renew: bool = False
    renewal_months: int | None = None
    our_notice_days: int | None = None
    their_notice_days: int | None = None
    notice_kind: NoticeKind = NoticeKind.CALENDAR
    calendar_id: int | None = None
    notice_method: str | None = None
    governing_law: str | None = None
    is_critical: bool = False
    payment_days: int | None = None
    volume_commitment: Decimal | None = None
    note: str | None = None
    # The first day on which this version holds; of the first one it is the contract's first.
    from_on: date | None = None


def check_terms(said: TermsSaid, *, follows: ContractTerms | None = None, number: str = "") -> None:
    """Raise TermsRefused with everything that can't be.

    follows: what was agreed last under the contract of this number, where this amends it.
    """
    found = [*_days(said), *_renewal(said), *_notice(said), *_money(said)]
    if follows is not None:
        found += amendment_problems(said, follows, number)
    if found:
        raise TermsRefused(found)


def amendment_problems(said: TermsSaid, agreed: ContractTerms, number: str) -> Iterable[Problem]:
    """Yield why an amendment can't follow what was agreed last: its currency, its first day."""
    if said.currency != agreed.currency:
        yield Problem(
            "E-CTR-07",
            ("currency",),
            f"Contract {number} runs in {agreed.currency}; {said.currency} would put two "
            "currencies into one sum. Open a new contract for it.",
        )
    if said.from_on is None:
        yield Problem("E-CTR-03", ("from_on",), "Give the first day of this version.")
    elif said.from_on < agreed.from_on:
        yield Problem(
            "E-CTR-03",
            ("from_on",),
            f"Version {agreed.sequence} was agreed from {formatting.day(agreed.from_on)} on; a "
            "version after it can’t begin before. Give that day or a later one.",
        )


def check_recovery(presence: Presence, days: int | None) -> None:
    """Raise TermsRefused where a recovery time can't be what the continuity duty says."""
    fields = ("recovery_days",)
    if days is None:
        return
    if not 0 <= days <= MOST_DAYS:
        raise TermsRefused(
            [Problem("E-CTR-16", fields, f"{days} is not between 0 and {MOST_DAYS:,} days.")]
        )
    if presence != Presence.YES:
        raise TermsRefused(
            [
                Problem(
                    "E-CTR-16",
                    fields,
                    "A recovery time is agreed only where the contract has the duty. Say that it "
                    "is in the contract, or leave the days empty.",
                )
            ]
        )


def _days(said: TermsSaid) -> Iterable[Problem]:
    days = {"starts_on": said.starts_on, "ends_on": said.ends_on, "from_on": said.from_on}
    for name, day in days.items():
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            yield Problem(
                "E-CTR-02", (name,), f"{day.isoformat()} is not a day from 1970 to 2199. Check it."
            )
    if said.ends_on is not None and said.ends_on < said.starts_on:
        yield Problem(
            "E-CTR-03",
            ("starts_on", "ends_on"),
            f"It ends on {formatting.day(said.ends_on)}, before it starts on "
            f"{formatting.day(said.starts_on)}. Give a later end or an earlier start.",
        )
    if said.from_on is not None and said.from_on < said.starts_on:
        yield Problem(
            "E-CTR-03",
            ("from_on",),
            f"These terms would hold from {formatting.day(said.from_on)}, before the contract "
            f"starts on {formatting.day(said.starts_on)}. Give a later day.",
        )


def _renewal(said: TermsSaid) -> Iterable[Problem]:
    if said.auto_renew and said.ends_on is None:
        yield Problem(
            "E-CTR-04",
            ("ends_on", "auto_renew"),
            "It renews itself, but no end is given. Give the last day of the first term.",
        )
    if said.auto_renew and said.renewal_months is None:
        yield Problem(
            "E-CTR-04",
            ("renewal_months", "auto_renew"),
            "It renews itself, but not for how long. Give the months of a renewal.",
        )
    if said.renewal_months is not None and not 1 <= said.renewal_months <= MOST_MONTHS:
        yield Problem("E-CTR-04", ("renewal_months",), f"Between 1 and {MOST_MONTHS} months.")


def _notice(said: TermsSaid) -> Iterable[Problem]:
    shortest = _shortest_term(said)
    for name, days in (
        ("our_notice_days", said.our_notice_days),
        ("their_notice_days", said.their_notice_days),
    ):
        if days is None:
            continue
        if not 0 <= days <= MOST_DAYS:
            yield Problem("E-CTR-05", (name,), f"{days} is not between 0 and {MOST_DAYS:,} days.")
        elif shortest is not None and days > shortest:
            yield Problem(
                "E-CTR-05",
                (name,),
                f"A notice of {formatting.count(days, 'day')} is longer than the shortest term of "
                f"{formatting.count(shortest, 'day')}: it could never be given in time. Give a "
                "shorter notice or a later end.",
            )


def _shortest_term(said: TermsSaid) -> int | None:
    """Return the days of the shortest run, None where nothing ends or days are wrong anyway."""
    if said.ends_on is None or not FIRST_DAY <= said.starts_on <= said.ends_on <= LAST_DAY:
        return None
    first = (said.ends_on - said.starts_on).days + 1
    months = said.renewal_months
    if not said.auto_renew or months is None or not 1 <= months <= MOST_MONTHS:
        return first
    return min(first, (add_months(said.ends_on, months) - said.ends_on).days)


def _money(said: TermsSaid) -> Iterable[Problem]:
    if not CURRENCY.fullmatch(said.currency):
        yield Problem("E-CTR-06", ("currency",), "Three letters of ISO 4217, such as EUR.")
    for name, amount in (("value", said.value), ("volume_commitment", said.volume_commitment)):
        if amount is not None and not 0 <= amount <= MOST_MONEY:
            yield Problem(
                "E-CTR-06", (name,), f"{amount:,} is not from 0 up to a million millions."
            )
    if said.payment_days is not None and not 0 <= said.payment_days <= MOST_DAYS:
        yield Problem(
            "E-CTR-06", ("payment_days",), f"{said.payment_days} is not from 0 to {MOST_DAYS:,}."
        )
