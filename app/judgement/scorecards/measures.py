"""All measures of a period, worked out from its sums; formulas stand in `app.calc`.

One supplier or ten thousand go the same way. Reads no database.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from app.base.db import MONEY_SCALE, QUANTITY_SCALE
from app.calc.intervals import design_effect_from_sums
from app.calc.lead_time import spread_from_sums
from app.calc.measure import LOTS_OK, LOTS_PROVISIONAL, Measure
from app.calc.measure_columns import (
    Absence,
    MeasureColumn,
    Remark,
    Sample,
    event_counts,
    rates,
    ratios,
    statistics,
)
from app.calc.quality import DEFAULT_LIMIT_PPM
from app.calc.quality_columns import lot_dispersions, mean_intervals, ppm_column
from app.judgement.scorecards import absences as why
from app.judgement.scorecards.judged_measures import (
    manual_points,
    nobody_knows,
    none_of,
    readiness,
)
from app.judgement.scorecards.register import IDS
from app.judgement.scorecards.sums import Columns, PeriodSums, empty

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MINUTES_IN_HOUR = 60
ORDERS = Sample("orders")
LOTS = Sample("lots", LOTS_OK, LOTS_PROVISIONAL)
REQUESTS = Sample("corrective action requests", LOTS_OK, LOTS_PROVISIONAL)
INVOICE_LINES = Sample("invoice lines")

FALLBACK = "Lines judged at a later event than agreed, transit included: {}."
UNDATED = "Receipts without a date, counted in their line's due month: {}."


@dataclass(frozen=True, slots=True)
class MeasureTable:
    """All measures of many suppliers, by column in the register's order."""

    supplier_ids: Integers
    columns: dict[str, MeasureColumn]

    def measures(self, index: int) -> dict[str, Measure]:
        """Return all measures of one supplier, by id."""
        return {id_: column.measure(index) for id_, column in self.columns.items()}


Family = Callable[[PeriodSums], list[MeasureColumn]]


def measure_table(
    sums: PeriodSums, *, limit_ppm: float = DEFAULT_LIMIT_PPM, manual: Collection[str] = ()
) -> MeasureTable:
    """Work out every measure of every supplier in `sums`, and the `manual` ones asked for."""
    quality = _quality(sums, limit_ppm=limit_ppm)
    made = [*quality, *(column for family in _FAMILIES for column in family(sums))]
    by_id = {column.id: column for column in made}
    columns = {id_: by_id[id_] for id_ in IDS} | {id_: manual_points(sums, id_) for id_ in manual}
    return MeasureTable(sums.supplier_ids, columns)


def measures_of(sums: PeriodSums, *, limit_ppm: float = DEFAULT_LIMIT_PPM) -> dict[str, Measure]:
    """Work out every measure of the one supplier in `sums`."""
    return measure_table(sums, limit_ppm=limit_ppm).measures(0)


def otif_by_line(sums: PeriodSums) -> MeasureColumn:
    """Work out OTIF by line alone, for lists that draw it by month."""
    return _by_line(sums, "otif_line", "otif", clustered="otif", absence=why.no_otif(sums))


def on_time_by_line(sums: PeriodSums) -> MeasureColumn:
    """Work out the on-time rate alone, for lists of suppliers of which only that is known."""
    return _by_line(sums, "otd", "on_time", clustered="otd", absence=why.no_dates(sums))


def _by_line(
    sums: PeriodSums, measure_id: str, outcome: str, *, clustered: str, absence: Absence
) -> MeasureColumn:
    lines = sums.lines
    column = rates(
        measure_id,
        lines[f"{outcome}_true"],
        lines[f"{outcome}_known"],
        unknown=lines["n_due"] - lines[f"{outcome}_known"],
        absence=absence,
        deff=_design_effects(sums.orders[clustered]),
    )
    return replace(column, remark=Remark(FALLBACK, lines["n_event_fallback"]))


def family_of(measure_id: str) -> Family:
    """Return what works a measure out, with what is worked out beside it."""
    if measure_id == "otif_line":
        return lambda sums: [otif_by_line(sums)]
    return _family_by_id()[measure_id]


@cache
def _family_by_id() -> dict[str, Family]:
    nobody = empty(np.zeros(0, np.int64))
    quality: Family = partial(_quality, limit_ppm=DEFAULT_LIMIT_PPM)
    families = (quality, *_FAMILIES)
    return {column.id: family for family in families for column in family(nobody)}


