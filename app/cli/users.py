"""`flask users`: the first administrator, one-time links, ending sessions."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from app.base import db
from app.base.errors import AppError
from app.platform.accounts import queries, services
from app.platform.accounts.models import SecretPurpose

BY = "command line"


@click.group("users")
def group() -> None:
    """Create accounts and let people in."""


@group.command("create-admin")
@click.option("--email", required=True, help="The address the account signs in with.")
@click.option("--name", default=None, help="How the person is written; else from the address.")
@with_appcontext
def create_admin(email: str, name: str | None) -> None:
    """Create an administrator and print a one-time link that sets the password."""
    try:
        with db.transaction() as session:
            user_id = services.create_admin(session, email=email, name=name)
            secret = services.issue_secret(
                session, user_id=user_id, purpose=SecretPurpose.INVITATION, by=BY
            )
    except AppError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Sign in once within 72 hours: {_address(secret, SecretPurpose.INVITATION)}")


@group.command("one-time-link")
@click.option("--email", required=True)
@with_appcontext
def one_time_link(email: str) -> None:
    """Print a link that signs an existing account in, once, within 24 hours."""
    with db.transaction() as session:
        person = queries.person_by_email(session, email.strip().lower())
        if person is None:
            raise click.ClickException(f"There is no account {email}.")
        secret = services.issue_secret(
            session, user_id=person.id, purpose=SecretPurpose.SIGN_IN, by=BY
        )
    click.echo(f"Sign in once within 24 hours: {_address(secret, SecretPurpose.SIGN_IN)}")


@group.command("disable")
@click.option("--email", required=True)
def disable(email: str) -> None:
    """Switch an account off and end its sessions."""
    with db.transaction() as session:
        person = queries.person_by_email(session, email.strip().lower())
        if person is None:
            raise click.ClickException(f"There is no account {email}.")
        services.disable(session, user_id=person.id)
    click.echo(f"{person.email} is switched off; its sessions have ended.")


@group.command("list")
def list_people() -> None:
    """List the accounts."""
    with db.reading() as session:
        for person in queries.people(session):
            state = "active" if person.is_active else "switched off"
            click.echo(f"{person.email}\t{person.name}\t{state}")


def _address(secret: str, purpose: SecretPurpose) -> str:
    base_url: str = current_app.config["SETTINGS"].base_url
    return services.link_address(base_url, purpose, secret)
