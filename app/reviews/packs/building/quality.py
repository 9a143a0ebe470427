"""The quality page: defects by month and part, lots, first pass."""

from __future__ import annotations

from decimal import Decimal

from app.base import formatting
from app.base.charts import Bar, BarChart
from app.reviews.packs.basis import Basis, Window
from app.reviews.packs.building import series, states, wording
from app.reviews.packs.content import Quality
from app.reviews.packs.parts import Column, Figure, Panel, Table

SHOWN = ("ppm", "lot_accept", "first_pass", "scar_ontime", "special_status")
MOST_PARTS = 6
LEAST_REJECTS, MOST_OF_THEM = 10, 0.5


def quality(basis: Basis) -> Quality:
    """Return the quality page."""
    return Quality(
        reading=reading(basis),
        defects=series.defects_panel(basis),
        figures=_figures(basis),
        parts=_parts(basis),
        months=_months(basis),
    )


def reading(basis: Basis) -> str:
    """Return what the page says in one or two sentences."""
    ppm, lots = basis.year["ppm"], basis.year["lot_accept"]
    if ppm.value is None and lots.value is None:
        return f"Nothing is known about quality. {wording.statement(ppm.reason or '')}"
    told = []
    if ppm.value is not None:
        told.append(_defects(basis))
    if lots.value is not None:
        told.append(f"{wording.counted(lots)} inspected lots were accepted.")
    else:
        told.append(wording.statement(lots.reason or ""))
    return " ".join(told)


def _defects(basis: Basis) -> str:
    ppm, limit = basis.year["ppm"], basis.method.limits["ppm"]
    told = f"{wording.counted(ppm)} units were rejected, {wording.value(ppm)}"
    if not ppm.counts:
        return f"{told}: too few units to be rated at a limit of {formatting.number(limit)}."
    value = ppm.value or 0.0
    if value <= limit:
        return f"{told}, within the limit of {formatting.number(limit)}."
    told += f", {wording.times(value / limit)} the limit of {formatting.number(limit)}"
    known = [part for part in basis.rejects if part.number is not None]
    if known and ppm.numerator:
        first = known[0]
        share = formatting.percent(float(first.rejected) / ppm.numerator, 0)
        told += f"; {first.name or first.number} carries {share} of them"
    return f"{told}.{_one_month(basis)}"


def _one_month(basis: Basis) -> str:
    """Say that a single month holds most of the rejects, where one does."""
    total = basis.year["ppm"].numerator or 0.0
    found = [
        (month.measures["ppm"].numerator or 0.0, month.month) for month in series.last_year(basis)
    ]
    most, month = max(found, default=(0.0, 0))
    if total < LEAST_REJECTS or most < total * MOST_OF_THEM:
        return ""
    name = formatting.month(month)
    return f" {name} alone holds {formatting.number(most)} of the {formatting.number(total)}."


def _figures(basis: Basis) -> tuple[Figure, ...]:
    found = []
    for measure_id in SHOWN:
        found.append(_figure(basis, basis.year, measure_id, wording.label(measure_id)))
        if basis.focus is not None and measure_id in ("ppm", "lot_accept"):
            name = f"{wording.label(measure_id)}, {basis.focus.words}"
            found.append(_figure(basis, basis.focus, measure_id, name))
    return tuple(found)


def _figure(basis: Basis, window: Window, measure_id: str, name: str) -> Figure:
    measure = window[measure_id]
    return Figure(
        label=name,
        value=wording.value(measure),
        interval=wording.interval_or_reason(measure),
        n=wording.count(measure.n),
        counted=wording.counted(measure),
        target=wording.target(measure_id, basis.method.target(measure_id)),
        state=states.shown_state(basis, measure),
    )


def _parts(basis: Basis) -> Panel:
    heading = "Rejected units by part"
    ppm = basis.year["ppm"]
    if ppm.value is None:
        return Panel(heading, "", None, wording.lowered(wording.statement(ppm.reason or "")))
    total = sum((part.rejected for part in basis.rejects), Decimal(0))
    if not total:
        return Panel(heading, "", None, "No unit was rejected.", is_fact=True)
    bars = [
        Bar(
            part.name or part.number or "part unknown",
            float(part.rejected),
            _share(part.rejected, total),
        )
        for part in basis.rejects[:MOST_PARTS]
    ]
    rest = basis.rejects[MOST_PARTS:]
    if rest:
        others = sum((part.rejected for part in rest), Decimal(0))
        name = formatting.count(len(rest), "other part")
        bars.append(Bar(name, float(others), _share(others, total)))
    told = ", ".join(f"{bar.label} {bar.text}" for bar in bars)
    words = f"{formatting.quantity(total)} units in the {basis.year.words}."
    return Panel(heading, words, BarChart(heading, f"{told}.", tuple(bars)))


def _months(basis: Basis) -> Table:
    heading = "By month of receipt"
    note = "Returns count in the month of their receipt; lots in the month of inspection."
    columns = (
        Column("Month", 18, is_number=False),
        Column("Received", 18),
        Column("Rejected", 15),
        Column("PPM", 17),
        Column("Lots", 14),
        Column("Lots rejected", 18),
    )
    months = series.last_year(basis)
    if not any(month.measures[id_].n for month in months for id_ in ("ppm", "lot_reject")):
        missing = basis.year["ppm"].reason or ""
        return Table(heading, note, columns, (), missing=missing)
    rows = []
    for month in months:
        ppm, lots = month.measures["ppm"], month.measures["lot_reject"]
        rows.append(
            (
                formatting.month(month.month),
                formatting.number(ppm.denominator) if ppm.denominator is not None else "–",
                formatting.number(ppm.numerator) if ppm.numerator is not None else "–",
                formatting.number(ppm.value) if ppm.value is not None else formatting.NO_DATA,
                formatting.number(lots.n or 0),
                formatting.number(lots.numerator) if lots.numerator is not None else "–",
            )
        )
    return Table(heading, note, columns, tuple(rows))


def _share(part: Decimal, total: Decimal) -> str:
    return f"{formatting.quantity(part)} · {formatting.percent(part / total, 0)}"
