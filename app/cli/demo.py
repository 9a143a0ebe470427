"""`flask demo`: the demo company, loaded and taken out again."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from app.base import db
from app.base.errors import AppError
from app.faces.demo import generator, services
from app.reviews.packs.services import stored_path
from config import Settings


@click.group("demo")
def group() -> None:
    """Load the demo company into an empty database, or take it out."""


@group.command("load")
def load() -> None:
    """Load the demo company; refused beside real users or their data."""
    try:
        with db.reading() as session:
            services.check_loadable(session)
        rows = generator.build()
        with db.transaction() as session:
            result = services.load(session, by="flask demo load", rows=rows)
    except AppError as error:
        raise click.ClickException(str(error)) from error
    counts = result.rows
    click.echo(
        f"The demo company is loaded: {counts['supplier']} suppliers, {counts['part']} parts, "
        f"{counts['schedule_line']:,} order lines, {counts['receipt']:,} receipts. "
        "Next: flask recompute."
    )


@group.command("remove")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def remove(yes: bool) -> None:
    """Take out the demo company with its scores and packs; nothing else is touched."""
    if not yes:
        click.confirm("Remove the demo company with its scores and packs", abort=True)
    try:
        with db.transaction() as session:
            result = services.remove(session)
    except AppError as error:
        raise click.ClickException(str(error)) from error
    # Only now: a removal that failed keeps its files.
    settings: Settings = current_app.config["SETTINGS"]
    for pack in result.packs:
        stored_path(settings.files, pack).unlink(missing_ok=True)
    click.echo(f"The demo company is gone: {result.suppliers} suppliers, {result.rows:,} rows.")
