"""The measures beside the scorecard, worked out from what was gathered; formulas in `app.calc`.

One supplier at a time. Reads no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from app.calc.commercial import answered_within
from app.calc.copq import CostKind, QualityCost, QualityCosts, copq_of_spend, quality_costs
from app.calc.corrective_rates import response_hours, scar_on_time
from app.calc.measure import Measure, MeasureState, event_count, no_data, rate, ratio, statistic
from app.calc.perfect_order import PerfectOrders
from app.calc.robust import CensoredPercentile, RobustSpread, censored_percentile, robust_spread
from app.facts.deliveries.disruptions.queries import Cost
from app.facts.deliveries.models import DisruptionKind
from app.judgement.corrective.queries import close_of
from app.judgement.scorecards import absences as why
from app.judgement.scorecards.more.gathering import MoreFacts
from app.judgement.scorecards.register import MORE_ENTRIES

ANSWER_WITHIN = timedelta(hours=24)
NO_PROMISES = "No due line has both a first and a current promise. Import both dates of each line."
NO_PROMISE_CHANGES = "Moved promises are not recorded. Import them: line, from, to and by whom."
NO_LINES = "No due window closed in this period."
NO_RFQ = "No request for quotation is recorded: it takes when each was sent and answered."
AT_LEAST = "At least this: too many lines are still open to tell."
MIXED = "The costs are in {}; they do not add up, and the supplier is paid in {}."
NOT_RECORDED = (
    "At least this: scrap, rework, sorting, return freight, expediting and warranty are not "
    "recorded."
)
COST_KINDS = {
    DisruptionKind.LINE_STOP: CostKind.LINE_DOWN,
    DisruptionKind.STOP_SHIP: CostKind.LINE_DOWN,
    DisruptionKind.YARD_HOLD: CostKind.ADMINISTRATION,
    DisruptionKind.PREMIUM_FREIGHT: CostKind.PREMIUM_FREIGHT,
}
P50, P90 = 0.5, 0.9


@dataclass(frozen=True, slots=True)
class More:
    """A supplier's further measures by id, and what stands behind some of them.

    `at_least` names those whose true value is that or more. `costs` is None where
    disruptions are not recorded or their costs are in several currencies.
    """

    measures: Mapping[str, Measure]
    at_least: frozenset[str]
    perfect: PerfectOrders
    spread: RobustSpread | None
    costs: QualityCosts | None


def more_measures(facts: MoreFacts, *, as_of: date) -> More:
    """Work out every further measure of one supplier."""
    perfect = facts.perfect.orders
    values = [day for day, lines in sorted(facts.lateness_days.items()) for _ in range(lines)]
    spread = robust_spread(values)
    percentiles = {
        "lateness_p50_open": _with_open(facts, values, P50),
        "lateness_p90_open": _with_open(facts, values, P90),
    }
    costs, copq = _copq(facts)
    made = [
        perfect.measure,
        *_promises(facts),
        _robust(spread, len(values)),
        *(_percentile(facts, id_, found) for id_, found in percentiles.items()),
        *_disruptions(facts),
        copq,
        *_corrective(facts, as_of),
        answered_within(facts.requests, limit=ANSWER_WITHIN, as_of=close_of(as_of)),
        no_data("rfq_hours", NO_RFQ),
    ]
    by_id = {measure.id: measure for measure in made}
    return More(
        measures={entry.id: by_id[entry.id] for entry in MORE_ENTRIES},
        at_least=_at_least(by_id, percentiles),
        perfect=perfect,
        spread=spread,
        costs=costs,
    )


def _promises(facts: MoreFacts) -> list[Measure]:
    own, noun = facts.promises, "lines"
    known, unknown = own.slip_known, own.lines - own.slip_known
    slip = statistic(
        "slip",
        own.slip_days / known if known else None,
        n=known,
        unknown=unknown,
        reason_no_data=NO_PROMISES if own.lines else NO_LINES,
        noun=noun,
        ok=30,
        provisional=10,
    )
    slip = (
        replace(slip, numerator=float(own.slip_days), denominator=float(known)) if known else slip
    )
    if not facts.promise_changes_recorded:
        return [
            slip,
            no_data("slip_rate", NO_PROMISE_CHANGES),
            no_data("churn", NO_PROMISE_CHANGES),
        ]
    return [
        slip,
        rate("slip_rate", own.postponed, own.lines, reason_no_data=NO_LINES),
        ratio("churn", own.changes, denominator=own.lines, n=own.lines, reason_no_data=NO_LINES),
    ]


def _robust(spread: RobustSpread | None, n: int) -> Measure:
    value = None if spread is None else spread.preferred_sd
    absent = why.NO_COMPLETED if spread is None else why.ONE_LINE
    found = statistic("lateness_robust_sd", value, n=n, reason_no_data=absent)
    if spread is None or not spread.outliers:
        return found
    far = f"Far from the rest: {len(spread.outliers):,} of {n:,} lines."
    return replace(found, reason=" ".join(filter(None, (found.reason, far))))


def _with_open(facts: MoreFacts, values: list[int], p: float) -> CensoredPercentile | None:
    if facts.open_days is None:
        return None
    return censored_percentile(values, open_days=list(facts.open_days), p=p)


def _percentile(facts: MoreFacts, id_: str, found: CensoredPercentile | None) -> Measure:
    if facts.open_days is None:
        return no_data(id_, why.OPEN_IS_LIVE)
    n = sum(facts.lateness_days.values()) + len(facts.open_days)
    value = None if found is None else float(found.days)
    measure = statistic(id_, value, n=n, reason_no_data=why.NO_COMPLETED, noun="lines")
    if found is None or not found.is_lower_bound:
        return measure
    return replace(measure, reason=" ".join(filter(None, (measure.reason, AT_LEAST))))


def _disruptions(facts: MoreFacts) -> list[Measure]:
    own, recorded = facts.disruptions, facts.disruptions_recorded
    counts = [
        event_count(
            id_,
            own.counts.get(kind, 0) if recorded else None,
            reason_no_data=why.NO_DISRUPTION_LOG,
        )
        for id_, kind in (
            ("yard_holds", DisruptionKind.YARD_HOLD), ("stop_ships", DisruptionKind.STOP_SHIP),
        )
    ]  # fmt: skip
    hours = _total(
        "disruption_hours", own.hours, known=own.hours_known, unknown=own.hours_unknown,
        recorded=recorded, noun="hours",
    )  # fmt: skip
    money = [cost.amount for cost in own.costs if cost.amount is not None]
    cost = _total(
        "disruption_cost", sum(money, Decimal(0)), known=len(money),
        unknown=len(own.costs) - len(money), recorded=recorded, noun="costs",
    )  # fmt: skip
    if (mixed := _mixed(facts)) and recorded:
        cost = no_data("disruption_cost", mixed)
    return [*counts, hours, cost]


def _total(
    id_: str, total: Decimal, *, known: int, unknown: int, recorded: bool, noun: str
) -> Measure:
    """Return a sum over all disruptions: a census, provisional where some are not known."""
    if not recorded:
        return no_data(id_, why.NO_DISRUPTION_LOG)
    if unknown and not known:
        return no_data(id_, f"Of none of {unknown} disruptions the {noun} are known.",
                       unknown=unknown)  # fmt: skip
    value = float(total)
    state = MeasureState.PROVISIONAL if unknown else MeasureState.OK
    reason = f"Unknown {noun}, left out: {unknown}." if unknown else None
    return Measure(id_, value, known, value, None, None, None, state, reason, unknown=unknown)


def _mixed(facts: MoreFacts) -> str | None:
    """Return why costs do not add up, None where they do."""
    known = {cost.currency for cost in facts.disruptions.costs if cost.amount is not None}
    if len(known) < 2:
        return None
    # allowed: format-of-text: the text is a constant above
    return MIXED.format(" and ".join(sorted(map(str, known))), facts.currency or "another one")


def _copq(facts: MoreFacts) -> tuple[QualityCosts | None, Measure]:
    if not facts.disruptions_recorded:
        return None, copq_of_spend(None, None)
    known = {cost.currency for cost in facts.disruptions.costs if cost.amount is not None}
    if known - {facts.currency}:
        said = " and ".join(sorted(map(str, known)))
        # allowed: format-of-text: the text is a constant above
        return None, no_data("copq", MIXED.format(said, facts.currency or "another one"))
    costs = quality_costs(_quality_cost(cost, facts.currency or "") for cost in
                          facts.disruptions.costs)  # fmt: skip
    measure = copq_of_spend(costs, facts.spend)
    if measure.value is None:
        return costs, measure
    reason = " ".join(filter(None, (measure.reason, NOT_RECORDED)))
    return costs, replace(measure, state=MeasureState.PROVISIONAL, reason=reason)


def _quality_cost(cost: Cost, currency: str) -> QualityCost:
    return QualityCost(COST_KINDS[cost.kind], cost.amount, currency, cost.recovered)


def _corrective(facts: MoreFacts, as_of: date) -> list[Measure]:
    if not facts.actions_recorded:
        names = ("scar_containment", "scar_hours")
        return [no_data(name, why.NO_CORRECTIVE_ACTIONS) for name in names]
    moment = close_of(as_of)
    contained = scar_on_time(facts.clocks.containment, as_of=moment)
    answered = response_hours(facts.clocks.response, as_of=moment)
    hours = answered.measure
    if answered.still_open:
        waiting = f"Still open, which the mean does not speak for: {answered.still_open}."
        hours = replace(hours, reason=" ".join(filter(None, (hours.reason, waiting))))
    return [replace(contained, id="scar_containment"), hours]


def _at_least(
    measures: Mapping[str, Measure], percentiles: Mapping[str, CensoredPercentile | None]
) -> frozenset[str]:
    sums = {"disruption_hours", "disruption_cost"}
    bounds = {id_ for id_, found in percentiles.items() if found and found.is_lower_bound}
    bounds |= {id_ for id_ in sums if measures[id_].unknown}
    bounds |= {"copq"} if measures["copq"].value is not None else set()
    return frozenset(bounds)
