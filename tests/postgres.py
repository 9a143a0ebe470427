"""A real PostgreSQL for the tests: the one that is given, else a private cluster.

`TEST_DATABASE_URL` names a server to use; its role must be allowed to create
databases. Without it the newest installed server binaries start a cluster of our
own: in a directory of its own, on a Unix socket only, as an unprivileged user, with
everything that makes data safe and slow switched off. Without binaries the tests on
PostgreSQL are skipped, and the last lines of the run say so.

The cluster lives in a guard process that waits for its standard input to close, so
it is stopped and removed with the test run, however that ends. Under pytest-xdist
the controller starts it and the workers find it through the environment.

As a pytest plugin (named in `tests/conftest.py`) this module starts and stops the
cluster; tests use `cluster_url`, `create_database` and `drop_database`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import URL, make_url

GIVEN = "TEST_DATABASE_URL"
SHARED = "MAINSTAY_TEST_CLUSTER"
LONGEST_WAIT_SECONDS = 60
LONGEST_SOCKET_FOLDER = 80  # a Unix socket's whole path has 107 characters
REMEDY = "install postgresql (apt-get install -y postgresql) or set TEST_DATABASE_URL"

FAST_AND_UNSAFE = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
    "logging_collector": "off",
    "max_connections": "60",
    "max_wal_size": "256MB",
}
# Before that, copying the files was the only way.
STRATEGIES_SINCE = 15_00_00
LZ4_SINCE = 15
# Thousands of databases are copied and dropped: in memory that costs a sixth.
IN_MEMORY = Path("/dev/shm")  # noqa: S108 # mkdtemp keeps the folder private
ROOM_IN_MEMORY = 2 << 30

_MB_OF_MEMORY = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
# As docs/operations.md advises: what a benchmark must run on.
LIKE_PRODUCTION = {
    "listen_addresses": "",
    "shared_buffers": f"{_MB_OF_MEMORY // 4}MB",
    "effective_cache_size": f"{_MB_OF_MEMORY * 3 // 4}MB",
    "max_wal_size": "4GB",
    "wal_compression": "lz4",
    "random_page_cost": "1.1",
    "max_connections": "60",
}
PRODUCTION = "production"


class ClusterError(Exception):
    """The private cluster did not come up; the message says what the server said."""


_guard: subprocess.Popen[bytes] | None = None


def cluster_url() -> str | None:
    """Return the URL of a PostgreSQL server for tests, or None where there is none."""
    given = os.environ.get(GIVEN)
    if given:
        return _with_driver(given)
    if not newest_binaries():
        return None
    if SHARED not in os.environ:
        start_cluster()
    folder = Path(os.environ[SHARED])
    _wait_until_ready(folder)
    return _socket_url(folder)


def missing_reason() -> str:
    """Return why there is no server: the text of the skip."""
    return f"no PostgreSQL server binaries: {REMEDY}"


def create_database(server: str, name: str, template: str | None = None) -> str:
    """Create the database `name`, as a copy of `template` if given, and return its URL."""
    with _connected(server) as connection:
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        if connection.info.server_version >= STRATEGIES_SINCE:
            statement += sql.SQL(" STRATEGY FILE_COPY")
        connection.execute(statement)
    return url_of(server, name)


def url_of(server: str, name: str) -> str:
    """Return the URL of the server's database `name`."""
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def drop_database(server: str, name: str) -> None:
    """Drop the database `name`, ending whatever is still connected to it."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with _connected(server) as connection:
        connection.execute(statement)


def newest_binaries() -> Path | None:
    """Return the folder of the newest installed server's binaries, or None."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda path: float(path.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def start_cluster(*, is_like_production: bool = False) -> None:
    """Start the guard process of a private cluster and name its folder in the environment.

    Tests run on a fast cluster that a power cut would ruin; `is_like_production` starts one
    that keeps what it acknowledges.
    """
    global _guard  # one cluster per test run, ended by `stop_cluster`
    folder = _new_folder(is_fast=not is_like_production)
    os.environ[SHARED] = str(folder)
    _guard = subprocess.Popen(
        [sys.executable, __file__, str(folder), *([PRODUCTION] if is_like_production else [])],
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the test run, which then closes our input
    )


def stop_cluster() -> None:
    """Stop and remove the private cluster, if this process started one."""
    global _guard  # see `start_cluster`
    if _guard is None:
        return
    if _guard.stdin is not None:
        _guard.stdin.close()
    _guard.wait(timeout=LONGEST_WAIT_SECONDS)
    _guard = None
    os.environ.pop(SHARED, None)


# pytest's side


