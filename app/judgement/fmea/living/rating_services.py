"""Rate a row with the facts in view: what they suggest is taken, or overruled with a reason."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.base.errors import Conflict, InvalidInput
from app.calc.fmea import Scores
from app.calc.fmea_scales import DIMENSIONS
from app.judgement.fmea import rating as ratings
from app.judgement.fmea.living import wording
from app.judgement.fmea.living.rows import RowHead
from app.judgement.fmea.living.suggesting import Suggested
from app.judgement.fmea.models import FmeaCause
from app.judgement.fmea.rating import Why
from app.platform.audit.services import ReasonNeeded

LONGEST_EVIDENCE = 1000
SHORTEST_REASON = 10


def rate_with_facts(
    session: Session, row: RowHead, given: Scores, *, suggested: Suggested, reason: str
) -> None:
    """Rate a row; a rating that is not the suggested one, where there is one, needs a reason.

    The reason and what the facts said are stored with the rating.
    """
    if not given.is_scored:
        raise InvalidInput("E-FMA-07", "Rate all three: severity, occurrence and detection.")
    if given == row.scores:
        raise Conflict("E-FMA-05", "It is rated so already; nothing changes.")
    differing = _differing(given, suggested)
    if differing and len(reason.strip()) < SHORTEST_REASON:
        raise ReasonNeeded()
    told = " ".join(
        f"{wording.DIMENSION_WORDS[name]}: "
        f"{wording.basis_words(suggested, name, row.measured_kind)}"
        for name in DIMENSIONS
        if suggested.of(name) is not None
    )
    cause = session.get_one(FmeaCause, row.cause_id)
    why = Why(reason=reason or "As the facts suggest.", evidence=told[:LONGEST_EVIDENCE])
    ratings.rate_row(session, cause, given, why)


def _differing(given: Scores, suggested: Suggested) -> list[str]:
    """Return the dimensions in which somebody rates against the facts."""
    return [
        name
        for name in DIMENSIONS
        if suggested.of(name) is not None and suggested.of(name) != getattr(given, name)
    ]
