"""`flask serve`: everything on this machine in one command, until Ctrl-C.

Migrates, prepares a first look where there is nothing yet, then runs the web server
as a child process. Meant for one machine and for trying out; `docs/operations.md`
says how the parts run under a process manager.
"""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import click
from flask import current_app

from app.base import db, migrating
from app.cli.processes import Household, answers, is_free
from config import Settings

HOST = "127.0.0.1"
FIRST_PORT = 8000
PORTS_TO_TRY = 20
THREADS = 5
LONGEST_START_SECONDS = 60


@click.command("serve")
@click.option("--host", default=HOST, show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=int, help=f"The port; without it the first free one from {FIRST_PORT}."
)
def command(host: str, port: int | None) -> None:
    """Migrate, start the web server, print the address, end with Ctrl-C."""
    settings: Settings = current_app.config["SETTINGS"]
    with only_one(settings.instance / "serve.lock"):
        migrating.upgrade(db.current())
        port = free_port(host, port)
        household = Household(environment=addressed(settings, host, port))
        household.heed_signals()
        household.start("web server", web_server(host, port))
        try:
            run(household, host, port)
        finally:
            household.stop()


def run(household: Household, host: str, port: int) -> None:
    """Say where we are once the web server answers, then wait for the end."""
    for _ in range(LONGEST_START_SECONDS):
        if answers(host, port) or household.wait(seconds=1):
            break
    if not household.ended() and not household.was_told_to_end:
        click.echo(f"Mainstay is at http://{host}:{port}  (Ctrl-C ends it)")
        household.wait()
    if not household.was_told_to_end:
        raise click.ClickException(f"The {' and the '.join(household.ended())} ended; see above.")
    click.echo("\nMainstay has ended.")


def web_server(host: str, port: int) -> list[str]:
    """Return the command of the web server: one process with threads."""
    return [
        *(sys.executable, "-m", "gunicorn", "wsgi:app"),
        *("--bind", f"{host}:{port}", "--threads", str(THREADS)),
        *("--log-level", "warning", "--graceful-timeout", "5"),
    ]


def free_port(host: str, wanted: int | None) -> int:
    """Return the wanted port, or the first free one when none is wanted."""
    if wanted is not None:
        if not is_free(host, wanted):
            raise click.ClickException(
                f"Port {wanted} of {host} is taken. Free it or give another --port."
            )
        return wanted
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TO_TRY):
        if is_free(host, port):
            return port
        click.echo(f"Port {port} is taken; trying the next one.", err=True)
    raise click.ClickException(
        f"Ports {FIRST_PORT} to {FIRST_PORT + PORTS_TO_TRY - 1} of {host} are taken; give a --port."
    )


def addressed(settings: Settings, host: str, port: int) -> dict[str, str]:
    """Return the environment that tells the children under which address people reach them.

    A configured address that is not this machine's own stays: a proxy stands before us.
    """
    if urlsplit(settings.base_url).hostname not in {HOST, "localhost"}:
        return {"MAINSTAY_BASE_URL": settings.base_url}
    return {"MAINSTAY_BASE_URL": f"http://{host}:{port}"}


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold `lock` for the time of the command; a second command on one instance is refused."""
    with lock.open("w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException(
                f"Mainstay already runs on {lock.parent}; end that one first."
            ) from None
        yield
