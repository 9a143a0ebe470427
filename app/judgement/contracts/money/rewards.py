"""Incentives of a contract for a period: what was earned, and what is left after penalties.

A line rate leaves out what a service credit leaves out, so that both are symmetrical.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.calc.cents import ZERO
from app.calc.incentives import Bonus, bonus, is_reached
from app.calc.recovery import Total, total
from app.judgement.contracts.models import Direction
from app.judgement.contracts.money.credits import Basis, spend_of
from app.judgement.contracts.money.figures import EVERYTHING_LEFT_OUT, Figure
from app.judgement.contracts.money.held_terms import HUNDRED, HeldTerms, is_valid
from app.judgement.contracts.money.owed import places_of
from app.judgement.contracts.money.windows import Window
from app.judgement.contracts.money_models import Incentive

NO_CONTRACT_VALUE = "The cap is a share of the contract’s value, which is not known."


@dataclass(frozen=True, slots=True)
class Reward:
    """An incentive in a period: the figure, the gate's figure, and what was earned.

    months: of extension, where that is what it gives; then `bonus` has no amount.
    """

    incentive: Incentive
    figure: Figure
    gate: Figure | None
    is_earned: bool | None
    bonus: Bonus
    months: int | None


def rewards_of(basis: Basis, window: Window) -> list[Reward]:
    """Return what each incentive that holds at the end of a period gives for it."""
    terms = basis.book.on(min(window.last_on, basis.as_of))
    if terms is None:
        return []
    valid = (each for each in terms.incentives if is_valid(each, window.last_on))
    return [_reward(basis, terms, each, window) for each in valid]


def earned(rewards: list[Reward]) -> Total:
    """Return the sum of the bonuses in money."""
    return total(each.bonus.amount for each in rewards if each.months is None)


def _reward(basis: Basis, terms: HeldTerms, row: Incentive, window: Window) -> Reward:
    figure = basis.figures.of(row.measure, window, EVERYTHING_LEFT_OUT)
    gate = None
    if row.gate_measure is not None:
        gate = basis.figures.of(row.gate_measure, window, EVERYTHING_LEFT_OUT)
    is_met = _is_met(figure, row.threshold, row.direction)
    gate_met = True if gate is None else _is_met(gate, row.gate_value, row.gate_direction)
    if figure.n is not None and figure.n < row.min_n:
        few = f"Only {figure.n:,} measured, the clause asks for {row.min_n:,}: nothing is paid."
        return Reward(row, figure, gate, False, Bonus(ZERO, few), row.extension_months)
    if row.cap_percent is not None and terms.row.value is None:
        return Reward(row, figure, gate, None, Bonus(None, NO_CONTRACT_VALUE), None)
    found = bonus(
        is_target_met=is_met, is_gate_met=gate_met, reward=_given(basis, terms, row, window),
        cap=_cap(terms, row), places=places_of(terms),
    )  # fmt: skip
    both = None if is_met is None or gate_met is None else is_met and gate_met
    return Reward(row, figure, gate, both, found, row.extension_months)


def _is_met(figure: Figure, threshold: Decimal | None, direction: str | None) -> bool | None:
    if figure.value is None or threshold is None:
        return None
    return is_reached(figure.value, threshold, at_least=direction == Direction.AT_LEAST)


def _given(basis: Basis, terms: HeldTerms, row: Incentive, window: Window) -> Decimal | None:
    if row.extension_months is not None:
        return ZERO
    if row.amount is not None:
        return row.amount
    spend = spend_of(terms, basis.lines, window)
    return None if spend is None or row.percent is None else spend * row.percent / HUNDRED


def _cap(terms: HeldTerms, row: Incentive) -> Decimal | None:
    if row.cap_percent is None or terms.row.value is None:
        return None
    return terms.row.value * row.cap_percent / HUNDRED
