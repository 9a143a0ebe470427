"""What measures are worked out from: sums of one period, by supplier, as columns.

The columns carry the names of the roll-up's columns. One supplier, or the house as one,
is a table of one row. Holds no rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Columns = Mapping[str, Integers]

LINE_SUMS = (
    "n_due", "n_pending", "n_excluded",
    "on_time_known", "on_time_true",
    "on_time_requested_known", "on_time_requested_true",
    "on_time_original_known", "on_time_original_true",
    "on_time_current_known", "on_time_current_true",
    "on_time_dock_known", "on_time_dock_true",
    "in_full_known", "in_full_true", "otif_known", "otif_true",
    "quantity_known", "quantity_due", "quantity_in_window", "quantity_by_close",
    "value_known", "value_due", "value_in_window", "spend_lines", "spend",
    "lead_time_n", "lead_time_sum", "lead_time_squares",
    "lateness_n", "lateness_sum", "lateness_squares",
    "lateness_scored_sum", "lateness_scored_squares",
    "n_event_fallback", "n_very_early",
    "receipts", "receipts_known", "quantity_received", "quantity_rejected", "receipts_undated",
    "receipts_gone", "rejected_squares",
)  # fmt: skip
EVENT_SUMS = (
    "lots_inspected", "lots_rejected", "lots_first_pass_known", "lots_first_pass",
    "acknowledged", "unacknowledged", "acknowledge_minutes", "acknowledge_minutes_squares",
    "invoice_lines_known", "invoice_lines_accurate",
    "price_lines", "price_billed", "price_contract",
    "line_stops", "premium_freights", "special_statuses",
)  # fmt: skip
ORDER_SUMS = (
    "orders", "lines", "lines_true", "lines_squares", "cross", "true_squares",
    "orders_known", "orders_true", "orders_unknown",
)  # fmt: skip
ORDER_MEASURES = ("otif", "otd", "in_full")
VALUE_SUMS = ("value_known", "value_due", "value_in_window", "spend_lines", "spend")
PRICE_SUMS = ("price_lines", "price_billed", "price_contract")
SCAR_SUMS = ("scar_known", "scar_on_time", "critical_open")
PERCENTILES = ("lead_time_p50", "lead_time_p90", "lateness_p90", "lateness_p95")


@dataclass(frozen=True, slots=True)
class PlanReadings:
    """Readiness [0 … 100] by supplier, NaN where nobody knows; who was asked and still has time.

    is_of_many: the row stands for several suppliers, who have no readiness together.
    """

    points: Floats
    is_waiting: NDArray[np.bool_]
    is_of_many: bool = False


@dataclass(frozen=True, slots=True)
class PeriodSums:
    """Sums of a period for m suppliers, in rising order of their ids.

    `orders` holds the order sums of OTIF, on time and in full. Percentiles [days] and
    the spread within parts [days] are NaN where there is nothing to tell them from.
    `open_past_due` is None where the period is not the present one, `scars` where nobody
    records corrective actions. `manual` holds what was judged by hand [0 … 100] by measure.
    """

    supplier_ids: Integers
    lines: Columns
    events: Columns
    orders: Mapping[str, Columns]
    percentiles: Mapping[str, Floats]
    within_part_sd: Floats
    within_part_n: Integers
    open_past_due: Integers | None
    disruptions_recorded: bool
    # False where the suppliers added up are paid in several currencies.
    values_add_up: bool = True
    scars: Columns | None = None
    manual: Mapping[str, Floats] = field(default_factory=dict)
    # None where nobody was ever asked for a continuity plan.
    readiness: PlanReadings | None = None

    @property
    def critical_open(self) -> NDArray[np.bool_]:
        """Whether a critical corrective action was open at the end of the period."""
        return (
            np.zeros(len(self), np.bool_)
            if self.scars is None
            else (self.scars["critical_open"] > 0)
        )

    def __len__(self) -> int:
        """Return how many suppliers there are."""
        return len(self.supplier_ids)

    def without_values(self) -> PeriodSums:
        """Return the same without its sums of money, which are of several currencies."""
        zeros = np.zeros(len(self), np.int64)
        return replace(
            self,
            lines={**self.lines, **dict.fromkeys(VALUE_SUMS, zeros)},
            events={**self.events, **dict.fromkeys(PRICE_SUMS, zeros)},
            values_add_up=False,
        )


def empty(supplier_ids: Integers, *, disruptions_recorded: bool = False) -> PeriodSums:
    """Return sums of suppliers for whom nothing is known."""
    zeros, nothing = np.zeros(len(supplier_ids), np.int64), np.full(len(supplier_ids), np.nan)
    return PeriodSums(
        supplier_ids=supplier_ids,
        lines=dict.fromkeys(LINE_SUMS, zeros),
        events=dict.fromkeys(EVENT_SUMS, zeros),
        orders={measure: dict.fromkeys(ORDER_SUMS, zeros) for measure in ORDER_MEASURES},
        percentiles=dict.fromkeys(PERCENTILES, nothing),
        within_part_sd=nothing,
        within_part_n=zeros,
        open_past_due=None,
        disruptions_recorded=disruptions_recorded,
    )
