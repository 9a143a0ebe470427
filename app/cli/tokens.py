"""`flask tokens`: keys for programs, made, listed and taken back."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import click

from app.base import clock, db
from app.base.errors import AppError
from app.platform.accounts import grant_queries, tokens


@click.group("tokens")
def group() -> None:
    """Let programs in, for named permissions, until a day."""


@group.command("make")
@click.option("--name", required=True, help="Which program uses it.")
@click.option("--scope", "scopes", multiple=True, required=True, help="What it may do; repeat it.")
@click.option("--days", type=int, default=90, show_default=True, help="For how long.")
def make(name: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a token and print it, the only time that it can be seen."""
    try:
        with db.transaction() as session:
            token = tokens.make(
                session, name=name, scopes=scopes, expires_at=clock.now() + timedelta(days=days)
            )
    except AppError as error:
        raise click.ClickException(str(error)) from error
    click.echo(token)


@group.command("list")
def list_tokens() -> None:
    """List the tokens: id, program, what it may do, its end, whether it works."""
    with db.reading() as session:
        found = grant_queries.tokens(session)
    for each in found:
        ends = datetime.isoformat(each.expires_at.astimezone(UTC), timespec="minutes")
        state = "works" if each.is_good(clock.now()) else "dead"
        click.echo(f"{each.public_id}\t{each.name}\t{','.join(each.scopes)}\t{ends}\t{state}")


@group.command("revoke")
@click.argument("token_id", type=click.UUID)
@click.option("--reason", required=True, help="Stands in the audit log, 10 to 500 characters.")
def revoke(token_id: uuid.UUID, reason: str) -> None:
    """Take the token with this id back; the next request with it is refused."""
    try:
        with db.transaction() as session:
            tokens.revoke(session, public_id=token_id, reason=reason)
    except AppError as error:
        raise click.ClickException(str(error)) from error
    click.echo("The token is dead.")