def _otif(sums: PeriodSums) -> list[MeasureColumn]:
    lines, due, orders = sums.lines, sums.lines["n_due"], sums.orders["otif"]
    by_order = rates(
        "otif_order",
        orders["orders_true"],
        orders["orders_known"],
        unknown=orders["orders_unknown"],
        absence=why.no_otif(sums, (lines["otif_known"] > 0, why.NO_CLOSED_ORDERS)),
        sample=ORDERS,
    )
    in_full = rates(
        "in_full",
        lines["in_full_true"],
        lines["in_full_known"],
        unknown=due - lines["in_full_known"],
        absence=why.no_quantities(sums),
        deff=_design_effects(sums.orders["in_full"]),
    )
    by_unit = _share_due(sums, "otif_unit", "quantity", "in_window", QUANTITY_SCALE)
    by_value = _share_due(sums, "otif_value", "value", "in_window", MONEY_SCALE)
    filled = _share_due(sums, "fill_unit", "quantity", "by_close", QUANTITY_SCALE)
    return [
        otif_by_line(sums),
        by_order,
        by_unit,
        replace(by_value, absence=why.no_values(sums)),
        filled,
        in_full,
    ]


def _share_due(
    sums: PeriodSums, measure_id: str, what: str, part: str, scale: int
) -> MeasureColumn:
    known = sums.lines[f"{what}_known"]
    return ratios(
        measure_id,
        sums.lines[f"{what}_{part}"] / scale,
        denominator=sums.lines[f"{what}_due"] / scale,
        n=known,
        unknown=sums.lines["n_due"] - known,
        absence=why.no_otif(sums),
    )


def _on_time(sums: PeriodSums) -> list[MeasureColumn]:
    lines, due = sums.lines, sums.lines["n_due"]
    # Lines of one order come together whatever the date they are judged against.
    deff = _design_effects(sums.orders["otd"])
    others = [
        rates(
            f"otd_{which}",
            lines[f"on_time_{which}_true"],
            lines[f"on_time_{which}_known"],
            unknown=due - lines[f"on_time_{which}_known"],
            absence=why.no_promise(sums, which),
            deff=deff,
        )
        for which in ("requested", "original", "current", "dock")
    ]
    return [on_time_by_line(sums), *others, _open_past_due(sums)]


def _open_past_due(sums: PeriodSums) -> MeasureColumn:
    counts = sums.open_past_due
    return event_counts(
        "open_past_due",
        np.zeros(len(sums), np.int64) if counts is None else counts,
        recorded=counts is not None,
        absence=why.same(why.OPEN_IS_LIVE, sums),
    )


def _lead_times(sums: PeriodSums) -> list[MeasureColumn]:
    n = sums.lines["lead_time_n"]
    mean, sd = _spreads(n, sums.lines["lead_time_sum"], sums.lines["lead_time_squares"])
    cv = np.where(mean > 0, sd, np.nan) / np.where(mean > 0, mean, np.nan)
    absent = why.no_lead_time(sums)
    days = {
        "lt_mean": mean,
        "lt_sd": sd,
        "lt_p50": sums.percentiles["lead_time_p50"],
        "lt_p90": sums.percentiles["lead_time_p90"],
    }
    plain = [_days(sums, id_, value, n, absent) for id_, value in days.items()]
    ratio = _days(sums, "lt_cv", cv, n, why.no_lead_time(sums, otherwise=why.NO_MEAN))
    within = _days(
        sums,
        "ltv_B",
        sums.within_part_sd,
        sums.within_part_n,
        why.no_lead_time(sums, otherwise=why.ONE_LINE_PER_PART),
    )
    return [*plain, ratio, within]


def _lateness(sums: PeriodSums) -> list[MeasureColumn]:
    lines, n = sums.lines, sums.lines["lateness_n"]
    mean, raw = _spreads(n, lines["lateness_sum"], lines["lateness_squares"])
    _, scored = _spreads(n, lines["lateness_scored_sum"], lines["lateness_scored_squares"])
    absent = why.no_lateness(sums)
    days = {
        "ltv_A": scored,
        "ltv_A_raw": raw,
        "lateness_mean": mean,
        "lateness_p90": sums.percentiles["lateness_p90"],
        "lateness_p95": sums.percentiles["lateness_p95"],
    }
    return [_days(sums, id_, value, n, absent) for id_, value in days.items()]


def _days(
    sums: PeriodSums, measure_id: str, value: Floats, n: Integers, absent: Absence
) -> MeasureColumn:
    return statistics(measure_id, value, n=n, unknown=none_of(sums), absence=absent)


def _disruptions(sums: PeriodSums) -> list[MeasureColumn]:
    events = sums.events
    counts = {
        "line_stops": events["line_stops"],
        "premium_freight": events["premium_freights"],
        "disruptions": events["line_stops"] + events["premium_freights"],
        "special_status": events["special_statuses"],
    }
    return [
        event_counts(
            id_,
            count,
            recorded=sums.disruptions_recorded,
            absence=why.same(why.NO_DISRUPTION_LOG, sums),
        )
        for id_, count in counts.items()
    ]


