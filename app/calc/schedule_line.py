"""What a schedule line asks for and what came of it, as exact integers.

Inputs of the verdict and the sums it is made of. The verdict itself stands in
`delivery`, which also hands these names on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """What was ordered on one schedule line.

    Quantities [any integer unit]; `quantity_cancelled_buyer` counts when `cancelled_on`
    is on or before the window's last day, or is unknown. What the supplier cancelled
    stays in the ordered quantity: it is a miss.
    """

    quantity_ordered: int | None
    reference_on: date | None
    ordered_on: date | None = None
    quantity_cancelled_buyer: int = 0
    cancelled_on: date | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt: the day of the event that counts and what came.

    Give a reversal as a negative quantity on the event date of the receipt it reverses:
    history then reads as if the reversed quantity had never come. `quantity_returned`
    None means that no return is recorded; it is always subtracted.
    """

    event_on: date | None
    quantity: int | None
    quantity_rejected: int | None = None
    quantity_returned: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """What the rule allows around the reference date, in days and in quantity.

    `early_days` None: any early day is inside. Tolerances in millionths of the quantity
    due: `under_ppm` 50,000 is 5 %.
    """

    early_days: int | None = None
    late_days: int = 0
    under_ppm: int = 0
    over_ppm: int = 0

    def __post_init__(self) -> None:
        if self.early_days is not None and self.early_days < 0:
            raise ValueError(f"early_days is {self.early_days}, it must be at least 0 or None")
        if self.late_days < 0:
            raise ValueError(f"late_days is {self.late_days}, it must be at least 0")
        if not 0 <= self.under_ppm < MILLION:
            raise ValueError(f"under_ppm is {self.under_ppm}, it must lie in [0, 1,000,000)")
        if self.over_ppm < 0:
            raise ValueError(f"over_ppm is {self.over_ppm}, it must be at least 0")

    def around(self, reference_on: date) -> tuple[date | None, date]:
        """Return the first and the last day of the window; None is an open start."""
        closes_on = reference_on + timedelta(days=self.late_days)
        if self.early_days is None:
            return None, closes_on
        return reference_on - timedelta(days=self.early_days), closes_on

    def holds(self, day: date, reference_on: date) -> bool:
        """Return whether a day lies in the window."""
        opens_on, closes_on = self.around(reference_on)
        return (opens_on is None or opens_on <= day) and day <= closes_on


def quantity_due(line: Line, closes_on: date) -> int | None:
    """Return Q, the quantity that the supplier owes at the window's end.

    Formula: Q = quantity_ordered − quantity_cancelled_buyer, the latter only when it
    was cancelled on or before the window's last day, or on an unknown day.

    Args:
        line: the line [integer quantities].
        closes_on: the last day of the window.
    Returns:
        Q [the line's unit], may be 0 or negative; None where the order is unknown.
    Raises:
        Nothing.
    Source: domain rules §1.1.
    Edge cases: an undated cancellation counts as made in time, in the supplier's favour.

    >>> quantity_due(Line(100, date(2026, 3, 5), quantity_cancelled_buyer=40), date(2026, 3, 5))
    60
    """
    if line.quantity_ordered is None:
        return None
    in_time = line.cancelled_on is None or line.cancelled_on <= closes_on
    return line.quantity_ordered - (line.quantity_cancelled_buyer if in_time else 0)


def usable_quantity(receipt: Receipt, *, accepted_only: bool = False) -> int | None:
    """Return what a receipt contributes to its line.

    Formula: quantity − returned; with `accepted_only` quantity − max(rejected, returned),
    because rejected goods that went back are counted once. A reversal takes back what was
    accepted: its rejects are negative too, and quantity − min(rejected, returned).

    Args:
        receipt: the receipt [integer quantities].
        accepted_only: whether the rule counts accepted rather than received goods.
    Returns:
        The quantity [the line's unit]; negative for a reversal; None where unknown.
    Raises:
        Nothing.
    Source: domain rules §0.7, §1.2.
    Edge cases: with `accepted_only`, unknown rejects make it unknown.

    >>> usable_quantity(Receipt(date(2026, 3, 5), 100, quantity_rejected=30), accepted_only=True)
    70
    >>> usable_quantity(Receipt(date(2026, 3, 5), -100, quantity_rejected=-30), accepted_only=True)
    -70
    """
    returned = receipt.quantity_returned or 0
    if receipt.quantity is None:
        return None
    if not accepted_only:
        return receipt.quantity - returned
    if receipt.quantity_rejected is None:
        return None
    worse = max if receipt.quantity >= 0 else min
    return receipt.quantity - worse(receipt.quantity_rejected, returned)


