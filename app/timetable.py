"""The whole timetable in one table, and what composes siblings: recompute.

`JOBS` says what can be run by name, `TIMETABLE` when the clock asks for it. Three doors,
one function: the web button, the command line and the scheduler all call these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.base import clock, db, formatting
from app.base.errors import InvalidInput
from app.calc.periods import Period, parse_period
from app.facts.deliveries import queries as deliveries
from app.facts.deliveries import services as delivery_services
from app.judgement.risk_index import evaluation as risk
from app.judgement.risk_index import queries as risk_queries
from app.judgement.risk_index import services as risk_services
from app.judgement.scorecards import queries as scorecards
from app.judgement.scorecards import services as scorecard_services
from app.judgement.scorecards.evaluation import Evaluation, PeriodKind, evaluate
from app.judgement.scorecards.gathering import full_quarters, gather, otif_below_floor
from app.judgement.scorecards.services import Publication
from app.platform.jobs.schedule import Daily
from app.reviews.packs.printing import print_packs_job

Arguments = dict[str, Any]  # Any: JSON
Progress = Callable[[int, int | None], None]

PERIOD_KINDS = (PeriodKind.ROLLING_YEAR, PeriodKind.QUARTER)
RECOMPUTE_HOUR = 2


@dataclass(frozen=True, slots=True)
class RecomputeResult:
    """What a recompute did: as of which day, what was closed, what was published."""

    as_of: date
    windows_closed: int
    scorecards: dict[str, Publication]
    risk: Publication | None

    @property
    def published(self) -> dict[str, Publication]:
        """Return what was published, by what."""
        cards = {f"scorecards {kind}": each for kind, each in self.scorecards.items()}
        return cards if self.risk is None else cards | {"risk": self.risk}

    @property
    def summary(self) -> str:
        """Return it in one sentence."""
        written = sum(each.written for each in self.scorecards.values())
        indexes = 0 if self.risk is None else self.risk.written
        closed = formatting.count(self.windows_closed, "window")
        cards = formatting.count(written, "scorecard")
        risks = formatting.count(indexes, "risk index", "risk indexes")
        return f"As of {self.as_of.isoformat()}: {closed} closed, {cards} and {risks} published."


def recompute(
    as_of: date | None = None,
    period_kinds: Sequence[PeriodKind] = PERIOD_KINDS,
    progress: Progress | None = None,
) -> RecomputeResult:
    """Close windows, then publish everybody's scorecards and risk indexes as of a day.

    1. Close the due windows that ended by the day (and by yesterday: today is not over).
    2. Store the shipped methods where none are in force.
    3. Read the sums of each period, work out every card, publish what differs.
    4. The same for the risk index, over the 12 months.

    The default day is that of the latest fact, at most today. Reading and computing happen
    outside the writing transactions, so that others are hardly held up.
    """
    steps = _Steps(progress, total=len(period_kinds) + 2)
    day = default_as_of() if as_of is None else as_of
    if day > clock.today():
        raise InvalidInput(
            "E-REC-01", f"{day.isoformat()} lies in the future; give a day up to today."
        )
    closed = _closed(day)
    steps.done()
    standings, published = {}, {}
    for kind in period_kinds:
        evaluation = _evaluated(kind, day)
        with db.transaction() as session:
            published[str(kind)] = scorecard_services.publish(session, evaluation, at=clock.now())
        if kind is PeriodKind.ROLLING_YEAR:
            standings = evaluation.standings
        steps.done()
    indexes = None
    if PeriodKind.ROLLING_YEAR in period_kinds:
        with db.reading() as session:
            found = risk_queries.gather(session, day)
            method = risk_queries.method_in_force(session, on=day)
        judged = risk.evaluate(found, standings, method)
        with db.transaction() as session:
            indexes = risk_services.publish(session, judged, at=clock.now())
    steps.done()
    return RecomputeResult(day, closed, published, indexes)


def default_as_of() -> date:
    """Return the day of the latest fact, at most today; today where there are no facts."""
    with db.reading() as session:
        latest = deliveries.latest_fact_on(session)
    return min(latest or clock.today(), clock.today())


def recompute_job(arguments: Arguments, progress: Progress | None = None) -> Arguments:
    """Recompute as a job; arguments: `as_of` as an ISO date, none for the latest fact."""
    given = arguments.get("as_of")
    result = recompute(None if given is None else date.fromisoformat(given), progress=progress)
    return {"as_of": result.as_of.isoformat(), "summary": result.summary}


def load_demo_job(arguments: Arguments, progress: Progress | None = None) -> Arguments:
    """Load the demo company as a job, with its figures as of its last review and of today.

    Arguments: `by` (who asked). Refused beside real users or their data.
    """
    from app.faces.demo import generator
    from app.faces.demo import services as demo

    steps, by = _Steps(progress, total=4), arguments.get("by", "job")
    with db.reading() as session:
        demo.check_loadable(session, by=by)
    rows = generator.build()
    steps.done()
    with db.transaction() as session:
        demo.load(session, by=by, rows=rows)
    steps.done()
    recompute(demo.LAST_REVIEW_ON)
    steps.done()
    result = recompute()
    steps.done()
    return {"summary": result.summary, "links": [{"href": "/", "label": "Look around"}]}


JOBS: dict[str, Callable[..., Arguments]] = {
    "recompute": recompute_job,
    "packs": print_packs_job,
    "load_demo": load_demo_job,
}
TIMETABLE = (Daily("recompute", hour=RECOMPUTE_HOUR),)


def _closed(day: date) -> int:
    with db.transaction() as session:
        scorecard_services.publish_alone(session)
        closed = delivery_services.close_windows(session, until=min(day, clock.last_closed_day()))
        scorecard_services.ensure_default_method(session, on=day)
        risk_services.ensure_default_method(session, on=day)
    return closed


def _evaluated(kind: PeriodKind, day: date) -> Evaluation:
    period = period_of(kind, day)
    with db.reading() as session:
        method = scorecards.method_in_force(session, on=day)
        sums = gather(session, period)
        below = otif_below_floor(
            session, period, supplier_ids=sums.supplier_ids, floor=method.otif_floor
        )
    return evaluate(sums, kind=kind, period=period, method=method, below=below)


def period_of(kind: PeriodKind, day: date) -> Period:
    """Return the window of a kind that is published for a day: the last full quarter, 12 months."""
    year = parse_period(PeriodKind.ROLLING_YEAR, as_of=day)
    if kind is PeriodKind.ROLLING_YEAR:
        return year
    return full_quarters(year, 1)[0]


class _Steps:
    """Counts finished steps for whoever watches."""

    def __init__(self, progress: Progress | None, *, total: int) -> None:
        self._progress, self._total, self._count = progress, total, 0

    def done(self) -> None:
        self._count += 1
        if self._progress is not None:
            self._progress(self._count, self._total)
