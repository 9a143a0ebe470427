"""`flask standings`: on which terms we buy, and whether one may order today."""

from __future__ import annotations

from datetime import datetime

import click
from rich.console import Console
from rich.table import Table

from app.base import clock, formatting
from app.cli.output import DAY, json_option, print_json, reading, supplier_json
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.standings import queries


@click.group("standings")
def group() -> None:
    """On which terms we buy: standings and exceptions from blocks."""


@group.command("show")
@click.argument("supplier")
@click.option("--on", type=DAY, help="On this day; default: today.")
@json_option
def show(supplier: str, on: datetime | None, as_json: bool) -> None:
    """Say whether one may order from SUPPLIER (number, exact name or public id), and why."""
    day = clock.today() if on is None else on.date()
    with reading() as session:
        found = suppliers.find_supplier(session, supplier)
        terms = queries.terms_on(session, found.id, day)
    if as_json:
        print_json({"supplier": supplier_json(found), "on": day.isoformat(), **terms.told})
        return
    console = Console()
    console.print(f"[bold]{found.name}[/bold]  {formatting.day(day)}: {terms.words}")
    console.print(f"May order: {terms.answer}. {terms.reason}")


@group.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """List the suppliers that are restricted or blocked today."""
    with reading() as session:
        found = queries.strict_on(session, clock.today())
        known = suppliers.suppliers_by_id(session, list(found))
    if as_json:
        rows = [
            {"supplier": supplier_json(known[key]), **terms.told} for key, terms in found.items()
        ]
        print_json({"on": clock.today().isoformat(), "suppliers": rows})
        return
    table = Table("supplier", "standing", "since", "until", "may order", "why", box=None)
    for key, terms in found.items():
        since, until = (
            "" if day is None else day.isoformat() for day in (terms.since, terms.until)
        )
        table.add_row(known[key].name, terms.words, since, until, str(terms.answer), terms.reason)
    Console().print(table)
