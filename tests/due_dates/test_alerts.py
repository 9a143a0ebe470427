"""Dates on a ladder: each rung told once, the nearest alone after a standstill."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.db import Database
from app.calc.alerting import Limits, Operator
from app.judgement.alerts import evaluation, services
from app.judgement.alerts.models import Alert, AlertRule, Severity
from app.judgement.alerts.queries import Scope
from app.judgement.alerts.services import Draft
from app.judgement.contracts.models import ContractEvent
from app.judgement.fmea.living.models import FmeaAcceptance
from tests.builders.contract_days import contract
from tests.conftest import NOW, TODAY
from tests.due_dates.conftest import REASON, House

ENDS = TODAY + timedelta(days=40)


def rule_on(session: Session, subject: str) -> AlertRule:
    found = Limits(Operator.AT_MOST, 180, good_to_clear=1)
    draft = Draft(
        name="Ends", subject=subject, limits=found, severity=Severity.WATCH, scope=Scope()
    )
    return services.add(session, draft, reason=REASON, valid_from=date(2026, 1, 1))


def judge(monkeypatch: pytest.MonkeyPatch, day: date) -> list[tuple[str, str]]:
    """Judge every rule on a day; return what stands: the rung, and what is said of it."""
    moment = NOW + (day - TODAY)
    monkeypatch.setattr(clock, "now", lambda: moment)
    evaluation.evaluate()
    with db.reading() as session:
        rows = session.scalars(
            select(Alert).where(Alert.state != "cleared").order_by(Alert.supplier_id)
        )
        return [(row.thing.rpartition(":")[2], row.words) for row in rows]


def raised() -> int:
    with db.reading() as session:
        return len(session.scalars(select(Alert.id)).all())


def test_each_rung_raises_once_and_the_one_before_is_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction() as session:
        rule_on(session, "date:acceptance")
    # 40 days before 31 December the rung of 60 days holds.
    told = "“Castings come late” is accepted until 31 Dec 2026, in 40 days"
    assert judge(monkeypatch, TODAY) == [("60", told)]
    assert judge(monkeypatch, TODAY + timedelta(days=9)) == [("60", told)]
    assert raised() == 1
    assert [rung for rung, _ in judge(monkeypatch, ENDS - timedelta(days=30))] == ["30"]
    assert raised() == 2
    # Nothing ran for three weeks: 14 was passed, 7 alone is told.
    assert [rung for rung, _ in judge(monkeypatch, ENDS - timedelta(days=5))] == ["7"]
    assert raised() == 3
    # What ran out stays until somebody decides.
    assert [rung for rung, _ in judge(monkeypatch, ENDS + timedelta(days=50))] == ["7"]
    assert raised() == 3


def test_a_day_that_moves_is_told_anew_and_before_the_first_rung_nothing_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction() as session:
        rule_on(session, "date:acceptance")
        row = session.scalars(select(FmeaAcceptance)).one()
        row.until_on = TODAY + timedelta(days=91)
    assert judge(monkeypatch, TODAY) == []
    assert [rung for rung, _ in judge(monkeypatch, TODAY + timedelta(days=1))] == ["90"]
    with db.transaction() as session:
        session.scalars(select(FmeaAcceptance)).one().until_on = TODAY + timedelta(days=80)
    assert judge(monkeypatch, TODAY + timedelta(days=2)) == [
        ("90", "“Castings come late” is accepted until 9 Feb 2027, in 78 days")
    ]
    assert raised() == 2


def test_a_contract_alarms_from_its_notice_date_not_from_its_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1 December less 90 days is 2 September; 90 days before that the first rung is reached."""
    with db.transaction() as session:
        contract(session, house.kestrel, date(2027, 12, 1), our_notice_days=90)
        given = {"number": "C-2", "our_notice_days": 90, "is_critical": True}
        contract(session, house.adler, date(2027, 12, 1), **given)
        rule_on(session, "date:notice")
    assert judge(monkeypatch, date(2027, 3, 5)) == []
    assert [rung for rung, _ in judge(monkeypatch, date(2027, 3, 6))] == ["180"]
    assert [rung for rung, _ in judge(monkeypatch, date(2027, 6, 3))] == ["180"]
    assert judge(monkeypatch, date(2027, 6, 4)) == [
        ("90", "Notice period of contract C-1 begins: it ends on 1 Dec 2027, in 90 days"),
        ("90", "Notice period of contract C-2 begins: it ends on 1 Dec 2027, in 90 days"),
    ]
    assert [rung for rung, _ in judge(monkeypatch, date(2027, 9, 2))] == ["7", "7"]


def test_an_overlooked_renewal_stands_until_somebody_decides(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction() as session:
        given = {"our_notice_days": 90, "auto_renew": True, "renewal_months": 12}
        made = contract(session, house.kestrel, date(2027, 1, 31), **given)
        key = made.id
        limits = Limits(Operator.AT_LEAST, 1, good_to_clear=1)
        draft = Draft("Lost", "date:overlooked", limits, Severity.ALARM, Scope())
        services.add(session, draft, reason=REASON, valid_from=date(2026, 1, 1))
    assert judge(monkeypatch, TODAY) == []
    happened = {"contract_id": key, "said": "x", "said_by": "W", "said_at": NOW}
    with db.transaction() as session:
        day, ends_on = date(2026, 11, 3), date(2027, 1, 31)
        session.add(
            ContractEvent(
                kind="rolled_over", key="2027-01-31", happened_on=day, ends_on=ends_on, **happened
            )
        )
    assert [words for _, words in judge(monkeypatch, TODAY)] == [
        "Contract C-1: Nobody had decided in time: it renews itself after 31 Jan 2027, "
        "until 31 Jan 2028"
    ]
    with db.transaction() as session:
        session.add(
            ContractEvent(kind="renewal_wanted", key="2028-01-31", happened_on=TODAY, **happened)
        )
    assert judge(monkeypatch, TODAY + timedelta(days=1)) == []


def test_dates_are_judged_on_the_day_even_where_no_delivery_came(
    sqlite_only: Database, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation.deliveries, "latest_fact_on", lambda _: date(2026, 6, 30))
    with db.transaction() as session:
        rule_on(session, "date:acceptance")
    assert [rung for rung, _ in judge(monkeypatch, TODAY)] == ["60"]
    with db.reading() as session:
        assert session.scalars(select(Alert.raised_on)).all() == [TODAY]
