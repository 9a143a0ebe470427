"""How ready the demo company's suppliers are, as docs/demo.md tells it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.calc.continuity import Basis
from app.calc.continuity_facts import Part, Why
from app.faces.demo import continuity
from app.faces.demo.cast import LAST_DAY
from app.judgement.continuity.readiness import readings
from tests.demo.conftest import supplier_id


def test_plans_reach_from_ready_to_asked_in_vain(session: Session) -> None:
    found = readings(session, LAST_DAY)
    told = {
        number: found[supplier_id(session, number)].readiness
        for number in (
            continuity.READY, continuity.LAPSED, continuity.SILENT, continuity.WITHOUT,
            continuity.ASKED,
        )
    }  # fmt: skip
    assert [(each.basis, each.points) for each in told.values()] == [
        (Basis.PLAN, 100.0), (Basis.PLAN, 36.0), (Basis.NO_ANSWER, 0.0), (Basis.NO_PLAN, 0.0),
        (Basis.WAITING, None),
    ]  # fmt: skip
    lapsed = {each.part: each.why for each in told[continuity.LAPSED].parts}
    assert lapsed[Part.RECOVERY] is Why.SHOWN_TOO_LONG
    assert lapsed[Part.DOCUMENTED] is Why.APPROVAL_EXPIRED
    assert len(found) == 9
