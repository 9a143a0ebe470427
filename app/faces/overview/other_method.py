"""A supplier's period by another method, beside the published card: what `?method=` asks for."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from sqlalchemy.orm import Session

from app.base import formatting
from app.base.errors import NotFound
from app.base.web.lists import BadQuery
from app.calc.periods import Period
from app.judgement.scorecards import comparing, snapshots, versions
from app.judgement.scorecards.methods import Method
from app.judgement.scorecards.queries import Card
from app.judgement.scorecards.stored_methods import method_from

LONGEST_KEY = 9


@dataclass(frozen=True, slots=True)
class Scored:
    """One line: by which method, when where that is known, and what it makes of the period."""

    words: str
    more: str
    grade: str | None
    score: float | None
    coverage: float


@dataclass(frozen=True, slots=True)
class OtherMethod:
    """The other method, the lines to show, and by how much its score differs from which."""

    method: Method
    rows: tuple[Scored, ...]
    difference: float | None
    beside: str


def other_method(
    session: Session, supplier_id: int, period: Period, card: Card
) -> OtherMethod | None:
    """Return the period by the method that the address names, None where it names none."""
    asked = request.args.get("method")
    if not asked:
        return None
    method = _asked(session, asked)
    present, other = comparing.compare_one(session, supplier_id, period, method)
    published = _published(session, card)
    rows = [
        *([published] if published else []),
        Scored(
            f"Now, by {card.method.label}",
            "in force when the period ends" if published else "not published for this period",
            present.grade,
            present.score,
            present.coverage,
        ),
        Scored(f"By {method.label}", "", other.grade, other.score, other.coverage),
    ]
    base = published or rows[0]
    difference = None
    if base.score is not None and other.score is not None:
        difference = other.score - base.score
    return OtherMethod(
        method=method,
        rows=tuple(rows),
        difference=difference,
        beside="to the published score" if published else "to the method in force",
    )


def _published(session: Session, card: Card) -> Scored | None:
    if card.snapshot is None:
        return None
    stored = snapshots.stored_card(session, card.snapshot.id)
    return Scored(
        f"Published, by {stored.method.label}",
        formatting.moment(stored.head.published_at),
        stored.head.grade,
        stored.head.score,
        stored.head.coverage,
    )


def _asked(session: Session, asked: str) -> Method:
    if not (asked.isascii() and asked.isdigit() and len(asked) <= LONGEST_KEY):
        raise BadQuery("E-API-05", "method is the number of a scoring method.")
    try:
        return method_from(versions.DRAFTS.stored(session, int(asked)))
    except NotFound as error:
        raise BadQuery("E-API-05", f"There is no scoring method {asked}.") from error
