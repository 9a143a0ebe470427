"""The register of measures: what each is called, its unit, which way is better, its target.

Ids are stable: scripts, snapshots and methods name measures by them. Holds no figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a measure's value is in; a share is a fraction inside and percent in print."""

    SHARE = "share"
    PPM = "ppm"
    DAYS = "days"
    HOURS = "hours"
    COUNT = "count"
    RATIO = "ratio"
    POINTS = "points"
    MONEY = "money"


class Better(StrEnum):
    """Which way a measure improves."""

    HIGHER = "higher"
    LOWER = "lower"


class Group(StrEnum):
    """The category of the scorecard that a measure belongs to."""

    DELIVERY = "delivery"
    QUALITY = "quality"
    COMMERCIAL = "commercial"
    SERVICE = "service"
    CONTINUITY = "continuity"


@dataclass(frozen=True, slots=True)
class MeasureEntry:
    """One measure as people read it.

    `target` is the default one, in the measure's own unit (a share as a fraction); None
    where none is set. `short` says in one sentence what is divided by what.
    """

    id: str
    label: str
    unit: Unit
    better: Better
    group: Group
    short: str
    target: float | None = None


def _entry(
    group: Group,
    id: str,  # noqa: A002 — the register's word for it
    label: str,
    unit: Unit,
    better: Better,
    short: str,
    target: float | None = None,
) -> MeasureEntry:
    return MeasureEntry(id, label, unit, better, group, short, target)


_D, _Q, _C, _S, _R = (
    Group.DELIVERY,
    Group.QUALITY,
    Group.COMMERCIAL,
    Group.SERVICE,
    Group.CONTINUITY,
)
_UP, _DOWN = Better.HIGHER, Better.LOWER
_SHARE, _DAYS, _COUNT = Unit.SHARE, Unit.DAYS, Unit.COUNT

