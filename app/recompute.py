"""Recompute: close due windows, publish everybody's cards and indexes, restate older ones.

Suppliers are taken in slices: read and compute, then one short transaction that writes the
slice and says in the ledger how far the run has come. Nobody sees any of it before all of it
is written. A run that was ended anywhere goes on behind its last slice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.errors import InvalidInput
from app.calc.periods import Period, parse_period
from app.facts.deliveries import queries as deliveries
from app.facts.deliveries import services as delivery_services
from app.facts.deliveries import touched_causes as touched
from app.facts.suppliers import queries as suppliers
from app.judgement.risk_index import evaluation as risk
from app.judgement.risk_index import queries as risk_queries
from app.judgement.risk_index import restating as risk_restating
from app.judgement.risk_index import services as risk_services
from app.judgement.risk_index.models import RiskSnapshot
from app.judgement.scorecards import correcting, restating
from app.judgement.scorecards import queries as scorecards
from app.judgement.scorecards import services as scorecard_services
from app.judgement.scorecards.closed import services as closed_cards
from app.judgement.scorecards.evaluation import Evaluation, PeriodKind, Row, evaluate
from app.judgement.scorecards.gathering import full_quarters, gather, otif_below_floor
from app.judgement.scorecards.models import ScorecardSnapshot
from app.judgement.scorecards.restating import OlderPeriod
from app.judgement.snapshots import services as publisher
from app.judgement.snapshots.columns import Snapshot
from app.judgement.snapshots.services import Published
from app.platform.jobs.fleet import HERE, Failure, Fleet, attempt, fleet_of
from app.platform.jobs.handle import Run
from config import Settings

Arguments = dict[str, Any]  # Any: JSON
Rows = dict[str, list[Row]]

PERIOD_KINDS = (PeriodKind.ROLLING_YEAR, PeriodKind.QUARTER)
RISK = "risk"
OLDER = "older scorecards"
OLDER_RISK = "older risk"
OLDER_RISKS = ("older risk index", "older risk indexes")
# Suppliers per slice: one is written in 30 to 50 ms, and reading fewer at a time costs more.
SLICE = 500


def _name(kind: PeriodKind) -> str:
    return f"scorecards {kind}"


NONE = Published()
TABLES: dict[str, type[Snapshot]] = {
    **{_name(kind): ScorecardSnapshot for kind in PERIOD_KINDS},
    RISK: RiskSnapshot,
    OLDER: ScorecardSnapshot,
    OLDER_RISK: RiskSnapshot,
}


@dataclass(frozen=True, slots=True)
class RecomputeResult:
    """What a recompute did: as of which day, what was closed, what was published, who failed."""

    as_of: date
    windows_closed: int
    published: dict[str, Published]
    failed: int = 0
    carried: int = 0
    proposed: int = 0

    @property
    def scorecards(self) -> dict[str, Published]:
        """Return what was published of scorecards, by kind of period."""
        return {str(kind): self.published[_name(kind)] for kind in PERIOD_KINDS}

    @property
    def risk(self) -> Published:
        """Return what was published of the risk index."""
        return self.published[RISK]

    @property
    def older(self) -> Published:
        """Return what was published of periods before, restating what stood there."""
        return self.published[OLDER]

    @property
    def summary(self) -> str:
        """Return it in one sentence."""
        written = sum(each.written for each in self.scorecards.values())
        closed = formatting.count(self.windows_closed, "window")
        cards = formatting.count(written, "scorecard")
        risks = formatting.count(self.risk.written, "risk index", "risk indexes")
        told = f"As of {self.as_of.isoformat()}: {closed} closed, {cards} and {risks} published."
        more = (
            (self.older.written, ("older scorecard",), "restated"),
            (self.published[OLDER_RISK].written, OLDER_RISKS, "restated"),
            (self.carried, ("correction",), "carried to the next card"),
            (self.proposed, ("closed card",), "to be restated by a person"),
            (self.failed, ("supplier",), "could not be judged"),
        )
        return told + "".join(f" {formatting.count(n, *of)} {so}." for n, of, so in more if n)

    @property
    def report(self) -> Arguments:
        """Return it as a job's report."""
        total = sum(self.published.values(), NONE)
        return {
            "as_of": self.as_of.isoformat(),
            "summary": self.summary,
            "rows_in": total.written + total.unchanged,
            "rows_out": total.written,
            "input_watermark": f"facts to {self.as_of.isoformat()}",
        }


