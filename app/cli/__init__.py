"""The command line: one module per group of commands, the same services as the web page."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import click
from flask import Flask

from app.base import acting
from app.base.db import clear_errors
from app.base.errors import AppError
from app.cli import (
    alerts,
    audit,
    backup,
    continuity,
    contracts,
    db,
    demo,
    imports,
    jobs,
    packs,
    people,
    recompute,
    risk,
    rollup,
    scorecard,
    screening,
    serve,
    standings,
    tokens,
    users,
)

COMMANDS: tuple[click.Command, ...] = (
    alerts.group,
    audit.group,
    backup.group,
    continuity.group,
    contracts.group,
    db.group,
    demo.group,
    imports.command,
    jobs.group,
    jobs.scheduler,
    jobs.worker,
    packs.group,
    people.group,
    recompute.command,
    risk.group,
    rollup.group,
    scorecard.group,
    screening.group,
    serve.command,
    standings.group,
    tokens.group,
    users.group,
)


def register(app: Flask) -> None:
    """Add every group of commands to the application, each acting as who typed it."""
    for command in COMMANDS:
        _let_act(command)
        app.cli.add_command(command)


def operator() -> acting.Actor:
    """Return who typed the command: the operating system's user, who may do everything here."""
    return acting.system(f"cli:{getpass.getuser()}", acting.Source.CLI)


def _let_act(command: click.Command) -> None:
    if isinstance(command, click.Group):
        for each in command.commands.values():
            _let_act(each)
    elif command.callback is not None and not hasattr(command.callback, "acts"):
        command.callback = _acting(command.callback)


def _acting(work: Callable[..., Any]) -> Callable[..., Any]:  # Any: click's callbacks
    @wraps(work)
    def act(*args: Any, **options: Any) -> Any:
        with acting.acting_as(operator()), _refusals_told():
            return work(*args, **options)

    act.__dict__["acts"] = True
    return act


@contextmanager
def _refusals_told() -> Iterator[None]:
    """Say on standard error what a command was refused for, and end with status 1."""
    try:
        with clear_errors():
            yield
    except AppError as error:
        raise click.ClickException(str(error)) from error
