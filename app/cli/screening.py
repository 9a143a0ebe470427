"""`flask screening`: load lists, screen suppliers, see what was found."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from app.base import clock, db, formatting
from app.base.errors import AppError, Conflict
from app.cli.output import DAY, json_option, print_json, reading
from app.facts.evidence.screening import lists, queries, running, wording
from app.facts.evidence.screening.models import Because, ScreeningList
from app.facts.evidence.screening.queries import MatchFilter
from app.facts.evidence.screening.reading import read_list
from app.platform.imports.mapping import ENCODINGS
from app.platform.imports.source_file import SourceFile
from app.platform.jobs.handle import Run

EVERYTHING = 1_000_000
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("screening")
def group() -> None:
    """Sanctions screening: lists, runs, matches."""


@group.command("load")
@click.argument(
    "path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--list", "source", required=True, help="The list's name; “ofac” is OFAC's SDN table."
)
@click.option(
    "--edition",
    required=True,
    type=DAY,
    help="The day of the edition, as its publisher names it.",
)
@click.option("--encoding", type=click.Choice(list(ENCODINGS)), default="utf-8", show_default=True)
@click.option("--dry-run", is_flag=True, help="Read, check and count; keep nothing.")
def load(path: Path, source: str, edition: datetime, encoding: str, dry_run: bool) -> None:
    """Load FILE as an edition of a list, put it in force and screen everybody against it."""
    try:
        file = read_list(
            SourceFile(path.name, path=path), lists.layout_of(source), encoding=encoding
        )
        with db.transaction() as session:
            row = lists.check(
                session, file, source=source, edition=edition.date(), file_name=path.name
            )
            _tell(row)
            if dry_run:
                session.rollback()
                click.echo("Checked; nothing is kept.")
                return
            lists.put_in_force(session, row.public_id)
        click.echo("In force.")
        _screen(Because.LIST)
    except Conflict as error:
        if error.code != "E-SAN-02":
            raise click.ClickException(str(error)) from error
        click.echo(error.message)
    except AppError as error:
        raise click.ClickException(str(error)) from error


@group.command("run")
def run() -> None:
    """Screen every supplier whose names, lists or setting changed since its last screening."""
    try:
        _screen(Because.ASKED)
    except AppError as error:
        raise click.ClickException(str(error)) from error


@group.command("lists")
@json_option
def show_lists(as_json: bool) -> None:
    """List the editions of all lists, with the age of those in force."""
    with reading() as session:
        rows, ages = queries.editions(session), lists.ages(session, clock.today())
    days = {each.public_id: each for each in ages}
    if as_json:
        print_json([
            {
                "list": row.source, "edition": row.edition.isoformat(), "state": row.state,
                "entries": row.entries, "counts": row.counts, "sha256": row.file_sha256,
                "is_compared": row.public_id in days,
            }
            for row in rows
        ])  # fmt: skip
        return
    table = Table("list", "edition", "entries", "state", "age", box=None)
    for row in rows:
        age = days.get(row.public_id)
        said = "" if age is None else formatting.count(age.days, "day")
        if age is not None and age.is_old:
            said += ", old"
        table.add_row(
            row.source, row.edition.isoformat(), formatting.number(row.entries),
            wording.LIST_WORDS[row.state][1], said,
        )  # fmt: skip
    Console().print(table)


@group.command("matches")
@click.option(
    "--state", type=click.Choice(list(wording.STATE_WORDS)), help="Only those in this state."
)
@json_option
def matches(state: str | None, as_json: bool) -> None:
    """List the matches, those that wait for a decision first."""
    wanted = MatchFilter(states=[state] if state else ())
    with reading() as session:
        rows, _ = queries.matches_page(session, wanted, limit=EVERYTHING)
    if as_json:
        print_json([
            {
                "id": str(row.public_id), "supplier": row.supplier_number, "name": row.supplier,
                "listed_name": row.listed_name, "list": row.source, "entry": row.entry_key,
                "edition": row.edition.isoformat(), "score": round(row.score, 1),
                "state": row.state, "why": row.reason,
            }
            for row in rows
        ])  # fmt: skip
        return
    table = Table("supplier", "listed name", "list", "score", "state", box=None)
    for row in rows:
        table.add_row(
            row.supplier, row.listed_name, f"{row.source} {row.edition.isoformat()}",
            formatting.number(row.score), wording.STATE_WORDS[row.state][1],
        )  # fmt: skip
    Console().print(table)


def _tell(row: ScreeningList) -> None:
    counted = ", ".join(
        f"{formatting.number(n)} {wording.ENTRY_WORDS[kind]}" for kind, n in row.counts.items()
    )
    click.echo(f"{row.file_name}: {formatting.count(row.entries, 'entry', 'entries')} ({counted}).")
    changes = row.changes
    if "former_edition" in changes:
        click.echo(
            f"Against edition {changes['former_edition']}: {changes['new']} new, "
            f"{changes['changed']} changed, {changes['gone']} gone, "
            f"{changes['unchanged']} as they were."
        )
    if lists.is_shrinking(changes):
        click.echo("warning: more than a tenth of the entries are gone; is the file cut off?")
    if changes["unread"]:
        click.echo(f"warning: columns not read: {', '.join(changes['unread'])}")


def _screen(because: Because) -> None:
    outcome = running.screen(Run.by_hand(), because=because)
    click.echo(running.NO_LIST if outcome is None else outcome.summary)
