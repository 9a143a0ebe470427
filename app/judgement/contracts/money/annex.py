"""The annex of a claim as it is printed: only texts, ready for the page.

Everything comes from the frozen content, so a reprint says what the first print said. The
amounts printed are those that are summed: nothing is rounded here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal

from app.base import formatting
from app.base.pdf.printable import PaperSize
from app.base.web.exports import Cell, Sheet
from app.calc.cents import coin_places
from app.judgement.contracts.money.claim_content import (
    ClaimBonus,
    ClaimContent,
    ClaimCredit,
    ClaimLine,
    bonus_words,
)
from app.judgement.contracts.money.wording import period_words

TEMPLATE = "claim_annex.html"
SHORT = 12
# Lines in one paragraph: a longer text would be cut in print.
TOGETHER = 60
METHOD = (
    "What a line owes is rounded once, half up, to the smallest coin; a cap is rounded down. "
    "The total is the sum of the amounts that stand here."
)
LINE_HEADS = (
    "Order line", "Part", "Due", "Delivered", "Late", "Off", "Charged", "Delayed value", "Owed",
    "Cut", "Amount",
)  # fmt: skip
SHEET_HEADS = [
    ("no", "No."), ("kind", "Kind"), ("what", "Order line or measure"), ("part", "Part"),
    ("due_on", "Due, or window"), ("delivered_on", "Delivered"), ("late_days", "Days late"),
    ("excused_days", "Days off"), ("chargeable_days", "Days charged"), ("base", "Value, or spend"),
    ("owed", "Owed by itself"), ("cut", "Cut by the cap"), ("amount", "Amount"),
    ("currency", "Currency"), ("basis", "Clause, or band"), ("rule", "Delivery rule"),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frame:
    """What the head and foot of every page say."""

    language: str
    house: str
    period: str
    as_of: str
    method: str
    footer: str
    created_on: str


@dataclass(frozen=True, slots=True)
class ClaimAnnex:
    """A claim with its lines, ready to print."""

    frame: Frame
    paper: str
    number: str
    state: str
    contract: str
    supplier: str
    parties: str
    drawn: str
    total: str
    damages: str
    credited: str
    currency: str
    counted: str
    clauses: tuple[str, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    credit_rows: tuple[tuple[str, ...], ...]
    misses: tuple[str, ...]
    bonus_rows: tuple[tuple[str, ...], ...]
    bonus_told: str
    apart_rows: tuple[tuple[str, ...], ...]
    off_rows: tuple[tuple[str, ...], ...]
    claim_hash: str
    method: str = METHOD
    content_hash: str = ""
    audit_head: str = ""

    @property
    def title(self) -> str:
        """The document's title."""
        return f"Claim {self.number}"

    @property
    def paper_size(self) -> PaperSize:
        """The sheet it is printed on."""
        return PaperSize(self.paper)

    @property
    def row_count(self) -> int:
        """The table rows that it prints."""
        tables = (self.rows, self.credit_rows, self.bonus_rows, self.apart_rows)
        return sum(len(each) for each in tables)

    @property
    def short_hash(self) -> str:
        """The beginning of the claim's hash, for the foot of a page."""
        return self.claim_hash[:SHORT]


def claim_annex(
    said: ClaimContent, *, state: str, claim_hash: str, house: str, paper: PaperSize
) -> ClaimAnnex:
    """Return what the annex of a claim prints, sealed with its hash."""
    places = coin_places(said.currency)
    period = period_words(said.period)
    as_of = _day(said.as_of)
    annex = ClaimAnnex(
        frame=Frame(
            language="en", house=house, period=period, as_of=as_of,
            method="ADR 0045",
            footer=f"Claim {said.number} · {period} · facts as of {as_of}",
            created_on=said.as_of,
        ),
        paper=str(paper), number=said.number, state=state,
        contract=f"{said.contract}, {said.title}", supplier=said.supplier,
        parties=f"{said.our_party} and {said.their_party}",
        drawn=f"{said.drawn_by}, on facts up to {as_of}",
        total=_money(said.total, places), damages=_money(said.damages, places),
        credited=_money(said.credited, places), currency=said.currency,
        counted=_counted(said), clauses=tuple(_clauses(said)), heads=LINE_HEADS,
        rows=tuple(_row(each, places) for each in said.lines),
        credit_rows=tuple(_credit_row(each, places) for each in said.credits),
        misses=tuple(text for each in said.credits for text in _misses(each)),
        bonus_rows=tuple(_bonus_row(each, places) for each in said.bonuses),
        bonus_told=bonus_words(said),
        apart_rows=tuple(
            (each.order, _day(each.due_on),
             "–" if each.late_days is None else formatting.number(each.late_days), each.reason)
            for each in said.apart
        ),
        off_rows=tuple(
            (each.kind, _day(each.first_on), _day(each.last_on), each.reason)
            for each in said.days_off
        ),
        claim_hash=claim_hash,
    )  # fmt: skip
    return replace(annex, content_hash=_hash(annex))


