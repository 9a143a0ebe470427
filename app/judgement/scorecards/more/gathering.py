"""Reads what the measures beside the scorecard rest on: all suppliers asked for, set by set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy.orm import Session

from app.base.db import MONEY_SCALE
from app.calc.commercial import Request
from app.calc.perfect_order import PerfectLine, PerfectOrders, perfect_orders
from app.calc.periods import Period
from app.facts.deliveries import more_reads
from app.facts.deliveries import queries as deliveries
from app.facts.deliveries.disruptions.queries import DisruptionSums, disruption_sums
from app.facts.deliveries.more_reads import LineParts, PromiseSums
from app.facts.deliveries.queries import HistogramKind
from app.facts.suppliers.directory import currencies_by_id
from app.judgement.corrective.queries import Clocks
from app.judgement.scorecards.scar_sums import clocks_by_supplier

# Lines that are named behind a figure; the others are counted.
MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class Perfect:
    """Perfect orders, and the first of so many lines that keep others from being so, or known."""

    orders: PerfectOrders
    first: Sequence[LineParts]
    lines: int


@dataclass(frozen=True, slots=True)
class MoreFacts:
    """What one supplier's further measures rest on.

    `open_days` is None where the period is not the present one; `promise_changes_recorded`,
    `disruptions_recorded` and `actions_recorded` tell whether none means none. `spend` is
    what was bought in the supplier's `currency`, None where no line has a value.
    """

    perfect: Perfect
    promises: PromiseSums = field(default_factory=PromiseSums)
    promise_changes_recorded: bool = False
    lateness_days: Mapping[int, int] = field(default_factory=dict)
    open_days: Sequence[int] | None = None
    requests: Sequence[Request] = ()
    disruptions: DisruptionSums = field(default_factory=DisruptionSums)
    disruptions_recorded: bool = False
    clocks: Clocks = field(default_factory=Clocks)
    actions_recorded: bool = False
    spend: Decimal | None = None
    currency: str | None = None


def gather_more(
    session: Session, period: Period, *, supplier_ids: Sequence[int]
) -> dict[int, MoreFacts]:
    """Return by supplier what the further measures of a period rest on."""
    ids = sorted(supplier_ids)
    promises = more_reads.promise_sums(session, period, supplier_ids=ids)
    lateness = more_reads.histograms(session, period, HistogramKind.LATENESS, supplier_ids=ids)
    is_present = period.last_day >= period.as_of
    ages = more_reads.open_days(session, period, supplier_ids=ids) if is_present else None
    asked = more_reads.order_requests(session, period, supplier_ids=ids)
    disrupted = disruption_sums(session, period, supplier_ids=ids)
    clocks = clocks_by_supplier(session, period, supplier_ids=ids)
    sums = deliveries.delivery_sums(session, period, supplier_ids=ids)
    currencies = currencies_by_id(session, ids)
    changes_recorded = more_reads.records_promise_changes(session)
    recorded = deliveries.has_disruption_log(session, period.last_day)
    return {
        key: MoreFacts(
            perfect=_perfect(session, period, key),
            promises=promises.get(key, PromiseSums()),
            promise_changes_recorded=changes_recorded,
            lateness_days=lateness.get(key, {}),
            open_days=None if ages is None else ages.get(key, []),
            requests=asked.get(key, ()),
            disruptions=disrupted.get(key, DisruptionSums()),
            disruptions_recorded=recorded,
            clocks=(clocks or {}).get(key, Clocks()),
            actions_recorded=clocks is not None,
            spend=_spend(sums.of(key)),
            currency=currencies.get(key),
        )
        for key in ids
    }


def _perfect(session: Session, period: Period, supplier_id: int) -> Perfect:
    """Work out the perfect orders of a supplier, however many, order by order."""
    first: list[LineParts] = []
    counted = 0

    def told(lines: Sequence[LineParts]) -> list[PerfectLine]:
        nonlocal counted
        wanted = [line for line in lines if line.parts.is_perfect is not True]
        counted += len(wanted)
        first.extend(wanted[: MOST_NAMED - len(first)])
        return [line.parts for line in lines]

    orders = more_reads.orders_with_parts(session, period, supplier_ids=[supplier_id])
    return Perfect(perfect_orders(map(told, orders)), first, counted)


def _spend(sums: Mapping[str, int] | None) -> Decimal | None:
    if sums is None or not sums["spend_lines"]:
        return None
    return Decimal(sums["spend"]) / MONEY_SCALE
