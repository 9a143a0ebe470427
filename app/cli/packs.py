"""`flask packs`: print packs and scorecards."""

from __future__ import annotations

import getpass
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.base import formatting
from app.base.errors import AppError
from app.base.pdf.renderer import Renderer
from app.cli.output import reading
from app.facts.suppliers import queries as suppliers
from app.reviews.packs.printing import workshop_of
from app.reviews.packs.services import Outcome, PackKind, PackRequest, produce


@click.group("packs")
def group() -> None:
    """Printed review packs and scorecards."""


@group.command("render")
@click.option("--supplier", "supplier", metavar="NAME", help="Number, exact name or public id.")
@click.option("--all", "everybody", is_flag=True, help="Every supplier, own warehouses left out.")
@click.option(
    "--kind", type=click.Choice([str(kind) for kind in PackKind]), default="qbr", show_default=True
)
@click.option("--period", required=True, help="2012Q4, 2012, 2012-10, or 12m.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Copy them here.")
@click.option("--processes", type=click.IntRange(1), help="Children that print; default: cores.")
@with_appcontext
def render(
    supplier: str | None,
    everybody: bool,
    kind: str,
    period: str,
    out: Path | None,
    processes: int | None,
) -> None:
    """Print one supplier's document, or everybody's; unchanged ones are reused.

    The path of each file stands on standard output, everything else on standard error.
    """
    if (supplier is None) != everybody:
        raise click.UsageError("Give either --supplier NAME or --all.")
    requests = [PackRequest(each, PackKind(kind), period) for each in _wanted(supplier)]
    workshop = workshop_of(current_app.config["SETTINGS"], by=f"cli:{getpass.getuser()}")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    try:
        with Renderer(processes=processes or (1 if len(requests) == 1 else None)) as renderer:
            outcomes = produce(requests, workshop=workshop, renderer=renderer)
            failed = _reported(outcomes, out, total=len(requests))
    except AppError as error:
        raise click.ClickException(str(error)) from error
    if failed:
        sys.exit(1)


def _wanted(supplier: str | None) -> Sequence[int]:
    with reading() as session:
        if supplier is None:
            return suppliers.rated_supplier_ids(session)
        return [suppliers.find_supplier(session, supplier).id]


def _reported(outcomes: Iterable[Outcome], out: Path | None, *, total: int) -> int:
    """Print a path per document and say what failed; return how many failed."""
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    columns = (TextColumn("Printing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    failed = 0
    bar = Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)
    with bar:
        task = bar.add_task("", total=total)
        for outcome in outcomes:
            bar.advance(task)
            if outcome.file is None:
                failed += 1
                errors.print(f"Error: {outcome.error}", markup=False)
                continue
            path = _delivered(outcome, outcome.file, out)
            click.echo(str(path))
            pages = formatting.count(outcome.pages, "page")
            errors.print(f"  {pages}{', unchanged' if outcome.was_reused else ''}", markup=False)
    return failed


def _delivered(outcome: Outcome, stored: Path, out: Path | None) -> Path:
    """Copy a stored file under the name that people recognise; return where it is."""
    if out is None:
        return stored
    path = out / outcome.file_name
    shutil.copyfile(stored, path)
    return path