def pytest_configure(config: pytest.Config) -> None:
    """Start the cluster in xdist's controller, while the workers collect."""
    workers = getattr(config.option, "numprocesses", None)
    is_controller = bool(workers) and not hasattr(config, "workerinput")
    if is_controller and not os.environ.get(GIVEN) and newest_binaries():
        start_cluster()


def pytest_unconfigure() -> None:
    """Stop the cluster with the run."""
    stop_cluster()


def pytest_terminal_summary(terminalreporter: Any) -> None:  # pytest exports no public type
    """Say aloud when nothing was tested on PostgreSQL."""
    if not os.environ.get(GIVEN) and not newest_binaries():
        terminalreporter.section("NOT TESTED ON POSTGRESQL", yellow=True, bold=True)
        terminalreporter.line(f"The tests ran on SQLite only: {missing_reason()}.", yellow=True)


# The guard's side: it runs this file as a program


def guard(folder: Path, settings: Mapping[str, str]) -> None:
    """Run a cluster in `folder` until standard input closes, then remove it.

    1. Make the cluster and start the server, as an unprivileged user when root.
    2. Leave the file `ready`, or `failed` with the server's words.
    3. Wait for the end of standard input, stop the server, remove the folder.
    """
    try:
        with _server(folder, settings):
            (folder / "ready").touch()
            sys.stdin.buffer.read()
    except ClusterError as error:
        (folder / "failed").write_text(str(error), encoding="utf-8")
        sys.stdin.buffer.read()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(folder: Path, settings: Mapping[str, str]) -> Iterator[None]:
    binaries = newest_binaries()
    if binaries is None:
        raise ClusterError(missing_reason())
    identity = _unprivileged()
    log = folder / "server.log"
    data = folder / "data"
    with log.open("wb") as output:
        made = subprocess.run(
            [
                *(str(binaries / "initdb"), "--pgdata", str(data), "--username", "postgres"),
                *("--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
            cwd=folder,
            **identity,
        )
        if made.returncode != 0:
            raise ClusterError(log.read_text(encoding="utf-8", errors="replace"))
        server = subprocess.Popen(
            [
                *(str(binaries / "postgres"), "-D", str(data)),
                f"--unix_socket_directories={folder}",
                *(f"--{name}={value}" for name, value in _fitting(settings, binaries).items()),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            **identity,
        )
    try:
        _wait_until_connected(server, folder)
        yield
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: nothing in it is worth keeping
        server.wait(timeout=LONGEST_WAIT_SECONDS)


def _fitting(settings: Mapping[str, str], binaries: Path) -> dict[str, str]:
    is_older = float(binaries.parent.name) < LZ4_SINCE
    return {**settings, **({"wal_compression": "on"} if is_older else {})}


def _wait_until_connected(server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise ClusterError((folder / "server.log").read_text(encoding="utf-8", errors="replace"))


def _unprivileged() -> dict[str, Any]:
    """Return the arguments that make a child of root run as somebody else."""
    if os.geteuid() != 0:
        return {}
    account = _account()
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


# Both sides


def _new_folder(*, is_fast: bool) -> Path:
    parent = tempfile.gettempdir()
    if is_fast and _has_room_in_memory():
        parent = str(IN_MEMORY)
    if len(parent) > LONGEST_SOCKET_FOLDER:
        parent = "/tmp"  # noqa: S108 # a socket's path must be short; mkdtemp keeps it private
    folder = Path(tempfile.mkdtemp(prefix="mainstay-pg-", dir=parent))
    if os.geteuid() == 0:
        account = _account()
        os.chown(folder, account.pw_uid, account.pw_gid)
    return folder


def _has_room_in_memory() -> bool:
    if not os.access(IN_MEMORY, os.W_OK):
        return False
    return shutil.disk_usage(IN_MEMORY).free >= ROOM_IN_MEMORY


def _wait_until_ready(folder: Path) -> None:
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while time.monotonic() < deadline:
        if (folder / "ready").exists():
            return
        if (folder / "failed").exists():
            raise ClusterError((folder / "failed").read_text(encoding="utf-8"))
        time.sleep(0.02)
    raise ClusterError(f"the private PostgreSQL cluster in {folder} did not come up")


def _socket_url(folder: Path) -> str:
    url = URL.create(
        "postgresql+psycopg",
        username="postgres",
        database="postgres",
        query={"host": str(folder)},
    )
    return url.render_as_string(hide_password=False)


def _with_driver(given: str) -> str:
    url = make_url(given.replace("postgres://", "postgresql://", 1))
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _connected(server: str) -> psycopg.Connection[tuple[Any, ...]]:
    url = make_url(server)
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


if __name__ == "__main__":
    guard(Path(sys.argv[1]), LIKE_PRODUCTION if PRODUCTION in sys.argv else FAST_AND_UNSAFE)
