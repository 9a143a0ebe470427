"""What screening says of one supplier: never screened, screened when and against what, found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.facts.evidence.screening import lists, queries, settings
from app.facts.evidence.screening.comparing import basis_digest, basis_of
from app.facts.evidence.screening.names import OwnName, OwnNames, names_of, within_reach
from app.facts.evidence.screening.queries import MatchFilter, MatchRow, ScreeningRow

ALL_MATCHES = 1_000


@dataclass(frozen=True, slots=True)
class SupplierState:
    """All that is known of a supplier's screening.

    names: those that it has now, as far as whoever looks may read them. editions: in force now,
    with their age. is_current: whether
    the newest screening saw these names, these editions and this setting. old: editions of
    the newest screening that are older than the setting allows.
    """

    names: tuple[OwnName, ...]
    editions: tuple[lists.EditionAge, ...]
    screenings: tuple[ScreeningRow, ...]
    matches: tuple[MatchRow, ...]
    is_current: bool
    old: tuple[tuple[str, date], ...]

    @property
    def newest(self) -> ScreeningRow | None:
        """The newest screening, None where it was never screened."""
        return self.screenings[0] if self.screenings else None

    def in_state(self, state: str) -> tuple[MatchRow, ...]:
        """Return the matches in a state."""
        return tuple(row for row in self.matches if row.state == state)


def supplier_state(session: Session, supplier_id: int, day: date) -> SupplierState:
    """Return what screening says of a supplier on a day."""
    names = names_of(session, supplier_ids=[supplier_id]).get(supplier_id, OwnNames())
    screenings = queries.screenings_of(session, supplier_id)
    setting = settings.in_force(session)
    mark = basis_digest(basis_of(session), setting)
    newest = screenings[0] if screenings else None
    is_current = newest is not None and (newest.names_digest, newest.basis_digest) == (
        names.digest, mark,
    )  # fmt: skip
    oldest = day - timedelta(days=setting.stale_days)
    wanted = MatchFilter(supplier_ids=[supplier_id])
    matches, _ = queries.matches_page(session, wanted, limit=ALL_MATCHES)
    return SupplierState(
        names=within_reach(session, names),
        editions=tuple(lists.ages(session, day)),
        screenings=tuple(screenings),
        matches=tuple(matches),
        is_current=is_current,
        old=() if newest is None else tuple(e for e in newest.editions if e[1] < oldest),
    )
