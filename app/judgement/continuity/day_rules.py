"""Days as people enter them: not ahead of what they tell, not in a year mistyped.

What is told of a past day moves cards and indexes of that day; they are looked at again.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.base import clock, formatting
from app.base.errors import InvalidInput
from app.calc.periods import month_index
from app.facts.deliveries import touching
from app.facts.deliveries.touched_models import TouchedBy
from app.facts.deliveries.touching import Because

FARTHEST = timedelta(days=3653)


def check_past(day: date, code: str, what: str) -> None:
    """Refuse a day that lies ahead, or over ten years back."""
    today = clock.today()
    if day > today:
        raise InvalidInput(
            code, f"{what} lies on {formatting.day(day)}, after today. Give the day it was."
        )
    if day < today - FARTHEST:
        raise InvalidInput(
            code, f"{what} lies on {formatting.day(day)}, over ten years ago. Check the year."
        )


def check_after(day: date, before: date | None, code: str, what: str) -> None:
    """Refuse a day that does not lie after another, or over ten years off."""
    if before is not None and day <= before:
        raise InvalidInput(
            code, f"{what} lies on {formatting.day(day)}, not after {formatting.day(before)}."
        )
    if day > clock.today() + FARTHEST:
        raise InvalidInput(
            code, f"{what} lies on {formatting.day(day)}, over ten years off. Check the year."
        )


def look_again(session: Session, supplier_id: int, *days: date | None) -> None:
    """Have published cards and indexes looked at again from the first of some days on."""
    known = [day for day in days if day is not None]
    if known:
        months = range(month_index(min(known)), month_index(clock.today()) + 1)
        because = Because(TouchedBy.CONTINUITY)
        touching.note_months(session, supplier_id, months, because)
