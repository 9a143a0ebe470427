"""Judges every rule in force for all suppliers at once, as a job behind the recompute.

Each rule goes from the last period it was judged for to the newest one that is over. The
same period can be judged again: what stood before it is kept, so that corrected facts move
what they raised, and nothing is raised twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.errors import InvalidInput
from app.calc.alerting import Found, Limits, Progress, crossing, found_of, step
from app.calc.periods import last_full_month, month_end, month_index
from app.facts.deliveries import queries as deliveries
from app.facts.suppliers import queries as suppliers
from app.judgement.alerts import queries, responding, telling
from app.judgement.alerts.catalogue import Cadence, Group, Reading, Readings, Subject
from app.judgement.alerts.models import Alert, AlertRule, AlertState, AlertWatch
from app.judgement.alerts.queries import STANDING, limits_of
from app.judgement.alerts.subjects import subject_of
from app.platform.jobs.handle import Run

Arguments = dict[str, Any]  # Any: JSON
Key = tuple[int, str]
# How far a rule that was never judged looks back.
LOOK_BACK_MONTHS = 13
WEEKS_IN_MONTH = 365.25 / 7 / 12
LONGEST_WORDS = 300
NOTHING = Progress()


@dataclass(frozen=True, slots=True)
class _Memory:
    """How far a rule has come with one thing: before a period, and behind it."""

    period_end: date
    before: Progress
    behind: Progress

    def before_period(self, period_end: date) -> Progress:
        """Return what stood before a period, also where that period was judged already."""
        return self.before if self.period_end >= period_end else self.behind

    @property
    def says_something(self) -> bool:
        """Whether it must be kept: who never was bad is like who was never seen."""
        return any(each.bad or each.stands for each in (self.before, self.behind))


@dataclass(slots=True)
class Evaluation:
    """What an evaluation did: alerts raised and cleared, rules judged and left out, incidents."""

    as_of: date
    # Dates come whether or not facts do: as of which day they are judged.
    dates_as_of: date
    rules: int = 0
    raised: int = 0
    cleared: int = 0
    left_out: list[str] = field(default_factory=list)
    opened: int = 0

    @property
    def summary(self) -> str:
        """Return it in one sentence."""
        told = (
            f"As of {self.as_of.isoformat()}: {formatting.count(self.rules, 'rule')} judged, "
            f"{formatting.count(self.raised, 'alert')} raised, {self.cleared} cleared."
        )
        if self.opened:
            told += f" {formatting.count(self.opened, 'incident')} opened."
        if self.left_out:
            told += f" Left out: {', '.join(self.left_out)}."
        return told


@dataclass(frozen=True, slots=True)
class Judged:
    """One rule in one period: what is known of each thing, and when a trend gets there."""

    period_end: date
    readings: Mapping[Key, Reading]
    soon: Mapping[int, Mapping[str, float | None]]


def evaluate_job(arguments: Arguments, run: Run) -> Arguments:
    """Judge every rule; arguments: `as_of` as an ISO date, none for the latest fact."""
    given = arguments.get("as_of")
    done = evaluate(None if given is None else date.fromisoformat(given), run=run)
    return {"summary": done.summary, "rows_out": done.raised, "as_of": str(done.as_of)}


def evaluate(as_of: date | None = None, *, run: Run | None = None) -> Evaluation:
    """Judge every rule in force as of a day (the latest fact, at most today), and tell.

    Dates are judged as of today where no day is given.
    Each rule is read outside of any writing transaction and written in one of its own. What
    was raised and not told yet, also by an evaluation that was ended, is told behind all.
    """
    run = run or Run.by_hand()
    # One session reads for all rules: what several of them rest on is read once.
    with db.reading() as session:
        latest = deliveries.latest_fact_on(session)
        facts_as_of = as_of or min(latest or clock.today(), clock.today())
        done = Evaluation(facts_as_of, as_of or clock.today())
        if done.as_of > clock.today():
            raise InvalidInput(
                "E-ALR-03", f"{done.as_of.isoformat()} lies in the future; give a day up to today."
            )
        rules = queries.rules_in_force(session)
        for place, rule in enumerate(rules):
            run.progress(place, len(rules))
            _judge_rule(session, rule, done, run)
    with db.transaction() as session:
        run.guard(session)
        done.opened = responding.respond(session)
        telling.tell(session)
    run.progress(len(rules), len(rules))
    return done


def periods_of(
    subject: Subject, day: date, *, judged_on: date | None, is_new_version: bool = False
) -> list[date]:
    """Return the ends of the periods to judge up to a day, the one judged last included.

    A month that an older version judged stays as that one judged it.
    """
    if subject.cadence is Cadence.DAY:
        return [] if judged_on is not None and day < judged_on else [day]
    last = last_full_month(day)
    first = last - LOOK_BACK_MONTHS + 1
    if judged_on is not None:
        first = month_index(judged_on) + is_new_version
    if not subject.can_look_back:
        first = max(first, last)
    return [month_end(month) for month in range(first, last + 1)]


def read_period(
    session: Session,
    subject: Subject,
    day: date,
    *,
    only: set[int] | None,
    floor: float | None = None,
) -> Judged:
    """Read one period of a subject for the suppliers of a rule's scope."""
    rated = set(suppliers.rated_supplier_ids(session))
    found: Readings = subject.read(session, day)
    readings = {
        (supplier_id, reading.thing): reading
        for supplier_id, own in found.items()
        if supplier_id in rated and (only is None or supplier_id in only)
        for reading in own
    }
    return Judged(day, readings, _soon(session, subject, day, readings, floor))


