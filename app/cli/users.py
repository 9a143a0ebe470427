"""`flask users`: the first administrator, one-time links, ending sessions."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from app.base import db, formatting
from app.base.errors import AppError
from app.cli import roles
from app.platform.accounts import factors, grants, letters, queries, services, sessions
from app.platform.accounts.models import SecretPurpose
from app.platform.accounts.queries import Person
from app.platform.audit import security
from app.platform.audit.security import Kind

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
    click.echo(
        "An administrator manages accounts and sees no supplier. What else it needs is given by"
        f" flask users grant --email {email} --role risk_manager --reason TEXT",
        err=True,
    )


@group.command("one-time-link")
@click.option("--email", required=True)
@with_appcontext
def one_time_link(email: str) -> None:
    """Print a link that signs an existing account in, once, within 24 hours."""
    with db.transaction() as session:
        person = _known(session, email)
        secret = services.issue_secret(
            session, user_id=person.id, purpose=SecretPurpose.SIGN_IN, by=BY
        )
    click.echo(f"Sign in once within 24 hours: {_address(secret, SecretPurpose.SIGN_IN)}")


@group.command("disable")
@click.option("--email", required=True)
def disable(email: str) -> None:
    """Switch an account off and end its sessions."""
    with db.transaction() as session:
        person = _known(session, email)
        services.disable(session, user_id=person.id)
    click.echo(f"{person.email} is switched off; its sessions have ended.")


@group.command("end-sessions")
@click.option("--email", required=True)
def end_sessions(email: str) -> None:
    """End every session of an account."""
    with db.transaction() as session:
        person = _known(session, email)
        ended = sessions.end_sessions(session, user_id=person.id)
    click.echo(f"{formatting.count(ended, 'session')} of {person.email} ended.")


@group.command("reset-factors")
@click.option("--email", required=True)
def reset_factors(email: str) -> None:
    """Forget somebody's second factors, because they have lost them; their sessions end."""
    with db.transaction() as session:
        person = _known(session, email)
        factors.remove_all(session, user_id=person.id)
        services.void_secrets(session, user_id=person.id)
        sessions.end_sessions(session, user_id=person.id)
        sessions.forget_devices(session, user_id=person.id)
        what = "All second factors of it were removed on the command line."
        letters.tell_of_change(session, person=person, what=what)
    security.note(Kind.FACTOR_REMOVED, user_id=person.id, who=person.email, what="all")
    click.echo(f"{person.email} has no second factor now; every session ended.")


@group.command("list")
def list_people() -> None:
    """List the accounts."""
    with db.reading() as session:
        for person in queries.people(session):
            state = "active" if person.is_active else "switched off"
            roles = ", ".join(grants.titles(grants.roles_held(session, person.id))) or "no role"
            click.echo(f"{person.email}\t{person.name}\t{state}\t{roles}")


def _known(session: Session, email: str) -> Person:
    person = queries.person_by_email(session, email.strip().lower())
    if person is None:
        raise click.ClickException(f"There is no account {email}.")
    return person


def _address(secret: str, purpose: SecretPurpose) -> str:
    base_url: str = current_app.config["SETTINGS"].base_url
    return services.link_address(base_url, purpose, secret)


group.add_command(roles.grant)
group.add_command(roles.revoke)
