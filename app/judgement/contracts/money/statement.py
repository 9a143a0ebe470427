"""What a contract makes of a period: damages line by line, credits, what of both stands.

The one place where the parts meet: the cap that lines share, no double recovery, what earlier
claims took, and where the period stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial

from sqlalchemy.orm import Session

from app.calc.cents import ZERO, limit
from app.calc.damages import Excuse
from app.calc.incentives import net_of_penalties
from app.calc.recovery import Exposure, Total, exposure, total, under_one_cap
from app.facts.deliveries.lines.promised_lines import PromisedLine, promised_lines
from app.judgement.contracts.money import queries
from app.judgement.contracts.money.credits import Basis, credits_of
from app.judgement.contracts.money.double import what_stands
from app.judgement.contracts.money.figures import Figures
from app.judgement.contracts.money.held_terms import HeldTerms, TermsBook, others_with_money
from app.judgement.contracts.money.judged_lines import Apart, JudgedLine, judge_lines
from app.judgement.contracts.money.owed import OwedCredit, OwedLine, places_of
from app.judgement.contracts.money.queries import Taken
from app.judgement.contracts.money.rewards import Reward, earned, rewards_of

EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Statement:
    """A period under a contract: what is owed, what is set apart, where it stands.

    refusal: why no sum can be made, None where there is one. in_all: lines of the contract
    whose window ended in the period; unnamed: lines left out because no
    contract is named. claimed: what claims that stand took for the period; cleared: lines in
    them that owe nothing any more, since facts were corrected. exposure: of damages
    and credits, what was claimed included.
    """

    book: TermsBook
    first_on: date
    last_on: date
    as_of: date
    currency: str | None
    lines: tuple[OwedLine, ...]
    credits: tuple[OwedCredit, ...]
    in_all: int
    unnamed: int
    cleared: int
    damages: Total
    credited: Total
    claimed: Decimal
    exposure: Exposure | None
    refusal: str | None
    rewards: tuple[Reward, ...]

    @property
    def charged(self) -> tuple[OwedLine, ...]:
        """The lines that stand in the sum."""
        return tuple(line for line in self.lines if line.is_charged)

    @property
    def apart(self) -> tuple[OwedLine, ...]:
        """The late lines that do not."""
        return tuple(line for line in self.lines if not line.is_charged)

    @property
    def total(self) -> Total:
        """Damages and credits together."""
        return Total(
            self.damages.amount + self.credited.amount,
            self.damages.known + self.credited.known,
            self.damages.unknown + self.credited.unknown,
        )

    @property
    def penalties(self) -> Total:
        """Damages and credits of the period, those that were claimed too."""
        return replace(self.total, amount=self.total.amount + self.claimed)

    @property
    def bonuses(self) -> Total:
        """What the incentives pay for the period."""
        return earned(self.rewards)

    @property
    def net(self) -> Decimal | None:
        """Bonuses less penalties; below 0 the supplier owes it. None where it is not known."""
        is_known = self.refusal is None and self.bonuses.is_whole and self.penalties.is_whole
        if not is_known:
            return None
        return net_of_penalties(self.bonuses.amount, self.penalties.amount)


def statement(
    session: Session,
    book: TermsBook,
    *,
    first_on: date,
    last_on: date,
    as_of: date,
    with_open: bool = True,
) -> Statement:
    """Return what a contract makes of a period, as the facts stand on a day.

    with_open: whether lines that are not complete count up to that day; a claim leaves them out.
    """
    until = min(last_on, as_of)
    reach = max(EARLIEST, date(max(first_on.year - 1, 1), 1, 1))
    every = promised_lines(session, book.whose.supplier_id, first_on=reach, last_on=until)
    own, unnamed = own_lines(session, book, every)
    within = [line for line in own if first_on <= line.window_end_on]
    taken = queries.taken(session, book.whose.contract_id)
    reliefs = queries.reliefs_of(session, book.whose.contract_id, standing=True)
    excuses = [Excuse(each.first_on, each.last_on) for each in reliefs]
    judged = judge_lines(book, within, excuses, as_of=as_of, with_open=with_open)
    # What was due before the contract held, or after, is none of its figures.
    under = [line for line in own if book.on(line.window_end_on) is not None]
    figures = Figures(session, book.whose.supplier_id, under, as_of)
    basis = Basis(book, under, figures, taken, as_of)
    lines, owed = what_stands(_capped(judged, taken), credits_of(basis, first_on, last_on), taken)
    return _summed(
        basis, (first_on, last_on), lines, owed, in_all=len(within),
        unnamed=sum(1 for line in unnamed if first_on <= line.window_end_on),
        cleared=len(taken.lines_within(first_on, last_on) - {each.line.line_id for each in judged}),
    )  # fmt: skip


def own_lines(
    session: Session, book: TermsBook, lines: Sequence[PromisedLine]
) -> tuple[list[PromisedLine], list[PromisedLine]]:
    """Return the lines under the contract, and those that could be but name no contract.

    An order that names no contract is under it where no other contract of the supplier says
    that lateness costs something.
    """
    number = book.whose.number
    named = [line for line in lines if line.contract_reference == number]
    unnamed = [line for line in lines if not line.contract_reference]
    if not unnamed or others_with_money(session, book.whose):
        return named, unnamed
    return [line for line in lines if line.contract_reference in (None, "", number)], []


def _capped(judged: Sequence[JudgedLine], taken: Taken) -> list[OwedLine]:
    """Return the lines under the cap on the contract's value, the oldest first."""
    pots: dict[int | None, list[JudgedLine]] = defaultdict(list)
    for each in judged:
        year = each.line.window_end_on.year
        pots[year if each.damages and each.damages.clause.is_yearly else None].append(each)
    found = {
        owed.judged.line.line_id: owed
        for year, each in pots.items()
        for owed in _under_cap(each, taken, taken.for_cap_in(year))
    }
    return [found[each.line.line_id] for each in judged]