def _soon(
    session: Session,
    subject: Subject,
    day: date,
    readings: Mapping[Key, Reading],
    floor: float | None,
) -> dict[int, Mapping[str, float | None]]:
    """Tell when the trends of those for whom the sign stands reach the floor, in weeks."""
    raised = {key for (key, _), reading in readings.items() if (reading.value or 0) >= 1}
    if floor is None or subject.series is None or not subject.floor_of or not raised:
        return {}
    courses = subject.series(session, day)
    return {
        key: told
        for key in sorted(raised & courses.keys())
        if (told := weeks_to(courses[key], floor, low_is_bad=True)) is not None
    }


def weeks_to(
    values: Sequence[float | None], floor: float, *, low_is_bad: bool
) -> Mapping[str, float | None] | None:
    """Return when a monthly course reaches a floor, in weeks with its range."""
    found = crossing(values, floor, low_is_bad=low_is_bad)
    if found is None:
        return None
    return {
        "weeks": found.periods * WEEKS_IN_MONTH,
        "soonest": found.soonest * WEEKS_IN_MONTH,
        "latest": None if found.latest is None else found.latest * WEEKS_IN_MONTH,
        "floor": floor,
    }


def _judge_rule(reading: Session, rule: AlertRule, done: Evaluation, run: Run) -> None:
    subject = subject_of(rule.subject)
    if subject is None:
        done.left_out.append(f"{rule.name} (nothing tells “{rule.subject}”)")
        return
    only = queries.in_scope(reading, queries.scope_of(rule))
    floor = floor_of(reading, subject)
    day = done.dates_as_of if subject.group is Group.DATE else done.as_of
    judged = [
        read_period(reading, subject, end, only=only, floor=floor)
        for end in periods_of(
            subject, day, judged_on=rule.judged_on, is_new_version=rule.judged_at is None
        )
    ]
    if not judged:
        done.left_out.append(f"{rule.name} (judged up to {rule.judged_on})")
        return
    with db.transaction() as session:
        run.guard(session)
        held = _held(session, rule)
        if held is None:
            return
        work = _Work(session, held, subject, done)
        work.leave_out_of_scope(only)
        for each in judged:
            work.take(each)
        work.keep()
        held.judged_on, held.judged_at = judged[-1].period_end, clock.now()
    done.rules += 1


def floor_of(session: Session, subject: Subject) -> float | None:
    """Return the floor that a subject's trend runs into: the mildest rule on it."""
    if not subject.floor_of:
        return None
    rows = [each for each in queries.rules_in_force(session) if each.subject == subject.floor_of]
    lows = [each.threshold for each in rows if limits_of(each).operator.is_low_bad]
    return max(lows, default=None)


def _held(session: Session, rule: AlertRule) -> AlertRule | None:
    """Return the rule as it stands now, locked; None where another version took its place."""
    found = session.scalars(
        select(AlertRule).where(AlertRule.id == rule.id).with_for_update()
    ).first()
    return None if found is None or found.retired_at is not None else found