ENTRIES: tuple[MeasureEntry, ...] = (
    _entry(
        _D, "otif_line", "OTIF by line", _SHARE, _UP,
        "Due lines whose full quantity came inside their window, of the due lines.", 0.95,
    ),
    _entry(
        _D, "otif_order", "OTIF by order", _SHARE, _UP,
        "Orders with every due line OTIF, of the orders with no line pending.", 0.93,
    ),
    _entry(
        _D, "otif_unit", "OTIF by unit", _SHARE, _UP,
        "Units received inside the window, at most the units due, of the units due.", 0.98,
    ),
    _entry(
        _D, "otif_value", "OTIF by value", _SHARE, _UP,
        "Value received inside the window, at most the value due, of the value due.",
    ),
    _entry(
        _D, "otd", "On time", _SHARE, _UP,
        "Due lines complete by the end of their window, of the due lines.", 0.95,
    ),
    _entry(
        _D, "otd_requested", "On time to the requested date", _SHARE, _UP,
        "As on time, judged against the date that we asked for.", 0.95,
    ),
    _entry(
        _D, "otd_original", "On time to the first promise", _SHARE, _UP,
        "As on time, judged against the date that was promised first.", 0.95,
    ),
    _entry(
        _D, "otd_current", "On time to the current promise", _SHARE, _UP,
        "As on time, judged against the promise that stands now, whoever moved it.", 0.95,
    ),
    _entry(
        _D, "otd_dock", "On time at our dock", _SHARE, _UP,
        "As on time, judged on arrival at our dock whatever the Incoterm: transit included.",
    ),
    _entry(
        _D, "in_full", "In full", _SHARE, _UP,
        "Due lines whose total quantity lies within tolerance, of the due lines.", 0.98,
    ),
    _entry(
        _D, "fill_unit", "Unit fill", _SHARE, _UP,
        "Units received by the end of the window, at most the units due, of the units due.", 0.98,
    ),
    _entry(
        _D, "open_past_due", "Open past due", _COUNT, _DOWN,
        "Lines whose window has closed and that are not complete on the as-of day.", 0.0,
    ),
    _entry(_D, "lt_mean", "Lead time, mean", _DAYS, _DOWN, "Order to completion, mean."),
    _entry(
        _D, "lt_sd", "Lead time, standard deviation", _DAYS, _DOWN,
        "Spread of lead time over all completed lines, parts mixed.",
    ),
    _entry(
        _D, "lt_p50", "Lead time, P50", _DAYS, _DOWN,
        "Half of the completed lines took no longer.",
    ),
    _entry(
        _D, "lt_p90", "Lead time, P90", _DAYS, _DOWN,
        "Nine of ten completed lines took no longer.",
    ),
    _entry(
        _D, "lt_cv", "Lead time, coefficient of variation", Unit.RATIO, _DOWN,
        "Standard deviation of lead time divided by its mean.", 0.15,
    ),
    _entry(
        _D, "ltv_A", "Lateness spread", _DAYS, _DOWN,
        "Standard deviation of lateness, earliness that the rule allows counted as 0.", 2.0,
    ),
    _entry(
        _D, "ltv_A_raw", "Lateness spread, raw", _DAYS, _DOWN,
        "Standard deviation of lateness, every early day counted.",
    ),
    _entry(
        _D, "ltv_B", "Lead-time spread within parts", _DAYS, _DOWN,
        "Standard deviation of lead time, pooled within each part.",
    ),
    _entry(
        _D, "lateness_mean", "Lateness, mean", _DAYS, _DOWN,
        "Completion minus reference date, early is negative.",
    ),
    _entry(
        _D, "lateness_p90", "Lateness, P90", _DAYS, _DOWN,
        "Nine of ten completed lines were no later.",
    ),
    _entry(
        _D, "lateness_p95", "Lateness, P95", _DAYS, _DOWN,
        "Nineteen of twenty completed lines were no later.",
    ),
    _entry(
        _D, "line_stops", "Line stops", _COUNT, _DOWN,
        "Line stops at our plants caused by the supplier.", 0.0,
    ),
    _entry(
        _D, "premium_freight", "Premium freight", _COUNT, _DOWN,
        "Shipments at premium freight caused by the supplier.", 0.0,
    ),
    _entry(
        _D, "disruptions", "Line stops, premium freight", _COUNT, _DOWN,
        "Line stops and premium freight caused by the supplier, together.", 0.0,
    ),
    _entry(
        _D, "special_status", "Special status notices", _COUNT, _DOWN,
        "Notices that put the supplier on special status.", 0.0,
    ),
    _entry(
        _Q, "ppm", "Defects", Unit.PPM, _DOWN,
        "Units rejected per million received, by date of receipt; the interval is wider where "
        "rejects come by whole lots.", 50.0,
    ),
    _entry(
        _Q, "lot_accept", "Lots accepted", _SHARE, _UP,
        "Lots accepted, with or without concession, of the lots inspected.", 0.99,
    ),
    _entry(
        _Q, "lot_reject", "Lots rejected", _SHARE, _DOWN,
        "Lots rejected, of the lots inspected.", 0.01,
    ),
    _entry(
        _Q, "first_pass", "First pass", _SHARE, _UP,
        "Lots accepted without concession, of the lots inspected.",
    ),
    _entry(
        _Q, "scar_ontime", "8D answers on time", _SHARE, _UP,
        "Corrective actions answered by their due date, of those answered or overdue.", 0.95,
    ),
    _entry(
        _C, "price_variance", "Price to contract", _SHARE, _DOWN,
        "Billed minus contract value, of the contract value of the same lines.", 0.0,
    ),
    _entry(
        _C, "invoice_accuracy", "Invoice accuracy", _SHARE, _UP,
        "Invoice lines that match order and receipt, of the lines checked.", 0.99,
    ),
    _entry(
        _S, "ack_hours", "Order acknowledged", Unit.HOURS, _DOWN,
        "Hours from sending an order to its acknowledgement, mean.", 24.0,
    ),
    _entry(
        _R, "readiness", "Continuity readiness", Unit.POINTS, _UP,
        "Points of the readiness rubric for the supplier's continuity plan.", 80.0,
    ),
)  # fmt: skip

IDS = tuple(entry.id for entry in ENTRIES)

