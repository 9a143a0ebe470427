"""The catalogue that custom measures draw from: named counts, sums, values and days.

Each quantity says where it is read and by what it can be filtered. Reads nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import and_

from app.base.db import MONEY_SCALE, QUANTITY_SCALE
from app.calc.corrective import Severity
from app.calc.custom_definition import Quantity, QuantityKind
from app.facts.deliveries.engine_sql import raw
from app.facts.deliveries.models import (
    Acknowledgement,
    CausedBy,
    ChangedBy,
    Disruption,
    DisruptionKind,
    InspectionLot,
    InvoiceLine,
    LotVerdict,
    PromiseChange,
    ScheduleLine,
)
from app.facts.deliveries.more_reads import MOVES
from app.facts.deliveries.queries import HistogramKind
from app.judgement.corrective.models import ActionState, CorrectiveAction

COUNT, SUM, VALUES, DAY = QuantityKind


class YesNo(StrEnum):
    """Whether something is so; records that do not say are neither."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Records:
    """Records of one kind: their table, day and supplier, and what they can be filtered by.

    `filters` maps a field to its column and its values. `counts` are conditions that hold
    for all of them. `joined` is a table through which the supplier is reached.
    """

    model: Any  # Any: mapped classes, columns and conditions
    day: Any
    supplier: Any
    filters: Mapping[str, tuple[Any, type[StrEnum]]]
    has_moments: bool = False
    counts: tuple[Any, ...] = ()
    joined: tuple[Any, Any] | None = None


@dataclass(frozen=True, slots=True)
class LineSum:
    """A column of the roll-up of lines, with how many members it has and how many lack."""

    total: str
    scale: int = 1
    known: str | None = None
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days of completed lines."""

    kind: HistogramKind


@dataclass(frozen=True, slots=True)
class Source:
    """A quantity of the catalogue and where it is read; `value` is what a sum adds up."""

    quantity: Quantity
    read: Records | LineSum | Days
    value: Any = None  # Any: a column or an expression, scaled
    scale: int = 1


DISRUPTIONS = Records(
    Disruption, Disruption.occurred_on, Disruption.supplier_id,
    {"kind": (Disruption.kind, DisruptionKind), "caused_by": (Disruption.caused_by, CausedBy)},
    counts=(Disruption.withdrawn_at.is_(None),),
)  # fmt: skip
LOTS = Records(
    InspectionLot, InspectionLot.inspected_on, InspectionLot.supplier_id,
    {"verdict": (InspectionLot.verdict, LotVerdict),
     "first_pass": (InspectionLot.is_first_pass, YesNo)},
)  # fmt: skip
INVOICES = Records(
    InvoiceLine, InvoiceLine.invoiced_on, InvoiceLine.supplier_id,
    {"accurate": (InvoiceLine.is_accurate, YesNo)},
)  # fmt: skip
ORDERS = Records(
    Acknowledgement, Acknowledgement.sent_at, Acknowledgement.supplier_id,
    {"acknowledged": (Acknowledgement.acknowledged_at.is_not(None), YesNo)}, has_moments=True,
)  # fmt: skip
PROMISES = Records(
    PromiseChange, PromiseChange.changed_on, ScheduleLine.supplier_id,
    {"changed_by": (PromiseChange.changed_by, ChangedBy),
     "agreed": (PromiseChange.is_agreed, YesNo)},
    joined=(ScheduleLine, and_(ScheduleLine.id == PromiseChange.line_id, MOVES)),
)  # fmt: skip
ACTIONS = Records(
    CorrectiveAction, CorrectiveAction.issued_at, CorrectiveAction.supplier_id,
    {"severity": (CorrectiveAction.severity, Severity),
     "state": (CorrectiveAction.state, ActionState)},
    counts=(CorrectiveAction.state != ActionState.WITHDRAWN,), has_moments=True,
)  # fmt: skip


def _of(kind: QuantityKind, unit: str, read: Records, value: Any = None, scale: int = 1) -> Source:
    return Source(Quantity(kind, unit, frozenset(read.filters)), read, value, scale)


def _lines(kind: QuantityKind, unit: str, read: LineSum | Days) -> Source:
    return Source(Quantity(kind, unit), read)


SOURCES: Mapping[str, Source] = {
    "due lines": _lines(COUNT, "lines", LineSum("n_due")),
    "lines on time": _lines(
        COUNT, "lines", LineSum("on_time_true", known="on_time_known", of="n_due")
    ),
    "lines in full": _lines(
        COUNT, "lines", LineSum("in_full_true", known="in_full_known", of="n_due")
    ),
    "lines on time and in full": _lines(
        COUNT, "lines", LineSum("otif_true", known="otif_known", of="n_due")
    ),
    "lines very early": _lines(COUNT, "lines", LineSum("n_very_early")),
    "receipts": _lines(COUNT, "receipts", LineSum("receipts")),
    "units received": _lines(
        SUM, "units", LineSum("quantity_received", QUANTITY_SCALE, "receipts_known", "receipts")
    ),
    "units rejected": _lines(
        SUM, "units", LineSum("quantity_rejected", QUANTITY_SCALE, "receipts_known", "receipts")
    ),
    "spend": _lines(SUM, "money", LineSum("spend", MONEY_SCALE, "spend_lines", "n_due")),
    "lots inspected": _of(COUNT, "lots", LOTS),
    "disruptions": _of(COUNT, "disruptions", DISRUPTIONS),
    "disruption hours": _of(SUM, "hours", DISRUPTIONS, raw(Disruption.hours), QUANTITY_SCALE),
    "production lines hit": _of(SUM, "production lines", DISRUPTIONS, Disruption.lines_hit),
    "invoice lines": _of(COUNT, "invoice lines", INVOICES),
    "orders sent": _of(COUNT, "orders", ORDERS),
    "moves of a promise": _of(COUNT, "moves", PROMISES),
    "corrective actions": _of(COUNT, "corrective actions", ACTIONS),
    "lateness of completed lines": _lines(VALUES, "days", Days(HistogramKind.LATENESS)),
    "lead time of completed lines": _lines(VALUES, "days", Days(HistogramKind.LEAD_TIME)),
    "last disruption": _of(DAY, "days", DISRUPTIONS),
    "last inspected lot": _of(DAY, "days", LOTS),
    "last corrective action": _of(DAY, "days", ACTIONS),
}
CATALOGUE: Mapping[str, Quantity] = {name: each.quantity for name, each in SOURCES.items()}


def values_of(quantity: str) -> dict[str, tuple[str, ...]]:
    """Return by field the values that a quantity can be filtered by."""
    read = SOURCES[quantity].read
    if not isinstance(read, Records):
        return {}
    return {field: tuple(map(str, values)) for field, (_, values) in read.filters.items()}
