"""Improvement glidepaths: the target a clause asks for as the years go by."""

from __future__ import annotations

from datetime import date

DAYS_IN_YEAR = 365.25
PERFECT_RATE = 1.0


def years_between(start_on: date, on: date) -> float:
    """Return the years from a day to another, as a fraction.

    Formula: days/365.25, and whole years exactly on each anniversary of the start.

    Args:
        start_on: the first day of the path, the day after the baseline window.
        on: the day asked for.
    Returns:
        The years [years], negative before the start.
    Raises:
        Nothing.
    Source: house rule, ADR 0045.
    Edge cases: 29 February has its anniversary on 1 March in common years.

    >>> years_between(date(2026, 1, 1), date(2028, 1, 1))
    2.0
    """
    whole = on.year - start_on.year
    if (on.month, on.day) == (start_on.month, start_on.day):
        return float(whole)
    return (on - start_on).days / DAYS_IN_YEAR


def glide_target(
    base: float | None,
    *,
    yearly_rate: float,
    years: float,
    n: int | None = None,
    min_n: int = 0,
    perfect: float = 0.0,
) -> float | None:
    """Return the target of a glidepath after some years, pro rata within a year.

    Formula: perfect + (base − perfect)·(1 − r)^t.

    Args:
        base: the frozen baseline, in the measure's unit; None is no data.
        yearly_rate: how much of the distance to perfect goes each year [fraction], 0 … 1.
        years: years since the baseline window closed [years]; before it 0.
        n: sample size of the baseline [count]; None unknown.
        min_n: the smallest baseline sample [count].
        perfect: 0 where lower is better (PPM), `PERFECT_RATE` for a rate that should rise.
    Returns:
        The target in the measure's unit; None where the baseline is unknown or too small.
    Raises:
        ValueError: the rate lies outside 0 … 1.
    Source: domain rules §10; `ci_glidepath_ppm`; the mirrored path for rates is a house
        rule, ADR 0045.
    Edge cases: a rate of 0 keeps the base; of 1 asks for perfect after the first year.

    >>> [round(glide_target(500, yearly_rate=0.2, years=year), 9) for year in (1, 2, 3)]
    [400.0, 320.0, 256.0]
    """
    if not 0 <= yearly_rate <= 1:
        raise ValueError(f"yearly_rate is {yearly_rate}, it must be 0 … 1")
    if base is None or (min_n and (n is None or n < min_n)):
        return None
    left: float = (1 - yearly_rate) ** max(years, 0.0)
    return perfect + (base - perfect) * left
