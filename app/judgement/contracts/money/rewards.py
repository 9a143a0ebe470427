"""Incentives of a contract for the windows that end in a period: what was earned.

A line rate leaves out what a service credit leaves out, so that both are symmetrical. Only a
bonus is money that is paid: more volume, a longer contract and earlier payment are told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.calc.cents import ZERO
from app.calc.incentives import Bonus, bonus, is_reached
from app.calc.recovery import Total, total
from app.judgement.contracts.models import Direction
from app.judgement.contracts.money.credits import Basis, spend_of, windows_under
from app.judgement.contracts.money.figures import EVERYTHING_LEFT_OUT, Figure
from app.judgement.contracts.money.held_terms import HUNDRED, HeldTerms, is_valid
from app.judgement.contracts.money.owed import places_of
from app.judgement.contracts.money.windows import Window
from app.judgement.contracts.money_models import Incentive, IncentiveKind

NO_CONTRACT_VALUE = "The cap is a share of the contract’s value, which is not known."


@dataclass(frozen=True, slots=True)
class Reward:
    """An incentive in a window: the figure, the gate's figure, and what was earned.

    is_earned: whether target and gate are met on enough; None where that is not known. bonus:
    what is paid, 0 where the incentive gives something else than money.
    """

    incentive: Incentive
    window: Window
    figure: Figure
    gate: Figure | None
    is_earned: bool | None
    bonus: Bonus
    is_over: bool

    @property
    def is_money(self) -> bool:
        """Whether it pays."""
        return self.incentive.kind == IncentiveKind.BONUS


def rewards_of(basis: Basis, first_on: date, last_on: date) -> list[Reward]:
    """Return what each incentive gives, for each of its windows that ends in the days."""
    return [
        _reward(basis, terms, row, window)
        for kind, window, terms in windows_under(basis, first_on, last_on)
        for row in terms.incentives
        if row.window_kind == kind and is_valid(row, window.last_on)
    ]


def earned(rewards: tuple[Reward, ...]) -> Total:
    """Return the sum of the bonuses."""
    return total(each.bonus.amount for each in rewards if each.is_money)


def _reward(basis: Basis, terms: HeldTerms, row: Incentive, window: Window) -> Reward:
    figure = basis.figures.of(row.measure, window, EVERYTHING_LEFT_OUT)
    gate = None
    if row.gate_measure is not None:
        gate = basis.figures.of(row.gate_measure, window, EVERYTHING_LEFT_OUT)
    is_met = _is_met(figure, row.threshold, row.direction)
    gate_met = True if gate is None else _is_met(gate, row.gate_value, row.gate_direction)
    is_over = window.is_over(basis.as_of)
    if figure.n is not None and figure.n < row.min_n:
        few = f"Only {figure.n:,} measured, the clause asks for {row.min_n:,}: nothing is given."
        return Reward(row, window, figure, gate, False, Bonus(ZERO, few), is_over)
    found = bonus(
        is_target_met=is_met, is_gate_met=gate_met, reward=_given(basis, terms, row, window),
        cap=_cap(terms, row), places=places_of(terms),
    )  # fmt: skip
    if found.amount and row.cap_percent is not None and terms.row.value is None:
        found = Bonus(None, NO_CONTRACT_VALUE)
    return Reward(row, window, figure, gate, _both(is_met, gate_met), found, is_over)


def _both(target: bool | None, gate: bool | None) -> bool | None:
    """Tell whether both are met: no where one is not, unknown where one is."""
    if target is False or gate is False:
        return False
    return None if target is None or gate is None else True


def _is_met(figure: Figure, threshold: Decimal | None, direction: str | None) -> bool | None:
    if figure.value is None or threshold is None:
        return None
    return is_reached(figure.value, threshold, at_least=direction == Direction.AT_LEAST)


def _given(basis: Basis, terms: HeldTerms, row: Incentive, window: Window) -> Decimal | None:
    if row.kind != IncentiveKind.BONUS:
        return ZERO
    if row.amount is not None:
        return row.amount
    spend = spend_of(terms, basis.lines, window)
    return None if spend is None or row.percent is None else spend * row.percent / HUNDRED


def _cap(terms: HeldTerms, row: Incentive) -> Decimal | None:
    if row.cap_percent is None or terms.row.value is None:
        return None
    return terms.row.value * row.cap_percent / HUNDRED
