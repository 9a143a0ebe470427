"""What a claim freezes: the lines and credits that prove it, as plain texts and numbers.

Amounts are exact decimals written as text, days are ISO; nothing is rounded for print here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from app.base import formatting
from app.calc.cents import ZERO, coin_places
from app.calc.recovery import Total, total
from app.facts.deliveries.lines.line_words import CAUSE_WORDS
from app.judgement.contracts.money.held_terms import HUNDRED
from app.judgement.contracts.money.models import ContractRelief, ReliefKind
from app.judgement.contracts.money.owed import OwedCredit, OwedLine
from app.judgement.contracts.money.rewards import Reward
from app.judgement.contracts.money.statement import Statement
from app.judgement.contracts.money.wording import RELIEF_WORDS, figure_words
from app.judgement.scorecards.register import BY_ID


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """A late line of a claim. owed: under its own cap; cut: by the cap lines share."""

    line_id: int
    order: str
    part: str
    cause: str
    rule: str
    clause: str
    due_on: str
    delivered_on: str
    late_days: int
    excused_days: int
    chargeable_days: int
    value: str
    owed: str
    cut: str
    amount: str


@dataclass(frozen=True, slots=True)
class ClaimCredit:
    """A service credit of a claim. missed: the lines that count against the figure.

    owed: by itself, before what else was claimed for the window came off; note: that it did.
    """

    key: str
    measure: str
    window: str
    figure: str
    floor: str
    percent: str
    spend: str
    amount: str
    missed: list[str]
    owed: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ClaimBonus:
    """What an incentive pays for a window; amount empty: not known. why: where it pays nothing."""

    label: str
    window: str
    figure: str
    gate: str
    amount: str
    why: str


@dataclass(frozen=True, slots=True)
class ApartLine:
    """A late line that is not claimed, and why."""

    order: str
    due_on: str
    late_days: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class DaysOff:
    """A run of days that came off every delay."""

    kind: str
    first_on: str
    last_on: str
    reason: str


@dataclass(frozen=True, slots=True)
class ClaimContent:
    """Everything that a claim's annex says.

    bonuses, bonus, penalties, net: what incentives pay for the period, beside damages and
    credits of the period in all; empty texts are not known. Claims of before have none of it.
    """

    number: str
    contract: str
    title: str
    our_party: str
    their_party: str
    supplier: str
    period: str
    first_on: str
    last_on: str
    as_of: str
    currency: str
    drawn_by: str
    lines_in_all: int
    lines: tuple[ClaimLine, ...]
    credits: tuple[ClaimCredit, ...]
    apart: tuple[ApartLine, ...]
    days_off: tuple[DaysOff, ...]
    damages: str
    credited: str
    total: str
    bonuses: tuple[ClaimBonus, ...] = ()
    bonus: str = ""
    penalties: str = ""
    net: str = ""

    def as_json(self) -> dict[str, Any]:  # Any: JSON
        """Return it as JSON says it; `claim_content_of` reads it back."""
        found = asdict(self)
        for name in PARTS:
            found[name] = list(found[name])
        return found


PARTS = {
    "lines": ClaimLine, "credits": ClaimCredit, "apart": ApartLine, "days_off": DaysOff,
    "bonuses": ClaimBonus,
}  # fmt: skip


def claim_content_of(kept: dict[str, Any]) -> ClaimContent:  # Any: JSON
    """Return a claim's content as it was frozen."""
    parts: dict[str, Any] = {  # Any: rows of several kinds
        name: tuple(kind(**row) for row in kept.get(name, ())) for name, kind in PARTS.items()
    }
    plain = {field.name: kept[field.name] for field in fields(ClaimContent)
             if field.name in kept and field.name not in PARTS}  # fmt: skip
    return ClaimContent(**plain, **parts)


def content_of(
    found: Statement,
    *,
    number: str,
    period: str,
    drawn_by: str,
    reliefs: Iterable[ContractRelief],
) -> ClaimContent:
    """Return what a claim for a period freezes; its total is the sum of what it lists."""
    held = found.book.latest
    if held is None or found.currency is None:
        raise ValueError("nothing can be claimed without approved terms")
    lines = tuple(_line(each) for each in found.charged)
    credits_due = tuple(_credit(each) for each in found.credits
                        if each.amount and each.claimed_in is None)  # fmt: skip
    damages = total(Decimal(each.amount) for each in lines).amount
    credited = total(Decimal(each.amount) for each in credits_due).amount
    whose, terms = found.book.whose, held.row
    return ClaimContent(
        number=number, contract=whose.number, title=terms.title, our_party=terms.our_party,
        their_party=terms.their_party, supplier=f"{whose.supplier_name} ({whose.supplier_number})",
        period=period, first_on=found.first_on.isoformat(), last_on=found.last_on.isoformat(),
        as_of=found.as_of.isoformat(), currency=found.currency, drawn_by=drawn_by,
        lines_in_all=found.in_all, lines=lines, credits=credits_due,
        apart=tuple(_apart(each) for each in found.apart),
        days_off=tuple(_days_off(each) for each in reliefs if _touches(each, found)),
        damages=str(damages), credited=str(credited), total=str(damages + credited),
        bonuses=tuple(_bonus(each) for each in found.rewards if each.is_money),
        bonus=_known(found.bonuses), penalties=_known(found.penalties),
        net="" if found.net is None else str(found.net),
    )  # fmt: skip