def _under_cap(judged: Sequence[JudgedLine], taken: Taken, used: Decimal) -> list[OwedLine]:
    fresh = [each.apart is None and taken.line(each.line.line_id) is None for each in judged]
    pairs = list(zip(judged, fresh, strict=True))
    left = under_one_cap(
        [each.amount if is_fresh else ZERO for each, is_fresh in pairs],
        [_cap(each) for each in judged],
        used=used,
    )
    return [
        _owed(each, kept, is_fresh, taken)
        for (each, is_fresh), kept in zip(pairs, left, strict=True)
    ]


def _cap(judged: JudgedLine) -> Decimal | None:
    return None if judged.cap is None else limit(judged.cap, places_of(judged.terms))


def _owed(each: JudgedLine, kept: Decimal | None, is_fresh: bool, taken: Taken) -> OwedLine:
    before = taken.line(each.line.line_id)
    if before is not None:
        told = f"It stands in claim {before.number}."
        if each.amount is not None and each.amount < before.amount:
            told += " As the facts stand now it owes less than was claimed."
        gone = replace(each, apart=Apart.CLAIMED, reason=told)
        return OwedLine(gone, each.amount, ZERO, before.amount, None, before.number)
    if not is_fresh:
        return OwedLine(each, each.amount, ZERO, each.amount, each.reason, None)
    cut = (each.amount or ZERO) - (kept or ZERO)
    note = "Cut by the cap on the contract’s value." if cut else None
    return OwedLine(each, each.amount, cut, kept, note, None)


def _summed(
    basis: Basis,
    days: tuple[date, date],
    lines: Sequence[OwedLine],
    owed: Sequence[OwedCredit],
    *,
    in_all: int,
    unnamed: int,
    cleared: int,
) -> Statement:
    (first_on, last_on), as_of, book = days, basis.as_of, basis.book
    held = book.on(min(last_on, as_of)) or book.latest
    unknown = sum(1 for line in lines if line.judged.apart is Apart.UNKNOWN)
    damages = replace(total(line.amount for line in lines if line.is_charged), unknown=unknown)
    credited = total(each.amount for each in owed if each.claimed_in is None)
    return Statement(
        book=book, first_on=first_on, last_on=last_on, as_of=as_of,
        currency=None if held is None else held.row.currency,
        lines=tuple(lines), credits=tuple(owed), in_all=in_all, unnamed=unnamed,
        cleared=cleared, damages=damages, credited=credited,
        claimed=basis.taken.all_within(first_on, last_on),
        exposure=_exposure(held, basis, days, damages.amount, credited.amount),
        refusal=_refusal(book, lines), rewards=tuple(rewards_of(basis, first_on, last_on)),
    )  # fmt: skip


def _exposure(
    held: HeldTerms | None,
    basis: Basis,
    days: tuple[date, date],
    damages: Decimal,
    credited: Decimal,
) -> Exposure | None:
    """Return where the period stands; the cap on the contract's value is one on damages."""
    if held is None:
        return None
    (first_on, last_on), as_of, taken = days, basis.as_of, basis.taken
    places = places_of(held)
    clause = held.damages_on(min(last_on, as_of))
    cap = None if clause is None or clause.clause.has_line_cap else held.cap_of(clause.clause)
    left = None
    if cap is not None and clause is not None:
        used = taken.for_cap_in(last_on.year if clause.clause.is_yearly else None)
        outside = used - taken.for_cap_within(first_on, last_on)
        left = max(limit(cap, places) - outside, ZERO)
    credits_claimed = taken.credits_within(first_on, last_on)
    damages_claimed = taken.all_within(first_on, last_on) - credits_claimed
    stands = partial(exposure, first_on=first_on, last_on=last_on, as_of=as_of, places=places)
    late = stands(damages + damages_claimed, cap_left=left)
    missed = stands(credited + credits_claimed)
    projected = None
    if late.projected is not None and missed.projected is not None:
        projected = late.projected + missed.projected
    return Exposure(late.accrued + missed.accrued, projected, late.cap_left)


def _refusal(book: TermsBook, lines: Sequence[OwedLine]) -> str | None:
    if not book.versions:
        return "No version of the terms was approved. Have the terms approved first."
    foreign = [each.judged.line for each in lines if each.judged.apart is Apart.OTHER_CURRENCY]
    if foreign:
        return (
            f"Order line {foreign[0].label} is priced in {foreign[0].currency}, the contract is "
            f"in {book.versions[-1].row.currency}: two currencies are never one sum. Correct the "
            "currency of the order, or name its own contract on it."
        )
    currencies = {line.judged.terms.row.currency for line in lines if line.judged.terms}
    if len(currencies) > 1:
        return (
            f"The terms changed from {' to '.join(sorted(currencies))} within the period: two "
            "currencies are never one sum. Take a shorter period."
        )
    return None
