"""`flask scorecard`: measures and scores of a window, worked out now."""

from __future__ import annotations

from datetime import datetime

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy.orm import Session

from app.base import formatting
from app.calc.periods import Period
from app.calc.scoring import ScoreResult
from app.cli.beside_card import beside_card, beside_json, beside_tables
from app.cli.output import (
    Json,
    as_of_option,
    day_of,
    json_option,
    lines_json,
    measure_json,
    period_json,
    period_of,
    print_json,
    reading,
    supplier_json,
    window_option,
)
from app.facts.deliveries import queries as deliveries
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.models import Supplier
from app.judgement.scorecards import queries
from app.judgement.scorecards.methods import Method
from app.judgement.scorecards.queries import Scored, SnapshotHead
from app.judgement.scorecards.register import BY_ID
from app.judgement.scorecards.sureness import Sureness
from app.judgement.scorecards.wording import (
    SCORE_STATE_WORDS,
    STATE_WORDS,
    cap_text,
    grade_text,
    interval_text,
    possible_text,
    range_text,
    target_text,
    value_text,
)


@click.group("scorecard")
def group() -> None:
    """Show scorecards of any window."""


@group.command("show")
@click.argument("supplier", required=False)
@click.option("--all", "everything", is_flag=True, help="The house as one, all lines counted.")
@as_of_option
@window_option
@json_option
def show(
    supplier: str | None, everything: bool, as_of: datetime | None, window: str, as_json: bool
) -> None:
    """Show every measure and the score of SUPPLIER (number, exact name or public id).

    --all adds up all lines, those of our own warehouses included.
    """
    if (supplier is None) != everything:
        raise click.UsageError("Give either SUPPLIER or --all.")
    with reading() as session:
        period = period_of(window, day_of(as_of))
        who = None if supplier is None else suppliers.find_supplier(session, supplier)
        key = None if who is None else who.id
        scored = queries.scored(session, key, period)
        method = queries.method_for(session, key, on=period.last_day)
        own = None if key is None else [key]
        excluded = deliveries.excluded_reasons(session, period, supplier_ids=own)
        beside = None if key is None else beside_card(session, key, period)
        currency = _house_currency(session) if who is None else who.currency
        published = None if key is None else queries.snapshot_of(session, key, period)
    if as_json:
        body = _card_json(scored, period, method, who, currency)
        more = {} if beside is None else beside_json(beside)
        body |= {"excluded": excluded, "digest": scored.digest} | more
        print_json(body | {"published": _published_json(published)})
        return
    _print_card(scored, period, method, "All suppliers" if who is None else who.name)
    if beside is not None:
        for table in beside_tables(beside):
            Console().print(table)


@group.command("list")
@as_of_option
@window_option
@json_option
def list_all(as_of: datetime | None, window: str, as_json: bool) -> None:
    """List the score and the measures of every supplier, own warehouses left out."""
    with reading() as session:
        period = period_of(window, day_of(as_of))
        method = queries.methods_in_force(session, on=period.last_day)
        everybody = queries.everybody(session, period)
        ids = [each.supplier_id for each in everybody]
        known = suppliers.suppliers_by_id(session, ids)
        published = queries.newest_snapshots(session, ids, period)
    if as_json:
        print_json(
            {
                "as_of": period.as_of.isoformat(),
                "window": period_json(period),
                "method": method.label,
                "suppliers": [
                    _entry_json(each, known[each.supplier_id])
                    | {"published": _published_json(published.get(each.supplier_id))}
                    for each in everybody
                ],
            }
        )
        return
    table = Table("supplier", "grade", "score", "OTIF", "on time", "n", "ppm", box=None)
    for each in sorted(everybody, key=lambda one: known[one.supplier_id].name.casefold()):
        otif, otd, ppm = (each.measures[name] for name in ("otif_line", "otd", "ppm"))
        table.add_row(
            known[each.supplier_id].name,
            grade_text(each.result.grade, each.sure),
            _score(each.result),
            value_text(otif.id, otif.value),
            value_text(otd.id, otd.value),
            formatting.number(otd.n or 0),
            value_text(ppm.id, ppm.value),
        )
    Console().print(table)


def _card_json(
    scored: Scored,
    period: Period,
    method: Method,
    supplier: Supplier | None,
    currency: str | None,
) -> Json:
    return {
        "supplier": None if supplier is None else supplier_json(supplier),
        "as_of": period.as_of.isoformat(),
        "window": period_json(period),
        "method": method.label,
        **_figures_json(scored, currency),
    }