@dataclass(frozen=True, slots=True)
class LineSums:
    """What came for one line by the close of a day, sorted by the window.

    `early`, `within` and `total` are e, w and tot of `delivery.judge_line`, None where a
    fact they need is unknown. `is_quantified`: every receipt has a quantity;
    `lacks_rejects`: one has a quantity, but not the rejects that the rule needs.
    `by_day` holds, in order of days, the quantity of the day
    and whether a receipt of that day has no quantity at all.
    """

    early: int | None
    within: int | None
    total: int | None
    receipts_within: int
    is_empty: bool
    is_dated: bool
    is_quantified: bool
    lacks_rejects: bool
    by_day: tuple[tuple[date, int, bool], ...]


def sum_receipts(
    receipts: Sequence[Receipt],
    *,
    window: Window,
    reference_on: date,
    accepted_only: bool = False,
    feed_has_quantities: bool = True,
) -> LineSums:
    """Sum the receipts of one line before, in and after its window.

    Formula: e = Σq before ref − E (0 when E is None); w = Σq from there to ref + L;
    tot = Σq, with q = `usable_quantity`.

    Args:
        receipts: shape (m,), those that count on the judged day [integer quantities].
        window: the rule's days.
        reference_on: ref.
        accepted_only: whether rejected goods are left out.
        feed_has_quantities: whether no receipt at all means that nothing came.
    Returns:
        The sums; unknown ones are None.
    Raises:
        Nothing.
    Source: domain rules §1.2.
    Edge cases: a receipt without date is in tot only, and makes e and w unknown.

    >>> came = [Receipt(date(2026, 3, 3), 600), Receipt(date(2026, 3, 5), 400)]
    >>> sums = sum_receipts(came, window=Window(early_days=1), reference_on=date(2026, 3, 5))
    >>> sums.early, sums.within, sums.total
    (600, 400, 1000)
    """
    opens_on, _ = window.around(reference_on)
    usable = [(r.event_on, usable_quantity(r, accepted_only=accepted_only)) for r in receipts]
    known = [quantity for _, quantity in usable if quantity is not None]
    total = sum(known) if len(known) == len(usable) and (receipts or feed_has_quantities) else None
    dated = [(day, quantity or 0) for day, quantity in usable if day is not None]
    is_dated = len(dated) == len(usable)
    early = [q for day, q in dated if opens_on is not None and day < opens_on]
    within = [q for day, q in dated if window.holds(day, reference_on)]
    is_sorted = total is not None and is_dated
    return LineSums(
        early=sum(early) if is_sorted else None,
        within=sum(within) if is_sorted else None,
        total=total,
        receipts_within=sum(1 for quantity in within if quantity > 0),
        is_empty=not receipts,
        is_dated=is_dated,
        is_quantified=all(r.quantity is not None for r in receipts),
        lacks_rejects=any(
            r.quantity is not None and quantity is None
            for r, (_, quantity) in zip(receipts, usable, strict=True)
        ),
        by_day=_by_day(receipts, accepted_only=accepted_only),
    )


def _by_day(
    receipts: Sequence[Receipt], *, accepted_only: bool
) -> tuple[tuple[date, int, bool], ...]:
    days: dict[date, tuple[int, bool]] = {}
    for receipt in receipts:
        if receipt.event_on is None:
            continue
        quantity, lacks = days.get(receipt.event_on, (0, False))
        usable = usable_quantity(receipt, accepted_only=accepted_only) or 0
        days[receipt.event_on] = quantity + usable, lacks or receipt.quantity is None
    return tuple((day, *days[day]) for day in sorted(days))
