"""Judging rules: raised once, held, cleared; corrected, muted, scoped, followed, retired."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from app.base import acting, db
from app.base.acting import Limit, Reach
from app.base.db import Database
from app.base.errors import Conflict, InvalidInput
from app.calc.alerting import Limits, Operator
from app.facts.suppliers.models import Category
from app.judgement.alerts import evaluation, previewing, queries, services
from app.judgement.alerts.models import Alert, AlertWatch, Severity
from app.judgement.alerts.queries import Scope
from app.judgement.alerts.services import Draft
from tests.alerts.conftest import BELOW, DAILY, MONTHLY, REASON, Facts, SetClock, add_rule
from tests.builders import facts

JUN, JUL, AUG, SEP, OCT = (
    date(2026, 6, 30), date(2026, 7, 31), date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31),
)  # fmt: skip


def told() -> list[tuple[str, date, date | None]]:
    with db.reading() as session:
        rows = session.scalars(select(Alert).order_by(Alert.raised_on, Alert.id))
        return [(row.state, row.raised_on, row.cleared_on) for row in rows]


def a_supplier(**given: object) -> int:
    with db.transaction() as session:
        return facts.supplier(session, **given).id


def a_rule(**given: object) -> str:
    with db.transaction() as session:
        return str(add_rule(session, **given).key)


def test_a_rule_raises_once_holds_and_clears_after_two_good_months(
    database: Database, facts_known: Facts
) -> None:
    own = a_supplier()
    a_rule()
    facts_known.course(own, 0.95, 0.89, 0.88, until=AUG)
    for _ in range(2):
        done = evaluation.evaluate(AUG)
        assert told() == [("open", AUG, None)]
    assert (done.raised, done.cleared) == (0, 0)
    facts_known.course(own, 0.93, 0.94, until=OCT)
    evaluation.evaluate(SEP)
    assert told() == [("open", AUG, None)]
    assert evaluation.evaluate(OCT).cleared == 1
    assert told() == [("cleared", AUG, OCT)]


def test_a_house_that_begins_hears_what_stands_since_when(
    sqlite_only: Database, facts_known: Facts
) -> None:
    own = a_supplier()
    a_rule()
    facts_known.course(own, 0.89, 0.88, 0.87, 0.86, until=OCT)
    evaluation.evaluate(OCT)
    with sqlite_only.reading() as session:
        alert = session.scalars(select(Alert)).one()
    assert (alert.raised_on, alert.value, alert.last_value) == (AUG, 0.88, 0.86)
    assert (alert.evidence["n"], alert.evidence["threshold"]) == (50, 0.90)


def test_months_before_a_rule_is_in_force_raise_nothing_but_count(
    sqlite_only: Database, facts_known: Facts
) -> None:
    own = a_supplier()
    a_rule(valid_from=OCT)
    facts_known.course(own, 0.89, 0.88, 0.87, until=SEP)
    evaluation.evaluate(SEP)
    assert told() == []
    facts_known.say(OCT, own, 0.86)
    evaluation.evaluate(OCT)
    assert told() == [("open", OCT, None)]


def test_corrected_facts_move_what_the_month_raised(
    sqlite_only: Database, facts_known: Facts
) -> None:
    own = a_supplier()
    a_rule()
    facts_known.course(own, 0.89, 0.88, until=OCT)
    evaluation.evaluate(OCT)
    facts_known.say(OCT, own, 0.97)
    evaluation.evaluate(OCT)
    assert told() == [("cleared", OCT, OCT)]
    facts_known.say(OCT, own, 0.88)
    evaluation.evaluate(OCT)
    assert told() == [("open", OCT, None)]


def test_unknown_and_small_samples_raise_nothing_and_clear_nothing(
    sqlite_only: Database, facts_known: Facts
) -> None:
    own, small = a_supplier(), a_supplier()
    a_rule()
    facts_known.course(own, 0.89, 0.88, until=AUG)
    for end in (JUL, AUG, SEP, OCT):
        facts_known.say(end, small, 0.1, n=9)
    facts_known.say(SEP, own, None)
    evaluation.evaluate(OCT)
    assert told() == [("open", AUG, None)]


def test_a_rule_speaks_of_its_scope_alone(sqlite_only: Database, facts_known: Facts) -> None:
    with sqlite_only.transaction() as session:
        above = Category(name="Metal")
        session.add(above)
        session.flush()
        below = Category(name="Castings", parent_id=above.id)
        session.add(below)
        session.flush()
        keys = above.id, below.id
    within, other = a_supplier(category_id=keys[1]), a_supplier(segment="tail")
    for each in (within, other):
        facts_known.course(each, 0.5, 0.5, until=OCT)
    a_rule(name="Metal", scope=Scope(category_id=keys[0]))
    a_rule(name="Tail", scope=Scope(segment="tail"))
    a_rule(name="One", scope=Scope(supplier_id=within))
    evaluation.evaluate(OCT)
    with sqlite_only.reading() as session:
        rows = queries.open_alerts(session)
        assert sorted((row.rule.name, row.alert.supplier_id) for row in rows) == [
            ("Metal", within), ("One", within), ("Tail", other),
        ]  # fmt: skip


def test_a_muted_rule_tells_nobody_until_it_may_again(
    sqlite_only: Database, facts_known: Facts, at: SetClock
) -> None:
    own = a_supplier()
    with sqlite_only.transaction() as session:
        at(date(2026, 9, 1))
        rule = add_rule(session)
        services.mute(session, rule.public_id, until=date(2026, 10, 15), reason=REASON)
        key = rule.public_id
    facts_known.course(own, 0.89, 0.88, 0.87, until=OCT)
    at(date(2026, 10, 1))
    assert evaluation.evaluate(SEP).raised == 0
    assert told() == [("muted", SEP, None)]
    at(date(2026, 11, 1))
    assert evaluation.evaluate(OCT).raised == 1
    assert told() == [("open", SEP, None)]
    with sqlite_only.transaction() as session:
        services.retire(session, key, reason=REASON)
    assert [state for state, *_ in told()] == ["cleared"]


def test_another_version_goes_on_where_the_one_before_stood(
    sqlite_only: Database, facts_known: Facts
) -> None:
    own = a_supplier()
    with sqlite_only.transaction() as session:
        key = add_rule(session).public_id
    facts_known.course(own, 0.89, 0.88, until=SEP)
    evaluation.evaluate(SEP)
    draft = Draft("Falls", MONTHLY, Limits(Operator.BELOW, 0.80), Severity.WATCH)
    with sqlite_only.transaction() as session:
        made = services.follow(session, key, draft, reason=REASON, seen=1)
        assert (made.version, made.key, made.judged_on) == (2, "falls", SEP)
        with pytest.raises(Conflict, match="is retired"):
            services.follow(session, key, draft, reason=REASON, seen=1)
        other = Draft("Falls", DAILY, draft.limits, Severity.WATCH)
        with pytest.raises(InvalidInput, match="keeps its subject"):
            services.follow(session, made.public_id, other, reason=REASON, seen=2)
    facts_known.say(OCT, own, 0.79)
    evaluation.evaluate(OCT)
    assert told() == [("open", SEP, None)]
    with sqlite_only.reading() as session:
        assert session.scalars(select(Alert.severity)).one() == "watch"


def test_each_thing_stands_by_itself_and_what_is_gone_is_over(
    sqlite_only: Database, facts_known: Facts
) -> None:
    own, day = a_supplier(), date(2026, 10, 5)
    a_rule(subject=DAILY, limits=Limits(Operator.AT_LEAST, 1, good_to_clear=1))
    for thing in ("fire", "flood"):
        facts_known.say(day, own, 2, n=None, thing=thing)
    evaluation.evaluate(day)
    facts_known.say(date(2026, 10, 6), own, 2, n=None, thing="fire")
    evaluation.evaluate(date(2026, 10, 6))
    with sqlite_only.reading() as session:
        rows = session.execute(select(Alert.thing, Alert.state).order_by(Alert.thing)).all()
        kept = session.scalars(select(AlertWatch.thing).order_by(AlertWatch.thing)).all()
    assert [tuple(row) for row in rows] == [("fire", "open"), ("flood", "cleared")]
    assert kept == ["fire", "flood"]


def test_a_day_before_the_last_one_is_not_judged_again(
    sqlite_only: Database, facts_known: Facts
) -> None:
    own = a_supplier()
    a_rule(subject=DAILY, limits=Limits(Operator.AT_LEAST, 1))
    facts_known.say(date(2026, 10, 4), own, 5)
    evaluation.evaluate(date(2026, 10, 5))
    done = evaluation.evaluate(date(2026, 10, 4))
    assert (done.rules, done.raised) == (0, 0)
    assert "judged up to 2026-10-05" in done.summary
    with pytest.raises(InvalidInput, match="lies in the future"):
        evaluation.evaluate(date(2026, 11, 22))


def test_the_preview_tells_what_a_year_would_have_raised(
    sqlite_only: Database, facts_known: Facts
) -> None:
    own = a_supplier()
    facts_known.course(own, 0.89, 0.88, 0.95, 0.95, 0.89, 0.85, until=OCT)
    draft = Draft("Falls", MONTHLY, BELOW, Severity.ALARM)
    with sqlite_only.reading() as session:
        found = previewing.preview(session, draft, OCT)
    assert found.raised == ((own, OCT, None), (own, JUN, AUG))
    assert found.suppliers == 1
    assert told() == []


def test_what_is_slow_to_read_is_previewed_of_an_even_sample_within_reach(
    sqlite_only: Database, facts_known: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previewing, "SAMPLE", 2)
    own = [a_supplier() for _ in range(5)]
    for each in own:
        facts_known.course(each, 0.85, 0.85, until=OCT)
    draft = Draft("Falls", MONTHLY, BELOW, Severity.ALARM)
    found = previewing.previewed(draft, OCT)
    assert ({key for key, *_ in found.raised}, found.sample) == ({own[0], own[2]}, (2, 5))
    reached = frozenset(own[2:4])
    buyer = replace(acting.present(), reads=Reach(frozenset({Limit(supplier_ids=reached)})))
    with acting.acting_as(buyer):
        few = previewing.previewed(draft, OCT)
    assert ({key for key, *_ in few.raised}, few.sample) == (set(reached), None)


def test_what_can_not_be_judged_by_is_no_rule(sqlite_only: Database, facts_known: Facts) -> None:
    with sqlite_only.transaction() as session:
        for limits, subject, words in (
            (Limits(Operator.BELOW, 0.9, clear=0.8), MONTHLY, "on the bad side"),
            (BELOW, "nobody:knows", "Nothing tells"),
        ):
            with pytest.raises(InvalidInput, match=words):
                services.add(
                    session, Draft("Falls", subject, limits, Severity.WATCH), reason=REASON
                )


def test_presets_are_taken_in_once(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        first, second = services.take_presets(session), services.take_presets(session)
        names = {rule.subject for rule in queries.rules_in_force(session)}
    assert (first, second) == (25, 0)
    assert {"measure:otif_line:month", "sign:degradation", "event:hit"} <= names