def claim_sheet(said: ClaimContent, *, claim_hash: str) -> Sheet:
    """Return a claim as a table: its lines, its credits, and their sum."""
    name = f"claim-{said.number}".replace("/", "-")
    about = (
        f"Claim {said.number} under contract {said.contract}, {said.period}, facts as of "
        f"{said.as_of}, content sha256 {claim_hash}. {METHOD}"
    )
    return Sheet(name, SHEET_HEADS, list(_sheet_rows(said, claim_hash)), about)


def _sheet_rows(said: ClaimContent, claim_hash: str) -> Iterator[list[Cell]]:
    for place, line in enumerate(said.lines, start=1):
        yield [
            place, "late line", line.order, line.part, date.fromisoformat(line.due_on),
            date.fromisoformat(line.delivered_on) if line.delivered_on else None,
            line.late_days, line.excused_days, line.chargeable_days, _decimal(line.value),
            Decimal(line.owed), Decimal(line.cut), Decimal(line.amount), said.currency,
            line.clause, line.rule,
        ]  # fmt: skip
    for place, credit in enumerate(said.credits, start=len(said.lines) + 1):
        yield [
            place, "service credit", credit.measure, None, credit.window, None, None, None, None,
            _decimal(credit.spend), _alone(credit), _alone(credit) - Decimal(credit.amount),
            Decimal(credit.amount), said.currency, f"{credit.figure}: {credit.percent} %", None,
        ]  # fmt: skip
    blank: list[Cell] = [None] * 9
    yield [None, "total", *blank, None, Decimal(said.total), said.currency, None, None]
    for bonus in said.bonuses:
        yield [
            None, "bonus, not in the total", bonus.label, None, bonus.window, *blank[:6], None,
            _decimal(bonus.amount), said.currency, bonus.figure, None,
        ]  # fmt: skip
    if said.bonuses:
        told = "net: bonuses less penalties of the period"
        yield [None, told, *blank, None, _decimal(said.net), said.currency, None, None]
    yield [None, "content sha256", claim_hash, *blank, None, None, None, None]


def _row(line: ClaimLine, places: int) -> tuple[str, ...]:
    return (
        line.order, line.part, _day(line.due_on), _day(line.delivered_on),
        formatting.number(line.late_days), formatting.number(line.excused_days),
        formatting.number(line.chargeable_days),
        "–" if not line.value else formatting.number(Decimal(line.value), 2),
        _money(line.owed, places), _money(line.cut, places), _money(line.amount, places),
    )  # fmt: skip


def _credit_row(credit: ClaimCredit, places: int) -> tuple[str, ...]:
    spend = "–" if not credit.spend else formatting.number(Decimal(credit.spend), 2)
    share = formatting.quantity(Decimal(credit.percent)) if credit.percent else "–"
    return (
        credit.measure, credit.window, credit.figure, f"{share} %", spend,
        _money(credit.amount, places),
    )  # fmt: skip


def _alone(credit: ClaimCredit) -> Decimal:
    return Decimal(credit.owed or credit.amount)


def _bonus_row(bonus: ClaimBonus, places: int) -> tuple[str, ...]:
    amount = "not known" if not bonus.amount else _money(bonus.amount, places)
    return (
        f"{bonus.label}: {bonus.why}" if bonus.why else bonus.label,
        bonus.window, bonus.figure, bonus.gate, amount,
    )  # fmt: skip


def _misses(credit: ClaimCredit) -> Iterator[str]:
    if credit.note:
        yield f"{credit.measure}, {credit.window}: {credit.note}"
    for first in range(0, len(credit.missed), TOGETHER):
        labels = ", ".join(credit.missed[first : first + TOGETHER])
        yield f"{credit.measure}, {credit.window}, missed by: {labels}."


def _counted(said: ClaimContent) -> str:
    lines = formatting.count(len(said.lines), "late line")
    due = formatting.count(said.lines_in_all, "line")
    return f"{lines} of {due} that fell due; {len(said.apart):,} more set apart"


def _clauses(said: ClaimContent) -> list[str]:
    return list(dict.fromkeys(line.clause for line in said.lines if line.clause))


def _money(amount: str, places: int) -> str:
    return formatting.number(Decimal(amount), places)


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _day(text: str) -> str:
    return formatting.day(date.fromisoformat(text)) if text else "open"


def _hash(annex: ClaimAnnex) -> str:
    said = json.dumps(asdict(annex), sort_keys=True, ensure_ascii=False).encode()
    return hashlib.sha256(said).hexdigest()
