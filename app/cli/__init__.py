"""The command line: one module per group of commands, the same services as the web page."""

from __future__ import annotations

from flask import Flask

from app.cli import db, demo, jobs, serve, users


def register(app: Flask) -> None:
    """Add every group of commands to the application."""
    app.cli.add_command(db.group)
    app.cli.add_command(demo.group)
    app.cli.add_command(jobs.group)
    app.cli.add_command(jobs.worker)
    app.cli.add_command(serve.command)
    app.cli.add_command(users.group)
