"""`flask alerts`: judge the rules, list what stands, take in the presets."""

from __future__ import annotations

from datetime import datetime

import click
from rich.console import Console
from rich.table import Table

from app.base import db
from app.cli.output import DAY, json_option, print_json, reading
from app.judgement.alerts import evaluation, queries, services, telling


@click.group("alerts")
def group() -> None:
    """What rules raise: judge them, list what stands."""


@group.command("evaluate")
@click.option("--as-of", type=DAY, help="Default: the latest fact.")
@json_option
def evaluate(as_of: datetime | None, as_json: bool) -> None:
    """Judge every rule in force; the same day again changes nothing."""
    done = evaluation.evaluate(None if as_of is None else as_of.date())
    if as_json:
        print_json(
            {
                "as_of": done.as_of.isoformat(), "rules": done.rules, "raised": done.raised,
                "cleared": done.cleared, "left_out": done.left_out,
            }
        )  # fmt: skip
        return
    click.echo(done.summary)


@group.command("presets")
def presets() -> None:
    """Take in the rules that every house should begin with; those that are there stay."""
    with db.transaction() as session:
        count = services.take_presets(session)
    click.echo(f"{count} taken in.")


@group.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """List the alerts that stand, the gravest first."""
    with reading() as session:
        rows = queries.open_alerts(session)
    if as_json:
        print_json({"alerts": [telling.payload_of(row) for row in rows]})
        return
    table = Table("severity", "supplier", "what", "since", "state", box=None)
    for row in rows:
        alert = row.alert
        table.add_row(
            alert.severity, row.supplier_name, alert.last_words, alert.raised_on.isoformat(),
            alert.state,
        )  # fmt: skip
    Console().print(table)