def _quality(sums: PeriodSums, *, limit_ppm: float) -> list[MeasureColumn]:
    lines, events = sums.lines, sums.events
    units, bad = (lines[f"quantity_{name}"] / QUANTITY_SCALE for name in ("received", "rejected"))
    squares = lines["rejected_squares"] / QUANTITY_SCALE
    left = lines["receipts_known"] - lines["receipts_gone"]
    rejected = ppm_column(
        bad,
        units,
        phi=lot_dispersions(bad, units, squares=squares, lots=left),
        absence=why.no_ppm(sums),
        unknown=lines["receipts"] - lines["receipts_known"],
        limit_ppm=limit_ppm,
        remark=Remark(UNDATED, lines["receipts_undated"]),
    )
    inspected = events["lots_inspected"]
    accepted = inspected - events["lots_rejected"]
    lots = [
        rates(
            id_,
            true,
            inspected,
            unknown=none_of(sums),
            absence=why.same(why.NO_LOTS, sums),
            sample=LOTS,
        )
        for id_, true in (("lot_accept", accepted), ("lot_reject", events["lots_rejected"]))
    ]
    known = events["lots_first_pass_known"]
    none_known = (inspected > 0).astype(np.int8)
    first = rates(
        "first_pass",
        events["lots_first_pass"],
        known,
        unknown=inspected - known,
        absence=Absence((why.NO_LOTS, why.NO_FIRST_YIELD), none_known),
        sample=LOTS,
    )
    return [rejected, *lots, first]


def _commercial(sums: PeriodSums) -> list[MeasureColumn]:
    events = sums.events
    price = ratios(
        "price_variance",
        (events["price_billed"] - events["price_contract"]) / MONEY_SCALE,
        denominator=events["price_contract"] / MONEY_SCALE,
        n=events["price_lines"],
        unknown=none_of(sums),
        absence=why.no_contract_prices(sums),
        sample=INVOICE_LINES,
    )
    invoices = rates(
        "invoice_accuracy",
        events["invoice_lines_accurate"],
        events["invoice_lines_known"],
        unknown=none_of(sums),
        absence=why.same(why.NO_INVOICES, sums),
        sample=INVOICE_LINES,
    )
    return [price, invoices]


def _acknowledgement(sums: PeriodSums) -> list[MeasureColumn]:
    events, n = sums.events, sums.events["acknowledged"]
    minutes, squares = events["acknowledge_minutes"], events["acknowledge_minutes_squares"]
    mean, sd = _spreads(n, minutes, squares)
    hours = mean / MINUTES_IN_HOUR
    lo, hi = mean_intervals(hours, sd / MINUTES_IN_HOUR, n)
    column = statistics(
        "ack_hours",
        hours,
        n=n,
        unknown=events["unacknowledged"],
        absence=why.same(why.NO_ACKNOWLEDGEMENTS, sums),
        sample=ORDERS,
    )
    return [replace(column, lo=lo, hi=hi)]


def _corrective(sums: PeriodSums) -> list[MeasureColumn]:
    scars = sums.scars
    if scars is None:
        return [nobody_knows(sums, "scar_ontime", why.NO_CORRECTIVE_ACTIONS)]
    return [
        rates(
            "scar_ontime",
            scars["scar_on_time"],
            scars["scar_known"],
            unknown=none_of(sums),
            absence=why.same(why.NO_ANSWER_DUE, sums),
            sample=REQUESTS,
        )
    ]


def _spreads(n: Integers, total: Integers, squares: Integers) -> tuple[Floats, Floats]:
    """Return means and standard deviations, worked with whole numbers so that nothing cancels."""
    columns = zip(n.tolist(), total.tolist(), squares.tolist(), strict=True)
    spreads = [spread_from_sums(*sums) for sums in columns]
    mean = np.array([spread.mean for spread in spreads], dtype=np.float64)
    return mean, np.array([spread.sd for spread in spreads], dtype=np.float64)


def _design_effects(orders: Columns) -> Floats:
    """Return the design effect of lines in orders; NaN where too few orders show it."""
    if not orders["orders"].any():
        return np.full(len(orders["orders"]), np.nan)
    names = ("orders", "lines", "lines_true", "lines_squares", "cross", "true_squares")
    columns = zip(*(orders[name].tolist() for name in names), strict=True)
    effects = [
        design_effect_from_sums(count, lines, true=true, sum_n2=n2, sum_ny=ny, sum_y2=y2)
        for count, lines, true, n2, ny, y2 in columns
    ]
    return np.array(effects, dtype=np.float64)


_FAMILIES: tuple[Family, ...] = (
    _otif, _on_time, _lead_times, _lateness, _disruptions, _commercial, _acknowledgement,
    _corrective, readiness,
)  # fmt: skip
