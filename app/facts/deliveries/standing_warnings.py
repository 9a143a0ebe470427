"""Orders with restricted or blocked suppliers, found in a file before it is published.

A warning, never a refusal: the order was placed already. Where nobody was ever restricted
nothing is looked up per row.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.facts.suppliers import lookups
from app.facts.suppliers.standings import restrictions
from app.facts.suppliers.standings.models import Standing
from app.facts.suppliers.standings.queries import OrderTerms
from app.facts.suppliers.standings.restrictions import Restrictions
from app.platform.imports.kinds import Chunk, RowWarning, Value
from app.platform.imports.problems import Warned, quoted

WARNED = {Standing.RESTRICTED: Warned.RESTRICTED, Standing.BLOCKED: Warned.BLOCKED}


class StandingWatch:
    """Looks at the suppliers that a file names; `source` is how the file calls them."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._restrictions: Restrictions | None = None
        self._known: dict[Value, int | None] = {}
        self._terms: dict[tuple[int, date], OrderTerms] = {}

    def check(self, chunk: Chunk) -> Iterator[RowWarning]:
        """Yield a warning for each row that orders from a restricted or blocked supplier."""
        if self._restrictions is None:
            with db.reading() as session:
                self._restrictions = restrictions.restrictions(session)
        if not self._restrictions.suppliers:
            return
        named = chunk.column("supplier_no")
        self._look_up(named)
        for index, (key, ordered) in enumerate(zip(named, chunk.column("ordered_on"), strict=True)):
            supplier_id = self._known[key]
            if supplier_id is None:
                continue
            terms = self._terms_of(supplier_id, ordered)
            kind = WARNED.get(Standing(terms.standing)) if terms.standing in WARNED else None
            if kind is not None:
                said = f"{quoted(key)} {_reason(terms, ordered)}"
                yield RowWarning(index, "supplier_no", kind, said)

    def _look_up(self, named: list[Value]) -> None:
        fresh = [key for key in dict.fromkeys(named) if key not in self._known]
        if not fresh:
            return
        assert self._restrictions is not None  # noqa: S101 — read above
        watched = self._restrictions.suppliers
        with db.reading() as session:
            ids = _ids(session, [str(key) for key in fresh if key is not None], self._source)
        for key in fresh:
            found = ids.get(str(key))
            self._known[key] = found if found in watched else None

    def _terms_of(self, supplier_id: int, ordered: Value) -> OrderTerms:
        day = date.fromisoformat(ordered) if isinstance(ordered, str) else clock.today()
        if (supplier_id, day) not in self._terms:
            assert self._restrictions is not None  # noqa: S101 — read above
            self._terms[supplier_id, day] = self._restrictions.terms_on(supplier_id, day)
        return self._terms[supplier_id, day]


def _ids(session: Session, keys: list[str], source: str) -> dict[str, int]:
    return lookups.ids_by_key(session, "supplier", keys, source=source)


def _reason(terms: OrderTerms, ordered: Value) -> str:
    when = "today" if ordered is None else f"on {ordered}, the day of the order"
    if terms.exception is not None:
        until = formatting.day(terms.exception.last_on)
        return f"is {terms.words} {when}; {terms.exception.buyer} may order until {until}."
    remedy = "Ask for an exception." if terms.standing == Standing.BLOCKED else "See its standing."
    return f"is {terms.words} {when}. {remedy}"
