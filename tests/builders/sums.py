"""Sums of one supplier's period with plain defaults, for tests without a database."""

from __future__ import annotations

import numpy as np

from app.judgement.scorecards.sums import ORDER_SUMS, PERCENTILES, PeriodSums, empty

MICRO = 1_000_000
CENTS = 10_000


def sums(
    *,
    lines: dict[str, int] | None = None,
    events: dict[str, int] | None = None,
    orders: dict[str, dict[str, int]] | None = None,
    percentiles: dict[str, float] | None = None,
    within_part: tuple[float, int] | None = None,
    open_past_due: int | None = None,
    disruptions_recorded: bool = False,
    values_add_up: bool = True,
) -> PeriodSums:
    """Sums of one supplier; what is not given is nothing."""
    blank = empty(np.array([1]), disruptions_recorded=disruptions_recorded)
    sd, n = within_part or (np.nan, 0)
    return PeriodSums(
        supplier_ids=blank.supplier_ids,
        lines={**blank.lines, **_columns(lines)},
        events={**blank.events, **_columns(events)},
        orders={
            measure: {**dict.fromkeys(ORDER_SUMS, np.zeros(1, np.int64)), **_columns(own)}
            for measure, own in ({"otif": {}, "otd": {}, "in_full": {}} | (orders or {})).items()
        },
        percentiles={
            name: np.array([(percentiles or {}).get(name, np.nan)]) for name in PERCENTILES
        },
        within_part_sd=np.array([sd]),
        within_part_n=np.array([n]),
        open_past_due=None if open_past_due is None else np.array([open_past_due]),
        disruptions_recorded=disruptions_recorded,
        values_add_up=values_add_up,
    )


def judged(
    n: int, on_time: int, *, in_full: int | None = None, otif: int | None = None
) -> dict[str, int]:
    """Line sums of n due lines whose outcome is known; all in full unless said."""
    full = n if in_full is None else in_full
    both = on_time if otif is None else otif
    found = {
        "n_due": n,
        "in_full_known": n,
        "in_full_true": full,
        "otif_known": n,
        "otif_true": both,
    }
    for name in ("on_time", "on_time_original", "on_time_dock"):
        found |= {f"{name}_known": n, f"{name}_true": on_time}
    return found


def days(name: str, values: list[int]) -> dict[str, int]:
    """Line sums of whole days, such as `lead_time` or `lateness`."""
    return {
        f"{name}_n": len(values),
        f"{name}_sum": sum(values),
        f"{name}_squares": sum(value * value for value in values),
    }


def _columns(given: dict[str, int] | None) -> dict[str, np.ndarray]:
    return {name: np.array([value], np.int64) for name, value in (given or {}).items()}
