"""`flask risk`: the supply risk index, worked out now."""

from __future__ import annotations

from datetime import datetime

import click
from rich.console import Console
from rich.table import Table

from app.base import formatting
from app.base.errors import InvalidInput
from app.cli.output import (
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
from app.judgement.risk_index import queries
from app.judgement.risk_index.explanations import LABELS, floor_sentence, sentence
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