class _Work:
    """One rule at work: what it remembers, and the alerts of it that stand."""

    def __init__(
        self, session: Session, rule: AlertRule, subject: Subject, done: Evaluation
    ) -> None:
        self.session, self.rule, self.subject, self.done = session, rule, subject, done
        self.limits = limits_of(rule)
        muted = rule.muted_until
        self.is_muted = muted is not None and muted >= clock.today()
        watches = select(AlertWatch).where(AlertWatch.rule_key == rule.key)
        self.memories = {
            (each.supplier_id, each.thing): _Memory(
                each.period_end,
                Progress(each.bad_before, each.good_before, each.stood_before),
                Progress(each.bad, each.good, each.stands),
            )
            for each in session.scalars(watches)
        }
        standing = select(Alert).where(
            Alert.rule_key == rule.key, Alert.state != AlertState.CLEARED
        )
        self.alerts = {(each.supplier_id, each.thing): each for each in session.scalars(standing)}

    def leave_out_of_scope(self, only: set[int] | None) -> None:
        """Clear what the rule no longer speaks of."""
        if only is None:
            return
        for key in [each for each in self.alerts if each[0] not in only]:
            self._clear(key, self.rule.judged_on or clock.today())
        self.memories = {key: each for key, each in self.memories.items() if key[0] in only}

    def take(self, judged: Judged) -> None:
        """Take one period into account, for everything that is read or remembered."""
        for key in sorted(judged.readings.keys() | self.memories.keys()):
            reading, memory = judged.readings.get(key), self.memories.get(key)
            found = self._found(reading)
            if memory is None and found is not Found.BAD:
                continue
            before = NOTHING if memory is None else memory.before_period(judged.period_end)
            behind, _ = step(before, found, self.limits)
            self.memories[key] = _Memory(judged.period_end, before, behind)
            if not behind.stands and key in self.alerts:
                self._clear(key, judged.period_end)
            elif behind.stands and reading is not None and found is Found.BAD:
                self._stand(key, reading, judged)

    def keep(self) -> None:
        """Store what is to be remembered."""
        mine = AlertWatch.rule_key == self.rule.key
        self.session.execute(
            delete(AlertWatch).where(mine), execution_options={"synchronize_session": False}
        )
        rows = [
            _row(self.rule.key, key, each)
            for key, each in self.memories.items()
            if each.says_something
        ]
        if rows:
            self.session.execute(insert(AlertWatch), rows)
        self.session.flush()

    def _found(self, reading: Reading | None) -> Found:
        if reading is None:
            return Found.GOOD if self.subject.absent_is_good else Found.UNKNOWN
        return found_of(reading.value, reading.n, self.limits)

    def _stand(self, key: Key, reading: Reading, judged: Judged) -> None:
        alert = self.alerts.get(key) or self._same_as_before(key, judged.period_end)
        if alert is None and judged.period_end < self.rule.valid_from:
            return
        alert = alert or self._raised(key, reading, judged.period_end)
        self.alerts[key] = alert
        if alert.state == AlertState.MUTED and not self.is_muted:
            alert.state, alert.raised_at = AlertState.OPEN, clock.now()
            self.done.raised += 1
        alert.severity = self.rule.severity
        alert.last_seen_on, alert.last_value = judged.period_end, reading.value
        alert.last_words = self.subject.said(reading)[:LONGEST_WORDS]
        soon = judged.soon.get(key[0])
        alert.soon = None if soon is None else dict(soon)

    def _same_as_before(self, key: Key, period_end: date) -> Alert | None:
        """Return the alert of this very period that corrected facts cleared before."""
        found = self.session.scalars(
            select(Alert).where(
                Alert.rule_key == self.rule.key, Alert.supplier_id == key[0],
                Alert.thing == key[1], Alert.raised_on == period_end,
            )
        ).first()  # fmt: skip
        if found is not None:
            found.state, found.cleared_on, found.cleared_at = AlertState.OPEN, None, None
            self.done.raised += 1
        return found

    def _raised(self, key: Key, reading: Reading, period_end: date) -> Alert:
        words = self.subject.said(reading)[:LONGEST_WORDS]
        alert = Alert(
            rule_id=self.rule.id, rule_key=self.rule.key, supplier_id=key[0], thing=key[1],
            severity=self.rule.severity,
            state=AlertState.MUTED if self.is_muted else AlertState.OPEN,
            value=reading.value, words=words, last_value=reading.value, last_words=words,
            evidence=_evidence(self.subject, self.limits, reading),
            raised_on=period_end, raised_at=clock.now(), last_seen_on=period_end,
        )  # fmt: skip
        self.session.add(alert)
        self.session.flush()
        self.done.raised += not self.is_muted
        return alert

    def _clear(self, key: Key, day: date) -> None:
        alert = self.alerts.pop(key)
        self.done.cleared += alert.state in STANDING
        alert.state = AlertState.CLEARED
        alert.cleared_on, alert.cleared_at = day, clock.now()


def _row(rule_key: str, key: Key, memory: _Memory) -> dict[str, object]:
    before, behind = memory.before, memory.behind
    return {
        "rule_key": rule_key, "supplier_id": key[0], "thing": key[1],
        "period_end": memory.period_end,
        "bad_before": before.bad, "good_before": before.good, "stood_before": before.stands,
        "bad": behind.bad, "good": behind.good, "stands": behind.stands,
    }  # fmt: skip


def _evidence(subject: Subject, limits: Limits, reading: Reading) -> dict[str, Any]:
    endpoint, values = reading.door or (subject.endpoint, {})
    return {
        "value": reading.value,
        "n": reading.n,
        "lower": reading.lower,
        "upper": reading.upper,
        "unit": str(subject.unit),
        "operator": str(limits.operator),
        "threshold": limits.threshold,
        "clear": limits.clear,
        "duration": limits.duration,
        "good_to_clear": limits.good_to_clear,
        "least_n": limits.least_n,
        "endpoint": endpoint,
        "query": dict(values),
    }
