"""`flask import`: files into facts, and back out."""

from __future__ import annotations

import getpass
import math
import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from app.base import db
from app.base.errors import AppError, Conflict
from app.base.formatting import count, number
from app.platform.imports import mapping_files, reject_file, services
from app.platform.imports.kinds import Counts
from app.platform.imports.mapping import Answers, Mapping
from app.platform.imports.problems import Code, NeedsAnswer
from app.platform.imports.services import Options
from app.platform.imports.source_file import SourceFile
from app.platform.sources import queries
from app.platform.sources.queries import BatchRow

SHOWN_PROBLEMS = 200
# A key has 63 bits.
BATCH = re.compile("#?[0-9]{1,18}")
Report = Callable[[float, int], None]


def _a_number(context: click.Context, option: click.Parameter, share: float) -> float:
    """Refuse what a range lets through because it compares with nothing."""
    if math.isnan(share):
        raise click.BadParameter("nan is not a number from 0 to 1.", context, option)
    return share


@click.command("import")
@click.argument("words", nargs=-1, metavar="FILE | undo BATCH")
@click.option("--mapping", metavar="NAME|PATH", help="How the file's columns are to be read.")
@click.option("--dry-run", is_flag=True, help="Check and count; publish nothing.")
@click.option("--strict", is_flag=True, help="Refuse the whole file for any bad row.")
@click.option(
    "--tolerate",
    type=click.FloatRange(0, 1),
    callback=_a_number,
    default=services.TOLERATED,
    show_default=True,
    help="Share of bad rows that may stand aside.",
)
@click.option("--sheet", help="Sheet of a workbook.")
@click.option("--encoding", type=click.Choice(["utf-8", "utf-16", "cp1252"]))
@click.option("--decimal", type=click.Choice([".", ","]), help="Decimal sign of all numbers.")
@click.option("--date", "date_format", metavar="FORMAT", help="Format of all dates: d.m.yyyy.")
@click.option(
    "--create",
    multiple=True,
    type=click.Choice(["supplier", "part", "site", "category", "all"]),
    help="Let unknown ones be created, beyond what the mapping allows.",
)
@click.option("--rejects", type=click.Path(path_type=Path), help="Write the bad rows to this file.")
@click.option("--list-mappings", is_flag=True, help="List mappings and templates, and end.")
def command(
    words: tuple[str, ...],
    mapping: str | None,
    dry_run: bool,
    strict: bool,
    tolerate: float,
    sheet: str | None,
    encoding: str | None,
    decimal: str | None,
    date_format: str | None,
    create: tuple[str, ...],
    rejects: Path | None,
    list_mappings: bool,
) -> None:
    """Import FILE (CSV or XLSX) through a mapping, or undo an import."""
    if list_mappings:
        _list_mappings()
        return
    if len(words) == 2 and words[0] == "undo" and BATCH.fullmatch(words[1]):
        _undo(int(words[1].lstrip("#")))
        return
    if len(words) != 1 or mapping is None:
        raise click.UsageError("Give one FILE and --mapping NAME|PATH, or: undo BATCH.")
    answers = Answers(
        encoding=encoding,
        sheet=sheet,
        decimal=decimal,
        date=date_format,
        creates=frozenset(create),
    )
    options = Options(tolerate=0.0 if strict else tolerate, answers=answers)
    with _told():
        source = _source(Path(words[0]))
        _import(source, mapping_files.mapping_named(mapping), options, dry_run, rejects)


def _import(
    source: SourceFile, mapping: Mapping, options: Options, dry_run: bool, rejects: Path | None
) -> None:
    try:
        with _progress(source.name) as report:
            batch_id = services.stage_file(
                source, mapping, by=_actor(), options=options, progress=report
            )
    except Conflict as conflict:
        if conflict.code != Code.ALREADY_IMPORTED:
            raise
        click.echo(conflict.message)
        return
    try:
        _tell_problems(batch_id, rejects)
        counts = services.preview(batch_id) if dry_run else None
        if counts is None:
            published = services.publish(batch_id, by=_actor())
            counts = published.counts
    except AppError:
        services.discard(batch_id)
        raise
    with db.reading() as session:
        batch = queries.batch_row(session, batch_id)
        refused = services.refusal(session, batch_id) if dry_run else None
    _summarise(batch, counts, dry_run=dry_run)
    if dry_run:
        services.discard(batch_id)
    if refused is not None:
        raise click.ClickException(f"{Code.TOO_MANY_BAD}: {refused}")


