"""The command line: one module per group of commands, the same services as the web page."""

from __future__ import annotations

from flask import Flask

from app.cli import (
    db,
    demo,
    imports,
    jobs,
    packs,
    recompute,
    risk,
    rollup,
    scorecard,
    serve,
    users,
)


def register(app: Flask) -> None:
    """Add every group of commands to the application."""
    app.cli.add_command(db.group)
    app.cli.add_command(demo.group)
    app.cli.add_command(imports.command)
    app.cli.add_command(jobs.group)
    app.cli.add_command(jobs.worker)
    app.cli.add_command(packs.group)
    app.cli.add_command(recompute.command)
    app.cli.add_command(risk.group)
    app.cli.add_command(rollup.group)
    app.cli.add_command(scorecard.group)
    app.cli.add_command(serve.command)
    app.cli.add_command(users.group)