def bonus_words(said: ClaimContent) -> str:
    """Return what bonuses leave of the period's penalties; empty where none was agreed."""
    if not said.bonuses:
        return ""
    if not said.net:
        return "What is left after penalties is not known: a figure above is not."
    places, net = coin_places(said.currency), Decimal(said.net)
    whose = "to the supplier" if net > 0 else "to us" if net < 0 else "for nobody"
    return (
        f"Bonuses {_coins(said.bonus, places)} less penalties of the period, earlier claims "
        f"included, {_coins(said.penalties, places)}: {_coins(str(abs(net)), places)} "
        f"{said.currency} {whose}. The claim itself is for penalties alone; a bonus is not set "
        "off in it."
    )


def _coins(amount: str, places: int) -> str:
    return formatting.number(Decimal(amount), places)


def _line(owed: OwedLine) -> ClaimLine:
    judged, line = owed.judged, owed.judged.line
    return ClaimLine(
        line_id=line.line_id,
        order=line.label,
        part=line.part_number or "",
        cause="not coded" if line.cause is None else CAUSE_WORDS[line.cause],
        rule=line.rule,
        clause="" if judged.damages is None else judged.damages.words,
        due_on=line.window_end_on.isoformat(),
        delivered_on=_day(judged.delivered_on),
        late_days=judged.late_days or 0,
        excused_days=judged.excused,
        chargeable_days=judged.chargeable_days or 0,
        value="" if judged.value is None else str(formatting.half_up(judged.value, 2)),
        owed=str(owed.owed or ZERO),
        cut=str(owed.cut_by_cap),
        amount=str(owed.amount or ZERO),
    )


def _credit(owed: OwedCredit) -> ClaimCredit:
    measure, band = owed.banded.obligation.measure, owed.credit.band
    return ClaimCredit(
        key=owed.key,
        measure=BY_ID[measure].label,
        window=owed.window.label,
        figure=figure_words(measure, owed.figure),
        floor="" if band is None else str(band.floor),
        percent="" if band is None else f"{(band.share * HUNDRED).normalize():f}",
        spend="" if owed.spend is None else str(formatting.half_up(owed.spend, 2)),
        amount=str(owed.amount or ZERO),
        missed=[line.label for line in owed.figure.missed],
        owed=str(owed.credit.amount or ZERO),
        note=owed.note or "",
    )


def _bonus(reward: Reward) -> ClaimBonus:
    row, gate = reward.incentive, reward.gate
    gate_measure = row.gate_measure
    return ClaimBonus(
        label=row.label,
        window=reward.window.label,
        figure=f"{BY_ID[row.measure].label} {figure_words(row.measure, reward.figure)}",
        gate="none"
        if gate is None or gate_measure is None
        else f"{BY_ID[gate_measure].label} {figure_words(gate_measure, gate)}",
        amount="" if reward.bonus.amount is None else str(reward.bonus.amount),
        why=reward.bonus.reason or "",
    )


def _known(found: Total) -> str:
    return str(found.amount) if found.is_whole else ""


def _apart(owed: OwedLine) -> ApartLine:
    line, told = owed.judged.line, owed.note or owed.judged.reason or ""
    return ApartLine(line.label, line.window_end_on.isoformat(), owed.judged.late_days, told)


def _days_off(relief: ContractRelief) -> DaysOff:
    return DaysOff(
        RELIEF_WORDS[ReliefKind(relief.kind)],
        relief.first_on.isoformat(),
        relief.last_on.isoformat(),
        relief.reason,
    )


def _touches(relief: ContractRelief, found: Statement) -> bool:
    """Whether days off fall into the delay of any late line."""
    return any(
        line.judged.line.window_end_on < relief.last_on
        and relief.first_on <= (line.judged.delivered_on or found.as_of)
        for line in found.lines
    )


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