@dataclass(frozen=True, slots=True)
class Slice:
    """Suppliers to judge as of a day; a plain value, so that it can be sent to a worker.

    older: the published period to judge again instead. is_blank: no fact tells a day yet.
    """

    as_of: date
    supplier_ids: tuple[int, ...]
    kinds: tuple[PeriodKind, ...] = PERIOD_KINDS
    older: OlderPeriod | None = None
    is_blank: bool = False


def recompute(
    as_of: date | None = None,
    *,
    run: Run | None = None,
    fleet: Fleet = HERE,
    kinds: tuple[PeriodKind, ...] = PERIOD_KINDS,
) -> RecomputeResult:
    """Close windows, publish everybody's cards and indexes as of a day, restate older cards.

    1. Close the due windows that ended by the day (and by yesterday: today is not over), and
       store the shipped methods where none are in force.
    2. Slice by slice: read the sums and the evidence, work out cards and indexes, write what
       differs. A slice that fails is tried in halves, until it is known whose fault it is.
    3. Take the months that were touched since the last time, and judge the published cards
       again that hold them, with the indexes of their last days. What would restate a closed
       card is proposed, not published.
    4. Let everything that was written be seen, and close the run.

    The default day is that of the latest fact, at most today. Before the first fact nothing that
    says “no data” is published: the first real cards are of an earlier day. Reading and computing
    happen outside the writing transactions, so that others are hardly held up. `kinds` are all
    but for measuring.
    """
    run = run or Run.by_hand()
    course = _Course.resumed(run) or _begun(run, as_of)
    with db.reading() as session:
        everybody = suppliers.rated_supplier_ids(session)
        is_blank = as_of is None and deliveries.latest_fact_on(session) is None
    left = [each for each in everybody if each > course.behind]
    run.progress(done := len(everybody) - len(left), len(everybody))
    house = Slice(course.as_of, tuple(left), kinds, is_blank=is_blank)
    slices = _slices(house, size=run.slice_size or SLICE)
    with closing(fleet.each(judge, slices)) as judged:
        for task, found in judged:
            whole = _in_halves(task, found, run) if isinstance(found, Failure) else [found]
            done += len(task.supplier_ids)
            course.behind = task.supplier_ids[-1]
            _write(run, course, task, whole, words=f"supplier {done:,}")
            run.progress(done, len(everybody))
    _restate(run, course, fleet)
    with db.transaction() as session:
        run.guard(session)
        publication = publisher.publication_of(session, as_of=course.as_of, at=clock.now())
        publisher.finish(session, publication, at=clock.now())
        if not course.failed:
            # Who could not be judged is tried again, with what was touched.
            touched.forget(session, upto=course.notes_upto)
        run.close(session, course.result.report)
    return course.result


def judge(task: Slice) -> Rows:
    """Work out cards and indexes of some suppliers; return the rows to store, by what they are."""
    ids, day = task.supplier_ids, task.as_of
    if task.older is not None:
        with db.reading() as session:
            again = restating.judged_again(session, task.older, ids)
            own = risk_restating.judged_again(session, task.older, again.standings, on=day)
            return {OLDER: again.rows, OLDER_RISK: own}
    with db.reading() as session:
        cards = {kind: _evaluated(session, kind, day, ids) for kind in task.kinds}
        found = risk_queries.gather(session, day, supplier_ids=ids)
        method = risk_queries.method_in_force(session, on=day)
    rows = {_name(kind): each.rows for kind, each in cards.items()}
    year = cards[PeriodKind.ROLLING_YEAR]
    indexes = risk.evaluate(found, year.standings, method).rows
    known = {RISK: [row for row in indexes if row["value"] is not None]}
    return known if task.is_blank else rows | {RISK: indexes}


