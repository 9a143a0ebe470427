"""How long a wrong sign-in takes: for somebody known and for nobody, by turns.

    .venv/bin/python -m tests.accounts.sign_in_timing [200]

Prints one line of JSON; ends with 1 when the medians differ by five percent or more.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from flask import Flask

from app.base import acting, db, migrating
from app.base.db import Database
from app.platform.accounts import identity, services
from tests.web_app import Visitor, app_on

LIMIT = 0.05
WARM_UP = 5


@dataclass(frozen=True, slots=True)
class Timing:
    """Medians of one form's answers, by the clock on the wall and by the processor's [ms]."""

    what: str
    tries: int
    known_ms: float
    unknown_ms: float
    known_cpu_ms: float
    unknown_cpu_ms: float

    @property
    def difference(self) -> float:
        """The difference of the medians on the wall, relative to the smaller."""
        return apart(self.known_ms, self.unknown_ms)

    @property
    def cpu_difference(self) -> float:
        """The same by the processor's clock, which others at work disturb less."""
        return apart(self.known_cpu_ms, self.unknown_cpu_ms)


def apart(one: float, other: float) -> float:
    """Return how far two figures are apart, relative to the smaller."""
    return abs(one - other) / min(one, other)


def measured(app: Flask, path: str, tries: int, **form: str) -> Timing:
    """Post a form by turns for a known and for an unknown account, each from its own network.

    Who comes first changes from turn to turn.
    """
    browser = Visitor(app)
    token = browser.token()
    wall: dict[bool, list[float]] = {True: [], False: []}
    cpu: dict[bool, list[float]] = {True: [], False: []}
    for number in range(-WARM_UP, tries):
        for is_known in (number % 2 == 0, number % 2 != 0):
            email = f"person{number % tries}@example.com" if is_known else f"no{number}@example.com"
            network = f"10.{number % 250}.{int(is_known) + 2 * (number // 250 + 1)}.1"
            began, began_cpu = time.perf_counter(), time.process_time()
            browser.client.post(
                path,
                data={"csrf_token": token, "email": email, **form},
                environ_base={"REMOTE_ADDR": network},
            )
            if number >= 0:
                wall[is_known].append((time.perf_counter() - began) * 1_000)
                cpu[is_known].append((time.process_time() - began_cpu) * 1_000)
    medians = [statistics.median(each[who]) for each in (wall, cpu) for who in (True, False)]
    return Timing(path, tries, *medians)


def add_people(app: Flask, count: int) -> None:
    """Add accounts that share one password: hashing it once is enough."""
    with app.app_context():
        shared = identity.hash_password("a calm and dense panel")
    with db.transaction() as session:
        for number in range(count):
            user_id = services.create_admin(session, email=f"person{number}@example.com", name=None)
            services.set_password_hash(session, user_id=user_id, password_hash=shared)


def _short(value: object) -> object:
    return round(value, 2) if isinstance(value, float) else value


def main(tries: int) -> int:
    """Measure on a database of its own; print a line per form."""
    acting.act_for_process(acting.system("timing"))
    with tempfile.TemporaryDirectory(prefix="mainstay-timing-") as name:
        database = Database(f"sqlite:///{name}/timing.sqlite3")
        migrating.upgrade(database)
        db.bind(database)
        app = app_on(database, Path(name))
        add_people(app, tries)
        found = [
            measured(app, "/sign-in", tries, password="not the right one"),
            measured(app, "/password/forgotten", tries),
        ]
        database.dispose()
    for timing in found:
        figures = {name: _short(value) for name, value in asdict(timing).items()}
        figures |= {
            "difference": round(timing.difference, 4),
            "cpu_difference": round(timing.cpu_difference, 4),
        }
        print(json.dumps(figures))
    return int(any(timing.difference >= LIMIT for timing in found))


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
