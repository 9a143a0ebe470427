"""What measured facts suggest for the ratings of a failure mode; a person decides.

Occurrence from how often it happened, detection from how early we knew, severity from how
long our lines stood. Where the facts don't carry a suggestion there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import log

from app.calc.quality import garwood_interval

# Events per supplier-year from which on a rating holds, the highest first (domain §5.6).
OCCURRENCE_EDGES: tuple[tuple[float, int], ...] = (
    (12.0, 10), (4.0, 9), (2.0, 8), (1.0, 7), (0.5, 6), (0.2, 5), (0.1, 4), (0.05, 3), (0.01, 2),
)  # fmt: skip
RAREST = 1
# Less than this shows no frequency per year [supplier-years].
SHORTEST_EXPOSURE = 1.0
# Warning as a share of the time to survive, below which a rating holds (domain §5.6).
DETECTION_EDGES: tuple[tuple[float, int], ...] = ((0.25, 7), (0.5, 6), (1.0, 5))
ONLY_WHEN_MISSED = 9
IN_TIME, IN_TIME_BY_ALERT = 4, 3
# Days that our plant stood, from which on a rating holds (domain §5.6).
SEVERITY_EDGES: tuple[tuple[float, int], ...] = ((28.0, 10), (14.0, 9), (3.0, 8), (1.0, 7))
SHORT_STOP = 6
# A suggestion this far from the stored rating, for this many quarters, asks for a review.
DRIFT_STEPS, DRIFT_QUARTERS = 2, 2


@dataclass(frozen=True, slots=True)
class OccurrenceSuggestion:
    """A rating with what it rests on.

    rating: 1–10, None with too little exposure. rate, lower, upper: events per supplier-year,
    None without exposure. lowest, highest: the ratings of the interval's ends.
    """

    rating: int | None
    events: int
    exposure_years: float
    rate: float | None = None
    lower: float | None = None
    upper: float | None = None
    lowest: int | None = None
    highest: int | None = None


def occurrence_rating(rate: float) -> int:
    """Return the occurrence rating of a frequency.

    Formula: the highest rating whose edge the rate reaches: 10 from 12 events per
    supplier-year, 9 from 4, 8 from 2, 7 from 1, 6 from 0.5, 5 from 0.2, 4 from 0.1, 3 from
    0.05, 2 from 0.01, else 1.

    Args:
        rate: events per supplier-year [1/year], ≥ 0.
    Returns:
        1 to 10; higher is worse.
    Raises:
        ValueError: the rate is negative.
    Source: supply-chain scales, domain rules §5.6.
    Edge cases: an edge itself has the higher rating.

    >>> [occurrence_rating(rate) for rate in (12, 11.9, 1, 0.05, 0.009, 0)]
    [10, 9, 7, 3, 1, 1]
    """
    if rate < 0:
        raise ValueError(f"rate is {rate}, it must be 0 or more")
    return next((rating for edge, rating in OCCURRENCE_EDGES if rate >= edge), RAREST)


def suggest_occurrence(events: int, exposure_years: float) -> OccurrenceSuggestion:
    """Return what a count of events suggests for the occurrence.

    Formula: rate = events/exposure. Without any event the rate at which none had an even
    chance stands in for it: ln 2/exposure. The interval is the exact Poisson one (95 %).

    Args:
        events: events seen [count], ≥ 0.
        exposure_years: supplier-years watched [years], ≥ 0.
    Returns:
        The suggestion; its rating is None below one supplier-year.
    Raises:
        ValueError: events or exposure are negative.
    Source: domain rules §5.6; the rule for no event and the least exposure are house rules,
        ADR 0038.
    Edge cases: no exposure has no rate; few years without an event do not suggest “never”.

    >>> found = suggest_occurrence(3, 2.0)
    >>> found.rating, found.rate, found.lowest, found.highest
    (7, 1.5, 5, 9)
    >>> suggest_occurrence(0, 3.0).rating, suggest_occurrence(4, 0.5).rating
    (5, None)
    """
    if events < 0 or exposure_years < 0:
        raise ValueError(f"events {events}, exposure {exposure_years}: both must be 0 or more")
    if exposure_years == 0:
        return OccurrenceSuggestion(None, events, exposure_years)
    lower, upper = garwood_interval(events, exposure_years)
    rate = events / exposure_years
    rating = None
    if exposure_years >= SHORTEST_EXPOSURE:
        rating = occurrence_rating(rate if events else log(2) / exposure_years)
    return OccurrenceSuggestion(
        rating, events, exposure_years, rate, lower, upper,
        occurrence_rating(lower), occurrence_rating(upper),
    )  # fmt: skip


def warning_days(happened_on: date, alerts: Iterable[tuple[date, date | None]]) -> int:
    """Return how many days before an event the first alert told that still stood then.

    Formula: max(event − told) over alerts told before the day and not over before it; 0 where
    there is none.

    Args:
        happened_on: the day of the event.
        alerts: of each (the day it told, the day it was over; None while it stands).
    Returns:
        W [days], ≥ 0.
    Raises:
        Nothing.
    Source: domain rules §5.6; an alert that was over is no warning by ADR 0043.
    Edge cases: one that told on the very day came with the event: 0. One that ended on the day
        stood.

    >>> event, first = date(2026, 5, 20), date(2026, 5, 1)
    >>> warning_days(event, [(first, None), (date(2026, 5, 15), None)])
    19
    >>> warning_days(event, [(first, date(2026, 5, 10))]), warning_days(event, [(event, None)])
    (0, 0)
    """
    return max(
        (
            (happened_on - told_on).days
            for told_on, over_on in alerts
            if told_on < happened_on and (over_on is None or over_on >= happened_on)
        ),
        default=0,
    )


def detection_rating(
    warning_days: float | None, survive_days: float | None, *, is_automated: bool = False
) -> int | None:
    """Return what a measured warning time suggests for the detection.

    Formula: with the share W/TTS: below 25 % it is 7, below 50 % 6, below 100 % 5, else 4
    where a person has to look and 3 where an alert comes by itself. No warning at all is 9:
    it shows when the receipt is missing.

    Args:
        warning_days: W, days from the first sign to the missed date [days], ≥ 0; None unknown.
        survive_days: TTS, days that our stock lasts [days], ≥ 0; None unknown.
        is_automated: whether the sign is an alert that comes by itself.
    Returns:
        3 to 9, higher is worse; None where W is unknown, or TTS where W > 0. Never 1, 2, 8
        or 10: a prevention, a tested response, hearsay and blindness are judged, not measured.
    Raises:
        ValueError: a number of days is negative.
    Source: supply-chain scales, domain rules §5.6.
    Edge cases: any warning covers a stock that is empty anyway only late: TTS 0 gives 7.

    >>> [detection_rating(days, 20) for days in (0, 4, 9, 19, 20)]
    [9, 7, 6, 5, 4]
    >>> detection_rating(20, 20, is_automated=True), detection_rating(5, None)
    (3, None)
    """
    for name, days in (("warning_days", warning_days), ("survive_days", survive_days)):
        if days is not None and days < 0:
            raise ValueError(f"{name} is {days}, it must be 0 or more")
    if warning_days is None:
        return None
    if warning_days == 0:
        return ONLY_WHEN_MISSED
    if survive_days is None:
        return None
    if survive_days == 0:
        return DETECTION_EDGES[0][1]
    share = warning_days / survive_days
    in_time = IN_TIME_BY_ALERT if is_automated else IN_TIME
    return next((rating for edge, rating in DETECTION_EDGES if share < edge), in_time)


def severity_rating(stop_days: float | None) -> int | None:
    """Return what a standstill of our plant suggests for the severity.

    Formula: more than 28 days 10, from 14 days 9, from 3 days 8, from 1 day 7, shorter 6.

    Args:
        stop_days: how long our plant stood or would stand [days], ≥ 0; None unknown.
    Returns:
        6 to 10, higher is worse; None where nothing is known, or nothing ever stood: smaller
        harm, danger to people and lost revenue are judged, not measured.
    Raises:
        ValueError: the days are negative.
    Source: supply-chain scales, domain rules §5.6.
    Edge cases: 28 days exactly are 9; a stop of 0 days is none.

    >>> [severity_rating(days) for days in (28.5, 14, 3, 1, 0.25, 0, None)]
    [10, 9, 8, 7, 6, None, None]
    """
    if stop_days is None or stop_days == 0:
        return None
    if stop_days < 0:
        raise ValueError(f"stop_days is {stop_days}, it must be 0 or more")
    longest, gravest = SEVERITY_EDGES[0]
    if stop_days > longest:
        return gravest
    return next((rating for edge, rating in SEVERITY_EDGES[1:] if stop_days >= edge), SHORT_STOP)


def has_drifted(gaps: Sequence[int | None]) -> bool:
    """Tell whether a suggestion has stood off the stored rating long enough for a review.

    Formula: in each of the last two quarters |suggested − stored| ≥ 2, on the same side.

    Args:
        gaps: suggested − stored at each quarter's end [steps], the oldest first; None where
            there was no suggestion or no rating.
    Returns:
        Whether a review is to be raised.
    Source: feature 62; two steps and two quarters as the issue sets them.
    Edge cases: an unknown quarter breaks the row; once high, once low is no drift.

    >>> [has_drifted(gaps) for gaps in ([2, 3], [2], [1, 2], [-2, 2], [2, None, 2])]
    [True, False, False, False, False]
    """
    last = gaps[-DRIFT_QUARTERS:]
    if len(last) < DRIFT_QUARTERS:
        return False
    known = [gap for gap in last if gap is not None and abs(gap) >= DRIFT_STEPS]
    return len(known) == DRIFT_QUARTERS and len({gap > 0 for gap in known}) == 1
