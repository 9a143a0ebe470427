"""Which moments an incident can have: none in the future, none before what it follows from."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.base import clock, formatting
from app.base.errors import InvalidInput
from app.judgement.continuity.incidents.models import Incident, IncidentState

FARTHEST = timedelta(days=3653)


def check_start(started: datetime | None, signalled: datetime, now: datetime) -> None:
    """Refuse a beginning or a first sign that lies ahead, or ten years back."""
    for what, moment in (("began", started), ("was first heard of", signalled)):
        if moment is not None and not now - FARTHEST <= moment <= now:
            raise InvalidInput(
                "E-INC-10",
                f"It {what} {formatting.moment(moment)}; give a moment between "
                f"{formatting.moment(now - FARTHEST)} and now.",
            )


def check_step(row: Incident, to: IncidentState, moment: datetime) -> None:
    """Refuse a step before the one that it follows, or before anybody had heard of it."""
    known: list[tuple[str, datetime | None]] = [
        ("it was first heard of", row.signalled_at),
        ("it was confirmed", row.confirmed_at),
        ("it was contained", row.contained_at),
    ]
    if to is IncidentState.RESTORED:
        known.append(("supply was hit", row.started_at))
    earliest, what = max((at, what) for what, at in known if at is not None)
    if not earliest <= moment <= clock.now():
        raise InvalidInput(
            "E-INC-11",
            f"{formatting.moment(moment)} can’t be: give a moment from "
            f"{formatting.moment(earliest)}, when {what}, up to now.",
        )


def check_order(row: Incident, *, started_at: datetime | None, signalled_at: datetime) -> None:
    """Refuse a beginning behind the end, and a first sign behind what followed from it.

    Supply may be hit after it was confirmed that it will be: a strike that was announced.
    """
    ended = row.restored_at
    if started_at is not None and ended is not None and started_at > ended:
        raise InvalidInput(
            "E-INC-04",
            f"It began {formatting.moment(started_at)}, after supply was restored at "
            f"{formatting.moment(ended)}.",
        )
    steps = (row.confirmed_at, row.contained_at, ended, row.dismissed_at)
    first = min((each for each in steps if each is not None), default=None)
    if first is not None and signalled_at > first:
        raise InvalidInput(
            "E-INC-04",
            f"It was first heard of {formatting.moment(signalled_at)}, after it was confirmed "
            f"or dismissed at {formatting.moment(first)}.",
        )
