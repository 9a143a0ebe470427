"""`flask recompute`: close windows, publish scorecards and risk indexes."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from app.base import formatting
from app.base.errors import AppError
from app.cli.output import DAY, Json
from app.platform.jobs.handle import Run

if TYPE_CHECKING:
    from app.recompute import RecomputeResult


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
    click.echo(json.dumps(_report(result), indent=2) if as_json else result.summary)
    if result.failed:
        words = formatting.count(result.failed, "supplier")
        click.echo(f"{words} could not be judged; what was published before stands.", err=True)
        sys.exit(1)


def _report(result: RecomputeResult) -> Json:
    published = {
        kind: {"written": each.written, "restated": each.restated, "unchanged": each.unchanged}
        for kind, each in result.published.items()
    }
    return {
        "as_of": result.as_of.isoformat(),
        "windows_closed": result.windows_closed,
        "published": published,
        "carried": result.carried,
        "proposed": result.proposed,
        "failed": result.failed,
    }