def recompute_job(arguments: Arguments, run: Run) -> Arguments:
    """Recompute as a job; arguments: `as_of` as an ISO date, none for the latest fact."""
    given, settings = arguments.get("as_of"), Settings.from_env()
    # On one machine starting processes costs more than ten thousand suppliers do.
    fleet = fleet_of(settings) if settings.cluster else HERE
    day = None if given is None else date.fromisoformat(given)
    return recompute(day, run=run, fleet=fleet).report


def default_as_of() -> date:
    """Return the day of the latest fact, at most today; today where there are no facts."""
    with db.reading() as session:
        latest = deliveries.latest_fact_on(session)
    return min(latest or clock.today(), clock.today())


def period_of(kind: PeriodKind, day: date) -> Period:
    """Return the window of a kind that is published for a day: the last full quarter, 12 months."""
    year = parse_period(PeriodKind.ROLLING_YEAR, as_of=day)
    if kind is PeriodKind.ROLLING_YEAR:
        return year
    return full_quarters(year, 1)[0]


@dataclass(slots=True)
class _Course:
    """How far a run has come: all suppliers up to the key `behind` are written.

    today: when it began, however long it takes. notes_upto: the last note of touched months
    that it takes. older_done: slices of older periods that are written.
    """

    as_of: date
    closed: int
    today: date
    notes_upto: int
    behind: int = 0
    published: dict[str, Published] = field(default_factory=lambda: dict.fromkeys(TABLES, NONE))
    failed: int = 0
    carried: int = 0
    older_done: int = 0
    proposed: int = 0

    @classmethod
    def resumed(cls, run: Run) -> _Course | None:
        """Return where the attempt before left off, None for a fresh start."""
        kept = run.resumed_from
        if kept is None:
            return None
        run.items_failed = kept["failed"]
        published = dict.fromkeys(TABLES, NONE)
        published |= {name: Published(*counts) for name, counts in kept["published"].items()}
        day = date.fromisoformat(kept["as_of"])
        return cls(
            day, kept["closed"], date.fromisoformat(kept["today"]), kept["notes_upto"],
            kept["behind"], published, kept["failed"], kept["carried"], kept["older_done"],
            kept.get("proposed", 0),
        )  # fmt: skip

    @property
    def state(self) -> Arguments:
        """It as JSON, for the ledger."""
        return {
            "as_of": self.as_of.isoformat(),
            "closed": self.closed,
            "today": self.today.isoformat(),
            "notes_upto": self.notes_upto,
            "behind": self.behind,
            "published": {name: each.counts for name, each in self.published.items()},
            "failed": self.failed,
            "carried": self.carried,
            "older_done": self.older_done,
            "proposed": self.proposed,
        }

    @property
    def result(self) -> RecomputeResult:
        """What the run has done."""
        return RecomputeResult(
            self.as_of, self.closed, self.published, self.failed, self.carried, self.proposed
        )


def _begun(run: Run, as_of: date | None) -> _Course:
    day = default_as_of() if as_of is None else as_of
    if day > clock.today():
        raise InvalidInput(
            "E-REC-01", f"{day.isoformat()} lies in the future; give a day up to today."
        )
    with db.transaction() as session:
        run.guard(session)
        publisher.publish_alone(session)
        closed = delivery_services.close_windows(session, until=min(day, clock.last_closed_day()))
        oldest = min(period_of(kind, day).last_day for kind in PERIOD_KINDS)
        scorecard_services.ensure_default_method(session, on=oldest)
        risk_services.ensure_default_method(session, on=day)
        course = _Course(day, closed, clock.today(), touched.last_note(session))
        run.checkpoint(course.state, words="windows closed", session=session)
    return course


def _slices(whole: Slice, *, size: int) -> Iterator[Slice]:
    for start in range(0, len(whole.supplier_ids), size):
        yield replace(whole, supplier_ids=whole.supplier_ids[start : start + size])


