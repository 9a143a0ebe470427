"""Cost of poor quality: failures only, one currency, unknown amounts said."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.calc.copq import (
    CostGroup,
    CostKind,
    QualityCost,
    copq_of_spend,
    quality_costs,
)
from app.calc.measure import MeasureState


def cost(kind: CostKind, amount: int | None, recovered: int = 0) -> QualityCost:
    return QualityCost(kind, None if amount is None else Decimal(amount), "EUR", Decimal(recovered))


PAF = [
    cost(CostKind.PREVENTION, 10_000),
    cost(CostKind.APPRAISAL, 20_000),
    cost(CostKind.SCRAP, 12_000, 6_000),
    cost(CostKind.SORTING, 18_000, 11_500),
    cost(CostKind.WARRANTY, 40_000),
]


def test_cost_of_poor_quality_is_failure_and_cost_of_quality_all_four() -> None:
    # Oracle copq_paf, from the rule: 10 + 20 + (12 + 18) + 40 thousand.
    found = quality_costs(PAF)

    assert found.groups == {
        CostGroup.PREVENTION: 10_000,
        CostGroup.APPRAISAL: 20_000,
        CostGroup.INTERNAL_FAILURE: 30_000,
        CostGroup.EXTERNAL_FAILURE: 40_000,
    }
    assert (found.copq, found.coq) == (70_000, 100_000)
    assert (found.recovered, found.recovered_share) == (17_500, 0.25)


@pytest.mark.parametrize("kind", list(CostKind)[2:])
def test_every_failure_counts_as_poor_quality(kind: CostKind) -> None:
    assert quality_costs([cost(kind, 7)]).copq == 7


def test_share_of_spend() -> None:
    found = copq_of_spend(quality_costs(PAF), Decimal(3_500_000), currency="EUR")

    assert found.value == pytest.approx(0.02)
    assert (found.state, found.n, found.reason) == (MeasureState.OK, 3, None)


def test_no_cost_of_a_recorded_period_is_a_real_zero() -> None:
    found = copq_of_spend(quality_costs([]), Decimal(100))
    assert (found.value, found.state) == (0.0, MeasureState.OK)
    assert quality_costs([]).recovered_share is None


@pytest.mark.parametrize("spend", [None, Decimal(0)])
def test_without_spend_the_share_is_unknown(spend: Decimal | None) -> None:
    assert copq_of_spend(quality_costs(PAF), spend).value is None


def test_costs_that_nobody_records_are_unknown_not_zero() -> None:
    assert copq_of_spend(None, Decimal(100)).state is MeasureState.NO_DATA


def test_failure_of_unknown_cost_makes_the_figure_a_lower_bound() -> None:
    items = [cost(CostKind.SCRAP, 30, 10), cost(CostKind.REWORK, None, 5)]
    found = quality_costs(items)
    share = copq_of_spend(found, Decimal(1000))

    assert (found.copq, found.recovered, found.unknown) == (30, 10, 1)
    assert (share.value, share.state, share.unknown) == (0.03, MeasureState.PROVISIONAL, 1)
    assert share.reason == "Unknown costs, left out: 1."


def test_failures_of_which_no_cost_is_known_are_unknown_not_zero() -> None:
    found = copq_of_spend(quality_costs([cost(CostKind.REWORK, None)]), Decimal(1000))
    assert (found.value, found.unknown) == (None, 1)


def test_currencies_are_never_mixed() -> None:
    dollars = QualityCost(CostKind.SCRAP, Decimal(1), "USD")
    with pytest.raises(ValueError, match="items are in EUR and USD"):
        quality_costs([*PAF, dollars])
    with pytest.raises(ValueError, match="spend is in USD, the costs in EUR"):
        copq_of_spend(quality_costs(PAF), Decimal(1), currency="USD")


def test_no_more_is_recovered_than_was_lost() -> None:
    with pytest.raises(ValueError, match="recovered is 8 of an amount of 7"):
        cost(CostKind.SCRAP, 7, 8)
    with pytest.raises(ValueError, match="amount is -1"):
        cost(CostKind.SCRAP, -1)
    with pytest.raises(ValueError, match="spend is -1"):
        copq_of_spend(quality_costs(PAF), Decimal(-1))
