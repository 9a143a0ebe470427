"""From preliminary to closed: when figures become final, and what a later correction does.

The days come from the house's calendar. Who approves a restatement and how it is stored is
said elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from math import isclose

from app.calc.calendars import BusinessCalendar

FINAL_AFTER_BUSINESS_DAYS = 5
DISPUTE_BUSINESS_DAYS = 10
RESTATED_FROM_POINTS = 0.5
# Points are worked with binary fractions: half a point is half a point to this much.
POINTS_SLACK = 1e-9
ONE_DAY = timedelta(days=1)


class ClosingStage(StrEnum):
    """How firm the figures of a period are on a day."""

    RUNNING = "running"
    PRELIMINARY = "preliminary"
    FINAL = "final"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ClosingDays:
    """The days of a period's closing.

    `final_on`: the first day on which figures are final. `disputed_until`: the last day on
    which a line may be disputed or the cause of a miss coded.
    """

    period_ends_on: date
    final_on: date
    disputed_until: date

    def stage_on(self, day: date) -> ClosingStage:
        """Return how firm the figures are on a day.

        Formula: day ≤ period end → running; < final_on → preliminary; ≤ disputed_until →
        final; after → closed.

        Args:
            day: the day to tell.
        Returns:
            The stage.
        Raises:
            Nothing.
        Source: domain rules §0.7.
        Edge cases: the last day of the dispute window still belongs to it.

        >>> days = closing_days(date(2026, 9, 30))
        >>> [days.stage_on(date(2026, 10, day)).value for day in (6, 7, 21, 22)]
        ['preliminary', 'final', 'final', 'closed']
        """
        if day <= self.period_ends_on:
            return ClosingStage.RUNNING
        if day < self.final_on:
            return ClosingStage.PRELIMINARY
        return ClosingStage.FINAL if day <= self.disputed_until else ClosingStage.CLOSED


def closing_days(
    period_ends_on: date,
    *,
    calendar: BusinessCalendar | None = None,
    final_after: int = FINAL_AFTER_BUSINESS_DAYS,
    dispute: int = DISPUTE_BUSINESS_DAYS,
) -> ClosingDays:
    """Return the days on which a period becomes final and closed.

    Formula: final_on = the `final_after`-th business day after the period; disputed_until =
    the `dispute`-th business day after that.

    Args:
        period_ends_on: the last day of the period.
        calendar: the house's; Monday to Friday without holidays where None.
        final_after: [business days], ≥ 1.
        dispute: length of the dispute window [business days], ≥ 0.
    Returns:
        The days.
    Raises:
        ValueError: a number of days lies outside its range.
    Source: domain rules §0.7.
    Edge cases: dispute 0 closes with the day on which figures become final.

    >>> days = closing_days(date(2026, 9, 30))
    >>> days.final_on, days.disputed_until
    (datetime.date(2026, 10, 7), datetime.date(2026, 10, 21))
    """
    if final_after < 1:
        raise ValueError(f"final_after is {final_after}, it must be at least 1")
    if dispute < 0:
        raise ValueError(f"dispute is {dispute}, it must be at least 0")
    counted = calendar or BusinessCalendar()
    final_on = counted.add(period_ends_on, final_after)
    return ClosingDays(period_ends_on, final_on, counted.add(final_on, dispute))


def open_from(day: date, *, calendar: BusinessCalendar | None = None) -> date:
    """Return the first day that lies in no closed month.

    Formula: the first day of the earliest month whose end is not closed on `day`.

    Args:
        day: the day to tell.
        calendar: the house's; Monday to Friday without holidays where None.
    Returns:
        The day; the first of a month.
    Raises:
        Nothing.
    Source: domain rules §0.7.
    Edge cases: on the last day of a dispute window its month is open still.

    >>> [open_from(date(2026, 10, day)).isoformat() for day in (21, 22)]
    ['2026-09-01', '2026-10-01']
    """
    first = day.replace(day=1)
    while True:
        ended = first - ONE_DAY
        if closing_days(ended, calendar=calendar).stage_on(day) is ClosingStage.CLOSED:
            return first
        first = ended.replace(day=1)


@dataclass(frozen=True, slots=True)
class CardFigures:
    """What of a card has consequences; None is unknown or not rated.

    `money` is what the card moves in all (penalties less incentives), in `currency`.
    """

    points: float | None
    grade: str | None = None
    band: str | None = None
    money: Decimal | None = None
    currency: str | None = None


class Consequence(StrEnum):
    """Something that a correction changed far enough to restate a closed card."""

    GRADE = "grade"
    BAND = "band"
    MONEY = "money"
    POINTS = "points"


class CorrectionKind(StrEnum):
    """What happens to a correction."""

    ENTERS = "enters"
    RESTATEMENT = "restatement"
    PRIOR_PERIOD_LINE = "prior_period_line"


@dataclass(frozen=True, slots=True)
class CorrectionRuling:
    """What a correction does to a card, why, and by how many points."""

    kind: CorrectionKind
    because: tuple[Consequence, ...] = ()
    points_change: float | None = None

    @property
    def needs_approval(self) -> bool:
        """Whether a person must approve it before it is published."""
        return self.kind is CorrectionKind.RESTATEMENT


def rule_on_correction(
    stage: ClosingStage, published: CardFigures, *, corrected: CardFigures
) -> CorrectionRuling:
    """Return what a correction of a period's facts does to its card.

    Formula: before closing it enters. After it: a restatement where grade, band or money
    differ, or points by 0.5 or more; else a prior-period line on the next card.

    Args:
        stage: of the period on the day of the correction.
        published: the card as it was published.
        corrected: the same card from the corrected facts, unrounded.
    Returns:
        The ruling; `because` names every consequence in the order grade, band, money,
        points. The published card stays as it is, whatever the ruling.
    Raises:
        ValueError: the cards' money is in two currencies.
    Source: domain rules §0.7.
    Edge cases: points that become known or unknown count as a change; a change of exactly
    0.5 restates; money that becomes known restates.

    >>> before, after = CardFigures(89.9, "B"), CardFigures(90.1, "A")
    >>> ruling = rule_on_correction(ClosingStage.CLOSED, before, corrected=after)
    >>> ruling.kind.value, [cause.value for cause in ruling.because]
    ('restatement', ['grade'])
    """
    change = _change(published.points, corrected.points)
    if stage is not ClosingStage.CLOSED:
        return CorrectionRuling(CorrectionKind.ENTERS, points_change=change)
    differs = {
        Consequence.GRADE: published.grade != corrected.grade,
        Consequence.BAND: published.band != corrected.band,
        Consequence.MONEY: _is_money_moved(published, corrected),
        Consequence.POINTS: _are_points_moved(published.points, corrected.points),
    }
    because = tuple(consequence for consequence, moved in differs.items() if moved)
    kind = CorrectionKind.RESTATEMENT if because else CorrectionKind.PRIOR_PERIOD_LINE
    return CorrectionRuling(kind, because, change)


def _change(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def _are_points_moved(before: float | None, after: float | None) -> bool:
    change = _change(before, after)
    if change is None:
        return before is not after
    size = abs(change)
    return size >= RESTATED_FROM_POINTS or isclose(
        size, RESTATED_FROM_POINTS, rel_tol=0, abs_tol=POINTS_SLACK
    )


def _is_money_moved(before: CardFigures, after: CardFigures) -> bool:
    if before.money is None or after.money is None:
        return before.money is not after.money
    if before.currency != after.currency:
        raise ValueError(
            f"currency is {after.currency} beside {before.currency}; give both cards in one"
        )
    return before.money != after.money
