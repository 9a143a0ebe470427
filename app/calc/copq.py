"""Cost of poor quality: what failures cost, and what was spent to prevent them.

Prevention, appraisal, failure (PAF). Sums are in one currency; whoever gives the items
leaves out what the supplier did not cause.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from app.calc.measure import Measure, MeasureState, no_data

NO_COSTS = "Quality costs are not recorded. Record scrap, rework, sorting and the like."
NO_SPEND = "The spend of this period is unknown or nothing was bought."
NO_KNOWN_COST = "Quality costs are recorded, but the amount of none of them is known."
ZERO = Decimal(0)


class CostGroup(StrEnum):
    """The four groups of quality costs."""

    PREVENTION = "prevention"
    APPRAISAL = "appraisal"
    INTERNAL_FAILURE = "internal_failure"
    EXTERNAL_FAILURE = "external_failure"


class CostKind(StrEnum):
    """What money was spent on; `administration` is hours × rate."""

    PREVENTION = "prevention"
    APPRAISAL = "appraisal"
    SCRAP = "scrap"
    REWORK = "rework"
    SORTING = "sorting"
    LINE_DOWN = "line_down"
    RETURN_FREIGHT = "return_freight"
    EXPEDITE = "expedite"
    PREMIUM_FREIGHT = "premium_freight"
    ADMINISTRATION = "administration"
    WARRANTY = "warranty"


# What reached the customer is external; all else failed on our side of the door.
GROUP_OF: Mapping[CostKind, CostGroup] = MappingProxyType(
    {
        **dict.fromkeys(CostKind, CostGroup.INTERNAL_FAILURE),
        CostKind.PREVENTION: CostGroup.PREVENTION,
        CostKind.APPRAISAL: CostGroup.APPRAISAL,
        CostKind.WARRANTY: CostGroup.EXTERNAL_FAILURE,
    }
)
FAILURES = (CostGroup.INTERNAL_FAILURE, CostGroup.EXTERNAL_FAILURE)


@dataclass(frozen=True, slots=True)
class QualityCost:
    """One cost and what of it was charged back; `amount` None where nobody knows it yet."""

    kind: CostKind
    amount: Decimal | None
    currency: str
    recovered: Decimal = ZERO

    def __post_init__(self) -> None:
        if self.amount is not None and self.amount < 0:
            raise ValueError(f"amount is {self.amount}, it must be at least 0")
        if self.recovered < 0 or (self.amount is not None and self.recovered > self.amount):
            raise ValueError(
                f"recovered is {self.recovered} of an amount of {self.amount}, "
                "0 ≤ recovered ≤ amount must hold"
            )


@dataclass(frozen=True, slots=True)
class QualityCosts:
    """Quality costs of a period, in one currency.

    `groups` are the sums of known amounts; `copq` is failure, `coq` all four. `recovered`
    is what was charged back of known failure costs, `recovered_share` its part of `copq`.
    `unknown` counts failures whose amount nobody knows: with any, the sums are at least.
    """

    currency: str | None
    groups: Mapping[CostGroup, Decimal]
    copq: Decimal
    coq: Decimal
    recovered: Decimal
    recovered_share: float | None
    unknown: int
    known: int


def quality_costs(items: Iterable[QualityCost]) -> QualityCosts:
    """Add up quality costs.

    Formula: copq = internal + external failure; coq = prevention + appraisal + copq;
    recovered share = recovered/copq.

    Args:
        items: shape (n,), what the supplier caused [money in one currency].
    Returns:
        The sums [money], higher is worse; `recovered_share` [fraction], lower is worse, None
        where copq is 0.
    Raises:
        ValueError: the items are in several currencies (convert them first).
    Source: PAF model (Feigenbaum; ASQ), domain rules §0.4, §2.3.
    Edge cases: no items give zeros: every cost that was recorded is in. What was recovered of
    a failure of unknown cost is in no sum.

    >>> costs = quality_costs([QualityCost(CostKind.SCRAP, Decimal(30), "EUR", Decimal(12))])
    >>> costs.copq, costs.recovered_share
    (Decimal('30'), 0.4)
    """
    every = list(items)
    currencies = sorted({item.currency for item in every})
    if len(currencies) > 1:
        raise ValueError(
            f"items are in {' and '.join(currencies)}; convert them to one currency first"
        )
    groups = dict.fromkeys(CostGroup, ZERO)
    known = [(item, item.amount) for item in every if item.amount is not None]
    for item, amount in known:
        groups[GROUP_OF[item.kind]] += amount
    failures = [item for item in every if GROUP_OF[item.kind] in FAILURES]
    known_failures = [item for item in failures if item.amount is not None]
    recovered = sum((item.recovered for item in known_failures), ZERO)
    copq = groups[CostGroup.INTERNAL_FAILURE] + groups[CostGroup.EXTERNAL_FAILURE]
    return QualityCosts(
        currency=next(iter(currencies), None),
        groups=MappingProxyType(groups),
        copq=copq,
        coq=sum(groups.values(), ZERO),
        recovered=recovered,
        recovered_share=float(recovered / copq) if copq else None,
        unknown=len(failures) - len(known_failures),
        known=len(known_failures),
    )


def copq_of_spend(
    costs: QualityCosts | None, spend: Decimal | None, *, currency: str | None = None
) -> Measure:
    """Build the measure of the cost of poor quality per money spent.

    Formula: copq/spend.

    Args:
        costs: of the period; None where nobody records them.
        spend: what was bought of the supplier in the period [money], ≥ 0; None if unknown.
        currency: of the spend, None where there is only one.
    Returns:
        The measure `copq` [fraction], higher is worse; n counts the failures with a known
        amount. All costs that are recorded are in, so it is ok unless amounts are unknown:
        then it is provisional, and at least this high.
    Raises:
        ValueError: spend is negative or in another currency than the costs.
    Source: domain rules §0.1, §0.4, §2.3.
    Edge cases: costs that are recorded and none came up are a real 0; a spend of 0 is
    no_data; so are failures of which no amount is known.

    >>> costs = quality_costs([QualityCost(CostKind.SCRAP, Decimal(30), "EUR")])
    >>> copq_of_spend(costs, Decimal(1000), currency="EUR").value
    0.03
    """
    if spend is not None and spend < 0:
        raise ValueError(f"spend is {spend}, it must be at least 0")
    if costs is None:
        return no_data("copq", NO_COSTS)
    if None not in (costs.currency, currency) and costs.currency != currency:
        raise ValueError(f"spend is in {currency}, the costs in {costs.currency}; convert one")
    if not spend:
        return no_data("copq", NO_SPEND, unknown=costs.unknown)
    if costs.unknown and not costs.known:
        return no_data("copq", NO_KNOWN_COST, unknown=costs.unknown)
    return Measure(
        id="copq",
        value=float(costs.copq / spend),
        n=costs.known,
        numerator=float(costs.copq),
        denominator=float(spend),
        lo=None,
        hi=None,
        state=MeasureState.PROVISIONAL if costs.unknown else MeasureState.OK,
        reason=f"Unknown costs, left out: {costs.unknown}." if costs.unknown else None,
        unknown=costs.unknown,
    )
