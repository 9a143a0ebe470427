"""Rules are added, followed, ended and withdrawn; what they touch is judged again."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base.db import Database
from app.base.errors import Conflict, InvalidInput
from app.calc.delivery_rules import DayCount, RuleScope
from app.facts.deliveries import rollup
from app.facts.deliveries.rollup_models import LineVerdict, MonthlyRollup
from app.facts.deliveries.rules import keeping, rejudging
from app.facts.deliveries.rules.keeping import Draft, Kept, Place
from app.facts.deliveries.rules.models import DeliveryRule
from app.facts.deliveries.rules.reach import Reach, count_lines
from app.facts.suppliers import calendar_keeping as calendars
from app.facts.suppliers.models import Category, Site
from app.platform.audit.models import AuditEvent
from app.platform.jobs import handle, ledger
from app.platform.jobs.handle import Run, Stopped
from app.platform.jobs.models import JobRun
from tests.builders import facts
from tests.deliveries.test_rollup import differences

UNTIL = date(2026, 3, 31)
EVERYTHING = Place(RuleScope.DEFAULT)
LATE = Draft(late_days=3)


def judged_again(database: Database, kept: Kept, *, size: int = 2) -> dict[str, Any]:
    run = Run(slice_size=size)
    return rejudging.judge_again_job({"reach": kept.reach.kept}, run)


def lines(session: Session, *days: date, **given: Any) -> list[int]:
    """Write one line per day of order, three days late, and judge them."""
    supplier = facts.supplier(session, number="S-1")
    made = []
    for day in days:
        line = facts.line(session, facts.order(session, supplier, ordered_on=day), **given)
        facts.receipt(session, line, date(2026, 3, 8))
        made.append(line.id)
    rollup.rebuild(session, until=UNTIL)
    return made


def verdicts(session: Session) -> list[tuple[str, int | None]]:
    rows = session.execute(select(LineVerdict.rule, LineVerdict.otif).order_by(LineVerdict.line_id))
    return [(rule, otif) for rule, otif in rows]


def test_a_new_rule_judges_the_lines_it_is_for_again(database: Database) -> None:
    with database.transaction() as session:
        lines(session, date(2026, 1, 10), date(2026, 2, 1), date(2026, 2, 2), date(2026, 2, 3))
        kept = keeping.add(
            session, "House", EVERYTHING, Draft(valid_from=date(2026, 2, 1), late_days=3)
        )
        assert count_lines(session, kept.reach) == 3
    report = judged_again(database, kept)
    with database.transaction() as session:
        assert verdicts(session) == [("default", 0), *[("House v1", 1)] * 3]
        assert session.scalar(select(func.sum(MonthlyRollup.otif_true))) == 3
        assert differences(session, UNTIL) == []
    assert (report["rows_out"], report["summary"]) == (3, "3 lines judged again.")


def test_another_version_ends_the_older_one_the_day_before(database: Database) -> None:
    with database.transaction() as session:
        lines(session, date(2026, 1, 31), date(2026, 2, 1))
        first = keeping.add(session, "House", EVERYTHING, LATE)
        second = keeping.follow(
            session, first.public_id, Draft(valid_from=date(2026, 2, 1), late_days=1)
        )
        rules = session.execute(
            select(DeliveryRule.version, DeliveryRule.valid_from, DeliveryRule.valid_to).order_by(
                DeliveryRule.version
            )
        ).all()
        assert count_lines(session, second.reach) == 1
    assert rules == [(1, None, date(2026, 1, 31)), (2, date(2026, 2, 1), None)]
    judged_again(database, first)
    with database.reading() as session:
        assert verdicts(session) == [("House v1", 1), ("House v2", 0)]


def test_a_later_version_that_ends_earlier_touches_what_the_older_one_judged(
    database: Database,
) -> None:
    with database.transaction() as session:
        lines(session, date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 20))
        first = keeping.add(session, "House", EVERYTHING, LATE)
        second = keeping.follow(
            session,
            first.public_id,
            Draft(valid_from=date(2026, 2, 1), valid_to=date(2026, 2, 10)),
        )
        assert count_lines(session, second.reach) == 2


def test_two_rules_that_would_judge_the_same_line_are_refused(database: Database) -> None:
    with database.transaction() as session:
        facts.part(session, number="P-7")
        part = Place(RuleScope.PART, part="P-7")
        keeping.add(session, "Old", part, Draft(valid_to=date(2026, 3, 1)))
        with pytest.raises(Conflict) as refused:
            keeping.add(session, "New", part, Draft(valid_from=date(2026, 3, 1)))
        assert refused.value.code == "E-RUL-06"
        assert (
            "“Old v1” and “New v1” would both hold on 1 Mar 2026, for the same part"
            in refused.value.message
        )
        assert session.scalar(select(func.count()).select_from(DeliveryRule)) == 1
        keeping.add(session, "Next", part, Draft(valid_from=date(2026, 3, 2)))


@pytest.mark.parametrize(
    ("place", "code"),
    [
        (Place(RuleScope.SUPPLIER, supplier="S-9"), "E-RUL-07"),
        (Place(RuleScope.PART, part=""), "E-RUL-07"),
        (Place(RuleScope.CATEGORY, category="Nowhere"), "E-RUL-07"),
        (Place(RuleScope.CONTRACT, supplier="S-1"), "E-RUL-08"),
    ],
)
def test_a_rule_for_nothing_known_is_refused(database: Database, place: Place, code: str) -> None:
    with database.transaction() as session:
        facts.supplier(session, number="S-1")
        with pytest.raises(InvalidInput) as refused:
            keeping.add(session, "House", place, LATE)
    assert refused.value.code == code


def test_a_version_begins_after_the_one_before(database: Database) -> None:
    with database.transaction() as session:
        first = keeping.add(session, "House", EVERYTHING, Draft(valid_from=date(2026, 2, 1)))
        with pytest.raises(InvalidInput) as refused:
            keeping.follow(session, first.public_id, Draft(valid_from=date(2026, 2, 1)))
    assert refused.value.code == "E-RUL-03"


def test_only_the_newest_version_is_followed(database: Database) -> None:
    with database.transaction() as session:
        first = keeping.add(session, "House", EVERYTHING, LATE)
        keeping.follow(session, first.public_id, Draft(valid_from=date(2026, 2, 1)))
        with pytest.raises(Conflict) as refused:
            keeping.follow(session, first.public_id, Draft(valid_from=date(2026, 1, 1)))
    assert refused.value.code == "E-RUL-09"


def test_an_ended_rule_keeps_the_orders_placed_until_then(database: Database) -> None:
    with database.transaction() as session:
        lines(session, date(2026, 1, 31), date(2026, 2, 1))
        kept = keeping.add(session, "House", EVERYTHING, LATE)
    judged_again(database, kept)
    with database.transaction() as session:
        ended = keeping.end(session, kept.public_id, on=date(2026, 1, 31))
        assert count_lines(session, ended.reach) == 1
    judged_again(database, ended)
    with database.reading() as session:
        assert verdicts(session) == [("House v1", 1), ("default", 0)]


def test_a_withdrawn_rule_has_never_held_and_the_log_keeps_what_it_said(
    database: Database,
) -> None:
    with database.transaction() as session:
        lines(session, date(2026, 2, 1))
        kept = keeping.add(session, "House", EVERYTHING, LATE)
    judged_again(database, kept)
    with database.transaction() as session:
        gone = keeping.withdraw(session, kept.public_id)
    judged_again(database, gone)
    with database.reading() as session:
        assert verdicts(session) == [("default", 0)]
        actions = session.scalars(
            select(AuditEvent.action).where(AuditEvent.entity == "delivery_rule")
        ).all()
    assert actions == ["create", "delete"]


def test_a_rule_for_a_category_reaches_those_below_it(database: Database) -> None:
    with database.transaction() as session:
        root = Category(name="Metal")
        session.add(root)
        session.flush()
        leaf = Category(name="Castings", parent_id=root.id)
        session.add(leaf)
        session.flush()
        lines(session, date(2026, 2, 1), category_id=leaf.id)
        kept = keeping.add(session, "Metal", Place(RuleScope.CATEGORY, category="Metal"), LATE)
        assert count_lines(session, kept.reach) == 1


def test_a_rule_for_a_contract_reaches_its_orders_alone(database: Database) -> None:
    with database.transaction() as session:
        supplier = facts.supplier(session, number="S-1")
        for contract in ("C-1", "C-2", None):
            facts.line(session, facts.order(session, supplier, contract_reference=contract))
        place = Place(RuleScope.CONTRACT, supplier="S-1", contract="C-1")
        kept = keeping.add(session, "Frame", place, LATE)
        assert count_lines(session, kept.reach) == 1


def test_judging_again_goes_on_behind_its_last_slice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as session:
        lines(session, *(date(2026, 2, day) for day in range(1, 6)))
        kept = keeping.add(session, "House", EVERYTHING, LATE)
        run_id = rejudging.ask_for(session, kept.reach, what="House v1", by="a tester")
        assert run_id is not None
    stop = threading.Event()
    monkeypatch.setattr(handle, "_told_to_stop", stop)
    with database.transaction() as session:
        held = ledger.claim(session, run_id=run_id)
    assert held is not None
    seen: list[int] = []

    def watch(done: int, total: int | None) -> None:
        seen.append(done)
        if seen == [0, 2]:
            stop.set()

    with pytest.raises(Stopped):
        rejudging.judge_again_job(held.arguments, Run(held, slice_size=2, watch=watch))
    with database.transaction() as session:
        assert [rule for rule, _ in verdicts(session)] == ["House v1"] * 2 + ["default"] * 3
        assert ledger.release(session, held)
        held = ledger.claim(session, run_id=run_id)
    assert held is not None
    assert held.checkpoint is not None
    stop.clear()
    seen.clear()
    report = rejudging.judge_again_job(held.arguments, Run(held, slice_size=2, watch=watch))
    with database.transaction() as session:
        assert [rule for rule, _ in verdicts(session)] == ["House v1"] * 5
        assert session.get_one(JobRun, run_id).job == "judge_again"
        assert differences(session, UNTIL) == []
    assert (report["rows_out"], seen) == (5, [2, 4, 5])


def test_a_calendar_judges_again_only_lines_in_business_days_at_its_sites(
    database: Database,
) -> None:
    with database.transaction() as session:
        sites = [Site(name="Verona"), Site(name="Bari")]
        session.add_all(sites)
        facts.part(session, number="P-1", unit="pc")
        session.flush()
        supplier = facts.supplier(session, number="S-1")
        other = facts.supplier(session, number="S-2")
        keeping.add(
            session, "Works days", Place(RuleScope.SUPPLIER, supplier="S-1"),
            Draft(late_days=2, day_count=DayCount.BUSINESS),
        )  # fmt: skip
        for of in (supplier, other):
            for site in sites:
                line = facts.line(session, facts.order(session, of), site_id=site.id)
                facts.receipt(session, line, date(2026, 3, 10))
        rollup.rebuild(session, until=UNTIL)
        assert [otif for _, otif in verdicts(session)] == [0, 0, 0, 0]
        _, touched = calendars.keep(
            session, None, name="Verona", weekend="56",
            holidays={date(2026, 3, 6): "Patron"}, site_ids=[sites[0].id],
        )  # fmt: skip
        reach = Reach.of_sites(touched)
        assert count_lines(session, reach) == 1
    rejudging.judge_again_job({"reach": reach.kept}, Run.by_hand())
    with database.transaction() as session:
        # Thursday 5 March and two days of work: Monday and Tuesday, for Friday is off.
        assert [otif for _, otif in verdicts(session)] == [1, 0, 0, 0]
        assert differences(session, UNTIL) == []


def test_a_calendar_kept_as_it_was_touches_nothing(database: Database) -> None:
    with database.transaction() as session:
        site = Site(name="Verona")
        session.add(site)
        session.flush()
        days = {date(2026, 12, 25): "Christmas"}
        key, first = calendars.keep(
            session, None, name="Verona", weekend="56", holidays=days, site_ids=[site.id]
        )
        _, again = calendars.keep(
            session, key, name="Verona", weekend="65", holidays=days, site_ids=[site.id]
        )
        _, moved = calendars.keep(
            session, key, name="Verona", weekend="6", holidays=days, site_ids=[site.id]
        )
        _, left = calendars.keep(
            session, key, name="Verona", weekend="6", holidays=days, site_ids=[]
        )
    assert (first, again, moved, left) == ({site.id}, set(), {site.id}, {site.id})


def test_a_pasted_list_of_holidays_names_the_line_without_a_date() -> None:
    found = calendars.read_holidays("2026-12-25 Christmas\n\n2026-12-26; St Stephen\n2027-01-01")
    assert found == {
        date(2026, 12, 25): "Christmas",
        date(2026, 12, 26): "St Stephen",
        date(2027, 1, 1): "",
    }
    with pytest.raises(InvalidInput) as refused:
        calendars.read_holidays("2026-12-25\n25.12.2026")
    assert refused.value.message == (
        "Line 2, “25.12.2026”, begins with no date such as 2026-12-25."
    )