# Shown beside the scorecard and worked out from lines and records, so no method scores them.
MORE_ENTRIES: tuple[MeasureEntry, ...] = (
    _entry(
        _D, "pof", "Perfect orders", _SHARE, _UP,
        "Orders whose every line is in full, on time, with right papers and undamaged, of the "
        "orders of which all four are known.", 0.90,
    ),
    _entry(
        _D, "slip", "Promise moved, mean", _DAYS, _DOWN,
        "Current minus first promise, mean over the due lines that have both.", 0.0,
    ),
    _entry(
        _D, "slip_rate", "Lines the supplier postponed", _SHARE, _DOWN,
        "Due lines whose date the supplier moved later, of the due lines.",
    ),
    _entry(
        _D, "churn", "Promise churn", Unit.RATIO, _DOWN,
        "Moves of the promise per due line, whoever moved it.",
    ),
    _entry(
        _D, "lateness_robust_sd", "Lateness spread, robust", _DAYS, _DOWN,
        "Spread of lateness that single wild lines cannot move, where they move the plain one.",
    ),
    _entry(
        _D, "lateness_p50_open", "Lateness with open lines, P50", _DAYS, _DOWN,
        "Half of the lines were no later, lines still open counted as late as they are by now.",
    ),
    _entry(
        _D, "lateness_p90_open", "Lateness with open lines, P90", _DAYS, _DOWN,
        "Nine of ten lines were no later, lines still open counted as late as they are by now.",
    ),
    _entry(
        _D, "yard_holds", "Yard holds", _COUNT, _DOWN,
        "Holds in our yard that the supplier caused.", 0.0,
    ),
    _entry(
        _D, "stop_ships", "Stop ships", _COUNT, _DOWN,
        "Stops of our shipments that the supplier caused.", 0.0,
    ),
    _entry(
        _D, "disruption_hours", "Hours of disruption", Unit.HOURS, _DOWN,
        "Hours of the disruptions that the supplier caused, as far as they are known.", 0.0,
    ),
    _entry(
        _D, "disruption_cost", "Cost of disruption", Unit.MONEY, _DOWN,
        "Cost of the disruptions that the supplier caused, as far as it is known.", 0.0,
    ),
    _entry(
        _Q, "copq", "Cost of poor quality", _SHARE, _DOWN,
        "Known failure costs that the supplier caused, of what was bought.", 0.01,
    ),
    _entry(
        _Q, "scar_containment", "Containment on time", _SHARE, _UP,
        "Corrective actions contained (D3) by their due time, of those answered or overdue.",
    ),
    _entry(
        _Q, "scar_hours", "8D answer, mean", Unit.HOURS, _DOWN,
        "Hours from the issue of a corrective action to its plan (D5), mean of the answered.",
    ),
    _entry(
        _S, "ack_in_time", "Orders acknowledged in 24 hours", _SHARE, _UP,
        "Orders acknowledged within 24 hours, of those acknowledged or waiting longer.",
    ),
    _entry(
        _S, "rfq_hours", "Quotation answered", Unit.HOURS, _DOWN,
        "Hours from a request for quotation to its answer, mean.",
    ),
)  # fmt: skip
MANUAL_PREFIX = "manual_"


class _Register(dict[str, MeasureEntry]):
    """All measures by id; what people judge by hand is named by its own id."""

    def __missing__(self, measure_id: str) -> MeasureEntry:
        if not is_manual(measure_id):
            raise KeyError(measure_id)
        return manual_entry(measure_id)


def is_manual(measure_id: str) -> bool:
    """Tell whether an id is of a manual score."""
    return measure_id.startswith(MANUAL_PREFIX)


def manual_id(criterion: str) -> str:
    """Return the id of what is judged by hand (“ESG audit” → “manual_ESG_audit”)."""
    return MANUAL_PREFIX + criterion.replace(" ", "_")


def manual_entry(measure_id: str) -> MeasureEntry:
    """Return a manual score as people read it, marked as such."""
    name = measure_id.removeprefix(MANUAL_PREFIX).replace("_", " ")
    short = "Judged by hand from 0 to 100, on evidence, until it expires; no figures stand behind."
    return _entry(_S, measure_id, f"{name} (manual)", Unit.POINTS, _UP, short)


BY_ID = _Register({entry.id: entry for entry in (*ENTRIES, *MORE_ENTRIES)})
