"""What somebody asked for is looked at twice: when it is asked for, and when it is done.

Jobs run as the system. Where one works on suppliers for a person, it asks here first
whether that person still reaches them.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm import Session

from app.base import scope
from app.base.errors import Forbidden
from app.platform.accounts import grant_queries, queries, roles


def require_reach(session: Session, *, user_id: int | None, supplier_ids: Collection[int]) -> None:
    """Raise Forbidden unless who asked may still write rows of these suppliers.

    Nobody asked (None): the clock or the command line did, which reach everything.
    """
    if user_id is None:
        return
    person = queries.person_by_id(session, user_id)
    held = () if person is None or not person.is_active else grant_queries.held_by(session, user_id)
    reached = scope.writable_ids(session, "supplier", supplier_ids, roles.writes_of(held))
    if not set(supplier_ids) <= reached:
        raise Forbidden(
            "E-ACC-13", "Whoever asked no longer reaches these suppliers. Nothing was made."
        )
