"""`flask rollup`: the derived verdicts and monthly sums, which can always be made anew."""

from __future__ import annotations

import click

from app.base import db
from app.facts.deliveries import rollup
from app.facts.deliveries.publishing import closed_until


@click.group("rollup")
def group() -> None:
    """The monthly roll-up, which publishing keeps up to date by itself."""


@group.command("rebuild")
@click.option("--rejudge", is_flag=True, help="Judge every line from its facts first.")
def rebuild(rejudge: bool) -> None:
    """Make the roll-up anew from judged lines. It changes no figure; others wait meanwhile."""
    with db.transaction() as session:
        # As publishing counts it: a recompute as of an earlier day opens no window again.
        rollup.rebuild(session, until=closed_until(session) if rejudge else None)
    click.echo("The roll-up is rebuilt.", err=True)
