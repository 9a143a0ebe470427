"""Who acts: the actor of the present work, without whom no database session opens.

Boundaries say it once: the web guard for a request, the command line for a command, the
worker for a run. Whatever is read or written below them is read and written as that actor.
Knows no accounts and no roles' meaning: it holds what the boundary found out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """Through which door a change came."""

    UI = "ui"
    API = "api"
    IMPORT = "import"
    JOB = "job"
    CLI = "cli"
    MIGRATION = "migration"


@dataclass(frozen=True, slots=True)
class Limit:
    """What one grant reaches; the limits given hold all at once.

    supplier_ids: these suppliers (one, with those merged into it). category_ids: suppliers of
    these categories, those below them included. site_ids: rows of these own sites; rows
    without a site are not limited by it. None: no such limit.
    """

    supplier_ids: frozenset[int] | None = None
    category_ids: frozenset[int] | None = None
    site_ids: frozenset[int] | None = None

    @property
    def is_none(self) -> bool:
        """Whether it limits nothing."""
        return self == NO_LIMIT


NO_LIMIT = Limit()


@dataclass(frozen=True, slots=True)
class Reach:
    """Which suppliers' rows an actor reaches: whatever one of the limits lets through.

    More limits reach more, so that taking one away never adds anything.
    """

    limits: frozenset[Limit] = frozenset({NO_LIMIT})

    @property
    def is_everything(self) -> bool:
        """Whether nothing is out of reach."""
        return NO_LIMIT in self.limits

    @property
    def is_nothing(self) -> bool:
        """Whether everything is out of reach."""
        return not self.limits


EVERYTHING = Reach()
NOTHING = Reach(frozenset())
# People of suppliers; whoever holds another role is one of the house.
OUTSIDE_ROLES = frozenset({"supplier_contact"})
# Whoever runs the house sees all of its machinery (runs, imports), whatever they reach.
HOUSEKEEPING_ROLES = frozenset({"administrator"})


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something at work.

    name: as written beside changes. user_id: the account, None for the system, a visitor or
    a service token. roles: names of the roles held. reads, writes: what is within reach.
    behind: on whose behalf (a job that somebody asked for). request_id, session_hash,
    network: where a request came from.
    """

    name: str
    source: Source
    user_id: int | None = None
    roles: frozenset[str] = frozenset()
    reads: Reach = EVERYTHING
    writes: Reach = EVERYTHING
    behind: str | None = None
    request_id: str | None = None
    session_hash: str | None = None
    network: str | None = None

    @property
    def is_of_the_house(self) -> bool:
        """Whether this is one of our own people or programs: no visitor, no supplier's."""
        return bool(self.roles - OUTSIDE_ROLES)

    @property
    def is_of_a_supplier(self) -> bool:
        """Whether this is a supplier's person."""
        return bool(self.roles & OUTSIDE_ROLES)

    def keeps_house(self, *, is_write: bool) -> bool:
        """Tell whether all of the house's own records (runs, imports) are within reach."""
        reach = self.writes if is_write else self.reads
        return reach.is_everything or bool(self.roles & HOUSEKEEPING_ROLES)


class NoActor(RuntimeError):
    """Work began without anybody acting: a programming error, never “everybody”."""


_present: ContextVar[Actor | None] = ContextVar("actor", default=None)
_of_process: Actor | None = None


def system(name: str, source: Source = Source.JOB, *, behind: str | None = None) -> Actor:
    """Return the system as an actor; `name` says which part of it and why (“worker”)."""
    return Actor(name=name, source=source, roles=frozenset({"system"}), behind=behind)


def visitor(*, request_id: str | None = None, network: str | None = None) -> Actor:
    """Return somebody not signed in: reaches no supplier's row, may try to sign in."""
    return Actor(
        name="visitor",
        source=Source.UI,
        reads=NOTHING,
        writes=NOTHING,
        request_id=request_id,
        network=network,
    )


@contextmanager
def acting_as(actor: Actor) -> Iterator[Actor]:
    """Do the work inside as `actor`; the one before stands again afterwards."""
    token = _present.set(actor)
    try:
        yield actor
    finally:
        _present.reset(token)


def act_as(actor: Actor) -> None:
    """Make `actor` the present one for the rest of the block that `acting_as` began.

    For the web guard, which finds out who asks only after the request has begun.
    """
    _present.set(actor)


def act_for_process(actor: Actor) -> None:
    """Let every thread of this process that names nobody act as `actor` (a worker's)."""
    global _of_process
    _of_process = actor


def present() -> Actor:
    """Return who acts now; raises NoActor where nobody was named."""
    actor = _present.get() or _of_process
    if actor is None:
        raise NoActor("nobody acts here: wrap the work in acting_as(…)")
    return actor
