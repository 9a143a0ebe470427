"""`flask risk`: the supply risk index worked out now, why it moved, how sure it is."""

from __future__ import annotations

from datetime import datetime

import click
from rich.console import Console
from rich.table import Table

from app.base import formatting
from app.base.errors import InvalidInput
from app.calc.risk_moves import RiskMove
from app.cli.output import (
    DAY,
    Json,
    as_of_option,
    day_of,
    json_option,
    print_json,
    reading,
    supplier_json,
)
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.models import Supplier, SupplierKind
from app.judgement.risk_index import moving, queries, ranges, stored
from app.judgement.risk_index.explanations import LABELS, floor_sentence, sentence
from app.judgement.risk_index.moving import Movement
from app.judgement.risk_index.queries import RiskView


@click.group("risk")
def group() -> None:
    """Show the supply risk index."""


@group.command("show")
@click.argument("supplier")
@as_of_option
@json_option
def show(supplier: str, as_of: datetime | None, as_json: bool) -> None:
    """Show the index of SUPPLIER (number, exact name or public id) and what it is made of."""
    with reading() as session:
        who = suppliers.find_supplier(session, supplier)
        if who.kind == SupplierKind.OWN_WAREHOUSE:
            raise InvalidInput(
                "E-RSK-01", f"{who.name} is a warehouse of our own; it has no index."
            )
        view = queries.risk_card(session, who.id, day_of(as_of))
    if as_json:
        print_json(_view_json(view, who))
        return
    _print_view(view, who)


@group.command("why")
@click.argument("supplier")
@click.option("--since", type=DAY, help="A published day; default: the one before.")
@click.option("--until", type=DAY, help="A published day; default: the newest.")
@json_option
def why(supplier: str, since: datetime | None, until: datetime | None, as_json: bool) -> None:
    """Tell why the published index of SUPPLIER moved between two days."""
    with reading() as session:
        who = suppliers.find_supplier(session, supplier)
        days = stored.days_of(session, who.id)
        last = until.date() if until else next(iter(days), None)
        first = since.date() if since else next((d for d in days if last and d < last), None)
        found = None
        if first is not None and last is not None and first < last:
            found = moving.why_moved(session, who.id, first, last)
    if found is None or found.move is None:
        known = ", ".join(day.isoformat() for day in days) or "none"
        raise click.ClickException(
            f"E-RSK-03: Give two published days, the earlier one first. Published: {known}."
        )
    if as_json:
        print_json(_move_json(found, found.move, who))
        return
    console, table = Console(), Table("what", "points", box=None)
    for bar in found.bars:
        table.add_row(f"[bold]{bar.label}[/bold]", formatting.signed(bar.points, 2))
        for event in bar.events:
            table.add_row(f"  {event.words}", formatting.signed(event.points, 2))
    ends = [formatting.number(end, 1) for end in (found.move.before, found.move.after)]
    console.print(f"[bold]{who.name}[/bold]  {first} {ends[0]} → {last} {ends[1]}")
    console.print(table)


@group.command("draw")
@click.option("--day", type=DAY, help="A published day; default: the newest.")
def draw(day: datetime | None) -> None:
    """Draw how far every published index of a day may stray."""
    drawn = ranges.draw_ranges(None if day is None else day.date())
    click.echo(f"{formatting.count(drawn, 'range')} drawn.")


def _move_json(found: Movement, move: RiskMove, supplier: Supplier) -> Json:
    return {
        "supplier": supplier_json(supplier),
        "since": found.before.head.period_end.isoformat(),
        "until": found.after.head.period_end.isoformat(),
        "before": move.before,
        "after": move.after,
        "bars": [
            {
                "kind": str(bar.kind),
                "dimension": bar.dimension,
                "label": bar.label,
                "points": bar.points,
                "events": [{"words": e.words, "points": e.points} for e in bar.events],
            }
            for bar in found.bars
        ],
    }


def _view_json(view: RiskView, supplier: Supplier) -> Json:
    result = view.card.result
    before = result.band_without_floor
    return {
        "supplier": supplier_json(supplier),
        "as_of": view.as_of.isoformat(),
        "method": view.method.label,
        "value": result.value,
        "state": str(result.state),
        "coverage": result.coverage,
        "bounds": [result.lower, result.upper],
        "band": None if result.band is None else str(result.band),
        "band_without_floor": None if before is None else str(before),
        "floors": [
            {
                "reason": str(floor.reason),
                "band": str(floor.band),
                "dimension": floor.dimension,
                "text": floor_sentence(str(floor.reason)),
            }
            for floor in result.floors
        ],
        "arithmetic": result.arithmetic,
        "imbalance": result.imbalance,
        "dimensions": [
            {
                "id": each.id,
                "risk": each.risk,
                "weight": result.weights[each.id],
                "contribution": result.contributions.get(each.id),
                "imbalance_share": result.imbalance_shares.get(each.id),
                "reason": each.reason,
                "explanation": sentence(each),
                "inputs": each.inputs,
            }
            for each in view.card.dimensions
        ],
    }


def _print_view(view: RiskView, supplier: Supplier) -> None:
    console, result = Console(), view.card.result
    band = "insufficient data" if result.band is None else str(result.band)
    console.print(f"[bold]{supplier.name}[/bold]  as of {view.as_of.isoformat()}")
    console.print(
        f"Supply risk index {formatting.number(result.value, 1)}, {band}, "
        f"coverage {formatting.percent(result.coverage, 0)}, method {view.method.label}"
    )
    for floor in result.floors:
        console.print(floor_sentence(str(floor.reason)))
    table = Table("dimension", "risk", "weight", "adds", "", box=None)
    for each in view.card.dimensions:
        table.add_row(
            LABELS[each.id],
            formatting.number(each.risk, 1),
            str(result.weights[each.id]),
            formatting.number(result.contributions.get(each.id), 2),
            sentence(each),
        )
    table.add_row("Imbalance", "", "", formatting.number(result.imbalance, 2), "")
    console.print(table)
