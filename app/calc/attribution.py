"""Whose miss it was: suggestions with their evidence, and rates with and without it.

A suggestion is never a ruling: a person codes the cause. What is coded changes the
attributable rate and the buyer's own score; the raw rate never moves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from app.calc.incoterms import DeliveryEvent, delivery_event
from app.calc.measure import Measure, rate

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August",
          "September", "October", "November", "December")  # fmt: skip
NO_LINE = "No line of this period is judged."
ALL_EXCUSED = "Every judged line of this period is a miss that others caused."


class MissCause(StrEnum):
    """Who or what caused a miss, as a person coded it.

    `buyer` is the buyer's own change of date or quantity, or an order inside the lead time;
    `receiving` is the buyer's dock: goods that were there and were posted late.
    """

    SUPPLIER = "supplier"
    CARRIER = "carrier"
    CUSTOMS = "customs"
    BUYER = "buyer"
    RECEIVING = "receiving"
    FORCE_MAJEURE = "force_majeure"


SUPPLIERS_CAUSES = frozenset({MissCause.SUPPLIER})
BUYERS_CAUSES = frozenset({MissCause.BUYER, MissCause.RECEIVING})


@dataclass(frozen=True, slots=True)
class DateChange:
    """One agreed move of a line's date that the buyer asked for."""

    changed_on: date
    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class MissFacts:
    """What is known of one missed line; every fact may be None.

    `closes_on` is the last day of its window. `lead_time_days` is what was agreed for the
    part, `transit_days` what the carrier usually needs. `arrived_on` and `posted_on` are
    those of the receipt that completed the line. `was_early`: it missed by coming too soon.
    """

    closes_on: date
    was_early: bool = False
    ordered_on: date | None = None
    lead_time_days: int | None = None
    buyer_changes: Sequence[DateChange] = ()
    incoterm: str | None = None
    dispatched_on: date | None = None
    transit_days: int | None = None
    arrived_on: date | None = None
    posted_on: date | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A cause that the facts point to, and the sentence that says why."""

    cause: MissCause
    evidence: str


def suggest_causes(miss: MissFacts) -> tuple[Suggestion, ...]:
    """Return the causes that the facts of a miss point to, each with its evidence.

    Formula, in this order, with c the window's last day:

    1. receiving: arrived ≤ c < posted.
    2. buyer: the buyer moved the date against the supplier (forward for a late line, back
       for an early one); each such change speaks.
    3. buyer: c − ordered < lead time. Late lines only.
    4. carrier: arrived > c, and dispatched + transit ≤ c; where the usual transit is not
       known, dispatched ≤ c under an E, F or C term. Late lines only.

    Args:
        miss: the facts of one missed line [dates, days].
    Returns:
        The suggestions, none where the facts point to nobody. Supplier, customs and force
        majeure are never suggested: no date shows them.
    Raises:
        ValueError: a number of days is negative.
    Source: house rule; the reason codes of delivery reviews (issue of facts, not of law).
    Edge cases: an unknown fact suggests nothing. Several causes can be suggested at once.

    >>> late_post = MissFacts(
    ...     date(2026, 3, 5), arrived_on=date(2026, 3, 4), posted_on=date(2026, 3, 9)
    ... )
    >>> suggest_causes(late_post)[0].evidence
    'Arrived on 4 March 2026, inside the window, but posted on 9 March 2026, 5 days later.'
    """
    for name, days in (
        ("lead_time_days", miss.lead_time_days),
        ("transit_days", miss.transit_days),
    ):
        if days is not None and days < 0:
            raise ValueError(f"{name} is {days}, it must be at least 0 or None")
    late = () if miss.was_early else (_posted_late(miss),)
    ordered = () if miss.was_early else (_ordered_late(miss), _carried_late(miss))
    found = (*late, *_moved(miss), *ordered)
    return tuple(suggestion for suggestion in found if suggestion is not None)


@dataclass(frozen=True, slots=True)
class MissCounts:
    """The judged lines of a population and what their misses were coded as [counts].

    `known` lines are judged, `true` of them are no misses, `unknown` could not be judged.
    `coded` counts misses by cause; misses that nobody coded are the rest.
    """

    true: int
    known: int
    unknown: int = 0
    coded: Mapping[MissCause, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.true <= self.known:
            raise ValueError(
                f"true is {self.true} and known {self.known}, 0 ≤ true ≤ known must hold"
            )
        for cause, count in self.coded.items():
            if count < 0:
                raise ValueError(f"coded {cause.value} is {count}, it must be at least 0")
        if self.uncoded < 0:
            raise ValueError(
                f"coded misses are {sum(self.coded.values())}, but only {self.misses} lines missed"
            )
        object.__setattr__(self, "coded", MappingProxyType(dict(self.coded)))

    @property
    def misses(self) -> int:
        """Judged lines that missed [count]."""
        return self.known - self.true

    @property
    def uncoded(self) -> int:
        """Misses whose cause nobody has coded [count]."""
        return self.misses - sum(self.coded.values())

    def caused_by(self, causes: Collection[MissCause]) -> int:
        """Return the misses coded with one of the causes [count]."""
        return sum(self.coded.get(cause, 0) for cause in set(causes))


@dataclass(frozen=True, slots=True)
class AttributedRates:
    """The raw rate, the supplier's part of it, the buyer's own score, and what was left out."""

    raw: Measure
    attributable: Measure
    buyer: Measure
    excluded: Mapping[MissCause, int]
    uncoded: int


def attributed_rates(
    counts: MissCounts,
    *,
    suppliers: Collection[MissCause] = SUPPLIERS_CAUSES,
    deff: float | None = None,
) -> AttributedRates:
    """Return OTIF raw and attributable to the supplier, side by side, and the buyer's score.

    Formula: raw = true/known; attributable = true/(known − misses coded to others); buyer =
    1 − (misses coded buyer or receiving)/known. A miss that nobody coded stays the
    supplier's: silence excuses nobody.

    Args:
        counts: judged lines and coded misses [counts].
        suppliers: the causes that stay the supplier's; add `carrier` and `customs` where
            the supplier answers for the transport (D terms).
        deff: design effect of lines in orders [ratio], ≥ 1; None where it is not known.
    Returns:
        Measures `otif_line`, `otif_attributable` and `otif_buyer` [fractions], lower is
        worse; attributable is never below raw. `excluded` lists what was left out of the
        attributable rate, by cause.
    Raises:
        ValueError: deff is below 1.
    Source: house rule, domain rules §1.3; the raw rate is what the rule measured.
    Edge cases: where every judged line is somebody else's miss, attributable is no_data.

    >>> counts = MissCounts(true=50, known=60, coded={MissCause.CARRIER: 4, MissCause.BUYER: 2})
    >>> rates = attributed_rates(counts)
    >>> f"{rates.raw.value:.3f} {rates.attributable.value:.3f} {rates.buyer.value:.3f}"
    '0.833 0.926 0.967'
    """
    others = set(MissCause) - set(suppliers)
    excluded = {cause: counts.coded[cause] for cause in MissCause
                if cause in others and counts.coded.get(cause)}  # fmt: skip
    judged = counts.known - sum(excluded.values())
    buyers = counts.caused_by(BUYERS_CAUSES)
    return AttributedRates(
        raw=_rate("otif_line", counts.true, counts.known, counts.unknown, deff),
        attributable=_rate("otif_attributable", counts.true, judged, counts.unknown, deff,
                           reason=ALL_EXCUSED if counts.known else NO_LINE),
        buyer=_rate("otif_buyer", counts.known - buyers, counts.known, counts.unknown, deff),
        excluded=MappingProxyType(excluded),
        uncoded=counts.uncoded,
    )  # fmt: skip


def _rate(
    measure_id: str,
    true: int,
    known: int,
    unknown: int,
    deff: float | None,
    *,
    reason: str = NO_LINE,
) -> Measure:
    return rate(measure_id, true, known, unknown=unknown, deff=deff, reason_no_data=reason)


def _posted_late(miss: MissFacts) -> Suggestion | None:
    arrived, posted = miss.arrived_on, miss.posted_on
    if arrived is None or posted is None or not arrived <= miss.closes_on < posted:
        return None
    return Suggestion(
        MissCause.RECEIVING,
        f"Arrived on {_day(arrived)}, inside the window, but posted on {_day(posted)}, "
        f"{_days((posted - arrived).days)} later.",
    )


def _moved(miss: MissFacts) -> list[Suggestion]:
    against = [
        change
        for change in miss.buyer_changes
        if (change.to_on > change.from_on if miss.was_early else change.to_on < change.from_on)
    ]
    return [
        Suggestion(
            MissCause.BUYER,
            f"The buyer moved the date from {_day(change.from_on)} to {_day(change.to_on)} on "
            f"{_day(change.changed_on)}.",
        )
        for change in sorted(against, key=lambda change: (change.changed_on, change.to_on))
    ]


def _ordered_late(miss: MissFacts) -> Suggestion | None:
    ordered, lead_time = miss.ordered_on, miss.lead_time_days
    if ordered is None or lead_time is None or (miss.closes_on - ordered).days >= lead_time:
        return None
    return Suggestion(
        MissCause.BUYER,
        f"Ordered on {_day(ordered)} for {_day(miss.closes_on)}: "
        f"{_days((miss.closes_on - ordered).days)}, inside the lead time of {_days(lead_time)}.",
    )


def _carried_late(miss: MissFacts) -> Suggestion | None:
    sent, arrived = miss.dispatched_on, miss.arrived_on
    if sent is None or arrived is None or arrived <= miss.closes_on or arrived < sent:
        return None
    needed, transit = miss.transit_days, (arrived - sent).days
    if needed is None:
        ends_before_arrival = delivery_event(miss.incoterm) is not DeliveryEvent.ARRIVAL
        if sent > miss.closes_on or not ends_before_arrival:
            return None
        usual = "the supplier's duty had ended"
    elif sent + timedelta(days=needed) > miss.closes_on:
        return None
    else:
        usual = f"{_days(needed)} is usual"
    return Suggestion(
        MissCause.CARRIER,
        f"Dispatched on {_day(sent)}, in time, arrived on {_day(arrived)}: "
        f"{_days(transit)} on the way, {usual}.",
    )


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
