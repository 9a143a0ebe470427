"""`flask backup`: make one, prove one, restore one."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

import click
from flask import current_app
from sqlalchemy import make_url

from app.base import db
from app.base.errors import AppError
from app.platform.audit.appending import code_version
from app.platform.operations import backups, restoring
from app.upkeep import RESTORE_CHECKS, forget_the_erased
from config import Settings, database_url


@click.group("backup")
def group() -> None:
    """Back up everything but the keys, prove a backup, restore one."""


@group.command("make")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="Default: MAINSTAY_BACKUP_DIR."
)
def make(folder: Path | None) -> None:
    """Make a backup, print its path, and drop those that retention no longer keeps."""
    settings: Settings = current_app.config["SETTINGS"]
    began = monotonic()
    try:
        made = backups.make(
            db.current(),
            files=settings.files,
            folder=folder or settings.backups,
            version=code_version(),
        )
    except AppError as error:
        raise click.ClickException(str(error)) from error
    click.echo(str(made.path))
    took = monotonic() - began
    click.echo(f"{made.manifest.summary}; {made.size:,} bytes in {took:.1f} s.", err=True)
    for path in made.dropped:
        click.echo(f"No longer kept: {path.name}", err=True)


@group.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
def verify(file: Path) -> None:
    """Prove that FILE is a whole and unchanged backup; ends with 1 when it is not."""
    try:
        said = backups.verify(file)
    except AppError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Whole and unchanged: {said.summary}, made {said.made_at:%Y-%m-%d %H:%M} UTC.")


@group.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--into",
    required=True,
    help="An empty folder (SQLite) or the URL of an empty database (PostgreSQL).",
)
@click.option(
    "--files",
    type=click.Path(path_type=Path),
    help="The empty folder for stored files, where --into is a URL.",
)
def restore(file: Path, into: str, files: Path | None) -> None:
    """Restore FILE into an empty place, never over data, and prove what came back."""
    began = monotonic()
    place = database_url(into, Path()) if "://" in into else into
    try:
        done = restoring.restore(file, place, files=files, checks=RESTORE_CHECKS)
        forgotten = forget_the_erased(done)
    except AppError as error:
        raise click.ClickException(str(error)) from error
    shown = make_url(done.url).render_as_string(hide_password=True)
    click.echo(f"Restored and proved in {monotonic() - began:.1f} s: {done.manifest.summary}.")
    click.echo(f"Database: {shown}")
    click.echo(f"Files:    {done.files}")
    if forgotten:
        click.echo(f"Erased again, as since the backup: {forgotten} persons.")