def _entry_json(scored: Scored, supplier: Supplier) -> Json:
    return {"supplier": supplier_json(supplier), **_figures_json(scored, supplier.currency)}


def _figures_json(scored: Scored, currency: str | None) -> Json:
    return {
        "lines": lines_json(scored.population, currency),
        "measures": {key: measure_json(each) for key, each in scored.measures.items()},
        "score": _score_json(scored.result, scored.sure),
    }


def _published_json(head: SnapshotHead | None) -> Json | None:
    """What is published of the period, and whether and why it restates what was before."""
    if head is None:
        return None
    return {
        "score": head.score,
        "grade": head.grade,
        "as_of": head.as_of.isoformat(),
        "published_at": head.published_at.isoformat(),
        "sequence": head.sequence,
        "is_restated": head.restated_because is not None,
        "restated_because": head.restated_because,
        "digest": head.input_digest,
    }


def _score_json(result: ScoreResult, sure: Sureness | None) -> Json:
    before = result.grade_before_caps
    return {
        "value": result.score,
        "state": str(result.state),
        "coverage": result.coverage,
        "bounds": [result.lower, result.upper],
        "sampling_range": None if sure is None else [sure.lo, sure.hi],
        "possible_grades": [] if sure is None else [str(grade) for grade in sure.grades],
        "grade": None if result.grade is None else str(result.grade),
        "grade_before_caps": None if before is None else str(before),
        "caps": [
            {"reason": str(cap.reason), "limit": str(cap.limit), "measure": cap.measure_id}
            for cap in result.caps
        ],
        "parts": [
            {
                "id": part.id,
                "measure": part.measure_id,
                "category": part.category,
                "weight": part.weight,
                "points": part.points,
                "contribution": part.contribution,
            }
            for part in result.parts
        ],
    }


def _print_card(scored: Scored, period: Period, method: Method, name: str) -> None:
    console = Console()
    first = period.first_day
    reach = "up to" if first is None else f"{first.isoformat()} to"
    console.print(f"[bold]{name}[/bold]  {reach} {period.last_day.isoformat()}")
    console.print(f"as of {period.as_of.isoformat()}, method {method.label}")
    result = scored.result
    grade = grade_text(result.grade, scored.sure)
    console.print(
        f"Score {_score(result)}, grade {grade} ({SCORE_STATE_WORDS[result.state]}), "
        f"coverage {formatting.percent(result.coverage, 0)}, if the missing were 0 or 100: "
        f"{formatting.number(result.lower, 1)} to {formatting.number(result.upper, 1)}"
    )
    if scored.sure is not None:
        console.print(
            f"Sampling range {range_text(scored.sure)}, by chance alone "
            f"{possible_text(scored.sure)}"
        )
    for cap in result.caps:
        console.print(cap_text(cap, result))
    console.print(_measures_table(scored, method))
    for reason, labels in _notes(scored).items():
        console.print(f"{', '.join(labels)}: {reason}", highlight=False)


def _measures_table(scored: Scored, method: Method) -> Table:
    parts = {part.measure_id: part for part in scored.result.parts}
    table = Table(
        "measure", "value", "95 % interval", "n", "target", "state", "points", "weight",
        box=None,
    )  # fmt: skip
    for key, measure in scored.measures.items():
        part = parts.get(key)
        table.add_row(
            BY_ID[key].label,
            value_text(key, measure.value),
            interval_text(measure),
            formatting.number(measure.n or 0),
            target_text(key, method.target(key)),
            STATE_WORDS[measure.state],
            "" if part is None else formatting.number(part.points, 1),
            "" if part is None else str(part.weight),
        )
    return table


def _notes(scored: Scored) -> dict[str, list[str]]:
    """Return what is said about measures, each sentence once with the measures it is about.

    Below the table, because beside it they would leave a terminal no room for the figures.
    """
    notes: dict[str, list[str]] = {}
    for key, measure in scored.measures.items():
        if measure.reason:
            notes.setdefault(measure.reason, []).append(BY_ID[key].label)
    return notes


def _house_currency(session: Session) -> str | None:
    """Return the one currency of all suppliers, None where there are several."""
    known = suppliers.currencies(session)
    return known[0] if len(known) == 1 else None


def _score(result: ScoreResult) -> str:
    return formatting.score(result.score)
