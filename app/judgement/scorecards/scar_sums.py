"""Sums of corrective actions by supplier, in the order that a table of sums has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.calc.corrective_rates import scar_on_time
from app.calc.periods import Period
from app.facts.deliveries.period_reads import members, merged_suppliers
from app.facts.deliveries.queries import HOUSE
from app.judgement.corrective import queries as corrective
from app.judgement.corrective.queries import Clocks
from app.judgement.scorecards.kept import kept
from app.judgement.scorecards.sums import SCAR_SUMS

Integers = NDArray[np.int64]


def clocks_by_supplier(
    session: Session, period: Period, *, supplier_ids: Sequence[int] | None = None
) -> dict[int, Clocks] | None:
    """Return the clocks of a period's corrective actions, merged suppliers as one.

    None where the house records no corrective actions at all.
    """
    if not kept(session).corrective_actions:
        return None
    own = None if supplier_ids is None else members(session, supplier_ids)
    found = corrective.clocks(
        session,
        first_day=period.first_day,
        last_day=period.last_day,
        as_of=period.as_of,
        supplier_ids=own,
    )
    merged, together = merged_suppliers(session), dict[int, Clocks]()
    for key, each in found.items():
        by = merged.get(key, key)
        together[by] = _added(together.get(by, Clocks()), each)
    return together


def scar_sums(
    session: Session,
    period: Period,
    keys: Integers,
    *,
    supplier_ids: Sequence[int] | None,
    together: bool = False,
) -> Mapping[str, Integers] | None:
    """Return how many corrective actions were answered in time, and critical ones still open."""
    found = clocks_by_supplier(session, period, supplier_ids=supplier_ids)
    if found is None:
        return None
    moment = corrective.close_of(period.as_of)
    sums: dict[str, dict[int, int]] = {name: defaultdict(int) for name in SCAR_SUMS}
    for key, each in found.items():
        own = HOUSE if together else key
        rate = scar_on_time(each.response, as_of=moment)
        sums["scar_known"][own] += int(rate.denominator or 0)
        sums["scar_on_time"][own] += int(rate.numerator or 0)
        sums["critical_open"][own] += each.critical_open
    return {
        name: np.array([own[key] for key in keys.tolist()], np.int64) for name, own in sums.items()
    }


def _added(one: Clocks, other: Clocks) -> Clocks:
    return Clocks(
        (*one.response, *other.response),
        (*one.containment, *other.containment),
        one.critical_open + other.critical_open,
    )
