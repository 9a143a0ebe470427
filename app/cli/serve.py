"""`flask serve`: everything on this machine in one command, until Ctrl-C.

Migrates, prepares a first look where there is nothing yet, then runs web server,
scheduler and worker as child processes. Meant for one machine and for trying out;
`docs/operations.md` says how the parts run under a process manager.
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
from app.cli import first_look
from app.cli.processes import Household, answers, is_free
from app.platform.accounts import services as accounts
from config import Settings

HOST = "127.0.0.1"
EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 # nosec B104 # compared with, never a default
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
    """Migrate, start web server, scheduler and worker, print the address, end with Ctrl-C."""
    settings: Settings = current_app.config["SETTINGS"]
    with only_one(settings.instance / "serve.lock"):
        migrating.upgrade(db.current())
        if not settings.production:
            first_look.name_the_house(settings)
            first_look.prepare()
        port = free_port(host, port)
        base_url = address_of(settings, host, port)
        household = Household(environment={"MAINSTAY_BASE_URL": base_url})
        household.heed_signals()
        household.start("web server", web_server(host, port))
        household.start("scheduler", [sys.executable, "-m", "flask", "scheduler"])
        household.start("worker", [sys.executable, "-m", "flask", "worker"])
        try:
            if has_come_up(household, host, port):
                greet(settings, base_url)
                household.wait()
        finally:
            household.stop()
    if not household.was_told_to_end:
        raise click.ClickException(f"The {' and the '.join(household.lost)} ended; see above.")
    click.echo("\nMainstay has ended.")


def has_come_up(household: Household, host: str, port: int) -> bool:
    """Wait until the web server answers; return False when somebody ended instead."""
    for _ in range(LONGEST_START_SECONDS):
        if answers(host, port):
            return not household.ended()
        if household.wait(seconds=1):
            return False
    raise click.ClickException(f"The web server does not answer on {host}:{port}.")


def greet(settings: Settings, base_url: str) -> None:
    """Print the address, outside production a one-time sign-in, and the newest pack's file."""
    click.echo(f"Mainstay is at       {base_url}  (Ctrl-C ends it)")
    if not settings.production:
        with db.transaction() as session:
            link = accounts.one_time_sign_in(session, by="flask serve", base_url=base_url)
        click.echo(f"Sign in once with    {link}")
    with db.reading() as session:
        pack = first_look.newest_pack(session, settings.files)
    if pack is not None:
        click.echo(f"The newest pack is   {pack}")


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


def address_of(settings: Settings, host: str, port: int) -> str:
    """Return the address under which people reach us.

    A configured address that is not this machine's own stays: a proxy stands before us.
    """
    if urlsplit(settings.base_url).hostname not in {HOST, "localhost"}:
        return settings.base_url
    return f"http://{HOST if host == EVERY_ADDRESS else host}:{port}"


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
