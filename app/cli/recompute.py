"""`flask recompute`: close windows, publish scorecards and risk indexes."""

from __future__ import annotations

import json
from datetime import date, datetime

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from app.base.errors import AppError
from app.cli.output import DAY
from app.platform.jobs.handle import Run


@click.command("recompute")
@click.option(
    "--as-of",
    type=DAY,
    help="As of the close of this day; default: the day of the latest fact.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
def command(as_of: datetime | None, as_json: bool) -> None:
    """Work out every scorecard and risk index and publish what changed."""
    from app import timetable

    day: date | None = None if as_of is None else as_of.date()
    errors = Console(stderr=True)
    columns = (TextColumn("Recomputing"), BarColumn(), TimeElapsedColumn())
    try:
        with Progress(
            *columns, console=errors, transient=True, disable=not errors.is_terminal
        ) as bar:
            task = bar.add_task("", total=None)
            watched = Run.by_hand(lambda done, total: bar.update(task, completed=done, total=total))
            result = timetable.recompute(day, run=watched)
    except AppError as error:
        raise click.ClickException(str(error)) from error
    if not as_json:
        click.echo(result.summary)
        return
    published = {
        kind: {"written": each.written, "restated": each.restated, "unchanged": each.unchanged}
        for kind, each in result.published.items()
    }
    report = {
        "as_of": result.as_of.isoformat(),
        "windows_closed": result.windows_closed,
        "published": published,
        "carried": result.carried,
        "proposed": result.proposed,
    }
    click.echo(json.dumps(report, indent=2))
