"""`flask db`: the schema."""

from __future__ import annotations

import click

from app.base import db, migrating


@click.group("db")
def group() -> None:
    """Bring the database's schema up to date, or back."""


@group.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Upgrade the schema to REVISION (default: the newest)."""
    migrating.upgrade(db.current(), revision)
    click.echo("The schema is up to date.", err=True)


@group.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the schema back to REVISION; `base` drops every table and all data."""
    click.confirm(f"Downgrade to {revision}? Data in dropped tables is lost", abort=True)
    migrating.downgrade(db.current(), revision)


@group.command("revision")
@click.argument("subject")
def revision(subject: str) -> None:
    """Draft a revision from what the models changed, for developers; SUBJECT names it."""
    path = migrating.draft(db.current(), subject)
    click.echo(f"Written: {path}. Go through its checklist, then delete the checklist.")
