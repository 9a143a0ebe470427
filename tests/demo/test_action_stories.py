"""What the demo company did about its failures, as docs/demo.md tells it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.calc.corrective import Step, StepState
from app.calc.periods import Period
from app.faces.demo.cast import LAST_DAY
from app.faces.demo.scripts import DRIFT
from app.facts.deliveries.disruptions import queries as disruptions
from app.judgement.corrective import queries
from app.judgement.corrective.queries import Wanted, close_of
from app.judgement.scorecards.custom import queries as custom
from app.judgement.scorecards.manual import queries as manual
from app.judgement.scorecards.more.gathering import gather_more
from app.judgement.scorecards.more.measures import more_measures
from tests.demo.conftest import supplier_id


@pytest.fixture
def drift(session: Session) -> int:
    return supplier_id(session, DRIFT)


def test_one_request_was_closed_and_the_other_waits_for_its_root_causes(
    session: Session, drift: int
) -> None:
    moment = close_of(LAST_DAY)
    newer, older = queries.action_rows(session, Wanted([drift]), moment=moment)
    assert older.action.ended_at - older.action.issued_at == timedelta(days=31)
    causes = queries.action_sheet(session, older.action, moment=moment).of(Step.D4)
    assert (causes.standing.state, causes.standing.rejections) == (StepState.ACCEPTED, 1)
    assert (newer.next_step, newer.is_overdue) == (Step.D4, True)
    assert f"{newer.standing.due_at:%Y-%m-%d}" == "2026-10-29"


def test_its_disruptions_cost_more_than_came_back(
    session: Session, drift: int, year: Period
) -> None:
    facts = gather_more(session, year, supplier_ids=[drift])[drift]
    more = more_measures(facts, as_of=LAST_DAY)
    assert more.measures["disruption_cost"].value == 72_650
    assert more.costs is not None
    assert (more.costs.copq, more.costs.recovered) == (72_650, 30_000)
    assert [str(sheet.note.state) for sheet in disruptions.notes_of(session, drift)] == ["settled"]


def test_it_was_judged_by_hand_and_measured_by_the_houses_own_measure(
    session: Session, drift: int, year: Period
) -> None:
    judged = manual.rows_of(session, drift, day=LAST_DAY)
    assert [(row.criterion.name, row.score.value, row.stands) for row in judged] == [
        ("ESG audit", 64, True)
    ]
    figure = custom.figures_of(session, drift, year)[0]
    assert (figure.stored.key, figure.measure.numerator, figure.measure.denominator) == (
        "stops_per_order", 3, 246,
    )  # fmt: skip
