"""No double recovery: for one failure the larger of damages and a delivery credit stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from app.calc.cents import ZERO
from app.calc.recovery import total, without_double_recovery
from app.judgement.contracts.money.owed import OwedCredit, OwedLine
from app.judgement.contracts.money.queries import Taken


def what_stands(
    lines: list[OwedLine], owed: list[OwedCredit], taken: Taken
) -> tuple[list[OwedLine], list[OwedCredit]]:
    """Let the larger of damages and a delivery credit stand for one failure.

    Of several credits for delivery in a window the largest is looked at; the others are the
    same failure measured otherwise. What was claimed first holds.
    """
    settled: dict[str, OwedCredit] = {}
    for credit in sorted(owed, key=_rank):
        if not credit.is_delivery:
            settled[credit.key] = credit
        elif _overlaps(credit, settled.values()):
            settled[credit.key] = _set_aside(credit, "Another credit for delivery stands here.")
        else:
            lines, settled[credit.key] = _larger(lines, credit, taken)
    return [_recovered(line, taken) for line in lines], [settled[credit.key] for credit in owed]


def _rank(credit: OwedCredit) -> tuple[bool, Decimal]:
    """What was claimed comes first, then the largest."""
    return (credit.claimed_in is None, -(credit.amount or ZERO))


def _set_aside(credit: OwedCredit, told: str) -> OwedCredit:
    return replace(credit, amount=None if credit.amount is None else ZERO, note=told)


def _overlaps(credit: OwedCredit, settled: Iterable[OwedCredit]) -> bool:
    return any(
        other.is_delivery
        and credit.window.spend_from <= other.window.last_on
        and other.window.spend_from <= credit.window.last_on
        for other in settled
    )


def _larger(
    lines: list[OwedLine], credit: OwedCredit, taken: Taken
) -> tuple[list[OwedLine], OwedCredit]:
    window = credit.window
    inside = [line for line in lines if line.is_charged and
              window.spend_from <= line.judged.line.window_end_on <= window.last_on]  # fmt: skip
    if credit.claimed_in:
        return lines, credit
    if credit.is_cumulative or any(_is_cumulative(line) for line in inside):
        inside = []
        claimed = taken.delivery_credits_within(window.spend_from, window.last_on)
    else:
        claimed = taken.for_delivery_within(window.spend_from, window.last_on)
    others = claimed + total(line.amount for line in inside).amount
    stands = without_double_recovery(others, credit.amount)
    if not stands.is_reduced or credit.amount is None:
        # Also where the credit is not known: then the lines are what is proven.
        return lines, credit
    if stands.credit == ZERO:
        return lines, _set_aside(credit, "Damages for the same lines are larger: they stand.")
    if claimed:
        told = "What was claimed for delivery in this window comes off."
        credit = replace(credit, amount=credit.amount - claimed, note=told)
    return [_struck(line, credit) if line in inside else line for line in lines], credit


def _is_cumulative(line: OwedLine) -> bool:
    return line.judged.damages is not None and line.judged.damages.is_cumulative


def _struck(line: OwedLine, credit: OwedCredit) -> OwedLine:
    told = f"The service credit for {credit.window.label} is larger: it stands."
    return replace(line, amount=ZERO, note=told)


def _recovered(line: OwedLine, taken: Taken) -> OwedLine:
    """Strike a line that a credit claimed before has paid for."""
    if not line.is_charged or _is_cumulative(line):
        return line
    before = taken.delivery_credit_over(line.judged.line.window_end_on)
    if before is None:
        return line
    told = f"The service credit in claim {before.number} is for the same failure."
    return replace(line, amount=ZERO, note=told)