def _source(path: Path) -> SourceFile:
    if not path.is_file():
        raise click.BadParameter(f"{path} is no file.", param_hint="FILE")
    return SourceFile(path.name, path=path)


def _undo(batch_id: int) -> None:
    with _told():
        kept = services.undo(batch_id, by=_actor())
    click.echo(f"Import #{batch_id} is undone.")
    if kept:
        named = ", ".join(count(n, entity, _plural(entity)) for entity, n in kept.items())
        click.echo(f"Kept, because others use them: {named}.")


def _list_mappings() -> None:
    for mapping in mapping_files.available():
        click.echo(f"{mapping.name:34} {mapping.kind:18} {mapping.title}")


def _tell_problems(batch_id: int, rejects: Path | None) -> None:
    """Print what is wrong with the rows on standard error, the first 200 of it."""
    with db.reading() as session:
        problems = queries.problems(session, batch_id, limit=SHOWN_PROBLEMS)
        total = queries.problem_count(session, batch_id)
        if rejects is not None and total:
            rejects.write_bytes(reject_file.content(session, batch_id))
    for problem in problems:
        click.echo(f"{problem.code}: {problem.message}", err=True)
    if total > len(problems):
        click.echo(f"and {number(total - len(problems))} more.", err=True)
    if rejects is not None and total:
        click.echo(f"Bad rows written to {rejects}.", err=True)


def _summarise(batch: BatchRow, counts: Counts, *, dry_run: bool) -> None:
    done = "Checked, nothing published" if dry_run else f"Published as import #{batch.id}"
    click.echo(f"{batch.file_name}: {done}.")
    lines = [
        ("rows read", batch.rows_read),
        ("new", counts.new),
        ("changed", counts.changed),
        ("unchanged", counts.unchanged),
        ("standing aside", batch.rows_aside),
    ]
    for label, figure in lines:
        click.echo(f"  {label:22} {number(figure):>12}")
    for entity, figure in counts.created.items():
        label = f"{_plural(entity)} created"
        click.echo(f"  {label:22} {number(figure):>12}")
    for kind, figure in Counter(batch.summary.get("warnings", {})).most_common():
        click.echo(f"  warning: {kind}: {number(figure)}")
    if unknown := batch.summary.get("unknown_columns"):
        click.echo(f"  warning: columns not read: {', '.join(unknown)}")
    if sample := batch.summary.get("sample"):
        click.echo(f"  Read as Windows-1252: {sample}")


def _plural(entity: str) -> str:
    return entity[:-1] + "ies" if entity.endswith("y") else entity + "s"


def _actor() -> str:
    return f"{getpass.getuser()} (command line)"


@contextmanager
def _told() -> Iterator[None]:
    """Say an AppError on standard error and end with status 1."""
    try:
        yield
    except AppError as error:
        raise click.ClickException(f"{error.code}: {error.message}{_answers(error)}") from error


def _answers(error: AppError) -> str:
    """Return the options that answer what the file asks."""
    if not isinstance(error, NeedsAnswer) or not error.question:
        return ""
    said = (f"--{error.question} {shlex.quote(each)}" for each in error.proposals)
    return f" Answer with {' or '.join(said)}"


@contextmanager
def _progress(name: str) -> Iterator[Report | None]:
    """Yield what shows how far reading is; a bar on a terminal, nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn(name),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %  {task.fields[rows]} rows"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0, rows="0")
        yield lambda fraction, rows: bar.update(task, completed=fraction, rows=number(rows))