def _in_halves(task: Slice, failure: Failure[Slice], run: Run) -> list[Rows]:
    """Judge a slice that failed in ever smaller parts; who can't be judged alone is noted."""
    if len(task.supplier_ids) == 1:
        with db.reading() as session:
            head = suppliers.head_of(session, task.supplier_ids[0])
        run.item_failed(f"{head.name} ({head.number})", failure.error)
        return []
    found = []
    for half in _slices(task, size=(len(task.supplier_ids) + 1) // 2):
        judged = attempt(judge, half)
        found += _in_halves(half, judged, run) if isinstance(judged, Failure) else [judged]
    return found


def _restate(run: Run, course: _Course, fleet: Fleet) -> None:
    """Judge the published cards of older periods again that hold a touched month."""
    today = course.today
    apart = [(kind, period_of(kind, course.as_of).last_day) for kind in PERIOD_KINDS]
    with db.reading() as session:
        months = touched.touched_months(session, upto=course.notes_upto)
        older = restating.older_cards(session, months, on=today, apart_from=apart)
    tasks = [
        task
        for period, ids in older
        for task in _slices(Slice(today, ids, older=period), size=run.slice_size or SLICE)
    ]
    with closing(fleet.each(judge, iter(tasks[course.older_done :]))) as judged:
        for task, found in judged:
            whole = _in_halves(task, found, run) if isinstance(found, Failure) else [found]
            course.older_done += 1
            words = f"older period {course.older_done:,} of {len(tasks):,}"
            _write(run, course, task, whole, words=words)


def _write(run: Run, course: _Course, task: Slice, found: Sequence[Rows], *, words: str) -> None:
    """Write a slice and how far the run has come by it, both or neither."""
    published, now = dict(course.published), clock.now()
    carried, proposed = course.carried, course.proposed
    with db.transaction() as session:
        run.guard(session)
        publication = publisher.publication_of(session, as_of=course.as_of, at=now)
        for rows in found:
            for name, table in TABLES.items():
                own: Sequence[Row] = rows.get(name, ())
                if table is ScorecardSnapshot:
                    own, unchanged, new, asked = _sifted(session, course, own)
                    published[name] += Published(unchanged=unchanged)
                    carried, proposed = carried + new, proposed + asked
                elif name == OLDER_RISK and own:
                    months = risk_restating.months_of(own)
                    because = touched.causes(session, months, upto=course.notes_upto)
                    own = risk_restating.told(own, on=course.today, because=because)
                published[name] += publisher.publish(
                    session, table, own, publication_id=publication, at=now
                )
        course.published, course.carried, course.proposed = published, carried, proposed
        course.failed = run.items_failed
        run.checkpoint(course.state, words=words, session=session)


def _sifted(
    session: Session, course: _Course, rows: Sequence[Row]
) -> tuple[Sequence[Row], int, int, int]:
    """Return the cards to publish, how many say nothing new, are carried, wait for a person."""
    if not rows:
        return rows, 0, 0, 0
    today, months = course.today, restating.months_of(rows[0])
    because = touched.causes(session, months, upto=course.notes_upto)
    found = correcting.sifted(session, rows, on=today, because=because)
    told = [*found.carried, *closed_cards.refused(session, rows, found.proposed)]
    new = correcting.carry(session, rows, told, on=today, at=clock.now())
    asked = closed_cards.propose(session, rows, found.proposed, at=clock.now())
    return found.rows, found.unchanged + len(found.carried) + len(found.proposed), new, asked


def _evaluated(session: Session, kind: PeriodKind, day: date, ids: Sequence[int]) -> Evaluation:
    """Judge suppliers, each by the method that is in force for it when the period ends."""
    period, done = period_of(kind, day), Evaluation()
    for method, own in scorecards.method_groups(session, ids, on=period.last_day):
        sums = gather(session, period, supplier_ids=own)
        below = otif_below_floor(
            session, period, supplier_ids=sums.supplier_ids, floor=method.otif_floor
        )
        done += evaluate(sums, kind=kind, period=period, method=method, below=below)
    return done
