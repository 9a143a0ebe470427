"""Readiness of continuity plans by supplier, in the order that a table of sums has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.calc.continuity import Basis
from app.facts.deliveries.period_reads import once
from app.judgement.continuity.readiness import SupplierReading, readings
from app.judgement.scorecards.kept import kept
from app.judgement.scorecards.sums import PlanReadings

Integers = NDArray[np.int64]


def readings_of(
    session: Session, as_of: date, *, supplier_ids: Collection[int] | None = None
) -> Mapping[int, SupplierReading]:
    """Return how ready suppliers are on a day; nobody where no house ever asked anybody."""
    if not kept(session).continuity:
        return {}
    whose = "all" if supplier_ids is None else sorted(supplier_ids)
    return once(
        session,
        f"readiness on {as_of} of {whose}",
        lambda: readings(session, as_of, supplier_ids=supplier_ids),
    )


def plan_readings(
    session: Session,
    day: date,
    keys: Integers,
    *,
    supplier_ids: Sequence[int] | None,
    together: bool = False,
) -> PlanReadings | None:
    """Return the readiness of each supplier at the end of a period, None where none is kept.

    A plan is one supplier's: several together have no readiness.
    """
    if not kept(session).continuity:
        return None
    points, is_waiting = np.full(len(keys), np.nan), np.zeros(len(keys), np.bool_)
    if together:
        return PlanReadings(points, is_waiting, is_of_many=True)
    found = readings_of(session, day, supplier_ids=supplier_ids)
    for place, key in enumerate(keys.tolist()):
        reading = found.get(key)
        if reading is None:
            continue
        is_waiting[place] = reading.readiness.basis is Basis.WAITING
        if reading.readiness.points is not None:
            points[place] = reading.readiness.points
    return PlanReadings(points, is_waiting)
