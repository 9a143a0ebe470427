"""`flask users grant` and `revoke`: roles from the command line, by the page's rules."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import click
from sqlalchemy.orm import Session

from app.base import db
from app.base.errors import AppError
from app.platform.accounts import grant_queries, grants, queries
from app.platform.accounts.grant_models import Role
from app.platform.accounts.grants import Scope
from app.platform.accounts.queries import Person

ROLES = click.Choice([str(role) for role in Role if role is not Role.SERVICE])
DAY = click.DateTime(["%Y-%m-%d"])


@click.command("grant")
@click.option("--email", required=True)
@click.option("--role", type=ROLES, required=True)
@click.option("--reason", required=True, help="Stands in the audit log, 10 to 500 characters.")
@click.option("--category", help="Of a buyer: the category's name; those below it are included.")
@click.option("--site", help="Of a buyer: one of our own sites, by name.")
@click.option("--supplier", help="Of a supplier contact: the supplier's number.")
@click.option("--kind", "kinds", multiple=True, help="Of an approver: a kind of object.")
@click.option("--limit", type=Decimal, help="Of an approver: the largest value.")
@click.option("--currency", help="Of the limit.")
@click.option("--from", "from_on", type=DAY, help="The first day; today without it.")
@click.option("--until", "until_on", type=DAY, help="The last day; open without it.")
def grant(
    email: str,
    role: str,
    reason: str,
    category: str | None,
    site: str | None,
    supplier: str | None,
    kinds: tuple[str, ...],
    limit: Decimal | None,
    currency: str | None,
    from_on: datetime | None,
    until_on: datetime | None,
) -> None:
    """Give an account a role."""
    try:
        with db.transaction() as session:
            person = _person(session, email)
            scope = Scope(
                category_id=_named(category, grant_queries.categories(session), "category"),
                site_id=_named(site, grant_queries.own_sites(session), "site"),
                supplier_id=grant_queries.supplier_numbered(session, supplier)
                if supplier
                else None,
                object_types=kinds or None,
                value_limit=limit,
                limit_currency=currency,
            )
            row = grants.grant(
                session,
                user_id=person.id,
                role=Role(role),
                reason=reason,
                scope=scope,
                from_on=None if from_on is None else from_on.date(),
                until_on=None if until_on is None else until_on.date(),
            )
            is_alone = row.is_independent is False
    except AppError as error:
        raise click.ClickException(str(error)) from error
    said = " It is marked as not independent: nobody else agreed to it." if is_alone else ""
    click.echo(f"{person.email} is {grants.titles([role])[0].lower()} now.{said}")


@click.command("revoke")
@click.option("--email", required=True)
@click.option("--role", type=ROLES, required=True)
@click.option("--reason", required=True, help="Stands in the audit log, 10 to 500 characters.")
def revoke(email: str, role: str, reason: str) -> None:
    """Take a role back, in every scope in which the account holds it."""
    try:
        with db.transaction() as session:
            person = _person(session, email)
            given = [each for each in grant_queries.grants_of(session, person.id)
                     if each.role == role and each.revoked_at is None]  # fmt: skip
            for each in given:
                grants.revoke(session, public_id=each.public_id, reason=reason)
    except AppError as error:
        raise click.ClickException(str(error)) from error
    if not given:
        raise click.ClickException(f"{email} does not hold this role.")
    click.echo(f"{person.email} is {grants.titles([role])[0].lower()} no longer.")


def _person(session: Session, email: str) -> Person:
    person = queries.person_by_email(session, email.strip().lower())
    if person is None:
        raise click.ClickException(f"There is no account {email}.")
    return person


def _named(name: str | None, known: list[grant_queries.Choice], what: str) -> int | None:
    if name is None:
        return None
    for each in known:
        if each.name == name:
            return each.id
    raise click.ClickException(f"There is no {what} {name!r}.")
