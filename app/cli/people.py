"""`flask people`: what is kept about a person, and erasing a person."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.base import db
from app.base.errors import AppError
from app.platform.accounts import erasing, queries
from app.platform.audit import disclosure, erasure, security
from app.platform.audit.security import Kind
from config import Settings


@click.group("people")
def group() -> None:
    """Tell a person what is kept about them, or erase them."""


@group.command("export")
@click.argument("email")
@click.option("--to", "file", type=click.Path(path_type=Path), help="A file; default: print it.")
def export(email: str, file: Path | None) -> None:
    """Write everything kept about the person with this address, as JSON."""
    with db.reading() as session:
        told = disclosure.about(session, erasing.ENTITY, _person_id(email))
    security.note(Kind.PERSON_EXPORTED, about=told["person"]["id"])
    text = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)
    if file is None:
        click.echo(text)
        return
    file.touch(mode=0o600)
    file.write_text(text + "\n", encoding="utf-8")
    click.echo(f"Written: {file}.", err=True)


@group.command("erase")
@click.argument("email")
@click.option("--reason", required=True, help="Why, in 10 to 500 characters; no names.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def erase(email: str, reason: str, yes: bool) -> None:
    """Erase the person with this address for good; the audit log stays whole."""
    settings: Settings = current_app.config["SETTINGS"]
    user_id = _person_id(email)
    if not yes:
        click.confirm(f"Erase {email}? This can't be undone", abort=True)
    try:
        with db.transaction() as session:
            erased = erasure.erase_person(session, erasing.ENTITY, user_id, reason=reason)
    except AppError as error:
        raise click.ClickException(str(error)) from error
    erasure.note_in_journal(settings.instance, erased)
    erasure.scrub(db.current())
    click.echo(f"Erased: account {user_id}; {erased.rows_renamed} rows that named the person.")
    if erased.name_is_shared:
        click.echo("Somebody else has the same name: rows that hold the name alone were left.")
    click.echo("Backups still hold the person until they are gone; restoring one erases again.")


def _person_id(email: str) -> int:
    with db.reading() as session:
        person = queries.person_by_email(session, email.strip().lower())
    if person is None:
        raise click.ClickException(f"There is no account {email}.")
    return person.id
